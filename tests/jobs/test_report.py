"""fapfav/jobs/report.py: a page that says what the viewer says, and nothing that could run."""

from __future__ import annotations

import base64
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
from lxml import html

from fapfav import tags, text
from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, ordered
from fapfav.errors import UsageError
from fapfav.jobs import report_page, tagging
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.report import HtmlReport, ReportSettings, State, report_html
from fapfav.jobs.report_page import POLICY, ROOM, Head, Image, Thumb
from fapfav.jobs.see_also import SeeAlso
from fapfav.jobs.sets import SetView, judge_set, quick, set_lines, set_view
from fapfav.model import Check, Digest, Sighting
from tests import nasty
from tests.jobs.repeated import write_pictures
from tests.support import new_archive, read_folder

ADDRESSES = ("src", "href", "action", "srcset", "poster", "data", "background", "xlink:href")
LONG = "x" * 10_000
NASTY = (LONG, *("".join(nasty.TERMINAL[at::3]) for at in range(3)), "".join(nasty.HEADERS),
         *("".join(nasty.MARKUP[at::4]) for at in range(4)))  # fmt: skip
"""Names that are all shown whole, but the first."""


def name_nastily(archive: Archive) -> None:
    """Gives all that has a name one that somebody chose to break a page with."""
    for at, name in enumerate(NASTY[:3]):
        tagging.add(archive, f"tag {at}")
        tagging.apply(archive, f"tag {at}", sorted(archive.blobs)[:4])
        with archive.write("tag rename") as tx:
            tx.put(replace(archive.tags[at + 1], name=name))
    with archive.write("read") as tx:
        for at, user in enumerate(archive.users.records()):
            tx.put(replace(user, name=NASTY[at]))
        for at, album in enumerate(archive.albums.records()):
            tx.put(replace(album, name=NASTY[-at]))
        for at, place in enumerate(archive.places.records()):
            tx.put(replace(place, name=NASTY[at % len(NASTY)]))
            if place.name == "once.jpg":
                tx.put(Check(*place.key, 50, (Sighting(86_400, 2, ""),)))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An encrypted archive of these; nothing writes to it."""
    top = tmp_path_factory.mktemp("report")
    write_pictures(top / "pictures")
    with new_archive(top / "archive") as made:
        read_folder(made, top / "pictures")
        find_duplicates(made)
        name_nastily(made)
        line = next(one for one in set_lines(made) if one.members == 3)
        view = set_view(made, line.key)
        judge_set(made, line.key, view.revision, *quick(view, "accept"), by="viewer")
        yield made


def page(
    archive: Archive, file: Path, settings: ReportSettings | None = None
) -> tuple[HtmlReport, html.HtmlElement]:
    """What was reported, and the page."""
    report = report_html(archive, file, settings)
    return report, html.fromstring(file.read_bytes())


def keys(found: html.HtmlElement) -> list[str]:
    """By set on a page the digest of its first picture."""
    return [one.find(".//code[@title]").get("title") for one in found.findall(".//article")]


def first_of(archive: Archive, lines: tuple[SetLine, ...]) -> list[str]:
    return [set_view(archive, line.key).members[0].blob.digest.hex() for line in lines]


def words(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content())


def bytes_of(image: html.HtmlElement) -> bytes:
    kind, _, data = image.get("src").partition(";base64,")
    assert kind in ("data:image/jpeg", "data:image/png", "data:image/webp")
    return base64.b64decode(data, validate=True)


@pytest.mark.parametrize("order", Order)
def test_sets_come_in_the_order_of_the_queue_with_their_thumbnails(
    archive: Archive, tmp_path: Path, order: Order
) -> None:
    lines = ordered(set_lines(archive), order)
    report, found = page(archive, tmp_path / "a.html", ReportSettings(order=order))

    assert keys(found) == first_of(archive, lines)
    assert (report.sets, len(lines), report.left_out) == (5, 5, 0)
    shown = iter(found.findall(".//figure"))
    for line in lines:
        for member in set_view(archive, line.key).members:
            images = next(shown).findall(".//img")
            # Of what moves the first frame comes first, and the rest is folded away.
            assert len(images) == (2 if member.blob.animated else 1)
            assert bytes_of(images[-1]) == archive.thumbnail(member.blob.digest)
            assert len(images) == 1 or images[-1].getparent().tag == "details"
    assert next(shown, None) is None


def test_a_set_says_what_the_viewer_says(archive: Archive, tmp_path: Path) -> None:
    _, found = page(archive, tmp_path / "a.html")
    lines = ordered(set_lines(archive), Order.CERTAIN)
    for at, (line, article) in enumerate(zip(lines, found.findall(".//article"), strict=True), 1):
        view, said = set_view(archive, line.key), words(article)
        assert f"Set {at} of 5, {line.members} " in said
        assert f"{view.sentence} {view.suggestion.words}".strip() in said
        assert ("needs action" if line.needs_action else "decided") in said
        for member in view.members:
            assert f"{member.blob.width} x {member.blob.height}" in said
            assert text.size(member.blob.size) in said
            for chip in member.chips:
                if chip.trend in ("better", "worse", "warning"):
                    assert f"{chip.trend}: {chip.words}" in said
        scores = [score for pair in view.pairs for score in pair.scores]
        rows = [words(row) for row in article.findall(".//tbody/tr")]
        assert ["agrees" in row for row in rows] == [score.passes for score in scores]
    decided = next(one for one in found.findall(".//article") if "3 pictures" in words(one))
    assert [words(one) for one in decided.findall(".//h3/span")] == [
        "keep", "suggested", "keeper", "skip (hide)", "skip (hide)",
    ]  # fmt: skip


def test_sets_are_chosen_by_kind_and_state_and_the_rest_is_counted(
    archive: Archive, tmp_path: Path
) -> None:
    waiting, found = page(archive, tmp_path / "a", ReportSettings(state=State.WAITING, most=1))
    assert (waiting.sets, waiting.left_out) == (1, 3)
    assert "3 more sets like these were left out" in words(found)

    decided, found = page(archive, tmp_path / "b", ReportSettings(state=State.DECIDED))
    assert decided.sets == 1
    assert "3 pictures that look alike" in words(found)

    exact, found = page(archive, tmp_path / "c", ReportSettings(kind=Scope.EXACT))
    assert (exact.sets, exact.pictures) == (1, 1)
    assert "The same file at 2 places." in words(found)
    assert len(found.findall(".//li[strong]")) == 2
    assert words(found).count("gone since 1970/01/02-00:00:00-UTC (level 2)") == 2

    none, found = page(
        archive, tmp_path / "d", ReportSettings(kind=Scope.EXACT, state=State.DECIDED)
    )
    assert none.sets == 0
    assert "No set is like that; there are 5 other sets." in words(found)
    with pytest.raises(UsageError, match="at least 1 set"):
        report_html(archive, tmp_path / "e", ReportSettings(most=0))


def test_nothing_on_a_page_runs_leads_anywhere_or_is_fetched(
    archive: Archive, tmp_path: Path
) -> None:
    _, found = page(archive, tmp_path / "a.html")

    allowed = {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "article"),
        *("h1", "h2", "h3", "p", "strong", "small", "span", "br", "bdi", "code", "ul", "ol"),
        *("li", "figure", "figcaption", "img", "dl", "dt", "dd", "details", "summary", "div"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "rect"),
    }
    assert {one.tag for one in found.iter()} <= allowed
    for one in found.iter():
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"]
        assert all(one.get(name, "data:").startswith("data:") for name in ADDRESSES)
    policy = found.find(".//meta[@http-equiv]")
    assert (policy.get("http-equiv"), policy.get("content")) == ("Content-Security-Policy", POLICY)
    assert not re.search(r"url\(|@import|expression", found.find(".//style").text)


def test_names_are_shown_as_text_cut_and_made_harmless(archive: Archive, tmp_path: Path) -> None:
    _, found = page(archive, tmp_path / "a.html")
    whole = (tmp_path / "a.html").read_text(encoding="utf-8")

    names = {one.text_content() for one in found.iter("bdi")}
    paths = {tags.path_of(archive.tags, number) for number in (1, 2, 3)}
    assert max(map(len, NASTY[1:])) < ROOM
    for name in {*NASTY, *paths}:
        assert text.shown(text.short(name, ROOM)) in names
    assert nasty.MOVES.search(whole.replace("\n", "")) is None
    assert "x" * ROOM not in whole
    assert "{{ 1 }}" in whole


def test_a_thumbnail_that_is_lost_is_a_box_with_words(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    with new_archive(tmp_path / "archive", sealed=False) as archive:
        read_folder(archive, tmp_path / "pictures")
        lost = next(iter((tmp_path / "archive" / "thumbs").glob("*.jpg")))
        digest = Digest(bytes.fromhex(lost.name.partition(".")[0]))
        lost.unlink()
        report, found = page(archive, tmp_path / "a.html")

    assert report.missing == 1
    assert "1 picture could not be shown" in report.warnings[0]
    (box,) = found.findall(".//figure/div/p")
    assert box.text_content() == "The thumbnail is missing or damaged."
    assert box.find("../..//code").get("title") == digest.hex()


def test_an_archive_without_sets_makes_a_page_that_says_so(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        report, found = page(archive, tmp_path / "a.html")

    assert report.sets == 0
    assert "There are no duplicates." in words(found)
    assert found.find(".//article") is None


def test_memory_does_not_grow_with_the_number_of_sets(archive: Archive) -> None:
    line = next(one for one in set_lines(archive) if one.kind is Kind.PERCEPTUAL)
    view, raw = set_view(archive, line.key), bytes(50_000)
    head = Head(1, "all", 200, 400, 0, 0, 0, 0, archive.limits())
    views: Iterator[tuple[SetView, SeeAlso]] = repeat((view, SeeAlso((), 0)), 200)
    length = 0
    tracemalloc.start()
    try:
        for piece in report_page.page(head, views, lambda _blob: Thumb(Image(raw, "jpg"))):
            length += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert length > 200 * len(view.members) * len(raw)
    assert peak < 1_000_000
