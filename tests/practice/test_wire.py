"""The server under the practice site: this computer only, kept connections, a quick end."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from fapfav.errors import UsageError
from fapfav.practice import kinds
from fapfav.practice.log import Log
from fapfav.practice.site import PracticeSite, Trouble
from fapfav.practice.wire import Framing, Reply, Server
from tests.practice.asking import PATIENCE, alice, ask, ask_on, connected, raw, until_closed


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "", "192.0.2.1", "localhost.example", "::", "10.0.0.1", "169.254.0.1"]
)
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(UsageError, match="this computer alone"):
        Server((host, 0), lambda _: Reply(200), Log())


def test_the_site_listens_on_loopback() -> None:
    with PracticeSite([]) as site:
        assert urlsplit(site.url).hostname == "127.0.0.1"
        assert site._server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("port", [None, 70000])
def test_a_port_that_cannot_be_had_is_named(port: int | None) -> None:
    with PracticeSite([]) as site:
        wanted = port or int(site.url.rpartition(":")[2])
        with pytest.raises(UsageError, match=f"port {wanted} of 127.0.0.1 cannot be had"):
            PracticeSite([], port=wanted)


def test_many_questions_go_over_one_connection() -> None:
    with PracticeSite([alice()]) as site, connected(site.url) as connection:
        for _ in range(50):
            assert ask_on(connection, "/profile/alice").status == 200
        assert len({one.address for one in site.log}) == 1


def test_the_connection_is_closed_when_the_client_wishes_so() -> None:
    with PracticeSite([alice()]) as site:
        for head in (b"GET / HTTP/1.1\r\nConnection: close", b"GET / HTTP/1.0"):
            with socket.create_connection(("127.0.0.1", urlsplit(site.url).port or 0)) as made:
                made.settimeout(PATIENCE)
                made.sendall(head + b"\r\n\r\n")
                assert b"Connection: close\r\n" in until_closed(made)


def test_questions_sent_together_or_in_pieces_are_all_answered() -> None:
    with PracticeSite([alice()]) as site, raw(site.url, "/profile/alice") as made:
        made.sendall(b"POST /profile/alice HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET /x HT")
        made.sendall(b"TP/1.1\r\nConnection: close\r\n\r\n")
        answers = until_closed(made).split(b"HTTP/1.1 ")[1:]

    assert [answer[:3] for answer in answers] == [b"200", b"405", b"404"]


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GET / SPDY/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"x" * 140_000,
    ],
    ids=["words", "version", "negative", "large", "endless"],
)
def test_what_is_no_http_ends_the_connection_and_nothing_else(sent: bytes) -> None:
    with PracticeSite([alice()]) as site:
        with socket.create_connection(("127.0.0.1", urlsplit(site.url).port or 0)) as made:
            made.settimeout(PATIENCE)
            try:
                made.sendall(sent)
                assert until_closed(made) == b""
            except (ConnectionResetError, BrokenPipeError):
                pass  # it did not even read it all
        assert ask(site.url, "/profile/alice").status == 200
        assert len(site.log) == 1


STUCK = {
    "endless": kinds.endless(),
    "unframed": kinds.endless(Framing.CLOSE),
    "huge": kinds.huge(),
    "slow": kinds.slow(pause=3600),
    "silent": kinds.silence(),
    "stalled": kinds.stall(),
    "long": kinds.wrong_length(9),
}


def test_it_closes_at_once_whatever_its_clients_wait_for() -> None:
    before = set(threading.enumerate())
    with PracticeSite([alice()]) as site, ExitStack() as clients:
        for name, kind in STUCK.items():
            site.troubles.add(Trouble(kind, f"/profile/alice[?]{name}$"))
            clients.enter_context(raw(site.url, f"/profile/alice?{name}"))
        idle = clients.enter_context(connected(site.url))
        ask_on(idle, "/profile/alice")
        clients.enter_context(socket.create_connection(("127.0.0.1", idle.port)))
        deadline = time.monotonic() + PATIENCE
        while len(site.log) <= len(STUCK):
            assert time.monotonic() < deadline
        started = time.monotonic()
        site.close()
        took = time.monotonic() - started
        assert set(threading.enumerate()) <= before
        assert idle.sock.recv(1) == b""
        assert all(one.ended >= started for one in site.log if "?" in one.path)
    assert took < PATIENCE  # the slow one would take an hour for each byte, others never end


def test_a_closed_site_takes_nobody_in_and_can_be_closed_again() -> None:
    site = PracticeSite([alice()])
    site.close()
    site.close()

    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE).connect()


def test_a_client_that_leaves_early_disturbs_nobody() -> None:
    with PracticeSite([alice()]) as site:
        site.troubles.add(Trouble(kinds.endless(), times=3))
        for _ in range(3):
            with raw(site.url, "/profile/alice") as made:
                assert made.recv(10).startswith(b"HTTP/1.1")
        assert ask(site.url, "/profile/alice").status == 200
