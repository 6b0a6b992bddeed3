"""viewer/also.py: what is listed beside a set or a picture, and what a form says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fapfav.jobs.see_also import Apart, Standing
from fapfav.jobs.sets import set_view
from fapfav.model import Digest
from tests.viewer.apart import make_apart, write_apart
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.reviewed import forged, last
from viewer.addresses import name_of
from viewer.state import Viewer


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """By whether it is sealed, an archive of pictures that are related or were turned down."""
    base = tmp_path_factory.mktemp("apart")
    write_apart(base / "pictures")
    for sealed in (False, True):
        make_apart(base / str(sealed), base / "pictures", sealed=sealed)
    return {sealed: base / str(sealed) for sealed in (False, True)}


def names(viewer: Viewer) -> dict[str, Digest]:
    """The pictures by what their files were called."""
    with viewer.archive() as archive:
        found = archive.places.records()
        return {each.name.removesuffix(".jpg"): each.holds for each in found if each.holds}


def address(viewer: Viewer, called: str, page: str = "duplicate") -> str:
    with viewer.archive() as archive:
        return f"/viewer/{page}/{name_of(archive, names(viewer)[called])}/"


def members(viewer: Viewer, called: str) -> set[str]:
    """The set a picture is in, as it is on disk."""
    numbers = {digest: name for name, digest in names(viewer).items()}
    with opened(viewer.directory, sealed=False) as archive:
        return {numbers[one] for one in archive.group_of(names(viewer)[called]).members}


def say(page: Page, label: str) -> Page:
    """Presses a button of the first picture that is listed."""
    page.all(".also form")[0].set("id", "pressed")
    found = page.all(".also form")[0]
    sent = [*found.form_values(), ("pair", label)]
    return page.visitor.post(found.get("action"), sent)


def words(element: object) -> str:
    return " ".join(element.text_content().split())  # type: ignore[attr-defined]


def test_a_set_says_what_each_is_to_the_keeper_and_how_sure_that_is(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(address(viewer, "small"))

    first, second = (words(one) for one in page.all(".to-keeper"))
    assert first == "Keeper: the others are compared with it"
    sure = re.fullmatch(r"Same picture, 2.0x smaller, recompressed \((.*\d % sure)\)", second)
    assert sure is not None
    said = words(page.one("[data-sentence]"))
    assert said.endswith(f" 4.0x the pixels. {sure[1][0].upper()}{sure[1][1:]}.")


def test_beside_a_set_is_what_is_related_with_reason_and_picture(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(address(viewer, "first"))

    assert words(page.one('.sentence a[href="#see-also"]')) == "See also 1"
    (only,) = page.all("#see-also li")
    said = r"related to picture 1 Mirrored left to right \(.*\d % sure\)"
    assert re.match(said, words(only))
    link = only.cssselect("a.also-picture")[0]
    assert link.get("href") == address(viewer, "mirrored", "picture")
    assert visitor.get(link.cssselect("img")[0].get("src")).status == 200


def test_the_same_picture_joins_the_set_and_undo_takes_it_out(
    viewer: Viewer, visitor: Visitor
) -> None:
    answer = say(visitor.get(address(viewer, "first")), "same")

    assert members(viewer, "first") == {"first", "small", "mirrored"}
    assert answer.address.startswith("/viewer/duplicate/")
    assert len(answer.all("figure.pane")) == 3
    assert not answer.all("#see-also")
    assert "You called it the same" in answer.text
    answer.submit(".message.success form")
    assert members(viewer, "first") == {"first", "small"}


def test_what_is_not_related_is_listed_no_more(viewer: Viewer, visitor: Visitor) -> None:
    answer = say(visitor.get(address(viewer, "first")), "different")

    assert not answer.all("#see-also")
    assert members(viewer, "first") == {"first", "small"}
    assert not visitor.get(address(viewer, "mirrored", "picture")).all("#related")


def test_a_button_from_before_a_change_decides_nothing(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address(viewer, "first"))
    say(page, "same")
    before = last(viewer)

    answer = say(page, "different")

    assert answer.status == 409
    assert "You asked for: not related." in answer.text
    assert last(viewer) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"pair": "related"},
        {"member": "0" * 63},
        {"other": "z" * 64},
        {"member": "lone", "other": "lone turned"},
    ],
)
def test_what_no_page_asks_for_is_refused(
    viewer: Viewer, visitor: Visitor, wrong: dict[str, str]
) -> None:
    page = visitor.get(address(viewer, "first"))
    digests = {called: one.hex() for called, one in names(viewer).items()}
    fields = {"pair": "same", "member": digests["first"], "other": digests["mirrored"]}
    before = last(viewer)

    answer = forged(
        visitor, page, **fields | {name: digests.get(one, one) for name, one in wrong.items()}
    )

    assert answer.status == 400
    assert last(viewer) == before
    assert forged(visitor, page, **fields | {"other": "0" * 64}).status == 404
    assert forged(visitor, page, **fields | {"other": digests["nothing"]}).status == 409
    assert last(viewer) == before


def test_a_picture_in_no_set_lists_them_too_and_decides(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address(viewer, "lone", "picture"))
    assert re.search(r"Turned upside down \(.*\d % sure\)", words(page.one("#related")))

    answer = say(page, "same")

    assert members(viewer, "lone") == {"lone", "lone turned"}
    assert "Same picture" in words(answer.one(".message.success"))
    assert not answer.all("#related")
    again = say(page, "different")
    assert "changed since it was shown" in words(again.one(".message.error"))
    assert members(viewer, "lone") == {"lone", "lone turned"}


def test_the_lists_have_every_pair_and_count_it(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get("/viewer/duplicates/")
    assert [words(tab) for tab in page.all(".tabs a")] == [
        "Sets 1",
        "Related 2",
        "Turned down, alike 1",
    ]

    related = page.follow('.tabs a[href$="related=1"]')
    down = related.follow('.tabs a[href$="related=2"]')

    assert words(related.one(".tabs [aria-current]")) == "Related 2"
    assert len(related.all(".also > li")) == 2
    (only,) = down.all(".also > li")
    assert "Other text or objects in places (" in words(only)
    decide = down.follow(".also > li p a")
    assert "Other text or objects" in words(decide.one("#related"))


def test_long_lists_come_in_pages(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.also.PAGE", 1)
    visitor = Visitor(viewer)

    first = visitor.get("/viewer/duplicates/?related=1")
    second = first.follow('nav.pages a[rel="next"]')

    assert len(first.all(".also > li")) == len(second.all(".also > li")) == 1
    assert first.one(".also > li p:nth-of-type(2)").text != (
        second.one(".also > li p:nth-of-type(2)").text
    )


def test_looking_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    where = f"{address(viewer, 'first')}?pair=same"
    for path in (where, f"{address(viewer, 'lone', 'picture')}?pair=same"):
        visitor.get(path)
    visitor.get("/viewer/duplicates/?related=2&page=9")
    assert last(viewer) == before


def test_an_encrypted_archive_names_no_digest(sealed_viewer: Viewer) -> None:
    visitor = Visitor(sealed_viewer)
    with sealed_viewer.archive() as archive:
        related = archive.kept(Apart).now()[Standing.RELATED]
        (group,) = archive.groups
        name = name_of(archive, group.members[0])
    digests = [one.hex() for pair in related for one in pair]

    page = visitor.get(f"/viewer/duplicate/{name}/")
    answer = say(page, "same")

    for each in (page, answer, visitor.get("/viewer/duplicates/?related=1")):
        assert each.status == 200
        assert not any(one in each.source for one in digests)
    with opened(sealed_viewer.directory, sealed=True) as archive:
        assert len(set_view(archive, group.members[0]).members) == 3
