"""Reading a site into the archive: `read`, `retry` and `audit`, watched and broken off."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from fapfav.cli.progress import Lines
from fapfav.model import Progress
from fapfav.practice.kinds import silence, status
from fapfav.practice.site import PracticeSite, Trouble
from fapfav.sources.waits import Waits
from tests.cli.running import LIMIT, Home, Terminal
from tests.cli.visiting import ask, there
from tests.jobs.sites import ACCOUNT, ALICE, EVERYTHING, files, image, item, photos

PLAIN = ("--no-password", "--model", "off")
USER = ("--user", "alice")


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([ACCOUNT]) as running:
        yield running


@pytest.fixture
def read(home: Home, site: PracticeSite) -> Home:
    """A home whose archive has read everything of Alice's; the site's log begins anew."""
    done = ask(home, site, "read", *USER, *PLAIN)
    assert done.code == 0, done.err
    site.forget()
    return home


def test_read_takes_in_all_picture_folders_and_says_so(home: Home, site: PracticeSite) -> None:
    done = ask(home, site, "read", *USER, *PLAIN)

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "**  favorites.py read  **"
    assert [line for line in lines if line.startswith("Lakes & rivers: 5 saved, ")]
    assert [line for line in lines if line.startswith("Peaks: 7 saved, ")]
    assert [line for line in lines if line.startswith("saved: 12 pictures, ")]
    for_the_user = 2  # the profile, and the page that tells how the name is spelled
    assert f"site: {len(site.log) - for_the_user} requests, 2 pages of listings" in done.out
    assert "failed: 0" in lines
    assert "reading Peaks: 12 of 12 pictures" in done.err
    assert files(site) == EVERYTHING
    printed = home.run("process", "print").out
    assert "Lakes & rivers" in printed
    assert "Alice" in home.run("process", "log").out


def test_read_again_asks_for_nothing_and_force_for_no_picture(
    read: Home, site: PracticeSite
) -> None:
    again = ask(read, site, "read", *USER, "--model", "off")

    assert again.code == 0
    assert site.log == ()
    assert "less than 72 h ago; --force reads them anyway" in again.out

    forced = ask(read, site, "read", *USER, "--model", "off", "--force", "--json")

    assert (forced.code, forced.object["saved"], forced.object["skipped"]) == (0, 0, 0)
    assert site.log
    assert photos(site) == files(site) == []


@pytest.mark.parametrize("which", [("--folder", "PEAKS"), ("-f", "20002"), ("-n", "Peaks")])
def test_read_takes_one_folder_by_name_or_number(
    home: Home, site: PracticeSite, which: tuple[str, str]
) -> None:
    report = ask(home, site, "read", "-i", ALICE, *which, *PLAIN, "--json").object

    assert report["saved"] == 7
    assert [each["name"] for each in report["albums"]] == ["Peaks"]
    assert files(site) == EVERYTHING[5:]


def test_a_mistyped_user_makes_no_archive(home: Home, site: PracticeSite) -> None:
    done = ask(home, site, "read", "--user", "alicia", *PLAIN, "--json")

    assert done.code == 4
    assert "alicia" in done.object["error"]
    assert not (home.path / "Downloads").exists()


@pytest.mark.parametrize(
    ("folder", "message"),
    [("Mountains", "no folder 'Mountains'; there are "), ("All of it", "galler")],
)
def test_a_folder_that_cannot_be_read_is_the_sites_trouble(
    home: Home, site: PracticeSite, folder: str, message: str
) -> None:
    done = ask(home, site, "read", *USER, "--folder", folder, *PLAIN)

    assert done.code == 4
    assert message in done.err
    assert photos(site) == []


def test_a_password_is_asked_for_when_the_user_is_known_to_exist(
    home: Home, site: PracticeSite
) -> None:
    new = Terminal(home, "favorites", "read", *USER, "--model", "off", **there(site))
    new.expect("Enter for none")
    assert site.log
    new.type("correct horse")
    new.expect("again")
    new.type("correct horse")
    code, seen = new.end()

    assert code == 0, seen
    assert "12/12" in seen
    assert not list((home.path / "Downloads/imagefap/blobs").glob("*.jpg"))


def test_what_failed_is_an_exit_code_once_and_retry_gets_it(home: Home, site: PracticeSite) -> None:
    site.lose_file(image(3))

    first = ask(home, site, "read", *USER, *PLAIN)
    assert first.code == 1
    assert "failed: Lakes & rivers/hill-0003.jpg: " in first.out
    assert "THE END: error: 1 picture could not be kept" in first.err
    site.come_back(image(3))
    site.forget()

    retried = ask(home, site, "retry", *USER)
    assert retried.code == 0, retried.err
    assert "saved: 1 picture, " in retried.out
    assert photos(site) == files(site) == [image(3)]

    site.forget()
    nothing = ask(home, site, "retry", "--json")
    assert (nothing.code, nothing.object["saved"]) == (0, 0)
    assert site.log == ()


def test_audit_says_what_went_and_what_came_back(read: Home, site: PracticeSite) -> None:
    site.vanish(image(2))

    gone = ask(read, site, "audit", *USER)
    assert gone.code == 0, gone.err
    assert "gone: Lakes & rivers/hill-0002.jpg (1500000002): its page is gone: " in gone.out
    assert "checked: 12 pictures, 11 there, 1 gone" in gone.out
    assert "since the last audit: 1 gone, 0 back" in gone.out
    assert {one.method for one in site.log if "/images/full/" in one.path} == {"HEAD"}

    site.forget()
    skipped = ask(read, site, "audit", "-i", ALICE, "--json").object
    assert (skipped["checked"], skipped["skipped"]) == (0, 12)
    assert site.log == ()


@pytest.mark.parametrize("verb", ["audit", "retry"])
def test_who_was_never_read_is_named_as_such(read: Home, site: PracticeSite, verb: str) -> None:
    done = ask(read, site, verb, "--user", "bob")

    assert done.code == 2
    assert "the archive knows no user 'bob' of imagefap; it knows 'Alice' (100001)" in done.err
    assert site.log == ()


@pytest.mark.parametrize("verb", ["audit", "retry"])
def test_without_an_archive_there_is_nothing_to_ask_about(
    home: Home, site: PracticeSite, verb: str
) -> None:
    done = ask(home, site, verb, *USER)

    assert done.code == 3
    assert "there is no archive" in done.err
    assert site.log == ()


def waiting(site: PracticeSite, seconds: int, *, after: str) -> None:
    """From the picture of that id on the site wants nothing asked for so long, once."""
    site.troubles.add(Trouble(status(429, seconds), rf"/photo/{after}/"))


def test_plain_lines_say_a_wait_when_it_begins_and_when_it_is_over(
    home: Home, site: PracticeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(site, 2, after=image(4))
    turn, nap, said_so = Lines._turn, Waits._nap, threading.Event()

    def turned(self: Lines, progress: Progress, now: float) -> None:
        turn(self, progress, now)
        said_so.set()

    def until_said(self: Waits, seconds: float) -> None:
        """As long as ever, and on a busy computer until it was said."""
        nap(self, seconds)
        assert self.waiting is None or said_so.wait(LIMIT)

    monkeypatch.setattr(Lines, "_turn", turned)
    monkeypatch.setattr(Waits, "_nap", until_said)

    done = ask(home, site, "read", *USER, *PLAIN, "--json")

    assert done.code == 0
    said = [line for line in done.err.splitlines() if "waiting 0:0" in line]
    assert len(said) == 1
    assert "429" in said[0]
    assert done.err.count("goes on after") == 1
    assert 0 < done.object["waited"] <= done.object["seconds"]


@pytest.mark.parametrize("verb", ["read", "get"])
def test_ctrl_c_ends_a_long_wait_and_keeps_what_was_saved(
    home: Home, site: PracticeSite, verb: str
) -> None:
    waiting(site, 1800, after=image(4))
    words = {
        "read": ("read", *USER, *PLAIN),
        "get": ("get", *USER, "-f", "20001", "-o", "Downloads/imagefap"),
    }[verb]

    running = Terminal(home, "favorites", *words, **there(site))
    running.expect(r"waiting (30:00|29:\d\d): ")
    running.interrupt()
    code, seen = running.end()  # whose patience is a fraction of that wait

    assert code == 130, seen
    assert "premature end? user paused?" in seen
    assert "Traceback" not in seen
    if verb == "get":
        assert "saved: 4 pictures" in seen
    else:
        site.troubles.clear()
        kept = set(home.run("process", "print", "--blobs").out.split()) & {"hill-0003.jpg"}
        assert kept
        assert home.run("process", "stats").code == 0


def test_ctrl_c_while_the_user_is_looked_for_makes_no_archive(
    home: Home, site: PracticeSite
) -> None:
    site.troubles.add(Trouble(status(429, 1800)))

    running = Terminal(home, "favorites", "read", *USER, *PLAIN, **there(site))
    running.expect(r"waiting (30:00|29:\d\d): ")
    running.interrupt()
    code, seen = running.end()

    assert code == 130, seen
    assert "premature end? user paused?" in seen
    assert "error" not in seen
    assert not (home.path / "Downloads").exists()


def test_a_second_ctrl_c_ends_at_once_though_the_site_is_silent(
    home: Home, site: PracticeSite
) -> None:
    site.troubles.add(Trouble(silence(), rf"/photo/{image(4)}/", times=None))
    running = Terminal(home, "favorites", "read", *USER, *PLAIN, **there(site))
    running.expect("4/12")
    while image(4) not in photos(site):
        time.sleep(0.01)
    running.interrupt()
    running.expect("stopping after this batch")
    running.interrupt()
    code, seen = running.end()

    assert code == 130, seen
    assert "saved: " not in seen  # which is said of what came to its own end, be it by patience
    assert "Traceback" not in seen
    site.troubles.clear()
    again = ask(home, site, "read", *USER, "--model", "off", "--json")
    assert (again.code, again.object["failed"]) == (0, 0)
    assert sorted(set(files(site))) == sorted(EVERYTHING)


def test_a_site_in_trouble_half_way_leaves_an_archive_that_goes_on(
    home: Home, site: PracticeSite
) -> None:
    site.troubles.add(Trouble(status(403), rf"/photo/{image(6)}/", times=None))

    broken = ask(home, site, "read", *USER, *PLAIN, "--json")
    assert broken.code == 4
    assert broken.object["exit_code"] == 4
    assert "403" in broken.object["error"]
    assert broken.object["saved"] > 0
    site.troubles.clear()
    site.forget()

    again = ask(home, site, "read", *USER, "--model", "off", "--json")
    assert again.code == 0
    assert image(0) not in photos(site)
    assert image(11) in photos(site)


def test_new_pictures_are_read_after_what_is_there(read: Home, site: PracticeSite) -> None:
    site.add("20001", item(40))

    report = ask(read, site, "read", *USER, "--force", "--model", "off", "--json").object

    assert (report["saved"], report["failed"]) == (1, 0)
    assert photos(site) == files(site) == [image(40)]
