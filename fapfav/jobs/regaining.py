"""Pictures whose rows are lost: places name them still, and their files tell all a row says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fapfav.errors import ArchiveError, BadPicture, DamagedFile, Stopped
from fapfav.images.examine import Examined, examine
from fapfav.jobs.base import Pace
from fapfav.jobs.batch import blob_of, prints_of
from fapfav.jobs.filecheck import LIVE, TRASH, Files
from fapfav.jobs.library import Archive
from fapfav.jobs.mending import BATCH, MARK, Mended
from fapfav.jobs.pipeline import Fetched
from fapfav.jobs.refetch import Refetch
from fapfav.model import EXTENSIONS, Config, Digest, Fresh, Picture, PlaceKey
from fapfav.store.blobs import LARGEST, BlobStore, Kind
from fapfav.store.change import Change
from fapfav.store.folder import Staged
from fapfav.store.transaction import Transaction

_NOWHERE = Picture(b"", "", PlaceKey("", "", "", ""))


@dataclass(frozen=True, slots=True)
class _Regained:
    """A picture with its facts and new files; `lies` is where its own is, if it has one."""

    fetched: Fetched
    facts: Examined
    staged: tuple[Staged, ...]
    lies: tuple[str, str] | None
    how: str


def regain(
    archive: Archive,
    files: Files,
    change: Change,
    lost: list[Digest],
    *,
    refetch: Refetch,
    pace: Pace,
) -> Mended:
    """Makes the rows of lost pictures anew, where there is a file or a source still has it.

    For those that stay lost nothing is said: their places are corrected.
    """
    mended = Mended()
    waiting: list[_Regained] = []
    try:
        for digest in lost:
            if refetch.stop():
                raise Stopped("asked to end")
            found = _found(archive, files, digest, refetch)
            pace.step(failed=int(found is None))
            if found is not None:
                waiting.append(found)
            if len(waiting) == BATCH:
                batch, waiting = waiting, []
                _commit(archive, files, change, batch, mended)
    except Stopped:
        mended.stopped = True
    _commit(archive, files, change, waiting, mended)
    return mended


def _found(archive: Archive, files: Files, digest: Digest, refetch: Refetch) -> _Regained | None:
    preparation: Any = archive.preparation or "scaled"
    here = _read(files, digest)
    data = here[0] if here is not None else refetch.fetch(digest)[0]
    if data is None:
        return None
    try:
        facts = examine(data, preparation)
    except BadPicture:
        return None
    store = files.stores()[0]
    staged = []
    if here is None:
        staged.append(store.stage(Kind.BLOB, digest, facts.ext, data))
    if facts.thumb:
        staged.append(store.stage(Kind.THUMB, digest, facts.thumb_ext, facts.thumb))
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    fetched = Fetched(_NOWHERE, digest, len(data), md5)
    how = "it was fetched again" if here is None else "its row was made anew from its file"
    return _Regained(fetched, facts, tuple(staged), here and here[1], how)


def _read(files: Files, digest: Digest) -> tuple[bytes, tuple[str, str]] | None:
    """A picture of which only the digest is known, and where its file lies."""
    for store in files.stores():
        for sub in (LIVE[Kind.BLOB], TRASH[Kind.BLOB]):
            for ext, name in _names(store, digest):
                found = files.folder.stat(sub, name)
                if found is None or found.st_size > 2 * LARGEST:
                    continue
                with suppress(DamagedFile, FileNotFoundError):
                    size = store.check(sub, name, Kind.BLOB, digest)
                    return store.read(Kind.BLOB, digest, ext, size), (sub, name)
    return None


def _names(store: BlobStore, digest: Digest) -> Iterator[tuple[str, str]]:
    for ext in sorted(EXTENSIONS) if store.is_plain else ("jpg",):
        yield ext, store.name(Kind.BLOB, digest, ext)


def _commit(
    archive: Archive, files: Files, change: Change, batch: list[_Regained], mended: Mended
) -> None:
    if not batch:
        return
    preparation = archive.preparation or "scaled"
    try:
        with change.transaction() as tx:
            for one in batch:
                digest = one.fetched.digest
                if digest in tx.blobs or digest in tx.trash or not _put_files(files, one):
                    continue
                _put_rows(tx, one)
                tx.put(*prints_of(digest, one.facts, preparation))
                wrong = f"the row of picture {digest.hex()} is lost"
                mended.repairs.append((wrong, one.how))
            if not tx.is_empty:
                archive.files.sync_folders()
                tx.put(Config(MARK, tx.now))
    finally:
        for one in batch:
            for staged in one.staged:
                with suppress(ArchiveError):
                    staged.discard()


def _put_files(files: Files, one: _Regained) -> bool:
    """Its files where they belong; False if its own is not there any more."""
    if one.lies is not None:
        sub, name = one.lies
        right = files.stores()[0].name(Kind.BLOB, one.fetched.digest, one.facts.ext)
        if files.folder.stat(sub, name) is None:
            return False
        files.folder.rename(sub, name, LIVE[Kind.BLOB], right)
    for staged in one.staged:
        staged.publish()
    return True


def _put_rows(tx: Transaction, one: _Regained) -> None:
    tx.put(blob_of(one.fetched, one.facts, tx.now), Fresh(one.fetched.digest, tx.now))
