"""A large album in a browser: where its pictures lie, and which are filled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.serving import PATIENCE, Served
from tests.viewer.galleries import digest

ALBUM = "/viewer/favorite/7/70/"


@dataclass(frozen=True, slots=True)
class Grid:
    """A tab that shows an album."""

    page: Page
    served: Served

    def open(self, query: str = "") -> None:
        """Goes to the album, and waits until its script runs."""
        self.page.goto(f"{self.served.url}{ALBUM}{query}")
        self.ready()

    def ready(self) -> None:
        """Waits until one picture only is on the way of Tab: the script has begun."""
        expect(self.page.locator(".cell [tabindex='-1']").first).to_be_attached()

    def boxes(self) -> list[dict[str, float]]:
        """Where the pictures of the first page are."""
        found: list[dict[str, float]] = self.page.evaluate(
            """() => [...document.querySelector("section.cells").querySelectorAll(".cell")]
               .map(one => one.getBoundingClientRect().toJSON())"""
        )
        return found

    def filled(self) -> list[int]:
        """The pages that hold pictures."""
        found: list[int] = self.page.evaluate(
            """() => [...document.querySelectorAll("section.cells")]
               .filter(one => one.querySelector(".cell")).map(one => Number(one.dataset.page))"""
        )
        return found

    def selected(self) -> set[int]:
        """The numbers of the pictures that are shown as selected."""
        names = self.page.locator("input[name=pick]:checked").evaluate_all(
            "all => all.map(one => one.value)"
        )
        return {number for number in range(1000) if digest(number).hex() in names}

    def count(self, number: int) -> None:
        """Waits until the server has so many selected."""
        expect(self.page.locator(".selected-count strong")).to_have_text(str(number))

    def cell(self, number: int) -> Any:
        """A picture."""
        name = digest(number).hex()
        return self.page.locator(f".cell:has([value='{name}'], .to[href*='{name}'])").first

    def focused(self) -> int:
        """The number of the picture that has the focus."""
        name = self.page.evaluate(
            """() => { const one = document.activeElement;
               return one.value ?? (one.getAttribute("href") ?? "").split("/")[3]; }"""
        )
        return next(number for number in range(1000) if digest(number).hex() == name)

    def scroll_to_page(self, number: int) -> None:
        """Scrolls on, as a person does, until a page is filled."""
        until = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < until:
            if number in self.filled():
                return
            self.page.mouse.wheel(0, self._towards(number))
            self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
        raise AssertionError(f"page {number} never came: {self.filled()}")

    def _towards(self, number: int) -> float:
        """How far to turn the wheel: by large steps to what is not there yet, not past what is."""
        away: float | None = self.page.evaluate(
            """(number) => {
              const one = document.querySelector(`section.cells[data-page="${number}"]`);
              if (!one) return null;
              const box = one.getBoundingClientRect();
              if (box.bottom < 0) return Math.max(-4000, box.bottom);
              return box.top > innerHeight ? Math.min(4000, box.top - innerHeight / 2) : 0;
            }""",
            number,
        )
        if away is None:
            return 4000 if number > max(self.filled()) else -4000
        return away
