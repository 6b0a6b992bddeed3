"""The actions of a review, each done by keys and by mouse, and counted as the document says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from fapfav.jobs.sets import Kind, set_lines
from tests.browser import sets
from tests.browser.hands import Hands
from tests.browser.serving import serving
from tests.browser.staging import set_with
from tests.house.tree import ROOT
from tests.support import encoded

DOCUMENT = ROOT / "docs" / "review.md"
ROW = re.compile(
    r"\| (?P<name>[A-Z][^|]+) \| (?P<keys>[^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|"
)
PAIRS, TEN = 11, 10


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: keys, and counts of presses, screens, clicks and screens."""

    keys: tuple[str, ...]
    counts: tuple[int, int, int, int]


def table() -> dict[str, Row]:
    """The document's table by the names of actions."""
    found = {}
    for match in ROW.finditer(DOCUMENT.read_text(encoding="utf-8")):
        named = re.findall(r"`([^`]+)`", match["keys"])
        presses, screens, clicks, more = (int(match[at]) for at in range(3, 7))
        times = presses // len(named) if named else 0
        found[match["name"]] = Row(tuple(named) * times, (presses, screens, clicks, more))
    return found


TABLE = table()


Steps = Callable[[Hands], object]


@dataclass(frozen=True, slots=True)
class Action:
    """How an action starts, how it is done by mouse, and whether it came about."""

    start: Steps
    by_mouse: Steps
    came: Callable[[Hands], bool]


def pair(number: int) -> tuple[str, str]:
    """The names of two that are alike."""
    return f"{100 + number} a.jpg", f"{100 + number} b.jpg"


FIVE = tuple(f"five {number}.jpg" for number in range(5))
BIG = "007 first.jpg"
OF_TEN = [name for number in range(TEN) for name in pair(number)]


def at_pair(hands: Hands) -> None:
    hands.open(pair(0)[0])


def at_five(hands: Hands) -> None:
    hands.open(FIVE[0])


def at_big(hands: Hands) -> None:
    hands.open(BIG)


def at_review(hands: Hands) -> None:
    hands.page.goto(f"{hands.served.url}/viewer/review/")


def decided(hands: Hands) -> None:
    at_pair(hands)
    hands.press("Enter")


def undone(hands: Hands) -> None:
    decided(hands)
    hands.press("u")


def ten_decided(hands: Hands) -> None:
    hands.decide(*OF_TEN[::2])
    hands.open(pair(TEN)[0])


def one_decided(hands: Hands) -> None:
    hands.decide(pair(1)[0])
    at_pair(hands)


def at_copies(hands: Hands) -> None:
    with hands.served.viewer.archive() as archive:
        (line,) = (each for each in set_lines(archive) if each.kind is Kind.EXACT)
    hands.page.goto(f"{hands.served.url}/viewer/duplicate/{line.key.hex()}/")
    hands.settle()


def is_kept(name: str, *others: str) -> Callable[[Hands], bool]:
    """Whether one is kept and all others are skipped."""
    expected = ["keep", *["skip"] * len(others)]
    return lambda hands: hands.verdicts(name, *others) == expected


def are(verdict: str, *names: str) -> Callable[[Hands], bool]:
    """Whether all have one verdict."""
    return lambda hands: hands.verdicts(*names) == [verdict] * len(names)


def has(selector: str) -> Callable[[Hands], bool]:
    """Whether something is on the page."""
    return lambda hands: hands.page.locator(selector).count() > 0


def clicking(*selectors: str, stays: bool = False) -> Steps:
    """Clicks on one after the other."""

    def steps(hands: Hands) -> None:
        for selector in selectors:
            hands.click(selector, swaps=not stays)

    return steps


def was_put_off(hands: Hands) -> bool:
    other = hands.page.get_attribute(".stage", "data-set")
    return other != set_with(hands.served, pair(0)[0]).hex() and are("new", *pair(0))(hands)


def is_back(hands: Hands) -> bool:
    names = hands.page.locator(".pane").evaluate_all("all => all.map(one => one.dataset.name)")
    return set_with(hands.served, pair(0)[0]).hex() in names and are("new", *pair(0))(hands)


def zoomed_and_moved(hands: Hands) -> bool:
    return hands.page.inner_text(".scale") == "100 %" and hands.views[-1] != hands.views[-2]


def zooming(hands: Hands) -> None:
    hands.click('[data-stage="full"]', swaps=False)
    hands.drag("#picture-1 .frame")


def looks_at_a_difference(hands: Hands) -> bool:
    expect(hands.page.locator(".difference-words")).to_contain_text("One place differs")
    return hands.page.inner_text(".scale") != "fit" and hands.views[-1] != hands.views[-2]


def each_of_five(hands: Hands) -> None:
    hands.click('[data-stage="view"][data-value="sheet"]', swaps=False)
    for number, verdict in enumerate(("keep", "skip", "skip", "false", "skip"), 1):
        hands.click(f"#picture-{number} .verdict input[value={verdict}]", swaps=False)
    hands.click("#verdicts button")


def reopening(hands: Hands) -> None:
    name = set_with(hands.served, pair(1)[0]).hex()
    other = set_with(hands.served, pair(1)[1]).hex()
    hands.click('.ways a:has-text("All sets")')
    hands.click(f'.sets a[href*="{name}"], .sets a[href*="{other}"]')
    hands.click(".quick-accept button")


def first_place_is_kept(hands: Hands) -> bool:
    with hands.served.viewer.archive() as archive:
        places = [place for place in archive.places.values() if place.name == "twin.jpg"]
    return sorted(place.verdict.value for place in places) == ["keep", "skip"]


def obvious_ones_are_decided(hands: Hands) -> bool:
    return "skip" in hands.verdicts(*OF_TEN)


ONE, OTHER = pair(0)
ACTIONS = {
    "Begin, or go on where you stopped": Action(
        at_review, clicking("main a.primary"), has(".stage .pane")
    ),
    "Keep the suggested one, skip the rest": Action(
        at_pair, clicking(".quick-accept button"), is_kept(ONE, OTHER)
    ),
    "Keep the other of two": Action(
        at_pair, clicking('.quick button[data-key="2"]'), is_kept(OTHER, ONE)
    ),
    "Keep the third of five, skip the rest": Action(
        at_five,
        clicking('.quick button[data-key="3"]'),
        is_kept(FIVE[2], FIVE[0], FIVE[1], FIVE[3], FIVE[4]),
    ),
    "Keep both": Action(at_pair, clicking(".quick-keep-all button"), are("keep", ONE, OTHER)),
    "Not the same": Action(at_pair, clicking(".quick-false-all button"), are("false", ONE, OTHER)),
    "Later": Action(at_pair, clicking(".quick-later button"), was_put_off),
    "Undo": Action(decided, clicking(".quick-undo button"), is_back),
    "Redo": Action(undone, clicking(".quick-redo button"), is_kept(ONE, OTHER)),
    "Undo ten steps": Action(
        ten_decided,
        clicking('a:has-text("Summary")', "main button.danger", "main .confirm button.primary"),
        are("new", *OF_TEN),
    ),
    "Look at the next set, and back": Action(
        at_pair, clicking(".ways [rel=next]", ".ways [rel=prev]"), is_back
    ),
    "Every pixel on the screen, and move what is seen": Action(at_big, zooming, zoomed_and_moved),
    "Blink: the other picture in the same place": Action(
        at_big, clicking('[data-stage="blink"]', stays=True), has(".panes.blinking")
    ),
    "Slider between the two": Action(
        at_big,
        clicking('[data-stage="view"][data-value="over"]', stays=True),
        has("input.divider:not([hidden])"),
    ),
    "Difference, and on to the next place that differs": Action(
        at_big,
        clicking('[data-stage="view"][data-value="diff"]', '[data-stage="place"]', stays=True),
        looks_at_a_difference,
    ),
    "Evidence of every method": Action(
        at_pair, clicking("#evidence > summary", stays=True), has("#evidence[open] td")
    ),
    "A verdict of its own for each of five": Action(
        at_five,
        each_of_five,
        lambda hands: hands.verdicts(*FIVE) == ["keep", "skip", "skip", "false", "skip"],
    ),
    "Apply all obvious ones, after a look at the plan": Action(
        at_review,
        clicking('main a[href$="/plan/"]', "button[name=apply]"),
        obvious_ones_are_decided,
    ),
    "Reopen a settled set and decide it anew": Action(one_decided, reopening, is_kept(*pair(1))),
    "Exact copies: keep the first place, skip the rest": Action(
        at_copies, clicking('.quick button[data-key~="1"]'), first_place_is_kept
    ),
}


@pytest.fixture(scope="module")
def made_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven pairs, one of them large with a patch; five alike; and a file that is there twice."""
    base = tmp_path_factory.mktemp("actions")
    pictures = base / "pictures"
    sets.write_small_sets(pictures, PAIRS)
    sets.write_set(pictures, 7, sets.patched)
    picture = sets.mosaic(900)
    for number, name in enumerate(FIVE):
        small = picture.resize((480 - 60 * number, 320 - 40 * number))
        (pictures / name).write_bytes(encoded(small, "JPEG", quality=93 - 5 * number))
    twin = encoded(sets.mosaic(901), "JPEG", quality=90)
    for folder in ("left", "right"):
        (pictures / folder).mkdir()
        (pictures / folder / "twin.jpg").write_bytes(twin)
    return sets.make_sets(base / "archive", pictures)


@contextmanager
def hands_at(context: BrowserContext, made: Path, where: Path) -> Iterator[Hands]:
    """A tab at a copy of the archive."""
    shutil.copytree(made, where)
    with serving(where, sealed=False) as served:
        page = context.new_page()
        page.goto(served.link)
        yield Hands(page, served)
        page.close()


def test_the_document_counts_these_actions() -> None:
    assert list(TABLE) == list(ACTIONS)
    assert len(TABLE) == 20


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_what_the_document_says(
    name: str, context: BrowserContext, made_sets: Path, tmp_path: Path
) -> None:
    action, row = ACTIONS[name], TABLE[name]
    by_keys = (0, 0)
    if row.keys:
        with hands_at(context, made_sets, tmp_path / "keys") as hands:
            action.start(hands)
            hands.begin()
            for key in row.keys:
                hands.press(key)
            by_keys = (hands.presses, hands.screens)
            assert action.came(hands)
    with hands_at(context, made_sets, tmp_path / "mouse") as hands:
        action.start(hands)
        hands.begin()
        action.by_mouse(hands)
        assert action.came(hands)

        assert (*by_keys, hands.clicks, hands.screens) == row.counts
