"""A page of old table markup, read as a stream of tags: what stands on it, not what it means.

Nothing depends on how tags are nested, because the site does not close all of them. libxml2 builds
no tree here: a tree drops in silence what lies deeper than some hundred tags, and takes time that
grows with the square of a hostile page's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree

from fapfav.errors import SourceError

_LONGEST_TEXT = 12_000  # characters that are kept of a link, a header or a notice
_LONGEST_SCRIPT = 2**18
_MOST = 50_000  # links, cells and the like of one page; real ones have some hundred
_CHUNK = 2**14
# libxml2 compares a closing tag with every open one, so the product of both is bounded. A page of
# 8 MiB that is nested as pages are stays below a third of this; this itself is about two seconds.
_WORK = 10**9

_LINKS = frozenset({"blk_header", "blk_galleries", "blk_favorites"})
_INPUTS = frozenset({"imageid_input", "galleryid_input"})
_ENDS_A_LINK = frozenset({"a", "td", "tr", "table", "div"})

_Attributes = Mapping[str, str | None]


class Text:
    """Text that is being collected, up to so many characters."""

    __slots__ = ("_pieces", "_room")

    def __init__(self, room: int = _LONGEST_TEXT) -> None:
        self._pieces: list[str] = []
        self._room = room

    def add(self, piece: str) -> None:
        """One more piece, as far as there is room."""
        if self._room > 0:
            self._pieces.append(piece[: self._room])
            self._room -= len(piece)

    def __str__(self) -> str:
        return "".join(self._pieces)

    @property
    def line(self) -> str:
        """All of it on one line, with no blanks at its ends."""
        return " ".join(str(self).split())


@dataclass(frozen=True, slots=True)
class Link:
    """A link of one of the site's own classes, and what stands in it."""

    classes: frozenset[str]
    href: str
    style: str
    text: Text


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found on a page, each kind in its order; ids and classes are in lower case.

    `cells` are the ids behind `img-` of the cells of pictures, `strays` those of anything else;
    `hrefs` the links of no class of the site's; `notices` what a check page says in.
    """

    links: list[Link] = field(default_factory=list)
    hrefs: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    heads: list[Text] = field(default_factory=list)
    originals: list[str] = field(default_factory=list)
    framed: list[str] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)
    titles: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    scripts: list[Text] = field(default_factory=list)
    notices: list[Text] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things were found."""
        plain = (self.hrefs, self.cells, self.strays, self.originals, self.framed)
        texts = (self.heads, self.scripts, self.notices)
        return (
            len(self.links)
            + len(self.titles)
            + len(self.descriptions)
            + sum(map(len, plain))
            + sum(map(len, texts))
        )


def read(page: bytes, address: str) -> Marks:
    """What stands on a page; bytes that are no UTF-8 are left out.

    Raises SourceError for one that no site would send: with too much on it, or nested without end.
    """
    scan = _Scan()
    # Its types ask for text as bytes too, which comes from no parser.
    parser = etree.HTMLParser(target=cast(Any, scan), no_network=True, huge_tree=True)
    text = page.decode("utf-8", "ignore").removeprefix("\ufeff")
    work = 0
    try:
        for at in range(0, len(text), _CHUNK):
            chunk = text[at : at + _CHUNK]
            tags = chunk.count("<")
            work += (scan.depth + tags) * tags
            if work > _WORK or scan.marks.count > _MOST:
                raise SourceError(
                    f"{address} is no page that can be read: there is far too much on it; the site "
                    "may be in trouble, try again later"
                )
            parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        if scan.depth:
            raise SourceError(f"{address} is no page that can be read: {error}") from error
        # Nothing but blanks or a comment: a page without anything, which its reader will miss.
    return scan.marks


class _Scan:
    """Takes the parser's events; a text goes to whatever is open and collects it."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.depth = 0
        self._link: Text | None = None
        self._head: Text | None = None
        self._script: Text | None = None
        self._notice: Text | None = None
        self._divs = 0

    def start(self, tag: str, attributes: _Attributes) -> None:
        """One tag opens."""
        self.depth += 1
        if tag in _ENDS_A_LINK:
            self._link = None
        given = {name: (value or "").strip() for name, value in attributes.items()}
        classes = frozenset(given.get("class", "").lower().split())
        if given:
            self._identified(tag, classes, given)
        if tag == "a":
            self._a(classes, given)
        elif tag == "td":
            self._td(classes)
        elif tag == "div":
            self._div(given)
        elif tag in {"script", "style"}:
            self._raw(given)

    def end(self, tag: str) -> None:
        """One tag closes, or is closed by another."""
        self.depth -= 1
        if tag == "a":
            self._link = None
        elif tag == "td":
            self._head = None
        elif tag in {"script", "style"}:
            self._script = None
        elif tag == "div" and self._notice is not None:
            self._divs -= 1
            if not self._divs:
                self._notice = None

    def data(self, text: str) -> None:
        """Text between tags; that of scripts and styles is nobody's but theirs."""
        if self._script is not None:
            self._script.add(text)
            return
        for sink in (self._link, self._head, self._notice):
            if sink is not None:
                sink.add(text)

    def close(self) -> None:
        """The end of the page."""

    def _identified(self, tag: str, classes: frozenset[str], given: dict[str, str]) -> None:
        name = given.get("id", "").lower()
        if name.startswith("img-"):
            is_cell = tag == "td" and "blk_favorites" in classes
            (self.marks.cells if is_cell else self.marks.strays).append(name[4:])
        elif name in _INPUTS:
            self.marks.inputs.add(name)
        elif name == "mainphoto" and tag == "img":
            self.marks.titles.append(given.get("title", ""))
        if given.get("name", "").lower() == "description" and tag == "meta":
            self.marks.descriptions.append(given.get("content", ""))
        if "original" in given:
            self.marks.originals.append(given["original"])

    def _a(self, classes: frozenset[str], given: dict[str, str]) -> None:
        href = given.get("href", "")
        if "framed" in given:
            self.marks.framed.append(href)
        if classes & _LINKS:
            self._link = Text()
            self.marks.links.append(Link(classes, href, given.get("style", ""), self._link))
        elif href:
            self.marks.hrefs.append(href)

    def _td(self, classes: frozenset[str]) -> None:
        self._head = None
        if "blk_favorites_hdr" in classes:
            self._head = Text()
            self.marks.heads.append(self._head)

    def _div(self, given: dict[str, str]) -> None:
        if self._notice is not None:
            self._divs += 1
        elif given.get("class", "").lower().startswith("mt-4"):
            self._notice, self._divs = Text(), 1
            self.marks.notices.append(self._notice)

    def _raw(self, given: dict[str, str]) -> None:
        is_facts = given.get("type", "").lower() == "application/ld+json"
        self._script = Text(_LONGEST_SCRIPT if is_facts else 0)
        if is_facts:
            self.marks.scripts.append(self._script)
