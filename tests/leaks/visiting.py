"""Somebody who looks at every page of a viewer that runs in a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.cli.running import LIMIT, Home
from tests.cli.test_run import Running

_LINKS = re.compile(r'(?:href|src)="(/viewer/[^"#]*)"')
Answer = tuple[int, http.client.HTTPMessage, bytes]
"""Status, headers and body."""

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Guest:
    """Who was let in."""

    running: Running
    cookie: str

    @property
    def pid(self) -> int:
        """The viewer's process."""
        return self.running.process.pid

    def ask(self, path: str, fields: list[tuple[str, str]] | None = None) -> Answer:
        """A GET, or a POST of fields."""
        connection = http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=LIMIT)
        headers = {"Cookie": self.cookie}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def post(self, path: str, page: str, *fields: tuple[str, str]) -> Answer:
        """Sends a form of a page."""
        secret = _TOKEN.search(self.ask(page)[2].decode())
        assert secret
        return self.ask(path, [("csrfmiddlewaretoken", secret[1]), *fields])

    def walk(self, most: int = 60) -> int:
        """Looks at whatever pages lead to, a few of each kind; says how much that was."""
        todo, seen, of_kind = ["/viewer/"], set[str](), dict[str, int]()
        while todo and len(seen) < most:
            path = todo.pop(0)
            kind = path.split("/")[2]
            of_kind[kind] = of_kind.get(kind, 0) + 1
            if path in seen or of_kind[kind] > 5:
                continue
            seen.add(path)
            status, _, body = self.ask(path)
            assert status < 400, (path, status)
            if b"<html" in body[:500]:
                todo += _LINKS.findall(body.decode().replace("&amp;", "&"))
        return len(seen)

    @contextmanager
    def slowly(self, path: str) -> Iterator[socket.socket]:
        """Asks for something and takes next to nothing of it meanwhile."""
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(LIMIT)
            slow.connect(("127.0.0.1", self.running.port))
            slow.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.running.port}\r\n"
                f"Cookie: {self.cookie}\r\nConnection: close\r\n\r\n".encode()
            )
            assert slow.recv(100).startswith(b"HTTP/1.1 200")
            yield slow

    def opened(self) -> list[str]:
        """What the viewer's process has open now."""
        folder = Path(f"/proc/{self.pid}/fd")
        found = []
        for name in os.listdir(folder):
            try:
                found.append(os.readlink(folder / name))
            except FileNotFoundError:
                continue
        return found


@contextmanager
def visiting(home: Home, *words: object, **environment: str) -> Iterator[Guest]:
    """Starts the viewer and is let in by its link."""
    with Running(home, "--no-open", *words, **environment) as running:
        status, headers, _ = running.get(running.link)
        assert status == 303
        yield Guest(running, headers["Set-Cookie"].split(";")[0])
