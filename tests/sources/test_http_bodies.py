"""Servers that lie, stop, never end or take their time: each bounded in time and memory."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import pytest

from fapfav.sources.session import Session
from fapfav.sources.web import GaveUp
from tests.sources.rude import Asked, Handler, Rude, Talk
from tests.sources.test_http import PAGE, near
from tests.sources.visiting import PATIENT, at_first

OK = b"HTTP/1.1 200 OK\r\n"


SENT = 32 * 2**20
"""More than all buffers on the way hold: less of an endless body goes out when nobody reads it."""


class Trial(NamedTuple):
    """How it went."""

    error: GaveUp
    tries: int
    memory: int  # at most, in bytes


def tried(handle: Handler, kind: str = "page") -> Trial:
    """A request that must be given up."""
    with Rude(handle) as server, near(server) as session:
        tracemalloc.start()
        try:
            with pytest.raises(GaveUp) as caught:
                getattr(session, kind)("/a")
            memory = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        return Trial(caught.value, len(server.asked), memory)


@contextmanager
def badly_once(bad: Handler, hasty: Mapping[str, float]) -> Iterator[Session]:
    """A session whose first request is answered so, and every other one well.

    By what the client has asked: it may have left a request that the server reads much later.
    """

    def handle(talk: Talk, asked: Asked) -> None:
        (bad if session.asked == 1 else whole())(talk, asked)

    with Rude(handle) as server, near(server) as session:
        yield at_first(session, hasty)


@pytest.mark.parametrize("kind", ["page", "file"])
def test_a_body_announced_at_a_gigabyte_is_not_read(kind: str) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + b"Content-Length: 1073741824\r\n\r\n")
        sent.append(talk.flood(b"x" * 65536) * 65536)

    sent: list[int] = []
    trial = tried(handle, kind)

    assert trial.error.answered
    assert "1073741824 bytes" in str(trial.error)
    assert trial.tries == 1
    assert max(sent) < SENT
    assert trial.memory < 2**20


@pytest.mark.parametrize("start", [b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_body_that_never_ends_is_left_at_the_limit(start: bytes) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + start)
        sent.append(talk.flood(b"%x\r\n%s\r\n" % (32768, b"x" * 32768)) * 32768)

    sent: list[int] = []
    trial = tried(handle)

    assert "more than the 200000 bytes" in str(trial.error)
    assert trial.tries == 1
    assert max(sent) < SENT
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


def sends(raw: bytes) -> Handler:
    """These bytes, and the end of the connection."""

    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(raw)
        talk.close()

    return handle


def resets(raw: bytes) -> Handler:
    """These bytes, and a broken connection."""

    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(raw)
        talk.gone.wait(0.05 if raw else 0)
        talk.reset()

    return handle


def stops(raw: bytes) -> Handler:
    """These bytes, and nothing more."""
    return lambda talk, asked: talk.send(raw)


def whole(*headers: str, body: bytes = PAGE) -> Handler:
    """An answer with such headers, on a connection that stays."""
    return lambda talk, asked: talk.answer(body, *headers)


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BAD: dict[str, Handler] = {
    "a length too large": sends(OK + b"Content-Length: 9\r\n\r\n<html>"),
    "a length too small": whole("Content-Length: 7"),
    "a length too small at the end": whole("Connection: close", f"Content-Length: {len(PAGE) - 1}"),
    "two lengths": whole(f"Content-Length: {len(PAGE)}", "Content-Length: 3"),
    "a length that is none": whole("Content-Length: many"),
    "a reset in the body": resets(OK + b"Content-Length: 9000\r\n\r\n<html>"),
    "a cut chunk": sends(CHUNKED + b"9\r\n<html>"),
    "no last chunk": sends(CHUNKED + b"6\r\n<html>\r\n"),
    "a chunk of no number": whole("Transfer-Encoding: chunked", body=b"x\r\n<html>\r\n0\r\n\r\n"),
    "cut gzip": whole("Content-Encoding: gzip", body=zlib.compress(PAGE, wbits=31)[:-9]),
    "half a page": whole(body=PAGE[:-9]),
    "no answer": sends(b""),
    "a reset": resets(b""),
    "half a header": sends(OK + b"Content-"),
    "a header that is none": whole("nonsense", f"Content-Length: {len(PAGE)}"),
    "no HTTP": sends(b"\x1b[31mhello\r\n\r\n"),
    "a long header": sends(OK + b"A: " + b"x" * 70000 + b"\r\n\r\n"),
    "many headers": sends(OK + b"A: b\r\n" * 200 + b"\r\n"),
    "a body that stops": stops(OK + b"Content-Length: 9\r\n\r\n<ht"),
    "silence": stops(b""),
}


UNENDED = {"a body that stops", "silence"}
"""Only by the time that has passed can a client tell these."""


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_noticed_and_asked_for_again(name: str) -> None:
    with badly_once(BAD[name], {"between": 0.3} if name in UNENDED else {}) as session:
        # One bad answer is followed by a good one, and both leave a usable session.
        assert session.page("/a").body == PAGE
        assert session.file("/b").body == PAGE

        assert session.asked == 3


@pytest.mark.parametrize(
    "name", ["two lengths", "no HTTP", "a reset", "no answer", "a cut chunk", "a length too small"]
)
def test_a_bad_answer_that_stays_is_given_up(name: str) -> None:
    trial = tried(BAD[name])

    assert trial.tries == 8
    assert trial.error.answered  # whoever hangs up was reached
    assert "127.0.0.1" in str(trial.error)
    assert str(trial.error).isprintable()


HEARD = 90.0
"""Seconds: less than it takes to hear out a thousand bytes, one each tenth of a second."""


def test_a_byte_a_moment_in_the_body_ends_at_the_deadline() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(OK + b"\r\n")
        talk.drip(b"x" * 1000, 0.1)

    with Rude(handle) as server, near(server, bounds=replace(PATIENT, page_seconds=0.2)) as session:
        began = time.monotonic()
        # Where the server is slow to begin with, the time may be over before its headers are read.
        with pytest.raises(GaveUp, match=r"(took longer than|no answer within) 0\.2 s"):
            session.page("/a")

        assert session.asked == 8
        assert 8 * 0.2 - 0.1 < time.monotonic() - began < HEARD


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nA: ", OK + b"Transfer-Encoding: chunked\r\n\r\n"],
    ids=["status", "header", "chunk"],
)
def test_a_byte_a_moment_in_the_headers_ends_at_the_deadline(start: bytes) -> None:
    def bad(talk: Talk, asked: Asked) -> None:
        talk.send(start)
        talk.drip(b"1" * 1000, 0.1)

    with badly_once(bad, {"page_seconds": 0.5}) as session:
        began = time.monotonic()
        assert session.page("/a").body == PAGE

        assert session.asked == 2
        assert 0.4 < time.monotonic() - began < HEARD


def test_interim_answers_without_end_end_at_the_deadline() -> None:
    def bad(talk: Talk, asked: Asked) -> None:
        talk.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with badly_once(bad, {"page_seconds": 0.5}) as session:
        assert session.page("/a").body == PAGE  # without a deadline it would not end at all
        assert session.asked == 2


def test_an_endless_body_where_none_is_wanted_does_no_harm() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(b"HTTP/1.1 404 Not Found\r\n\r\n")
        talk.flood(b"x" * 65536)

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a")[:3] == (404, f"{server.url}/a", b"")
        assert session.file("/b").status == 404


def test_a_page_after_a_file_has_its_own_deadline() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if session.asked > 2:
            talk.answer(PAGE)
            return
        talk.send(OK + b"\r\n")
        talk.drip(PAGE[:6] + b"</html>", 0.05)  # more than half a second in all
        talk.close()

    with Rude(handle) as server, near(server) as session:
        at_first(session, {"page_seconds": 0.3}, tries=2)
        assert session.file("/slow").body == b"<html></html>"
        assert session.page("/slow").body == PAGE
        assert session.asked == 3
