"""Small archives on their way from plain to encrypted and back, and what must hold of them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from fapfav.jobs import convert, removal
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Blob, Trashed
from fapfav.store import opening
from fapfav.store.blobs import Kind
from tests.support import CHEAP, PASSWORD, album, new_archive, read_folder

PICTURES = 4
STRAY = b"what no row names, in the clear " * 4
ORPHAN = f"{hashlib.sha256(STRAY[::-1]).hexdigest()}.jpg"


def filled(top: Path, *, sealed: bool) -> Archive:
    """An archive of pictures with thumbnails, one of them in the trash, and two files of nobody."""
    album(top / "pictures", PICTURES)
    archive = new_archive(top / "archive", sealed=sealed)
    read_folder(archive, top / "pictures")
    removal.remove_picture(archive, min(archive.blobs).hex())
    if not sealed:
        (archive.path / "quarantine" / "tail-7-01234567").write_bytes(STRAY)
        (archive.path / "blobs" / ORPHAN).write_bytes(STRAY[::-1])
        (archive.path / "blobs" / f"{ORPHAN}.new-{'01' * 8}").write_bytes(STRAY)
    archive.close()
    return archive


def opened(path: Path) -> Archive:
    """The archive as it is now, with its password if it has one."""
    return open_archive(path, PASSWORD if opening.is_sealed(path) else None)


def encrypt(path: Path) -> convert.ConvertReport:
    """Encrypts it, or goes on with that, or turns back."""
    with opened(path) as archive:
        return convert.encrypt(archive, None if archive.sealed else PASSWORD, cost=CHEAP)


def decrypt(path: Path) -> convert.ConvertReport:
    """Decrypts it, or goes on with that, or turns back."""
    with opened(path) as archive:
        return convert.decrypt(archive)


def rows(archive: Archive, *names: str) -> dict[str, dict[Any, Any]]:
    """Rows as they could be compared with later: pictures, trash and places, or others."""
    return {name: dict(archive.rows_of(name)) for name in names or ("blobs", "trash", "places")}


def whole(archive: Archive) -> int:
    """Reads every picture, those in the trash too, and every thumbnail; says how many pictures.

    While it is encrypted a plain thumbnail is as if there were none.
    """
    rows: list[Blob | Trashed] = [*archive.blobs.records()]
    rows += archive.trash.records()
    for row in rows:
        data = archive.files.read(Kind.BLOB, row.digest, row.ext, row.size)
        assert hashlib.sha256(data).digest() == row.digest
        assert archive.files.read_range(row.digest, row.ext, row.size, 5, 99) == data[5:99]
        assert archive.files.present(Kind.BLOB, row.digest, row.ext, row.size)
        if not convert.under_way(archive):
            assert row.thumb_size
            archive.files.read(Kind.THUMB, row.digest, row.thumb_ext, row.thumb_size)
    for digest in archive.blobs:
        archive.thumbnail(digest)
    return len(rows)


def is_sealed_throughout(path: Path, pictures: Path) -> bool:
    """Whether no file of the archive holds a piece of a picture, a stray, a digest or a name."""
    raws = [file.read_bytes() for file in sorted(pictures.iterdir())]
    pieces = [raw[at : at + 16] for raw in [*raws, STRAY, STRAY[::-1]] for at in range(0, 128, 16)]
    pieces += [raw[at : at + 16] for raw in raws for at in range(128, len(raw) - 16, 97)]
    pieces += [file.name.encode() for file in pictures.iterdir()]
    pieces += [hashlib.sha256(raw).digest() for raw in raws]
    for file in path.rglob("*"):
        if file.is_file() and any(piece in file.read_bytes() for piece in pieces):
            return False
    names = [file.name for file in path.rglob("*") if file.is_file()]
    sealed = re.compile(r"[0-9a-f]{64}(\.new-[0-9a-f]{16})?|imagefap\.database|lock")
    return all(sealed.fullmatch(name) for name in names)


def is_plain_throughout(path: Path) -> bool:
    """Whether no sealed file is left, and the files of pictures are what their names say."""
    for sub in ("blobs", "trash/blobs"):
        for file in (path / sub).iterdir():
            if hashlib.sha256(file.read_bytes()).hexdigest() != file.stem:
                return False
    # In quarantine lies what a killed run sealed and did not note: the plain one is still there.
    thumbs = [*(path / "thumbs").iterdir(), *(path / "trash" / "thumbs").iterdir()]
    return not any(file.read_bytes()[:4] == b"FAPB" for file in thumbs)
