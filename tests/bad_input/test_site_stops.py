"""Commands that are broken off while they ask a site, and two that ask for the same at once."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from fapfav.practice import kinds
from fapfav.practice.site import PracticeSite
from fapfav.sources.replies import Bounds
from tests.bad_input.online import FILES, LISTS, NEW, PHOTOS, READ, USER, WHOLE, Visitor
from tests.bad_input.trouble import digests, ended, opened, until
from tests.cli.running import Home
from tests.jobs.sites import ACCOUNT, files, hills, image, photos

STOPPED = 130


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """Nothing is read yet."""
    with PracticeSite([ACCOUNT]) as site:
        yield Visitor(home, site)


@pytest.mark.parametrize("verb", ["read", "audit", "retry", "list"])
def test_ctrl_c_ends_a_long_wait_soon_and_keeps_everything(visitor: Visitor, verb: str) -> None:
    words: tuple[str, ...] = (verb, *USER)
    if verb == "audit":
        assert visitor.quick(*NEW).code == 0
    elif verb == "retry":
        visitor.play(kinds.status(404), FILES, after=8)
        assert visitor.quick(*NEW).code == 1
        visitor.site.troubles.clear()
    elif verb == "read":
        words = NEW
    visitor.play(kinds.status(429, 1800), LISTS if verb == "list" else PHOTOS, after=2)
    if verb == "list":
        visitor.play(kinds.status(429, 1800), LISTS)

    running = visitor.watch(*words)
    running.expect(r"waiting (30:00|29:\d\d): ")
    running.interrupt()
    code, seen = running.end()  # fails long before half an hour is over

    assert code == STOPPED, seen
    assert "Traceback" not in seen
    kept = {"read": range(2), "audit": range(12), "retry": range(10), "list": ()}[verb]
    assert visitor.kept() == digests(map(hills, kept))
    visitor.site.forget()
    visitor.goes_on("--force")
    if verb == "read":
        assert files(visitor.site) == [image(number) for number in range(2, 12)]


@pytest.mark.parametrize("path", [PHOTOS, FILES])
def test_ctrl_c_twice_ends_at_once_though_the_site_is_silent(visitor: Visitor, path: str) -> None:
    visitor.play(kinds.silence(), path, after=4)
    seen_by = photos if path == PHOTOS else files
    running = visitor.watch(*NEW)
    until(lambda: image(4) in seen_by(visitor.site))
    running.interrupt()
    running.expect("stopping after this batch")
    running.interrupt()
    code, seen = running.end()

    assert code == STOPPED, seen
    assert "Traceback" not in seen
    # Who waits for the site until it is given up comes to the end of the batch, and tells of it.
    assert "saved: " not in seen
    assert visitor.kept() <= digests(map(hills, range(4)))
    visitor.goes_on()


@pytest.mark.parametrize("path", ["/profile/", "folderid="])
def test_ctrl_c_twice_while_a_slow_site_is_looked_up_ends_too(visitor: Visitor, path: str) -> None:
    visitor.play(kinds.slow(5.0), path)  # a byte at a time: it is left after a minute
    running = visitor.watch(*NEW)
    until(lambda: any(path in one.path for one in visitor.site.log))
    running.interrupt()
    running.expect("stopping after this batch")
    running.interrupt()
    code, seen = running.end()

    assert time.monotonic() - visitor.site.log[-1].started < Bounds().page_seconds
    assert code == STOPPED, seen
    assert "Traceback" not in seen
    visitor.goes_on()


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        (signal.SIGTERM, (-signal.SIGTERM, 143)),
        (signal.SIGHUP, (-signal.SIGHUP, 129)),
        (signal.SIGKILL, (-signal.SIGKILL,)),
    ],
)
def test_a_read_that_is_killed_loses_nothing_that_was_committed(
    visitor: Visitor, number: int, codes: tuple[int, ...]
) -> None:
    assert visitor.quick(*NEW, "-f", "Lakes & rivers").code == 0
    visitor.site.forget()
    visitor.play(kinds.silence(), FILES, after=3)
    running = visitor.start(*READ)
    until(lambda: image(8) in files(visitor.site))
    running.send_signal(number)
    stopped = ended(running)

    assert stopped.code in codes, stopped.err
    assert "Traceback" not in stopped.err
    assert digests(map(hills, range(5))) <= visitor.kept()
    visitor.site.forget()
    visitor.goes_on()
    assert not {image(each) for each in range(5)} & set(files(visitor.site))


def test_a_get_that_is_killed_leaves_only_whole_pictures(visitor: Visitor) -> None:
    words = ("get", *USER, "-f", "Peaks", "-o", "out")
    visitor.play(kinds.stall(), FILES, after=3)
    running = visitor.start(*words)
    until(lambda: image(8) in files(visitor.site))
    running.send_signal(signal.SIGKILL)
    ended(running)
    visitor.site.troubles.clear()

    out = visitor.home.path / "out"
    assert digests(path.read_bytes() for path in out.iterdir()) == digests(map(hills, range(5, 8)))
    assert visitor.quick(*words).code == 0
    assert digests(path.read_bytes() for path in out.iterdir()) == digests(map(hills, range(5, 12)))
    assert len(list(out.iterdir())) == 7


def both(visitor: Visitor, *commands: tuple[str, ...]) -> list[str]:
    """Runs commands at once; all must end well. Returns what they wrote to standard output."""
    running: list[subprocess.Popen] = [visitor.start(*each) for each in commands]  # type: ignore[type-arg]
    done = [ended(each) for each in running]
    for each in done:
        assert each.code == 0, each.err
        assert "Traceback" not in each.err
    return [each.out for each in done]


def test_two_reads_of_one_user_at_once_keep_every_picture_once(visitor: Visitor) -> None:
    assert visitor.quick(*NEW, "-f", "Nothing yet").code == 0
    # So slow that the second is there before the first is done.
    visitor.play(kinds.slow(0.01, 512), FILES)

    both(visitor, READ, READ)

    assert visitor.kept() == WHOLE
    with opened(visitor.archive) as archive:
        images = Counter(place.image for place in archive.places.records() if place.holds)
        assert images == Counter(image(number) for number in range(12))
    again = visitor.quick(*READ, "--json")
    assert (again.code, again.object["requests"]) == (0, 0)


def test_two_first_reads_at_once_make_one_archive(visitor: Visitor) -> None:
    visitor.play(kinds.slow(0.01, 512), FILES)
    running = [visitor.start(*NEW) for _ in range(2)]
    done = [ended(each) for each in running]

    assert 0 in {each.code for each in done}
    for each in done:
        assert each.code in {0, 3}, each.err
        assert "Traceback" not in each.err
    visitor.goes_on()


def test_a_read_beside_an_audit_does_no_harm(visitor: Visitor) -> None:
    assert visitor.quick(*NEW).code == 0
    visitor.play(kinds.slow(0.01, 512), PHOTOS)

    both(visitor, (*READ, "--force"), ("audit", *USER))

    assert visitor.kept() == WHOLE
    again = visitor.quick("audit", *USER, "--json").object
    assert (again["checked"], again["gone"]) == (0, 0)
