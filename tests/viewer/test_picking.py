"""Selecting, tagging and trashing pictures of a grid, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from tests.viewer.archives import copied
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.galleries import digest, make_gallery
from viewer.state import Viewer, install

LOCKED = "/viewer/favorite/7/70/?lock=1"


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album of 120 pictures that stays as it is."""
    made = tmp_path_factory.mktemp("gallery") / "album"
    make_gallery(made, 120)
    return made


@pytest.fixture
def large(album: Path, tmp_path: Path) -> Iterator[Viewer]:
    """A viewer of a copy of it."""
    found = viewer_of(copied(album, tmp_path / "large"), sealed=False)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def looker(large: Viewer) -> Visitor:
    return Visitor(large)


def hexes(*numbers: int) -> list[str]:
    return [digest(number).hex() for number in numbers]


def tagged(viewer: Viewer, tag: int) -> set[bytes]:
    with viewer.archive() as archive:
        return set(tagging.carriers(archive).get(tag, ()))


def selected(page: Page) -> set[str]:
    return {box.get("value") for box in page.all("input[name=pick][checked]")}


def token(page: Page) -> tuple[str, str]:
    return "csrfmiddlewaretoken", page.one("#grid input[name=csrfmiddlewaretoken]").get("value")


def test_pictures_are_selected_only_when_locked(looker: Visitor) -> None:
    assert looker.get(LOCKED.removesuffix("?lock=1")).all("input[name=pick]") == []
    assert len(looker.get(LOCKED).all("input[name=pick]")) == 100


def test_boxes_are_tagged_and_stay_selected(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", pick=hexes(1, 2, 10), tag_select="Water")

    assert page.address == LOCKED
    assert "2 pictures got the tag nature/water; 1 had it already." in page.text
    assert {digest(1), digest(2), digest(10)} <= tagged(large, 2)
    assert selected(page) == set(hexes(1, 2, 10))
    assert page.one(".selected-count").text_content() == "3 selected"


def test_tagging_can_be_taken_back_from_the_message(large: Viewer, looker: Visitor) -> None:
    before = tagged(large, 2)

    page = looker.get(LOCKED).submit("#grid", pick=hexes(1), tag_select="water")
    page.submit("#messages form")

    assert tagged(large, 2) == before


def test_a_tag_given_before_has_a_digit(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", pick=hexes(1), tag_select="nature")

    button = page.one(".recent button")
    assert (button.get("data-key"), button.get("name"), button.get("value")) == (
        "1",
        "tag_select",
        "1",
    )
    page.submit("#grid", button="tag_select=1", pick=hexes(5))
    assert digest(5) in tagged(large, 1)
    assert digest(1) in tagged(large, 1)


def test_a_new_tag_is_made_only_when_asked_for(large: Viewer, looker: Visitor) -> None:
    refused = looker.get(LOCKED).submit("#grid", pick=hexes(1), tag_select="stone")
    assert "There is no tag 'stone'" in refused.one("[role=alert]").text_content()

    made = looker.get(LOCKED).submit("#grid", pick=hexes(1), tag_select="stone", create=1)

    assert "1 picture got the tag stone" in made.text


def test_all_of_the_view_are_selected_also_on_other_pages(looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", button="select_all=120")

    assert len(selected(page)) == 100
    second = page.follow("a[rel=next]")
    assert len(selected(second)) == 20
    assert selected(second.submit("#grid", button="select_none=1")) == set()


def test_all_are_not_selected_when_there_are_others_than_was_said(looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", button="select_all=119")

    assert "there are 120 now" in page.one("[role=alert]").text_content()
    assert selected(page) == set()


def test_what_is_selected_on_one_page_is_tagged_from_another(
    large: Viewer, looker: Visitor
) -> None:
    page = looker.get(LOCKED)
    looker.post(LOCKED, [token(page), ("select", hexes(3)[0])])

    page.follow("a[rel=next]").submit("#grid", pick=hexes(105), tag_select="nature")

    assert tagged(large, 1) == {digest(3), digest(105)}


def test_a_box_that_was_cleared_is_no_longer_selected(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED)
    looker.post(LOCKED, [token(page), ("select", ",".join(hexes(3, 4)))])

    page.submit("#grid", pick=hexes(4), tag_select="nature")

    assert tagged(large, 1) == {digest(4)}


def test_what_filters_hide_is_not_selected_by_them(looker: Visitor) -> None:
    page = looker.get(LOCKED)
    page.submit("#grid", button="select_all=120")

    assert selected(looker.get(LOCKED + "&tf1=0&tv1=2")) == set()
    assert len(selected(looker.get(LOCKED + "&sort=bytes&size=s"))) == 100


def test_another_browser_has_another_selection(large: Viewer, looker: Visitor) -> None:
    looker.get(LOCKED).submit("#grid", button="select_all=120")

    assert selected(Visitor(large).get(LOCKED)) == set()


def test_locking_the_archive_forgets_what_was_selected(large: Viewer, looker: Visitor) -> None:
    looker.get(LOCKED).submit("#grid", button="select_all=120")

    large.lock()

    assert large.selections == {}


def test_a_list_of_digests_is_tagged_as_ever(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED)

    fields = [("selected_blobs", ",".join(hexes(6, 7))), ("tag_select", "1")]
    looker.post(LOCKED, [token(page), *fields])

    assert tagged(large, 1) == {digest(6), digest(7)}


def test_a_tag_is_taken_off_with_those_below_it(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", pick=hexes(10, 11, 20), clear_tag="nature")

    assert "2 pictures lost the tag nature." in page.text
    assert not tagged(large, 2) & {digest(10), digest(20)}
    assert digest(30) in tagged(large, 2)


def test_pictures_go_to_the_trash_and_come_back(large: Viewer, looker: Visitor) -> None:
    page = looker.get(LOCKED).submit("#grid", button="trash=1", pick=hexes(8, 9))

    assert "2 pictures of 19.55 kb went to the trash." in page.text
    assert "118 pictures" in page.text
    with large.archive() as archive:
        assert set(archive.trash) == {digest(8), digest(9)}
    page.submit("#messages form")
    with large.archive() as archive:
        assert set(archive.trash) == set()


def test_nothing_selected_changes_nothing(large: Viewer, looker: Visitor) -> None:
    with large.archive() as archive:
        before = archive.last

    page = looker.get(LOCKED).submit("#grid", tag_select="nature")

    assert "No picture is selected" in page.one("[role=alert]").text_content()
    with large.archive() as archive:
        assert archive.last == before


@pytest.mark.parametrize(
    "more",
    [
        [("trash", "1")],
        [("clear_tag", "2")],
        [("tag_select", "2")],
        [("select_none", "1")],
    ],
    ids=["trash", "clear", "two tags", "select"],
)
def test_two_operations_at_once_are_refused(
    large: Viewer, looker: Visitor, more: list[tuple[str, str]]
) -> None:
    with large.archive() as archive:
        before = archive.last
    fields = [token(looker.get(LOCKED)), ("pick", hexes(1)[0]), ("tag_select", "1"), *more]

    page = looker.post(LOCKED, fields)

    assert page.status == 400
    assert "nothing was done" in page.text
    with large.archive() as archive:
        assert archive.last == before


@pytest.mark.parametrize("name", ["zz", "0" * 64, "1" * 63], ids=["word", "unknown", "short"])
def test_a_picture_that_is_none_changes_nothing(large: Viewer, looker: Visitor, name: str) -> None:
    fields = [("selected_blobs", f"{hexes(1)[0]},{name}"), ("tag_select", "1")]

    page = looker.post(LOCKED, [token(looker.get(LOCKED)), *fields])

    assert "nothing was changed" in page.one("[role=alert]").text_content()
    assert tagged(large, 1) == set()


def test_a_script_is_told_how_many_are_selected_and_why_not(looker: Visitor) -> None:
    first = token(looker.get(LOCKED))
    part = {"X-Part": "selection"}

    some = looker.post(LOCKED, [first, ("select", ",".join(hexes(1, 2)))], **part)
    fewer = looker.post(LOCKED, [first, ("unselect", hexes(1)[0])], **part)
    wrong = looker.post(LOCKED, [first, ("select", "x")], **part)

    assert some.response.content == b'{"selected": 2}'
    assert fewer.response.content == b'{"selected": 1}'
    assert wrong.status == 409
    assert b"no picture's name" in wrong.response.content
