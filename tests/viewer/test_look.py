"""What all pages share: landmarks, titles, messages, how much a first visit costs, and contrast."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

import viewer as package
from tests.viewer.browsing import Page, Visitor
from viewer.state import Viewer

SHEET = (Path(package.__file__).parent / "static" / "viewer" / "viewer.css").read_text("utf-8")
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SHEET
    )
}
GROUNDS = ("bg", "surface", "raised")
MINE = (
    "/viewer/",
    "/viewer/users/",
    "/viewer/favorites/local/1/",
    "/viewer/users/?delete=local%2F1",
    "/viewer/settings/",
    "/viewer/search/",
    "/viewer/nothing-here/",
)


def luminance(colour: str) -> float:
    """As WCAG 2 reckons it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: int) -> float:
    light, dark = sorted(
        (luminance(TOKENS[one][theme]), luminance(TOKENS[other][theme])), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["text", "muted", "link", "error-text", "better", "worse"])
def test_text_can_be_read_on_every_ground(ink: str, ground: str, theme: int) -> None:
    assert contrast(ink, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    "pair",
    [
        ("on-link", "link"),
        ("on-banner", "banner"),
        ("on-error", "error-bg"),
        *((f"on-{name}", name) for name in ("here", "elsewhere", "similar", "gone", "selected")),
    ],
    ids=lambda pair: pair[1],
)
def test_text_can_be_read_on_what_is_coloured(pair: tuple[str, str], theme: int) -> None:
    assert contrast(*pair, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("line", ["line", "focus", "here", "elsewhere", "similar", "selected"])
def test_edges_of_controls_and_frames_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(line, ground, theme) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_frame_of_what_is_gone_can_be_seen(theme: int) -> None:
    assert min(contrast("gone-edge", ground, theme) for ground in GROUNDS) >= 3


def test_every_token_that_a_sheet_uses_is_there() -> None:
    static = Path(package.__file__).parent / "static" / "viewer"
    modules = "".join(module.read_text("utf-8") for module in static.glob("js/*.js"))
    known = set(re.findall(r"(--[\w-]+):", SHEET))
    known |= set(re.findall(r"""setProperty\(\s*["'`](--[\w-]+)""", modules))
    for sheet in static.glob("*.css"):
        text = sheet.read_text("utf-8")
        own = set(re.findall(r"(--[\w-]+):", text))
        used = set(re.findall(r"var\((--[\w-]+)\)", text))
        assert used <= known | own, sheet.name


@pytest.mark.parametrize("address", MINE)
def test_a_page_has_its_landmarks_and_one_title(visitor: Visitor, address: str) -> None:
    page = visitor.get(address)

    assert page.tree.get("lang") == "en"
    assert len(page.all("h1")) == 1
    assert page.one("h1").text_content().strip()
    assert page.title
    page.one("main")
    assert page.one("header nav").get("aria-label")
    assert page.one("a.skip").get("href") == f"#{page.one('h1').get('id')}"
    assert page.all("[style], script:not([src]), style") == []
    ids = [each.get("id") for each in page.all("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", MINE)
def test_every_field_and_picture_has_a_name(visitor: Visitor, address: str) -> None:
    page = visitor.get(address)

    for field in page.all("input:not([type=hidden]), select, textarea"):
        labels = page.all(f"label[for='{field.get('id')}']") if field.get("id") else []
        wrapped = any(parent.tag == "label" for parent in field.iterancestors())
        assert field.get("aria-label") or labels or wrapped, field.get("name")
    for control in page.all("button, a[href]"):
        assert control.text_content().strip() or control.get("aria-label"), control.get("href")


def test_where_one_is_is_marked(visitor: Visitor) -> None:
    marked = {
        address: [link.text_content().strip() for link in page.all("nav [aria-current=page]")]
        for address in MINE[:3]
        if (page := visitor.get(address))
    }

    assert marked == {MINE[0]: ["Home"], MINE[1]: ["Albums"], MINE[2]: ["Albums"]}


def fetched(page: Page) -> dict[str, int]:
    """What a browser loads for a page at its first visit, by address, in bytes as they are sent."""
    # What a page waits for with `expect` is a part of itself.
    asked = page.all("script[src], link[href]:not([rel=expect])")
    todo = [each.get("src") or each.get("href") for each in asked]
    sizes = {page.address: len(page.response.content)}
    while todo:
        address = urljoin(page.address, todo.pop())
        if address in sizes:
            continue
        body = page.visitor.get(address, **{"Accept-Encoding": "gzip"}).response.content
        sizes[address] = len(body)
        if address.endswith(".js"):
            plain = gzip.decompress(body).decode()
            inner = re.findall(r'^import [^"]*"(\./[^"]+)"', plain, re.MULTILINE)
            todo += [urljoin(address, each) for each in inner]
    return sizes


@pytest.mark.parametrize("address", MINE)
def test_a_first_visit_is_cheap(visitor: Visitor, address: str) -> None:
    loaded = fetched(visitor.get(address))

    assert len(loaded) <= 8, sorted(loaded)
    assert sum(loaded.values()) <= 60_000, loaded


def test_a_success_can_be_undone_from_its_message(visitor: Visitor, viewer: Viewer) -> None:
    saved = visitor.get("/viewer/settings/").submit("form#settings", theme="dark")

    # Settings are no step: there is nothing to undo beside their message.
    assert saved.all(".message form") == []
    assert saved.one(".message.success").text_content().strip().startswith("Settings are saved.")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
def test_each_trouble_has_one_next_step(viewer: Viewer, status: int) -> None:
    request = RequestFactory().get("/viewer/duplicates/", headers={"host": "127.0.0.1:8000"})
    request.COOKIES.clear()

    source = render_to_string(
        "viewer/error.html", {"status": status, "words": "It is <b>so</b>."}, request=request
    )

    page = Page(Visitor(viewer, let_in=False), "/viewer/", Rendered(source))  # type: ignore[arg-type]
    assert len(page.all("main a")) == 1
    assert "It is <b>so</b>." in page.one("[role=alert]").text_content()
    assert bool(page.all("meta[http-equiv=refresh]")) == (status == 503)


class Rendered:
    """An answer that only has its text."""

    def __init__(self, source: str) -> None:
        self.content = source.encode()


def test_a_page_asked_for_ahead_leaves_messages_to_the_one_they_are_for(visitor: Visitor) -> None:
    form = visitor.get("/viewer/settings/").one("form#settings")
    sent = visitor.send("/viewer/settings/", form.form_values())

    ahead = visitor.get("/viewer/", **{"X-Background": "1"})
    after = visitor.get("/viewer/settings/")

    assert sent.status == 303
    assert ahead.all(".message") == []
    assert len(after.all(".message.success")) == 1
