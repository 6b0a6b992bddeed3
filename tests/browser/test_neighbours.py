"""Other pages in the same browser: on another port, under another name, in a frame or a window."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.serving import Served
from viewer.addresses import name_of

PROBE = """async ({target, picture}) => {
  const tried = {};
  const load = (tag, name, value) => new Promise((done) => {
    const one = document.createElement(tag);
    one.onload = () => done("loaded");
    one.onerror = () => done("refused");
    one[name] = value;
    if (tag === "link") one.rel = "stylesheet";
    document.body.append(one);
    // Browsers never say what became of something embedded; all else is answered, if late.
    setTimeout(() => done("nothing"), tag === "embed" ? 3000 : 30000);
  });
  const ask = async (url, more) => {
    try {
      const got = await fetch(url, {credentials: "include", ...more});
      return `${got.type} ${got.status} ${(await got.text()).length}`;
    } catch (error) { return "refused"; }
  };
  const page = `${target}/viewer/history/`;
  tried.image = await load("img", "src", `${target}${picture}`);
  tried.script = await load("script", "src", page);
  tried.style = await load("link", "href", page);
  tried.embedded = await load("embed", "src", page);
  tried.fetched = await ask(page, {});
  tried.unread = await ask(page, {mode: "no-cors"});
  tried.picture = await ask(`${target}${picture}`, {mode: "no-cors"});
  tried.posted = await ask(`${target}/viewer/tag/0/`, {
    method: "POST", mode: "no-cors", body: new URLSearchParams({named_child: "forged"}),
  });
  tried.plain = await ask(`${target}/viewer/lock/`, {
    method: "POST", mode: "no-cors", headers: {"Content-Type": "text/plain"}, body: "a=b",
  });
  tried.kept = (await caches.match(`${target}${picture}`).catch(() => null)) ? "kept" : "none";
  return tried;
}"""
"""Everything by which a page can ask for what another one shows."""

FRAMED = """async (target) => {
  const frame = document.createElement("iframe");
  frame.src = `${target}/viewer/`;
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
  try { return frame.contentDocument ? frame.contentDocument.body.innerText : "closed"; }
  catch (error) { return "closed"; }
}"""

FORM = """(target) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action: `${target}/viewer/tag/0/`});
  const box = document.createElement("input");
  Object.assign(box, {name: "named_child", value: "forged"});
  form.append(box);
  document.body.append(form);
  form.submit();
}"""


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.heard.append(dict(self.headers))  # type: ignore[attr-defined]
        body = b"<!doctype html><title>neighbour</title><body>a neighbour"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@dataclass
class Neighbour:
    """Another server of this computer, and the headers that it was sent."""

    port: int
    heard: list[dict[str, str]] = field(default_factory=list)

    def at(self, name: str) -> str:
        """A page of it under one of the names that lead here."""
        return f"http://{name}:{self.port}/viewer/neighbour"


@contextmanager
def listening() -> Iterator[Neighbour]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    found = Neighbour(server.server_address[1])
    server.heard = found.heard  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    with listening() as found:
        yield found


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def target(request: pytest.FixtureRequest, context: BrowserContext) -> Served:
    """A viewer that the browser was let in to."""
    served: Served = request.getfixturevalue("sealed_served" if request.param else "served")
    page = context.new_page()
    page.goto(served.link)
    assert "/viewer/" in page.url
    assert page.locator("form#unlock").count() == 0
    return served


def picture(served: Served) -> str:
    with served.viewer.archive() as archive:
        return f"/viewer/thumb/{name_of(archive, next(iter(archive.blobs)))}/"


def state(served: Served) -> tuple[object, bool, int]:
    with served.viewer.archive() as archive:
        return archive.last, served.viewer.is_open, len(archive.tags)


def went(page: Page, url: str) -> Page:
    page.goto(url)
    assert page.title() == "neighbour"
    return page


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "neighbour.localhost"])
def test_a_neighbour_can_neither_see_nor_change_anything(
    target: Served, context: BrowserContext, neighbour: Neighbour, name: str
) -> None:
    before = state(target)
    page = went(context.new_page(), neighbour.at(name))

    tried = page.evaluate(PROBE, {"target": target.url, "picture": picture(target)})

    assert tried == {
        "image": "refused",
        "script": "refused",
        "style": "refused",
        "embedded": tried["embedded"],  # browsers show their own words in its place
        "fetched": "refused",
        "unread": tried["unread"] if tried["unread"] == "refused" else "opaque 0 0",
        "picture": tried["picture"] if tried["picture"] == "refused" else "opaque 0 0",
        "posted": tried["posted"] if tried["posted"] == "refused" else "opaque 0 0",
        "plain": tried["plain"] if tried["plain"] == "refused" else "opaque 0 0",
        "kept": "none",
    }
    assert page.evaluate(FRAMED, target.url) in ("closed", "")
    assert state(target) == before


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "neighbour.localhost"])
def test_a_form_of_a_neighbour_is_refused(
    target: Served, context: BrowserContext, neighbour: Neighbour, name: str
) -> None:
    before = state(target)
    page = went(context.new_page(), neighbour.at(name))

    with page.expect_navigation():
        page.evaluate(FORM, target.url)

    assert "sent by another page" in page.inner_text("body")
    assert state(target) == before


@pytest.mark.parametrize("name", ["rebound.localhost", "a.b.localhost"])
def test_a_name_that_was_made_to_lead_here_shows_nothing(
    target: Served, context: BrowserContext, name: str
) -> None:
    page = context.new_page()

    answer = page.goto(f"http://{name}:{urlsplit(target.url).port}/viewer/history/")

    assert answer
    assert answer.status == 400
    assert page.inner_text("body").startswith("This address is not the viewer's")


def test_a_window_that_was_opened_by_a_neighbour_is_out_of_its_reach(
    target: Served, context: BrowserContext, neighbour: Neighbour
) -> None:
    page = went(context.new_page(), neighbour.at("127.0.0.1"))
    with context.expect_page() as opened:
        page.evaluate("(url) => { self.other = open(url); }", f"{target.url}/viewer/history/")
    opened.value.wait_for_load_state()

    assert opened.value.evaluate("() => self.opener") is None
    page.wait_for_function("() => self.other.closed")  # so it looks from outside
    page.evaluate("(url) => { self.other.location = url; }", neighbour.at("127.0.0.1"))
    assert opened.value.url.startswith(target.url)


def test_nothing_tells_a_neighbour_where_somebody_came_from(
    target: Served, context: BrowserContext, neighbour: Neighbour
) -> None:
    page = context.new_page()
    page.goto(f"{target.url}/viewer/history/")
    neighbour.heard.clear()

    page.evaluate("(url) => { location.href = url; }", neighbour.at("neighbour.localhost"))
    page.wait_for_url("**/viewer/neighbour")

    assert neighbour.heard
    for headers in neighbour.heard:
        assert target.url not in headers.get("Referer", "")
        assert "Cookie" not in headers
