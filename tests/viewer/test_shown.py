from __future__ import annotations

import io

import pytest
from PIL import Image

from fapfav.images import rendition
from tests.viewer import kinds
from tests.viewer.kinds import one
from tests.viewer.wire import Got, Wire

shown, wire = kinds.shown, kinds.wire


# Small


def test_a_thumbnail_is_there_and_its_first_frame(wire: Wire) -> None:
    _, name, _ = one(wire, "gif")

    moving = wire.get(f"/viewer/thumb/{name}/")
    still = wire.get(f"/viewer/thumb/{name}/?still=1")

    with Image.open(io.BytesIO(moving.body)) as found:
        assert getattr(found, "n_frames", 1) == 3
        size = found.size
    assert moving.header("Content-Type") == "image/webp"
    assert still.header("Content-Type") == "image/jpeg"
    with Image.open(io.BytesIO(still.body)) as found:
        assert found.size == size
        assert getattr(found, "n_frames", 1) == 1


def test_a_thumbnail_that_does_not_move_is_its_own_first_frame(wire: Wire) -> None:
    _, name, _ = one(wire, "jpg")

    assert wire.get(f"/viewer/thumb/{name}/?still=1").body == (
        wire.get(f"/viewer/thumb/{name}/").body
    )


# As a browser can show it


def pixels(got: Got) -> tuple[int, int]:
    with Image.open(io.BytesIO(got.body)) as found:
        found.load()
        return found.size


def test_what_a_browser_shows_is_shown_as_it_is(wire: Wire) -> None:
    _, name, data = one(wire, "jpg")

    assert wire.get(f"/viewer/show/{name}/").body == data


def test_what_no_browser_shows_is_made_to_be_shown(wire: Wire) -> None:
    _, name, _ = one(wire, "tif")

    got = wire.get(f"/viewer/show/{name}/")

    assert got.header("Content-Type") == "image/jpeg"
    assert pixels(got) == (320, 240)


def test_a_picture_of_too_many_pixels_is_shown_smaller(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.pages import media

    monkeypatch.setattr(media, "MOST_PIXELS", 320 * 240 - 1)
    monkeypatch.setattr(rendition, "MOST", 320 * 240 // 4)
    _, name, data = one(wire, "bmp")

    got = wire.get(f"/viewer/show/{name}/")

    assert got.body != data
    assert pixels(got) == (160, 120)


def test_a_large_picture_is_made_small_for_a_side_that_is_offered(wire: Wire) -> None:
    _, name, data = one(wire, "png", large=True)

    assert pixels(wire.get(f"/viewer/show/{name}/?side=480")) == (480, 480)
    for other in ("481", "-1", "x", "", "٤٨٠"):
        path = f"/viewer/show/{name}/?side={other}".encode().decode("latin-1")
        assert len(wire.get(path.encode("ascii", "ignore").decode()).body) == len(data)


def test_what_was_made_is_kept_until_it_is_locked(wire: Wire) -> None:
    _, name, _ = one(wire, "tif")
    shelf = wire.viewer.shelf
    assert shelf.taken == 0

    first = wire.get(f"/viewer/show/{name}/")
    taken = shelf.taken
    assert taken >= len(first.body)
    assert wire.get(f"/viewer/show/{name}/").body == first.body
    assert shelf.taken == taken
    wire.viewer.lock()
    assert shelf.taken == 0


# What browsers may keep


def test_a_plain_picture_may_be_kept_for_an_hour_and_a_sealed_one_never(wire: Wire) -> None:
    sealed = wire.viewer.is_sealed
    kinds = (("jpg", "blob"), ("gif", "thumb"), ("tif", "show"), ("gif", "show"))
    for ext, kind in kinds:
        path = f"/viewer/{kind}/{one(wire, ext)[1]}/"
        got = wire.get(path)
        tag = got.header("ETag")
        assert got.header("Cache-Control") == ("no-store" if sealed else "private, max-age=3600")
        assert bool(tag) != sealed
        again = wire.get(path, If_None_Match=tag or "*")
        assert again.status == (200 if sealed else 304)
        assert again.body == (got.body if sealed else b"")


def test_a_still_is_another_one_than_what_moves(wire: Wire) -> None:
    _, name, _ = one(wire, "gif")
    tag = wire.get(f"/viewer/thumb/{name}/").header("ETag")

    assert wire.get(f"/viewer/thumb/{name}/?still=1", If_None_Match=tag or "x").status == 200


# Who may ask


@pytest.mark.parametrize("kind", ["blob", "show", "thumb"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
@pytest.mark.parametrize("mode", [("no-cors", "image"), ("navigate", "document")])
def test_a_picture_is_for_pages_of_the_viewer_only(
    wire: Wire, kind: str, site: str, mode: tuple[str, str]
) -> None:
    _, name, _ = one(wire, "jpg")

    got = wire.get(
        f"/viewer/{kind}/{name}/",
        Sec_Fetch_Site=site,
        Sec_Fetch_Mode=mode[0],
        Sec_Fetch_Dest=mode[1],
    )

    assert got.status == 403
    assert len(got.body) < 100
    assert wire.get(f"/viewer/{kind}/{name}/", Sec_Fetch_Site="same-origin").status == 200


def test_the_address_of_a_picture_typed_into_the_browser_leads_to_its_page(wire: Wire) -> None:
    _, name, _ = one(wire, "jpg")

    got = wire.get(
        f"/viewer/blob/{name}/",
        Sec_Fetch_Site="none",
        Sec_Fetch_Mode="navigate",
        Sec_Fetch_Dest="document",
    )

    assert (got.status, got.header("Location")) == (303, f"/viewer/picture/{name}/")


def test_without_a_cookie_there_is_no_picture(wire: Wire) -> None:
    _, name, data = one(wire, "jpg")
    for kind in ("blob", "show", "thumb"):
        path = f"/viewer/{kind}/{name}/"
        inside = wire.get(path, Cookie="a=b", Sec_Fetch_Dest="image")
        assert (inside.status, inside.text) == (403, "Open the viewer first.")
        assert wire.get(path, Cookie="a=b").status == 403
        assert data[:100] not in wire.get(path, Cookie="a=b").body
    wire.viewer.lock()
    locked = wire.get(f"/viewer/blob/{name}/", Sec_Fetch_Dest="image")
    assert locked.status == 423


@pytest.mark.parametrize("name", ["0" * 64, "f" * 64])
def test_an_unknown_picture_is_not_here(wire: Wire, name: str) -> None:
    for kind in ("blob", "show", "thumb"):
        assert wire.get(f"/viewer/{kind}/{name}/").status == 404


@pytest.mark.parametrize("name", ["0" * 63, "0" * 65, "g" * 64, "0" * 64 + "%0a", "../secret"])
def test_a_name_is_64_hex_digits_and_nothing_else(wire: Wire, name: str) -> None:
    assert wire.get(f"/viewer/blob/{name}/").status == 404


def test_a_form_cannot_be_sent_to_a_picture(wire: Wire) -> None:
    assert wire.post(f"/viewer/blob/{one(wire, 'jpg')[1]}/").status in (403, 405)
