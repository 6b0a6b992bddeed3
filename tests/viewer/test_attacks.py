from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.library import Archive
from tests.viewer.archives import copied, opened
from tests.viewer.browsing import Visitor
from tests.viewer.wire import TIMEOUT, Wire, wired
from viewer import page, serve
from viewer.addresses import name_of
from viewer.state import Viewer

LONG = 0.3
"""Seconds that a form waits here for others who write."""


@pytest.fixture
def wire(made: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    with wired(copied(made[False], tmp_path / "archive"), sealed=False) as found:
        yield found


def token(wire: Wire) -> str:
    shown = wire.get("/viewer/history/").text
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
    assert found
    return found[1]


def names(viewer: Viewer) -> set[str]:
    with opened(viewer.directory, sealed=False) as archive:
        return {tag.name for tag in archive.tags.records()}


# What is asked


@pytest.mark.parametrize(
    "charset", ["utf-7", "raw_unicode_escape", "rot13", "zlib", "idna", "utf-16", "undefined"]
)
def test_nobody_chooses_how_bytes_become_text(wire: Wire, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    for path in ("/viewer/unlock/?code=%5Cud800%2B2AA-", "/viewer/tag/suggest/?q=%5Cud800"):
        assert wire.get(path, Content_Type=kind).status in (200, 303), path

    made = wire.post(
        "/viewer/tag/0/", f"csrfmiddlewaretoken={token(wire)}&named_child=a", Content_Type=kind
    )

    assert made.status == 303
    assert "a" in names(wire.viewer)


@pytest.mark.parametrize(
    "path", ["/viewer/jobs/{}/", "/viewer/jobs/{}/progress/", "/viewer/tag/{}/"]
)
@pytest.mark.parametrize("digits", [19, 40, 5000])
def test_numbers_that_are_too_large_are_of_nothing(wire: Wire, path: str, digits: int) -> None:
    assert wire.get(path.format("9" * digits)).status == 404


def test_who_is_not_let_in_leaves_nothing_behind(wire: Wire) -> None:
    before = dict(wire.viewer.sessions)
    for path in ("/viewer/", "/viewer/unlock/", "/viewer/pulse/", "/viewer/nowhere", "/"):
        for _ in range(3):
            wire.get(path, Cookie="a=b")

    assert dict(wire.viewer.sessions) == before


def test_what_is_there_and_what_is_not_look_alike_from_outside(wire: Wire) -> None:
    archive = wire.viewer.peek()
    here = name_of(archive, next(iter(archive.blobs)))
    for path in ("picture/{}/", "duplicate/{}/", "thumb/{}/"):
        got = [wire.get(f"/viewer/{path.format(n)}", Cookie="a=b") for n in (here, "0" * 64)]
        assert got[0].status == got[1].status == 403
        assert got[0].text.replace(here, "") == got[1].text.replace("0" * 64, "")


def test_many_who_never_finish_asking_keep_nobody_out(wire: Wire) -> None:
    hanging = []
    try:
        for _ in range(serve.CONNECTIONS + 60):
            opened_one = socket.create_connection(("127.0.0.1", wire.port), timeout=TIMEOUT)
            opened_one.sendall(b"POST /viewer/ HTTP/1.1\r\nX: ")
            hanging.append(opened_one)
        assert wire.get("/viewer/history/").status == 200
    finally:
        for each in hanging:
            each.close()


# Forms that contradict themselves


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("tag/0/", "named_child=one&named_child=two"),
        ("undo/", "step=1&step=2"),
        ("settings/", "theme=dark&theme=light"),
        ("picture/{}/", "verdict=keep&verdict=skip"),
        ("duplicate/{}/", "quick=keep-all&quick=false-all"),
        ("users/", "delete_input=a&delete_input=b&confirm=1"),
        ("trash/", "do=empty&do=restore&word=empty"),
    ],
)
def test_a_field_that_says_two_things_does_nothing(wire: Wire, path: str, fields: str) -> None:
    archive = wire.viewer.peek()
    name = name_of(archive, next(iter(archive.groups[0].verdicts)))
    before = archive.last

    got = wire.post(f"/viewer/{path.format(name)}", f"csrfmiddlewaretoken={token(wire)}&{fields}")

    assert got.status == 400
    assert "two things" in got.text
    with wire.viewer.archive() as now:
        assert now.last == before


def test_what_may_be_said_several_times_still_may(viewer: Viewer) -> None:
    visitor = Visitor(viewer)
    with viewer.archive() as archive:
        picks = [name_of(archive, digest) for digest in sorted(archive.blobs)[5:8]]
    page_ = visitor.get("/viewer/tag/1/?lock=1")
    secret = page_.all('[name="csrfmiddlewaretoken"]')[0].get("value")
    fields = [("csrfmiddlewaretoken", secret), ("tag_select", "stone")]

    visitor.post("/viewer/tag/1/", [*fields, *(("selected_blobs", name) for name in picks)])

    with opened(viewer.directory, sealed=False) as archive:
        stone = next(tag.number for tag in archive.tags.records() if tag.name == "stone")
        tagged = {
            name_of(archive, row.digest) for row in archive.tagged.records() if stone in row.tags
        }
    assert set(picks) <= tagged


# Another program writes for long


def test_a_form_waits_outside_while_pages_are_shown(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = token(wire)
    got: list[int] = []

    def send() -> None:
        body = f"csrfmiddlewaretoken={secret}&named_child=patient"
        got.append(wire.post("/viewer/tag/0/", body).status)

    monkeypatch.setattr(page, "WAIT", 60.0)
    wire.viewer.peek().hurry(0.01)
    with opened(wire.viewer.directory, sealed=False) as other, other.writing("read"):
        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        for _ in range(5):
            assert wire.get("/viewer/tag/0/").status == 200
        assert got == []
    thread.join(TIMEOUT)

    assert got == [303]
    assert "patient" in names(wire.viewer)


def test_a_form_that_waited_long_enough_says_who_writes(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "WAIT", LONG)
    wire.viewer.peek().hurry(0.01)
    secret = token(wire)
    with opened(wire.viewer.directory, sealed=False) as other, other.writing("read"):
        got = wire.post("/viewer/tag/0/", f"csrfmiddlewaretoken={secret}&named_child=late")

    assert got.status == 503
    assert "in use by process" in got.text
    assert "late" not in names(wire.viewer)


def test_what_was_done_in_part_is_not_done_again(viewer: Viewer) -> None:
    from django.http import HttpRequest, HttpResponse

    from fapfav.errors import ArchiveInUse
    from fapfav.jobs import tagging

    calls: list[int] = []

    @page.page
    def half(_request: HttpRequest, archive: Archive, /) -> HttpResponse:
        calls.append(1)
        tagging.add(archive, f"half {len(calls)}")
        raise ArchiveInUse("in use")

    request = HttpRequest()
    request.method = "POST"
    with pytest.raises(ArchiveInUse):
        half(request)

    assert len(calls) == 1


# The folder goes


def test_an_archive_that_was_moved_away_is_named_and_comes_back(wire: Wire) -> None:
    where = wire.viewer.directory
    away = where.with_name("away")
    where.rename(away)
    for path in ("/viewer/", "/viewer/tag/0/", "/viewer/settings/"):
        got = wire.get(path)
        assert got.status == 500
        assert "there is no archive" in got.text
    assert not where.exists()
    away.rename(where)

    assert wire.get("/viewer/tag/0/").status == 200
