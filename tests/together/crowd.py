"""Eight processes use one archive at random while they are killed and stopped; then all is counted.

    python -m tests.together.crowd FOLDER [--seconds 60] [--seed N]

Each says in a file of its own what it is about to ask for, and what came of it. A change carries
the name it was asked for under, so the archive's log tells which of those that nobody heard back
from were made. The state must be what the asked changes amount to in the order of that log.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fapfav.errors import ArchiveInUse, WrongPassword
from fapfav.jobs.backup import databases, restore
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.tagging import USER
from fapfav.jobs.verify import verify
from fapfav.model import Digest, Pair, Tag, pair_of
from fapfav.store.opening import unlock
from tests.jobs.holding import Shelves, digest, picture
from tests.store.archives import tables
from tests.support import PASSWORD
from tests.together import member
from tests.together.model import GONE, HERE, TRASH, Model

WORKERS = 7
"""Those that write; the eighth process reads."""
PICTURES = 24
TAGS = 4
ENOUGH = 40
"""Changes below which nothing was tried: a busy computer takes longer for them."""
PATIENCE = 1200.0
"""Seconds after which what does not come to that many, or to a backup, hangs."""


class Crowd:
    """The processes, and where they write down what they do."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.seed = seed
        self.pids: dict[str, int] = {}
        self.lives = dict.fromkeys((f"w{n}" for n in range(WORKERS)), 0)

    def prepare(self) -> None:
        """An archive of pairs that are alike, and a few tags."""
        (self.folder / "said").mkdir()
        (self.folder / "passwords").write_text(f"{PASSWORD}\n")
        made = Shelves(self.folder / "archive")
        made.album("a", "All", *((n, f"{n}.jpg") for n in range(PICTURES)))
        with made.archive.write("read") as tx:  # which a plain `undo` steps over
            for n in range(0, PICTURES, 2):
                tx.put(Pair(*pair_of(digest(n), digest(n + 1)), {"percept": 2}))
            for n in range(TAGS):
                tx.put(Tag(tx.next_tag(), f"tag {n}"))
        self.first = max(made.archive.changes)
        made.archive.close()

    def start(self, name: str, main: Callable[..., None], *given: object) -> None:
        """Forks a process; nothing here has a key or a thread."""
        # Whoever is asked to end before it listens for that would die of it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        pid = os.fork()
        if pid == 0:
            try:
                main(self.folder, name, *given)
            except BaseException:
                (self.folder / "said" / f"{name}.{os.getpid()}.error").write_text(
                    traceback.format_exc()
                )
                os._exit(1)
            os._exit(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self.pids[name] = pid

    def run(self, seconds: float) -> None:
        """Starts all, kills and stops some at random, and in the end asks them to finish."""
        self.start("reader", member.reader)
        for name in self.lives:
            self._work(name)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends or not self._did_enough(ends + PATIENCE):
            time.sleep(self.random.uniform(0.05, 0.6))
            if self.random.random() < 0.6:
                name = self.random.choice(sorted(self.lives))
                self._end(name, signal.SIGKILL)
                self._work(name)
            else:
                name = self.random.choice(sorted(self.pids))
                os.kill(self.pids[name], signal.SIGSTOP)
                time.sleep(self.random.uniform(0.05, 0.5))
                os.kill(self.pids[name], signal.SIGCONT)
        for name in self.lives:
            self._end(name, signal.SIGKILL if self.random.random() < 0.5 else signal.SIGTERM)

    def _did_enough(self, ends: float) -> bool:
        """Whether there is something to count: changes, and a backup."""
        assert time.monotonic() < ends, f"they hardly do anything: {self.errors()}"
        said = b"".join(path.read_bytes() for path in (self.folder / "said").glob("*.said"))
        backup = self.folder / "backup"
        changes = len(re.findall(rb'"change": [1-9]', said))
        return changes > ENOUGH and backup.is_dir() and bool(databases(backup))

    def _work(self, name: str) -> None:
        self.lives[name] += 1
        self.start(name, member.worker, self.seed, self.lives[name])

    def _end(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pids[name], number)
        _, status = os.waitpid(self.pids.pop(name), 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, -signal.SIGKILL), f"{name} ended with {code}: {self.errors()}"

    def errors(self) -> str:
        """What went wrong in any of them."""
        return "\n".join(path.read_text() for path in (self.folder / "said").glob("*.error"))

    def reader_state(self) -> Any:
        """What the process that read all the time has in memory by now."""
        os.kill(self.pids["reader"], signal.SIGTERM)
        _, status = os.waitpid(self.pids.pop("reader"), 0)
        assert os.waitstatus_to_exitcode(status) == 0, self.errors()
        return (self.folder / "said" / "reader.state").read_text()


class Said:
    """What all processes wrote down: what they asked for, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.asked: dict[str, dict[str, Any]] = {}
        self.done: dict[str, int] = {}
        self.refused: list[str] = []
        for path in sorted(folder.glob("*.said")):
            for line in path.read_bytes().split(b"\n")[:-1]:
                self._take(json.loads(line))

    def _take(self, one: dict[str, Any]) -> None:
        if "op" in one:
            self.asked[one["id"]] = one
        elif "error" in one:
            self.refused.append(one["error"])
        else:
            self.done[one["id"]] = one["change"]


def opened(folder: Path, where: str = "archive") -> Archive:
    """The archive with whichever password is the right one now."""
    for _ in range(50):
        for password in reversed((folder / "passwords").read_text().splitlines()):
            try:
                return open_archive(folder / where, password)
            except WrongPassword:
                continue
        time.sleep(0.05)
    raise AssertionError("no password that was ever set opens the archive")


def model_of(archive: Archive, said: Said, first: int) -> Model:
    """What the changes in the archive's log amount to; each was asked for, none is missing."""
    model = Model()
    for n in range(PICTURES):
        model.cells |= {("is", n): HERE, ("place", n): n, ("name", n): f"{n}.jpg"}
    model.cells |= {("tag", n + 1): f"tag {n}" for n in range(TAGS)}
    for record in sorted(archive.changes.records(), key=lambda one: one.number):
        if record.number > first and not record.verb.startswith("key"):
            assert record.by in said.asked, f"nobody asked for change {record.number}"
            assert said.done.get(record.by, record.number) == record.number
            model.apply(record.number, said.asked[record.by], record.undoes)
            state = archive.changes[record.number].state
            assert state in ("done", "undone", "final"), (record.number, state)
    return model


def state_of(archive: Archive, most: int) -> dict[tuple[str, int], Any]:
    """The same of an archive."""
    numbers = {digest(n): n for n in range(most)}
    found: dict[tuple[str, int], Any] = {}
    for where, name in ((HERE, "blobs"), (TRASH, "trash"), (GONE, "removed")):
        found |= {("is", numbers[Digest(key)]): where for key in archive.rows_of(name)}  # type: ignore[arg-type]
    for place in archive.places.records():
        n = int(place.image[1:])
        found["name", n] = place.name
        if place.holds is not None:
            found["place", n] = numbers[place.holds]
    found |= {("tag", tag.number): tag.name for tag in archive.tags.records()}
    for tagged in archive.tagged.records():
        assert tagged.by == USER
        if tagged.tags:
            found["tags", numbers[tagged.digest]] = tuple(sorted(tagged.tags))
    found |= {("choice", numbers[c.digest]): c.choice.value for c in archive.choices.records()}
    for said in archive.decisions.records():
        found["said", min(numbers[said.first], numbers[said.second])] = said.label.value
    return found


def states_of(archive: Archive, first: int) -> dict[int, str]:
    """What may still be taken back, by the numbers of the changes."""
    return {
        record.number: record.state
        for record in archive.changes.records()
        if record.number > first
        and not record.verb.startswith("key")
        and record.verb != "trash empty"
    }


def differing(found: dict[Any, Any], wanted: dict[Any, Any]) -> dict[Any, Any]:
    """Each cell that is not as it must be: (found, wanted)."""
    cells = found.keys() | wanted.keys()
    both = {cell: (found.get(cell), wanted.get(cell)) for cell in cells}
    return {cell: pair for cell, pair in both.items() if pair[0] != pair[1]}


def check(crowd: Crowd) -> dict[str, int]:
    """Counts all; raises AssertionError for whatever is not as it must be."""
    folder = crowd.folder
    assert not crowd.errors(), crowd.errors()
    said = Said(folder / "said")
    most = 1 + max((n for one in said.asked.values() for n in member.numbers(one)), default=0)
    most = max(most, PICTURES)
    with opened(folder) as archive:
        archive.compact()
        assert crowd.reader_state() == member.as_text(tables(archive))
        model = model_of(archive, said, crowd.first)
        other_cells = differing(state_of(archive, most), model.state())
        assert other_cells == {}, other_cells
        other = differing(states_of(archive, crowd.first), model.states())
        assert other == {}, other
        changes = {record.by for record in archive.changes.records()}
        assert not [one for one, number in said.done.items() if number and one not in changes]
        for n in model.pictures(HERE):
            assert archive.blob_bytes(digest(n)) == picture(n)
        count = len(archive.changes) - crowd.first
        password = _password_of(folder)
    report = verify(unlock(folder / "archive", password))
    # Who is killed between naming a picture's file and its row leaves a file of nobody.
    assert [one for one in report.found if "no row names it" not in one] == []
    backups = _restored(crowd, said, most)
    return {"changes": count, "refused": len(said.refused), "backups": backups}


def _password_of(folder: Path) -> str:
    for password in reversed((folder / "passwords").read_text().splitlines()):
        try:
            unlock(folder / "archive", password)
        except WrongPassword:
            continue
        return password
    raise AssertionError("no password that was ever set opens the archive")


def _restored(crowd: Crowd, said: Said, most: int) -> int:
    """The last backup is a state that was; says how many databases it keeps."""
    folder = crowd.folder
    kept = databases(folder / "backup") if (folder / "backup").is_dir() else []
    if kept:
        restore(folder / "backup", folder / "restored")
        with opened(folder, "restored") as archive:
            model = model_of(archive, said, crowd.first)
            assert differing(state_of(archive, most), model.state()) == {}
            for n in model.pictures(HERE):
                assert archive.blob_bytes(digest(n)) == picture(n)
    return len(kept)


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    crowd = Crowd(options.folder, options.seed)
    crowd.prepare()
    try:
        crowd.run(options.seconds)
        counted = check(crowd)
    except (AssertionError, ArchiveInUse):
        traceback.print_exc()
        print(f"seed {options.seed}, everything is in {options.folder}", file=sys.stderr)
        return 1
    finally:
        for pid in crowd.pids.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    print(json.dumps(counted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
