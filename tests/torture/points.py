"""Runs a scene once for each moment at which the disk may fail, and looks at what is left.

    python -m tests.torture.points [--points N] [--list] [--table] [SCENE...]

A warmed process forks a child for each moment: it acts and dies there. Another child then opens
what is left, does the same again, and says what it found: a line of JSON for each moment, or with
`--table` a line for each place.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import shutil
import signal
import struct
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import ArchiveError, WrongPassword
from fapfav.jobs.filecheck import MISPLACED
from fapfav.jobs.library import open_archive
from fapfav.jobs.verify import verify
from fapfav.store.archive import Archive
from fapfav.store.blobs import Kind
from fapfav.store.opening import exists, is_sealed, unlock
from tests.torture.faults import (
    BROKEN,
    FULL,
    HALF,
    KILL,
    LOST,
    READ_ONLY,
    Faults,
    Moment,
    Site,
)
from tests.torture.scenes import SCENES, Scene, copied, state

_ACK = struct.Struct(">Q16s")
MEMORY = "/dev/shm"
"""Where there is such a disk, syncing costs nothing: what is tested is the order of things."""
_REFUSED = 70
"""What a child ends with when the disk refused and that was said as it should."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One moment and what came of it; `trouble` is empty when all held."""

    scene: str
    where: str
    what: str
    number: int
    how: str
    ended: str
    trouble: str


def forked(work: Callable[[], int], out: int | None = None) -> int:
    """Runs work in a child; what it returns is the child's end, and so is a signal, negative."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            code = work()
        except BaseException:
            if out is not None:
                os.write(out, traceback.format_exc().encode())
            code = 1
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def told(work: Callable[[int], int]) -> tuple[int, bytes]:
    """The same, with what the child wrote to the descriptor it was given."""
    with tempfile.TemporaryFile() as file:
        code = forked(lambda: work(file.fileno()), file.fileno())
        file.seek(0)
        return code, file.read()


class Torture:
    """One scene, prepared once."""

    def __init__(self, name: str, base: Path) -> None:
        self.name, self.scene, self._base = name, SCENES[name], base
        self._prepared = base / "prepared"
        self._prepared.mkdir(parents=True)
        self._run(lambda: self.scene.prepare(self._prepared))
        self.reference = self._reference()

    def _run(self, work: Callable[[], None]) -> None:
        def done(_out: int) -> int:
            work()
            return 0

        code, words = told(done)
        if code:
            raise RuntimeError(f"{self.name}: {words.decode()}")

    def _reference(self) -> dict[str, Any]:
        folder = copied(self._prepared, self._base / "whole")
        self._run(lambda: self.scene.act(folder))
        code, found = told(lambda out: _looked_at(self.scene, folder, [], out))
        if code:
            raise RuntimeError(f"{self.name}: {found.decode()}")
        shutil.rmtree(folder)
        return dict(json.loads(found))

    def sites(self) -> dict[Site, int]:
        """Every place that touches the disk, and how often it does."""
        folder = copied(self._prepared, self._base / "counted")

        def count(out: int) -> int:
            faults = Faults(None, self._base)
            faults.install()
            self.scene.act(folder)
            found = [[site.where, site.what, number] for site, number in faults.counts.items()]
            os.write(out, json.dumps(found).encode())
            return 0

        code, found = told(count)
        shutil.rmtree(folder)
        if code:
            raise RuntimeError(f"{self.name}: {found.decode()}")
        return {Site(where, what): number for where, what, number in json.loads(found)}

    def try_at(self, moment: Moment) -> Tried:
        """Lets it fail at one moment, then looks and does it again."""
        folder = copied(self._prepared, self._base / "tried")
        stash = self._base / "stash"
        stash.mkdir()
        code, said = told(lambda out: self._act(folder, moment, stash, out))
        trouble = ""
        if code not in (-signal.SIGKILL, _REFUSED, 0):
            trouble = f"ended with {code}: {said.decode(errors='replace')}"
        acks = [] if trouble else list(_ACK.iter_unpack(said))
        if not trouble:
            code_after, found = told(lambda out: self._after(folder, acks, out))
            if code_after:
                trouble = found.decode(errors="replace")
            elif json.loads(found) != self.reference:
                trouble = (
                    f"another state in the end: {_difference(json.loads(found), self.reference)}"
                )
        shutil.rmtree(folder)
        shutil.rmtree(stash)
        ended = {-signal.SIGKILL: "killed", _REFUSED: "refused", 0: "went on"}.get(code, str(code))
        site = moment.site
        return Tried(self.name, site.where, site.what, moment.number, moment.how, ended, trouble)

    def _act(self, folder: Path, moment: Moment, stash: Path, out: int) -> int:
        commit = Archive.commit

        def acknowledged(archive: Archive, transaction: Any) -> None:
            commit(archive, transaction)
            os.write(out, _ACK.pack(*archive.last))

        setattr(Archive, "commit", acknowledged)  # noqa: B010 - a child's own
        Faults(moment, stash).install()
        try:
            self.scene.act(folder)
        except ArchiveError:
            return _REFUSED
        except AssertionError:
            if moment.how in (KILL, HALF, LOST):
                raise
            return _REFUSED  # a picture failed, and was said to
        return 0

    def _after(self, folder: Path, acks: list[tuple[int, bytes]], out: int) -> int:
        for name in self.scene.archives:
            _whole(self.scene, folder / name, acks if name == "archive" else [])
        (self.scene.again or self.scene.act)(folder)
        return _looked_at(self.scene, folder, acks, out)


def _opened(scene: Scene, path: Path) -> Any:
    if not is_sealed(path):
        assert None in scene.passwords, f"{path} is not encrypted any more"
        return open_archive(path)
    trouble: WrongPassword | None = None
    for password in filter(None, scene.passwords):
        try:
            return open_archive(path, password)
        except WrongPassword as error:
            trouble = error
    raise AssertionError(f"no password opens {path}: {trouble}")


def _whole(scene: Scene, path: Path, acks: list[tuple[int, bytes]]) -> None:
    """Opens an archive and reads every picture; what was acknowledged must be there."""
    with _opened(scene, path) as archive:
        for number, tag in acks:
            assert archive.last[0] >= number, f"change {number} was acknowledged and is lost"
            assert archive.tag_of(number) in (tag, None), f"change {number} is another one"
        for digest, blob in archive.blobs.items():
            archive.blob_bytes(digest)
            if blob.thumb_size:
                archive.thumbnail(digest)
        for row in archive.trash.records():
            archive.files.read(Kind.BLOB, row.digest, row.ext, row.size)
        found = verify(archive)
        # What is not where it should be yet is found by who reads, and moved by who writes next.
        wrong = [each for each in found.problems if each.problem != MISPLACED]
        assert (found.is_damaged, found.rows, wrong) == (False, (), []), found.found


def _looked_at(scene: Scene, folder: Path, acks: list[tuple[int, bytes]], out: int) -> int:
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and exists(path):
            _whole(scene, path, acks if path.name == "archive" else [])
            with _opened(scene, path) as archive:
                found[path.name] = state(archive) | {"ways in": _ways_in(scene, path)}
    os.write(out, json.dumps(found).encode())
    return 0


def _ways_in(scene: Scene, path: Path) -> list[str]:
    """The kinds of keys an archive has, and which of the scene's passwords open it."""
    if not is_sealed(path):
        return []
    ways = []
    for password in filter(None, scene.passwords):
        with suppress(WrongPassword):
            slots = unlock(path, password).header.slots
            ways += [password, *(str(slot.kind) for slot in slots)]
    return ways


def _difference(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    for name in sorted(found.keys() | wanted.keys()):
        one, other = found.get(name, {}), wanted.get(name, {})
        for part in sorted(one.keys() | other.keys()):
            if one.get(part) != other.get(part):
                return f"{name}, {part}: {one.get(part)} instead of {other.get(part)}"
    return "in order only"


def each_once(sites: dict[Site, int]) -> Iterator[Moment]:
    """Every place in every way to die there, and in one way to be refused."""
    for site, count in sorted(sites.items()):
        ways = (KILL, LOST) + ((HALF,) if site.what == "write" else ())
        for how in ways:
            yield Moment(site, count if how == LOST else 1, how)
        yield Moment(site, max(1, count // 2), (FULL, BROKEN, READ_ONLY)[len(site.where) % 3])


def every(sites: dict[Site, int]) -> list[Moment]:
    """Every touch in every way to fail there."""
    hows = (KILL, HALF, LOST, FULL, BROKEN, READ_ONLY)
    return [
        Moment(site, number, how)
        for site, count in sorted(sites.items())
        for number in range(1, count + 1)
        for how in hows
        if how != HALF or site.what == "write"
    ]


def evenly(moments: Sequence[Moment], points: int) -> list[Moment]:
    """So many of them, spread over all."""
    step = max(1.0, len(moments) / points)
    return [moments[int(at * step)] for at in range(min(points, len(moments)))]


def _print_table(name: str, sites: dict[Site, int], counts: Counter[tuple[Site, str]]) -> None:
    for site, touches in sorted(sites.items()):
        killed, refused = counts[site, "killed"], counts[site, "refused"] + counts[site, "went on"]
        print(
            f"{name:14} {site.what:7} {site.where:60} {touches:4} touches,"
            f" {killed:4} killed, {refused:4} refused",
            flush=True,
        )


def _try(
    torture: Torture, sites: dict[Site, int], moments: Sequence[Moment], *, as_table: bool
) -> int:
    """Tries them one by one, and prints; how many did not hold."""
    wrong = 0
    counts: Counter[tuple[Site, str]] = Counter()
    for moment in moments:
        tried = torture.try_at(moment)
        wrong += bool(tried.trouble)
        counts[moment.site, tried.ended] += 1
        if tried.trouble or not as_table:
            print(json.dumps(asdict(tried)), flush=True)
    if as_table:
        _print_table(torture.name, sites, counts)
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what came of every moment; ends with 1 if anything did not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help="all unless named")
    parser.add_argument("--points", type=int, help="spread so many over all touches of all scenes")
    parser.add_argument("--list", action="store_true", help="only the places and their counts")
    parser.add_argument("--table", action="store_true", help="a line for each place, and troubles")
    options = parser.parse_args(arguments)
    names = options.scenes or list(SCENES)
    wrong = 0
    gc.freeze()  # else each child looks through all that was imported, and copies it
    with tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None) as base:
        scenes = [Torture(name, Path(base) / name.replace(" ", "-")) for name in names]
        found = [(torture, torture.sites()) for torture in scenes]
        total = sum(len(every(sites)) for _, sites in found)
        for torture, sites in found:
            if options.list:
                for site, count in sorted(sites.items()):
                    print(f"{torture.name:14} {count:5}  {site.what:7} {site.where}")
                continue
            moments = list(each_once(sites))
            if options.points:
                moments = every(sites)
                moments = evenly(moments, math.ceil(options.points * len(moments) / total))
            wrong += _try(torture, sites, moments, as_table=options.table)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
