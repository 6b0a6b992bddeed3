"""The files of an archive that may be on its way from plain to sealed, or back.

Meanwhile each file has one of two names, or both. Where it is looked for first is where it goes to,
and then where it comes from; a plain thumbnail, which has no check, only where there is no other
way. And whoever opened the archive before it changed is told so, instead of that files are lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from fapfav.errors import ArchiveError, DamagedFile, UsageError
from fapfav.model import EXTENSIONS, Digest
from fapfav.store.blobs import LARGEST, BlobStore, Kind
from fapfav.store.disk import Buffer
from fapfav.store.folder import Folder, Staged
from fapfav.store.keys import ArchiveKeys

CONVERTING = "converting"
"""The setting that names the verb at work; it stands in a sealed database only."""
ENCRYPT, DECRYPT = "encrypt", "decrypt"

PLAIN_NAME = re.compile(rf"([0-9a-f]{{64}})\.({'|'.join(sorted(EXTENSIONS))})")
"""A picture's or thumbnail's name in a plain archive."""


class ArchiveFiles(BlobStore):
    """The picture files of an opened archive.

    `converting` is the verb at work or nothing; `check` raises when the archive is another one by
    now than was opened.
    """

    def __init__(
        self,
        folder: Folder,
        keys: ArchiveKeys | None,
        converting: Callable[[], str],
        check: Callable[[], None],
    ) -> None:
        super().__init__(folder, keys)
        self._converting = converting
        self._check = check
        self._plain = None if keys is None else BlobStore(folder, None)

    def stage(self, kind: Kind, digest: Digest, ext: str, data: Buffer) -> Staged:
        """See BlobStore; a plain file is not written into an archive that was encrypted."""
        if self._keys is None:
            self._check()
        return super().stage(kind, digest, ext, data)

    def publish(self, staged: Iterable[Staged]) -> None:
        """See BlobStore; files of an archive that was encrypted meanwhile are taken away again."""
        waiting = list(staged)
        ours = [one for one in waiting if self._folder.stat(one.sub, one.name) is None]
        try:
            self._check()
        except ArchiveError:
            _discard(waiting)
            raise
        super().publish(waiting)
        try:
            self._check()
        except ArchiveError:
            # No row names them, and none ever will. What is sealed tells nothing and may stay. So
            # may what was there before: it may be another's picture, and is sealed with the rest.
            if self._keys is None:
                for one in ours:
                    with suppress(FileNotFoundError):
                        self._folder.unlink(one.sub, one.name)
            raise

    def present(self, kind: Kind, digest: Digest, ext: str, size: int) -> bool:
        """See BlobStore; of either kind while the archive is converted."""
        return any(
            BlobStore.present(store, kind, digest, ext, size) for store in self._stores(kind)
        )

    def read(self, kind: Kind, digest: Digest, ext: str, size: int, limit: int = LARGEST) -> bytes:
        """See BlobStore. Raises ArchiveChanged when the archive is another one by now."""
        return self._first(
            kind, lambda store: BlobStore.read(store, kind, digest, ext, size, limit)
        )

    def read_range(self, digest: Digest, ext: str, size: int, start: int, stop: int) -> bytes:
        """See BlobStore; a plain file is read whole and checked while there may be sealed ones."""

        def part(store: BlobStore) -> bytes:
            if store is self:
                return BlobStore.read_range(store, digest, ext, size, start, stop)
            if not 0 <= start <= stop <= size:
                raise UsageError(f"picture {digest.hex()} has no bytes {start} to {stop} of {size}")
            return store.read(Kind.BLOB, digest, ext, size)[start:stop]

        return self._first(Kind.BLOB, part)

    def to_trash(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """See BlobStore."""
        for store in self._all():
            BlobStore.to_trash(store, digest, ext, thumb_ext)

    def from_trash(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """See BlobStore."""
        for store in self._all():
            BlobStore.from_trash(store, digest, ext, thumb_ext)

    def purge(self, digest: Digest, ext: str, thumb_ext: str) -> None:
        """See BlobStore."""
        for store in self._all():
            BlobStore.purge(store, digest, ext, thumb_ext)

    def trashed_names(self) -> Iterator[str]:
        """See BlobStore; a file that is not sealed yet counts by its name to be."""
        for name in super().trashed_names():
            plain = PLAIN_NAME.fullmatch(name) if len(self._all()) > 1 else None
            if plain is None:
                yield name
            else:
                yield self.name(Kind.BLOB, Digest(bytes.fromhex(plain[1])), plain[2])

    def _all(self) -> tuple[BlobStore, ...]:
        if self._plain is None or not self._converting():
            return (self,)
        return self, self._plain

    def _stores(self, kind: Kind) -> tuple[BlobStore, ...]:
        """Where to look, in this order.

        The first is looked at again: a file may get its new name after that, and lose its old one
        before the second.
        """
        verb = self._converting() if self._plain is not None else ""
        if self._plain is None or not verb or (verb == ENCRYPT and kind is Kind.THUMB):
            return (self,)
        if verb == DECRYPT and kind is Kind.BLOB:
            return self._plain, self, self._plain
        return self, self._plain, self

    def _first(self, kind: Kind, read: Callable[[BlobStore], bytes]) -> bytes:
        wrong: DamagedFile | None = None
        for store in self._stores(kind):
            try:
                return read(store)
            except DamagedFile as error:
                wrong = wrong or error
        self._check()
        assert wrong is not None
        raise wrong


def _discard(staged: Iterable[Staged]) -> None:
    for one in staged:
        with suppress(ArchiveError):
            one.discard()
