"""Finding one's way through the viewer in a browser.

Addresses come from links of a real archive, as a person would follow them, so the same walk goes
over a plain archive and over an encrypted one, whose addresses tell nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from lxml import html
from playwright.sync_api import Page

from tests.browser.rich import TAGS
from tests.browser.serving import Served

BEGUN = """async () => {
  const main = [...document.scripts].find((one) => one.src.includes("main.js"));
  const named = [...document.querySelectorAll("[data-module]")];
  const names = named.flatMap((one) => one.dataset.module.split(/\\s+/));
  await Promise.all([...new Set(names)].map((name) => import(new URL(`./${name}.js`, main.src))));
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}"""
"""Waits until every module that the page names has started and was drawn."""

COUNTS = re.compile(r"(\d+) (picture|place)s?\b")


@dataclass(slots=True)
class Walk:
    """A tab, what it is served, and the addresses that were found by following links."""

    page: Page
    served: Served
    found: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def look_round(self) -> None:
        """Follows links from the users to a picture, over the tags, and to sets of each size."""
        found = self.found
        found["user"] = self.link("users/", "tbody th a")
        for row in self.links(found["user"], "tbody th a"):
            found[row.text_content().split("/")[-1].strip()] = row.get("href")
        for line in self.links("tag/0/", ".tag-tree a"):
            found[line.text_content().strip()] = line.get("href")
        found["tag"] = found[TAGS[0]]
        for card in self.links("duplicates/?state=waiting", ".sets a"):
            number, noun = COUNTS.search(card.text_content()).groups()  # type: ignore[union-attr]
            found.setdefault(f"{number} {noun}s", card.get("href"))
        found["album"] = found["Zanderbucht"]
        found["large"] = found["Nebelkamm"]
        found["picture"] = self.link(found["album"], "li.cell a.to")

    def forget_files(self) -> None:
        """As if the browser had never been here."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.clearBrowserCache")
        session.detach()

    def address(self, path: str) -> str:
        """The whole address of a path below the viewer's, or of what a link says."""
        return urljoin(f"{self.served.url}/viewer/", path)

    def read(self, path: str) -> Any:
        """A page as elements, asked for beside the tab but as the same person."""
        return html.fromstring(self.page.request.get(self.address(path)).text())

    def links(self, path: str, selector: str) -> list[Any]:
        """Elements of a page by a CSS selector."""
        return list(self.read(path).cssselect(selector))

    def link(self, path: str, selector: str) -> str:
        """Where the first such link of a page leads."""
        return str(self.links(path, selector)[0].get("href"))

    def go(self, path: str) -> None:
        """Opens a page and waits until its modules have begun."""
        self.page.goto(self.address(path))
        self.begun()

    def begun(self) -> None:
        """Waits until the page's modules have begun; those of a review until keys decide."""
        self.page.evaluate(BEGUN)
        if self.page.locator(".stage .pane").count():
            self.page.wait_for_selector(".stage[data-painted]")

    def press(self, selector: str) -> None:
        """Presses what leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.begun()
