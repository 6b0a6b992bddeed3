"""The page of one set: what it shows, what its form takes, and what it refuses."""

from __future__ import annotations

import pytest

from fapfav.duplicates.queue import Kind
from fapfav.jobs.review import judge
from fapfav.model import Verdict
from tests.viewer.browsing import Visitor
from tests.viewer.reviewed import address, fields, forged, keys, last, press, verdicts, view_of
from viewer.state import Viewer


def test_a_set_shows_its_pictures_with_facts_places_and_verdicts(
    viewer: Viewer, visitor: Visitor
) -> None:
    (key,) = keys(viewer, 3)
    page = visitor.get(address(viewer, key))
    view = view_of(viewer, key)

    assert page.status == 200
    assert len(page.all("figure.pane")) == 3
    for member in view.members:
        pane = page.one(f"#picture-{member.number}")
        text = " ".join(pane.text_content().split())
        assert f"{member.blob.width} x {member.blob.height}" in text
        for bits in member.hashes.values():
            assert f"{bits:016x}" in text
        for spot in member.spots:
            assert spot.place.name in text
            assert spot.album_name in text
        assert [radio.get("value") for radio in pane.cssselect("fieldset.verdict input")][:4] == [
            *("new", "false", "keep", "skip")
        ]
    assert view.sentence in page.text


def test_a_place_is_linked_in_its_album_with_duplicates_shown(
    viewer: Viewer, visitor: Visitor
) -> None:
    (key,) = keys(viewer, 3)
    member = view_of(viewer, key).members[0]
    link = visitor.get(address(viewer, key)).one("#picture-1 .where a")

    assert "dup=1" in link.get("href")
    assert f"at={member.spots[0].place.image}" in link.get("href")
    assert visitor.get(link.get("href")).status == 200


def test_the_evidence_is_raw_and_from_zero_to_ten(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3)
    page = visitor.get(address(viewer, key))
    view = view_of(viewer, key)

    assert len(page.all("#evidence tbody")) == len(view.pairs) == 3
    row = page.all("#evidence tbody tr")[0]
    score = view.pairs[0].scores[0]
    text = " ".join(row.text_content().split())
    assert score.method.value in text
    assert f"{score.raw:g}" in text
    assert f"{score.normalised:.1f}" in text


def test_a_set_opens_by_any_of_its_pictures(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3)
    for member in view_of(viewer, key).members:
        page = visitor.get(f"/viewer/duplicate/{member.blob.digest.hex().upper()}/")
        assert page.status == 200
        assert page.one(".stage").get("data-set") == key.hex()


def test_a_picture_in_no_set_has_no_such_page(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        grouped = {one for group in archive.groups for one in group.members}
        lone = [one for one in archive.blobs if one not in grouped]
        exact = set(keys(viewer, 3, Kind.EXACT))
    (alone, *_) = [one for one in lone if one not in exact]

    assert visitor.get(address(viewer, alone)).status == 404
    assert visitor.get(f"/viewer/duplicate/{'0' * 64}/").status == 404


@pytest.mark.parametrize(
    "asked",
    [("keep", "skip"), ("skip", "keep"), ("keep", "keep"), ("false", "false")],
)
def test_choices_are_saved_at_once_and_the_next_set_comes(
    viewer: Viewer, visitor: Visitor, asked: tuple[str, str]
) -> None:
    key = keys(viewer)[0]
    page = visitor.get(address(viewer, key))
    answer = page.submit("form#verdicts", **fields(viewer, key, *asked))

    assert answer.status == 200
    assert verdicts(viewer, key) == list(asked)
    assert answer.one(".stage").get("data-set") != key.hex()
    assert answer.all(".message.success form")


def test_a_set_that_is_not_decided_stays(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3)
    page = visitor.get(address(viewer, key))
    answer = page.submit("form#verdicts", **fields(viewer, key, "keep", "new", "new"))

    assert answer.one(".stage").get("data-set") == key.hex()
    assert verdicts(viewer, key) == ["keep", "new", "new"]


def test_of_two_both_become_false_with_one(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    page = visitor.get(address(viewer, key))
    page.submit("form#verdicts", **fields(viewer, key, "false", "new"))

    assert verdicts(viewer, key) == ["false", "false"]


@pytest.mark.parametrize(
    ("members", "asked"),
    [
        (2, ("false", "keep")),
        (2, ("skip", "false")),
        (2, ("skip", "skip")),
        (3, ("skip", "skip", "skip")),
        (3, ("skip", "false", "skip")),
    ],
)
def test_what_a_rule_forbids_changes_nothing_and_is_named_in_red(
    viewer: Viewer, visitor: Visitor, members: int, asked: tuple[str, ...]
) -> None:
    key = keys(viewer, members)[0]
    before = last(viewer)
    page = visitor.get(address(viewer, key))
    answer = page.submit("form#verdicts", **fields(viewer, key, *asked))

    assert answer.status == 400
    assert last(viewer) == before
    assert verdicts(viewer, key) == ["new"] * members
    assert "Nothing was changed" in answer.one("#wrong").text_content()
    assert answer.all(".wrong")
    assert answer.all('.stage input[aria-invalid="true"]')


def test_a_refused_form_comes_back_as_it_was_filled_in(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    asked = fields(viewer, key, "skip", "skip")
    answer = visitor.get(address(viewer, key)).submit("form#verdicts", **asked)

    for name in asked:
        assert answer.one(f'input[name="{name}"][checked]').get("value") == "skip"
    again = answer.submit("form#verdicts", **fields(viewer, key, "keep", "skip"))
    assert again.status == 200
    assert verdicts(viewer, key) == ["keep", "skip"]


def test_a_missing_or_unknown_choice_is_named(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    before = last(viewer)
    page = visitor.get(address(viewer, key))
    first, second = fields(viewer, key, "keep", "skip")

    for values in (
        {first: "keep"},
        {second: "keep"},
        {first: "keep", second: "both"},
        {first: "keep", second: "Skip"},
        {},
    ):
        answer = forged(visitor, page, **values)
        assert answer.status == 400, values
        assert answer.all(".wrong"), values
    assert last(viewer) == before


def test_pictures_and_places_of_other_sets_are_refused(viewer: Viewer, visitor: Visitor) -> None:
    one, other = keys(viewer)[:2]
    before = last(viewer)
    page = visitor.get(address(viewer, one))
    good = fields(viewer, one, "keep", "skip")

    for stranger in (other.hex(), "0" * 64, "local_a_b_c"):
        assert forged(visitor, page, **good, **{stranger: "skip"}).status == 400
    assert last(viewer) == before


def test_a_form_from_before_a_change_is_answered_with_both_states(
    viewer: Viewer, visitor: Visitor
) -> None:
    key = keys(viewer)[0]
    page = visitor.get(address(viewer, key))
    one, two = (member.blob.digest for member in view_of(viewer, key).members)
    with viewer.archive() as archive:
        judge(archive, key, {one: Verdict.SKIP, two: Verdict.KEEP})
    before = last(viewer)
    answer = page.submit("form#verdicts", **fields(viewer, key, "false", "false"))

    assert answer.status == 409
    assert last(viewer) == before
    rows = [[cell.text_content() for cell in row.cssselect("td")] for row in answer.all("tbody tr")]
    assert [(row[1].strip(), row[2].strip()) for row in rows[:2]] == [
        ("false", "skip"),
        ("false", "keep"),
    ]
    assert press(page, "keep", 2).status == 409
    assert forged(visitor, page, quick="keep-all").status == 409
    assert last(viewer) == before
    assert answer.follow("main p a").one(".stage").get("data-set") == key.hex()


def test_a_form_sent_twice_decides_once(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    page = visitor.get(address(viewer, key))
    press(page, "keep-all")
    before = last(viewer)

    assert press(page, "keep-all").status == 409
    assert last(viewer) == before


def test_a_form_without_what_was_seen_decides_nothing(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    before = last(viewer)
    page = visitor.get(address(viewer, key))

    assert forged(visitor, page, seen="", quick="keep-all").status == 409
    assert last(viewer) == before


def test_looking_at_a_set_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    for key in (*keys(viewer), *keys(viewer, 3), *keys(viewer, 3, Kind.EXACT)):
        where = address(viewer, key)
        name = next(iter(fields(viewer, key, *["keep"] * len(verdicts(viewer, key)))))
        visitor.get(f"{where}?quick=keep-all&seen=x&{name}=skip&view=over&with=1,2&order=bytes")
    assert last(viewer) == before


def test_names_from_disk_are_text(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3, Kind.EXACT)
    page = visitor.get(address(viewer, key))

    assert "<img src=x>" not in page.source
    assert "borrowed" in page.text


def test_an_encrypted_archive_names_nothing_in_addresses_and_titles(sealed_viewer: Viewer) -> None:
    visitor = Visitor(sealed_viewer)
    (key,) = keys(sealed_viewer, 3)
    page = visitor.get(address(sealed_viewer, key))
    view = view_of(sealed_viewer, key)

    assert page.status == 200
    spoken = [
        element.get(name, "")
        for name in ("href", "src", "action", "name", "value", "id")
        for element in page.all("*")
    ]
    for member in view.members:
        digest = member.blob.digest.hex()
        assert digest not in page.source
        for spot in member.spots:
            ids = [part for part in spot.place.key[1:] if len(part) > 3]
            assert not any(part in text for text in spoken for part in ids)
            assert spot.place.name not in page.title
            assert spot.album_name not in page.title
    answer = page.submit("form#verdicts", **fields(sealed_viewer, key, "keep", "skip", "skip"))
    assert answer.status == 200
    assert verdicts(sealed_viewer, key) == ["keep", "skip", "skip"]
