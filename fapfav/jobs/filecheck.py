"""The files that rows name: where each belongs, whether it is whole there, and what lies besides.

Files are read a segment at a time, so that many can be looked at side by side in little memory. The
row decides where a file belongs; that it is elsewhere is known, and put right by the next writer.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from fapfav.errors import ArchiveError, DamagedFile, NoArchive
from fapfav.images.thumbnail import wrong_with
from fapfav.model import Blob, Digest, Trashed
from fapfav.store import folder as folders
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.both_kinds import CONVERTING
from fapfav.store.folder import Folder
from fapfav.store.keys import ArchiveKeys
from fapfav.store.salvage import KEPT
from fapfav.store.tables import TABLES, Key, Row

LIVE = {Kind.BLOB: folders.BLOBS, Kind.THUMB: folders.THUMBS}
TRASH = {Kind.BLOB: folders.TRASH_BLOBS, Kind.THUMB: folders.TRASH_THUMBS}
PICTURES = (*LIVE.values(), *TRASH.values())
"""The folders of pictures and thumbnails."""

MISSING, DAMAGED, MISPLACED = "missing", "damaged", "misplaced"
LARGEST_THUMB = 16 * 2**20
"""Bytes of the largest thumbnail there can be."""


class Known(Protocol):
    """The tables as they are known; `refresh` takes over what others committed."""

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table as it lies in memory."""
        ...

    def refresh(self) -> None:
        """Takes over what others committed."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a row names: what it holds, how many bytes of it, and whether in the trash."""

    kind: Kind
    digest: Digest
    ext: str
    size: int
    trashed: bool

    @property
    def sub(self) -> str:
        """The folder it belongs in."""
        return (TRASH if self.trashed else LIVE)[self.kind]

    @property
    def other(self) -> str:
        """The folder it may be in besides."""
        return (LIVE if self.trashed else TRASH)[self.kind]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that is missing, damaged, or whole but elsewhere; `why` says more."""

    wanted: Wanted
    problem: str
    why: str

    def __str__(self) -> str:
        what = "picture" if self.wanted.kind is Kind.BLOB else "the thumbnail of picture"
        where = ", which is in the trash," if self.wanted.trashed else ""
        return f"{what} {self.wanted.digest.hex()}{where} {_IN_WORDS[self.problem]}: {self.why}"


_IN_WORDS = {
    MISSING: "has no file",
    DAMAGED: "has a damaged file",
    MISPLACED: "has its file elsewhere",
}


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that no row names, or not there."""

    sub: str
    name: str
    size: int

    def __str__(self) -> str:
        return f"{self.sub}/{self.name}"


class Files:
    """The files of an archive, looked at as its rows are now."""

    def __init__(self, folder: Folder, keys: ArchiveKeys | None, known: Known) -> None:
        self.folder = folder
        self._known = known
        self._sealed_or_plain = BlobStore(folder, keys)
        self._plain = None if keys is None else BlobStore(folder, None)

    @property
    def converting(self) -> str:
        """The verb that is encrypting or decrypting the archive, or nothing."""
        row = self._known.rows_of("configs").get(CONVERTING)
        return "" if row is None else str(row[0])

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table as it is known."""
        return self._known.rows_of(table)

    def stores(self) -> tuple[BlobStore, ...]:
        """By which names, and how sealed, files may lie here."""
        if self._plain is None or not self.converting:
            return (self._sealed_or_plain,)
        return self._sealed_or_plain, self._plain

    def digests(self) -> list[Key]:
        """Every picture, here or in the trash."""
        rows = self._known.rows_of
        return sorted(rows("blobs").keys() | rows("trash").keys())

    def of(self, digest: Key) -> list[Wanted]:
        """The files of a picture; none if it is not known any more."""
        for name, trashed in (("blobs", False), ("trash", True)):
            row = self._known.rows_of(name).get(digest)
            if row is not None:
                record: Blob | Trashed = TABLES[name].record_of(digest, row)
                return list(_files_of(record, trashed))
        return []

    def problems(self, digest: Key, fast: bool) -> list[FileProblem]:
        """What is wrong with the files of a picture."""
        found = (self.problem(wanted, fast) for wanted in self.of(digest))
        return [problem for problem in found if problem is not None]

    def problem(self, wanted: Wanted, fast: bool = False) -> FileProblem | None:
        """What is wrong with one file; with `fast` only its length is looked at."""
        look = self._look_fast if fast else self.look
        why = ""
        for sub in (wanted.sub, wanted.other):
            for store in self.stores():
                name = store.name(wanted.kind, wanted.digest, wanted.ext)
                try:
                    look(store, sub, name, wanted)
                except FileNotFoundError:
                    continue
                except NoArchive:
                    raise
                except ArchiveError as error:
                    why = why or f"in {sub}: {getattr(error, 'why', error)}"
                else:
                    if sub == wanted.sub:
                        return None
                    elsewhere = f"it is in {sub}" + (f"; {why}" if why else "")
                    return FileProblem(wanted, DAMAGED if why else MISPLACED, elsewhere)
        if why:
            return FileProblem(wanted, DAMAGED, why)
        return FileProblem(wanted, MISSING, f"it is not in {wanted.sub}")

    def look(self, store: BlobStore, sub: str, name: str, wanted: Wanted) -> None:
        """Raises FileNotFoundError or DamagedFile unless the file is whole."""
        store.check(sub, name, wanted.kind, wanted.digest, wanted.size)
        if wanted.kind is Kind.THUMB and store.is_plain:
            # There is no other check on it than whether it is one.
            if wanted.size > LARGEST_THUMB:
                raise DamagedFile("it is larger than a thumbnail is")
            if wrong := wrong_with(self.folder.read(sub, name, wanted.size)):
                raise DamagedFile(wrong)

    def _look_fast(self, store: BlobStore, sub: str, name: str, wanted: Wanted) -> None:
        found = self.folder.stat(sub, name)
        if found is None:
            raise FileNotFoundError(name)
        if not stat.S_ISREG(found.st_mode):
            raise DamagedFile("it is no file")
        stored = store.stored_size(wanted.kind, wanted.size)
        if found.st_size != stored:
            raise DamagedFile(f"its file has {found.st_size} bytes, not {stored}")

    def named(self) -> set[tuple[str, str]]:
        """Folder and name of every file where it belongs, whether it is there or not."""
        stores = self.stores()
        return {
            (wanted.sub, store.name(wanted.kind, wanted.digest, wanted.ext))
            for digest in self.digests()
            for wanted in self.of(digest)
            for store in stores
        }

    def strays(self, used: Iterable[FileProblem] = ()) -> list[Stray]:
        """What lies among the pictures and is named by no row; `used` are known to be misplaced."""
        named = self.named()
        for problem in used:
            if problem.problem == MISPLACED:
                wanted = problem.wanted
                named.update(
                    (wanted.other, store.name(wanted.kind, wanted.digest, wanted.ext))
                    for store in self.stores()
                )
        return [
            stray
            for sub in PICTURES
            for stray in listed(self.folder, sub)
            if (sub, stray.name) not in named
        ]


def _files_of(record: Blob | Trashed, trashed: bool) -> Iterator[Wanted]:
    yield Wanted(Kind.BLOB, record.digest, record.ext, record.size, trashed)
    if record.thumb_size:
        yield Wanted(Kind.THUMB, record.digest, record.thumb_ext, record.thumb_size, trashed)


def listed(folder: Folder, sub: str) -> list[Stray]:
    """The files in a folder, temporary ones left out."""
    sizes = folders.sizes(folder, sub)
    return [Stray(sub, name, sizes[name]) for name in sorted(sizes)]


def temporaries(folder: Folder) -> list[str]:
    """Paths of what is being written, or was when its writer was killed."""
    subs = (folders.ROOT, *PICTURES, folders.QUARANTINE)
    return [
        f"{sub}/{name}".lstrip("/") for sub in subs for name in folders.temporaries(folder, sub)
    ]


def odd_things(folder: Folder) -> list[str]:
    """Paths of what is no file among the pictures: links, folders, pipes."""
    found = []
    for sub in (*PICTURES, folders.QUARANTINE):
        for name in folder.names(sub):
            seen = folder.stat(sub, name)
            if seen is not None and not stat.S_ISREG(seen.st_mode):
                found.append(f"{sub}/{name}")
    return found


def kept_databases(folder: Folder) -> list[str]:
    """The damaged databases that were replaced and kept."""
    return [name for name in folder.names(folders.ROOT) if name.startswith(KEPT)]
