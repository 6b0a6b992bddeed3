"""Each kind of trouble as a client meets it, and when it happens."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from types import SimpleNamespace

import pytest

from fapfav.practice import kinds, troubles
from fapfav.practice.site import PracticeSite, Trouble
from fapfav.practice.troubles import Kind, Troubles
from fapfav.practice.wire import Asked, Framing, Reply
from tests.practice.asking import (
    alice,
    ask,
    ask_on,
    connected,
    file_of,
    image,
    listed,
    listing,
    raw,
    until_closed,
)

PICTURE = b"\xff\xd8 picture 0" * 50
FILES = "/images/full/"


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([alice()]) as running:
        yield running


def troubled(site: PracticeSite, kind: Kind) -> str:
    """The address of a file to which that happens once."""
    address = file_of(site.url, image(0))
    site.troubles.add(Trouble(kind, FILES))
    return address


@pytest.mark.parametrize("code", [403, 404, 410, 500, 502])
def test_a_status_comes_once_and_then_the_picture(site: PracticeSite, code: int) -> None:
    address = troubled(site, kinds.status(code))

    assert [ask(site.url, address).status for _ in range(2)] == [code, 200]
    assert [one.status for one in site.log][-2:] == [code, 200]


def test_retry_after_is_a_number_or_a_date_or_missing(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.status(503, 7)))
    site.troubles.add(Trouble(kinds.status(429, 100, as_date=True)))
    site.troubles.add(Trouble(kinds.status(429)))

    before = time.time()
    busy, dated, bare = (ask(site.url, "/profile/alice") for _ in range(3))

    assert (busy.status, busy.headers["retry-after"]) == (503, "7")
    later = parsedate_to_datetime(dated.headers["retry-after"]).timestamp()
    assert before + 99 <= later <= time.time() + 100  # a date has no parts of seconds
    assert (bare.status, "retry-after" in bare.headers) == (429, False)


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKS])
def test_a_body_cut_under_a_frame_can_be_noticed(site: PracticeSite, framing: Framing) -> None:
    address = troubled(site, kinds.cut(0.5, framing))

    with pytest.raises(IncompleteRead) as caught:
        ask(site.url, address)

    assert PICTURE.startswith(caught.value.partial)


def test_a_body_cut_without_a_length_looks_whole(site: PracticeSite) -> None:
    told = ask(site.url, troubled(site, kinds.cut(0.25, Framing.CLOSE)))

    assert told.status == 200
    assert "content-length" not in told.headers
    assert told.body == PICTURE[: len(PICTURE) // 4]


@pytest.mark.parametrize("framing", list(Framing))
def test_a_whole_body_can_be_framed_in_each_way(site: PracticeSite, framing: Framing) -> None:
    told = ask(site.url, troubled(site, kinds.unframed(framing)))

    assert told.body == PICTURE
    assert ("content-length" in told.headers) == (framing is Framing.LENGTH)


def test_a_packed_body_unpacks_to_the_whole(site: PracticeSite) -> None:
    told = ask(site.url, troubled(site, kinds.packed()))

    assert told.headers["content-encoding"] == "gzip"
    assert gzip.decompress(told.body) == PICTURE


def test_a_reset_is_a_reset_and_no_end(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.reset()))

    with raw(site.url, "/profile/alice") as made, pytest.raises(ConnectionResetError):
        until_closed(made)
    assert [one.status for one in site.log] == [0]


def test_silence_lasts_as_long_as_the_client_waits(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.silence()))

    with raw(site.url, "/profile/alice") as made:
        made.settimeout(0.05)
        with pytest.raises(TimeoutError):
            made.recv(1)
    assert ask(site.url, "/profile/alice").status == 200


def test_a_stalled_body_never_ends(site: PracticeSite) -> None:
    address = troubled(site, kinds.stall(0.5))

    with connected(site.url) as connection:
        connection.request("GET", address.removeprefix(site.url))
        answer = connection.getresponse()
        assert answer.length == len(PICTURE)
        assert answer.read(len(PICTURE) // 2) == PICTURE[: len(PICTURE) // 2]
        connection.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            answer.read()


def test_the_head_of_a_stalled_file_comes_at_once_and_more_can_be_asked(
    site: PracticeSite,
) -> None:
    site.troubles.add(Trouble(kinds.stall(), FILES))
    with connected(site.url) as connection:
        told = ask_on(connection, file_of(site.url, image(0)), "HEAD")
        assert told.headers["content-length"] == str(len(PICTURE))
        assert ask_on(connection, "/profile/alice").status == 200


def test_a_slow_body_comes_piece_by_piece(site: PracticeSite) -> None:
    address = troubled(site, kinds.slow(pause=0.002, piece=20))
    before = time.monotonic()

    told = ask(site.url, address)

    assert told.body == PICTURE
    assert time.monotonic() - before > 0.002 * len(PICTURE) / 20


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        (kinds.html_instead(), lambda body: body.startswith(b"<!DOCTYPE html>")),
        (kinds.other_bytes(b"another"), lambda body: body == b"another"),
        (kinds.noise(99), lambda body: len(body) == 99),
    ],
    ids=["html", "other", "noise"],
)
def test_wrong_bytes_come_under_the_type_of_a_picture(
    site: PracticeSite, kind: Kind, holds: Callable[[bytes], bool]
) -> None:
    told = ask(site.url, troubled(site, kind))

    assert (told.status, told.headers["content-type"]) == (200, "image/jpeg")
    assert int(told.headers["content-length"]) == len(told.body)
    assert holds(told.body)


def test_a_length_can_say_too_little_or_too_much(site: PracticeSite) -> None:
    assert ask(site.url, troubled(site, kinds.wrong_length(-100))).body == PICTURE[:-100]
    with connected(site.url) as connection:
        connection.request("GET", troubled(site, kinds.wrong_length(100)).removeprefix(site.url))
        answer = connection.getresponse()
        assert answer.length == len(PICTURE) + 100
        assert answer.read(len(PICTURE)) == PICTURE
        connection.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            answer.read()


@pytest.mark.parametrize("framing", list(Framing))
def test_an_endless_body_goes_on_until_the_client_leaves(
    site: PracticeSite, framing: Framing
) -> None:
    site.troubles.add(Trouble(kinds.endless(framing), "/photo/"))
    with connected(site.url) as connection:
        connection.request("GET", f"/photo/{image(0)}/")
        answer = connection.getresponse()
        read = answer.read(3_000_000)

    assert len(read) == 3_000_000
    assert read.count(b"<html>") > 100


def test_a_huge_page_has_its_true_length(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.huge(1 << 30)))
    with connected(site.url) as connection:
        connection.request("GET", "/profile/alice")
        answer = connection.getresponse()
        assert answer.length == 1 << 30
        assert b"blk_header" in answer.read(5000)
    site.troubles.add(Trouble(kinds.huge(2 << 20)))
    assert len(ask(site.url, "/profile/alice").body) == 2 << 20


def test_a_bomb_is_small_until_it_is_unpacked(site: PracticeSite) -> None:
    told = ask(site.url, troubled(site, kinds.bomb(8 << 20)))

    assert told.headers["content-encoding"] == "gzip"
    assert len(told.body) < 100_000
    assert len(zlib.decompress(told.body, wbits=31)) == 8 << 20


def test_redirects_lead_where_they_say(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.redirect("file:///etc/hostname", 301)))

    told = ask(site.url, "/profile/alice")

    assert (told.status, told.headers["location"]) == (301, "file:///etc/hostname")


@pytest.mark.parametrize("prefix", ["", "/fap"])
def test_a_loop_leads_round_and_a_check_to_its_page(prefix: str) -> None:
    with PracticeSite([alice()], prefix=prefix) as site, connected(site.url) as connection:
        site.troubles.add(Trouble(kinds.loop()))
        path, seen = f"{prefix}/profile/alice", []
        for _ in range(5):
            told = ask_on(connection, path)
            assert told.status == 302
            path = told.headers["location"]
            seen.append(path)
        assert seen[:2] == seen[2:4] == [f"{prefix}/around/0", f"{prefix}/around/1"]
        site.troubles.add(Trouble(kinds.checked()))
        path = ask_on(connection, f"{prefix}/profile/alice").headers["location"]
        assert path == f"{prefix}/human-verification"
        assert "human" in ask_on(connection, path).text


def test_trouble_comes_after_some_requests_and_for_some(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.status(500), "/showfavorites", "GET", after=2, times=2))

    told = [ask(site.url, listing()).status for _ in range(6)]

    assert told == [200, 200, 500, 500, 200, 200]
    site.troubles.add(Trouble(kinds.status(500), "/showfavorites", "HEAD", times=None))
    assert [ask(site.url, listing(), "HEAD").status for _ in range(3)] == [500] * 3
    assert ask(site.url, "/profile/alice", "HEAD").status == 200
    assert ask(site.url, listing()).status == 200
    site.troubles.clear()
    assert ask(site.url, listing(), "HEAD").status == 200


def test_of_two_troubles_the_later_waits_for_the_first(site: PracticeSite) -> None:
    site.troubles.add(Trouble(kinds.status(503), times=2))
    site.troubles.add(Trouble(kinds.status(404)))

    assert [ask(site.url, listing()).status for _ in range(4)] == [503, 503, 404, 200]


@pytest.mark.parametrize(
    ("kind", "status"), [(kinds.checked(), 302), (kinds.too_many(), 200), (kinds.status(429), 429)]
)
def test_a_ban_begins_after_some_requests_and_ends_after_others(
    site: PracticeSite, kind: Kind, status: int
) -> None:
    site.troubles.add(kinds.ban(kind, after=3, times=2))

    told = []
    for _ in range(6):
        told.append(ask(site.url, listing()))
        assert ask(site.url, "/human-verification").status == 200

    assert [one.status for one in told] == [200] * 3 + [status] * 2 + [200]
    assert [bool(listed(one)) for one in told] == [True] * 3 + [False] * 2 + [True]
    if status == 200:
        assert '<div class="mt-4' in told[3].text


def test_a_ban_can_last_for_a_time(site: PracticeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(troubles, "time", SimpleNamespace(monotonic=lambda: now))
    site.troubles.add(kinds.ban(kinds.status(429), after=1, seconds=10))

    assert ask(site.url, listing()).status == 200
    now += 100  # it lasts from when it begins
    for seconds, status in ((0, 429), (5, 429), (4.9, 429), (0.2, 200), (1, 200)):
        now += seconds
        assert ask(site.url, listing()).status == status


@pytest.mark.parametrize("name", kinds.NAMED)
def test_every_named_trouble_happens_to_somebody_who_reads_on(name: str) -> None:
    played = Troubles()
    played.add(kinds.NAMED[name])
    proper = Reply(200, b"proper" * 100)
    paths = ["/profile/a", "/showfavorites.php?userid=1", "/photo/1/", "/images/full/1/1/1.jpg"]

    given = [played.played(Asked("GET", path, "HTTP/1.1", {}), proper) for path in paths * 10]

    assert any(reply != proper for reply in given)
    assert proper in given
