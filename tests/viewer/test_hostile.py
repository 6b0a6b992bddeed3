from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from fapfav.jobs.library import Archive
from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    ChangeRecord,
    Check,
    Digest,
    Failure,
    Job,
    Place,
    PlaceState,
    Sighting,
    Tag,
    Tagged,
    Trashed,
    User,
    UserKey,
    Verdict,
)
from fapfav.store.blobs import Kind
from tests import nasty
from tests.support import encoded, landscape, new_archive
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.routes import patterns
from viewer.addresses import album_address, album_of, name_of, user_address, user_of
from viewer.people import user_input
from viewer.state import Viewer, install

LATEST = 2**63 - 1
IDS = ("a/b", "..", ".", "%2f", "a?b", "a#b", "a_b", "", "k", "\u202e", " ", "a\nb", "a\\b", "//x",
       "\0", "k/k", "x" * 10_000)  # fmt: skip
NAMES = tuple("".join(nasty.NAMES[at :: len(IDS)]) for at in range(len(IDS)))
"""All of the nasty ones, in as many names as there are ids."""

SHOWN = ("&lt;script&gt;alert", "&lt;svg onload", "{{ 1 }}", "\\u202e", "\\x1b]52", "\\x9b2J")
"""How some of them look in the source of a page."""

ODD = ("imagefap", "odd", "odd")
GHOST = Digest(b"\1" * 32)


def raw(number: int) -> bytes:
    return encoded(landscape(number, 30, 20), "JPEG")


def blob(number: int, **facts: Any) -> Blob:
    data = raw(number)
    digest = Digest(hashlib.sha256(data).digest())
    plain = Blob(
        digest, len(data), "jpg", 30, 20, False, 1, 0, 1, 80, bytes(16), len(data), "jpg", 1, 1
    )
    return replace(plain, **facts)


def stored(key: tuple[str, ...], image: str, picture: Blob, name: str = "a") -> Place:
    source, user, album = key
    held = picture.digest
    return Place(source, user, album, image, 0, name, PlaceState.STORED, held, held)


def records() -> tuple[list[Any], list[int]]:
    """Rows as no job of ours would write them, and the pictures that have files."""
    rows: list[Any] = []
    for at, each in enumerate(IDS):
        name = NAMES[at]
        rows += [
            User("imagefap", each, name, date_albums=LATEST),
            Album("imagefap", each, each, name),
        ]
        rows += [blob(at), stored(("imagefap", each, each), each, blob(at), name)]
    rows += [
        User("k", "u", ""),
        Album("k", "u", "a", " "),
        User("", "u", "a"),
        User("s/s", "u", "a"),
    ]
    at = len(IDS)
    shapes: tuple[dict[str, Any], ...] = (
              {"width": 0, "height": 0}, {"width": 2**32 - 1, "height": 2**32 - 1, "date": LATEST},
              {"ext": "tif"}, {"thumb_size": 0, "thumb_ext": ""}, {"size": 2**40},
              {"added": LATEST, "duration": LATEST, "animated": True})  # fmt: skip
    for number, facts in enumerate(shapes, at):
        rows += [blob(number, **facts), stored(ODD, str(number), blob(number))]
    lost = at + len(shapes)
    rows += [blob(lost), stored(("imagefap", "nobody", "nowhere"), "1", blob(lost))]
    rows += [User(*ODD[:2], "odd"), Album(*ODD, "odd", cursor="<b>", priority=-1, pages=2**32 - 1)]
    rows += [
        Place(*ODD, "ghost", 1, "ghost", PlaceState.STORED, GHOST, GHOST, posted=-(2**63)),
        Place(*ODD, "none", 1, "none", PlaceState.STORED, added=1, posted=LATEST),
        Place(*ODD, "failed", 1, "f", PlaceState.FAILED,
              failure=Failure(LATEST, 9, "<b>\n", "javascript:alert(1)")),
        Check("imagefap", "no", "such", "place", LATEST, (Sighting(LATEST, 3, "javascript:a"),)),
        *(Check(*ODD, image, 5, (Sighting(5, 2, "<b>"),)) for image in ("ghost", "none", "failed")),
        Trashed(GHOST, LATEST, 999, 5, "jpg", 5, "jpg"),
        Job(1, "<b>", {"x": [1]}, "odd", LATEST, LATEST, {"change": "x", "failures": 5}, 999),
        Job(2, "read", {"user": 5}, "done", 1, 2, {"albums": [3, {"bytes": "x"}], "saved": "x"}),
        Job(3, "plan", {"sets": "x"}, "done", 1, 2, {"warnings": 5, "failures_in_all": "x"}),
        ChangeRecord(900, "undo", "viewer", "", "a", 1, 1, "done", 900),
        ChangeRecord(901, "v\n<b>", "<b>", "<b>", "<b>", LATEST, LATEST, "strange", 902),
    ]  # fmt: skip
    rows += [Tag(at, name, category=name, aliases=(name,)) for at, name in enumerate(NAMES, 1)]
    rows += [Tagged(blob(0).digest, NAMES[1], tuple(range(1, len(NAMES))))]
    return rows, list(range(lost))


def make(where: Path, *, sealed: bool) -> None:
    rows, files = records()
    with new_archive(where, sealed=sealed) as archive:
        archive.files.publish(
            archive.files.stage(kind, blob(number).digest, "jpg", raw(number))
            for number in files
            for kind in (Kind.BLOB, Kind.THUMB)
        )
        with archive.write("read") as tx:
            tx.put(*rows)


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Viewer]:
    make(tmp_path / "archive", sealed=request.param)
    found = viewer_of(tmp_path / "archive", sealed=request.param)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Viewer]:
    make(tmp_path / "archive", sealed=False)
    found = viewer_of(tmp_path / "archive", sealed=False)
    yield found
    found.lock()
    install(None)


def everywhere(archive: Archive) -> list[str]:
    """Every route, and the pages of all users, albums and pictures."""
    found = {f"/{route.replace('<int:number>', '1')}" for route in patterns() if "<" not in
             route.replace("<int:number>", "1")}  # fmt: skip
    found |= {f"/viewer/jobs/{number}/" for number in (2, 3)}
    found |= {user_address(archive, UserKey(*key)) for key in archive.users}
    found |= {album_address(archive, AlbumKey(*key)) for key in archive.albums}
    names = [name_of(archive, digest) for digest in (*archive.blobs, *archive.trash)]
    return sorted(found | {f"/viewer/picture/{name}/" for name in names})


def check(page: Page) -> None:
    assert page.status < 500, (page.address, page.source[:500])
    is_page = page.response.get("Content-Type", "").startswith("text/html")
    if not (is_page and page.source.strip()):
        return
    for bad in ("<script>alert", "<img src=x", "<svg onload", "<!--<"):
        assert bad not in page.source, page.address
    injected = "[onerror], [onload], [onmouseover], [style], style, iframe, base, object, embed"
    assert not page.all(injected), page.address
    for island in page.all("script:not([src])"):
        json.loads(island.text_content())
    shown = re.sub(r'value="[^"]*"', "", page.source)
    assert not nasty.MOVES.search(re.sub(r"[\t\r]", "", shown)), page.address
    assert not re.search(r'(href|src|action)="\s*javascript:', page.source), page.address


def test_every_page_of_a_hostile_archive_is_shown(hostile: Viewer) -> None:
    visitor = Visitor(hostile)
    with hostile.archive() as archive:
        addresses = everywhere(archive)
    shown = set[str]()
    for address in addresses:
        page = visitor.get(address)
        check(page)
        shown |= {name for name in SHOWN if name in page.source}

    assert shown == set(SHOWN)


def test_pictures_without_their_files_say_so(hostile: Viewer) -> None:
    visitor = Visitor(hostile)
    with hostile.archive() as archive:
        lost = name_of(archive, blob(records()[1][-1] + 1).digest)

    assert visitor.get(f"/viewer/picture/{lost}/").status == 200
    for kind in ("thumb", "show", "blob"):
        answer = visitor.get(f"/viewer/{kind}/{lost}/")
        assert answer.status == 500
        assert "has no file any more" in answer.response.content.decode()


def test_every_user_and_album_has_an_address_of_its_own_that_leads_to_it(hostile: Viewer) -> None:
    with hostile.archive() as archive:
        users = {user_address(archive, UserKey(*key)): key for key in archive.users}
        albums = {album_address(archive, AlbumKey(*key)): key for key in archive.albums}
        assert len(users) == len(archive.users)
        assert len(albums) == len(archive.albums)
        for address, key in (*users.items(), *albums.items()):
            # As a browser asks for it: with dots resolved, and up to what begins a query.
            asked = urlsplit(urljoin("http://a/", address))
            assert asked.path == address
            parts = address.strip("/").split("/")[2:]
            if "%" not in address:
                meant = (album_of if key in archive.albums else user_of)(archive, *parts)
                assert meant == key


@pytest.mark.parametrize("victim", ["a/b", "..", "", " ", "a\nb", "k"])
def test_who_is_to_be_deleted_is_deleted_and_nobody_else(plain: Viewer, victim: str) -> None:
    visitor = Visitor(plain)
    with plain.archive() as archive:
        before = set(archive.users)
        address = user_address(archive, UserKey("imagefap", victim))
        called = user_input(archive, UserKey("imagefap", victim))
    token = visitor.get(address).all('[name="csrfmiddlewaretoken"]')[0].get("value")
    fields = [("csrfmiddlewaretoken", token), ("delete_input", called)]

    asked = visitor.post("/viewer/users/", fields)
    assert asked.status == 200
    visitor.post("/viewer/users/", [*fields, ("confirm", "1")])

    with opened(plain.directory, sealed=False) as archive:
        assert before - set(archive.users) == {("imagefap", victim)}


def test_any_album_can_be_exported(hostile: Viewer) -> None:
    visitor = Visitor(hostile)
    albums = [each.get("value") for each in visitor.get("/viewer/export/").all("#album option")]
    with hostile.archive() as archive:
        assert len(albums) == len(archive.albums) + 1

    for each in filter(None, albums):
        page = visitor.get("/viewer/export/").submit("#choose", what="album", album=each)
        assert page.status == 200
        assert page.all("#preview")


def test_a_log_that_leads_in_circles_is_not_followed(plain: Viewer) -> None:
    visitor = Visitor(plain)
    token = visitor.get("/viewer/history/").all('[name="csrfmiddlewaretoken"]')[0].get("value")

    for step in ("900", "901"):
        fields = [("csrfmiddlewaretoken", token), ("step", step)]
        assert visitor.post("/viewer/undo/", fields).status < 500


def test_a_field_that_could_mean_two_places_means_neither(tmp_path: Path) -> None:
    keys = [("imagefap", "a", "b_c", "d"), ("imagefap", "a_b", "c", "d"),
            ("imagefap", "imagefap", "a", "b_c_d")]  # fmt: skip
    with new_archive(tmp_path / "a", sealed=False) as archive, archive.write("read") as tx:
        tx.put(blob(0))
        for key in keys:
            tx.put(User(*key[:2], "u"), Album(*key[:3], "a"), stored(key[:3], key[3], blob(0)))
    viewer = viewer_of(tmp_path / "a", sealed=False)
    try:
        visitor = Visitor(viewer)
        shown = visitor.get(f"/viewer/duplicate/{blob(0).digest.hex()}/")
        token = shown.all('[name="csrfmiddlewaretoken"]')[0].get("value")
        seen = shown.all('[name="seen"]')[0].get("value")
        boxes = {box.get("name") for box in shown.all('input[type="radio"]')}
        assert len(boxes) == len(keys)
        assert not boxes & {"a_b_c_d", "imagefap_a_b_c_d"}
        for name in ("a_b_c_d", "imagefap_a_b_c_d"):
            fields = [("csrfmiddlewaretoken", token), ("seen", seen), (name, "keep")]
            fields += [(box, "skip") for box in sorted(boxes)[:2]]
            assert visitor.post(shown.address, fields).status == 400
        kept, *skipped = sorted(boxes)
        fields = [("csrfmiddlewaretoken", token), ("seen", seen), (kept, "keep")]
        visitor.post(shown.address, [*fields, *((name, "skip") for name in skipped)])
    finally:
        viewer.lock()
        install(None)

    with opened(tmp_path / "a", sealed=False) as archive:
        verdicts = {archive.keyed("place", *p.key): p.verdict for p in archive.places.records()}
    assert sorted(verdicts.values()) == [Verdict.KEEP, Verdict.SKIP, Verdict.SKIP]
