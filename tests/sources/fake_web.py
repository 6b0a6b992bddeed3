"""A web without a network, for tests of sources: scripted answers, and what was asked is recorded.

`FakeWeb` answers with whatever it is told. `FakeSite` keeps users, folders and pictures, and writes
Imagefap's pages about them; its clock goes on by `pace` seconds with every question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from fapfav.sources.web import Answer, Head, Wait

BASE = "http://127.0.0.1:8080/site"
Said = bytes | int | Exception
"""A body under 200, a status without a body, or an error that is raised."""


class Asked(NamedTuple):
    """One question: page, file or head, and of which address."""

    kind: str
    address: str


class FakeWeb:
    """Answers every question by `say`; anything that is raised there goes up."""

    def __init__(self, say: Callable[[Asked], Said | Answer | Head]) -> None:
        self._say = say
        self.questions: list[Asked] = []
        self.waiting: Wait | None = None
        self.hurried = False

    @property
    def asked(self) -> int:
        """Requests so far."""
        return len(self.questions)

    def hurry(self) -> None:
        """Only remembers that it was called."""
        self.hurried = True

    def page(self, address: str) -> Answer:
        """As the protocol has it."""
        said = self._answer(Asked("page", address))
        assert isinstance(said, Answer)
        return said

    def file(self, address: str) -> Answer:
        """As the protocol has it."""
        said = self._answer(Asked("file", address))
        assert isinstance(said, Answer)
        return said

    def head(self, address: str) -> Head:
        """As the protocol has it; the length is that of the body unless a Head is given."""
        said = self._answer(Asked("head", address))
        if isinstance(said, Head):
            return said
        return Head(said.status, said.url, len(said.body), said.content_type)

    def pages(self) -> list[str]:
        """The addresses of the pages asked for since the last call, and forgets them."""
        found = [asked.address for asked in self.questions if asked.kind == "page"]
        self.questions.clear()
        return found

    def _answer(self, asked: Asked) -> Answer | Head:
        self.questions.append(asked)
        said = self._say(asked)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Answer | Head):
            return said
        url = asked.address if "://" in asked.address else BASE + asked.address
        kind = "text/html" if asked.kind == "page" else "image/jpeg"
        return (
            Answer(said, url, b"", kind) if isinstance(said, int) else Answer(200, url, said, kind)
        )


OWNER = '<a class="blk_header" href="/profile.php?user=alice" style="font-size:20px;">alice</a>'


def list_of(folders: Sequence[tuple[str, str]]) -> bytes:
    """One page of the list of alice's folders."""
    rows = (
        '<tr><td class="blk_favorites"><a class="blk_galleries" href="https://www.imagefap.com/'
        f'showfavorites.php?userid=100001&folderid={folder}">{escape(name)}</a></td></tr>'
        for folder, name in folders
    )
    return f"<html><body>{OWNER}<table>{''.join(rows)}</table></body></html>".encode()


def folder_of(name: str, images: Sequence[str]) -> bytes:
    """One page of a folder of pictures."""
    cells = (
        f'<td class="blk_favorites" id="img-{image}" align="center"><a href="/photo/{image}/"></td>'
        for image in images
    )
    return (
        f'<html><body>{OWNER}<table><tr><td><a class="blk_favorites" href="/x" '
        f'style="text-decoration:none;">{escape(name)}</a></td></tr></table>'
        f"<table><tr>{''.join(cells)}</tr></table></body></html>"
    ).encode()


def file_of(image: str, token: int = 0) -> str:
    """The address of a picture's file."""
    return f"http://127.0.0.1:8080/site/images/full/1/{image[:3]}/{image}.jpg?end={token}"


def photo_of(image: str, token: int = 0, name: str = "") -> bytes:
    """One picture's page."""
    record = f'{{"@type":"ImageObject","name":"{name or image}.jpg","datePublished":"21/08/2014"}}'
    return (
        f'<html><script type="application/ld+json">{record}</script><input id="imageid_input" '
        f'value="{image}"><a framed=1 original="{file_of(image, token)}"></a></html>'
    ).encode()


class FakeSite:
    """alice's favourites: `folders` by id, each a list of pages of ids; `said` by address, first.

    Pages of a folder past the last are empty. Pictures are their own ids as bytes.
    """

    def __init__(self, folders: dict[str, list[list[str]]], pace: float = 3.0) -> None:
        self.folders = folders
        self.said: dict[str, Said | Answer | Head] = {}
        self.clock = 1_700_000_000.0
        self.pace = pace
        self.web = FakeWeb(self._say)

    def now(self) -> float:
        """The time by the clock of this site."""
        return self.clock

    def numbers(self) -> list[int]:
        """The page numbers asked for since the last call."""
        return [int(match[1]) for a in self.web.pages() if (match := re.search(r"page=(\d+)", a))]

    def _say(self, asked: Asked) -> Said | Answer | Head:
        self.clock += self.pace
        if asked.address in self.said:
            return self.said[asked.address]
        if match := re.fullmatch(r"/photo/(\d+)/", asked.address):
            return photo_of(match[1])
        if match := re.search(r"/(\d+)\.jpg", asked.address):
            return b"picture " + match[1].encode()
        if asked.address.lower() == "/profile/alice":
            return b'<a class="blk_header" href="/showfavorites.php?userid=100001">Favorites</a>'
        match = re.fullmatch(
            r"/showfavorites\.php\?userid=100001&page=(\d+)(?:&folderid=(\d+))?", asked.address
        )
        return self._favorites(int(match[1]), match[2]) if match else b"<html>nothing</html>"

    def _favorites(self, page: int, folder: str | None) -> Said:
        if folder is None:
            return list_of(
                [(one, f"Folder {one}") for one in self.folders][page * 2 : page * 2 + 2]
            )
        if folder not in self.folders:
            return list_of([])
        pages = self.folders[folder]
        return folder_of(f"Folder {folder}", pages[page] if page < len(pages) else ())
