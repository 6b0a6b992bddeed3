import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.sources.bodies import (
    BadBody,
    TooMuch,
    is_cut_page,
    length_of,
    looks_like_text,
    read_body,
)

LIMIT = 100_000


def reader(raw: bytes, at_a_time: int = 1000) -> Callable[[int], bytes]:
    stream = io.BytesIO(raw)
    return lambda count: stream.read(min(count, at_a_time))


def bare(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(raw) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    " GZip ": gzip.compress,
}


@given(st.binary(max_size=3000), st.integers(1, 500))
@settings(deadline=None)
def test_a_body_comes_whole_however_it_is_cut_up(raw: bytes, at_a_time: int) -> None:
    assert read_body(reader(raw, at_a_time), LIMIT, length=len(raw), encoding="") == raw
    for encoding, packed in PACKERS.items():
        sent = packed(raw)
        read = reader(sent, at_a_time)
        assert read_body(read, LIMIT, length=len(sent), encoding=encoding) == raw


def test_a_stream_without_its_header_is_unpacked_too() -> None:
    assert (
        read_body(reader(bare(b"abc" * 900)), LIMIT, length=None, encoding="deflate")
        == b"abc" * 900
    )


def test_several_members_are_one_body() -> None:
    sent = gzip.compress(b"one ") + gzip.compress(b"two")

    assert read_body(reader(sent, 7), LIMIT, length=None, encoding="gzip") == b"one two"


@pytest.mark.parametrize("length", [0, 9, 11, 5000])
def test_a_length_that_is_not_the_bodys_is_noticed(length: int) -> None:
    with pytest.raises(BadBody, match="10 bytes instead of"):
        read_body(reader(b"0123456789"), LIMIT, length=length, encoding="")


def test_a_body_announced_too_large_is_not_read() -> None:
    def never(count: int) -> bytes:
        raise AssertionError("it was read")

    with pytest.raises(TooMuch, match="1000000000 bytes"):
        read_body(never, LIMIT, length=10**9, encoding="")


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_an_endless_body_ends_at_the_limit(encoding: str) -> None:
    came = 0
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)

    def endless(count: int) -> bytes:
        nonlocal came
        came += 1
        if not encoding:
            return b"x" * count
        return packer.compress(b"\0" * 10_000) + packer.flush(zlib.Z_SYNC_FLUSH)

    with pytest.raises(TooMuch):
        read_body(endless, LIMIT, length=None, encoding=encoding)
    assert came <= 12


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_takes_no_more_memory_than_the_limit(encoding: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(b"\0" * 2**20) for _ in range(300)) + packer.flush()
    assert len(bomb) < 2**20
    tracemalloc.start()
    try:
        with pytest.raises(TooMuch, match="unpacks"):
            read_body(reader(bomb, 65536), 4 * 2**20, length=len(bomb), encoding=encoding)
        assert tracemalloc.get_traced_memory()[1] < 12 * 2**20
    finally:
        tracemalloc.stop()


def test_a_plain_body_is_not_held_twice() -> None:
    tracemalloc.start()
    try:
        body = read_body(reader(b"x" * 2**23, 65536), 2**23, length=2**23, encoding="")
        assert len(body) == 2**23
        assert tracemalloc.get_traced_memory()[1] < 2.5 * 2**23  # one of the two is the reader's
    finally:
        tracemalloc.stop()


def test_a_thousand_empty_members_are_enough() -> None:
    with pytest.raises(TooMuch, match="pieces"):
        read_body(reader(gzip.compress(b"") * 1500, 65536), LIMIT, length=None, encoding="gzip")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "\x1b[31m"])
def test_an_unknown_packing_is_refused(encoding: str) -> None:
    with pytest.raises(TooMuch, match="not asked for") as caught:
        read_body(reader(b"x"), LIMIT, length=1, encoding=encoding)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_cut_or_damaged_stream_is_noticed(encoding: str) -> None:
    sent = PACKERS[encoding](bytes(range(256)) * 20)
    damaged = sent[:20] + bytes([sent[20] ^ 255]) + sent[21:]
    for wrong in (sent[:-1], sent[: len(sent) // 2], damaged, sent + b"more", b"plain text"):
        with pytest.raises(BadBody):
            read_body(reader(wrong), LIMIT, length=len(wrong), encoding=encoding)


def test_an_empty_body_is_empty_however_it_is_packed() -> None:
    assert read_body(reader(b""), LIMIT, length=0, encoding="gzip") == b""


def test_a_length_is_one_number() -> None:
    assert length_of([]) is None
    assert length_of(["12"]) == length_of(["12", " 12 "]) == length_of(["12, 12"]) == 12
    for values in (["12", "13"], ["12, 13"], ["-1"], ["+1"], ["1.0"], [""], ["٣"], ["9" * 30]):
        with pytest.raises(BadBody):
            length_of(values)


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        (b"", False),
        (b"<p>a fragment", False),
        (b"{}", False),
        (b"<HTML><body>", True),
        (b"<html lang='en'>" + b"x" * 9000, True),
        (b"<html></HTML>", False),
        (b"<html></html>" + b" " * 9000, False),
        (b"<htmlish>", False),
    ],
)
def test_a_page_that_starts_must_end(body: bytes, cut: bool) -> None:
    assert is_cut_page(body) is cut


def test_a_page_in_a_files_place_is_seen() -> None:
    assert looks_like_text(b"\r\n <html>", "image/jpeg")
    assert looks_like_text(b"", "text/HTML; charset=utf-8")
    assert not looks_like_text(b"\xff\xd8\xff<html>", "image/jpeg")
