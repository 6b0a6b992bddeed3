"""Getting to a set's page, and reading what its stage shows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from fapfav.model import Digest
from tests.browser.serving import Served


def set_with(served: Served, name: str) -> Digest:
    """The picture that was read from a file of this name: its set can be opened by it."""
    with served.viewer.archive() as archive:
        places = [place for place in archive.places.values() if place.name == name]
    (place,) = places
    assert place.holds is not None
    return place.holds


def open_set(page: Page, served: Served, digest: Digest, query: str = "") -> None:
    """Shows the page of a set, until keys decide there."""
    page.goto(f"{served.url}/viewer/duplicate/{digest.hex()}/{query}")
    wait_for_stage(page)


def wait_for_stage(page: Page) -> None:
    """Until the set that is shown has been painted and keys are armed."""
    page.wait_for_selector(".stage[data-painted]")


def frame(page: Page, pane: str) -> tuple[float, ...]:
    """Left, top, width, and height of a pane's frame on the screen."""
    box = page.locator(f"{pane} .frame").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def module(page: Page, name: str) -> Any:
    """A module of the viewer, for functions that are only numbers in and numbers out."""
    return page.evaluate_handle(
        """async (name) => {
          const address = [...document.scripts].find((one) => one.src.includes("main.js")).src;
          return await import(new URL(name, address).href);
        }""",
        name,
    )
