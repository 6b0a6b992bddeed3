from __future__ import annotations

import hashlib
import math
import re
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
import waitress.buffers

from fapfav.jobs import removal
from fapfav.model import Digest
from tests import nasty
from tests.support import encoded, landscape, read_folder
from tests.viewer import kinds
from tests.viewer.kinds import archive_of, one
from tests.viewer.wire import TIMEOUT, Wire
from viewer import serve
from viewer.addresses import name_of
from viewer.pages.media import MAGIC, TYPES

shown, wire = kinds.shown, kinds.wire


# As it was read


@pytest.mark.parametrize("ext", ["jpg", "png", "webp", "bmp", "gif"])
def test_a_picture_comes_as_it_was_read_and_under_its_own_type(wire: Wire, ext: str) -> None:
    digest, name, data = one(wire, ext)

    for path in (f"/viewer/blob/{name}/", f"/viewer/blob/{digest.hex().upper()}/"):
        got = wire.get(path)
        assert (got.status, got.body) == (200, data)
        assert got.header("Content-Type") == TYPES[ext]
        assert got.header("Content-Length") == str(len(data))
        assert got.header("Content-Disposition").startswith("inline; filename=")


def test_what_browsers_do_not_show_is_a_download(wire: Wire) -> None:
    _, name, data = one(wire, "tif")

    got = wire.get(f"/viewer/blob/{name}/")

    assert got.body == data
    assert got.header("Content-Type") == "application/octet-stream"
    assert got.header("Content-Disposition") == f'attachment; filename="{name[:16]}.tif"'


def test_a_picture_is_a_download_if_that_is_asked_for(wire: Wire) -> None:
    _, name, _ = one(wire, "jpg")

    got = wire.get(f"/viewer/blob/{name}/?download=1")

    assert got.header("Content-Disposition").startswith("attachment;")
    assert got.header("Content-Type") == "image/jpeg"


def test_no_picture_can_run_as_a_page(wire: Wire) -> None:
    for kind in ("blob", "show", "thumb"):
        for ext in ("jpg", "tif", "gif"):
            got = wire.get(f"/viewer/{kind}/{one(wire, ext)[1]}/")
            assert "sandbox" in got.header("Content-Security-Policy")
            assert got.header("Content-Security-Policy").startswith("default-src 'none'")
            assert got.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("ext", sorted({*MAGIC, "svg", 'x"; a=b', "html", ""}))
@pytest.mark.parametrize(
    "text", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html><script>1</script>", b""]
)
def test_bytes_that_are_not_of_the_type_they_claim_are_a_download(ext: str, text: bytes) -> None:
    from viewer.pages import media

    assert media.type_of(ext, text) == "application/octet-stream"


@pytest.mark.parametrize("ext", nasty.NAMES, ids=ascii)
def test_no_header_holds_more_than_a_name(ext: str) -> None:
    from viewer.pages import media

    assert re.fullmatch(r"[0-9a-f]{16}\.[A-Za-z0-9]{1,8}", media.file_name("ab" * 32, ext))


# In ranges, and large


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=1048560-1048590", 1048560, 1048591),
        ("bytes=2097000-", 2097000, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999999999", 0, None),
    ],
)
def test_a_range_is_answered_with_these_bytes(
    wire: Wire, asked: str, start: int, stop: int | None
) -> None:
    _, name, data = one(wire, "png", large=True)

    got = wire.get(f"/viewer/blob/{name}/", Range=asked)

    assert got.status == 206
    assert got.body == data[start:stop]
    first = start % len(data)
    assert got.header("Content-Range") == (f"bytes {first}-{first + len(got.body) - 1}/{len(data)}")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "bytes=9-5", "bytes=-", "items=0-1", "bytes=a-b", "bytes=٣-٤"]
)
def test_a_range_that_is_not_understood_is_as_if_it_was_not_there(wire: Wire, asked: str) -> None:
    _, name, data = one(wire, "jpg")

    got = wire.send("GET", f"/viewer/blob/{name}/", Range=asked.encode().decode("latin-1"))

    assert (got.status, got.body) == (200, data)


def test_a_range_beyond_the_end_is_said_to_be_none(wire: Wire) -> None:
    _, name, data = one(wire, "jpg")

    for asked in (f"bytes={len(data)}-", "bytes=-0"):
        got = wire.get(f"/viewer/blob/{name}/", Range=asked)
        assert got.status == 416
        assert got.header("Content-Range") == f"bytes */{len(data)}"


def test_a_head_tells_the_size_of_a_large_picture(wire: Wire) -> None:
    _, name, data = one(wire, "png", large=True)

    got = wire.send("HEAD", f"/viewer/blob/{name}/")

    assert (got.status, got.body) == (200, b"")
    assert got.header("Content-Length") == str(len(data))


def test_a_large_picture_comes_whole_in_parts_of_a_mebibyte_at_most(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, name, data = one(wire, "png", large=True)
    files = archive_of(wire).files
    asked: list[int] = []
    read = files.read_range

    def counted(digest: Digest, ext: str, size: int, start: int, stop: int) -> bytes:
        asked.append(stop - start)
        return read(digest, ext, size, start, stop)

    monkeypatch.setattr(files, "read_range", counted)

    got = wire.get(f"/viewer/blob/{name}/")

    assert hashlib.sha256(got.body).digest() == digest
    assert sum(asked) == len(data) + 16
    assert max(asked) <= 2**20


def test_a_slow_reader_makes_no_temporary_file_and_little_memory(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, name, data = one(wire, "png", large=True)
    assert len(data) > 3 * 2**20
    monkeypatch.setattr(serve, "STALLED", math.inf)  # slow, and not to be dropped for it here
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    spilled: list[object] = []
    monkeypatch.setattr(
        waitress.buffers.OverflowableBuffer,
        "_set_large_buffer",
        spilled.append,
    )
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(TIMEOUT)
        slow.connect(("127.0.0.1", wire.port))
        slow.sendall(
            f"GET /viewer/blob/{name}/ HTTP/1.1\r\nHost: 127.0.0.1:{wire.port}\r\n"
            f"Cookie: {wire.cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        found = slow.recv(100)
        for _ in range(8):  # the server goes on with others meanwhile, and does not read ahead
            assert wire.get("/viewer/pulse/").status == 204
            assert waiting(wire) <= 3 * 2**20
        while part := slow.recv(65536):
            found += part
    assert found.endswith(data[-1000:])
    assert found.count(b"\r\n\r\n") >= 1
    assert len(found) > len(data)
    assert spilled == []
    assert list(temporary.iterdir()) == []


def waiting(wire: Wire) -> int:
    """Bytes that the server holds for readers."""
    channels = list(wire.server.channels())
    return sum(channel.total_outbufs_len for channel in channels)


def test_a_large_form_makes_no_temporary_file(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    spilled: list[object] = []
    monkeypatch.setattr(
        waitress.buffers.OverflowableBuffer,
        "_set_large_buffer",
        spilled.append,
    )

    assert wire.post("/viewer/unlock/", "a=" + "x" * (3 * 2**20)).status == 403
    assert spilled == []


# Trash and damage


def test_a_picture_in_the_trash_is_shown_as_before(wire: Wire) -> None:
    digest, name, data = one(wire, "jpg")
    with wire.viewer.archive() as archive:
        removal.remove_picture(archive, digest.hex())
        assert digest not in archive.blobs

    assert wire.get(f"/viewer/blob/{name}/").body == data
    assert wire.get(f"/viewer/show/{name}/").body == data
    assert wire.get(f"/viewer/thumb/{name}/").status == 200


def test_a_picture_that_came_since_is_found_by_its_name(wire: Wire, tmp_path: Path) -> None:
    one(wire, "jpg")
    wire.get(f"/viewer/blob/{one(wire, 'jpg')[1]}/")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.jpg").write_bytes(encoded(landscape(99), "JPEG"))
    with wire.viewer.archive() as archive:
        before = set(archive.blobs)
        read_folder(archive, tmp_path / "more")
        (new,) = set(archive.blobs) - before

    assert wire.get(f"/viewer/blob/{name_of(archive, new)}/").status == 200


def test_a_damaged_or_missing_file_is_said_to_be_so(wire: Wire) -> None:
    digest, name, _ = one(wire, "jpg")
    large, large_name, data = one(wire, "png", large=True)
    folder = wire.viewer.directory
    for path in folder.rglob("*"):
        if path.is_file() and path.parent != folder and path.stat().st_size > 100:
            raw = bytearray(path.read_bytes())
            raw[-40] ^= 1
            path.write_bytes(raw)

    got = wire.get(f"/viewer/blob/{name}/")
    assert got.status == 500
    assert "damaged" in got.text
    with pytest.raises(Exception, match="IncompleteRead"):
        # What is not the picture never looks complete.
        assert wire.get(f"/viewer/blob/{large_name}/").body != data
    for sub in ("blobs", "thumbs"):
        shutil.rmtree(folder / sub)
        (folder / sub).mkdir()
    assert wire.get(f"/viewer/blob/{large.hex()}/").status == 500
    assert wire.get(f"/viewer/show/{one_tif(wire)}/").status == 500
    assert digest != large


def one_tif(wire: Wire) -> str:
    archive = archive_of(wire)
    return next(name_of(archive, b.digest) for b in archive.blobs.records() if b.ext == "tif")


def test_a_picture_does_not_wait_for_a_page_that_runs(wire: Wire) -> None:
    _, name, data = one(wire, "jpg")
    wire.get(f"/viewer/blob/{name}/")

    with wire.viewer.archive():
        assert wire.get(f"/viewer/blob/{name}/").body == data
        assert wire.get(f"/viewer/thumb/{name}/").status == 200
