"""A server that sends exactly the bytes a test says, when and how it says so."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple


class Asked(NamedTuple):
    """One request as it came."""

    line: str
    headers: dict[str, str]  # names in lower case
    start: float  # by the monotonic clock
    connection: int

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]


Handler = Callable[["Talk", Asked], None]


class Talk:
    """One connection, as a handler sees it."""

    def __init__(
        self, sock: socket.socket, gone: threading.Event, answering: Callable[[Talk], None]
    ) -> None:
        self.sock, self.gone, self.open = sock, gone, True
        self._answering = answering

    def send(self, raw: bytes) -> None:
        """Sends; a client that left is no error."""
        self._answering(self)
        with suppress(OSError):
            self.sock.sendall(raw)

    def answer(self, body: bytes = b"", *headers: str, status: str = "200 OK") -> None:
        """A whole answer with its length, unless `headers` say one."""
        lines = [f"HTTP/1.1 {status}", *headers]
        if not any(line.lower().startswith(("content-length", "transfer-")) for line in headers):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join((*lines, "", "")).encode("latin-1") + body)

    def drip(self, raw: bytes, pause: float) -> None:
        """Sends byte by byte until the client leaves."""
        for byte in raw:
            try:
                self.sock.sendall(bytes([byte]))
            except OSError:
                return
            if self.gone.wait(pause):
                return

    def flood(self, raw: bytes) -> int:
        """Sends the same bytes until the client leaves; returns how often."""
        count = 0
        with suppress(OSError):
            while not self.gone.is_set():
                self.sock.sendall(raw)
                count += 1
        return count

    def secure(self, context: ssl.SSLContext) -> None:
        """Speaks TLS from now on."""
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def close(self) -> None:
        """Ends the connection in order."""
        self.open = False

    def reset(self) -> None:
        """Breaks the connection off."""
        self.open = False
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()


class Rude:
    """A server on loopback; `handle` is called for every request, on a thread a connection.

    `most_at_once` is how many requests waited for the beginning of their answers together.
    """

    def __init__(self, handle: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handle, self._gone, self._tls = handle, threading.Event(), tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._talks: list[Talk] = []
        self._unanswered: set[Talk] = set()
        self._threads: list[threading.Thread] = []
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Rude:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gone.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for talk in self._talks:
                with suppress(OSError):
                    talk.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    @property
    def connections(self) -> int:
        """Connections made so far."""
        return len(self._talks)

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = Talk(sock, self._gone, self._answering)
            with self._lock:
                self._talks.append(talk)
                if self._gone.is_set():  # nobody else shuts it any more
                    sock.close()
                    return
            self._start(self._serve, talk, len(self._talks))

    def _serve(self, talk: Talk, number: int) -> None:
        with suppress(OSError):
            self._read(talk, number)
        talk.sock.close()

    def _read(self, talk: Talk, number: int) -> None:
        held = b""
        if self._tls is not None:
            talk.secure(self._tls)
        while talk.open:
            while b"\r\n\r\n" not in held:
                more = talk.sock.recv(65536)
                if not more:
                    return
                held += more
            head, _, held = held.partition(b"\r\n\r\n")
            self._one(talk, head.decode("latin-1"), number)

    def _one(self, talk: Talk, head: str, number: int) -> None:
        line, *rest = head.split("\r\n")
        headers = dict(part.split(": ", 1) for part in rest)
        asked = Asked(
            line, {name.lower(): text for name, text in headers.items()}, time.monotonic(), number
        )
        with self._lock:
            self.asked.append(asked)
            self._unanswered.add(talk)
            self.most_at_once = max(self.most_at_once, len(self._unanswered))
        try:
            self._handle(talk, asked)
        finally:
            self._answering(talk)

    def _answering(self, talk: Talk) -> None:
        # Before a client can know of it, and ask the next.
        with self._lock:
            self._unanswered.discard(talk)
