"""One process of the crowd: a writer that does this and that, or the one that only reads."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fapfav.errors import DamagedFile, UsageError, WrongPassword
from fapfav.jobs import tagging
from fapfav.jobs.backup import backup
from fapfav.jobs.keys import key_change, open_keys
from fapfav.jobs.library import HASHES_SPACE, Archive, open_archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import judge
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.model import AlbumKey, PlaceKey, Print, Verdict
from fapfav.store.blobs import Kind
from tests.jobs.holding import SOURCE, blob, digest, hashes, picture, place
from tests.store.archives import tables
from tests.support import CHEAP

LARGEST = 400
"""Pictures have numbers below this: a writer adds within a share of its own."""


def numbers(asked: Mapping[str, Any]) -> list[int]:
    """The pictures that something was asked for."""
    n = asked.get("n", [])
    return list(n) if isinstance(n, list) else [n]


def as_text(rows: Mapping[str, Mapping[Any, Any]]) -> str:
    """All rows as something two processes can compare."""
    found = sorted((name, sorted(map(repr, held.items()))) for name, held in rows.items())
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _listening() -> list[bool]:
    """Holds something once this process was asked to end; until it listens for that it is deaf."""
    ending: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return ending


def reader(folder: Path, name: str) -> None:
    """Keeps its state all the time; asked to end it catches up and says what it has."""
    ending = _listening()
    chance = random.Random(name)
    with opened(folder) as archive:
        while not ending:
            archive.refresh()
            known = list(archive.blobs)
            if known:
                _look(archive, chance.choice(known))
            time.sleep(0.005)
        archive.refresh()
        (folder / "said" / "reader.state").write_text(as_text(tables(archive)))


def _look(archive: Archive, one: Any) -> None:
    """A picture that is here is whole, wherever its file is being moved to."""
    try:
        assert hashlib.sha256(archive.blob_bytes(one)).digest() == one
    except DamagedFile:
        archive.refresh()
        assert one not in archive.blobs, f"{one.hex()} is here and cannot be read"


def opened(folder: Path) -> Archive:
    """The archive with whichever password is the right one now."""
    while True:
        for password in reversed((folder / "passwords").read_text().splitlines()):
            with suppress(WrongPassword):
                return open_archive(folder / "archive", password)


def worker(folder: Path, name: str, seed: int, life: int) -> None:
    """Does one thing after another until it is killed, or asked to end."""
    ending = _listening()
    with opened(folder) as archive:
        hand = _Worker(folder, name, f"{seed}/{name}/{life}", archive)
        while not ending:
            hand.act()


class _Worker:
    """Chooses what to do by a generator of its own, and writes down what it asks for."""

    def __init__(self, folder: Path, name: str, ident: str, archive: Archive) -> None:
        self.folder, self.name, self.archive = folder, name, archive
        self.chance = random.Random(ident)
        self.ident, self.count = ident, 0
        self.mine: list[int] = []
        path = folder / "said" / f"{name}.said"
        self.out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def act(self) -> None:
        """One thing, chosen by weight."""
        names = {
            "tag": 8, "clear": 4, "rename": 3, "name": 4, "judge": 6, "add": 3, "remove": 5,
            "restore": 3, "undo": 6, "empty": 1, "compact": 1, "backup": 1, "key": 1, "look": 4,
        }  # fmt: skip
        chosen = self.chance.choices(list(names), list(names.values()))[0]
        self.archive.refresh()
        getattr(self, f"_{chosen}")()

    def _say(self, **what: Any) -> None:
        os.write(self.out, json.dumps(what).encode() + b"\n")

    def _ask(self, op: str, do: Any, **asked: Any) -> None:
        """Says what is to be done, does it, says what came of it."""
        self.count += 1
        ident = f"{self.ident}/{self.count}"
        self._say(id=ident, op=op, **asked)
        try:
            number = do(ident)
        except (UsageError, DamagedFile) as error:
            self._say(id=ident, error=f"{op}: {error}")
            return
        self._say(id=ident, change=number)
        if number and op != "empty":
            self.mine.append(number)

    def _some(self, most: int) -> list[int]:
        here = self._numbers("blobs")
        return self.chance.sample(here, min(len(here), self.chance.randint(1, most)))

    def _numbers(self, table: str) -> list[int]:
        known = self.archive.rows_of(table)
        return [n for n in range(LARGEST) if digest(n) in known]

    def _tag(self) -> None:
        n, tag = self._some(3), self.chance.choice(list(self.archive.tags))
        marked = [digest(one) for one in n]

        def do(by: str) -> int:
            return tagging.apply(self.archive, str(tag), marked, by=by).change

        self._ask("tag", do, n=n, tag=tag)

    def _clear(self) -> None:
        n, tag = self._some(3), self.chance.choice(list(self.archive.tags))
        marked = [digest(one) for one in n]

        def do(by: str) -> int:
            return tagging.clear(self.archive, str(tag), marked, by=by).change

        self._ask("clear", do, n=n, tag=tag)

    def _rename(self) -> None:
        tag = self.chance.choice(list(self.archive.tags))
        name = f"{self.ident.replace('/', ' ')} {self.count}"

        def do(by: str) -> int:
            return tagging.rename(self.archive, str(tag), name, by=by).change

        self._ask("rename", do, tag=tag, name=name)

    def _name(self) -> None:
        known = sorted(self.archive.places)
        key, name = PlaceKey(*self.chance.choice(known)), f"{self.ident} {self.count}.jpg"

        def do(by: str) -> int:
            with self.archive.write("place name", by=by) as tx:
                tx.put(replace(tx.places[key], name=name))
            return tx.number

        self._ask("name", do, n=int(key.image[1:]), name=name)

    def _judge(self) -> None:
        for one in self._some(1):
            pair = sorted((one, one ^ 1))
            said = self.chance.choice((("keep", "keep"), ("keep", "skip"), ("skip", "keep")))
            verdicts = {digest(n): Verdict(word) for n, word in zip(pair, said, strict=True)}

            def do(by: str, one: int = one, verdicts: Any = verdicts) -> int:
                return judge(self.archive, digest(one), verdicts, by=by).change

            self._ask("judge", do, n=pair, choices=said)

    def _add(self) -> None:
        share = (LARGEST - 24) // 8
        begin = 24 + share * int(self.name[1:])
        free = [n for n in range(begin, begin + share) if not self._known(n)]
        if free:
            self._ask("add", lambda by: self._added(free[0], by), n=free[:1])

    def _known(self, n: int) -> bool:
        return any(digest(n) in self.archive.rows_of(t) for t in ("blobs", "trash", "removed"))

    def _added(self, n: int, by: str) -> int:
        files = self.archive.files
        files.publish([files.stage(kind, digest(n), "jpg", picture(n)) for kind in Kind])
        key = AlbumKey(SOURCE, "1", "a")
        with self.archive.write("read", by=by) as tx:
            tx.put(blob(n), place(key, n, n, f"{n}.jpg"))
            tx.put(Print(f"{HASHES_SPACE}scaled/1", digest(n), hashes(n)))
        return tx.number

    def _remove(self) -> None:
        if len(self.archive.blobs) > 8:
            n = self._some(2)
            words = [digest(one).hex() for one in n]
            self._ask("remove", lambda by: remove_picture(self.archive, *words, by=by).change, n=n)

    def _restore(self) -> None:
        trashed = self._numbers("trash")
        n = self.chance.sample(trashed, min(len(trashed), self.chance.randint(1, 3)))
        words = [digest(one).hex() for one in n]

        def do(by: str) -> int:
            report = trash_restore(self.archive, words, by=by)
            assert not report.failures, report.failures
            return report.change

        if n:
            self._ask("restore", do, n=n)

    def _undo(self) -> None:
        number = None
        if self.mine and self.chance.random() < 0.7:
            number = self.mine[-1 - min(len(self.mine) - 1, self.chance.randrange(3))]
            record = self.archive.changes.get(number)
            if record is not None and record.verb == "read":
                return  # what only lost its read may come again: another test's subject

        def do(by: str) -> int:
            return self.archive.undo(number, by=by).redo

        self._ask("undo", do)

    def _empty(self) -> None:
        if self.chance.random() < 0.4:
            self._ask("empty", lambda by: trash_empty(self.archive, by=by).change)

    def _compact(self) -> None:
        self.archive.compact()

    def _backup(self) -> None:
        backup(self.folder / "archive", self.folder / "backup")

    def _look(self) -> None:
        for n in self._some(1):
            _look(self.archive, digest(n))

    def _key(self) -> None:
        """Only one of them has the keys changed, so that the passwords have an order."""
        if self.name != "w0":
            return
        passwords = self.folder / "passwords"
        new = f"{self.ident} {self.count}"
        with passwords.open("a") as file:
            file.write(new + "\n")
        for password in reversed(passwords.read_text().splitlines()):
            with suppress(WrongPassword), open_keys(self.folder / "archive", password) as keys:
                key_change(keys, new, cost=CHEAP)
                return
