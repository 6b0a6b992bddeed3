"""Files that are no pictures, are cut short, or would like to be far too large."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.bad_input.trouble import OFF, OPEN, digests, kept, refused
from tests.cli.running import Home, command
from tests.support import album, encoded, landscape

MEGABYTE = 1024 * 1024
SPARSE = 300 * MEGABYTE


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG's chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, colour: int = 2) -> bytes:
    """A PNG of black pixels, `colour` 2 for RGB and 6 for RGBA, in very few bytes."""
    row = bytes(1 + width * (3 if colour == 2 else 4))
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return header(width, height, colour) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def header(width: int, height: int, colour: int = 2) -> bytes:
    """How such a PNG begins."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)


def pretending_jpeg(width: int, height: int) -> bytes:
    """A small JPEG that says it measures so much."""
    raw = bytearray(encoded(landscape(1), "JPEG"))
    struct.pack_into(">HH", raw, raw.index(b"\xff\xc0") + 5, height, width)
    return bytes(raw)


def animated(frames: int, side: int) -> bytes:
    """An animated GIF whose every frame is nothing new: many pixels for its bytes."""
    first = Image.new("P", (side, side))
    first.putpalette([0, 0, 0, 255, 255, 255])
    others = []
    for number in range(1, frames):
        other = first.copy()
        other.putpixel((number % side, 0), 1)
        others.append(other)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=40, disposal=2)
    return out.getvalue()


PAGE = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>"
HOSTILE = {
    "zero.jpg": (b"", "empty file"),
    "page.jpg": (PAGE, "it is a web page, not a picture: '404 Not Found'"),
    "text.png": (b"so sorry\n", "it is text, not a picture: 'so sorry'"),
    "wide.png": (header(2**31 - 1, 1), "header cannot be read"),
    "huge.png": (header(100_000, 100_000), "header cannot be read"),
    "huge.jpg": (pretending_jpeg(65_000, 65_000), "too large: more than 89,478,485 pixels"),
    "bomb.png": (png(15_000, 15_000), "too large: more than 89,478,485 pixels"),
    "over.png": (png(10_000, 9_000), "too large: 10000 x 9000 is more than 89,478,485 pixels"),
    "none.png": (header(0, 0), "damaged"),
    "noise.gif": (b"GIF89a" + bytes(range(256)), "GIF"),
    "video.jpg": (b"\0\0\0\x18ftypmp42" + bytes(40), "it is a video file; these are not kept"),
    "zip.jpg": (b"PK\3\4" + bytes(40), "it is a ZIP file; these are not kept"),
}


def test_each_hostile_file_fails_alone_and_says_why(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    made = album(folder, 3)
    for name, (raw, _) in HOSTILE.items():
        (folder / name).write_bytes(raw)

    done = home.run("favorites", "read", "-l", folder, "-o", "a", *OPEN, "--json")

    refused(done, 1, f"{len(HOSTILE)} pictures could not be kept")
    reasons = {name: reason for _, name, reason in done.object["failures"]}
    assert reasons.keys() == HOSTILE.keys()
    for name, (_, words) in HOSTILE.items():
        assert words in reasons[name], name
    assert kept(home.path / "a") == digests(made)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_file_cut_short_anywhere_is_a_failure_with_its_reason(
    home: Home, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "torn"
    made = album(folder, 1)
    raw = encoded(landscape(8, 120, 90), kind)
    cuts = sorted({*range(1, 40, 3), *range(40, len(raw) - 40, len(raw) // 12)})
    for cut in cuts:
        (folder / f"{cut}.{kind.lower()}").write_bytes(raw[:cut])

    done = home.run("favorites", "read", "-l", folder, "-o", "a", *OPEN, "--json")

    assert done.code == 1, done.err
    assert "Traceback" not in done.err
    failures = done.object["failures"]
    assert len(failures) == done.object["failed"] >= len(cuts) - 2  # not much is lost of those
    assert done.object["saved"] + len(failures) == len(cuts) + 1
    assert all(len(reason) > 8 and reason.isprintable() for _, _, reason in failures)
    assert digests(made) <= kept(home.path / "a")


MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=-3, stderr=-3).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps([code, peak, used.ru_utime + used.ru_stime]))
"""


def measured(home: Home, *arguments: object) -> tuple[int, int, float]:
    """Runs `favorites`: its exit code, its peak memory in bytes, its seconds of processor.

    By way of a small process, for a child's peak begins with that of the one that started it.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command("favorites", arguments)],
        cwd=home.path,
        env=home.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    code, peak, seconds = json.loads(done.stdout)
    return code, peak, seconds


@pytest.mark.parametrize("colour", [2, 6], ids=["rgb", "rgba"])
def test_one_hostile_picture_of_eighty_megapixels_takes_less_than_a_gigabyte(
    home: Home, tmp_path: Path, colour: int
) -> None:
    folder = tmp_path / "large"
    made = album(folder, 3)
    made.append(png(10_000, 8_000, colour))
    assert len(made[-1]) < 2 * MEGABYTE
    (folder / "large.png").write_bytes(made[-1])

    code, peak, _ = measured(
        home, "read", "-l", folder, "-o", home.path / "a", "--no-password", *OFF
    )

    assert code == 0
    assert kept(home.path / "a") == digests(made)
    assert peak < 1000 * MEGABYTE


def test_an_animation_of_many_frames_is_kept_in_little_time_and_memory(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "moving"
    made = [animated(150, 1000)]
    folder.mkdir()
    (folder / "moving.gif").write_bytes(made[0])

    code, peak, seconds = measured(
        home, "read", "-l", folder, "-o", home.path / "a", "--no-password", *OFF
    )

    assert code == 0
    assert kept(home.path / "a") == digests(made)
    assert peak < 500 * MEGABYTE
    assert seconds < 30


def test_a_file_of_three_hundred_megabytes_of_nothing_is_a_failure(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "sparse"
    made = album(folder, 2)
    with (folder / "sparse.jpg").open("wb") as file:
        file.truncate(SPARSE)

    code, peak, _ = measured(
        home, "read", "-l", folder, "-o", home.path / "a", "--no-password", *OFF
    )

    assert code == 1
    assert kept(home.path / "a") == digests(made)
    assert peak < SPARSE + 500 * MEGABYTE


def test_a_file_larger_than_any_picture_is_not_read_at_all(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "sparse"
    made = album(folder, 2)
    with (folder / "sparse.jpg").open("wb") as file:
        file.truncate(100 * 1024 * MEGABYTE)

    done = home.run("favorites", "read", "-l", folder, "-o", "a", *OPEN)

    assert done.code == 1, done.err
    assert "sparse/sparse.jpg: too large: 107374182400 bytes, at most" in done.out
    assert kept(home.path / "a") == digests(made)


def test_memory_that_runs_out_fails_the_picture_and_not_the_read(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "large"
    made = album(folder, 3)
    (folder / "large.png").write_bytes(png(9_400, 9_400, colour=6))
    words = command(
        "favorites", ("read", "-l", folder, "-o", "a", *OPEN, "--workers", "1", "--json")
    )
    limit = 'ulimit -v "$0"; exec "$@"'

    done = subprocess.run(
        ["sh", "-c", limit, "600000", *words],
        cwd=home.path,
        env=home.environment(OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    reason = json.loads(done.stdout)["failures"][0][2]
    assert reason == "the picture takes more memory than there is"
    assert kept(home.path / "a") == digests(made)
