"""What a power cut may leave of a database: every image that the syncs so far still allow."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from fapfav.store import disk

PAGE = 4096


@dataclass
class Recorder:
    """Notes what is written to the database and when it is synced; everything happens as usual."""

    events: list[tuple[str, int, bytes]] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Recorder:
        """Stands between the store and the disk from now on."""
        write, sync, cut = disk.write, disk.sync, disk.cut

        def noted_write(fd: int, data: disk.Buffer, offset: int) -> int:
            written = write(fd, data, offset)
            if is_database(fd):
                self.events.append(("write", offset, bytes(data[:written])))
            return written

        def noted_sync(fd: int) -> None:
            sync(fd)
            if is_database(fd):
                self.events.append(("sync", 0, b""))

        def noted_cut(fd: int, length: int) -> None:
            cut(fd, length)
            if is_database(fd):
                self.events.append(("cut", length, b""))

        monkeypatch.setattr(disk, "write", noted_write)
        monkeypatch.setattr(disk, "sync", noted_sync)
        monkeypatch.setattr(disk, "cut", noted_cut)
        return self


def is_database(fd: int) -> bool:
    """Whether a descriptor is that of a database under its final name."""
    return os.readlink(f"/proc/self/fd/{fd}").endswith("imagefap.database")


def images(
    base: bytes, events: list[tuple[str, int, bytes]], rng: random.Random, each: int
) -> Iterator[tuple[int, bytes]]:
    """Images of a file whose durable content was `base`, with the number of events before the cut.

    Of what was written since the last sync any page may be lost: as it was before, or zeros where
    the file had not been that long; and the file may be as short as it was.
    """
    durable, now = base, bytearray(base)
    for number, (what, at, written) in enumerate(events, start=1):
        if what == "write":
            now[len(now) :] = bytes(max(0, at + len(written) - len(now)))
            now[at : at + len(written)] = written
        elif what == "cut":
            del now[at:]
        else:
            durable = bytes(now)
        yield number, bytes(now)
        for _ in range(each):
            yield number, _with_pages_lost(durable, bytes(now), rng)


def _with_pages_lost(durable: bytes, now: bytes, rng: random.Random) -> bytes:
    size = rng.choice([len(durable), len(now), rng.randint(*sorted((len(durable), len(now))))])
    image = bytearray(now[:size].ljust(size, b"\0"))
    for at in range(0, size, PAGE):
        if rng.random() < 0.5 and now[at : at + PAGE] != durable[at : at + PAGE]:
            page = durable[at : at + PAGE].ljust(min(PAGE, size - at), b"\0")
            image[at : at + PAGE] = page[: size - at]
    return bytes(image)
