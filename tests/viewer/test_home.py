"""The first page: numbers, what needs action, charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from lxml import html

from fapfav.jobs.attention import attention
from fapfav.jobs.numbers import statistics
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import judge
from fapfav.jobs.sets import Kind, set_lines
from fapfav.model import Check, Progress, Sighting, Verdict
from fapfav.text import size
from tests.support import new_archive
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from viewer.job_process import JobState
from viewer.state import Viewer, install


@pytest.fixture
def home(visitor: Visitor) -> Page:
    return visitor.get("/viewer/")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Visitor]:
    new_archive(tmp_path / "archive", sealed=False).close()
    viewer = viewer_of(tmp_path / "archive", sealed=False)
    yield Visitor(viewer)
    viewer.lock()
    install(None)


def test_the_numbers_are_those_of_the_archive(home: Page, viewer: Viewer) -> None:
    with viewer.archive() as archive:
        found = statistics(archive, archive.groups)

    assert home.one("h1").text_content() == f"{found.unique_images} pictures"
    assert size(found.sizes.total) in home.text
    for words in (
        f"{found.unique_images} at {found.locations} places",
        f"{found.perceptual_images} pictures in {found.perceptual_sets} sets",
        f"{found.exact_duplicates} of {found.exact_sets} picture",
        f"{found.animated}, {100 * found.animated_share:.2f} %",
        f"{size(found.sizes.deviation)}",
        f"{found.fewest_pixels[0]} × {found.fewest_pixels[1]}",
    ):
        assert words in home.text


def test_what_needs_action_leads_to_where_it_is_done(home: Page) -> None:
    found = {
        " ".join(card.text_content().split()): [link.get("href") for link in card.cssselect("a")]
        for card in home.all(".waits .card")
    }

    assert len(found) == 3
    for words, links in found.items():
        for link in links:
            assert home.visitor.get(link.split("#")[0]).status == 200, words


def test_what_nobody_waits_for_is_not_shown(visitor: Visitor, viewer: Viewer) -> None:
    with viewer.archive() as archive:
        for group in archive.groups:
            judge(archive, group.members[0], dict.fromkeys(group.members, Verdict.KEEP))
        assert not any(group.needs_action for group in archive.groups)

    page = visitor.get("/viewer/")

    assert "look alike" not in " ".join(each.text_content() for each in page.all(".waits .card"))
    assert page.all(".top .badge") == []


def test_trash_and_disappeared_pictures_are_told_of(visitor: Visitor, viewer: Viewer) -> None:
    with viewer.archive() as archive:
        place, other, *_ = [p for p in archive.places.records() if p.holds is not None]
        with archive.write("audit") as tx:
            tx.put(Check(*other.key, 5, (Sighting(5, 1, ""),)))
        remove_picture(archive, place.holds.hex(), by="viewer")  # type: ignore[union-attr]

    words = " ".join(visitor.get("/viewer/").one(".waits").text_content().split())

    assert "1 picture in the trash" in words
    assert "1 picture gone from the site" in words


def test_every_chart_has_its_numbers_as_a_table(home: Page, viewer: Viewer) -> None:
    with viewer.archive() as archive:
        count = len(archive.blobs)

    figures = home.all("figure.chart:has(svg.columns)")

    assert len(figures) == 4
    for figure in figures:
        numbers = [int(cell.text_content()) for cell in figure.cssselect("tbody td")]
        assert sum(numbers) == count
        assert len(figure.cssselect("g title")) == len(numbers)
        drawn = list(figure.cssselect("rect.bar"))
        assert len(drawn) == sum(1 for number in numbers if number)
        assert max(float(rect.get("height")) for rect in drawn) == 100


def test_albums_in_charts_lead_to_their_pages(home: Page) -> None:
    links = [link.get("href") for link in home.all(".bars th a")]

    assert len(links) == 4
    assert all(home.visitor.get(link).status == 200 for link in links)


def test_what_duplicates_take_up_is_all_there_is(home: Page) -> None:
    widths = [float(rect.get("width")) for rect in home.all("svg.whole rect")]

    assert sum(widths) == pytest.approx(100, abs=0.05)


def test_an_empty_archive_says_how_to_begin(empty: Visitor) -> None:
    page = empty.get("/viewer/")

    assert page.one("h1").text_content() == "Nothing here yet"
    assert page.one("code.command").text_content() == "./favorites.py read --local ~/Pictures"
    assert page.follow("main a.button").status == 200
    assert page.all("svg.columns") == []


def test_the_running_jobs_can_be_asked_for_alone(visitor: Visitor) -> None:
    page = visitor.get("/viewer/?part=running", **{"X-Background": "1"})

    assert page.status == 200
    assert page.tree.get("id") == "running"
    assert page.tree.get("hx-trigger") is None  # nothing runs: it does not ask again


def test_a_running_job_says_how_far_it_is_and_asks_for_itself_anew(viewer: Viewer) -> None:
    told = Progress("reading", 61_000, 100_000, 2, seconds_left=240.0)
    job = JobState(5, "read", {"user": "ann"}, "running", told, None, "", 1, 0, ())

    source = render_to_string(
        "viewer/parts/running.html", {"running": [(job, "Read favourites of ann", "running")]}
    )

    part: Any = html.fromstring(source)
    bar = part.cssselect("progress")[0]
    assert (bar.get("value"), bar.get("max")) == ("61000", "100000")
    assert "61,000 of 100.00 k, 2 failed, 4 min left" in " ".join(part.text_content().split())
    assert part.cssselect("a")[0].get("href") == "/viewer/jobs/5/"
    assert part.get("hx-get") == "/viewer/?part=running"
    assert "X-Background" in part.get("hx-headers")


def test_what_needs_action_is_what_its_page_says(viewer: Viewer) -> None:
    with viewer.archive() as archive:
        found = attention(archive, archive.groups)
        lines = set_lines(archive)

    assert found.sets == sum(line.needs_action for line in lines if line.kind is Kind.PERCEPTUAL)
    assert found.exact == sum(line.needs_action for line in lines if line.kind is Kind.EXACT)


def test_looking_changes_nothing(visitor: Visitor, viewer: Viewer) -> None:
    with viewer.archive() as archive:
        before = archive.last
    visitor.get("/viewer/")
    with viewer.archive() as archive:
        assert archive.last == before


def test_the_title_of_an_encrypted_archive_tells_nothing(sealed_viewer: Viewer) -> None:
    page = Visitor(sealed_viewer).get("/viewer/")

    assert page.title == "Home"
    assert all("Lakes" not in link.get("href") for link in page.all("a"))
