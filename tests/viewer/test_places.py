"""Verdicts of places beside those of pictures: copies of a picture that is in a set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.find import find_duplicates
from fapfav.jobs.sets import SetView
from fapfav.model import Digest
from tests.support import encoded, landscape, new_archive, read_folder
from tests.viewer.browsing import Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.reviewed import address, fields, forged, keys, last, press, verdicts, view_of
from viewer.addresses import place_name
from viewer.state import Viewer, install


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def copies(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Viewer]:
    """A pair, of which the larger picture lies in two albums."""
    picture = landscape(3, 480, 320)
    large = encoded(picture, "JPEG", quality=92)
    for album, name, raw in (
        ("One", "large.jpg", large),
        ("Two", "large again.jpg", large),
        ("Two", "small.jpg", encoded(picture.resize((320, 213)), "JPEG", quality=70)),
    ):
        (tmp_path / "pictures" / album).mkdir(parents=True, exist_ok=True)
        (tmp_path / "pictures" / album / name).write_bytes(raw)
    with new_archive(tmp_path / "archive", sealed=request.param) as archive:
        read_folder(archive, tmp_path / "pictures")
        find_duplicates(archive)
    found = viewer_of(tmp_path / "archive", sealed=request.param)
    yield found
    found.lock()
    install(None)


def places(viewer: Viewer, key: Digest) -> list[str]:
    """What the places of the larger picture show."""
    return [spot.place.verdict.value for spot in view_of(viewer, key).members[0].spots]


def names(viewer: Viewer, view: SetView) -> list[str]:
    with viewer.archive() as archive:
        return [place_name(archive, spot.place.key) for spot in view.members[0].spots]


def test_a_picture_at_two_places_has_a_choice_for_each(copies: Viewer) -> None:
    (key,) = keys(copies)
    page = Visitor(copies).get(address(copies, key))

    assert len(page.all("#picture-1 fieldset.of-place")) == 2
    assert not page.all("#picture-2 fieldset.of-place")
    one, two = names(copies, view_of(copies, key))
    values = {**fields(copies, key, "keep", "skip"), one: "keep", two: "skip"}
    page.submit("form#verdicts", **values)
    assert verdicts(copies, key) == ["keep", "skip"]
    assert places(copies, key) == ["keep", "skip"]


def test_skipping_a_picture_skips_its_places_with_a_warning(copies: Viewer) -> None:
    (key,) = keys(copies)
    page = Visitor(copies).get(address(copies, key))
    one, two = names(copies, view_of(copies, key))
    values = {**fields(copies, key, "skip", "keep"), one: "keep", two: "new"}
    answer = page.submit("form#verdicts", **values)

    assert places(copies, key) == ["skip", "skip"]
    assert "One \u203a large.jpg" in answer.text.partition("so its places are too")[2]
    answer.submit(".message.success form")
    assert places(copies, key) == ["new", "new"]


def test_not_all_places_of_a_picture_that_is_shown_are_skipped(copies: Viewer) -> None:
    (key,) = keys(copies)
    before = last(copies)
    page = Visitor(copies).get(address(copies, key))
    one, two = names(copies, view_of(copies, key))
    for verdict in ("keep", "new"):
        values = {**fields(copies, key, verdict, "keep"), one: "skip", two: "skip"}
        answer = page.submit("form#verdicts", **values)
        assert answer.status == 400
        assert len(answer.all(".places .wrong")) == 2
        assert "Nothing was changed" in answer.text
    assert last(copies) == before


def test_one_place_that_is_missing_or_wrong_is_named(copies: Viewer) -> None:
    (key,) = keys(copies)
    before = last(copies)
    visitor = Visitor(copies)
    page = visitor.get(address(copies, key))
    one, two = names(copies, view_of(copies, key))
    good = fields(copies, key, "keep", "skip")

    for values in ({one: "keep"}, {one: "keep", two: "false"}, {one: "keep", two: "?"}):
        answer = forged(visitor, page, **good, **values)
        assert answer.status == 400
        assert len(answer.all(".places .wrong")) == 1
    assert last(copies) == before


def test_choices_of_pictures_alone_leave_their_places(copies: Viewer) -> None:
    (key,) = keys(copies)
    visitor = Visitor(copies)
    page = visitor.get(address(copies, key))
    forged(visitor, page, **fields(copies, key, "keep", "skip"))

    assert verdicts(copies, key) == ["keep", "skip"]
    assert places(copies, key) == ["new", "new"]


def test_a_set_of_both_kinds_shows_the_pictures_that_look_alike(copies: Viewer) -> None:
    (key,) = keys(copies)
    view = view_of(copies, key)
    page = Visitor(copies).get(address(copies, view.members[0].blob.digest))

    assert len(page.all("figure.pane")) == 2
    press(page, "keep", 2)
    assert places(copies, key) == ["skip", "skip"]


def test_ids_with_their_source_are_understood_too(copies: Viewer) -> None:
    (key,) = keys(copies)
    visitor = Visitor(copies)
    page = visitor.get(address(copies, key))
    spots = view_of(copies, key).members[0].spots
    values = {
        "_".join(spot.place.key): verdict
        for spot, verdict in zip(spots, ("skip", "keep"), strict=True)
    }
    assert forged(visitor, page, **fields(copies, key, "keep", "skip"), **values).status == 200
    assert places(copies, key) == ["skip", "keep"]
