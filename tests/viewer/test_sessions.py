from __future__ import annotations

from django.http import HttpResponse
from django.test import RequestFactory

from tests.support import PASSWORD
from tests.viewer import timed
from tests.viewer.archives import LAKES, opened
from tests.viewer.browsing import PORT, Visitor
from tests.viewer.timed import Clock, answer, stranger
from viewer.middleware import way_in
from viewer.sessions import MOST, SessionStore
from viewer.state import Viewer

clock, plain, sealed = timed.clock, timed.plain, timed.sealed


def test_the_cookie_is_strict_unreadable_to_scripts_and_another_one_after_each_entry(
    viewer: Viewer,
) -> None:
    visitor = stranger(viewer)
    keys = []
    for _ in range(2):
        response = visitor._client.get(f"/viewer/?code={viewer.code}", SERVER_PORT=PORT)
        (cookie,) = response.cookies.values()
        assert cookie["samesite"] == "Strict"
        assert cookie["httponly"]
        assert cookie["path"] == "/viewer/"
        assert not cookie["expires"]
        assert not cookie["max-age"]
        keys.append(cookie.value)

    assert keys[0] != keys[1]
    assert list(viewer.sessions) == [keys[1]]


def test_locking_ends_every_session_and_takes_the_cookie(sealed: Viewer) -> None:
    one, other = Visitor(sealed), Visitor(sealed)
    epoch = sealed.epoch

    page = one.get("/viewer/history/").submit('form[action="/viewer/lock/"]')

    assert page.status == 423
    assert sealed.sessions == {}
    assert sealed.epoch != epoch
    assert all(not cookie.value for cookie in one._client.cookies.values())
    sealed.unlock(PASSWORD)
    assert other.get("/viewer/history/").status == 403


def test_a_locked_archive_without_encryption_asks_for_the_code_and_opens_with_it(
    plain: Viewer,
) -> None:
    visitor = Visitor(plain)
    asked = visitor.get("/viewer/history/").submit('form[action="/viewer/lock/"]')
    assert asked.status == 403
    assert visitor.get("/viewer/history/").status == 403
    assert not plain.is_open

    assert answer(visitor.get("/viewer/history/"), plain.code).status == 200
    plain.lock()
    assert visitor.get(f"/viewer/history/?code={plain.code}").status == 200


def test_who_locks_comes_back_to_where_they_were(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    asked = visitor.get("/viewer/history/?kind=tags").submit('form[action="/viewer/lock/"]')

    assert answer(asked, PASSWORD).address == "/viewer/history/?kind=tags"


def test_locking_takes_a_form(viewer: Viewer) -> None:
    assert Visitor(viewer).get("/viewer/lock/").status == 405
    assert viewer.is_open


def test_so_many_browsers_are_let_in_and_then_the_first_has_to_enter_again(
    viewer: Viewer,
) -> None:
    first = Visitor(viewer)
    for _ in range(MOST):
        store = SessionStore()
        store["let_in"] = viewer.epoch
        store.save()

    assert len(viewer.sessions) == MOST
    assert first.get("/viewer/history/").status == 403


# Idle


def test_it_locks_itself_when_nobody_was_there(sealed: Viewer, clock: Clock) -> None:
    visitor = Visitor(sealed)
    clock.now += sealed.lock_after - 1
    assert visitor.get("/viewer/history/").status == 200
    clock.now += sealed.lock_after - 1
    assert visitor.get("/viewer/history/").status == 200
    clock.now += sealed.lock_after

    assert visitor.get("/viewer/history/").status == 423
    assert not sealed.is_open


def test_the_pulse_says_how_long_and_does_not_count_as_somebody(
    sealed: Viewer, clock: Clock
) -> None:
    visitor = Visitor(sealed)
    clock.now += sealed.lock_after - 50

    page = visitor.get("/viewer/pulse/")
    background = visitor.get("/viewer/history/", **{"X-Background": "1"})

    assert (page.status, page.response["X-Locks-In"]) == (204, "50")
    assert background.status == 200
    assert visitor.get("/viewer/pulse/").response["X-Locks-In"] == "50"
    clock.now += 50
    assert sealed.lock_if_idle()
    assert visitor.get("/viewer/pulse/").status == 423


def test_the_pulse_tells_a_stranger_nothing(sealed: Viewer) -> None:
    page = stranger(sealed).get("/viewer/pulse/")

    assert page.status == 423
    assert "X-Locks-In" not in page.response.headers


def test_what_never_locks_has_no_time_left_to_tell(plain: Viewer, clock: Clock) -> None:
    plain.lock_after = 0
    visitor = Visitor(plain)
    clock.now += 1e9

    page = visitor.get("/viewer/pulse/")

    assert page.status == 204
    assert "X-Locks-In" not in page.response.headers


def test_a_page_that_was_made_while_it_was_locked_is_not_shown(sealed: Viewer) -> None:
    Visitor(sealed)
    (key,) = sealed.sessions

    def running(_: object) -> HttpResponse:
        sealed.lock()
        return HttpResponse(LAKES)

    from django.conf import settings

    request = RequestFactory().get("/viewer/history/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = key
    request.session = SessionStore(key)

    response = way_in(running)(request)

    assert response.status_code == 423
    assert LAKES not in getattr(response, "content", b"").decode()


def test_an_archive_that_is_open_elsewhere_shows_what_was_done_there(viewer: Viewer) -> None:
    from fapfav.jobs import tagging

    visitor = Visitor(viewer)
    with opened(viewer.directory, sealed=False) as other:
        tagging.add(other, "added elsewhere")

    assert "added elsewhere" in visitor.get("/viewer/tag/0/").text
