"""Redirects that lead astray and answers that lie: bounded in time and memory, and no harm done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fapfav.practice import kinds
from fapfav.practice.site import PracticeSite
from fapfav.practice.troubles import Kind
from fapfav.practice.wire import Framing
from tests.bad_input.online import FILES, LISTS, NEW, PHOTOS, USER, WHOLE, Visitor
from tests.bad_input.trouble import digests, refused
from tests.cli.running import Home
from tests.jobs.sites import ACCOUNT, files, hills, image, listings

MIB = 2**20
GIB = 2**30
QUICK = 20.0  # seconds of processor; a good run takes one, and one that hangs fails by itself
ORDINARY = 160 * MIB  # of memory; a good run has about half of it
FIVE = f"{FILES}.*{image(5)}"
"""The file of one picture."""


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """Nothing is read yet."""
    with PracticeSite([ACCOUNT]) as site:
        yield Visitor(home, site)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("file:///etc/passwd", "does not start with http"),
        ("ftp://127.0.0.1/x", "does not start with http"),
        ("javascript:alert(1)", "does not start with http"),
        ("data:text/html,hello", "does not start with http"),
        ("http://192.168.0.1/x", "is on another host"),
        ("http://169.254.169.254/latest/meta-data", "is on another host"),
        ("http://example.org/", "is on another host"),
        ("https://www.imagefap.com.example.org/", "is on another host"),
        ("http://alice:secret@127.0.0.1/", "has a user name in it"),
        ("http://[::ffff:10.0.0.1]/", "is on another host"),
        ("http://127.0.0.1:0/", "port 0"),
        ("http://[", "cannot be understood"),
        (f"/{'x' * 9000}", "more than 8192 characters"),
    ],
)
def test_a_redirect_that_leads_astray_is_not_followed(
    visitor: Visitor, location: str, message: str
) -> None:
    visitor.play(kinds.redirect(location), LISTS)

    done = visitor.quick("list", *USER)

    refused(done, 4, "leads to", message, "not followed")
    assert "secret" not in done.err
    assert len(visitor.site.log) == 2


def test_redirects_without_end_end(visitor: Visitor) -> None:
    visitor.play(kinds.loop(), PHOTOS)
    round_and_round = visitor.run(*NEW)
    visitor.site.troubles.clear()
    visitor.play(kinds.redirect(f"/showfavorites.php?userid={ACCOUNT.user}&page=0"), LISTS)
    itself = visitor.quick("list", *USER)

    refused(round_and_round, 4, "leads back to", "in a circle")
    refused(itself, 4, "leads back to", "in a circle")
    visitor.goes_on()


def test_a_redirect_to_another_port_of_this_computer_asks_the_site_for_nothing_else(
    home: Home, visitor: Visitor
) -> None:
    with PracticeSite([ACCOUNT]) as other:
        visitor.play(kinds.redirect(f"{other.url}/showfavorites.php?userid=1"), LISTS)
        done = visitor.run("list", *USER)

        assert done.code == 4
        assert {one.path.partition("?")[0] for one in other.log} <= {"/showfavorites.php"}


def test_files_that_lead_astray_are_the_sites_trouble(visitor: Visitor) -> None:
    visitor.play(kinds.redirect("file:///etc/passwd"), FILES, after=6)

    refused(visitor.run(*NEW), 4, "'file:///etc/passwd', which does not start with http")

    assert visitor.kept() == digests(map(hills, range(6)))
    visitor.goes_on()
    assert sorted(set(files(visitor.site))) == [image(number) for number in range(12)]


ONE = {
    "endless": kinds.endless(),
    "endless-length": kinds.endless(Framing.LENGTH),
    "endless-close": kinds.endless(Framing.CLOSE),
    "gigabyte": kinds.huge(GIB),
    "bomb": kinds.bomb(),
    "cut-chunks": kinds.cut(framing=Framing.CHUNKS),
    "cut-unseen": kinds.cut(framing=Framing.CLOSE),
    "less": kinds.wrong_length(-100),
    "empty": kinds.other_bytes(b""),
    "noise": kinds.noise(),
    "html": kinds.html_instead(),
    "500": kinds.status(500),
    "404": kinds.status(404),
}
LARGE = {"endless", "endless-close", "bomb"}  # as much as a file may have is read before it is left


@pytest.mark.parametrize("name", ONE)
def test_one_bad_file_is_one_failure_and_the_rest_is_read(visitor: Visitor, name: str) -> None:
    visitor.play(ONE[name], FIVE)

    done = visitor.measure(*NEW, "--json")

    assert done.ran.code == 1, done.ran.err
    assert "Traceback" not in done.ran.err
    ((album, named, reason),) = done.ran.object["failures"]
    assert (album, named, bool(reason)) == ("Peaks", "hill-0005.jpg", True)
    assert (done.ran.object["saved"], done.ran.object["failed"]) == (11, 1)
    assert visitor.kept() == WHOLE - digests([hills(5)])
    assert done.seconds < QUICK
    assert done.peak < ORDINARY + (400 * MIB if name in LARGE else 0)
    visitor.goes_on("--force")


PAGES = {
    "endless": kinds.endless(),
    "gigabyte": kinds.huge(GIB),
    "bomb": kinds.bomb(256 * MIB),
    "cut-unseen": kinds.cut(framing=Framing.CLOSE),
    "less": kinds.wrong_length(-100),
    "reset": kinds.reset(),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_bad_list_is_the_sites_trouble(visitor: Visitor, name: str) -> None:
    visitor.play(PAGES[name], "folderid=20002")

    done = visitor.measure(*NEW)

    refused(done.ran, 4, "127.0.0.1", "again")
    assert done.seconds < QUICK
    assert done.peak < ORDINARY
    assert visitor.kept() == set()
    visitor.goes_on()


HEADER = (
    b'<a class="blk_header" style="x" href="/profile.php?user=Alice">Alice</a>'
    b'<a class="blk_favorites" href="/x" style="text-decoration:none;">Peaks</a>'
)
CROWDED = {
    "deep": b"<div>" * 1_500_000,
    "attributes": b"<a %b>" % b" ".join(b"a%d=1" % each for each in range(600_000)),
    "pictures": b"".join(b'<td class="blk_favorites" id="img-%d">' % n for n in range(150_000)),
    "folders": b'<a class="blk_galleries" href="showfavorites.php?folderid=1">x</a>' * 80_000,
}


@pytest.mark.parametrize("name", CROWDED)
def test_a_page_that_is_far_too_full_costs_little(visitor: Visitor, name: str) -> None:
    page = b"<html><body>%b%b</body></html>" % (HEADER, CROWDED[name])
    visitor.play(kinds.other_bytes(page), "folderid=20002|userid=100001&page=0$", after=1, times=2)

    done = visitor.measure(*NEW)

    assert done.ran.code in {0, 4}, done.ran.err
    assert "Traceback" not in done.ran.err
    assert done.seconds < QUICK
    assert done.peak < ORDINARY + 300 * MIB
    visitor.goes_on("--force")


def test_a_folder_that_shows_the_same_page_for_ever_comes_to_its_end(visitor: Visitor) -> None:
    cells = "".join(f'<td class="blk_favorites" id="img-{image(n)}">' for n in range(5, 12))
    page = b"<html><body>%b%b</body></html>" % (HEADER, cells.encode())
    visitor.play(kinds.other_bytes(page), "folderid=20002")

    assert visitor.run(*NEW).code == 0

    assert visitor.kept() == WHOLE
    assert len(listings(visitor.site, "20002")) < 10


@pytest.mark.parametrize("name", ["endless", "bomb", "cut-unseen"])
def test_bad_pages_of_all_pictures_are_the_sites_trouble(visitor: Visitor, name: str) -> None:
    visitor.play(PAGES[name], PHOTOS, after=6)

    done = visitor.measure(*NEW)

    refused(done.ran, 4, "127.0.0.1", "again")
    assert done.seconds < QUICK
    assert done.peak < ORDINARY
    assert visitor.kept() == digests(map(hills, range(6)))
    visitor.goes_on("--force")


@pytest.mark.parametrize(
    "kind",
    [kinds.unframed(), kinds.unframed(Framing.CLOSE), kinds.packed(), kinds.slow(0.001, 512)],
    ids=["chunks", "close", "packed", "slow"],
)
def test_unusual_answers_that_are_whole_are_no_trouble(visitor: Visitor, kind: Kind) -> None:
    visitor.play(kind, "^(?!/images/)")

    visitor.goes_on()


def test_trouble_that_passes_leaves_no_trace(visitor: Visitor) -> None:
    for kind in (kinds.cut(), kinds.reset(), kinds.status(500), kinds.wrong_length(-5)):
        visitor.play(kind, FIVE, times=1)
        visitor.play(kind, "folderid=20002", times=1)

    done = visitor.run(*NEW, "--json")

    assert (done.code, done.object["saved"], done.object["failed"]) == (0, 12, 0), done.err
    assert visitor.kept() == WHOLE


def test_another_pictures_bytes_are_kept_as_what_they_are(visitor: Visitor) -> None:
    visitor.play(kinds.other_bytes(hills(7)), FIVE)

    done = visitor.run(*NEW, "--json")

    assert (done.code, done.object["failed"]) == (0, 0), done.err
    assert visitor.kept() == WHOLE - digests([hills(5)])


def test_get_of_bad_files_writes_none_of_them(visitor: Visitor) -> None:
    for number, name in enumerate(("gigabyte", "cut-unseen", "noise", "html")):
        visitor.play(ONE[name], f"{FILES}.*{image(number)}")

    done = visitor.measure("get", *USER, "-f", "Lakes & rivers", "-o", "out")

    assert done.ran.code == 1, done.ran.err
    assert [path.read_bytes() for path in (visitor.home.path / "out").iterdir()] == [hills(4)]
    assert done.ran.out.count("failed: 1500") == 4
    assert done.peak < ORDINARY
