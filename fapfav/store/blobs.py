"""The files of pictures and thumbnails: one each, sealed or plain, known by the blob's digest.

A row decides whether a picture is there and where, never the folder: files are looked for both in
their place and in the trash, and one without a row is always written again. What is kept
between calls is each thread's own, so any number of them may use one store.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from fapfav.errors import ArchiveError, BadPicture, DamagedFile, UsageError
from fapfav.model import EXTENSIONS, Digest
from fapfav.store import folder as folders
from fapfav.store.disk import Buffer, disk_error, read_at, read_into
from fapfav.store.folder import Folder, Staged
from fapfav.store.keys import ArchiveKeys
from fapfav.store.sealing import SEGMENT, Kind, Scratch, SealedFile, seal, sealed_size

__all__ = ["LARGEST", "BlobStore", "Kind"]

LARGEST = 512 * 2**20
"""Bytes of the largest picture that is kept, so that reading one never takes more than twice it."""

_LIVE = {Kind.BLOB: folders.BLOBS, Kind.THUMB: folders.THUMBS}
_TRASH = {Kind.BLOB: folders.TRASH_BLOBS, Kind.THUMB: folders.TRASH_THUMBS}
# The first is looked at again: a file may come back from the trash after that.
_LOOKS = {kind: (_LIVE[kind], _TRASH[kind], _LIVE[kind]) for kind in Kind}


class BlobStore:
    """The picture files of one archive; `keys` are None in a plain one."""

    def __init__(self, folder: Folder, keys: ArchiveKeys | None) -> None:
        self._folder, self._keys = folder, keys
        self._scratch = Scratch()

    @property
    def is_plain(self) -> bool:
        """Whether its files are not sealed, so that nothing vouches for a thumbnail."""
        return self._keys is None

    def name(self, kind: Kind, digest: Digest, ext: str) -> str:
        """The file's name; a sealed one tells nothing, not even whether two are of one blob."""
        if self._keys is not None:
            return hmac.digest(self._keys.name, bytes([kind]) + digest, "sha256").hex()
        if ext not in EXTENSIONS:
            raise ArchiveError(f"picture {digest.hex()} is of the unknown type {ext!r}")
        return f"{digest.hex()}.{ext}"

    def stored_size(self, kind: Kind, size: int) -> int:  # noqa: ARG002
        """What a picture or thumbnail of `size` bytes takes on disk."""
        return size if self._keys is None else sealed_size(size)

    def stage(self, kind: Kind, digest: Digest, ext: str, data: Buffer) -> Staged:
        """Writes a file and makes its bytes durable; it has no name until it is published.

        It is written though the name exists: a file without a row may be the rest of a crash.
        Raises BadPicture for one that is too large, ArchiveError when the disk refuses.
        """
        if len(data) > LARGEST:
            raise BadPicture(f"it has {len(data)} bytes, and {LARGEST} is the limit")
        chunks = iter([data]) if self._keys is None else seal(self._keys, kind, digest, data)
        return self._folder.stage(_LIVE[kind], self.name(kind, digest, ext), chunks)

    def publish(self, staged: Iterable[Staged]) -> None:
        """Gives all files their names, then makes the names durable, each folder once.

        When one fails, those after it are discarded; those before are files without a row.
        """
        waiting = list(staged)
        subs = {one.sub for one in waiting}
        try:
            while waiting:
                waiting[0].publish()
                del waiting[0]
        finally:
            for one in waiting:
                with suppress(ArchiveError):
                    one.discard()
        self._folder.sync(*sorted(subs))

    def present(self, kind: Kind, digest: Digest, ext: str, size: int) -> bool:
        """Whether the file is there, in its place or in the trash, with the length it must have."""
        name, stored = self.name(kind, digest, ext), self.stored_size(kind, size)
        return any(
            (found := self._folder.stat(sub, name)) is not None
            and stat.S_ISREG(found.st_mode)
            and found.st_size == stored
            for sub in _LOOKS[kind]
        )

    def read(self, kind: Kind, digest: Digest, ext: str, size: int, limit: int = LARGEST) -> bytes:
        """A whole picture or thumbnail of `size` bytes.

        Raises DamagedFile, which names the picture, when it is missing, longer than `limit`, or
        not what was stored. A plain thumbnail has no check but its length: decode it as a
        stranger's.
        """
        if size > limit:
            raise DamagedFile(f"picture {digest.hex()} has {size} bytes, and {limit} is the limit")
        wrong: DamagedFile | None = None
        for sub in _LOOKS[kind]:
            try:
                with self._opened(sub, kind, digest, ext, size) as fd:
                    data = self._whole(fd, kind, digest, size)
                if kind is Kind.BLOB and hashlib.sha256(data).digest() != digest:
                    raise _damaged(digest, "its bytes are another picture's")
                return data
            except FileNotFoundError:
                continue
            except DamagedFile as error:
                wrong = wrong or error
        raise wrong or _missing(digest)

    def check(
        self, sub: str, name: str, kind: Kind, digest: Digest, size: int | None = None
    ) -> int:
        """Reads one file to its end, whatever its name; gives the bytes of what is in it.

        With `size` None that may be any. Takes no more memory than a segment. Raises
        FileNotFoundError, DamagedFile when it is not this picture or thumbnail; of a plain
        thumbnail only the length is looked at.
        """
        fd = self._folder.open_read(sub, name)
        try:
            stored = os.fstat(fd).st_size
            if stored > self.stored_size(kind, LARGEST):
                raise _damaged(digest, f"its file has {stored} bytes, more than any picture's")
            if size is not None and stored != self.stored_size(kind, size):
                wanted = self.stored_size(kind, size)
                raise _damaged(digest, f"its file has {stored} bytes, not {wanted}")
            found, seen = hashlib.sha256(), 0
            for piece in self._pieces(fd, kind, digest, stored):
                found.update(piece)
                seen += len(piece)
        except OSError as error:
            raise _damaged(digest, f"the disk cannot read it ({error.strerror})") from None
        finally:
            os.close(fd)
        if size not in (None, seen):
            raise _damaged(digest, f"it has {seen} bytes, not {size}")
        if kind is Kind.BLOB and found.digest() != digest:
            raise _damaged(digest, "its bytes are another picture's")
        return seen

    def _pieces(self, fd: int, kind: Kind, digest: Digest, stored: int) -> Iterator[Buffer]:
        if self._keys is None:
            yield from (read_at(fd, at, SEGMENT) for at in range(0, stored, SEGMENT))
            return
        yield from SealedFile.open(
            self._keys,
            kind,
            digest,
            stored,
            fetch=lambda offset, room: read_into(fd, offset, room),
            scratch=self._scratch,
        ).pieces()

    def read_range(self, digest: Digest, ext: str, size: int, start: int, stop: int) -> bytes:
        """A blob's bytes from `start` up to `stop`; costs only the segments they lie in.

        In a plain archive they are not checked. Raises as `read`, UsageError for no such range.
        """
        if not 0 <= start <= stop <= size:
            raise UsageError(f"picture {digest.hex()} has no bytes {start} to {stop} of {size}")
        wrong: DamagedFile | None = None
        for sub in _LOOKS[Kind.BLOB]:
            try:
                with self._opened(sub, Kind.BLOB, digest, ext, size) as fd:
                    if self._keys is None:
                        return read_at(fd, start, stop - start)
                    return self._sealed(fd, Kind.BLOB, digest, size).read_range(start, stop)
            except FileNotFoundError:
                continue
            except DamagedFile as error:
                wrong = wrong or error
        raise wrong or _missing(digest)

    def to_trash(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """Moves a picture's files into the trash; one that is not in its place is left alone.

        The names are durable once `sync_folders` has returned.
        """
        for kind, name in self._names(digest, ext, thumb_ext):
            with suppress(FileNotFoundError):
                self._folder.rename(_LIVE[kind], name, _TRASH[kind])

    def from_trash(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """Moves a picture's files back; one that is not in the trash is left alone.

        So is one whose place is taken, unless what is there is whole: then the other was written
        since, and this one goes. Readers look in both.
        """
        for kind, name in self._names(digest, ext, thumb_ext):
            taken = self._folder.stat(_LIVE[kind], name)
            with suppress(FileNotFoundError):
                if taken is None:
                    self._folder.rename(_TRASH[kind], name, _LIVE[kind])
                    continue
                trashed = self._folder.stat(_TRASH[kind], name)
                if trashed is not None and trashed.st_size == taken.st_size:
                    self._drop_second(kind, name, digest)

    def _drop_second(self, kind: Kind, name: str, digest: Digest) -> None:
        """Deletes a copy in the trash, if the one in its place is not the worse of the two."""
        try:
            self.check(_LIVE[kind], name, kind, digest)
        except DamagedFile:
            return
        self._folder.unlink(_TRASH[kind], name)

    def purge(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """Deletes a picture's files wherever they are; its rows must be gone."""
        for kind, name in self._names(digest, ext, thumb_ext):
            for sub in (_TRASH[kind], _LIVE[kind]):
                with suppress(FileNotFoundError):
                    self._folder.unlink(sub, name)

    def trashed_names(self) -> Iterator[str]:
        """The names of the blobs' files that lie in the trash."""
        return self._folder.names(_TRASH[Kind.BLOB])

    def clean_temporaries(self) -> int:
        """Deletes what killed writers left, if it is an hour old; returns how many files."""
        return self._folder.clean_temporaries()

    def sync_folders(self) -> None:
        """Makes all moves and deletions durable."""
        self._folder.sync(*_LIVE.values(), *_TRASH.values())

    def _names(self, digest: Digest, ext: str, thumb_ext: str) -> Iterator[tuple[Kind, str]]:
        yield Kind.BLOB, self.name(Kind.BLOB, digest, ext)
        if thumb_ext:
            yield Kind.THUMB, self.name(Kind.THUMB, digest, thumb_ext)

    @contextmanager
    def _opened(self, sub: str, kind: Kind, digest: Digest, ext: str, size: int) -> Iterator[int]:
        """A descriptor of the file, once its length is known to be right."""
        fd = self._folder.open_read(sub, self.name(kind, digest, ext))
        try:
            stored, found = self.stored_size(kind, size), os.fstat(fd).st_size
            if found != stored:
                raise _damaged(digest, f"its file has {found} bytes, not {stored}")
            yield fd
        except OSError as error:
            raise disk_error(error, f"reading picture {digest.hex()}") from error
        finally:
            os.close(fd)

    def _whole(self, fd: int, kind: Kind, digest: Digest, size: int) -> bytes:
        if self._keys is not None:
            data = self._sealed(fd, kind, digest, size).read()
        else:
            data = read_at(fd, 0, size)
        if len(data) != size:
            raise _damaged(digest, f"it has {len(data)} bytes, not {size}")
        return data

    def _sealed(self, fd: int, kind: Kind, digest: Digest, size: int) -> SealedFile:
        assert self._keys is not None
        return SealedFile.open(
            self._keys,
            kind,
            digest,
            sealed_size(size),
            fetch=lambda offset, room: read_into(fd, offset, room),
            scratch=self._scratch,
        )


def _damaged(digest: Digest, why: str) -> DamagedFile:
    return DamagedFile(
        f"picture {digest.hex()} is damaged: {why}; put its file back from a backup", why
    )


def _missing(digest: Digest) -> DamagedFile:
    return DamagedFile(f"picture {digest.hex()} has no file any more; put it back from a backup")
