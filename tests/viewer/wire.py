"""Requests over a real socket to a real server, where headers and bytes matter."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fapfav.jobs.library import open_archive
from tests.support import PASSWORD
from viewer.serve import Server, make_server
from viewer.state import Viewer, install

TIMEOUT = 120.0
"""Seconds that nothing takes unless it hangs, however busy the computer is."""


@dataclass(slots=True)
class Got:
    """An answer as it came over the wire."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, empty for none."""
        return str(self.headers.get(name, ""))

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(slots=True)
class Wire:
    """A client that sends what it is told to and nothing else; keeps its cookie."""

    viewer: Viewer
    server: Server
    cookie: str = ""
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.port = self.server.effective_port

    def enter(self) -> Wire:
        """Opens the link of the shell."""
        got = self.send("GET", f"/viewer/?code={self.viewer.code}")
        assert got.status == 303, got.text
        self.cookie = got.header("Set-Cookie").split(";")[0]
        return self

    def get(self, path: str, **headers: str) -> Got:
        """A GET; `Sec_Fetch_Site` is the header of that name."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: str = "", **headers: str) -> Got:
        """A form."""
        headers.setdefault("Content_Type", "application/x-www-form-urlencoded")
        return self.send("POST", path, body.encode(), **headers)

    def send(self, method: str, path: str, body: bytes | None = None, /, **headers: str) -> Got:
        """Any request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            given.setdefault("Cookie", self.cookie)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Got(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """Bytes as they are; all that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as opened:
            opened.sendall(request)
            opened.shutdown(socket.SHUT_WR)
            found = b""
            while part := opened.recv(65536):
                found += part
            return found


@contextmanager
def wired(where: Path, *, sealed: bool) -> Iterator[Wire]:
    """A client that was let in to a server of this archive."""
    viewer = Viewer(where, lambda given: open_archive(where, given), is_sealed=sealed)
    viewer.unlock(PASSWORD if sealed else None)
    server = make_server(viewer, 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Wire(viewer, server).enter()
    finally:
        server.close()
        thread.join(TIMEOUT)
        viewer.lock()
        install(None)
