"""Undo and redo: any number of steps, after a restart too, and what stands in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fapfav.duplicates.queue import Kind
from fapfav.jobs import tagging
from fapfav.jobs.review import judge
from fapfav.jobs.sets import set_lines
from fapfav.model import Verdict
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.reviewed import address, fields, keys, last, press, shown, verdicts, view_of
from viewer.page import BY
from viewer.state import Viewer

START = "/viewer/review/?go=1"
TABLES = ("decisions", "choices", "places", "tags", "tagged")


def state_of(viewer: Viewer) -> dict[str, Any]:
    """All that a person decided, as it lies on disk."""
    with opened(viewer.directory, sealed=viewer.is_sealed) as archive:
        rows = {name: dict(archive.rows_of(name)) for name in TABLES}
        rows["decisions"] = {key: row[0] for key, row in rows["decisions"].items()}
        rows["choices"] = {key: row[0] for key, row in rows["choices"].items()}
        return rows


def undo(page: Page, step: int | None = None, *, redo: bool = False) -> Page:
    """Presses undo, or redo, as the page of a set has them; with the number of a step if given."""
    token = dict(page.all("main form[method=post], .top form[method=post]")[0].form_values())
    sent = [("csrfmiddlewaretoken", token["csrfmiddlewaretoken"])]
    sent += [("step", str(step))] if step is not None else []
    return page.visitor.post("/viewer/redo/" if redo else "/viewer/undo/", sent)


def decide_all(visitor: Visitor) -> int:
    """Decides every set, each in another way; returns how many steps that took."""
    page, steps = visitor.get(START), 0
    while page.all(".stage"):
        quick = ("keep-all", "false-all", "keep")[steps % 3]
        if quick == "false-all" and not page.all('button[value="false-all"]'):
            quick = "keep-all"
        keep = None
        if quick == "keep":
            numbers = [one.get("value") for one in page.all('.quick input[name="keep"]')]
            keep = int(numbers[0])
        page = press(page, quick, keep)
        steps += 1
    return steps


def test_undo_takes_back_the_last_decision_and_shows_its_set(
    viewer: Viewer, visitor: Visitor
) -> None:
    key = keys(viewer)[0]
    before = state_of(viewer)
    page = press(visitor.get(address(viewer, key)), "keep-all")
    page = page.submit("form.quick-undo")

    assert shown(page) == key.hex()
    assert "Undone: what you decided on this set. It is now: 2 new." in page.text
    assert [one.text_content() for one in page.all(".message form button")] == ["Redo"]
    assert state_of(viewer) == before


def test_redo_does_it_again(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    page = press(visitor.get(address(viewer, key)), "keep-all")
    then = state_of(viewer)
    page = page.submit("form.quick-undo").submit("form.quick-redo")

    assert "Done again: what you decided on this set. It is now: 2 keep." in page.text
    assert [one.text_content() for one in page.all(".message form button")] == ["Undo"]
    assert state_of(viewer) == then
    page = page.submit("form.quick-undo")
    assert verdicts(viewer, key) == ["new", "new"]
    page.submit("form.quick-redo")
    assert verdicts(viewer, key) == ["keep", "keep"]


def test_every_step_is_taken_back_and_done_again_in_turn(viewer: Viewer, visitor: Visitor) -> None:
    before = state_of(viewer)
    steps = decide_all(visitor)
    after = state_of(viewer)
    assert after != before
    page = visitor.get(START)
    for _ in range(steps):
        page = undo(page)
        assert page.status == 200
    assert state_of(viewer) == before
    assert "There is nothing to undo" in undo(page).text
    for _ in range(steps):
        page = undo(page, redo=True)
        assert page.status == 200
    assert state_of(viewer) == after
    assert "There is nothing to redo" in undo(page, redo=True).text


def test_steps_of_an_earlier_run_are_taken_back(viewer: Viewer, visitor: Visitor) -> None:
    before = state_of(viewer)
    steps = decide_all(visitor)
    viewer.lock()
    again = viewer_of(viewer.directory, sealed=False)
    visitor = Visitor(again)
    page = visitor.get("/viewer/duplicates/")
    for _ in range(steps):
        page = undo(page)
        assert page.status == 200
        assert shown(page) != ""
    assert state_of(again) == before
    again.lock()


def test_an_encrypted_archive_goes_back_too(sealed_viewer: Viewer) -> None:
    visitor = Visitor(sealed_viewer)
    before = state_of(sealed_viewer)
    steps = decide_all(visitor)
    page = visitor.get(START)
    for _ in range(steps):
        page = undo(page)
    assert state_of(sealed_viewer) == before
    with sealed_viewer.archive() as archive:
        digests = [digest.hex() for digest in archive.blobs]
    assert not any(digest in page.address for digest in digests)


def test_tags_and_verdicts_are_steps_alike(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    before = state_of(viewer)
    with viewer.archive() as archive:
        tagging.add(archive, "first", by=BY)
    page = press(visitor.get(address(viewer, key)), "keep-all")
    with viewer.archive() as archive:
        tagging.add(archive, "second", by=BY)
    for _ in range(3):
        page = undo(page)
    assert state_of(viewer) == before


def test_what_others_did_is_no_step_of_the_viewer(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    with viewer.archive() as archive:
        judge(archive, key, {m.blob.digest: Verdict.KEEP for m in view_of(viewer, key).members})
    before = last(viewer)
    page = undo(visitor.get("/viewer/duplicates/"))

    assert "There is nothing to undo" in page.text
    assert last(viewer) == before


def test_a_new_decision_ends_what_can_be_done_again(viewer: Viewer, visitor: Visitor) -> None:
    one, two = keys(viewer)[:2]
    page = press(visitor.get(address(viewer, one)), "keep-all").submit("form.quick-undo")
    press(page, "false-all")
    before = last(viewer)
    page = undo(visitor.get(address(viewer, two)), redo=True)

    assert "There is nothing to redo" in page.text
    assert last(viewer) == before


def test_a_step_whose_set_changed_since_says_by_what(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    press(visitor.get(address(viewer, key)), "keep-all")
    with opened(viewer.directory, sealed=False) as archive:
        members = [member.blob.digest for member in view_of(viewer, key).members]
        other = judge(archive, key, dict(zip(members, (Verdict.KEEP, Verdict.SKIP), strict=True)))
    before = last(viewer)
    page = undo(visitor.get(address(viewer, key)))

    assert page.status == 409
    assert f"Change {other.change} (duplicates verdict)" in page.text
    assert page.one("tbody td:nth-child(2)").text_content().endswith("UTC")
    assert last(viewer) == before
    page = page.submit("main form")
    assert verdicts(viewer, key) == ["keep", "keep"]
    page = undo(page, redo=False)
    assert verdicts(viewer, key) == ["new", "new"]


def test_the_message_of_a_decision_takes_it_back(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    page = press(visitor.get(address(viewer, key)), "keep-all")
    page.submit(".message.success form")
    assert verdicts(viewer, key) == ["new", "new"]


def test_skipping_a_picture_and_back_brings_its_places_back(
    viewer: Viewer, visitor: Visitor, tmp_path: Path
) -> None:
    key = keys(viewer, 3)[0]
    before = state_of(viewer)
    page = visitor.get(address(viewer, key))
    page = page.submit("form#verdicts", **fields(viewer, key, "keep", "skip", "skip"))
    undo(page)
    assert state_of(viewer) == before


def test_undo_for_a_step_that_makes_no_sense_changes_nothing(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get("/viewer/history/")
    before = last(viewer)
    form = dict(page.one("form.push").form_values())
    for step in ("0", "99999", "-1", "x", "1.0"):
        sent = [("csrfmiddlewaretoken", form["csrfmiddlewaretoken"]), ("step", step)]
        assert visitor.post("/viewer/undo/", sent).status == 400
    assert last(viewer) == before


def test_looking_at_undo_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    press(visitor.get(address(viewer, keys(viewer)[0])), "keep-all")
    before = last(viewer)
    assert visitor.get("/viewer/undo/?step=1").address.endswith("/viewer/history/")
    assert visitor.get("/viewer/redo/").address.endswith("/viewer/history/")
    assert last(viewer) == before


def test_undo_goes_nowhere_else(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        tagging.add(archive, "first", by=BY)
        assert set_lines(archive)
    page = visitor.get("/viewer/history/")
    form = dict(page.one("form.push").form_values())
    wanted = [*(("csrfmiddlewaretoken", form["csrfmiddlewaretoken"]),), ("next", "//elsewhere/")]
    assert visitor.post("/viewer/undo/", wanted).address.endswith("/viewer/history/")


def test_undo_of_exact_copies_tells_of_their_places(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3, Kind.EXACT)
    page = press(visitor.get(address(viewer, key)), "keep", 2)
    page = undo(page)

    assert shown(page) == key.hex()
    assert "It is now: 3 new." in page.text
    assert verdicts(viewer, key) == ["new", "new", "new"]
