"""`process.py duplicates report`: what it says, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.cli.process import process
from fapfav.cli.report_verb import KINDS, ORDERS, STATES
from fapfav.duplicates.queue import Order, Scope
from fapfav.jobs.report import State
from tests.bad_input.trouble import handicapped, refused
from tests.cli.running import Home, here

REPORT = "process", "duplicates", "report", "--html"


def test_the_choices_offered_are_those_there_are() -> None:
    assert (tuple(Scope), tuple(State), tuple(Order)) == (KINDS, STATES, ORDERS)


def test_a_page_is_written_and_said_to_be_in_the_clear(filled: Home) -> None:
    said = filled.run(*REPORT, "a.html")
    assert said.code == 0, said.err
    assert "the page is not encrypted" in said.out
    assert f"written: {filled.path / 'a.html'}, " in said.out
    assert "on it: 2 sets, 3 pictures\n" in said.out

    refused(filled.run(*REPORT, "a.html"), 2, "a.html is there already", "--force")

    report = filled.run(*REPORT, "a.html", "--force", "--kind", "exact", "--json")
    assert report.code == 0, report.err
    assert report.object["bytes"] == (filled.path / "a.html").stat().st_size
    assert (report.object["sets"], report.object["left_out"]) == (1, 0)
    assert "the page is not encrypted" in report.err


@pytest.mark.parametrize(
    ("handicap", "code", "says"),
    [
        ("bound", 3, "Permission denied"),
        ("limit=1000", 3, "the disk is full"),
    ],
)
def test_a_disk_that_refuses_is_said_and_nothing_is_left(
    filled: Home, tmp_path: Path, handicap: str, code: int, says: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555 if handicap == "bound" else 0o755)

    done = handicapped(filled, handicap, *REPORT, folder / "a.html")

    refused(done, code, says, folder / "a.html")
    assert list(folder.iterdir()) == []


def test_without_a_file_or_with_a_folder_it_is_wrong_usage(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    monkeypatch.delenv("FAPFAV_DIR", raising=False)
    folder, missing = str(filled.path), str(filled.path / "none" / "a.html")
    for given, says in (
        ((), "Missing option '--html'"),
        (("--html", folder), "is a folder; name a file in it"),
        (("--html", missing), "none is no folder"),
    ):
        refused(here(process, "process.py", "duplicates", "report", *given), 2, says)
