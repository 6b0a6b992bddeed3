"""What an export would do, before it does: folders, pictures, and the files it would delete.

Reads the archive and lists folders of the disk; makes and changes nothing.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fapfav.jobs.export import Wanted, shelves_of, target_of
from fapfav.jobs.library import Archive


@dataclass(frozen=True, slots=True)
class FolderLine:
    """One folder: where below the target, what it gets, and what renumbering deletes there."""

    parts: tuple[str, ...]
    pictures: int
    bytes: int
    skipped: int
    emptied: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an export into `folder` comes to, in all and by folder."""

    folder: Path
    lines: tuple[FolderLine, ...]

    @property
    def pictures(self) -> int:
        """Files that would lie there; a picture in two folders is two."""
        return sum(line.pictures for line in self.lines)

    @property
    def bytes(self) -> int:
        """What they weigh."""
        return sum(line.bytes for line in self.lines)

    @property
    def skipped(self) -> int:
        """Pictures left out, as the user decided to skip them."""
        return sum(line.skipped for line in self.lines)

    @property
    def emptied(self) -> int:
        """Files there that would be deleted first."""
        return sum(line.emptied for line in self.lines)


def preview(archive: Archive, wanted: Wanted) -> Preview:
    """What `export` would do with this. Raises UsageError as it does."""
    top = target_of(archive, wanted)
    sizes = archive.blobs
    lines = tuple(
        FolderLine(
            parts=shelf.parts,
            pictures=len(shelf.pictures),
            bytes=sum(sizes[shown.digest].size for shown in shelf.pictures),
            skipped=shelf.skipped,
            emptied=_files_in(top, shelf.parts) if wanted.renumber else 0,
        )
        for shelf in shelves_of(archive, wanted)
    )
    return Preview(top, lines)


def _files_in(top: Path, parts: tuple[str, ...]) -> int:
    """Regular files in a folder; none where a link stands on the way, as nothing goes there."""
    path = top
    with suppress(OSError, ValueError):
        for part in parts:
            path = path / part
            if not stat.S_ISDIR(path.lstat().st_mode):
                return 0
        with os.scandir(path) as found:
            return sum(entry.is_file(follow_symlinks=False) for entry in found)
    return 0
