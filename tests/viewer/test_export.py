"""The export page: what would be written and deleted is shown first, then a job writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from tests.viewer.browsing import Page, Visitor
from tests.viewer.working import alone, at_home, over
from viewer import workers
from viewer.state import Viewer

EXPORT = "/viewer/export/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home"):
        yield


@pytest.fixture(autouse=True)
def ended(viewer: Viewer) -> Iterator[None]:
    yield
    workers.of(viewer).shut_down()


def chosen(visitor: Visitor, **fields: str) -> Page:
    """What a choice comes to."""
    return visitor.get(EXPORT).submit("#choose", **fields)


def files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def number_of(viewer: Viewer, name: str) -> str:
    with viewer.archive() as archive:
        return next(str(tag.number) for tag in archive.tags.records() if tag.name == name)


def test_what_it_does_is_shown_and_then_done(viewer: Viewer, visitor: Visitor) -> None:
    page = chosen(visitor)
    folders = {
        row.findtext("th"): [cell.text_content() for cell in row.findall("td")]
        for row in page.all("#preview tbody tr")
    }
    assert page.status == 200
    assert {name: cells[0] for name, cells in folders.items()} == {
        "nature": "0",
        "nature / water": "5",
        "stone": "6",
    }
    assert not page.all("#runs")
    target = viewer.directory / "tag_export"
    assert str(target) in page.text
    assert not target.exists()

    page = page.submit("#go")
    assert "Started: the export" in page.text
    assert over(1).state == "done"
    assert len(files(target)) == 11
    job = visitor.get("/viewer/jobs/1/")
    assert job.one("dl").text_content().startswith("Written11")
    (run,) = visitor.get(EXPORT).all("section[aria-labelledby=runs] li")
    assert run.find("a").get("href") == "/viewer/jobs/1/"
    assert "written: 11" in run.text_content()


def test_the_archive_is_as_before_but_for_the_jobs_row(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        before = dict(archive.changes.items())
    chosen(visitor).submit("#go")
    over(1)

    with alone(viewer) as archive:
        assert dict(archive.changes.items()) == before


def test_one_tag_or_album_or_everything_goes_where_it_shall(
    viewer: Viewer, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.get(EXPORT)
    lakes = next(
        each.get("value") for each in page.all("#album option") if each.text == "pictures/Lakes"
    )
    for number, (fields, count) in enumerate(
        (
            ({"what": "tag", "tag": number_of(viewer, "stone")}, 6),
            ({"what": "album", "album": lakes}, 8),
            ({"what": "all"}, 25),
        ),
        start=1,
    ):
        target = tmp_path / f"there {number}"
        chosen(visitor, target=str(target), **fields).submit("#go")
        assert over(number).state == "done"
        assert len(files(target)) == count


def test_numbering_shows_what_it_deletes_before(viewer: Viewer, visitor: Visitor) -> None:
    page = chosen(visitor, renumber="1")
    assert "nothing is deleted" in page.one("#preview").text_content()
    page.submit("#go")
    over(1)
    mine = viewer.directory / "tag_export" / "stone" / "mine.txt"
    mine.write_text("mine")
    unharmed = viewer.directory / "tag_export" / "unharmed.txt"
    unharmed.write_text("not in a folder that is filled")

    page = chosen(visitor, renumber="1")
    assert "Deletes 12 files" in page.one("#preview").text_content()
    assert "cannot be undone" in page.one("#preview").text_content()
    assert mine.exists()

    late = mine.with_name("late.txt")
    late.write_text("came after it was shown")
    again = page.submit("#go")
    assert again.status == 200
    assert "Deletes 13 files" in again.one("#preview").text_content()
    assert late.exists()

    again.submit("#go")
    over(2)
    assert not mine.exists()
    assert not late.exists()
    assert unharmed.exists()
    assert all(name.split("/")[-1].startswith("0000") for name in files(unharmed.parent / "stone"))


def test_no_file_is_counted_behind_a_link(viewer: Viewer, visitor: Visitor, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.jpg").write_bytes(b"precious")
    top = viewer.directory / "tag_export"
    top.mkdir()
    (top / "stone").symlink_to(elsewhere)
    page = chosen(visitor, what="tag", tag=number_of(viewer, "stone"), renumber="1")
    assert "nothing is deleted" in page.one("#preview").text_content()

    page.submit("#go")
    done = over(1)
    assert done.state == "failed"
    assert "a link or a file where a folder belongs" in done.error
    assert (elsewhere / "precious.jpg").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"what": "tag"}, "tag", "which tag?"),
        ({"what": "tag", "tag": "777"}, "tag", "777"),
        ({"what": "album"}, "album", "which album?"),
        ({"what": "album", "album": "local/1/none"}, "album", "none"),
        ({"what": "all", "target": "<b>there</b>"}, "target", "give the whole path"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    visitor: Visitor, fields: dict[str, str], field: str, words: str
) -> None:
    page = chosen(visitor, **fields)

    assert page.status == 400
    assert words in page.one("#choose .wrong").text_content()
    assert page.one(f"#choose [name={field}]").get("aria-invalid") == "true"
    assert page.all("#preview") == []
    assert workers.running() == ()


def test_a_forged_start_says_what_it_does_first(viewer: Viewer, visitor: Visitor) -> None:
    token = visitor.get(EXPORT).one("#choose [name=csrfmiddlewaretoken]").get("value")
    for said in ("7", "x", ""):
        page = visitor.post(EXPORT, [("what", "all"), ("go", said), ("csrfmiddlewaretoken", token)])
        assert page.all("#go")
    assert workers.running() == ()


def test_no_tags_is_said(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        for name in ("water", "nature", "stone"):
            tagging.remove(archive, name)
    page = visitor.get(EXPORT)

    assert "NO TAGS CREATED" in page.text
    assert page.one("[name=what][value=all]").get("checked") is not None
