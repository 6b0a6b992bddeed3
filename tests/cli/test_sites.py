"""What is asked of a site on the command line: `list` and `get`, and what is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs.way import Way, way
from fapfav.practice.kinds import status
from fapfav.practice.site import Folder, PracticeSite, Trouble
from tests.cli.running import Home
from tests.cli.visiting import ask
from tests.jobs.sites import ACCOUNT, hills, image, item

NAME, NUMBER = "Alice", "100001"


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([ACCOUNT]) as running:
        yield running


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("get",), "`get` takes --user NAME or --id N: whose favourites"),
        (("audit",), "`audit` takes --user NAME or --id N: whose favourites"),
        (("list",), "`list` takes --user NAME or --id N: whose favourites"),
        (("get", "-u", "alice", "-i", "7", "-f", "x"), "--user and --id both name an account"),
        (("read", "-u", "alice", "-i", "7"), "--user and --id both name an account"),
        (("retry", "-u", "alice", "-i", "7"), "--user and --id both name an account"),
        (("get", "-u", "alice", "-f", "7", "-n", "x"), "--folder and --name both name a folder"),
        (("read", "-u", "alice", "-f", "7", "-n", "x"), "--folder and --name both name a folder"),
        (("get", "-u", "alice"), "`get` takes --folder NAME or N; `list` shows which"),
        (("audit", "-u", "alice", "-f", "x"), "`audit` checks all folders of a user"),
        (("audit", "-u", "alice", "-n", "x"), "`audit` checks all folders of a user"),
        (("read", "-f", "x"), "say whose with --user or --id"),
        (("list", "-i", "alice"), "--id takes a user's number, not 'alice'; --user a name"),
        (("list", "-i", "-7"), "--id takes a user's number, not '-7'"),
        (("list", "-i", "\N{SUPERSCRIPT TWO}"), "--id takes a user's number"),
        (("list", "-i", "9" * 5000), "--id takes a user's number, not '999"),
        (("list", "-u", ""), "--user is empty: it takes a name"),
        (("list", "-i", ""), "--id takes a user's number, not ''"),
        (("get", "-u", "alice", "-f", "  "), "--folder is empty: it takes a name"),
        (("get", "-u", "alice", "-n", ""), "--name is empty: it takes a name"),
        (("list", "-u", "x" * 201), "--user has 201 characters; no name has over 200"),
        (("get", "-u", "a", "-f", "x" * 10_000), "--folder has 10,000 characters"),
        (("list", "-u", "a\x1b[2Jb"), r"--user 'a\x1b[2Jb' has characters that no name has"),
        (("get", "-u", "alice", "-l", "here", "-f", "x"), "No such option"),
        (("get", "-u", "alice", "-f", "lolicon"), "never keeps"),
        (("list", "-u", "shota"), "never keeps"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    home: Home, site: PracticeSite, arguments: tuple[str, ...], message: str
) -> None:
    done = ask(home, site, *arguments)

    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.out + done.err
    assert site.log == ()
    assert list(home.path.iterdir()) == []


def test_the_environment_says_where_how_fast_and_who() -> None:
    assert way({}) == Way()
    assert way({"FAPFAV_PACE": " ", "FAPFAV_IMAGEFAP_URL": " "}) == Way()
    given = {
        "FAPFAV_IMAGEFAP_URL": " http://localhost:8000/x ",
        "FAPFAV_PACE": "2.5, 4",
        "FAPFAV_CONTACT": "me@example.org",
        "HOME": "/home/me",
    }
    assert way(given) == Way(
        "http://localhost:8000/x",
        (2.5, 4.0),
        "me@example.org",
        Path("/home/me/.local/state/fapfav/turns"),
    )


@pytest.mark.parametrize("pace", ["2", "fast", "1,2,3", "1;2", ","])
def test_a_pace_that_is_none_is_refused(pace: str) -> None:
    with pytest.raises(UsageError, match=r"FAPFAV_PACE is .*such as 2,4"):
        way({"FAPFAV_PACE": pace})


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("FAPFAV_PACE", "4,2", "4,2 makes no sense"),
        ("FAPFAV_PACE", "nan,nan", "makes no sense"),
        ("FAPFAV_PACE", "quick", "FAPFAV_PACE is 'quick'"),
        ("FAPFAV_IMAGEFAP_URL", "ftp://example.org", "the site's address 'ftp://example.org'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_wrong_usage(
    home: Home, site: PracticeSite, variable: str, value: str, message: str
) -> None:
    done = ask(home, site, "list", "-u", NAME, **{variable: value})

    assert done.code == 2
    assert message in done.err
    assert site.log == ()


def test_the_site_learns_who_asks_and_how_to_reach_them(home: Home, site: PracticeSite) -> None:
    ask(home, site, "list", "-u", NAME, FAPFAV_CONTACT="me@example.org")

    assert site.log
    agents = {request.headers["user-agent"] for request in site.log}
    assert all(agent.startswith("fapfav/") and "me@example.org" in agent for agent in agents)


@pytest.mark.parametrize("whose", [("-u", "aLICE"), ("-i", NUMBER), ("--user", "Alice")])
def test_list_shows_the_folders_and_reads_none(
    home: Home, site: PracticeSite, whose: tuple[str, str]
) -> None:
    done = ask(home, site, "list", *whose)

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "**  favorites.py list  **"
    assert sorted(lines[1:5]) == [
        "20001  Lakes & rivers",
        "20002  Peaks",
        "20003  All of it",
        "20004  Nothing yet",
    ]
    assert lines[5] == "4 folders of Alice (100001)"
    assert not any("folderid" in request.path or "/photo" in request.path for request in site.log)
    assert not (home.path / "Downloads").exists()


def test_list_as_json_has_names_and_numbers(home: Home, site: PracticeSite) -> None:
    report = ask(home, site, "list", "-u", NAME, "--json").object

    assert (report["user"]["user"], report["user"]["name"]) == (NUMBER, NAME)
    assert {(each["album"], each["name"]) for each in report["folders"]} >= {
        ("20001", "Lakes & rivers"),
        ("20002", "Peaks"),
    }
    assert report["requests"] == len(site.log)


def test_who_hides_the_favourites_has_no_folders_to_be_seen(home: Home, site: PracticeSite) -> None:
    site.hide(NUMBER)

    done = ask(home, site, "list", "-i", NUMBER)

    assert done.code in {0, 4}
    assert "Lakes" not in done.out


def test_an_unknown_user_is_a_sites_trouble(home: Home, site: PracticeSite) -> None:
    done = ask(home, site, "list", "-u", "carol", "--json")

    assert done.code == 4
    assert "carol" in done.object["error"]
    assert done.object["exit_code"] == 4


def test_a_site_that_is_not_there_is_a_sites_trouble(home: Home, site: PracticeSite) -> None:
    with socket.socket() as taken:  # so that nobody else comes to listen there
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"

        done = ask(home, site, "list", "-u", NAME, FAPFAV_IMAGEFAP_URL=nowhere)

    assert done.code == 4
    assert "THE END: error: cannot reach 127.0.0.1" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "which", [("-f", "lakes & RIVERS"), ("-f", "20001"), ("-n", "Lakes & rivers")]
)
def test_get_saves_a_folder_by_name_or_number(
    home: Home, site: PracticeSite, which: tuple[str, str]
) -> None:
    done = ask(home, site, "get", "-u", NAME, *which, "-o", "~/new/lakes")

    assert done.code == 0, done.err
    target = home.path / "new" / "lakes"
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        f"hill-{number:04}.jpg": hills(number) for number in range(5)
    }
    size = sum(len(hills(number)) for number in range(5))
    assert done.out.splitlines()[1:-1] == [
        f"saved: 5 pictures, {size / 1024:.2f} kb, not encrypted, into {target}; "
        "skipped, there already: 0; failed: 0"
    ]
    assert not (home.path / "Downloads").exists()


def test_get_writes_where_the_archive_would_be_when_nothing_else_is_said(
    filled: Home, site: PracticeSite
) -> None:
    done = ask(filled, site, "get", "-i", NUMBER, "-f", "20001", "--json")

    assert (done.code, done.object["saved"]) == (0, 5)
    target = filled.path / "Downloads/imagefap"
    assert (target / "hill-0000.jpg").read_bytes() == hills(0)
    assert f"written beside the archive in {target}, not into it" in done.err
    assert filled.run("process", "stats").code == 0


def test_get_again_overwrites_nothing(home: Home, site: PracticeSite) -> None:
    words = ("get", "-u", NAME, "-f", "Lakes & rivers", "-o", "lakes", "--json")
    ask(home, site, *words)
    (home.path / "lakes" / "hill-0000.jpg").write_bytes(b"mine")

    report = ask(home, site, *words).object

    assert (report["saved"], report["same"], report["renamed"]) == (1, 4, 1)
    assert (home.path / "lakes" / "hill-0000.jpg").read_bytes() == b"mine"


def test_get_goes_on_after_a_lost_picture(home: Home, site: PracticeSite) -> None:
    site.vanish(image(3))
    site.troubles.add(Trouble(status(404), rf"/photo/{image(1)}/", times=None))

    done = ask(home, site, "get", "-u", NAME, "-f", "20001", "-o", "lakes")

    assert done.code == 1
    assert len(list((home.path / "lakes").iterdir())) == 3
    assert f"failed: {image(1)}: " in done.out
    assert "THE END: error: 1 picture could not be had" in done.err


def test_get_of_an_unknown_folder_says_which_there_are(home: Home, site: PracticeSite) -> None:
    done = ask(home, site, "get", "-u", NAME, "-f", "Lakes", "-o", "lakes")

    assert done.code == 4
    assert "Alice (100001) has no folder 'Lakes'; there are " in done.err
    for named in ("'Lakes & rivers' (20001)", "'Peaks' (20002)"):
        assert named in done.err
    assert not (home.path / "lakes").exists()


def test_get_of_a_galleries_folder_is_refused(home: Home, site: PracticeSite) -> None:
    done = ask(home, site, "get", "-u", NAME, "-f", "All of it", "-o", "lakes")

    assert done.code == 4
    assert "galler" in done.err
    assert not (home.path / "lakes").exists()


def test_names_of_strangers_can_neither_leave_the_folder_nor_move_the_cursor(home: Home) -> None:
    odd = item(1, "../../\u202egpj.exe\x1b[2J")
    folder = Folder("20001", "Odd \x1b[2J \u202enames", (odd,))
    with PracticeSite([replace(ACCOUNT, folders=(folder,))]) as site:
        listed = ask(home, site, "list", "-u", NAME)
        done = ask(home, site, "get", "-u", NAME, "-f", "20001", "-o", "out/odd")

    assert done.code == 0, done.err
    assert [path.parent.name for path in (home.path / "out").rglob("*") if path.is_file()] == [
        "odd"
    ]
    written = listed.out + listed.err + done.out + done.err
    assert not set(written) & {"\x1b", "\u202e"}
