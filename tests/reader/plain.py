"""Values, keys, rows and vectors of the second reader: bytes to plain objects.

Written from `docs/format.md` alone; the rest of the reader is in `reader`.
"""

from __future__ import annotations

import io
import math
import pickletools
import struct
from collections.abc import Callable
from typing import Any

Key = tuple[Any, ...]
Row = dict[str, Any]
Vectors = dict[str, dict[bytes, tuple[float, bytes]]]

# Table, kinds of the key's parts (t text, d digest, i int), columns.
_SCHEMA = """
configs t value:plain
users tt name:text date_albums:u8 date_finished:u8 date_audit:u8 priority:i4 protected:yes
albums ttt name:text kind:text pages:u4 cursor:text date_listed:u8 date_blobs:u8 \
priority:i4 protected:yes
places tttt position:u4 name:text state:text holds:digest? served:digest? served_size:u8 \
verdict:text added:u8 posted:i8 stamp:text raw:bytes failure:plain
checks tttt checked:u8 history:plain
blobs d size:u8 ext:text width:u4 height:u4 animated:yes frames:u4 duration:u8 orientation:u1 \
quality:u1 md5:16 thumb_size:u4 thumb_ext:text added:u8 date:u8
spaces t kind:text width:u4 dtype:text model:text preparation:text pillow:text version:u4
prints td value:bytes
pairs dd scores:plain judged:plain
fresh d at:u8
decisions dd label:text at:u8 change:u8
choices d choice:text at:u8 change:u8
tags i name:text parent:u8 category:text aliases:plain implies:plain
tagged dt tags:plain rejected:plain confidence:plain at:u8
changes i verb:text by:text page:text what:text started:u8 ended:u8 state:text undoes:u8
undo ii ops:bytes
trash d at:u8 change:u8 size:u8 ext:text thumb_size:u4 thumb_ext:text
removed d at:u8 change:u8 why:text images:plain hashes:bytes successor:digest?
jobs i verb:text arguments:plain state:text started:u8 ended:u8 report:plain change:u8
"""
TABLES = {
    name: (kinds, dict(column.split(":") for column in columns))
    for name, kinds, *columns in (line.split() for line in _SCHEMA.strip().splitlines())
}


class Refused(Exception):
    """The bytes do not check out, or no key opens them."""


def need(holds: object, what: str) -> None:
    """Raises Refused unless it holds."""
    if not holds:
        raise Refused(what)


class _Decoder:
    """A stack machine for the few opcodes that plain values need: no unpickler is involved."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []

    def step(self, name: str, arg: Any) -> None:
        """One opcode."""
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _ATOMS:
            need(_ATOMS[name](arg), f"{name} out of bounds")
            self.stack.append(arg)
        elif name == "MARK":
            self.marks.append(len(self.stack))
        else:
            need(name in _FILLS, f"opcode {name}")
            at = self.marks.pop() if name.endswith("S") else len(self.stack) - _FILLS[name]
            items = self.stack[at:]
            del self.stack[at:]
            _fill(self.stack[-1], items, name)


_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


_ATOMS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("BININT", "BININT1", "BININT2"), lambda _: True),
    "LONG1": lambda value: -(2**63) <= value < 2**64,
    "BINFLOAT": math.isfinite,
    **dict.fromkeys(("SHORT_BINUNICODE", "BINUNICODE"), _is_text),
    **dict.fromkeys(("SHORT_BINBYTES", "BINBYTES"), lambda _: True),
}
_FILLS = {"APPEND": 1, "APPENDS": 0, "SETITEM": 2, "SETITEMS": 0}


def _fill(target: Any, items: list[Any], name: str) -> None:
    if name.startswith("APPEND"):
        need(isinstance(target, list), "appends to no list")
        target.extend(items)
        return
    need(isinstance(target, dict) and len(items) % 2 == 0, "sets items of no dictionary")
    for key, value in zip(items[::2], items[1::2], strict=True):
        need(isinstance(key, str) and key not in target, f"key {key!r}")
        target[key] = value


def decode(raw: bytes) -> Any:
    """The plain value in the bytes of a pickle; raises Refused for any other opcode."""
    decoder, stream, count = _Decoder(), io.BytesIO(raw), 0
    try:
        for count, (opcode, arg, at) in enumerate(pickletools.genops(stream)):
            if opcode.name in ("PROTO", "FRAME"):
                need(opcode.name == "FRAME" or (at, arg) == (0, 4), "another protocol")
            elif opcode.name != "STOP":
                decoder.step(opcode.name, arg)
            need(count < 65536, "too many opcodes")
    except (ValueError, IndexError) as error:
        raise Refused(f"no value: {error}") from error
    need(stream.tell() == len(raw) and len(decoder.stack) == 1, "more than one value")
    need(not decoder.marks and _depth(decoder.stack[0]) <= 8, "nested too deep")
    return decoder.stack[0]


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, (dict, list))) + max(map(_depth, inner), default=0)


def change_key(kinds: str, key: Any) -> Key:
    """A key's parts, from how a change spells it."""
    if set(kinds) == {"t"} and isinstance(key, str):
        parts: list[Any] = key.split("\x1f")
    elif set(kinds) == {"d"} and isinstance(key, bytes):
        parts = [key[at : at + 32] for at in range(0, len(key), 32)]
    else:
        parts = key if isinstance(key, list) else [key]
    types = {"t": str, "d": bytes, "i": int}
    need([types[kind] for kind in kinds] == [type(part) for part in parts], f"no key: {key!r}")
    return tuple(parts)


def table_rows(name: str, count: int, columns: dict[str, Any]) -> dict[Key, Row]:
    need(name in TABLES, f"table {name} is unknown")
    kinds, known = TABLES[name]
    need(set(columns) == set(known) | {"key"}, f"columns of {name} are not the known ones")
    need(0 <= count <= 4096, "too many rows in a frame")
    runs = {column: _run(kind, columns[column], count) for column, kind in known.items()}
    widths = {"d": 32, "i": 8}
    if set(kinds) == {"t"}:
        keys = [tuple(text.split("\x1f")) for text in _run("text", columns["key"], count)]
    else:
        fixed = sum(widths.get(kind, 0) for kind in kinds)
        kind = "bytes" if "t" in kinds else str(fixed)
        keys = [_run_key(kinds, key) for key in _run(kind, columns["key"], count)]
    need(len(set(keys)) == count, f"a key of {name} stands twice")
    return {key: {name: runs[name][i] for name in runs} for i, key in enumerate(keys)}


def _run_key(kinds: str, key: bytes) -> Key:
    """A key's parts from a run, where a text part stands last."""
    parts: dict[int, Any] = {}
    for i, kind in sorted(enumerate(kinds), key=lambda item: item[1] == "t"):
        size = {"i": 8, "d": 32, "t": len(key)}[kind]
        part, key = key[:size], key[size:]
        parts[i] = int.from_bytes(part) if kind == "i" else part if kind == "d" else part.decode()
    return tuple(parts[i] for i in range(len(kinds)))


_NUMBERS = {"u1": "B", "u4": "I", "u8": "Q", "i4": "i", "i8": "q"}


def _run(kind: str, run: Any, count: int) -> list[Any]:
    """The values of one run."""
    if kind == "plain":
        need(isinstance(run, list) and len(run) == count, "a run of the wrong length")
        return list(run)
    if kind in ("text", "bytes", "digest?"):
        return _joined(kind, run, count)
    width = 1 if kind == "yes" else int(kind[1:]) if kind in _NUMBERS else int(kind)
    need(isinstance(run, bytes) and len(run) == width * count, "a run of the wrong length")
    if kind == "yes":
        need(set(run) <= {0, 1}, "neither yes nor no")
        return [bool(value) for value in run]
    if kind in _NUMBERS:
        return list(struct.unpack(f"<{count}{_NUMBERS[kind]}", run))
    return [run[at : at + width] for at in range(0, len(run), width)]


def _joined(kind: str, run: Any, count: int) -> list[Any]:
    lengths, joined = run
    need(len(lengths) == 4 * count, "a run of the wrong length")
    values: list[Any] = []
    at = 0
    for size in struct.unpack(f"<{count}I", lengths):
        value = joined[at : at + size]
        values.append(value.decode() if kind == "text" else value)
        at += size
    need(at == len(joined), "a run of the wrong length")
    return [value or None for value in values] if kind == "digest?" else values


def add_vectors(vectors: Vectors, payload: Row) -> None:
    need(set(payload) == {"space", "width", "digests", "scales", "rows"}, "unknown vectors")
    width, digests = payload["width"], payload["digests"]
    count = len(digests) // 32
    need(len(digests) == 32 * count and len(payload["rows"]) == width * count, "broken vectors")
    scales = struct.unpack(f"<{count}f", payload["scales"])
    space = vectors.setdefault(payload["space"], {})
    for i, scale in enumerate(scales):
        row = payload["rows"][width * i : width * (i + 1)]
        space[digests[32 * i : 32 * (i + 1)]] = (scale, row)
