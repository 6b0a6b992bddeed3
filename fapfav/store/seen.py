"""What this computer remembers of the archives it opened, outside of them.

From inside, an old version put back, an end cut off at a change, or a plain archive in a sealed
one's place look right. This memory tells. It holds no name and no path, only hashes of them, and
where it cannot be written there is none: it guards an archive and never keeps one from opening.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fapfav.errors import ArchiveError
from fapfav.store.folder import ROOT, Folder

# magic, sealed, 7 reserved, archive id, last sequence, its tag; then SHA-256 of these
_RECORD = struct.Struct(">8sB7s16sQ16s")
_MAGIC = b"FAPSEEN1"
_SIZE = _RECORD.size + 32


@dataclass(frozen=True, slots=True)
class Record:
    """An archive as it was last seen: `tag` is of the frame with the number `sequence`."""

    archive_id: bytes
    sealed: bool
    sequence: int
    tag: bytes


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """Where this user's programs keep such memory; None if nothing says so.

    Source: XDG Base Directory Specification, which has relative paths ignored.
    """
    for variable, below in (("XDG_STATE_HOME", ""), ("HOME", ".local/state")):
        if os.path.isabs(environ.get(variable, "")):
            return Path(environ[variable], below, "fapfav")
    return None


class Seen:
    """The memory in one folder; None remembers nothing."""

    def __init__(self, state_dir: Path | None) -> None:
        self._folder = None if state_dir is None else Folder(state_dir)

    def remember(
        self, archive_id: bytes, path: Path, sealed: bool, sequence: int, tag: bytes
    ) -> None:
        """Notes how far the archive at this path has come, in place of what was noted before."""
        if self._folder is None:
            return
        body = _RECORD.pack(_MAGIC, sealed, bytes(7), archive_id, sequence, tag)
        raw = body + hashlib.sha256(body).digest()
        with suppress(OSError, ArchiveError):
            self._folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in (_name(archive_id, path), _name(b"", path)):
                self._folder.write_new(ROOT, name, [raw])
            self._folder.sync(ROOT)

    def recall(self, archive_id: bytes, path: Path) -> Record | None:
        """This archive as it was last seen at this path, None if it never was."""
        found = self._read(_name(archive_id, path))
        return found if found is not None and found.archive_id == archive_id else None

    def recall_path(self, path: Path) -> Record | None:
        """Whatever archive was last seen at this path: a swapped one has another id."""
        return self._read(_name(b"", path))

    def _read(self, name: str) -> Record | None:
        if self._folder is None:
            return None
        try:
            raw = self._folder.read(ROOT, name, limit=_SIZE)
        except (OSError, ArchiveError):
            return None
        body, checksum = raw[: _RECORD.size], raw[_RECORD.size :]
        if len(raw) != _SIZE or hashlib.sha256(body).digest() != checksum:
            return None
        magic, sealed, _, archive_id, sequence, tag = _RECORD.unpack(body)
        return Record(archive_id, bool(sealed), sequence, tag) if magic == _MAGIC else None


def _name(archive_id: bytes, path: Path) -> str:
    # The real path, so that a link to the folder is the same place.
    return hashlib.sha256(archive_id + os.fsencode(os.path.realpath(path))).hexdigest()
