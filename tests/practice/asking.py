"""How these tests ask the practice site: plainly, over real HTTP, with nothing of ours between."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from fapfav.practice.site import Account, Folder, Item

PATIENCE = 120.0
USER = "100001"
LAKES, EMPTY, GALLERIES = "20002", "20003", "20004"
FIRST = 1500007930


class Told(NamedTuple):
    """One answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "surrogateescape")


def image(at: int) -> str:
    """The id of the practice picture of that place."""
    return str(FIRST + at)


def alice(count: int = 7, **more: Item) -> Account:
    """An account with so many pictures in a folder, an empty one and one of galleries."""
    items = tuple(
        Item(image(at), f"lake {at}.jpg", b"\xff\xd8 picture %d" % at * 50) for at in range(count)
    )
    galleries = tuple(Item(str(7000001 + at), f"Harbour {at}", b"") for at in range(3))
    return Account(
        USER,
        "Alice",
        (
            Folder(LAKES, "Landscapes & lakes", (*items, *more.values())),
            Folder(EMPTY, "Nothing yet"),
            Folder(GALLERIES, "Seen by others", galleries, "galleries"),
        ),
    )


@contextmanager
def connected(url: str) -> Iterator[HTTPConnection]:
    """A connection that is kept for several questions."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)) as connection:
        yield connection


def ask_on(connection: HTTPConnection, path: str, method: str = "GET", **headers: str) -> Told:
    """One question on an open connection; a path with its query, or a whole address."""
    if path.startswith("http"):
        parts = urlsplit(path)
        path = f"{parts.path}?{parts.query}"
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def ask(url: str, path: str, method: str = "GET", **headers: str) -> Told:
    """One question to the site at `url`, on a connection of its own."""
    if not path.startswith("http"):
        path = urlsplit(url).path + path
    with connected(url) as connection:
        return ask_on(connection, path, method, **headers)


def listing(folder: str = LAKES, page: int = 0) -> str:
    """The address of a folder's page."""
    return f"/showfavorites.php?userid={USER}&page={page}&folderid={folder}"


def listed(told: Told) -> list[str]:
    """The ids on a folder's page."""
    return re.findall(r'<td class="blk_favorites" id="img-(\d+)" align=', told.text)


def file_of(url: str, number: str) -> str:
    """The address of a picture's file, from its page."""
    found = re.search(r'original="([^"]+)"', ask(url, f"/photo/{number}/").text)
    assert found is not None
    return found[1]


@contextmanager
def raw(url: str, path: str) -> Iterator[socket.socket]:
    """A bare socket that has asked for something and read nothing yet."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as made:
        made.sendall(f"GET {parts.path}{path} HTTP/1.1\r\nHost: practice\r\n\r\n".encode())
        yield made


def until_closed(made: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    pieces = []
    while piece := made.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
