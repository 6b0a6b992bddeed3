"""The benchmark of reading a site, at sizes that take seconds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import client, site
from fapfav.practice.log import Request

LIST = "/showfavorites.php?userid=100001&page=0"
PAGE = "/showfavorites.php?userid=100001&page={}&folderid=20001"
FILE = "/images/full/1/100/1000000001.jpg?secure={}"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The network is converted once, into no folder of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def asked(path: str, started: float = 0.0, status: int = 200) -> Request:
    """One entry of a site's log."""
    return Request(started, started, "GET", path, status, "", {})


def figures(out: str) -> dict[str, str]:
    """The rows of a table that was printed, by what they are of."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]*) \| [^|]*\|$", out, re.M)
    return {what: figure for what, figure in rows if what not in {"what", "---"}}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/profile/practice", "profile"),
        ("/profile.php?user=practice", "profile"),
        (LIST, "folder lists"),
        (PAGE.format(0), "folder pages"),
        ("/photo/1000000001/", "photo pages"),
        (FILE.format("x"), "files"),
        ("/human-verification", "other"),
    ],
)
def test_a_request_is_of_one_kind(path: str, kind: str) -> None:
    assert site.kind_of(path) == kind


def test_a_file_is_fetched_twice_when_it_was_answered_well_twice() -> None:
    first, second = asked(FILE.format("a")), asked(FILE.format("b"))
    refused = asked(FILE.format("c"), status=503)

    assert site.twice([first, refused], "files") == 0
    assert site.twice([first, second], "files") == 1
    assert site.twice([first, second], "photo pages") == 0


def test_what_comes_before_the_end_of_an_announced_wait_is_counted() -> None:
    log = [asked(LIST, at) for at in (0.0, 1.5, 3.9, 4.0)] + [asked(LIST, 1.0, status=503)]

    assert site.within_waits(log, 3) == 2


def test_pages_before_the_last_one_are_counted() -> None:
    assert site.earlier_pages([asked(LIST), *(asked(PAGE.format(at)) for at in range(4))], 3) == 2


def test_processor_time_of_a_process_is_that_of_the_system() -> None:
    sum(range(10**6))

    before = sum(os.times()[:2])
    told = client.cpu_of(os.getpid())
    after = sum(os.times()[:2])

    assert before - 0.03 < told < after + 0.03  # each of its two parts is in ticks
    assert client.cpu_of(2**30) == 0


def test_a_folder_and_a_site_are_read_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    for name, files in site.tiny_albums(2, 3).items():
        (folder / name).mkdir(parents=True)
        for number, file in enumerate(files):
            assert isinstance(file, bytes)
            (folder / name / f"{number}.jpg").write_bytes(file)

    site.rate(folder, 6, 1, tmp_path / "home")

    shown = figures(capsys.readouterr().out)
    assert {name for name, figure in shown.items() if figure.endswith("pictures/s")} == {
        "from the folder",
        "from the site",
    }
    assert int(shown["memory, site"].removesuffix(" MB")) > 20


def test_a_paused_run_takes_the_pauses_it_drew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(2)]
    for number, file in enumerate(files):
        file.write_bytes(site.tiny(number))

    site.pause(files, tmp_path / "home", pace="0.1,0.2")

    shown = figures(capsys.readouterr().out)
    paused = float(shown["pauses drawn, together"].removesuffix(" s"))
    requests = int(shown["requests"])
    assert 0.1 * (requests - 1) <= paused <= 0.2 * (requests - 1) + 0.1
    # By the clock of the site, which may notice a request late and the next one at once.
    assert float(shown["shortest time to a file"].removesuffix(" s")) > 0


def test_a_user_that_did_not_change_is_asked_for_lists_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.second(tmp_path, albums=2, each=5)

    shown = figures(capsys.readouterr().out)
    assert shown["files"] == "10, then 0"
    assert shown["photo pages"] == "10, then 0"
    assert not shown["folder pages"].endswith(" 0")


def test_a_run_that_is_broken_off_fetches_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # So long that Ctrl-C comes within it; not so long that it ends the wait.
    site.once(tmp_path, wait=4)

    shown = figures(capsys.readouterr().out)
    assert shown["pictures in the archive at last"] == "90"
    assert shown["pictures fetched twice"] == "0"
    assert shown["requests during the wait"] == "0"
    assert shown["of those during the wait"] == "1"


def test_numbers_of_pictures_follow_each_other_over_all_albums() -> None:
    account = site.account(site.tiny_albums(2, 2))

    images = [item.image for folder in account.folders for item in folder.items]
    assert images == ["1000000000", "1000000001", "1000000002", "1000000003"]
    assert len({item.data for folder in account.folders for item in folder.items}) == 4
