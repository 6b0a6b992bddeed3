"""The kinds of column a table has: how one value, or 4,096 of them, look on disk.

Every value that comes from a file is checked here against its column, so that nothing behind this
module meets a wrong type, a number out of its range or a word that is none of the allowed ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from fapfav.errors import DamagedArchive


class BadColumn(DamagedArchive):
    """A value in the database is not of its column's kind."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `to_disk`/`from_disk` for a value, `pack`/`unpack` for a run of them."""

    name: str
    to_disk: Callable[[Any], Any]
    from_disk: Callable[[Any], Any]
    pack: Callable[[Sequence[Any]], Any]
    unpack: Callable[[Any, int], list[Any]]


def _same(value: Any) -> Any:
    return value


def integer(name: str, width: int, signed: bool = False) -> Column:
    """An int of 1, 2, 4 or 8 bytes; little-endian in a run."""
    dtype = np.dtype(f"<{'i' if signed else 'u'}{width}")
    low = -(1 << (8 * width - 1)) if signed else 0
    high = (1 << (8 * width - (1 if signed else 0))) - 1

    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise BadColumn(f"the database holds {value!r} where {name} should be a number")
        return value

    def pack(values: Sequence[int]) -> bytes:
        return np.array(values, dtype).tobytes()

    def unpack(packed: Any, count: int) -> list[int]:
        if type(packed) is not bytes or len(packed) != count * width:
            raise BadColumn(f"the database's column {name} has a wrong length")
        return np.frombuffer(packed, dtype).tolist()  # type: ignore[no-any-return]

    return Column(name, check, check, pack, unpack)


def boolean(name: str) -> Column:
    """True or False; a byte each in a run."""

    def check(value: Any) -> bool:
        if type(value) is not bool:
            raise BadColumn(f"the database holds {value!r} where {name} should be yes or no")
        return value

    def unpack(packed: Any, count: int) -> list[bool]:
        if type(packed) is not bytes or len(packed) != count or packed.strip(b"\0\1"):
            raise BadColumn(f"the database's column {name} is not yes or no")
        return [byte == 1 for byte in packed]

    return Column(name, check, check, bytes, unpack)


def fixed(name: str, width: int) -> Column:
    """Exactly `width` raw bytes."""

    def check(value: Any) -> bytes:
        if type(value) is not bytes or len(value) != width:
            raise BadColumn(f"the database holds no {width} bytes for {name}")
        return value

    def unpack(packed: Any, count: int) -> list[bytes]:
        if type(packed) is not bytes or len(packed) != count * width:
            raise BadColumn(f"the database's column {name} has a wrong length")
        return [packed[at : at + width] for at in range(0, len(packed), width)]

    return Column(name, check, check, b"".join, unpack)


def raw(name: str) -> Column:
    """Bytes of any length."""

    def check(value: Any) -> bytes:
        if type(value) is not bytes:
            raise BadColumn(f"the database holds no bytes for {name}")
        return value

    return Column(name, check, check, _pack_runs, lambda p, n: _unpack_runs(p, n, name))


def digest_or_none(name: str) -> Column:
    """A digest, or None."""

    def check(value: Any) -> bytes | None:
        if value is not None and (type(value) is not bytes or len(value) != 32):
            raise BadColumn(f"the database holds no digest for {name}")
        return value

    def pack(values: Sequence[bytes | None]) -> list[bytes]:
        return _pack_runs([value or b"" for value in values])

    def unpack(packed: Any, count: int) -> list[bytes | None]:
        return [check(piece or None) for piece in _unpack_runs(packed, count, name)]

    return Column(name, check, check, pack, unpack)


def text(name: str) -> Column:
    """Text of any length."""

    def check(value: Any) -> str:
        if type(value) is not str:
            raise BadColumn(f"the database holds {value!r} where {name} should be text")
        return value

    def unpack(packed: Any, count: int) -> list[str]:
        try:
            return [piece.decode() for piece in _unpack_runs(packed, count, name)]
        except UnicodeDecodeError:
            raise BadColumn(f"the database's column {name} is no text") from None

    return Column(name, check, check, lambda v: _pack_runs([t.encode() for t in v]), unpack)


def word(name: str, words: type[StrEnum]) -> Column:
    """One word of an enumeration."""
    plain = text(name)

    def from_disk(value: Any) -> StrEnum:
        try:
            return words(plain.from_disk(value))
        except ValueError:
            raise BadColumn(f"{value!r} in the database is no {name}") from None

    def unpack(packed: Any, count: int) -> list[StrEnum]:
        known: dict[str, StrEnum] = {}
        return [
            known.get(value) or known.setdefault(value, from_disk(value))
            for value in plain.unpack(packed, count)
        ]

    def pack(values: Sequence[StrEnum]) -> Any:
        return plain.pack([value.value for value in values])

    return Column(name, lambda value: value.value, from_disk, pack, unpack)


def one_of(name: str, allowed: Sequence[str]) -> Column:
    """One of a few texts: the only ones that ever become part of a path."""
    any_text = text(name)

    def check(value: Any) -> str:
        if value not in allowed:
            raise BadColumn(f"{value!r} in the database is no {name}")
        return any_text.from_disk(value)  # type: ignore[no-any-return]

    def unpack(packed: Any, count: int) -> list[str]:
        return [check(value) for value in any_text.unpack(packed, count)]

    return Column(name, check, check, any_text.pack, unpack)


def plain(
    name: str,
    to_disk: Callable[[Any], Any] = _same,
    from_disk: Callable[[Any], Any] = _same,
) -> Column:
    """Any plain value, turned into and made from a record's field by two functions."""

    def load(value: Any) -> Any:
        try:
            return from_disk(value)
        except (TypeError, ValueError, KeyError, AttributeError):
            raise BadColumn(f"the database holds a wrong value for {name}") from None

    def unpack(packed: Any, count: int) -> list[Any]:
        if type(packed) is not list or len(packed) != count:
            raise BadColumn(f"the database's column {name} has a wrong length")
        return [load(value) for value in packed]

    return Column(name, to_disk, load, lambda values: [to_disk(v) for v in values], unpack)


def numbers(name: str) -> Column:
    """A tuple of ints from 0 to 2**63-1."""

    def load(value: Any) -> tuple[int, ...]:
        if type(value) is not list or not all(type(n) is int and 0 <= n < 2**63 for n in value):
            raise ValueError
        return tuple(value)

    return plain(name, list, load)


def words(name: str) -> Column:
    """A tuple of texts."""

    def load(value: Any) -> tuple[str, ...]:
        if type(value) is not list or not all(type(t) is str for t in value):
            raise ValueError
        return tuple(value)

    return plain(name, list, load)


def _pack_runs(values: Sequence[bytes]) -> list[bytes]:
    return [np.array([len(value) for value in values], "<u4").tobytes(), b"".join(values)]


def _unpack_runs(packed: Any, count: int, name: str) -> list[bytes]:
    if (
        type(packed) is not list
        or len(packed) != 2
        or not all(type(part) is bytes for part in packed)
        or len(packed[0]) != 4 * count
    ):
        raise BadColumn(f"the database's column {name} has a wrong length")
    ends = np.cumsum(np.frombuffer(packed[0], "<u4"), dtype=np.uint64).tolist()
    joined = packed[1]
    if (ends[-1] if ends else 0) != len(joined):
        raise BadColumn(f"the database's column {name} has a wrong length")
    return [joined[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
