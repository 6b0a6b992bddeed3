"""The page of the archive: verify, repair, backup and restore, started, reported and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs import journal
from fapfav.jobs.library import open_archive
from fapfav.store.database import NAME
from tests.viewer.browsing import Page, Visitor
from tests.viewer.working import at_home, over
from viewer import workers
from viewer.state import Viewer

ARCHIVE = "/viewer/archive/"
RESTORE = "/viewer/archive/restore/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home"):
        yield


@pytest.fixture(autouse=True)
def ended(viewer: Viewer) -> Iterator[None]:
    yield
    workers.of(viewer).shut_down()


def started(page: Page, form: str, button: str, **fields: str) -> Page:
    """The page of a job that was started from a form, once it is over."""
    page = page.submit(form, button=f"do={button}", **fields)
    assert page.status == 200, page.text
    number = int(page.address.rstrip("/").rsplit("/", 1)[1])
    assert over(number).is_over
    return page.visitor.get(page.address)


def a_file(viewer: Viewer, sub: str = "thumbs") -> Path:
    return min((viewer.directory / sub).iterdir())


def test_a_whole_archive_is_said_to_be_whole_and_when_it_was_looked_at(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(ARCHIVE)
    assert "never verified" in page.text
    job = started(page, "#verify-form", "verify")

    assert "Everything is whole." in job.one(".outcome").text_content()
    facts = job.one("dl").text_content()
    with viewer.archive() as archive:
        assert f"Pictures{len(archive.blobs)}" in facts
    assert "Files looked at" in facts
    last = visitor.get(ARCHIVE).one("#verify .was")
    assert "Everything is whole." in last.text_content()
    assert "UTC" in last.text_content()
    assert last.cssselect("a")[0].get("href") == job.address


def test_the_fast_look_says_no_more_than_it_saw(viewer: Viewer, visitor: Visitor) -> None:
    spoiled = a_file(viewer)
    raw = bytearray(spoiled.read_bytes())
    raw[len(raw) // 2] ^= 1
    spoiled.write_bytes(raw)

    job = started(visitor.get(ARCHIVE), "#verify-form", "verify", how="fast")
    assert "as long as it should be" in job.one(".outcome").text_content()
    assert ", fast" in job.text


def test_what_is_wrong_is_named_and_repaired(viewer: Viewer, visitor: Visitor) -> None:
    gone = a_file(viewer)
    gone.unlink()
    job = started(visitor.get(ARCHIVE), "#verify-form", "verify")
    assert "1 thing is wrong." in job.one(".outcome.wrong").text_content()
    (point,) = job.all(".points li")
    assert gone.stem[:12] in point.text_content()
    assert not gone.exists(), "a look changes nothing"

    done = started(job.follow("main .button"), "#repair-form", "repair")
    assert "1 corrected, nothing left." in done.one(".outcome").text_content()
    assert gone.exists()
    assert "1 corrected" in visitor.get(ARCHIVE).one("#repair").text_content()


def test_a_plan_says_what_cannot_be_repaired_and_a_folder_helps(
    viewer: Viewer, visitor: Visitor, made: dict[bool, Path]
) -> None:
    gone = a_file(viewer, "blobs")
    gone.unlink()
    wrong = visitor.get(ARCHIVE).submit("#repair-form", button="do=repair_plan", lost="pictures")
    assert wrong.status == 400
    assert "whole path" in wrong.one("#lost-wrong").text_content()

    plan = started(visitor.get(ARCHIVE), "#repair-form", "repair_plan")
    assert "1 of them cannot be repaired" in plan.one(".outcome").text_content()
    assert gone.stem[:12] in plan.one(".points li").text_content()
    assert not gone.exists(), "a plan changes nothing"
    folder = str(made[False].parent / "pictures")
    done = started(plan, "#do-repair", "repair", lost=folder)
    assert "1 corrected, nothing left." in done.text
    assert gone.exists()
    assert not visitor.get(plan.address).all("#do-repair"), "it was repaired since"


def test_a_backup_is_made_remembered_and_restored(
    viewer: Viewer, visitor: Visitor, tmp_path: Path
) -> None:
    target, new = tmp_path / "backup", tmp_path / "restored"
    job = started(visitor.get(ARCHIVE), "#backup-form", "backup", target=str(target))
    assert "All is in the backup" in job.one(".outcome").text_content()
    page = visitor.get(ARCHIVE)
    assert page.one("#target").get("value") == str(target)
    assert "are free on its disk" in page.one("#target-hint").text_content()
    again = started(page, "#backup-form", "backup", check="1")
    assert "0 new files" in again.text
    assert "Read and compared" in again.text

    page = visitor.get(RESTORE)
    assert page.one("#source").get("value") == str(target)
    page = page.submit("#look", button="do=look")
    names = [each.get("value") for each in page.all("#restore [name=database]")]
    assert len(names) == 2, "the newest and the one before"
    assert "UTC" in page.one("#restore fieldset").text_content()
    done = started(page, "#restore", "restore", target=str(new), database=names[1])
    assert "restored." in done.one(".outcome").text_content()
    assert f"process.py run --dir {new}" in done.text
    with viewer.archive() as archive, open_archive(new) as other:
        assert set(other.blobs) == set(archive.blobs)


@pytest.mark.parametrize("source", ["", "backup", "/nowhere/at/all"])
def test_what_is_no_backup_is_refused_at_its_field(visitor: Visitor, source: str) -> None:
    page = visitor.get(RESTORE).submit("#look", button="do=look", source=source)

    assert page.status == 400
    assert page.one("#source-wrong").text_content().strip()
    assert not page.all("#restore")


def test_errors_of_jobs_are_shown_in_plain_words(
    viewer: Viewer, visitor: Visitor, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    job = started(visitor.get(ARCHIVE), "#backup-form", "backup", target=str(taken))
    assert "neither empty nor a backup" in job.one("main .error").text_content()
    assert "neither empty" in visitor.get(ARCHIVE).one("#backup .was.wrong").text_content()

    target = tmp_path / "backup"
    started(visitor.get(ARCHIVE), "#backup-form", "backup", target=str(target))
    page = visitor.get(RESTORE).submit("#look", button="do=look")
    job = started(page, "#restore", "restore", target=str(taken))
    assert "is not empty" in job.one("main .error").text_content()
    assert (taken / "mine.txt").read_text() == "mine"


def test_a_form_that_says_nothing_starts_nothing(viewer: Viewer, visitor: Visitor) -> None:
    for word in ("", "encrypt", "decrypt", "restore", "go-on", "read"):
        page = visitor.get(ARCHIVE).submit("#verify-form", button=f"do={word}")
        assert page.status == 400, word
    page = visitor.get(ARCHIVE).submit("#backup-form", button="do=backup", target="")
    assert "which folder?" in page.one("#target-wrong").text_content()
    assert workers.running() == ()
    with viewer.archive() as archive:
        assert len(archive.jobs) == 0


def test_a_row_of_another_program_breaks_no_page(viewer: Viewer, visitor: Visitor) -> None:
    nasty = {"found": [1, None, ["a"]], "found_in_all": "many", "steps": 3, "left": {"a": 1}}
    with viewer.archive() as archive:
        for verb in ("verify", "repair_plan", "repair", "backup", "restore", "encrypt", "decrypt"):
            journal.finish(archive, journal.begin(archive, verb, {"target": 3}), "done", nasty)

    assert visitor.get(ARCHIVE).status == 200
    for number in range(1, 8):
        assert visitor.get(f"/viewer/jobs/{number}/").status == 200


def test_a_long_list_is_cut_and_its_length_is_said(viewer: Viewer, visitor: Visitor) -> None:
    steps = [[f"wrong {at}", f"then {at}"] for at in range(1000)]
    with viewer.archive() as archive:
        number = journal.begin(archive, "repair_plan", {})
        report = {"steps": steps, "steps_in_all": 1000, "left": 7}
        journal.finish(archive, number, "done", report)
    page = visitor.get("/viewer/jobs/1/")

    assert "1000 things are wrong, 7 of them cannot be repaired." in page.text
    assert len(page.all(".points li")) == 200
    assert "The first 200 of 1" in page.text
    assert "things are wrong" in visitor.get("/viewer/jobs/").one("#past-1").text_content()


def test_a_damaged_database_is_said_with_the_command_that_saves_it(
    viewer: Viewer, visitor: Visitor
) -> None:
    database = viewer.directory / NAME
    raw = bytearray(database.read_bytes())
    raw[len(raw) * 3 // 4] ^= 1
    database.write_bytes(raw)

    job = started(visitor.get(ARCHIVE), "#verify-form", "verify")
    assert "damaged" in job.one("main .error").text_content()
    assert "process.py repair" in job.one("main").text_content()
