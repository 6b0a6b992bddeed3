"""Plain values to bytes and back: a small, tree-shaped subset of pickle protocol 4.

The bytes are a pickle that any unpickler reads, but we never hand foreign bytes to one: the subset
has no globals, no memo, no tuples and no sets, and the reader below builds the values itself, with
every length checked against the end before anything is made of it. Without memo opcodes a pickle
is a tree, so nothing shared or cyclic can come out; with `str` as the only kind of dictionary key,
hashes cannot be chosen to collide.

Values: None, bool, int from -2**63 to 2**64-1, finite float, str without lone surrogates, bytes,
list, dict with str keys. Tuples are written as lists.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from fapfav.errors import DamagedArchive

MAX_OPCODES = 65_536
MAX_DEPTH = 8

_PROTO, _FRAME, _STOP, _MARK = 0x80, 0x95, 0x2E, 0x28
_NONE, _TRUE, _FALSE = 0x4E, 0x88, 0x89
_BININT, _BININT1, _BININT2, _LONG1, _BINFLOAT = 0x4A, 0x4B, 0x4D, 0x8A, 0x47
_SHORT_TEXT, _TEXT, _SHORT_BYTES, _BYTES = 0x8C, 0x58, 0x43, 0x42
_EMPTY_LIST, _APPEND, _APPENDS = 0x5D, 0x61, 0x65
_EMPTY_DICT, _SETITEM, _SETITEMS = 0x7D, 0x73, 0x75


class TooLarge(ValueError):
    """The value needs more opcodes or depth than one frame may have."""


def encode(value: Any) -> bytes:
    """The bytes of a value.

    Raises TooLarge past MAX_OPCODES or MAX_DEPTH and TypeError or ValueError for what is no value.
    """
    writer = _Writer()
    writer.write(value, 1)
    if writer.opcodes + 2 > MAX_OPCODES:
        raise TooLarge(f"{writer.opcodes} opcodes are too many for one frame")
    return b"".join((b"\x80\x04", *writer.out, b"."))


class _Writer:
    """Collects the opcodes of one value."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.opcodes = 0

    def write(self, value: Any, depth: int) -> None:
        self.opcodes += 1
        scalar = _SCALARS.get(type(value))
        if scalar is not None:
            self.out.append(scalar(value))
        elif isinstance(value, list | tuple):
            self._open(b"](", depth)
            for item in value:
                self.write(item, depth + 1)
            self.out.append(b"e")
        elif type(value) is dict:
            self._open(b"}(", depth)
            for key, item in value.items():
                if type(key) is not str:
                    raise TypeError(f"a dictionary key is str, not {type(key).__name__}")
                self.opcodes += 1
                self.out.append(_text(key))
                self.write(item, depth + 1)
            self.out.append(b"u")
        else:
            raise TypeError(f"{type(value).__name__} is no plain value")

    def _open(self, opening: bytes, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooLarge(f"nested deeper than {MAX_DEPTH}")
        self.opcodes += 2  # the mark, and the opcode that closes it
        self.out.append(opening)


def _integer(value: int) -> bytes:
    if 0 <= value <= 0xFF:
        return bytes((_BININT1, value))
    if 0 <= value <= 0xFFFF:
        return struct.pack("<BH", _BININT2, value)
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return struct.pack("<Bi", _BININT, value)
    if -(2**63) <= value < 2**64:
        size = (value.bit_length() // 8) + 1
        return bytes((_LONG1, size)) + value.to_bytes(size, "little", signed=True)
    raise ValueError(f"{value} does not fit in 64 bits")


def _float(value: float) -> bytes:
    if not math.isfinite(value):
        raise ValueError("a float must be finite")
    return struct.pack(">Bd", _BINFLOAT, value)


def _text(value: str) -> bytes:
    raw = value.encode()
    if len(raw) < 256:
        return bytes((_SHORT_TEXT, len(raw))) + raw
    return struct.pack("<BI", _TEXT, len(raw)) + raw


def _raw(value: bytes) -> bytes:
    if len(value) < 256:
        return bytes((_SHORT_BYTES, len(value))) + value
    return struct.pack("<BI", _BYTES, len(value)) + value


_SCALARS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"\x88" if value else b"\x89",
    int: _integer,
    float: _float,
    str: _text,
    bytes: _raw,
}


def decode(raw: bytes) -> Any:
    """The value of bytes that nobody vouches for.

    Raises DamagedArchive for anything but one value of the subset and nothing after it.
    """
    try:
        return _Reader(raw).read()
    except (_BadValue, struct.error, UnicodeDecodeError, IndexError) as error:
        raise DamagedArchive(f"a value in the database is not well formed ({error})") from None


class _BadValue(Exception):
    """What is wrong with the bytes."""


class _MarkType:
    """What MARK puts on the stack."""


_MARK_ITEM = _MarkType()


class _Reader:
    """Builds one value; `heights` runs along the stack so that depth is known without a walk."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0
        self.stack: list[Any] = []
        self.heights: list[int] = []

    def read(self) -> Any:
        if self.take(2) != b"\x80\x04":
            raise _BadValue("no protocol 4")
        for _ in range(MAX_OPCODES):
            opcode = self.take(1)[0]
            if opcode == _STOP:
                return self.finish()
            step = _STEPS.get(opcode)
            if step is None:
                raise _BadValue(f"opcode {opcode:#04x} is not allowed")
            step(self)
        raise _BadValue("too many opcodes")

    def finish(self) -> Any:
        if len(self.stack) != 1 or self.stack[0] is _MARK_ITEM:
            raise _BadValue("not exactly one value")
        if self.at != len(self.raw):
            raise _BadValue("bytes after the end")
        return self.stack[0]

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.raw):
            raise _BadValue("a length past the end")
        piece = self.raw[self.at : end]
        self.at = end
        return piece

    def push(self, value: Any, height: int = 0) -> None:
        self.stack.append(value)
        self.heights.append(height)

    def frame(self) -> None:
        if struct.unpack("<Q", self.take(8))[0] > len(self.raw) - self.at:
            raise _BadValue("a frame past the end")

    def long1(self) -> None:
        size = self.take(1)[0]
        if size > 9:
            raise _BadValue("an integer of more than nine bytes")
        value = int.from_bytes(self.take(size), "little", signed=True)
        if not -(2**63) <= value < 2**64:
            raise _BadValue("an integer past 64 bits")
        self.push(value)

    def float(self) -> None:
        value = struct.unpack(">d", self.take(8))[0]
        if not math.isfinite(value):
            raise _BadValue("a float that is not finite")
        self.push(value)

    def text(self, width: int) -> None:
        self.push(self.take(int.from_bytes(self.take(width), "little")).decode())

    def bytes(self, width: int) -> None:
        self.push(self.take(int.from_bytes(self.take(width), "little")))

    def pop_mark(self) -> tuple[list[Any], int]:
        """What lies above the last mark, and the greatest height among it."""
        at = len(self.stack) - 1
        while at >= 0 and self.stack[at] is not _MARK_ITEM:
            at -= 1
        if at < 0:
            raise _BadValue("no mark")
        items, heights = self.stack[at + 1 :], self.heights[at + 1 :]
        del self.stack[at:], self.heights[at:]
        return items, max(heights, default=0)

    def grow(self, height: int, kind: type) -> Any:
        """The container on top, made as high as its new items ask for."""
        if not self.stack or type(self.stack[-1]) is not kind:
            raise _BadValue(f"no {kind.__name__} to put items into")
        self.heights[-1] = max(self.heights[-1], height + 1)
        if self.heights[-1] > MAX_DEPTH:
            raise _BadValue(f"nested deeper than {MAX_DEPTH}")
        return self.stack[-1]

    def append(self, many: bool) -> None:
        items, height = self.pop_mark() if many else ([self.pop()], self.popped)
        self.grow(height, list).extend(items)

    def pop(self) -> Any:
        value = self.stack.pop()
        self.popped = self.heights.pop()
        if value is _MARK_ITEM:
            raise _BadValue("a mark where a value belongs")
        return value

    def set_items(self, many: bool) -> None:
        if many:
            items, height = self.pop_mark()
        else:
            value = self.pop()
            height = self.popped
            items = [self.pop(), value]
        if len(items) % 2:
            raise _BadValue("a key without a value")
        target = self.grow(height, dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) is not str or key in target:
                raise _BadValue("a key that is no text, or stands twice")
            target[key] = value


_STEPS: dict[int, Callable[[_Reader], None]] = {
    _FRAME: _Reader.frame,
    _MARK: lambda r: r.push(_MARK_ITEM),
    _NONE: lambda r: r.push(None),
    _TRUE: lambda r: r.push(True),
    _FALSE: lambda r: r.push(False),
    _BININT: lambda r: r.push(struct.unpack("<i", r.take(4))[0]),
    _BININT1: lambda r: r.push(r.take(1)[0]),
    _BININT2: lambda r: r.push(struct.unpack("<H", r.take(2))[0]),
    _LONG1: _Reader.long1,
    _BINFLOAT: _Reader.float,
    _SHORT_TEXT: lambda r: r.text(1),
    _TEXT: lambda r: r.text(4),
    _SHORT_BYTES: lambda r: r.bytes(1),
    _BYTES: lambda r: r.bytes(4),
    _EMPTY_LIST: lambda r: r.push([], 1),
    _APPEND: lambda r: r.append(many=False),
    _APPENDS: lambda r: r.append(many=True),
    _EMPTY_DICT: lambda r: r.push({}, 1),
    _SETITEM: lambda r: r.set_items(many=False),
    _SETITEMS: lambda r: r.set_items(many=True),
}
