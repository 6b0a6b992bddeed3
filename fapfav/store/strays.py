"""Files that no row names, when an archive is encrypted: none of them may stay in the clear.

Left by a read that was killed, put into quarantine, or what an older database was kept as. Each is
sealed into `quarantine/` under the digest of its own bytes, and that and its name are noted in the
database: a sealed file opens only to who knows its digest. Decrypting puts them back there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from fapfav.errors import DamagedFile
from fapfav.model import Config, Digest
from fapfav.store.archive import Archive
from fapfav.store.blobs import LARGEST, BlobStore, Kind
from fapfav.store.both_kinds import PLAIN_NAME
from fapfav.store.change import Change
from fapfav.store.converting import Item, read_plain, read_sealed
from fapfav.store.database import NAME
from fapfav.store.folder import (
    BLOBS,
    QUARANTINE,
    ROOT,
    THUMBS,
    TRASH_BLOBS,
    TRASH_THUMBS,
    Folder,
    temporaries,
)
from fapfav.store.keys import ArchiveKeys
from fapfav.store.sealing import seal

NOTED = "strays."
"""Begins the settings that list them: {digest: [bytes, name]}."""

_BATCH = 64
_SEALED = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = re.compile(r"(.+)\.new-[0-9a-f]{16}")
_KEPT = re.compile(re.escape(NAME) + r"\.damaged-.+")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_PICTURES = (BLOBS, THUMBS, TRASH_BLOBS, TRASH_THUMBS)
_OURS = {NAME, "lock", BLOBS, THUMBS, "trash", QUARANTINE, "tag_export"}


@dataclass(frozen=True, slots=True)
class Stray:
    """Where a file lies that is to be sealed."""

    sub: str
    name: str

    @property
    def path(self) -> str:
        """Below the archive."""
        return f"{self.sub}/{self.name}".lstrip("/")


def find(archive: Archive) -> list[Stray]:
    """The files in the clear, once those of all rows are sealed."""
    folder = archive._folder
    found = [
        Stray(sub, name) for sub in _PICTURES for name in folder.names(sub)
        if PLAIN_NAME.fullmatch(name)
    ]  # fmt: skip
    found += [
        Stray(QUARANTINE, name) for name in folder.names(QUARANTINE) if not _SEALED.fullmatch(name)
    ]
    return found + [Stray(ROOT, name) for name in folder.names(ROOT) if _KEPT.fullmatch(name)]


def seal_all(archive: Archive, change: Change, strays: Iterable[Stray]) -> dict[str, str]:
    """Seals them; gives those that could not be, by their path, with the reason."""
    failed: dict[str, str] = {}
    waiting = list(strays)
    while waiting:
        part, waiting = waiting[:_BATCH], waiting[_BATCH:]
        done: list[tuple[Stray, Item]] = []
        for stray in part:
            try:
                done.append((stray, _sealed(archive, stray)))
            except FileNotFoundError:
                continue
            except DamagedFile as error:
                failed[stray.path] = str(error)
        if not done:
            continue
        archive._folder.sync(QUARANTINE)
        for _, item in done:
            read_sealed(archive._folder, _keys(archive), item)
        with change.transaction() as tx:
            name = NOTED + done[0][1].digest.hex()
            before = dict(tx.configs[name].value) if name in tx.configs else {}
            noted = {item.digest.hex(): [item.size, _as_text(stray.name)] for stray, item in done}
            tx.put(Config(name, before | noted))
        for stray, _ in done:
            _forget(archive._folder, stray.sub, stray.name)
        archive._folder.sync(*{stray.sub for stray, _ in done})
    return failed


def are_noted(archive: Archive) -> bool:
    """Whether any are sealed, as the database says."""
    return any(each.name.startswith(NOTED) for each in archive.configs.records())


def put_back(archive: Archive, change: Change) -> dict[str, str]:
    """Puts what was sealed so into `quarantine/` in the clear; gives what could not be."""
    failed: dict[str, str] = {}
    folder = archive._folder
    for setting in [each.name for each in archive.configs.records() if each.name.startswith(NOTED)]:
        left, done = {}, []
        for item, name, noted in _noted(archive, setting):
            try:
                _open(folder, _keys(archive), item, name)
                done.append(item)
            except FileNotFoundError:
                continue  # whatever became of it, it is not here
            except DamagedFile as error:
                failed[f"{QUARANTINE}/{item.name}"] = str(error)
                left[item.digest.hex()] = noted
        folder.sync(QUARANTINE)
        with change.transaction() as tx:
            tx.delete("configs", setting)
            if left:
                tx.put(Config(setting, left))
        for item in done:
            _forget(folder, item.sub, item.name)
        folder.sync(QUARANTINE)
    return failed


def clear_temporaries(archive: Archive, *, sealed_too: bool) -> None:
    """Takes away what killed writers left half done; the lock must be held.

    However young it is: who writes files of the kind that there is no more can commit none.
    """
    folder = archive._folder
    for sub in (ROOT, *_PICTURES, QUARANTINE):
        for name in temporaries(folder, sub):
            found = _TEMPORARY.fullmatch(name)
            base = found[1] if found else ""
            if base == NAME if sub == ROOT else sealed_too or not _SEALED.fullmatch(base):
                _forget(folder, sub, name)
        folder.sync(sub)


def foreign(archive: Archive) -> list[str]:
    """What is not ours to seal, by its path: whoever put it there knows what it is."""
    folder = archive._folder
    found = [name for name in folder.names(ROOT) if name not in _OURS and not _KEPT.match(name)]
    for sub in _PICTURES:
        found += [
            f"{sub}/{name}"
            for name in folder.names(sub)
            if not (_SEALED.fullmatch(name) or PLAIN_NAME.fullmatch(name))
        ]
    return found


def _sealed(archive: Archive, stray: Stray) -> Item:
    """Seals one file; its name is durable once the folder is."""
    folder, keys = archive._folder, _keys(archive)
    data = folder.read(stray.sub, stray.name, LARGEST)
    digest = Digest(hashlib.sha256(data).digest())
    item = _item(folder, keys, digest, len(data))
    folder.stage(QUARANTINE, item.name, seal(keys, Kind.BLOB, digest, data)).publish()
    return item


def _open(folder: Folder, keys: ArchiveKeys, item: Item, name: str) -> None:
    """Writes one in the clear beside its sealed file, under its own name if that is free."""
    data = read_sealed(folder, keys, item)
    if not _SAFE.fullmatch(name) or not _is_free(folder, name, data):
        name = f"{item.digest.hex()}.file"
    folder.stage(QUARANTINE, name, [data]).publish()
    read_plain(folder, replace(item, name=name), item.size)


def _is_free(folder: Folder, name: str, data: bytes) -> bool:
    """Whether nothing stands under a name, or these very bytes."""
    if folder.stat(QUARANTINE, name) is None:
        return True
    try:
        return folder.read(QUARANTINE, name, len(data)) == data
    except (DamagedFile, FileNotFoundError):
        return False


def _noted(archive: Archive, setting: str) -> Iterator[tuple[Item, str, list[Any]]]:
    """What a setting lists; what is not well formed is as if it were not there."""
    listed = archive.config(setting, {})
    for digest, noted in listed.items() if isinstance(listed, dict) else ():
        if _SEALED.fullmatch(digest) and isinstance(noted, list) and len(noted) == 2:
            size, name = noted
            if type(size) is int and 0 <= size <= LARGEST and isinstance(name, str):
                raw = Digest(bytes.fromhex(digest))
                yield _item(archive._folder, _keys(archive), raw, size), name, noted


def _item(folder: Folder, keys: ArchiveKeys, digest: Digest, size: int) -> Item:
    name = BlobStore(folder, keys).name(Kind.BLOB, digest, "")
    return Item(QUARANTINE, name, Kind.BLOB, digest, "", size)


def _keys(archive: Archive) -> ArchiveKeys:
    assert archive._keys is not None
    return archive._keys


def _as_text(name: str) -> str:
    """A name as the database takes it: what is no text in it is replaced."""
    return name.encode(errors="replace").decode()


def _forget(folder: Folder, sub: str, name: str) -> None:
    with suppress(FileNotFoundError):
        folder.unlink(sub, name)
