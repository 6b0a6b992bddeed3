"""Looking at a page as people may have to: light and dark, wide and narrow, the first time."""

from __future__ import annotations

from playwright.sync_api import ViewportSize

from tests.browser.axe import violations
from tests.browser.states import State
from tests.browser.walk import Walk
from tests.browser.watching import REACH, Watch

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROWEST: ViewportSize = {"width": 320, "height": 640}
PHONE: ViewportSize = {"width": 360, "height": 4000}
"""As wide as a phone, and so high that no bar lies over what can be scrolled away from below it."""

ON_A_PHONE = (
    *("aria-hidden-focus", "button-name", "color-contrast", "heading-order", "label", "link-name"),
    *("landmark-one-main", "page-has-heading-one", "region", "scrollable-region-focusable"),
    *("target-size",),
)
"""The rules whose answer depends on where things stand, and on what is left out."""

PARTS = 8
"""Of how many parts a first visit is made without pictures, the icon among them."""

COSTS = {"grid": 100_000, "picture": 60_000, "stage": 110_000, "": 65_000}
"""Bytes of a first visit without pictures, by the module that its page is about."""

STEADY = 0.01
"""How far a page may jump in all while it comes; from 0.1 on people mind."""


def faults(walk: Walk, *rules: str) -> list[str]:
    """What breaks a rule, but for targets that a bar covers until one scrolls."""
    return [each for each in violations(walk.page, *rules) if "partially obscured" not in each]


def _has_module(walk: Walk, name: str) -> bool:
    return not name or walk.page.locator(f"[data-module~='{name}']").count() > 0


def dear(walk: Walk, watch: Watch) -> list[str]:
    """What is too much for a first visit, and what jumped while it came."""
    parts = watch.parts()
    module = next(name for name in COSTS if _has_module(walk, name))
    found = [f"has {len(parts)} parts: {sorted(parts)}"] * (len(parts) > PARTS)
    found += [f"has {sum(parts.values())} bytes: {parts}"] * (sum(parts.values()) > COSTS[module])
    shifted = walk.page.evaluate("self.shifted")
    return found + [f"jumps by {shifted}"] * (shifted > STEADY)


def looked_at(walk: Walk, watch: Watch, state: State) -> list[str]:
    """What is wrong with a page in one of its states."""
    page = walk.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    walk.forget_files()
    watch.forget()
    state.open(walk)
    said = [] if watch.status == state.status else [f"answers {watch.status}"]
    said += dear(walk, watch) if state.is_plain_visit else []
    said += [f"at 1280 px, {each}" for each in faults(walk)]
    page.emulate_media(color_scheme="dark")
    said += [f"dark, {each}" for each in faults(walk, "color-contrast")]
    page.set_viewport_size(PHONE)
    said += [f"at 360 px, {each}" for each in faults(walk, *ON_A_PHONE)]
    page.set_viewport_size(NARROWEST)
    said += [f"at 320 px scrolls sideways: {each}" for each in page.evaluate(REACH)]
    said += [f"has {page.locator('h1').count()} h1"] * (page.locator("h1").count() != 1)
    said += ["has no title"] * (not page.title().strip())
    said += ["says no language"] * (page.get_attribute("html", "lang") != "en")
    return [f"{state.name}: {each}" for each in said + watch.complaints]
