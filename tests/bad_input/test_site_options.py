"""Options and settings that make no sense, and networks that lead nowhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from fapfav.practice.site import PracticeSite
from tests.bad_input.online import NEW, USER, Visitor
from tests.bad_input.trouble import OFF, refused
from tests.cli.running import Home, Terminal
from tests.jobs.sites import ACCOUNT

URL, PACE = "FAPFAV_IMAGEFAP_URL", "FAPFAV_PACE"
LIST = "list", *USER


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """Nothing is read yet."""
    with PracticeSite([ACCOUNT]) as site:
        yield Visitor(home, site)


def test_the_scripts_themselves_refuse_a_setting(visitor: Visitor) -> None:
    for name, value in ((PACE, "5,1"), (URL, "ftp://localhost/")):
        refused(visitor.run(*NEW, **{name: value}), 2, value)

    assert untouched(visitor)


def untouched(visitor: Visitor) -> bool:
    """Whether nothing was asked and nothing written."""
    return visitor.site.log == () and list(visitor.home.path.iterdir()) == []


@pytest.mark.parametrize(
    ("pace", "message"),
    [
        ("1", "FAPFAV_PACE is '1': it takes the least and the most seconds"),
        ("a,b", "FAPFAV_PACE is 'a,b'"),
        ("1,2,3", "FAPFAV_PACE is '1,2,3'"),
        ("\x1b[2J,1", r"FAPFAV_PACE is '\x1b[2J,1'"),
        ("9" * 5000, "FAPFAV_PACE is '9999"),
        ("-1,2", "a pace of -1,2 makes no sense"),
        ("5,1", "a pace of 5,1 makes no sense"),
        ("nan,nan", "a pace of nan,nan makes no sense"),
        ("0,inf", "a pace of 0,inf makes no sense"),
        ("1e400,1e400", "a pace of inf,inf makes no sense"),
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(visitor: Visitor, pace: str, message: str) -> None:
    done = visitor.quick(*LIST, **{PACE: pace})

    refused(done, 2, message, "2,4")
    assert len(done.err) < 400
    assert untouched(visitor)


@pytest.mark.parametrize(
    ("base", "words"),
    [("", NEW), ("https://www.imagefap.com", LIST), ("HTTPS://imagefap.com./", LIST)],
)
def test_the_real_site_is_not_asked_without_a_pause(
    visitor: Visitor, base: str, words: tuple[str, ...]
) -> None:
    refused(visitor.run(*words, **{URL: base}), 2, "every 2 seconds at most, not every 0")

    assert untouched(visitor)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("ftp://localhost/", "does not start with http:// or https://"),
        ("file:///etc/passwd", "does not start with http:// or https://"),
        ("localhost", "does not start with http:// or https://"),
        ("http://", "has no host name that can be used"),
        ("http:///path", "has no host name that can be used"),
        ("http://a..b/", "has no host name that can be used"),
        ("http://[::1", "cannot be understood"),
        ("http://localhost:99999", "cannot be understood"),
        ("http://localhost:0", "has port 0"),
        ("http://alice:hunter2@localhost/", "has a user name in it"),
        ("http://localhost/?user=alice", "has more than a path after its host"),
        ("http://localhost/#top", "has more than a path after its host"),
        ("http://local\x1bhost", "has control characters in it"),
        (f"http://{'a' * 9000}/", "has more than 8192 characters"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(
    visitor: Visitor, base: str, message: str
) -> None:
    done = visitor.quick(*LIST, **{URL: base})

    refused(done, 2, "the site's address", message, "give one like")
    assert "hunter2" not in done.err
    assert len(done.err) < 500
    assert untouched(visitor)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("list", "-u", "a\x01b"), 2, r"--user 'a\x01b' has characters that no name has"),
        (("list", "-u", "a\udcff"), 2, r"--user 'a\udcff' has characters that no name has"),
        (("list", "-u", "x" * 300), 2, "--user has 300 characters; no name has over 200"),
        (("list", "-u", "\u2028"), 2, "--user is empty"),
        (("list", "-u", "../alice"), 4, "no favourites of '../alice'"),
        (("list", "-u", "\u202eecila"), 4, r"no favourites of '\u202eecila'"),
        (("list", "-u", "al\u200bice"), 4, r"no favourites of 'al\u200bice'"),
        (("list", *USER, "-i", "1"), 2, "--user and --id both name an account"),
        (("read", *USER, "-l", ".", *OFF), 2, "--local reads a folder of yours"),
        (("read", *USER, "-f", "x" * 300, *OFF), 2, "--folder has 300 characters"),
        (("get", *USER, "-f", "\x7f"), 2, "has characters that no name has"),
        (("retry", "-i", "1e3"), 2, "--id takes a user's number"),
        (("audit", "-i", "\N{ARABIC-INDIC DIGIT ONE}"), 2, "--id takes a user's number"),
    ],
)
def test_names_that_nobody_has_ask_the_site_for_nothing(
    visitor: Visitor, words: tuple[str, ...], code: int, message: str
) -> None:
    done = visitor.quick(*words)

    refused(done, code, message)
    assert not {"\x01", "\x7f", "\u202e", "\u200b"} & set(done.out + done.err)
    assert visitor.site.log == ()
    assert visitor.kept() == set()


@pytest.mark.parametrize("name", ["a?userid=1", "alice%2f..", "alice&x", "a#b", "100001\u0301"])
def test_a_name_leads_to_no_other_page_than_its_own(visitor: Visitor, name: str) -> None:
    refused(visitor.quick("list", "-u", name), 4, "no favourites of", "no such user")

    (asked,) = visitor.site.log
    assert asked.path.startswith("/profile/")
    assert not {"?", "#", "&"} & set(asked.path)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this computer where nobody listens, and that nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("words", [NEW, LIST, ("get", *USER, "-f", "x", "-o", "out")])
def test_without_a_network_it_says_so_without_a_wait(
    visitor: Visitor, closed_port: int, words: tuple[str, ...]
) -> None:
    done = visitor.run(*words, **{URL: f"http://127.0.0.1:{closed_port}"})

    refused(done, 4, "cannot reach 127.0.0.1", "refused the connection", "check the connection")
    assert "waiting" not in done.err
    assert not (visitor.home.path / "Downloads").exists()
    assert not (visitor.home.path / "out").exists()


def test_a_name_that_leads_nowhere_is_said_while_it_is_tried_again(home: Home) -> None:
    # Where there is a network, it is asked for that name once, and not for half a minute.
    elsewhere = {URL: "http://nowhere.invalid", PACE: "2,4", "RES_OPTIONS": "timeout:1 attempts:1"}
    running = Terminal(home, "favorites", *NEW, **elsewhere)
    running.expect(r"waiting 0:\d\d: nowhere\.invalid: ")
    running.interrupt()
    code, seen = running.end()

    assert code == 130, seen
    assert "Traceback" not in seen
    assert not (home.path / "Downloads").exists()


def test_an_archive_is_unharmed_by_a_network_that_is_gone(
    visitor: Visitor, closed_port: int
) -> None:
    assert visitor.quick(*NEW).code == 0
    before = visitor.kept()
    nowhere = {URL: f"http://127.0.0.1:{closed_port}"}

    for words in (("read", *USER, "--force"), ("audit", *USER)):
        refused(visitor.run(*words, **nowhere), 4, "cannot reach 127.0.0.1")
    fresh = visitor.run("read", *USER, **nowhere)

    assert fresh.code == 0, fresh.err  # there is nothing to ask
    assert visitor.kept() == before
    audited = visitor.quick("audit", *USER, "--json")
    assert (audited.object["checked"], audited.object["gone"]) == (12, 0)


@pytest.mark.parametrize(
    ("name", "proxy"),
    [
        ("HTTP_PROXY", "http://127.0.0.1:{port}"),
        ("http_proxy", "nonsense://x"),
        ("ALL_PROXY", "socks5://x:1"),
    ],
)
def test_a_proxy_does_not_matter_for_a_site_on_this_computer(
    visitor: Visitor, closed_port: int, name: str, proxy: str
) -> None:
    done = visitor.run(*LIST, **{name: proxy.format(port=closed_port)})

    assert done.code == 0, done.err
    assert visitor.site.log


@pytest.mark.parametrize("contact", ["a\x1bb\nHost: evil", "\u202e" * 500, "(((("])
def test_a_contact_cannot_break_a_request(visitor: Visitor, contact: str) -> None:
    done = visitor.quick(*LIST, FAPFAV_CONTACT=contact)

    assert done.code == 0, done.err
    for one in visitor.site.log:
        assert one.headers["host"].startswith("127.0.0.1:")
        assert len(one.headers["user-agent"]) < 300
