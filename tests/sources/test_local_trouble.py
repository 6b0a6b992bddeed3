"""Disks that hold anything: what is left out says so, and nothing hangs or crashes."""

import os
import shutil
import socket
import subprocess
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.errors import BadPicture, SourceError, UsageError
from fapfav.model import AlbumKey, ImageRef
from fapfav.sources import local
from fapfav.sources.local import LocalFolder
from tests.sources.pictures import DISK, albums, names, picture, put, refs


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without the powers of root, for whom no file is unreadable."""
    powers = os.geteuid()
    if powers == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(powers)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that others than its owner reach, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "does not exist"),
        ("file.jpg", "is not a folder"),
        ("loop", "cannot be read|does not exist"),
        ("x" * 300, "file name too long"),
        ("nul\0", "cannot be the name"),
    ],
    ids=["missing", "file", "loop", "long", "nul"],
)
def test_a_root_that_cannot_be_read_is_named(tmp_path: Path, name: str, words: str) -> None:
    put(tmp_path / "file.jpg")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(UsageError, match=words) as caught:
        LocalFolder(tmp_path / name)
    assert str(tmp_path) in str(caught.value)


def test_an_unreadable_root_is_named(open_path: Path) -> None:
    (open_path / "shut").mkdir(mode=0o700)
    (open_path / "shut").chmod(0)

    with as_somebody(), pytest.raises(UsageError, match="shut cannot be read: permission denied"):
        LocalFolder(open_path / "shut")


def test_unreadable_directories_are_reported_and_the_rest_is_read(open_path: Path) -> None:
    put(open_path / "pics" / "open" / "a.jpg")
    put(open_path / "pics" / "shut" / "b.jpg")
    (open_path / "pics" / "shut").chmod(0)

    with as_somebody():
        folder = LocalFolder(open_path / "pics")
        found = albums(folder)

    assert list(found) == ["pics/open"]
    assert dict(folder.problems) == {"pics/shut": "cannot be read: permission denied"}


def test_an_unreadable_file_is_a_bad_picture_with_its_reason(open_path: Path) -> None:
    put(open_path / "pics" / "a.jpg")
    put(open_path / "pics" / "unsaid")
    (open_path / "pics" / "a.jpg").chmod(0)
    (open_path / "pics" / "unsaid").chmod(0)

    with as_somebody():
        folder = LocalFolder(open_path / "pics")
        (ref,) = refs(folder, "pics")
        with pytest.raises(BadPicture, match="cannot be read: permission denied"):
            folder.fetch(ref)

    assert dict(folder.problems) == {"pics/unsaid": "cannot be read: permission denied"}


def test_links_to_directories_are_never_followed(tmp_path: Path) -> None:
    put(tmp_path / "outside" / "x.jpg")
    root = tmp_path / "pics"
    put(root / "sub" / "a.jpg")
    (root / "sub" / "up").symlink_to(root)
    (root / "self").symlink_to(".")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "folder.jpg").symlink_to(tmp_path / "outside")

    folder = LocalFolder(root)

    assert list(albums(folder)) == ["pics/sub"]
    assert folder.problems == ()


def test_a_link_to_a_file_is_a_picture_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(tmp_path / "outside.jpg", picture(1))
    put(root / "a.jpg", picture(2))
    (root / "b.jpg").symlink_to("a.jpg")
    (root / "c.jpg").symlink_to(tmp_path / "outside.jpg")
    folder = LocalFolder(root)

    found = [folder.fetch(ref) for ref in refs(folder, "pics")]

    assert [each.name for each in found] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [each.data for each in found] == [picture(2), picture(2), picture(1)]
    assert len({each.place.image for each in found}) == 3


def test_links_that_lead_nowhere_are_reported(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(root / "a.jpg")
    (root / "gone.jpg").symlink_to("nothing.jpg")
    (root / "loop.jpg").symlink_to("loop.jpg")

    folder = LocalFolder(root)

    assert names(folder, "pics") == ["a.jpg"]
    assert {where for where, _ in folder.problems} == {"pics/gone.jpg", "pics/loop.jpg"}


def test_fifos_sockets_and_devices_are_never_opened(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(root / "a.jpg")
    os.mkfifo(root / "fifo.jpg")
    os.mkfifo(root / "fifo")
    (root / "null.jpg").symlink_to("/dev/null")
    (root / "tty").symlink_to("/dev/tty")
    here = os.getcwd()
    os.chdir(root)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jpg")
        os.chdir(here)
        folder = LocalFolder(root)

        assert names(folder, "pics") == ["a.jpg"]
    assert folder.problems == ()


@pytest.mark.parametrize("kind", ["fifo", "directory"])
def test_what_takes_a_listed_files_place_does_not_hang(tmp_path: Path, kind: str) -> None:
    put(tmp_path / "pics" / "a.jpg")
    folder = LocalFolder(tmp_path / "pics")
    (ref,) = refs(folder, "pics")
    (tmp_path / "pics" / "a.jpg").unlink()
    if kind == "fifo":
        os.mkfifo(tmp_path / "pics" / "a.jpg")
    else:
        (tmp_path / "pics" / "a.jpg").mkdir()

    with pytest.raises(BadPicture, match="not a regular file"):
        folder.fetch(ref)


def test_a_file_that_goes_while_its_album_is_listed_is_a_bad_picture(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        put(tmp_path / "pics" / name)
    folder = LocalFolder(tmp_path / "pics")
    (album,) = folder.albums(DISK)
    listing = folder.images(AlbumKey(*DISK, album.album), "")
    next(listing)
    (tmp_path / "pics" / "b.jpg").unlink()
    ref = next(listing)
    assert isinstance(ref, ImageRef)

    assert ref.stamp == ""
    with pytest.raises(BadPicture, match="no such file"):
        folder.fetch(ref)


@pytest.mark.parametrize("instead", [None, "empty folder"])
def test_a_disk_that_was_pulled_out_stops_everything(tmp_path: Path, instead: str | None) -> None:
    put(tmp_path / "pics" / "a.jpg")
    folder = LocalFolder(tmp_path / "pics")
    (ref,) = refs(folder, "pics")
    (tmp_path / "pics").rename(tmp_path / "elsewhere")
    if instead:
        (tmp_path / "pics").mkdir()

    with pytest.raises(SourceError, match="pics is no longer there"):
        folder.fetch(ref)


def dig(top: Path, levels: int) -> None:
    """Puts an empty picture that many directories below `top`, deeper than a path can say."""
    handle = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=handle)
        below = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(os.open("deep.jpg", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
    os.close(handle)


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder for `dig`, taken away by something that does not recurse."""
    put(tmp_path / "pics" / "a.jpg")
    yield tmp_path / "pics"
    subprocess.run(["rm", "-rf", tmp_path / "pics"], check=True)


def test_trees_deeper_than_paths_may_be_long_are_reported(deep: Path) -> None:
    dig(deep, 2500)
    folder = LocalFolder(deep)

    assert list(albums(folder)) == ["pics"]
    assert [reason for _, reason in folder.problems] == ["cannot be read: file name too long"]


def test_trees_deeper_than_a_recursion_are_read(deep: Path) -> None:
    dig(deep, 1200)
    folder = LocalFolder(deep)

    assert list(albums(folder)) == ["pics", "pics" + "/d" * 1200]
    assert folder.problems == ()


def test_a_million_other_files_take_no_memory(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(root / "a.jpg")
    for i in range(8000):
        os.link(root / "a.jpg", root / f"a rather long name of no picture {i}.txt")
    folder = LocalFolder(root)
    tracemalloc.start()
    found = names(folder, "pics")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == ["a.jpg"]
    assert peak < 100_000  # a list of the names alone would take five times as much


def test_the_archives_own_folder_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(root / "a.jpg")
    put(root / "archive" / "blobs" / "b.jpg")
    put(root / "archives" / "c.jpg")
    (tmp_path / "link").symlink_to(root / "archive")

    for exclude in (root / "archive", tmp_path / "link"):
        assert list(albums(LocalFolder(root, exclude))) == ["pics", "pics/archives"]


def test_an_archive_that_is_not_made_yet_excludes_nothing(tmp_path: Path) -> None:
    put(tmp_path / "pics" / "a.jpg")

    folder = LocalFolder(tmp_path / "pics", tmp_path / "pics" / "archive")

    assert list(albums(folder)) == ["pics"]
    put(tmp_path / "pics" / "archive" / "blobs" / "b.jpg")
    assert list(albums(folder)) == ["pics"]


@pytest.mark.parametrize("below", ["", "tag_export", "tag_export/Sea"])
def test_a_folder_within_the_archive_is_refused(tmp_path: Path, below: str) -> None:
    put(tmp_path / "archive" / "tag_export" / "Sea" / "a.jpg")

    with pytest.raises(UsageError, match="lies within the archive itself"):
        LocalFolder(tmp_path / "archive" / below, tmp_path / "archive")


def test_names_below_the_floor_are_not_read(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    put(root / "a.jpg")
    put(root / "young" / "b.jpg")
    put(root / "my_loli_folder" / "sub" / "c.jpg")
    put(root / "young forest" / "d.jpg")
    folder = LocalFolder(root)

    assert list(albums(folder)) == ["pics", "pics/young forest"]
    assert set(dict(folder.problems)) == {"pics/young", "pics/my_loli_folder"}
    with pytest.raises(UsageError, match="never keeps"):
        LocalFolder(root / "young")


def test_problems_come_once_and_only_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "PROBLEMS", 3)
    put(tmp_path / "pics" / "a.jpg")
    for i in range(5):
        (tmp_path / "pics" / f"gone{i}.jpg").symlink_to("nothing")
    folder = LocalFolder(tmp_path / "pics")

    names(folder, "pics")
    names(folder, "pics")

    assert len(folder.problems) == 4
    assert folder.problems[-1].reason == "has further problems: only 3 are listed"
