"""HTTP/1.1 on loopback, as much as the practice site needs: answers sent well, or badly on purpose.

Small and direct: every connection has a thread, a request is split by hand, headers and body
leave together. What is answered is a `Reply`, which also says how an answer goes wrong on its way.
Closing the server ends every thread, whatever it is in.
"""

from __future__ import annotations

import ipaddress
import os
import re
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from itertools import count
from selectors import EVENT_READ, DefaultSelector
from socketserver import BaseRequestHandler, TCPServer
from typing import Any, NamedTuple

from fapfav.errors import UsageError
from fapfav.practice.log import Log

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_LARGEST_HEAD = 65536
_LARGEST_BODY = 1 << 20
_READ = 65536

# As the headers of C have them, on Linux and on the BSD family: only the client imports `socket`.
_TCP, _NO_DELAY, _BOTH_WAYS = 6, 1, 2
_SOCKET, _LINGER = (1, 13) if sys.platform == "linux" else (0xFFFF, 0x80)

Connection = Any
"""A connected socket."""


class _NotHttp(Exception):
    """What came is no request."""


class Asked(NamedTuple):
    """One request as it came: the target with its query, header names in lower case."""

    method: str
    target: str
    version: str
    headers: dict[str, str]


class Framing(Enum):
    """How a client can tell where a body ends: its length, the closed connection, or chunks."""

    LENGTH = "length"
    CLOSE = "close"
    CHUNKS = "chunks"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and how it is sent.

    `leads_to` is a path of this site that a redirect names. `length` is what the header says where
    that is not the truth. `sent` is after how many bytes of the body nothing more comes (None: all
    come). A body is sent `rounds` times over (0: without end), and where `pause` is not 0, `piece`
    bytes at a time with so many seconds after each. Then the connection is kept, closed (`close`),
    or held open in silence (`hold`). With `silent` nothing is sent at all; with `reset` the
    connection breaks off instead.
    """

    status: int
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    leads_to: str = ""
    framing: Framing = Framing.LENGTH
    length: int | None = None
    sent: int | None = None
    piece: int = 1
    pause: float = 0.0
    rounds: int = 1
    close: bool = False
    hold: bool = False
    silent: bool = False
    reset: bool = False

    @property
    def breaks_off(self) -> bool:
        """Whether the client cannot know where this answer ends, so that no other can follow."""
        return self.sent is not None or self.length is not None or self.rounds == 0


class Server(TCPServer):
    """Answers requests with what `site` makes of them, from its start until it is closed."""

    allow_reuse_address = True
    request_queue_size = 128
    timeout = 0.0

    def __init__(self, address: tuple[str, int], site: Callable[[Asked], Reply], log: Log) -> None:
        if not _is_loopback(address[0]):
            raise UsageError(
                f"the practice site serves this computer alone and not {address[0]!r}; "
                "name a loopback address, such as 127.0.0.1"
            )
        self._site = site
        self._log = log
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, Connection] = {}
        try:
            super().__init__(address, BaseRequestHandler)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"port {address[1]} of {address[0]} cannot be had ({error}); name another one, "
                "or 0 for any that is free"
            ) from error
        self.socket.setblocking(False)  # a client may leave between knocking and being let in
        self._woken, self._wake = os.pipe()
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> None:
        """Answers from now on; clients that are waiting already come first."""
        self._accepting.start()

    def close(self) -> None:
        """Ends every connection and thread; what is being sent stops where it is."""
        if self._closing.is_set():
            return
        self._closing.set()
        os.close(self._wake)
        self._accepting.join()
        os.close(self._woken)
        self.server_close()
        with self._lock:
            left = dict(self._open)
        for connection in left.values():
            _hang_up(connection)
        for thread in left:
            thread.join()

    def _accept(self) -> None:
        # Waits for both, as the loop of the base class only looks now and then whether to end.
        with DefaultSelector() as either:
            either.register(self, EVENT_READ)
            either.register(self._woken, EVENT_READ)
            while either.select() and not self._closing.is_set():
                self.handle_request()

    def process_request(self, request: Connection, client_address: Any) -> None:
        """Gives a new connection its thread."""
        thread = threading.Thread(
            target=self._converse, args=(request, "{}:{}".format(*client_address)), daemon=True
        )
        with self._lock:
            self._open[thread] = request
        thread.start()

    def _converse(self, connection: Connection, client: str) -> None:
        try:
            connection.setsockopt(_TCP, _NO_DELAY, 1)
            waiting = b""
            goes_on = True
            while goes_on and (received := _receive(connection, waiting)) is not None:
                asked, waiting = received
                entry = self._log.begin(asked.method, asked.target, asked.headers, client)
                try:
                    reply = self._site(asked)
                    entry.status = 0 if reply.reset or reply.silent else reply.status
                    goes_on = self._answer(connection, asked, reply)
                finally:
                    entry.end()
        except (OSError, _NotHttp):
            pass  # the client left, the site closes, or what came is no HTTP: nobody to tell
        finally:
            connection.close()
            with self._lock:
                del self._open[threading.current_thread()]

    def _answer(self, connection: Connection, asked: Asked, reply: Reply) -> bool:
        """Sends one answer; whether another can follow on this connection."""
        if reply.reset:
            # With nothing to linger for, closing sends a reset and no farewell.
            connection.setsockopt(_SOCKET, _LINGER, struct.pack("ii", 1, 0))
            return False
        last = reply.close or reply.framing is Framing.CLOSE or _is_last(asked)
        if asked.method == "HEAD" and not reply.silent:
            connection.sendall(_head(reply, last))
            return not last
        if not reply.silent:
            self._send(connection, _head(reply, last), reply)
        if reply.hold or reply.silent:
            while connection.recv(_READ):
                pass
            return False
        return not (last or reply.breaks_off)

    def _send(self, connection: Connection, head: bytes, reply: Reply) -> None:
        if not reply.pause and reply.rounds == 1 and reply.framing is not Framing.CHUNKS:
            _send_at_once(connection, head, reply.body[: reply.sent])
            return
        connection.sendall(head)
        chunked = reply.framing is Framing.CHUNKS
        for piece in _pieces(reply):
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if self._closing.wait(reply.pause) if reply.pause else self._closing.is_set():
                return
        if chunked and not reply.breaks_off:
            connection.sendall(b"0\r\n\r\n")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _hang_up(connection: Connection) -> None:
    with suppress(OSError):  # it has just ended by itself
        connection.shutdown(_BOTH_WAYS)


def _receive(connection: Connection, waiting: bytes) -> tuple[Asked, bytes] | None:
    """The next request and what came after it; None when the client has no more.

    Raises _NotHttp when it is none. A body is read and dropped.
    """
    while (end := waiting.find(b"\r\n\r\n")) < 0:
        if len(waiting) > _LARGEST_HEAD:
            raise _NotHttp
        more = connection.recv(_READ)
        if not more:
            return None
        waiting += more
    asked = _parsed(waiting[:end].decode("latin-1"))
    waiting = waiting[end + 4 :]
    size = asked.headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,9}", size) or int(size) > _LARGEST_BODY:
        raise _NotHttp
    while len(waiting) < int(size):
        more = connection.recv(_READ)
        if not more:
            return None
        waiting += more
    return asked, waiting[int(size) :]


def _parsed(head: str) -> Asked:
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _NotHttp
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(words[0], words[1], words[2], headers)


def _is_last(asked: Asked) -> bool:
    wish = asked.headers.get("connection", "").lower()
    return wish == "close" or (asked.version == "HTTP/1.0" and wish != "keep-alive")


def _head(reply: Reply, last: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}",
        "Server: practice",
        f"Content-Type: {reply.kind}",
    ]
    if reply.framing is Framing.CHUNKS:
        lines.append("Transfer-Encoding: chunked")
    elif reply.framing is Framing.LENGTH:
        true = len(reply.body) * reply.rounds
        lines.append(f"Content-Length: {true if reply.length is None else reply.length}")
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines.append(f"Connection: {'close' if last else 'keep-alive'}\r\n\r\n")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _send_at_once(connection: Connection, head: bytes, body: bytes) -> None:
    """In one write where the system takes that much, without joining the two in memory."""
    done = connection.sendmsg([head, body])
    if done < len(head):
        connection.sendall(head[done:])
        done = len(head)
    if done < len(head) + len(body):
        connection.sendall(memoryview(body)[done - len(head) :])


def _pieces(reply: Reply) -> Iterator[bytes]:
    body = reply.body[: reply.sent]
    size = reply.piece if reply.pause else len(body)
    for _ in range(reply.rounds) if reply.rounds else count():
        for start in range(0, len(body), max(1, size)):
            yield body[start : start + size]
