"""All that an archive holds as JSON, in the terms of `docs/format.md`, by whoever reads it."""

from __future__ import annotations

import hashlib
from typing import Any

from fapfav.jobs.library import Archive
from fapfav.store.blobs import Kind
from fapfav.store.tables import TABLES
from tests.reader import reader


def told(found: reader.Archive) -> dict[str, Any]:
    """What the second reader found, values before a change and files too."""
    rows = {name: _rows(table) for name, table in found.tables.items()}
    vectors = {
        space: {key.hex(): [scale, row.hex()] for key, (scale, row) in table.items()}
        for space, table in found.vectors.items()
        if table
    }
    return {
        "tables": rows,
        "vectors": vectors,
        "files": _files(found),
        "sequence": found.sequence,
        "archive id": found.archive_id.hex(),
    }


def _files(found: reader.Archive) -> dict[str, list[str | None]]:
    files: dict[str, list[str | None]] = {}
    for name in ("blobs", "trash"):
        for (digest,), row in found.tables[name].items():
            thumb = found.file(digest, reader.THUMB) if row["thumb_size"] else None
            files[digest.hex()] = [_check(found.file(digest)), _check(thumb)]
    return files


def told_by_today(archive: Archive) -> dict[str, Any]:
    """What today's program finds; of `undo`, which it keeps to itself, see `values_before`."""
    rows = {}
    for name, table in TABLES.items():
        if name != "undo":
            all_rows = archive.rows_of(name).items()
            rows[name] = _rows({table.unpack_key(k): table.row_to_disk(r) for k, r in all_rows})
    vectors = {}
    for space in archive.spaces.records():
        if space.kind == "vector":
            ours = archive.vectors(space.name)
            each = zip(ours.digests, ours.scales, ours.rows, strict=True)
            vectors[space.name] = {d.hex(): [float(s), r.tobytes().hex()] for d, s, r in each}
    files: dict[str, list[str | None]] = {}
    for name in ("blobs", "trash"):
        for key, held in archive.rows_of(name).items():
            row = TABLES[name].record_of(key, held)
            picture = archive.files.read(Kind.BLOB, row.digest, row.ext, row.size)
            thumb = None
            if row.thumb_size:
                thumb = archive.files.read(Kind.THUMB, row.digest, row.thumb_ext, row.thumb_size)
            files[row.digest.hex()] = [_check(picture), _check(thumb)]
    return {
        "tables": rows,
        "vectors": vectors,
        "files": files,
        "sequence": archive.last[0],
        "archive id": archive.archive_id.hex(),
    }


def _check(raw: bytes | None) -> str | None:
    return None if raw is None else hashlib.sha256(raw).hexdigest()


def _rows(table: dict[Any, Any]) -> list[Any]:
    plain = [[_plain(list(key)), _plain(row)] for key, row in table.items()]
    return sorted(plain, key=lambda one: str(one[0]))


def _plain(value: Any) -> Any:
    """Bytes as `hex:` and their digits."""
    if isinstance(value, bytes):
        return f"hex:{value.hex()}"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
