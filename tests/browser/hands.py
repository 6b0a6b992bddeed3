"""Somebody who reviews by keys or by mouse, and whose every move is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request, Route

from fapfav.jobs.sets import judge_set, quick, set_view
from fapfav.model import Verdict
from tests.browser.serving import Served
from tests.browser.staging import set_with

STAYS = {"z", "Shift+ArrowRight", "b", "v", "d", "g", "i"}
"""Keys that show something else of the same set."""


@dataclass
class Hands:
    """A tab, what is served to it, and what was pressed, clicked and loaded since `begin`."""

    page: Page
    served: Served
    presses: int = 0
    clicks: int = 0
    screens: int = 0
    views: list[str] = field(default_factory=list)
    """How the first picture was drawn, after each step."""

    def begin(self) -> None:
        """From here on it counts."""
        self.presses = self.clicks = self.screens = 0
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        is_page = request.resource_type == "document" and request.redirected_from is None
        self.screens += is_page

    def press(self, key: str) -> None:
        """Presses a key, and waits until what it swaps is there."""
        self.presses += 1
        bare = key.lower() if len(key) == 1 else key
        held = bare in {"b", "z"}
        way = (lambda: tap(self.page, bare)) if held else (lambda: self.page.keyboard.press(bare))
        self._watched(way, swaps=bare not in STAYS)

    def click(self, selector: str, *, swaps: bool = True) -> None:
        """Clicks what a person can reach by Tab as well."""
        self.clicks += 1
        control = self.page.locator(selector).first
        assert control.evaluate("one => one.matches('a[href], button, input, summary')")
        self._watched(control.click, swaps=swaps)

    def drag(self, selector: str) -> None:
        """Drags something to the left."""
        self.clicks += 1
        self.page.locator(selector).first.hover()
        self.page.mouse.down()
        self.page.mouse.move(200, 300, steps=4)
        self.page.mouse.up()
        self._watched(lambda: None, swaps=False)

    def _watched(self, act: Callable[[], object], *, swaps: bool) -> None:
        self.page.evaluate("() => document.querySelector('main').setAttribute('data-before', '')")
        act()
        if swaps:
            self.page.wait_for_selector("main:not([data-before])")
        self.settle()
        shot = self.page.locator(".shot")
        self.views.append(str(shot.first.get_attribute("style")) if shot.count() else "")

    def settle(self) -> None:
        """Waits until what is shown can be decided, and a difference is known."""
        self.page.wait_for_function(
            """() => {
              const stage = document.querySelector(".stage");
              if (stage && !stage.dataset.painted) return false;
              const said = document.querySelector(".difference-words")?.textContent || "...";
              if (stage?.dataset.view === "diff" && said.endsWith("...")) return false;
              return new Promise((done) => requestAnimationFrame(() => done(true)));
            }"""
        )

    def open(self, name: str) -> None:
        """Goes to the set of a picture."""
        digest = set_with(self.served, name).hex()
        self.page.goto(f"{self.served.url}/viewer/duplicate/{digest}/")
        self.settle()

    def verdicts(self, *names: str) -> list[str]:
        """What the archive says by now of the pictures of these names."""
        digests = [set_with(self.served, name) for name in names]
        with self.served.viewer.archive() as archive:
            shown = {d: v for group in archive.groups for d, v in group.verdicts.items()}
        return [shown.get(digest, Verdict.FALSE).value for digest in digests]

    def decide(self, *names: str) -> None:
        """Decides sets as a run before did: all of each are kept."""
        for name in names:
            digest = set_with(self.served, name)
            with self.served.viewer.archive() as archive:
                view = set_view(archive, digest)
                judge_set(archive, digest, view.revision, *quick(view, "keep-all"), by="viewer")


class Held:
    """Requests that wait until they are let go, and those that come later are not held."""

    def __init__(self, page: Page, pattern: str, *, method: str = "") -> None:
        self.method = method
        self.routes: list[Route] = []
        self.go: Callable[[Route], object] | None = None
        page.route(pattern, self._come)

    def _come(self, route: Route) -> None:
        if self.method not in ("", route.request.method):
            route.continue_()
            return
        self.routes.append(route)
        if self.go:
            self.go(route)

    def release(self, go: Callable[[Route], object] = lambda route: route.continue_()) -> None:
        """Lets all of them go; whoever is still on the way here goes when it comes."""
        self.go = go
        for route in list(self.routes):
            go(route)


def tap(page: Page, letter: str) -> None:
    """Presses a key for a twentieth of a second, as the browser sees it, however slow all is."""
    session = page.context.new_cdp_session(page)
    now = time.time()
    key = {"key": letter, "code": f"Key{letter.upper()}"}
    session.send(
        "Input.dispatchKeyEvent", {"type": "keyDown", **key, "text": letter, "timestamp": now}
    )
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key, "timestamp": now + 0.05})
    session.detach()


def touch(page: Page, *moves: list[tuple[float, float]]) -> None:
    """Puts fingers down where the first move has them, moves them, and lifts them."""
    session = page.context.new_cdp_session(page)
    kinds = ["Start", *["Move"] * (len(moves) - 1), "End"]
    for kind, fingers in zip(kinds, [*moves, []], strict=True):
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
