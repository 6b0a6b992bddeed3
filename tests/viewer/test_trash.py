"""The trash page: what was removed, brought back or destroyed."""

from __future__ import annotations

import pytest

from fapfav.jobs.removal import remove_picture
from fapfav.model import Digest
from tests.viewer.browsing import Page, Visitor
from tests.viewer.working import alone
from viewer.addresses import name_of
from viewer.state import Viewer

TRASH = "/viewer/trash/"


def thrown(viewer: Viewer, count: int = 3) -> list[Digest]:
    """Pictures that were put into the trash."""
    with viewer.archive() as archive:
        digests = sorted(archive.blobs)[:count]
        remove_picture(archive, *(digest.hex() for digest in digests), by="viewer")
    return digests


def in_trash(viewer: Viewer) -> set[Digest]:
    with alone(viewer) as archive:
        return set(archive.trash)


def picks(page: Page) -> list[str]:
    return [box.get("value") for box in page.all("#restore [name=pick]")]


def test_an_empty_trash_says_so(visitor: Visitor) -> None:
    page = visitor.get(TRASH)

    assert page.status == 200
    assert "The trash is empty" in page.text
    assert page.all("main form") == []


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
def test_pictures_are_shown_and_their_thumbnails_served(
    request: pytest.FixtureRequest, sealed: bool
) -> None:
    viewer = request.getfixturevalue("sealed_viewer" if sealed else "viewer")
    visitor = Visitor(viewer)
    digests = thrown(viewer)
    page = visitor.get(TRASH)
    with viewer.archive() as archive:
        names = {name_of(archive, digest) for digest in digests}

    assert set(picks(page)) == names
    assert "3 pictures" in page.text
    assert "Deleted, 20" in page.text
    for image in page.all("#restore img"):
        assert visitor.get(image.get("src")).status == 200
    if sealed:
        assert not any(digest.hex() in page.source for digest in digests)


def test_chosen_pictures_come_back_and_that_is_undone(viewer: Viewer, visitor: Visitor) -> None:
    digests = thrown(viewer)
    page = visitor.get(TRASH).submit(
        "#restore", button="do=restore", pick=[digests[0].hex(), digests[2].hex()]
    )

    assert "2 pictures brought back" in page.text
    assert in_trash(viewer) == {digests[1]}
    page.submit("#messages form")
    assert in_trash(viewer) == set(digests)


def test_all_come_back_at_once(viewer: Viewer, visitor: Visitor) -> None:
    thrown(viewer)
    page = visitor.get(TRASH).submit("#restore", button="do=restore-all")

    assert "3 pictures brought back" in page.text
    assert in_trash(viewer) == set()


def test_no_choice_brings_nothing_back(viewer: Viewer, visitor: Visitor) -> None:
    digests = thrown(viewer)
    page = visitor.get(TRASH).submit("#restore", button="do=restore")

    assert "no picture is chosen" in page.one(".message.error").text_content()
    assert in_trash(viewer) == set(digests)


def test_emptying_takes_the_word_and_says_what_it_does(viewer: Viewer, visitor: Visitor) -> None:
    digests = thrown(viewer)
    page = visitor.get(TRASH)
    assert "Destroys 3 pictures" in page.one("#empty").text_content()
    assert "cannot be undone" in page.one("#empty").text_content()

    for word in ("", "yes", "emptied"):
        refused = page.submit("#empty-form", button="do=empty", word=word)
        assert refused.status == 400
        assert "type the word empty" in refused.one("main .message.error").text_content()
        assert in_trash(viewer) == set(digests)

    done = page.submit("#empty-form", button="do=empty", word=" Empty ")
    assert "3 pictures" in done.one("#messages").text_content()
    assert done.all("#messages form") == [], "there is nothing to undo"
    assert in_trash(viewer) == set()
    with alone(viewer) as archive:
        assert set(archive.removed) == set(digests)


def test_what_came_after_the_page_was_shown_stays(viewer: Viewer, visitor: Visitor) -> None:
    thrown(viewer, 2)
    page = visitor.get(TRASH)
    (late,) = thrown(viewer, 1)
    page.submit("#empty-form", button="do=empty", word="empty")

    assert in_trash(viewer) == {late}


def test_a_forged_form_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    digests = thrown(viewer)
    token = visitor.get(TRASH).one("#restore [name=csrfmiddlewaretoken]").get("value")
    for fields, status in (
        ([("do", "restore-all")], 403),
        ([("csrfmiddlewaretoken", token)], 400),
        ([("csrfmiddlewaretoken", token), ("do", "burn")], 400),
        ([("csrfmiddlewaretoken", token), ("do", "restore"), ("pick", "../../x")], 400),
        ([("csrfmiddlewaretoken", token), ("do", "restore"), ("pick", "0" * 64)], 404),
        (
            [("csrfmiddlewaretoken", token), ("do", "empty"), ("word", "empty"), ("newest", "x")],
            400,
        ),
        ([("csrfmiddlewaretoken", token), ("do", "empty"), ("word", "empty")], 200),
    ):
        assert visitor.post(TRASH, fields).status == status, fields
    assert in_trash(viewer) == set(digests)


def test_pages_of_a_large_trash_are_walked(
    viewer: Viewer, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.pages.trash.PAGE", 2)
    thrown(viewer, 5)
    first = visitor.get(TRASH)
    last = visitor.get(f"{TRASH}?page=99")

    assert [len(picks(first)), len(picks(last))] == [2, 1]
    assert last.title == "Trash, page 3"
    assert set(picks(first)).isdisjoint(picks(last))
