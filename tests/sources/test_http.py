"""What goes over a real socket when all is well, and who may be talked to."""

from __future__ import annotations

import socket
import threading
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import SourceError, Stopped, UsageError
from fapfav.sources.http import open_session, user_agent
from fapfav.sources.session import Session
from fapfav.sources.web import GaveUp, Web
from tests.sources.rude import Asked, Handler, Rude, Talk
from tests.sources.visiting import PATIENT, RULES, rules

PAGE = b"<html>" + b"hills " * 300 + b"</html>"


def serve(talk: Talk, asked: Asked) -> None:
    talk.answer(PAGE, "Content-Type: text/html")


def near(server: Rude, **more: Any) -> Session:
    """A session with a server on this computer, as fast as it goes and as long as it takes."""
    return open_session(RULES, **{"base": server.url, "pace": (0, 0), "bounds": PATIENT, **more})


def test_a_session_is_a_web() -> None:
    with open_session(RULES) as session:
        web: Web = session
        assert web.asked == 0
        assert session.base == "https://www.site.example"


def test_pages_files_and_heads_are_asked_for() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if asked.line.startswith("HEAD"):
            talk.answer(b"", "Content-Length: 4711", "Content-Type: image/png")
        else:
            serve(talk, asked)

    with Rude(handle) as server, near(server, base=f"{server.url}/one/") as session:
        page = session.page("/a?b=c")
        assert page == (200, f"{server.url}/one/a?b=c", PAGE, "text/html")
        assert session.file(f"{server.url}/d").body == PAGE
        assert session.head("/e") == (200, f"{server.url}/one/e", 4711, "image/png")

        assert server.paths == ["/one/a?b=c", "/d", "/one/e"]
        assert server.connections == 1
        assert session.asked == 3


def test_a_request_is_honest_and_tells_nothing_else() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.answer(PAGE, "Set-Cookie: visitor=7; Path=/", "Set-Cookie: more=8")

    with Rude(handle) as server, near(server, contact="me@home.example") as session:
        session.page("/a")
        session.file("/b")

        page, file = (asked.headers for asked in server.asked)
        assert page["user-agent"] == user_agent("me@home.example")
        assert page["accept-encoding"] == "gzip"
        assert file["accept-encoding"] == "identity"
        assert set(file) == {"host", "user-agent", "accept-encoding", "accept"}


def test_a_contact_cannot_break_out() -> None:
    assert user_agent().endswith("(private archive of favourites; one request at a time)")
    assert user_agent("me; you").endswith("one request at a time; me; you)")
    assert user_agent("a)\r\nHost: b\x1b(\u202ec").endswith("time; aHost: bc)")
    assert user_agent("\n\t") == user_agent("")
    assert len(user_agent("x" * 9999)) < 400


def test_passwords_of_netrc_are_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1\nlogin me\npassword word\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Rude(serve) as server, near(server) as session:
        session.page("/a")

        assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize(("encoding", "bits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_packed_bodies_are_unpacked(encoding: str, bits: int) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.answer(zlib.compress(PAGE, wbits=bits), f"Content-Encoding: {encoding}")

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a").body == PAGE
        assert session.file("/a").body == PAGE


def test_chunked_bodies_and_those_that_end_with_the_connection_are_read() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if asked.path == "/chunked":
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (b"<html>", PAGE[6:]))
            talk.answer(chunks + b"0\r\n\r\n", "Transfer-Encoding: chunked")
        else:
            talk.send(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE)
            talk.close()

    with Rude(handle) as server, near(server) as session:
        for path in ("/chunked", "/chunked", "/closed", "/chunked"):
            assert session.page(path).body == PAGE
        assert server.connections == 2


def test_what_is_not_there_is_an_answer() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.answer(b"no such picture", status="404 Not Found")

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a")[:3] == (404, f"{server.url}/a", b"no such picture")
        assert session.file("/a").status == session.head("/a").status == 404


def test_redirects_are_followed_on_the_same_connection() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if asked.path == "/a":
            talk.answer(b"moved", "Location: b?c=d", status="302 Found")
        else:
            serve(talk, asked)

    with Rude(handle) as server, near(server) as session:
        assert session.page("/a").url == f"{server.url}/b?c=d"
        assert server.paths == ["/a", "/b?c=d"]
        assert server.connections == 1


@pytest.mark.parametrize(
    "location", ["file:///etc/hosts", "http://192.168.0.1/", "//other.example"]
)
def test_redirects_elsewhere_are_not_followed(location: str) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.answer(b"", f"Location: {location}", status="301 Moved")

    with Rude(handle) as server, near(server) as session:
        with pytest.raises(SourceError, match="not followed"):
            session.page("/a")
        assert session.asked == 1


def test_a_name_that_leads_into_this_network_gets_no_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo

    def lied_to(host: str, *more: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == "www.site.example" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lied_to)
    with Rude(serve) as server:
        base = f"http://www.site.example:{server.port}"
        session = open_session(rules(base=base), bounds=PATIENT)
        with session, pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1"):
            session.page("/a")

        assert server.asked == []


def test_a_kept_connection_that_was_closed_is_no_trouble() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        serve(talk, asked)
        talk.close()  # without a word of it in the answer

    with Rude(handle) as server, near(server) as session:
        for _ in range(5):
            assert session.page("/a").status == 200
        assert session.asked == 5
        assert len(server.asked) == 5


def test_a_connection_closed_while_asking_is_tried_again_at_once() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if len(server.asked) == 2:
            talk.reset()
        else:
            serve(talk, asked)

    # With the site's own pace: had it counted as trouble, seconds would pass.
    used = rules(between_pages=(0.01, 0.01), between_files=(0, 0), base="http://localhost")
    with Rude(handle) as server:
        with open_session(used, base=server.url, bounds=PATIENT) as session:
            session.page("/a")
            assert session.page("/b").status == 200
            assert session.asked == 2
        assert server.paths == ["/a", "/b", "/b"]


def test_a_connection_closed_twice_is_trouble() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if 1 < len(server.asked) < 5:
            talk.reset()
        else:
            serve(talk, asked)

    with Rude(handle) as server, near(server) as session:
        session.page("/a")
        assert session.page("/b").status == 200
        assert session.asked == 4  # the page itself, and three tries of the next


@pytest.mark.parametrize("header", ["Content-Encoding: gzip", "Content-Length: many", "A: b"])
def test_a_length_that_says_nothing_is_none(header: str) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        talk.send(f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode())

    with Rude(handle) as server, near(server) as session:
        assert session.head("/a").length is None


def test_nothing_is_asked_during_an_announced_pause() -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if len(server.asked) == 1:
            talk.answer(b"", "Retry-After: 1", status="503 Busy")
        else:
            serve(talk, asked)

    with Rude(handle) as server, near(server) as session:
        threads = [threading.Thread(target=session.page, args=(f"/{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        starts = [asked.start for asked in server.asked]
        assert len(starts) == 5
        assert starts[1] - starts[0] >= 0.99
        assert server.most_at_once == 1


def test_close_ends_a_request_under_way_from_another_thread() -> None:
    reached = threading.Event()

    def handle(talk: Talk, asked: Asked) -> None:
        reached.set()
        talk.gone.wait()

    caught: list[BaseException] = []

    def ask(session: Session) -> None:
        try:
            session.file("/a")
        except Stopped as error:
            caught.append(error)

    with Rude(handle) as server:
        # Nothing but the closing ends it: the server is silent, and the client has an hour.
        hour = replace(PATIENT, between=3600.0, file_seconds=3600.0)
        session = near(server, bounds=hour)
        thread = threading.Thread(target=ask, args=(session,), daemon=True)
        thread.start()
        assert reached.wait(60)
        session.close()
        thread.join(60)

        assert len(caught) == 1
        with pytest.raises(Stopped):
            session.page("/b")


def test_a_base_and_a_pace_are_checked_at_once() -> None:
    with pytest.raises(UsageError):
        open_session(RULES, base="ftp://site.example")
    with pytest.raises(UsageError, match="give a pace of 2"):
        open_session(RULES, pace=(0, 1))


def refused(handle: Handler) -> GaveUp:
    with Rude(handle) as server, near(server) as session:
        with pytest.raises(GaveUp) as caught:
            session.page("/a")
        assert len(server.asked) == 8
    return caught.value


@pytest.mark.parametrize("status", ["500 Broken", "429 Busy", "599 Odd"])
def test_errors_that_stay_are_given_up(status: str) -> None:
    error = refused(lambda talk, asked: talk.answer(b"sorry", status=status))

    assert error.answered
    assert status[:3] in str(error)


def test_a_page_without_its_end_is_given_up() -> None:
    error = refused(lambda talk, asked: talk.answer(b"<html><body>half a"))

    assert "ends in the middle" in str(error)
