"""The list of all sets; the form of sensitivities; finding again and forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR
from fapfav.duplicates.queue import Kind
from fapfav.jobs.review import judge
from fapfav.jobs.sets import set_lines
from fapfav.model import HASHES, Verdict
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.reviewed import keys, last, view_of
from tests.viewer.working import at_home
from viewer import workers
from viewer.state import Viewer

LIST = "/viewer/duplicates/"
FIELDS = [f"{kind}_{method}" for kind in ("regular", "animated") for method in HASHES]


def listed(page: Page) -> list[str]:
    """The sets of a page, by the digests of their addresses."""
    return [a.get("href").split("/")[3] for a in page.all("li.set > a")]


def all_sets(viewer: Viewer) -> set[str]:
    with viewer.archive() as archive:
        return {line.key.hex() for line in set_lines(archive)}


def test_every_set_is_listed_with_its_letters(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(LIST)

    assert set(listed(page)) == all_sets(viewer)
    for card in page.all("li.set"):
        letters = [each.text_content() for each in card.cssselect(".letter")]
        assert letters[0][0] == "N"
        assert "needs action" in card.text_content()


def test_totals_have_percentages_and_letters(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    one, two = (member.blob.digest for member in view_of(viewer, key).members)
    with viewer.archive() as archive:
        judge(archive, key, {one: Verdict.KEEP, two: Verdict.SKIP})
    alike, exact = visitor.get(LIST).all("table.table")[0].cssselect("tbody tr")
    cells = [" ".join(cell.text_content().split()) for cell in alike.cssselect("td")]

    with viewer.archive() as archive:
        lines = [line for line in set_lines(archive) if line.kind is Kind.PERCEPTUAL]
    pictures = sum(line.members for line in lines)
    waiting = len(lines) - 1
    assert cells[0] == str(len(lines))
    assert cells[1] == f"{waiting} {100 * waiting / len(lines):.2f} %"
    assert cells[2] == str(pictures)
    assert cells[3].startswith(f"{pictures - 2} ")
    assert cells[5] == cells[6] == f"1 {100 / pictures:.2f} %"
    assert exact.cssselect("td")[0].text_content() == "1"


def test_the_list_can_be_narrowed_and_ordered(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    with viewer.archive() as archive:
        judge(archive, key, {m.blob.digest: Verdict.KEEP for m in view_of(viewer, key).members})
    exact = {one.hex() for one in keys(viewer, 3, Kind.EXACT)}

    assert set(listed(visitor.get(f"{LIST}?kind=exact"))) == exact
    assert listed(visitor.get(f"{LIST}?state=decided")) == [key.hex()]
    assert key.hex() not in listed(visitor.get(f"{LIST}?state=waiting"))
    by_bytes = listed(visitor.get(f"{LIST}?kind=perceptual&order=bytes"))
    with viewer.archive() as archive:
        saves = {line.key.hex(): line.saves for line in set_lines(archive)}
    assert [saves[one] for one in by_bytes] == sorted((saves[o] for o in by_bytes), reverse=True)
    assert listed(visitor.get(f"{LIST}?kind=x&state=y&order=z&page=-3")) == listed(
        visitor.get(LIST)
    )


def test_the_form_shows_what_is_set_and_what_is_suggested(visitor: Visitor) -> None:
    page = visitor.get(LIST)
    for method in HASHES:
        for kind, limits in (("regular", REGULAR), ("animated", ANIMATED)):
            field = page.one(f"#field-{kind}-{method}")
            box = field.cssselect('input[type="checkbox"]')[0]
            limit = limits.of(method)
            assert (box.get("checked") is not None) == (limit != OFF)
            assert f"suggested {'off' if limit == OFF else f'{limit:g}'}" in field.text_content()
            if limit != OFF:
                assert field.cssselect('input[type="text"]')[0].get("value") == f"{limit:g}"
    assert not page.all("#field-regular-cnn")


def test_a_sensitivity_is_set_after_its_effect_was_shown(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    asked = visitor.get(LIST).submit("form#limits", regular_percept="0", animated_percept="0")

    assert asked.status == 200
    assert last(viewer) == before
    now, then = (int(cell.text_content()) for cell in asked.all("tbody tr:first-child td"))
    page = asked.submit("form#confirm")
    assert page.all(".message.success form")
    with opened(viewer.directory, sealed=False) as archive:
        assert archive.limits()[0].percept == 0
        assert archive.limits()[1].percept == 0
        assert len(archive.groups) == then
        assert now >= then
    page.submit(".message.success form")
    with opened(viewer.directory, sealed=False) as archive:
        assert archive.limits()[0].percept == REGULAR.percept


def test_a_method_is_switched_off_by_its_box(viewer: Viewer, visitor: Visitor) -> None:
    form = visitor.get(LIST).one("form#limits")
    sent = [
        (name, value)
        for name, value in form.form_values()
        if name not in ("enabled_regular_diff", "enabled_animated_diff")
    ]
    visitor.post(LIST, [*sent, ("confirm", "1")])
    with opened(viewer.directory, sealed=False) as archive:
        assert archive.limits()[0].diff == OFF
        assert archive.limits()[1].diff == OFF
        assert archive.limits()[0].percept == REGULAR.percept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("regular_percept", "16"),
        ("regular_percept", "-1"),
        ("regular_average", "1.5"),
        ("regular_diff", ""),
        ("regular_diff", "four"),
        ("animated_percept", "nan"),
        ("animated_percept", "\u0663"),
        ("animated_percept", "5"),
        ("animated_diff", "1e99"),
    ],
)
def test_a_bad_limit_is_named_at_its_field_and_changes_nothing(
    viewer: Viewer, visitor: Visitor, field: str, value: str
) -> None:
    before = last(viewer)
    page = visitor.get(LIST).submit("form#limits", **{field: value, "confirm": "1"})

    assert page.status == 400
    assert last(viewer) == before
    (wrong,) = page.all('input[aria-invalid="true"]')
    assert wrong.get("name") == field
    assert wrong.get("value") == value
    assert page.all(f"#wrong-{field.replace('_', '-')}")


@pytest.mark.parametrize("field", FIELDS)
def test_a_limit_that_is_missing_changes_nothing(
    viewer: Viewer, visitor: Visitor, field: str
) -> None:
    before = last(viewer)
    form = visitor.get(LIST).one("form#limits")
    sent = [(name, value) for name, value in form.form_values() if name != field]
    page = visitor.post(LIST, [*sent, ("confirm", "1")])

    assert page.status == 400
    assert [one.get("name") for one in page.all('input[aria-invalid="true"]')] == [field]
    assert last(viewer) == before


@pytest.mark.parametrize("form", ["pending", "all"])
def test_forgetting_shows_its_effect_and_keeps_decisions(
    viewer: Viewer, visitor: Visitor, form: str
) -> None:
    key = keys(viewer)[0]
    members = [member.blob.digest for member in view_of(viewer, key).members]
    with viewer.archive() as archive:
        judge(archive, key, dict.fromkeys(members, Verdict.KEEP))
    before = last(viewer)
    button = "delete_pending=1" if form == "pending" else "delete_all=1"
    asked = visitor.get(LIST).submit(f"form#{form}", button=button)

    assert asked.status == 200
    assert last(viewer) == before
    then = [int(row.cssselect("td")[1].text_content()) for row in asked.all("tbody tr")]
    page = asked.submit("form#confirm", button=button)
    assert "Taken out of the duplicates" in page.text
    with opened(viewer.directory, sealed=False) as archive:
        assert [len(archive.groups), sum(len(g.members) for g in archive.groups)] == then
        assert set(members) <= set(archive.choices)
    page.submit(".message.success form")
    assert len(keys(viewer)) > 1


def test_a_preview_does_nothing_even_if_confirmed(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    for form, button in (("pending", "delete_pending=1"), ("all", "delete_all=1")):
        page = visitor.get(LIST).submit(f"form#{form}", button=button, confirm="1", preview="1")
        assert page.all("form#confirm")
    page = visitor.get(LIST).submit("form#limits", confirm="1", preview="1", regular_percept="3")
    assert page.all("form#confirm")
    assert last(viewer) == before


def test_two_operations_at_once_are_refused(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    page = visitor.get(LIST).submit(
        "form#all", button="delete_all=1", delete_pending="1", confirm="1"
    )
    assert page.status == 400
    page = visitor.get(LIST).submit("form#limits", delete_all="1", confirm="1")
    assert page.status == 400
    page = visitor.get(LIST).submit("form#pending", confirm="1")
    assert page.status == 400
    assert last(viewer) == before


def test_looking_at_the_list_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    before = last(viewer)
    visitor.get(f"{LIST}?delete_all=1&confirm=1&re_run=1&parameters_form_used=1")
    assert last(viewer) == before


def test_finding_again_says_what_it_will_do_and_becomes_a_job(
    viewer: Viewer, visitor: Visitor, tmp_path: Path
) -> None:
    asked = visitor.get(LIST).submit("form#find", button="re_run=1", again="1")
    with viewer.archive() as archive:
        assert f"All {len(archive.blobs)} pictures" in asked.text
    assert workers.running() == ()
    with at_home(tmp_path / "home"):
        try:
            page = asked.submit("form#confirm", button="re_run=1")
            assert page.status == 200
            assert "/viewer/jobs/" in page.address
            with viewer.archive() as archive:
                assert [row.verb for row in archive.jobs.records()] == ["find"]
        finally:
            workers.shut_down()


def test_without_sets_it_says_what_to_do(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(LIST).submit("form#all", button="delete_all=1")
    page = page.submit("form#confirm", button="delete_all=1")
    page = visitor.get(f"{LIST}?kind=perceptual")

    assert not page.all("li.set")
    assert "No set is like that" in page.text


def test_an_encrypted_archive_prints_no_digest(sealed_viewer: Viewer) -> None:
    page = Visitor(sealed_viewer).get(LIST)
    with sealed_viewer.archive() as archive:
        digests = [digest.hex() for digest in archive.blobs]

    assert page.all("li.set")
    assert not any(digest in page.source for digest in digests)
