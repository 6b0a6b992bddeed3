"""Sites that refuse, ask for time, or take us for a machine."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import formatdate

import pytest

from fapfav.practice import kinds
from fapfav.practice.site import PracticeSite
from fapfav.practice.troubles import Kind
from fapfav.practice.wire import Reply
from tests.bad_input.online import FILES, LISTS, NEW, PHOTOS, READ, USER, WHOLE, Visitor
from tests.bad_input.trouble import digests, refused
from tests.cli.running import Home
from tests.jobs.sites import ACCOUNT, files, hills, image, photos

HOURS = 7
BANS = {"check": kinds.checked(), "words": kinds.too_many()}


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """Nothing is read yet."""
    with PracticeSite([ACCOUNT]) as site:
        yield Visitor(home, site)


@pytest.mark.parametrize(
    ("words", "status"),
    [(NEW, 403), (("list", *USER), 401), (("get", *USER, "-f", "20001"), 451)],
)
def test_a_site_that_refuses_everything_is_asked_once(
    visitor: Visitor, words: tuple[str, ...], status: int
) -> None:
    visitor.play(kinds.status(status))

    refused(visitor.run(*words), 4, "127.0.0.1 refuses to show", f"({status})", "in a browser")

    assert len(visitor.site.log) == 1
    assert visitor.kept() == set()


def test_files_that_are_refused_all_are_the_sites_trouble_and_no_failures(
    visitor: Visitor,
) -> None:
    visitor.play(kinds.status(403), FILES, after=4)

    done = visitor.run(*NEW, "--json")

    assert done.code == 4, done.err
    assert "403" in done.object["error"]
    assert done.object["saved"] == 4
    assert visitor.kept() == digests(map(hills, range(4)))
    visitor.goes_on("--force")


def until_date(reply: Reply) -> Reply:
    """Two seconds as a date, beside that of the answer: so much, however late it is read."""
    now = int(time.time())
    date, later = (formatdate(moment, usegmt=True) for moment in (now, now + 2))
    return replace(kinds.status(429)(reply), headers=(("Date", date), ("Retry-After", later)))


@pytest.mark.parametrize(
    "kind",
    [kinds.status(429, 2), until_date, kinds.status(503, 2)],
    ids=["number", "date", "503"],
)
def test_time_that_is_asked_for_is_given_once(visitor: Visitor, kind: Kind) -> None:
    visitor.play(kind, PHOTOS, after=3, times=1)

    done = visitor.run(*NEW, "--json")

    assert (done.code, done.object["saved"], done.object["failed"]) == (0, 12, 0), done.err
    assert done.object["waited"] > 0.4
    assert re.search(r"waiting 0:0[12]: .*asks for 2 s", done.err), done.err
    asked = photos(visitor.site)
    assert len(asked) == 13
    assert asked.count(image(3)) == 2
    assert sorted(files(visitor.site)) == [image(number) for number in range(12)]


@pytest.mark.parametrize(("path", "as_date"), [(LISTS, True), (PHOTOS, False)])
def test_a_pause_beyond_six_hours_ends_the_run_and_says_when_to_come_back(
    visitor: Visitor, path: str, as_date: bool
) -> None:
    visitor.play(kinds.status(503, HOURS * 3600, as_date=as_date), path)

    began = time.time()
    done = visitor.run(*NEW)

    refused(done, 4, "wants nothing asked for", "(503)", "come back after", "same command again")
    (said,) = re.findall(r"come back after (\d{4}-\d\d-\d\d \d\d:\d\d)", done.err)
    # A date has no parts of seconds, and local time may leap meanwhile.
    moments = range(int(began) - 1, int(time.time()) + 2)
    when = (datetime.fromtimestamp(moment + HOURS * 3600) for moment in moments)
    assert said in {f"{each:%Y-%m-%d %H:%M}" for each in when}
    assert len([one for one in visitor.site.log if re.search(path, one.path)]) <= 1 + 3
    visitor.goes_on()


@pytest.mark.parametrize(
    "value", ["soon", "-5", "1e9", "Wed, 99 Foo 2026 25:61:61 GMT", "\xff" * 9]
)
def test_a_pause_that_makes_no_sense_is_none(visitor: Visitor, value: str) -> None:
    visitor.play(
        lambda reply: replace(kinds.status(503)(reply), headers=(("Retry-After", value),)),
        LISTS,
        times=3,
    )

    done = visitor.quick("list", *USER)

    assert done.code == 0, done.err
    assert "asks for" not in done.err


@pytest.mark.parametrize("ban", BANS)
def test_a_ban_in_the_middle_is_said_and_the_next_run_goes_on(visitor: Visitor, ban: str) -> None:
    visitor.site.troubles.add(kinds.ban(BANS[ban], after=24))

    done = visitor.run(*NEW)

    refused(done, 4, "wants to see a human", "in a browser", "it goes on where it was")
    saved = len(visitor.kept())
    assert 0 < saved < 12
    assert f"saved: {saved} pictures, " in done.out
    visitor.site.forget()
    visitor.goes_on()
    assert files(visitor.site) == [image(number) for number in range(saved, 12)]
    assert not any("folderid" in one.path for one in visitor.site.log)


@pytest.mark.parametrize("ban", BANS)
def test_a_ban_from_the_beginning_makes_no_archive(visitor: Visitor, ban: str) -> None:
    visitor.play(BANS[ban], "^(?!/human)")

    refused(visitor.run(*NEW), 4, "wants to see a human", "in a browser")
    for words in (("list", *USER), ("get", *USER, "-f", "20001", "-o", "out")):
        refused(visitor.quick(*words), 4, "wants to see a human", "in a browser")

    assert not (visitor.home.path / "Downloads").exists()
    assert not (visitor.home.path / "out").exists()


@pytest.mark.parametrize("ban", BANS)
def test_a_ban_while_checking_records_nothing_as_gone(visitor: Visitor, ban: str) -> None:
    assert visitor.quick(*NEW).code == 0
    visitor.site.troubles.add(kinds.ban(BANS[ban], after=7))

    done = visitor.run("audit", *USER, "--json")

    assert done.code == 4, done.err
    assert "wants to see a human" in done.object["error"]
    assert (done.object["gone"], done.object["checked"] > 0) == (0, True)
    visitor.site.troubles.clear()
    again = visitor.quick("audit", *USER, "--json")
    assert (again.code, again.object["gone"]) == (0, 0)
    assert again.object["checked"] == 12 - done.object["checked"]
    assert visitor.kept() == WHOLE


def test_a_ban_while_trying_again_keeps_the_failures_to_try(visitor: Visitor) -> None:
    visitor.play(kinds.status(404), FILES, after=8)
    assert visitor.quick(*NEW).code == 1
    visitor.site.troubles.clear()
    visitor.site.troubles.add(kinds.ban(kinds.checked(), after=3))

    banned = visitor.run("retry", *USER, "--json")

    assert banned.code == 4, banned.err
    assert "wants to see a human" in banned.object["error"]
    assert 8 < len(visitor.kept()) < 12
    visitor.site.troubles.clear()
    again = visitor.quick("retry", *USER)
    assert again.code == 0, again.err
    assert visitor.kept() == WHOLE
    assert visitor.quick(*READ).code == 0
