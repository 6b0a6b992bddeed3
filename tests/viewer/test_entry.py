from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fapfav.errors import DamagedArchive
from fapfav.jobs.library import Archive
from tests.support import PASSWORD
from tests.viewer import timed
from tests.viewer.archives import LAKES, MOVING
from tests.viewer.browsing import Page, Visitor
from tests.viewer.routes import addresses
from tests.viewer.timed import Clock, answer, stranger
from viewer.attempts import FREE, LONGEST, Attempts
from viewer.state import Viewer, install

clock, plain, sealed = timed.clock, timed.plain, timed.sealed


def secrets_of(archive: Archive) -> list[str]:
    """What no stranger may see."""
    users = [user.name for user in archive.users.records()]
    digests = [digest.hex() for digest in archive.blobs]
    tags = [tag.name for tag in archive.tags.records()]
    return [LAKES, MOVING, "valleys", *users, *digests, *tags, str(archive.path)]


# What strangers see


def test_a_stranger_sees_one_page_at_every_address_and_nothing_of_the_archive(
    sealed: Viewer,
) -> None:
    with sealed.archive() as archive:
        everywhere, hidden = addresses(archive), secrets_of(archive)
    visitor = stranger(sealed)

    for address in everywhere:
        if address in ("/", "/viewer/pulse/"):
            continue
        page = visitor.get(address)
        assert page.status == 403, address
        assert page.all("form#unlock"), address
        assert [word for word in hidden if word in page.source.replace(page_next(page), "")] == []
        assert "Set-Cookie" not in page.response.headers


def page_next(page: Page) -> str:
    return str(page.one("form#unlock input[name=next]").get("value"))


def test_at_every_address_a_locked_archive_is_only_asked_the_password_of(sealed: Viewer) -> None:
    with sealed.archive() as archive:
        everywhere, hidden = addresses(archive), secrets_of(archive)
    visitor = Visitor(sealed)
    sealed.lock()

    for address in everywhere:
        if address in ("/", "/viewer/pulse/"):
            continue
        page = visitor.get(address)
        assert page.status == 423, address
        assert [word for word in hidden if word in page.source.replace(page_next(page), "")] == []
        assert page.response["Cache-Control"] == "no-store"


def test_a_post_of_a_stranger_changes_nothing_and_asks(viewer: Viewer) -> None:
    with viewer.archive() as archive:
        before = archive.last
    page = stranger(viewer).post("/viewer/tag/0/", [("named_child", "mine")])

    assert page.status == 403
    assert page_next(page) == "/viewer/"
    with viewer.archive() as archive:
        assert archive.last == before


def test_the_bare_address_leads_to_the_viewer(viewer: Viewer) -> None:
    assert Visitor(viewer).get("/").address == "/viewer/"


# The code


def test_the_link_of_the_shell_lets_in_and_the_address_loses_its_code(viewer: Viewer) -> None:
    page = stranger(viewer).get(f"/viewer/history/?page=2&code={viewer.code}")

    assert page.address == "/viewer/history/?page=2"
    assert page.status == 200


def test_another_runs_code_lets_nobody_in_and_is_not_passed_on(viewer: Viewer) -> None:
    page = stranger(viewer).get("/viewer/history/?code=abc&page=2")

    assert page.status == 403
    assert page_next(page) == "/viewer/history/?page=2"


def test_the_code_can_be_typed_and_leads_to_the_wanted_page(viewer: Viewer) -> None:
    asked = stranger(viewer).get("/viewer/history/?page=1")

    page = answer(asked, f" {viewer.code} ")

    assert page.status == 200
    assert page.address == "/viewer/history/?page=1"


def test_a_wrong_code_is_said_to_be_wrong(plain: Viewer) -> None:
    page = answer(stranger(plain).get("/viewer/"), "guess")

    assert page.status == 403
    assert page.one("[role=alert]").text == "This is not the code that the shell shows."


def test_a_code_for_one_visit_is_good_for_one_and_not_for_long(plain: Viewer, clock: Clock) -> None:
    first, late = plain.one_time_code(), plain.one_time_code()

    assert stranger(plain).get(f"/viewer/history/?code={first}").status == 200
    assert stranger(plain).get(f"/viewer/history/?code={first}").status == 403
    clock.now += 3600
    assert stranger(plain).get(f"/viewer/history/?code={late}").status == 403


def test_the_form_needs_the_secret_of_the_run(plain: Viewer) -> None:
    visitor = stranger(plain)

    page = visitor.post("/viewer/unlock/", [("password", plain.code), ("secret", "guess")])

    assert page.status == 403
    assert visitor.get("/viewer/history/").status == 403


# The password


def test_the_password_unlocks_and_leads_to_the_wanted_page(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    sealed.lock()
    asked = visitor.get("/viewer/history/?page=1")
    assert asked.text.count("password")
    assert "code" not in asked.text

    page = answer(asked, PASSWORD)

    assert (page.status, page.address) == (200, "/viewer/history/?page=1")


def test_the_code_does_not_open_a_locked_archive(sealed: Viewer) -> None:
    sealed.lock()

    assert stranger(sealed).get(f"/viewer/?code={sealed.code}").status == 423
    assert answer(stranger(sealed).get("/viewer/"), sealed.code).status == 423
    assert not sealed.is_open


def test_where_it_is_open_the_password_lets_in_as_the_code_does(sealed: Viewer) -> None:
    asked = stranger(sealed).get("/viewer/history/")
    with sealed.archive() as before:
        assert answer(asked, "guess").one("[role=alert]").text.startswith("This is neither")
        assert answer(asked, PASSWORD).status == 200
    with sealed.archive() as after:
        assert after is before


def test_a_wrong_password_says_so_and_tells_nothing_of_the_archive(sealed: Viewer) -> None:
    sealed.lock()

    page = answer(stranger(sealed).get("/viewer/"), "guess")

    assert page.status == 423
    assert page.one("[role=alert]").text == "This is not the password."
    assert str(sealed.directory) not in page.source
    assert "guess" not in page.source


def test_what_else_is_wrong_with_the_archive_is_told_in_the_shell_only(
    made: dict[bool, Path], caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(_: str | None) -> Archive:
        raise DamagedArchive("/home/somebody/pictures: frame 7")

    viewer = Viewer(made[True], damaged, is_sealed=True)
    install(viewer)
    log = logging.getLogger("viewer")
    log.addHandler(caplog.handler)
    try:
        page = answer(stranger(viewer).get("/viewer/"), PASSWORD)
    finally:
        log.removeHandler(caplog.handler)
        install(None)

    assert page.status == 423
    assert "somebody" not in page.source
    assert "frame 7" in caplog.text


# Waits


def test_after_some_wrong_answers_each_has_to_wait_longer(plain: Viewer, clock: Clock) -> None:
    asked = stranger(plain).get("/viewer/")
    waits = []
    for _ in range(FREE + 4):
        page = answer(asked, "guess")
        if page.status == 429:
            waits.append(int(page.response["Retry-After"]))
            clock.now += waits[-1]
            assert answer(asked, "guess").status == 403

    assert len(waits) == 3
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]


def test_during_a_wait_a_right_password_is_not_looked_at_but_the_link_still_lets_in(
    sealed: Viewer, clock: Clock
) -> None:
    asked = stranger(sealed).get("/viewer/")
    for _ in range(FREE + 1):
        answer(asked, "guess")

    early = answer(asked, PASSWORD)
    assert early.status == 429
    assert f"{early.response['Retry-After']} s" in early.text
    assert stranger(sealed).get(f"/viewer/history/?code={sealed.code}").status == 200
    clock.now += LONGEST
    assert answer(asked, PASSWORD).status == 200


def test_no_wait_is_longer_than_the_longest_and_a_right_answer_ends_them(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(40):
        wait = attempts.begin()
        assert wait <= LONGEST
        clock.now += wait
        if wait:
            assert attempts.begin() == 0
        attempts.end(wrong=True)
    clock.now += LONGEST
    assert attempts.begin() == 0
    attempts.end(wrong=False)

    for _ in range(FREE):
        assert attempts.begin() == 0
        attempts.end(wrong=True)


def test_one_answer_is_looked_at_at_a_time(clock: Clock) -> None:
    attempts = Attempts(clock)

    assert attempts.begin() == 0
    assert attempts.begin() == 1
    attempts.end(wrong=None)
    assert attempts.begin() == 0


# Where it leads


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.com/",
        "//example.com/viewer/",
        "/viewer//example.com/",
        "/viewer/\\example.com",
        "/viewer/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/elsewhere/",
        "//[",
        "",
    ],
)
def test_the_way_in_leads_nowhere_else(viewer: Viewer, wanted: str) -> None:
    visitor = stranger(viewer)
    page = visitor.get("/viewer/unlock/")
    form = page.one("form#unlock")
    fields = [*form.form_values(), ("password", viewer.code)]
    fields = [(name, wanted if name == "next" else value) for name, value in fields]

    assert visitor.post("/viewer/unlock/", fields).address == "/viewer/"
