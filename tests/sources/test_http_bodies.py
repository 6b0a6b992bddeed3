"""Servers that lie, stop, never end or take their time: each bounded in time and memory."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from fapfav.sources.web import GaveUp
from tests.sources.rude import Asked, Handler, Rude, Talk
from tests.sources.test_http import PAGE, near

OK = b"HTTP/1.1 200 OK\r\n"


class Trial(NamedTuple):
    """How it went."""

    error: GaveUp
    tries: int
    seconds: float
    memory: int  # at most, in bytes


def tried(handle: Handler, kind: str = "page") -> Trial:
    """A request that must be given up."""
    with Rude(handle) as server, near(server) as session:
        tracemalloc.start()
        began = time.monotonic()
        try:
            with pytest.raises(GaveUp) as caught:
                getattr(session, kind)("/a")
            seconds, memory = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        return Trial(caught.value, len(server.asked), seconds, memory)


@contextmanager
def then_well(first: Handler) -> Iterator[None]:
    """Checks that one bad answer is followed by a good one, and both leave a usable session."""

    def handle(talk: Talk, asked: Asked) -> None:
        if len(server.asked) == 1:
            first(talk, asked)
        else:
            talk.answer(PAGE)

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a").body == PAGE
        assert session.file("/b").body == PAGE
        yield
        assert len(server.asked) == 3


@pytest.mark.parametrize("kind", ["page", "file"])
def test_a_body_announced_at_a_gigabyte_is_not_read(kind: str) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + b"Content-Length: 1073741824\r\n\r\n")
        talk.flood(b"x" * 65536)

    trial = tried(handle, kind)

    assert trial.error.answered
    assert "1073741824 bytes" in str(trial.error)
    assert trial.tries == 1
    assert trial.seconds < 2
    assert trial.memory < 2**20


@pytest.mark.parametrize("start", [b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_body_that_never_ends_is_left_at_the_limit(start: bytes) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + start)
        talk.flood(b"%x\r\n%s\r\n" % (32768, b"x" * 32768))

    trial = tried(handle)

    assert "more than the 200000 bytes" in str(trial.error)
    assert trial.tries == 1
    assert trial.seconds < 2
    assert trial.memory < 3 * 2**20


def test_a_gzip_bomb_is_left_at_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 2**20) for _ in range(100)) + packer.flush()
    trial = tried(lambda talk, asked: talk.answer(bomb, "Content-Encoding: gzip"))

    assert "unpacks to more than" in str(trial.error)
    assert trial.tries == 1
    assert trial.memory < 4 * 2**20


def test_an_unknown_packing_is_no_answer() -> None:
    trial = tried(lambda talk, asked: talk.answer(b"?", "Content-Encoding: br"))

    assert "not asked for" in str(trial.error)
    assert trial.tries == 1


SHORT: dict[str, Handler] = {
    "a length too large": lambda talk, asked: (
        talk.answer(PAGE, f"Content-Length: {len(PAGE) + 1}"),
        talk.close(),
    )[0],
    "a length too small": lambda talk, asked: talk.answer(PAGE, "Content-Length: 7"),
    "a length too small at the end": lambda talk, asked: talk.answer(
        PAGE, "Connection: close", f"Content-Length: {len(PAGE) - 1}"
    ),
    "two lengths": lambda talk, asked: talk.answer(
        PAGE, f"Content-Length: {len(PAGE)}", "Content-Length: 3"
    ),
    "a length that is none": lambda talk, asked: talk.answer(PAGE, "Content-Length: many"),
    "a reset in the body": lambda talk, asked: (
        talk.send(OK + b"Content-Length: 9000\r\n\r\n<html>"),
        talk.gone.wait(0.05),
        talk.reset(),
    )[0],
    "a cut chunk": lambda talk, asked: (
        talk.answer(b"9\r\n<html>", "Transfer-Encoding: chunked"),
        talk.close(),
    )[0],
    "no last chunk": lambda talk, asked: (
        talk.answer(b"6\r\n<html>\r\n", "Transfer-Encoding: chunked"),
        talk.close(),
    )[0],
    "a chunk of no number": lambda talk, asked: talk.answer(
        b"many\r\n<html>\r\n0\r\n\r\n", "Transfer-Encoding: chunked"
    ),
    "cut gzip": lambda talk, asked: talk.answer(
        zlib.compress(PAGE, wbits=31)[:-9], "Content-Encoding: gzip"
    ),
    "half a page": lambda talk, asked: talk.answer(PAGE[:-9]),
    "no answer": lambda talk, asked: talk.close(),
    "a reset": lambda talk, asked: talk.reset(),
    "half a header": lambda talk, asked: (talk.send(OK + b"Content-"), talk.close())[0],
    "no HTTP": lambda talk, asked: (talk.send(b"\x1b[31mhello\r\n\r\n"), talk.close())[0],
    "a long header": lambda talk, asked: (
        talk.send(OK + b"A: " + b"x" * 70000 + b"\r\n\r\n"),
        talk.close(),
    )[0],
    "many headers": lambda talk, asked: (talk.send(OK + b"A: b\r\n" * 200 + b"\r\n"), talk.close())[
        0
    ],
    "a body that stops": lambda talk, asked: talk.send(OK + b"Content-Length: 9\r\n\r\n<ht"),
    "silence": lambda talk, asked: None,
}


@pytest.mark.parametrize("name", SHORT)
def test_a_bad_answer_is_noticed_and_asked_for_again(name: str) -> None:
    with then_well(SHORT[name]):
        pass


ANSWERED = {name: name not in {"no answer", "a reset", "silence"} for name in SHORT}


@pytest.mark.parametrize(
    "name", ["two lengths", "no HTTP", "a reset", "no answer", "a cut chunk", "a length too small"]
)
def test_a_bad_answer_that_stays_is_given_up(name: str) -> None:
    trial = tried(SHORT[name])

    assert trial.tries == 8
    assert trial.error.answered is ANSWERED[name]
    assert "127.0.0.1" in str(trial.error)
    assert str(trial.error).isprintable()


def test_a_byte_a_moment_in_the_body_ends_at_the_deadline() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + b"\r\n")
        talk.drip(b"x" * 1000, 0.1)

    with Rude(handle) as server, near(server) as session:
        began = time.monotonic()
        with pytest.raises(GaveUp, match="took longer than 0.5 s"):
            session.page("/a")

        assert len(server.asked) == 8
        assert 8 * 0.5 - 0.1 < time.monotonic() - began < 8 * 0.5 + 2


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nA: ", OK + b"Transfer-Encoding: chunked\r\n\r\n"],
    ids=["status", "header", "chunk"],
)
def test_a_byte_a_moment_in_the_headers_ends_at_the_deadline(start: bytes) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if len(server.asked) > 1:
            talk.answer(PAGE)
            return
        talk.send(start)
        talk.drip(b"1" * 1000, 0.1)

    with Rude(handle) as server, near(server) as session:
        began = time.monotonic()
        assert session.page("/a").body == PAGE

        assert len(server.asked) == 2
        assert 0.4 < time.monotonic() - began < 2


def test_interim_answers_without_end_end_at_the_deadline() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if len(server.asked) > 1:
            talk.answer(PAGE)
        else:
            talk.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with Rude(handle) as server, near(server) as session:
        began = time.monotonic()
        assert session.page("/a").body == PAGE
        assert time.monotonic() - began < 2


def test_an_endless_body_where_none_is_wanted_does_no_harm() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(b"HTTP/1.1 404 Not Found\r\n\r\n")
        talk.flood(b"x" * 65536)

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a")[:3] == (404, f"{server.url}/a", b"")
        assert session.file("/b").status == 404


def test_a_page_after_a_file_has_its_own_deadline() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if asked.path == "/slow":
            talk.send(OK + b"\r\n")
            talk.drip(PAGE[:6] + b"</html>", 0.05)
            talk.close()
        else:
            talk.answer(PAGE)

    with Rude(handle) as server, near(server) as session:
        assert session.file("/slow").body == b"<html></html>"  # 0.65 s of the 0.8 a file may take
        with pytest.raises(GaveUp, match="longer than 0.5 s"):
            session.page("/slow")
