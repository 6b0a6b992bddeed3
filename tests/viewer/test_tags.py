"""The tag tree and the page of a tag, without JavaScript: every form, and every refusal."""

from __future__ import annotations

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from viewer.state import Viewer

NATURE, WATER, STONE = 1, 2, 3


def archive_of(viewer: Viewer) -> Archive:
    return opened(viewer.directory, sealed=viewer.is_sealed)


def paths(viewer: Viewer) -> list[str]:
    return [line.path for line in tagging.listing(archive_of(viewer)).tags]


def last_verb(viewer: Viewer) -> str:
    changes = archive_of(viewer).changes
    return changes[max(changes)].verb


def changes(viewer: Viewer) -> int:
    return len(archive_of(viewer).changes)


def said(page: Page) -> str:
    return " ".join(page.one("#messages").text_content().split())


def undo(page: Page) -> Page:
    """Presses the button in the message."""
    return page.submit("#messages form")


# The tree


def test_the_tree_shows_every_tag_below_the_one_it_hangs_on_with_its_counts(
    visitor: Visitor,
) -> None:
    page = visitor.get("/viewer/tag/0/")

    assert [a.text for a in page.all(".tag-tree > li > .tag-row a")] == ["nature", "stone"]
    assert [a.text for a in page.all("#tag-1 li a")] == ["water"]
    row = " ".join(page.one("#tag-1 > .tag-row").text_content().split())
    assert row.startswith("nature (1) 5 pictures, 0 itself")
    assert "3 tags on 9 pictures" in page.text


def test_without_tags_it_says_so(viewer: Viewer, visitor: Visitor) -> None:
    with archive_of(viewer) as archive:
        for name in ("water", "nature", "stone"):
            tagging.remove(archive, name)

    page = visitor.get("/viewer/tag/0/")

    assert page.one(".empty p:first-child").text == "NO TAGS CREATED"
    assert page.all(".tag-tree") == []


def test_lists_end_where_they_should_however_deep_the_tree(
    viewer: Viewer, visitor: Visitor
) -> None:
    with archive_of(viewer) as archive:
        tagging.add(archive, "lake", "water")
        tagging.add(archive, "deep", "lake")
        tagging.add(archive, "tree", "nature")

    page = visitor.get("/viewer/tag/0/")

    assert [a.text for a in page.all("#tag-1 > ul > li > .tag-row a")] == ["tree", "water"]
    assert [a.text for a in page.all("#tag-4 > ul > li > .tag-row a")] == ["deep"]
    assert [a.text for a in page.all(".tag-tree > li > .tag-row a")] == ["nature", "stone"]


def test_a_tag_that_is_not_there_is_not_found(visitor: Visitor) -> None:
    assert visitor.get("/viewer/tag/9/").status == 404
    assert visitor.get(f"/viewer/tag/{2**70}/").status == 404


# A tag


def test_a_tag_shows_where_it_hangs_what_is_below_and_the_pictures_of_both(
    visitor: Visitor,
) -> None:
    page = visitor.get(f"/viewer/tag/{NATURE}/")

    assert [a.text for a in page.all(".crumbs a")] == ["Tags"]
    assert [a.get("href") for a in page.all(".tag-chips a")] == ["/viewer/tag/2/"]
    assert "nature (1): 5 pictures" in page.text
    assert len(page.all("li.cell")) == 5


def test_up_one_level_leads_to_the_tag_above(visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{WATER}/")

    (up,) = [a for a in page.all("main a") if a.text == "Up one level"]

    assert up.get("href") == "/viewer/tag/1/"


def test_filters_go_on_to_the_tags_above_and_below(visitor: Visitor) -> None:
    below = visitor.get("/viewer/tag/1/?portrait=2&dup=1&lock=1&page=3").follow(".tag-chips a")
    assert below.address.endswith(f"/viewer/tag/{WATER}/?dup=1&portrait=2&lock=1")

    above = [a.get("href") for a in below.all("main a[href^='/viewer/tag/1/']")]
    assert above == ["/viewer/tag/1/?dup=1&portrait=2&lock=1"] * 2


def test_filters_stay_in_the_address_after_a_change(visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{WATER}/?portrait=2")

    after = page.submit("#rename", rename_tag="waters")

    assert after.address.endswith("/viewer/tag/2/?portrait=2")


# Making, renaming


def test_a_child_is_made_below_the_tag_and_undone_from_the_message(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(f"/viewer/tag/{WATER}/").submit("#child", named_child=" Lake ")

    assert said(page).startswith("Made the tag nature/water/Lake (4).")
    assert "nature/water/Lake" in paths(viewer)
    undo(page)
    assert "nature/water/Lake" not in paths(viewer)


def test_a_tag_is_made_at_the_top_from_the_tree(viewer: Viewer, visitor: Visitor) -> None:
    visitor.get("/viewer/tag/0/").submit("#child", named_child="sky")

    assert paths(viewer) == ["nature", "nature/water", "sky", "stone"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("STONE", "is taken by stone (3)"),
        ("a/b", "slashes are kept"),
        ("a\\b", "slashes are kept"),
        ("17", "taken for a tag's number"),
        ("x\u202ey", "nobody can see"),
        ("x" * 300, "too long"),
    ],
    ids=["taken", "slash", "backslash", "number", "invisible", "long"],
)
def test_a_name_that_cannot_be_is_refused_in_red_and_nothing_is_changed(
    viewer: Viewer, visitor: Visitor, name: str, why: str
) -> None:
    before = changes(viewer)

    for form, field in (("#child", "named_child"), ("#rename", "rename_tag")):
        page = visitor.get(f"/viewer/tag/{WATER}/").submit(form, **{field: name})
        assert why in page.one(".message.error").text_content()

    assert changes(viewer) == before


def test_a_tag_is_renamed_and_keeps_its_number(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{WATER}/").submit("#rename", rename_tag="Wasser")

    assert page.one("h1").text == "Wasser"
    assert archive_of(viewer).tags[WATER].name == "Wasser"
    undo(page)
    assert archive_of(viewer).tags[WATER].name == "water"


def test_a_name_is_never_markup(visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{WATER}/").submit("#rename", rename_tag="<img src=x>")

    assert page.one("h1").text == "<img src=x>"
    assert visitor.get("/viewer/tag/0/").one("#tag-2 > .tag-row > a").text == "<img src=x>"


# Moving, merging


def test_a_tag_moves_below_another_by_name_and_back_to_the_top(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#move", parent="nature/WATER")
    assert "nature/water/stone" in paths(viewer)

    page.submit("#move-top")

    assert "stone" in paths(viewer)


def test_where_its_siblings_are_is_by_name_so_before_says_nothing(
    viewer: Viewer, visitor: Visitor
) -> None:
    visitor.get(f"/viewer/tag/{STONE}/").submit("#move", parent="1", before="2")

    assert paths(viewer) == ["nature", "nature/stone", "nature/water"]


def test_a_tag_cannot_move_below_itself(viewer: Viewer, visitor: Visitor) -> None:
    before = paths(viewer)

    page = visitor.get(f"/viewer/tag/{NATURE}/").submit("#move", parent="water")

    assert "the tag itself or below it" in page.one(".message.error").text_content()
    assert paths(viewer) == before


def test_merging_hands_pictures_over_and_shows_the_tag_that_stays(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#merge", into="water")

    assert page.address.endswith("/viewer/tag/2/")
    assert "stone (3) is part of nature/water (2) now" in said(page)
    lines = {line.path: line.images for line in tagging.listing(archive_of(viewer)).tags}
    assert lines == {"nature": 0, "nature/water": 9}
    undo(page)
    assert "stone" in paths(viewer)


def test_a_form_that_names_no_tag_is_refused(viewer: Viewer, visitor: Visitor) -> None:
    before = changes(viewer)

    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#merge", into="sea")

    assert "no tag 'sea'" in page.one(".message.error").text_content()
    assert changes(viewer) == before


def test_a_form_with_nothing_in_it_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    before = changes(viewer)

    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#child", named_child="  ")

    assert "nothing is changed" in page.one(".message.error").text_content()
    assert changes(viewer) == before


# Deleting


def test_deletion_is_asked_with_its_effect_before_it_happens(
    viewer: Viewer, visitor: Visitor
) -> None:
    before = changes(viewer)

    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#ask-delete")

    assert "taken off 6 pictures" in page.one(".ask").text_content()
    assert changes(viewer) == before


def test_a_deleted_tag_is_off_every_picture_and_comes_back_with_undo(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(f"/viewer/tag/{STONE}/").submit("#ask-delete").submit("#delete")

    assert "stone (3) is deleted, and off 6 pictures." in said(page)
    assert page.address.endswith("/viewer/tag/0/")
    assert paths(viewer) == ["nature", "nature/water"]
    undo(page)
    lines = {line.path: line.images for line in tagging.listing(archive_of(viewer)).tags}
    assert lines["stone"] == 6


def test_a_tag_with_others_below_is_not_deleted(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{NATURE}/").submit("#ask-delete")

    assert "has tags below it: 'water'" in page.one(".message.error").text_content()
    assert "nature" in paths(viewer)


# Two at once


@pytest.mark.parametrize(
    "more",
    [
        {"rename_tag": "brook"},
        {"delete_input": "2"},
        {"parent": "3"},
        {"into": "3"},
        {"clear_tag": "2", "selected_blobs": "0" * 64},
        {"tag_select": "3"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_two_operations_at_once_are_refused_and_neither_is_done(
    viewer: Viewer, visitor: Visitor, more: dict[str, str]
) -> None:
    before = changes(viewer)

    page = visitor.get(f"/viewer/tag/{WATER}/").submit("#child", named_child="lake", **more)

    assert page.status == 400
    assert changes(viewer) == before


# Taking a tag off


def test_a_locked_page_takes_the_tag_and_those_below_off_what_is_selected(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(f"/viewer/tag/{NATURE}/?lock=1")
    picks = [box.get("value") for box in page.all("input[name=pick]")][:2]

    after = page.submit("#grid", button=f"clear_tag={NATURE}", pick=picks)

    assert "2 pictures lost the tag nature" in said(after)
    assert tagging.listing(archive_of(viewer)).tags[1].images == 3
    assert last_verb(viewer) == "tag clear"


# Encrypted


def test_titles_of_an_encrypted_archive_name_no_tag(sealed_viewer: Viewer) -> None:
    page = Visitor(sealed_viewer).get(f"/viewer/tag/{WATER}/")

    assert page.title == "Tag 2"
    assert page.one("h1").text == "water"


def test_the_tree_of_an_encrypted_archive_is_changed_as_well(sealed_viewer: Viewer) -> None:
    Visitor(sealed_viewer).get(f"/viewer/tag/{WATER}/").submit("#child", named_child="lake")

    assert "nature/water/lake" in paths(sealed_viewer)


# What is offered while one types


def options(page: Page) -> list[tuple[str, str]]:
    return [
        (li.get("data-value"), " ".join(li.text_content().split()))
        for li in page.all("li[role=option]")
    ]


def test_letters_are_offered_tags_with_what_is_above_and_their_counts(visitor: Visitor) -> None:
    page = visitor.get("/viewer/tag/suggest/?q=wat")

    assert options(page) == [("nature/water", "water < nature on 5 pictures")]


def test_a_new_tag_is_offered_only_where_one_may_be_made(visitor: Visitor) -> None:
    assert options(visitor.get("/viewer/tag/suggest/?q=ston")) == [("stone", "stone on 6 pictures")]
    page = visitor.get("/viewer/tag/suggest/?q=ston&create=1")
    assert options(page)[1] == ("ston", "New tag ston")


def test_what_is_offered_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    before = changes(viewer)
    visitor.get("/viewer/tag/suggest/?q=anything&create=1")
    assert changes(viewer) == before


def test_nobody_who_was_not_let_in_is_offered_anything(viewer: Viewer) -> None:
    stranger = Visitor(viewer, let_in=False)
    assert stranger.get("/viewer/tag/suggest/?q=").status == 403


def test_the_box_takes_the_typed_name_without_a_script(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(f"/viewer/tag/{NATURE}/?lock=1")
    pick = page.all("input[name=pick]")[0].get("value")

    page.submit("#grid", tag_select="sunset", create="1", pick=pick)

    assert "sunset" in paths(viewer)
