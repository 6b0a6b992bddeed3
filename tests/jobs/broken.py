"""A whole archive to break, and where its files lie."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fapfav.jobs import tagging
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_picture
from fapfav.model import Digest
from fapfav.store.blobs import Kind
from fapfav.store.opening import Unlocked, unlock_again
from tests.support import PASSWORD, album, new_archive, read_folder

COUNT = 6


@functools.cache
def _made(sealed: bool) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    top = Path(folder.name)
    album(top / "pictures" / "hills", COUNT)
    with new_archive(top / "archive", sealed=sealed) as archive:
        read_folder(archive, top / "pictures")
        tagging.add(archive, "Best")
        tagging.apply(archive, "Best", sorted(archive.blobs)[:3])
        remove_picture(archive, sorted(archive.blobs)[-1].hex())
        archive.compact()
    return folder


class Broken:
    """A copy of an archive of six pictures, one of them in the trash, to be broken."""

    def __init__(self, path: Path, sealed: bool) -> None:
        shutil.copytree(_made(sealed).name, path, dirs_exist_ok=True)
        self.sealed = sealed
        self.path, self.pictures = path / "archive", path / "pictures"
        with self.opened() as archive:
            self._handover = archive.handover()
            self.digests = sorted(archive.blobs)
            self.trashed = sorted(archive.trash)
            self.files = archive.files
            self.exts = {blob.digest: blob for blob in archive.blobs.records()}

    def opened(self) -> Archive:
        """The archive as a program opens it."""
        return open_archive(self.path, PASSWORD if self.sealed else None)

    @property
    def unlocked(self) -> Unlocked:
        """Its header and keys."""
        return unlock_again(self.path, self._handover)

    def blob(self, number: int) -> Path:
        """The file of a picture, by the order of digests."""
        return self._file(Kind.BLOB, self.digests[number])

    def thumb(self, number: int) -> Path:
        """The file of a thumbnail."""
        return self._file(Kind.THUMB, self.digests[number])

    def _file(self, kind: Kind, digest: Digest) -> Path:
        row = self.exts[digest]
        ext = row.ext if kind is Kind.BLOB else row.thumb_ext
        folder = "blobs" if kind is Kind.BLOB else "thumbs"
        return self.path / folder / self.files.name(kind, digest, ext)

    def everything(self) -> dict[str, bytes]:
        """Everything there is, but for the lock: to see that nothing was written."""
        files = (path for path in self.path.rglob("*") if path.is_file() and path.name != "lock")
        return {str(path.relative_to(self.path)): path.read_bytes() for path in files}

    def pictures_now(self) -> Iterator[bytes]:
        """Every picture, as the archive gives it; raises for one that is not whole."""
        with self.opened() as archive:
            for digest in sorted(archive.blobs):
                archive.thumbnail(digest)
                yield archive.blob_bytes(digest)


def flip(path: Path, at: int = -1) -> None:
    """Changes one byte of a file."""
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
