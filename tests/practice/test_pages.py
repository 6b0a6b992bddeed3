"""However the practice site spells its pages, they say the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.practice import pages
from fapfav.practice.pages import Style
from fapfav.practice.site import Account, Folder, Item, PracticeSite
from fapfav.practice.world import Listing, Member, Shelf
from tests.practice.asking import ask

MEMBER = Member("100001", "Alice", [])
LINK = "http://127.0.0.1:1/images/full/1/150/1500000001.jpg?end=1&secure=2"

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1, max_size=40)
STYLES = st.builds(
    Style,
    quotes=st.sampled_from(["double", "single", "mixed"]),
    unbalanced=st.booleans(),
    upper=st.booleans(),
    entities=st.booleans(),
    links=st.sampled_from(["", "https://www.imagefap.com", "http://other.example:8080/x"]),
    full=st.sampled_from(["both", "original", "href"]),
    json_ld=st.booleans(),
)


class Seen(HTMLParser):
    """The tags of a page with their attributes, its texts, and what its scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.texts.append("")
        self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[-1] += data

    def of(self, **wanted: str) -> list[tuple[dict[str, str | None], str]]:
        """The attributes and the text after each tag that has these attributes."""
        return [
            (attributes, text)
            for (_, attributes), text in zip(self.tags, self.texts, strict=True)
            if wanted.items() <= attributes.items()
        ]


@settings(deadline=None, max_examples=60)
@given(STYLES, NAMES)
def test_a_name_comes_back_from_every_page_in_every_style(style: Style, name: str) -> None:
    shelf = Shelf("20002", name, "pictures", [])
    listed = Seen(pages.folders(style, replace(MEMBER, name=name), [shelf]))
    opened = Seen(pages.folder(style, MEMBER, "20002", Listing(name, "pictures", ())))
    shown = Seen(pages.photo(style, Item("1500000001", name, b""), LINK))

    ((link, text),) = listed.of(**{"class": "blk_galleries"})
    assert (text, link["href"]) == (
        name,
        f"{style.links}/showfavorites.php?userid=100001&folderid=20002",
    )
    assert listed.of(**{"class": "blk_header"})[0][1] == name
    ((cell, text),) = opened.of(**{"class": "blk_favorites"})
    assert text == name
    assert str(cell["style"]).endswith("none;")
    ((big, _),) = shown.of(id="mainPhoto")
    assert big["title"] == name


@settings(deadline=None, max_examples=40)
@given(STYLES, NAMES)
def test_a_photo_page_tells_the_file_as_its_style_says(style: Style, name: str) -> None:
    page = Seen(pages.photo(style, Item("1500000001", name, b""), LINK))

    original = [one for one, _ in page.of(original=LINK)]
    framed = [one for one, _ in page.of(href=LINK)]
    assert bool(original) == (style.full != "href")
    assert bool(framed) == (style.full != "original")
    facts = page.of(type="application/ld+json")
    assert [json.loads(text)["name"] for _, text in facts] == [name] * style.json_ld


def test_a_size_that_is_known_is_told_as_text() -> None:
    text = pages.photo(Style(), Item("1", "x", b"", width=1066, height=800), LINK)

    assert '"width":"1066","height":"800"' in text


def test_quotes_tags_and_letters_are_spelt_as_asked() -> None:
    shelf = Shelf("20002", "Zoë", "pictures", [])

    def page(style: Style) -> str:
        return pages.folders(style, MEMBER, [shelf])

    assert "class='" not in page(Style())
    assert 'class="' not in page(Style(quotes="single"))
    mixed = page(Style(quotes="mixed"))
    assert "class='blk_galleries' href=\"https://" in mixed
    assert re.findall(r"<[a-z]", page(Style(upper=True))) == []
    assert ">Zo&#235;</a>" in page(Style(entities=True))
    assert 'href="/showfavorites.php' in page(Style(links=""))


@pytest.mark.parametrize("kind", ["pictures", "galleries"])
def test_tags_are_closed_when_asked_for(kind: str) -> None:
    listing = Listing("x", kind, (Item("1500000001", "a", b""), Item("1500000002", "b", b"")))

    def unclosed(style: Style) -> int:
        text = pages.folder(style, MEMBER, "20002", listing)
        return sum(
            abs(len(re.findall(rf"<{tag}[ >]", text)) - text.count(f"</{tag}>"))
            for tag in ("a", "b", "span", "td", "tr", "table", "center", "font", "div")
        )

    assert unclosed(Style(unbalanced=False)) == 0
    assert unclosed(Style()) > 0


def test_files_can_be_said_to_be_on_another_host() -> None:
    account = Account("5", "b", (Folder("1", "x", (Item("1500000001", "x", b""),)),))
    with PracticeSite([account], style=Style(files="https://cdn.example")) as site:
        text = ask(site.url, "/photo/1500000001/").text

    assert 'original="https://cdn.example/images/full/1/150/1500000001.jpg?end=' in text
