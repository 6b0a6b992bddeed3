"""From a plain archive to a sealed one and back, file by file, in an order that loses none.

The database is sealed throughout: it is switched first when encrypting and last when decrypting
(`switching.py`). In between stands the setting `converting`, and what is left to do is told by the
names in the folders alone, so who was killed is gone on with, in either direction.

Each file: the new one beside its name, synced; under the lock renamed, folders synced, read back
and compared; committed, where its row changed; and only then the old one is unlinked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from fapfav.errors import ArchiveError, DamagedFile
from fapfav.model import Blob, Digest, Trashed
from fapfav.store import folder as folders
from fapfav.store.archive import Archive
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.both_kinds import ENCRYPT
from fapfav.store.change import Change
from fapfav.store.folder import Folder, Staged
from fapfav.store.keys import ArchiveKeys
from fapfav.store.sealing import seal, sealed_size, unseal
from fapfav.store.transaction import Transaction

BATCH = 64
BATCH_BYTES = 32 * 2**20
"""Files, and bytes of them, that are renamed under one hold of the lock."""

WHERE = {
    Kind.BLOB: (folders.BLOBS, folders.TRASH_BLOBS),
    Kind.THUMB: (folders.THUMBS, folders.TRASH_THUMBS),
}

Thumb = Callable[[bytes, Callable[[], bytes]], tuple[bytes, str]]
"""Takes a plain thumbnail, which nothing vouches for, and a way to get its picture. Gives bytes and
type of the one to keep: the same, one made anew, or nothing."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file that is not yet what it is to be: its folder, its name and what it holds."""

    sub: str
    name: str
    kind: Kind
    digest: Digest
    ext: str
    size: int


@dataclass(frozen=True, slots=True)
class Turned:
    """What becomes of a file; `staged` is None where nothing does and only the old one goes."""

    old: Item
    new: Item
    content: bytes = b""
    staged: Staged | None = None


@dataclass(slots=True)
class Converter:
    """Converts the files of a sealed archive whose database says so; `to` is the verb."""

    archive: Archive
    to: str
    thumb: Thumb
    failures: dict[tuple[Kind, Digest], str] = field(default_factory=dict)
    """What could not be converted, and why."""

    @property
    def folder(self) -> Folder:
        """The archive's folder."""
        return self.archive._folder

    @property
    def keys(self) -> ArchiveKeys:
        """The archive's keys."""
        assert self.archive._keys is not None
        return self.archive._keys

    def pending(self) -> list[Item]:
        """The files that are left to do, as rows and folders are now."""
        names = _Names(self.folder, None if self.to == ENCRYPT else self.keys)
        rows: list[Blob | Trashed] = [*self.archive.blobs.records()]
        rows += self.archive.trash.records()
        found = [item for row in rows for item in names.of(row)]
        return [item for item in found if (item.kind, item.digest) not in self.failures]

    def convert(self, change: Change, items: Sequence[Item]) -> None:
        """Converts some files; the lock is held only while names change."""
        done: list[Turned] = []
        try:
            for item in items:
                if (turned := self._turned(item)) is not None:
                    done.append(turned)
            with change.transaction() as tx:
                done = self._published(tx, done)
        finally:
            for turned in done:
                if turned.staged is not None:
                    with suppress(ArchiveError):
                        turned.staged.discard()
        for turned in done:
            # One that was moved meanwhile, to the trash or back, is found there the next time.
            with suppress(FileNotFoundError):
                self.folder.unlink(turned.old.sub, turned.old.name)
        self.folder.sync(*{turned.old.sub for turned in done})

    def _turned(self, item: Item) -> Turned | None:
        """The file as it is to be, durable beside its name; None if there is nothing to do yet."""
        try:
            data = self._read(item)
        except FileNotFoundError:
            return None  # moved meanwhile: it is found again
        except DamagedFile as error:
            if item.kind is Kind.BLOB or self.to != ENCRYPT:
                return self._damaged(item, str(error))
            data = b""
        new = replace(item, name="")
        if item.kind is Kind.THUMB and self.to == ENCRYPT:
            data, ext = self.thumb(data, lambda: self._picture(item.digest))
            new = replace(new, ext=ext, size=len(data))
            if not data:
                return Turned(item, new)
        new = replace(new, name=self._new_name(new))
        return Turned(item, new, hashlib.sha256(data).digest(), self._stage(new, data))

    def _stage(self, new: Item, data: bytes) -> Staged:
        chunks: Iterable[bytes] = [data]
        if self.to == ENCRYPT:
            chunks = seal(self.keys, new.kind, new.digest, data)
        return self.folder.stage(new.sub, new.name, chunks)

    def _damaged(self, item: Item, why: str) -> Turned | None:
        """A file that is not what it should be: it goes if it stands whole under its new name."""
        new = replace(item, name=self._new_name(item))
        try:
            data = self._read_new(new)
        except (DamagedFile, FileNotFoundError):
            self.failures[item.kind, item.digest] = why
            return None
        return Turned(item, new, hashlib.sha256(data).digest())

    def _published(self, tx: Transaction, turned: Sequence[Turned]) -> list[Turned]:
        """Gives names to what is staged, unless its row or the old file went away meanwhile."""
        here = []
        for one in turned:
            old = one.old
            row = _row(tx, old.digest)
            if row is None or self.folder.stat(old.sub, old.name) is None:
                if one.staged is not None:
                    one.staged.discard()
                continue
            if one.staged is not None:
                one.staged.publish()
            here.append(one)
        self.folder.sync(*{one.old.sub for one in here})
        for one in here:
            self._compare(one)
            if (one.new.size, one.new.ext) != (one.old.size, one.old.ext):
                row = _row(tx, one.old.digest)
                assert row is not None
                tx.put(replace(row, thumb_size=one.new.size, thumb_ext=one.new.ext))
        return here

    def _compare(self, one: Turned) -> None:
        if not one.new.name:
            return
        data = self._read_new(one.new)
        if hashlib.sha256(data).digest() != one.content:
            raise DamagedFile(
                f"picture {one.new.digest.hex()} does not read back as it was written: check the "
                "disk, then run it again"
            )

    def _picture(self, digest: Digest) -> bytes:
        row = self.archive.blobs.get(digest) or self.archive.trash.get(digest)
        if row is None:
            raise DamagedFile(f"no picture {digest.hex()} is in this archive any more")
        return self.archive.files.read(Kind.BLOB, digest, row.ext, row.size)

    def _new_name(self, item: Item) -> str:
        keys = self.keys if self.to == ENCRYPT else None
        return BlobStore(self.folder, keys).name(item.kind, item.digest, item.ext)

    def _read(self, item: Item) -> bytes:
        if self.to == ENCRYPT:
            # Its length is looked at by who looks at it: the plain one may have been changed.
            limit = item.size if item.kind is Kind.BLOB else max(item.size, LARGEST_THUMB)
            return read_plain(self.folder, item, limit)
        return read_sealed(self.folder, self.keys, item)

    def _read_new(self, item: Item) -> bytes:
        if self.to == ENCRYPT:
            return read_sealed(self.folder, self.keys, item)
        return read_plain(self.folder, item, item.size)


LARGEST_THUMB = 16 * 2**20
"""Bytes of a plain thumbnail that are looked at."""


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """So many at a time that others who want to write need not wait for long."""
    batch: list[Item] = []
    weight = 0
    for item in items:
        if batch and (len(batch) == BATCH or weight + item.size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += item.size
    if batch:
        yield batch


def read_plain(folder: Folder, item: Item, limit: int) -> bytes:
    """A plain file; a picture is compared with its digest. Raises DamagedFile."""
    data = folder.read(item.sub, item.name, limit)
    if item.kind is Kind.BLOB and hashlib.sha256(data).digest() != item.digest:
        raise DamagedFile(f"the file of picture {item.digest.hex()} does not hold it")
    return data


def read_sealed(folder: Folder, keys: ArchiveKeys, item: Item) -> bytes:
    """What is in a sealed file; a picture is compared with its digest. Raises DamagedFile."""
    raw = folder.read(item.sub, item.name, sealed_size(item.size))
    data = unseal(keys, item.kind, item.digest, raw)
    if item.kind is Kind.BLOB and hashlib.sha256(data).digest() != item.digest:
        raise DamagedFile(f"the file of picture {item.digest.hex()} holds another's bytes")
    return data


class _Names:
    """What stands in the folders, under the names that keys, or none, give."""

    def __init__(self, folder: Folder, keys: ArchiveKeys | None) -> None:
        self._store = BlobStore(folder, keys)
        self._listed = {sub: set(folder.names(sub)) for subs in WHERE.values() for sub in subs}

    def of(self, row: Blob | Trashed) -> Iterator[Item]:
        """The files of one picture that are there."""
        for kind, ext, size in (
            (Kind.BLOB, row.ext, row.size),
            (Kind.THUMB, row.thumb_ext, row.thumb_size),
        ):
            if not size:
                continue
            name = self._store.name(kind, row.digest, ext)
            for sub in WHERE[kind]:
                if name in self._listed[sub]:
                    yield Item(sub, name, kind, row.digest, ext, size)


def _row(tx: Transaction, digest: Digest) -> Blob | Trashed | None:
    return tx.blobs.get(digest) or tx.trash.get(digest)
