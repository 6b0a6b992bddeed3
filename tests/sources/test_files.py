import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fapfav.errors import BadPicture
from fapfav.sources.files import HEAD, looks_like_picture, read_head, read_whole, shown_name
from tests.sources.pictures import picture, put

NAMES = st.binary(min_size=1, max_size=60).map(
    lambda raw: raw.replace(b"/", b"").replace(b"\0", b"")
)


@given(NAMES)
@settings(deadline=None)
def test_a_shown_name_is_text_in_one_line_of_one_part(raw: bytes) -> None:
    shown = shown_name(raw)

    shown.encode()
    assert shown.strip()
    assert "/" not in shown
    assert "\\" not in shown
    assert shown not in {".", ".."}
    assert all(c.isprintable() or c > "\xa0" for c in shown)
    assert len(shown.splitlines()) == 1


@given(NAMES)
@settings(deadline=None)
def test_a_shown_name_shows_as_itself(raw: bytes) -> None:
    shown = shown_name(raw)

    assert shown_name(shown.encode()) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Zoë.jpg".encode(), "Zoë.jpg"),
        ("Zoe\u0308.jpg".encode(), "Zoe\u0308.jpg"),
        ("a／b.jpg".encode(), "ab.jpg"),
        ("\x9b31mred.jpg".encode(), "31mred.jpg"),
        (b"caf\xe9.jpg", "caf\ufffd.jpg"),
        (b"what?.jpg", "what.jpg"),
        (b"\x1f", "__"),
        (b"CON", "__CON"),
    ],
)
def test_names_are_kept_where_they_can_be(raw: bytes, shown: str) -> None:
    assert shown_name(raw) == shown


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_pictures_look_like_pictures(kind: str) -> None:
    assert looks_like_picture(picture(3, kind)[:HEAD])


def test_big_endian_tiffs_look_like_pictures(tmp_path: Path) -> None:
    Image.new("I;16B", (8, 8)).save(tmp_path / "a.tif")

    assert looks_like_picture(b"MM\0*" + b"\0" * 12)
    assert looks_like_picture(read_head(os.fsencode(tmp_path / "a.tif")))


@pytest.mark.parametrize(
    "head",
    [b"", b"BM", b"BMW drives well.", b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0 ftypisom\0\0", b"%PDF"],
)
def test_other_files_do_not_look_like_pictures(head: bytes) -> None:
    assert not looks_like_picture(head)


def test_a_head_is_only_read_of_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    put(tmp_path / "file", b"0123456789abcdefghij")

    assert read_head(os.fsencode(tmp_path / "fifo")) == b""
    assert read_head(os.fsencode(tmp_path / "file")) == b"0123456789abcdef"


class Meddling:
    """Reads as the system does, and changes the file on the disk behind its first `times` reads."""

    def __init__(self, path: Path, times: int, how: str) -> None:
        self.path, self.left, self.how = path, times, how

    def __call__(self, handle: int, count: int) -> bytes:
        part = os.read(handle, min(count, 1000))
        if self.left and part:
            self.left -= 1
            before = self.path.read_bytes()
            changed = {
                "grows": before + b"more",
                "shrinks": before[:-5],
                "is rewritten": b"?" + before[1:],
            }[self.how]
            self.path.write_bytes(changed)
            os.utime(self.path, ns=(0, self.left))  # two writes may share a tick of the clock
        return part


@pytest.mark.parametrize("how", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_once_is_read_again(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.jpg"
    put(path, b"x" * 5000)

    contents = read_whole(os.fsencode(path), 10_000, Meddling(path, 1, how))

    assert contents.data == path.read_bytes()
    assert contents.data != b"x" * 5000
    assert contents.stamp == f"{len(contents.data)}:{path.stat().st_mtime_ns}"


@pytest.mark.parametrize("how", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_goes_on_changing_is_a_bad_picture(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.jpg"
    put(path, b"x" * 5000)

    with pytest.raises(BadPicture, match="changed while being read"):
        read_whole(os.fsencode(path), 10_000, Meddling(path, 10, how))


def test_a_file_another_thread_writes_to_is_never_taken_half(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    put(path, b"x" * 100)
    done = threading.Event()

    def write() -> None:
        with open(path, "ab", buffering=0) as file:
            while not done.is_set() and file.tell() < 2_000_000:
                file.write(b"x" * 100)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(50):
            try:
                contents = read_whole(os.fsencode(path), 10_000_000)
            except BadPicture as error:
                assert str(error) == "changed while being read"  # noqa: PT017
            else:
                assert contents.stamp.split(":")[0] == str(len(contents.data))
    finally:
        done.set()
        writer.join()
    assert read_whole(os.fsencode(path), 10_000_000).data == path.read_bytes()


def open_below(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # that of the listing itself is closed by now
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return [path for path in found if path.startswith(str(folder))]


def test_reading_leaves_no_file_open(tmp_path: Path) -> None:
    put(tmp_path / "a.jpg", b"")
    put(tmp_path / "b.jpg")

    for _ in range(3):
        with pytest.raises(BadPicture, match="empty file"):
            read_whole(os.fsencode(tmp_path / "a.jpg"), 100)
        read_whole(os.fsencode(tmp_path / "b.jpg"), 100_000)
        read_head(os.fsencode(tmp_path / "b.jpg"))

    # Of these files only: other tests' may be closed at any time.
    assert open_below(tmp_path) == []
