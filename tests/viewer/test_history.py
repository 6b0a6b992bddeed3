"""The page of all changes, and taking back many of them."""

from __future__ import annotations

from fapfav.jobs import tagging
from fapfav.jobs.review import forget
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from viewer.page import BY
from viewer.state import Viewer

HISTORY = "/viewer/history/"


def tag_thrice(viewer: Viewer) -> list[int]:
    """Three steps of the viewer."""
    with viewer.archive() as archive:
        return [tagging.add(archive, name, by=BY).change for name in ("one", "two", "three")]


def tags_of(viewer: Viewer) -> set[str]:
    with opened(viewer.directory, sealed=viewer.is_sealed) as archive:
        return {tag.name for tag in archive.tags.records()}


def numbers(page: Page) -> list[int]:
    return [int(cell.text_content()) for cell in page.all("tbody th")]


def test_every_change_is_listed_the_latest_first(viewer: Viewer, visitor: Visitor) -> None:
    steps = tag_thrice(viewer)
    page = visitor.get(HISTORY)

    assert page.status == 200
    assert numbers(page)[:3] == steps[::-1]
    assert numbers(page) == sorted(numbers(page), reverse=True)


def test_a_kind_lists_only_its_own(viewer: Viewer, visitor: Visitor) -> None:
    steps = tag_thrice(viewer)

    assert numbers(visitor.get(f"{HISTORY}?kind=mine")) == steps[::-1]
    with viewer.archive() as archive:
        forgot = forget(archive, by=BY).change
    assert numbers(visitor.get(f"{HISTORY}?kind=duplicates"))[0] == forgot
    assert set(numbers(visitor.get(f"{HISTORY}?kind=duplicates"))).isdisjoint(steps)
    assert set(steps) <= set(numbers(visitor.get(f"{HISTORY}?kind=tag")))
    assert numbers(visitor.get(f"{HISTORY}?kind=nonsense")) == numbers(visitor.get(HISTORY))


def test_a_page_out_of_range_is_the_nearest_there_is(visitor: Visitor) -> None:
    assert numbers(visitor.get(f"{HISTORY}?page=999")) == numbers(visitor.get(HISTORY))
    assert visitor.get(f"{HISTORY}?page=nonsense").status == 200


def test_long_histories_have_pages(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        for number in range(60):
            tagging.add(archive, f"tag {number}", by=BY)
    first = visitor.get(HISTORY)
    second = first.follow("nav.pages a[rel=next]")

    assert len(numbers(first)) == 50
    assert max(numbers(second)) < min(numbers(first))


def test_one_change_is_taken_back_from_its_row(viewer: Viewer, visitor: Visitor) -> None:
    steps = tag_thrice(viewer)
    page = visitor.get(HISTORY).submit(f"#change-{steps[1]} form:first-child")

    assert page.status == 200
    assert "Undone: tag add (two)." in page.text
    assert tags_of(viewer) >= {"one", "three"}
    assert "two" not in tags_of(viewer)


def test_all_from_a_step_on_are_taken_back_after_their_number_was_shown(
    viewer: Viewer, visitor: Visitor
) -> None:
    steps = tag_thrice(viewer)
    before = viewer_last(viewer)
    asked = visitor.get(HISTORY).submit(f"#change-{steps[1]} form:last-child")

    assert "Undo 2 steps?" in asked.text
    assert viewer_last(viewer) == before

    page = asked.submit("form.confirm")
    assert "Undone: 2 steps" in page.text
    assert "one" in tags_of(viewer)
    assert tags_of(viewer).isdisjoint({"two", "three"})


def viewer_last(viewer: Viewer) -> tuple[int, bytes]:
    with viewer.archive() as archive:
        return archive.last


def test_nothing_is_taken_back_for_a_number_that_makes_no_sense(
    viewer: Viewer, visitor: Visitor
) -> None:
    form = visitor.get(HISTORY).one("nav.toolbar form.push")
    token = dict(form.form_values())["csrfmiddlewaretoken"]
    before = viewer_last(viewer)
    for wrong in ("", "x", "-1", "99999", "1e3", "9" * 40):
        fields = [("csrfmiddlewaretoken", token), ("undo_to", wrong), ("confirm", "1")]
        assert visitor.post(HISTORY, fields).status == 400, wrong

    assert viewer_last(viewer) == before


def test_the_work_of_others_is_not_taken_back_with_ones_own(
    viewer: Viewer, visitor: Visitor
) -> None:
    first = tag_thrice(viewer)[0]
    with viewer.archive() as archive:
        tagging.add(archive, "by a command")
    visitor.get(HISTORY).submit(f"#change-{first} form:last-child").submit("form.confirm")

    assert "by a command" in tags_of(viewer)
    assert "one" not in tags_of(viewer)
