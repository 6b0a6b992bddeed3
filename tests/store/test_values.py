"""fapfav/store/values.py: what comes back, and what never does."""

from __future__ import annotations

import math
import pickle
import pickletools
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedArchive
from fapfav.store import values

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.binary(max_size=400),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES.filter(lambda value: depth(value) <= values.MAX_DEPTH))
@settings(deadline=None, max_examples=200)
def test_what_is_written_is_read_back_with_its_types(value: Any) -> None:
    raw = values.encode(value)

    assert repr(values.decode(raw)) == repr(value)
    assert repr(pickle.loads(raw)) == repr(value)  # a plain pickle, for any other reader


@given(VALUES.filter(lambda value: depth(value) <= values.MAX_DEPTH))
@settings(deadline=None, max_examples=100)
def test_what_a_plain_pickler_writes_without_memo_is_read(value: Any) -> None:
    raw = pickletools.optimize(pickle.dumps(value, protocol=4))
    if any(op.name in ("MEMOIZE", "BINGET") for op, _, _ in pickletools.genops(raw)):
        return  # it named something twice
    assert repr(values.decode(raw)) == repr(value)


@given(st.binary(max_size=200), VALUES, st.integers(0), st.integers(0, 255))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_a_value_or_a_damaged_archive(
    noise: bytes, value: Any, at: int, byte: int
) -> None:
    try:
        raw = bytearray(values.encode(value))
    except values.TooLarge:
        return
    raw[at % len(raw)] = byte
    for candidate in (noise, b"\x80\x04" + noise, bytes(raw), bytes(raw)[: at % len(raw)]):
        try:
            values.decode(candidate)
        except DamagedArchive:
            continue


@pytest.mark.parametrize("value", [{1: 2}, object(), {1, 2}, 2**64, -(2**63) - 1, math.nan, 1j])
def test_what_is_no_plain_value_is_not_written(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        values.encode(value)


def test_lone_surrogates_are_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        values.encode("\udc80")


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_eight_levels_are_written_and_nine_are_not() -> None:
    assert values.decode(values.encode(nested(8))) == nested(8)
    with pytest.raises(values.TooLarge):
        values.encode(nested(9))


def test_more_values_than_a_frame_takes_are_not_written() -> None:
    with pytest.raises(values.TooLarge):
        values.encode([None] * values.MAX_OPCODES)


HOSTILE = {
    "global": b"cos\nsystem\n",
    "stack global": b"\x8c\x02os\x8c\x06system\x93",
    "reduce": b"]R",
    "persistent id": b"Pid\n",
    "binary persistent id": b"]Q",
    "memo of two gigabytes": b"Nr" + struct.pack("<I", 2**27),
    "memoize": b"]\x94",
    "get": b"]h\x00",
    "tuple": b"]\x85",
    "frozen set": b"(\x91",
    "set": b"\x8f",
    "bytearray": b"\x96" + struct.pack("<Q", 2**40),
    "long of four gigabytes": b"\x8b" + struct.pack("<I", 2**31 - 1),
    "ten byte integer": b"\x8a\x0a" + b"\x01" * 10,
    "integer of 65 bits": b"\x8a\x09" + b"\xff" * 8 + b"\x01",
    "bytes past the end": b"B" + struct.pack("<I", 2**31),
    "text past the end": b"X" + struct.pack("<I", 2**31),
    "frame past the end": b"\x95" + struct.pack("<Q", 2**62),
    "not a number": b"G" + struct.pack(">d", math.nan),
    "infinity": b"G" + struct.pack(">d", math.inf),
    "lone surrogate": b"\x8c\x03\xed\xb2\x80",
    "integer as key": b"}K\x01K\x02s",
    "bytes as key": b"}C\x01aK\x02s",
    "key twice": b"}(\x8c\x01aK\x01\x8c\x01aK\x02u",
    "key without value": b"}(\x8c\x01au",
    "items into a number": b"K\x01(K\x02e",
    "mark left": b"(]",
    "nothing": b"",
    "two values": b"]]",
    "append to nothing": b"]a",
    "deep": b"]" * 9 + b"a" * 8,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_value_is_a_damaged_archive(body: bytes) -> None:
    with pytest.raises(DamagedArchive):
        values.decode(b"\x80\x04" + body + b".")


def test_more_opcodes_than_a_frame_takes_are_refused() -> None:
    with pytest.raises(DamagedArchive, match="too many"):
        values.decode(b"\x80\x04(" + b"N" * values.MAX_OPCODES + b".")


def test_bytes_after_the_value_are_refused() -> None:
    with pytest.raises(DamagedArchive, match="after the end"):
        values.decode(values.encode([1]) + b"x")


def test_another_protocol_is_refused() -> None:
    with pytest.raises(DamagedArchive, match="protocol"):
        values.decode(pickle.dumps([1], protocol=3))
