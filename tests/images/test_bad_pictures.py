"""Bytes that are no picture, or would like to be too much of one."""

from __future__ import annotations

import io
import struct
import threading
import time
import warnings
import zlib

import pytest
from PIL import Image, PngImagePlugin

from fapfav.errors import BadPicture
from fapfav.images.decode import shrink_factor
from fapfav.images.examine import examine
from fapfav.images.guard import MAX_PIXELS, hushed, reason_of, shown
from tests.images.making import chunk, moving, png, saved, scene

PAGE = b"\n<!DOCTYPE html><html><head><title>Not\n found</title></head><body>gone</body></html>"


def bmp(width: int, height: int) -> bytes:
    """A BMP that says it measures so much and holds nothing."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, *[0] * 6)


def jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG that says it measures so much."""
    file = bytearray(saved(scene(), "jpg"))
    at = file.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", file, at, height, width)
    return bytes(file)


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose canvas is far larger than its picture."""
    canvas = struct.pack("<I", 0x10)[:4] + struct.pack("<I", width - 1)[:3]
    body = b"VP8X" + struct.pack("<I", 10) + canvas + struct.pack("<I", height - 1)[:3]
    inner = saved(scene(), "webp")[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(body) + len(inner)) + b"WEBP" + body + inner


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "the file is empty"),
        (PAGE, "it is a web page, not a picture: 'Not found'"),
        (b"<html><body>You are banned</body>", "it is a web page, not a picture"),
        (b'{"error": "no such file"}', 'it is text, not a picture: \'{"error": "no such file"}\''),
        ("Grüße\n".encode(), "it is text, not a picture: 'Grüße'"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is a SVG file; these are not kept"),
        (b"%PDF-1.7\n1 0 obj", "it is a PDF file; these are not kept"),
        (b"PK\x03\x04" + bytes(40), "it is a ZIP file; these are not kept"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "it is a HEIC file; these are not kept"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "it is a video file; these are not kept"),
        (bytes(range(256)), "it is no picture of a known type"),
        (b"\x89PNG\r\n\x1a\n", "the PNG's header cannot be read: the file is truncated or damaged"),
        (b"\xff\xd8\xff\xe0\0", "the JPEG's header cannot be read"),
    ],
)
def test_the_reason_names_what_it_is(file: bytes, reason: str) -> None:
    with pytest.raises(BadPicture) as caught:
        examine(file)

    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "PCX", "ICO"])
def test_other_types_that_pillow_can_read_are_not_taken(kind: str) -> None:
    out = io.BytesIO()
    scene(0, 64, 64).save(out, kind)

    with pytest.raises(BadPicture, match=r"not kept|no picture|text"):
        examine(out.getvalue())


@pytest.mark.parametrize(
    "file",
    [
        png(30_000, 30_000),
        png(9500, 9500),
        bmp(30_000, 30_000),
        jpeg_of(65_000, 65_000),
        jpeg_of(9500, 9500),
        webp_of(16_000, 16_000),
    ],
    ids=["png", "png just above", "bmp", "jpeg", "jpeg just above", "webp"],
)
def test_a_picture_of_too_many_pixels_is_refused_at_once(file: bytes) -> None:
    began = time.process_time()

    with pytest.raises(BadPicture, match="too large"):
        examine(file)

    assert time.process_time() - began < 1


def test_the_bound_holds_whatever_pillow_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)

    with pytest.raises(BadPicture, match=f"{MAX_PIXELS:,}"):
        examine(png(30_000, 30_000))


def test_a_picture_without_rows_is_refused() -> None:
    with pytest.raises(BadPicture):
        examine(png(10, 0))


def test_a_png_whose_text_unpacks_to_gigabytes_is_refused() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)

    with pytest.raises(BadPicture, match="PNG"):
        examine(
            png(4, 4, chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"IDAT", zlib.compress(bytes(52))))
        )


def test_a_png_with_a_little_text_is_taken() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("about", "a" * 10_000, zip=True)

    assert examine(saved(scene(), "png", pnginfo=words)).ext == "png"


def test_a_progressive_jpeg_that_asks_for_endless_scans_is_refused() -> None:
    file = saved(scene(0, 1300, 1100), "jpg", progressive=True)
    last = file.rindex(b"\xff\xda")
    began = time.process_time()

    with pytest.raises(BadPicture, match="too many scans"):
        examine(file[:last] + file[last:-2] * 3000 + file[-2:])

    assert time.process_time() - began < 2


def test_an_animation_of_a_hundred_thousand_frames_is_taken_in_its_stride() -> None:
    file = moving("gif", [10, 20], (16, 16))
    start = file.rindex(b"!\xf9\x04")
    bomb = file[:start] + file[start:-1] * 20_000 + b";"
    began = time.process_time()

    facts = examine(bomb, thumbnail=False)

    assert (facts.frames, facts.duration) == (20_001, 400_010)
    assert time.process_time() - began < 5


def test_a_png_that_claims_more_frames_than_it_has_is_damaged() -> None:
    file = bytearray(moving("png", [10, 20]))
    struct.pack_into(">I", file, file.index(b"acTL") + 4, 2**31 - 1)

    with pytest.raises(BadPicture, match="PNG"):
        examine(bytes(file))


def test_a_gif_frame_that_outgrows_its_canvas_costs_the_thumbnail_only() -> None:
    file = bytearray(moving("gif", [10, 20, 30]))
    last = file.rindex(b"!\xf9\x04") + 8
    assert file[last : last + 1] == b","
    struct.pack_into("<HHHH", file, last + 1, 0, 0, 65_000, 65_000)

    facts = examine(bytes(file))

    assert facts.frames == 3
    assert facts.thumb
    assert facts.thumb_problem.startswith("only its first 2 frames")


def test_a_tiff_with_hostile_tags_is_bad() -> None:
    file = bytearray(saved(scene(), "tif"))
    (first,) = struct.unpack_from("<I", file, 4)
    for entry in range(5):
        struct.pack_into("<I", file, first + 2 + 12 * entry + 4, 2**32 - 1)

    with pytest.raises(BadPicture, match="TIFF"):
        examine(bytes(file))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RecursionError("too deep"), "the PNG is damaged: too deep"),
        (struct.error(""), "the PNG is damaged: error"),
        (MemoryError(), "the picture takes more memory than there is"),
        (Image.DecompressionBombError("x"), "the picture is too large"),
        (OSError("image file is truncated (3 bytes)"), "the PNG is truncated"),
    ],
)
def test_every_exception_gets_words(error: Exception, reason: str) -> None:
    assert reason_of(error, b"\x89PNG").startswith(reason)


def test_text_from_outside_is_cut_and_made_harmless() -> None:
    said = shown("\x1b[31mred\n\u202eback" + "x" * 500)

    assert said.isprintable()
    assert len(said) == 60


def test_pillows_warnings_are_hushed_inside_and_heard_outside() -> None:
    def warn() -> None:
        warnings.warn_explicit("odd", UserWarning, "TiffImagePlugin.py", 1, "PIL.TiffImagePlugin")

    with hushed:
        with hushed:
            warn()
        warn()

    with pytest.warns(UserWarning, match="odd"):
        warn()


def test_the_hush_lasts_until_the_last_thread_leaves() -> None:
    before = warnings.filters[:]
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with hushed:
            entered.set()
            leave.wait()

    other = threading.Thread(target=stay, daemon=True)
    with hushed:
        other.start()
        assert entered.wait(60)
    inside = warnings.filters[:]
    leave.set()
    other.join()

    assert inside != before
    assert warnings.filters[:] == before


@pytest.mark.parametrize(
    ("size", "factor"),
    [
        ((1600, 1200), 4),
        ((1536, 2240), 8),
        ((6000, 4000), 8),
        ((383, 4000), 1),
        ((384, 560), 2),
        ((384, 559), 1),
        ((100, 100), 1),
    ],
)
def test_a_jpeg_is_decoded_no_smaller_than_is_needed(size: tuple[int, int], factor: int) -> None:
    assert shrink_factor(*size) == shrink_factor(*size[::-1]) == factor
