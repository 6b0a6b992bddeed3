"""That each archive has one viewer on this computer: the second one says where the first is."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from fapfav.errors import ArchiveInUse

_WHO = re.compile(r"([0-9]{1,10}) ([0-9]{1,5})\n")


@contextmanager
def only_viewer(archive: Path, state: Path | None) -> Iterator[Callable[[int], None]]:
    """Holds this archive's place among the viewers; gives what notes the port it is served on.

    The place is a file in the folder `state`, named by a hash. Where there is no such folder or no
    lock to be had, nobody is kept from anything. Raises ArchiveInUse when it is taken.
    """
    lock = _place(archive, state)
    if lock is None:
        yield lambda _: None
        return
    where = Path(lock.lock_file)

    def note(port: int) -> None:
        with suppress(OSError):
            where.write_text(f"{os.getpid()} {port}\n", encoding="ascii")

    try:
        yield note
    finally:
        with suppress(OSError):
            where.write_text("", encoding="ascii")
        lock.release()


def _place(archive: Path, state: Path | None) -> FileLock | None:
    if state is None:
        return None
    name = hashlib.sha256(b"viewer\0" + os.fsencode(os.path.realpath(archive))).hexdigest()
    where = state / f"{name}.viewer"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(
            where,
            timeout=0,
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
        )
        lock.acquire()
    except Timeout:
        raise ArchiveInUse(_taken(archive, where)) from None
    except (NotImplementedError, OSError):
        return None
    return lock


def _taken(archive: Path, where: Path) -> str:
    found = None
    with suppress(OSError, UnicodeDecodeError):
        found = _WHO.fullmatch(where.read_text(encoding="ascii"))
    begun = f"the archive in {archive} has a viewer already"
    if found is None:
        return f"{begun}, which just starts or stops: try again"
    pid, port = found.groups()
    return f"{begun}: process {pid} serves it at http://127.0.0.1:{port}/viewer/"
