"""fapfav/jobs/new_file.py, by the page that is written with it: whole, private, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.report import ReportSettings, report_html
from fapfav.model import Progress
from tests.browser.sets import write_small_sets
from tests.support import new_archive, read_folder

FORCE = ReportSettings(replace=True)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Three pairs."""
    top = tmp_path_factory.mktemp("pairs")
    write_small_sets(top / "pictures", 3)
    with new_archive(top / "archive") as made:
        read_folder(made, top / "pictures")
        yield made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where pages go."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_a_page_is_its_owners_alone_and_the_archive_stays_as_it_is(
    archive: Archive, out: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in archive.path.rglob("*")}

    report = report_html(archive, out / "a.html")

    assert [path.name for path in out.iterdir()] == ["a.html"]
    assert (out / "a.html").stat().st_mode & 0o777 == 0o600
    assert (report.bytes, report.file) == ((out / "a.html").stat().st_size, str(out / "a.html"))
    assert {path: path.stat().st_mtime_ns for path in archive.path.rglob("*")} == before


def test_what_is_there_is_replaced_only_if_that_was_asked_for(archive: Archive, out: Path) -> None:
    (out / "a.html").write_text("mine")
    (out / "a.html").chmod(0o644)

    with pytest.raises(UsageError, match=r"a\.html is there already; name another, or --force"):
        report_html(archive, out / "a.html")
    assert (out / "a.html").read_text() == "mine"

    report_html(archive, out / "a.html", FORCE)
    assert (out / "a.html").read_text().startswith("<!doctype html>")
    assert (out / "a.html").stat().st_mode & 0o777 == 0o600


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    (path.parent / "linked").write_text("mine")
    path.symlink_to("linked")


@pytest.mark.parametrize(
    ("made", "says"),
    [(folder, "is a folder"), (link, "no ordinary file"), (os.mkfifo, "no ordinary file")],
)
def test_only_an_ordinary_file_is_ever_replaced(
    archive: Archive, out: Path, made: Callable[[Path], None], says: str
) -> None:
    made(out / "a")
    before = sorted(out.iterdir())

    with pytest.raises(UsageError, match=says):
        report_html(archive, out / "a", FORCE)

    assert sorted(out.iterdir()) == before


@pytest.mark.parametrize("name", ["imagefap.database", "new.html", "thumbs/a.html"])
def test_no_page_is_written_into_the_archive(archive: Archive, out: Path, name: str) -> None:
    (out / "link").symlink_to(archive.path)
    database = (archive.path / "imagefap.database").read_bytes()

    for top in (archive.path, out / "link"):
        with pytest.raises(UsageError, match="in the archive's own folder"):
            report_html(archive, top / name, FORCE)

    assert (archive.path / "imagefap.database").read_bytes() == database


@pytest.mark.parametrize("name", ["none/a.html", "file/a.html", "\0"])
def test_a_name_that_cannot_be_is_refused(archive: Archive, out: Path, name: str) -> None:
    (out / "file").write_text("mine")

    with pytest.raises(UsageError, match=r"is no folder|is no name for a file"):
        report_html(archive, out / name)


def test_a_full_disk_leaves_nothing(
    archive: Archive, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int, _data: object, _offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fapfav.store.disk.write", full)

    with pytest.raises(ArchiveError, match=r"writing .*a\.html: the disk is full"):
        report_html(archive, out / "a.html")

    assert list(out.iterdir()) == []


@pytest.mark.parametrize("sets", [0, 1, 3])
def test_asked_to_stop_it_leaves_what_was_there(archive: Archive, out: Path, sets: int) -> None:
    (out / "a.html").write_text("mine")
    asked = iter([False] * sets)

    report = report_html(archive, out / "a.html", FORCE, stop=lambda: next(asked, True))

    assert (report.stopped, report.sets, report.bytes) == (True, sets, 0)
    assert [path.name for path in out.iterdir()] == ["a.html"]
    assert (out / "a.html").read_text() == "mine"


def test_a_second_ctrl_c_leaves_nothing(archive: Archive, out: Path) -> None:
    def pressed(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report_html(archive, out / "a.html", tell=pressed)

    assert list(out.iterdir()) == []


def test_a_file_that_somebody_else_made_meanwhile_is_kept(archive: Archive, out: Path) -> None:
    def meanwhile(_progress: Progress) -> None:
        (out / "a.html").write_text("theirs")

    with pytest.raises(UsageError, match="is there already"):
        report_html(archive, out / "a.html", tell=meanwhile)

    assert [path.name for path in out.iterdir()] == ["a.html"]
    assert (out / "a.html").read_text() == "theirs"
