from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import ArchiveError, SourceError
from fapfav.jobs.get import GetReport, get
from fapfav.model import Progress
from fapfav.sources.web import Wait
from tests.jobs.remembered import Remembered, folder, user
from tests.support import encoded, landscape

ALICE = user("100001", "Alice")
BOATS = folder(ALICE, "20001", "Boats")
JPEG = encoded(landscape(1), "JPEG")
OTHER = encoded(landscape(2), "JPEG")
GIF = encoded(landscape(3).convert("P"), "GIF")

Pictures = list[tuple[str, str, bytes | None]]


def site(*pictures: tuple[str, str, bytes | None]) -> Remembered:
    return Remembered({ALICE: {BOATS: list(pictures)}})


def got(source: Remembered, target: Path, **strings: Callable[..., object]) -> GetReport:
    return get(source, ALICE, BOATS, target, **strings)  # type: ignore[arg-type]


def files(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in target.iterdir()}


def test_every_picture_is_saved_under_its_own_name(tmp_path: Path) -> None:
    source = site(("1", "dawn.jpg", JPEG), ("2", "夏 dusk.jpeg", OTHER), ("3", "b.gif", GIF))

    report = got(source, tmp_path / "new" / "boats")

    assert files(tmp_path / "new" / "boats") == {
        "dawn.jpg": JPEG,
        "夏 dusk.jpeg": OTHER,
        "b.gif": GIF,
    }
    assert (report.found, report.saved, report.failed, report.same) == (3, 3, 0, 0)
    assert report.bytes == len(JPEG + OTHER + GIF)
    assert (report.pages, report.requests) == (2, 5)
    assert not report.stopped
    assert [q for q in source.questions if q.startswith("picture")] == [
        "picture 1",
        "picture 2",
        "picture 3",
    ]


def test_only_the_owner_can_read_what_is_written(tmp_path: Path) -> None:
    got(site(("1", "dawn.jpg", JPEG)), tmp_path / "boats")

    assert (tmp_path / "boats").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "boats" / "dawn.jpg").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("dawn.jpg", "dawn.gif"),
        ("dawn", "dawn.gif"),
        ("dawn.v2", "dawn.v2.gif"),
        ("", "1500007932.gif"),
        ("../../etc/passwd", "-..-etc-passwd.gif"),
        ("a/b\\c\x00\x1b[2J.gif", "a-b-c[2J.gif"),
        ("gpj.\u202eexe.gif", "gpj.exe.gif"),
        ("con.gif", "_con.gif"),
        ("é" * 10_000, "é" * 125 + ".gif"),
    ],
)
def test_a_name_is_made_harmless_and_gets_the_true_extension(
    tmp_path: Path, name: str, written: str
) -> None:
    got(site(("1500007932", name, GIF)), tmp_path / "boats")

    assert files(tmp_path / "boats") == {written: GIF}
    assert [path.name for path in tmp_path.iterdir()] == ["boats"]


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    source = site(("1", "dawn.jpg", JPEG), ("2", "dawn.jpg", OTHER), ("3", "x.jpg", GIF))
    got(source, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    report = got(source, tmp_path)

    assert (report.saved, report.same, report.bytes) == (0, 3, 0)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_name_taken_by_other_bytes_gets_digits_before_it(tmp_path: Path) -> None:
    (tmp_path / "dawn.jpg").write_bytes(b"mine")
    digits = [hashlib.sha256(data).hexdigest()[:10] for data in (JPEG, OTHER)]

    report = got(site(("1", "dawn.jpg", JPEG), ("2", "Dawn.JPG", OTHER)), tmp_path)

    assert files(tmp_path) == {
        "dawn.jpg": b"mine",
        f"{digits[0]}-dawn.jpg": JPEG,
        f"{digits[1]}-Dawn.JPG": OTHER,
    }
    assert (report.saved, report.renamed, report.same) == (2, 2, 0)


def test_a_picture_that_every_name_is_taken_for_fails(tmp_path: Path) -> None:
    digits = hashlib.sha256(JPEG).hexdigest()
    for name in ("dawn.jpg", f"{digits[:10]}-dawn.jpg", f"{digits}-dawn.jpg"):
        (tmp_path / name).write_bytes(b"mine")

    report = got(site(("1", "dawn.jpg", JPEG)), tmp_path)

    assert set(files(tmp_path).values()) == {b"mine"}
    assert report.failures == (("1", f"{digits}-dawn.jpg is in the way; move it away"),)


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    report = got(site(("1", "dawn.jpg", JPEG), ("2", "dusk.jpg", JPEG)), tmp_path)

    assert files(tmp_path) == {"dawn.jpg": JPEG}
    assert (report.saved, report.same, report.bytes) == (1, 1, len(JPEG))


def test_a_link_in_the_way_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    target = tmp_path / "boats"
    target.mkdir()
    (target / "dawn.jpg").symlink_to(mine)
    (target / "gone.jpg").symlink_to(tmp_path / "nothing")

    report = got(site(("1", "dawn.jpg", JPEG), ("2", "gone.jpg", OTHER)), target)

    assert mine.read_bytes() == b"mine"
    assert not (tmp_path / "nothing").exists()
    assert report.renamed == 2
    assert len(os.listdir(target)) == 4


def test_what_is_lost_or_no_picture_fails_and_the_rest_goes_on(tmp_path: Path) -> None:
    page = b"<html><title>Gone</title></html>"
    source = site(
        ("1", "lost.jpg", None),
        ("2", "page.jpg", page),
        ("3", "torn.jpg", JPEG[: len(JPEG) // 2]),
        ("4", "empty.jpg", b""),
        ("5", "dawn.jpg", OTHER),
    )

    report = got(source, tmp_path)

    assert files(tmp_path) == {"dawn.jpg": OTHER}
    assert (report.saved, report.failed) == (1, 4)
    reasons = dict(report.failures)
    assert "404" in reasons["1"]
    assert "it is a web page, not a picture: 'Gone'" in reasons["2"]
    assert "truncated" in reasons["3"]
    assert "empty" in reasons["4"]


def test_a_site_in_trouble_leaves_what_was_saved_and_says_why(tmp_path: Path) -> None:
    def trouble(question: str) -> None:
        if question == "picture 2":
            raise SourceError("the site bans this address")

    source = site(("1", "a.jpg", JPEG), ("2", "b.jpg", OTHER), ("3", "c.gif", GIF))
    source.before = trouble

    report = got(source, tmp_path)

    assert files(tmp_path) == {"a.jpg": JPEG}
    assert (report.saved, report.trouble) == (1, "the site bans this address")
    assert "picture 3" not in source.questions


def test_a_folder_that_cannot_be_listed_makes_none(tmp_path: Path) -> None:
    source = Remembered({ALICE: {}})

    with pytest.raises(SourceError, match="no folder 20001"):
        got(source, tmp_path / "boats")

    assert not (tmp_path / "boats").exists()


def test_a_file_in_the_folders_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "boats").write_bytes(b"mine")

    with pytest.raises(ArchiveError):
        got(site(("1", "a.jpg", JPEG)), tmp_path / "boats")

    assert (tmp_path / "boats").read_bytes() == b"mine"


def test_asked_to_stop_it_finishes_the_picture_in_hand(tmp_path: Path) -> None:
    source = site(("1", "a.jpg", JPEG), ("2", "b.jpg", OTHER), ("3", "c.gif", GIF))

    report = got(source, tmp_path, stop=lambda: "picture 2" in source.questions)

    assert set(files(tmp_path)) == {"a.jpg", "b.jpg"}
    assert report.stopped
    assert (report.found, report.saved) == (3, 2)


def test_asked_to_stop_while_listing_it_makes_no_folder(tmp_path: Path) -> None:
    source = site(("1", "a.jpg", JPEG), ("2", "b.jpg", OTHER), ("3", "c.gif", GIF))

    report = got(source, tmp_path / "boats", stop=lambda: bool(source.questions))

    assert report.stopped
    assert source.questions == ["page 0 of 20001"]
    assert not (tmp_path / "boats").exists()


def test_a_long_wait_is_told_and_ends_when_asked_to_stop(tmp_path: Path) -> None:
    source = site(("1", "a.jpg", JPEG), ("2", "b.jpg", OTHER))
    told: list[Progress] = []

    def banned(question: str) -> None:
        if question == "picture 2":
            source.waiting = Wait("the site asks for it (429)", time.monotonic() + 1800)
            while not source.hurried:
                time.sleep(0.01)

    source.before = banned
    report = got(source, tmp_path, tell=told.append, stop=lambda: any(p.waiting for p in told))

    assert report.stopped
    assert set(files(tmp_path)) == {"a.jpg"}
    waits = {progress.waiting for progress in told} - {""}
    assert waits
    assert all(wait.endswith(": the site asks for it (429)") for wait in waits)
    assert report.waited > 0
    assert not told[-1].waiting


def test_progress_tells_the_folder_the_pages_and_how_many_there_are(tmp_path: Path) -> None:
    told: list[Progress] = []
    got(site(("1", "a.jpg", JPEG), ("2", "b.jpg", None)), tmp_path, tell=told.append)

    assert told[0].doing == "listing"
    assert {progress.notes for progress in told} == {("Boats",)}
    last = told[-1]
    assert (last.doing, last.done, last.total) == ("getting", 2, 2)
    assert (last.failed, last.pages) == (1, 1)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a.jpg", "A.jpg", "b.jpg", "a"]), st.integers(0, 3)),
        max_size=8,
    )
)
def test_every_content_is_there_once_whatever_the_names(
    tmp_path_factory: pytest.TempPathFactory, listed: list[tuple[str, int]]
) -> None:
    target = tmp_path_factory.mktemp("got")
    contents = [JPEG, OTHER, GIF, encoded(landscape(4), "PNG")]
    source = site(*((str(at), name, contents[which]) for at, (name, which) in enumerate(listed)))

    report = got(source, target)

    written = sorted(files(target).values())
    assert written == sorted({contents[which] for _, which in listed})
    assert report.saved == len(written)
    assert report.saved + report.same == len(listed)
