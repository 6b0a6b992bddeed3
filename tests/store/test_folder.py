"""fapfav/store/folder.py: only regular files, only below the root, whole or not at all."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, DamagedFile, NoArchive
from fapfav.store.folder import Folder, write_all

SUBS = ["", "blobs", "thumbs", "trash/blobs", "trash/thumbs", "quarantine"]
Plant = Callable[[Path, Path], None]


def a_socket(path: Path, _: Path) -> None:
    # Bound by a relative name: an absolute one may be longer than a socket's address can be.
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


PLANTS: dict[str, Plant] = {
    "link": lambda path, outside: path.symlink_to(outside),
    "dangling link": lambda path, outside: path.symlink_to(outside / "nowhere"),
    "pipe": lambda path, _: os.mkfifo(path),
    "folder": lambda path, _: path.mkdir(),
    "socket": a_socket,
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "archive")
    made.create()
    return made


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "private"
    path.write_bytes(b"none of the archive's business")
    return path


def temporaries(folder: Folder) -> list[Path]:
    return [path for path in folder.path.rglob("*") if ".new-" in path.name]


def test_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "deep" / "down" / "archive")
    folder.create()
    folder.create()

    folder.check()
    for sub in [*SUBS, "trash"]:
        assert stat.S_IMODE((folder.path / sub).stat().st_mode) == 0o700


def test_a_path_is_absolute_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Folder(Path("archive"))
    folder.create()
    monkeypatch.chdir("/")

    folder.check()
    assert folder.path == tmp_path / "archive"


def test_the_root_may_be_a_link_since_its_user_said_so(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder.path)
    linked = Folder(tmp_path / "link")
    linked.check()
    linked.write_new("", "file", [b"bytes"])

    assert folder.read("", "file", 9) == b"bytes"


@pytest.mark.parametrize("plant", ["link", "pipe", "dangling link", "socket"])
@pytest.mark.parametrize("sub", ["blobs", "thumbs", "trash", "trash/thumbs", "quarantine"])
def test_what_stands_in_a_folders_place_is_refused(
    folder: Folder, outside: Path, sub: str, plant: str
) -> None:
    away = folder.path.parent / "away"
    (folder.path / sub).rename(away)
    PLANTS[plant](folder.path / sub, away)

    for touch in (folder.create, folder.check):
        with pytest.raises(ArchiveError, match="move it away"):
            touch()
    if sub != "trash":
        with pytest.raises(ArchiveError, match="move it away"):
            folder.write_new(sub, "name", [b"bytes"])
        assert not any(away.iterdir())


@pytest.mark.parametrize("sub", ["blobs", "thumbs", "trash", "trash/thumbs", "quarantine"])
def test_a_missing_folder_is_named(folder: Folder, sub: str) -> None:
    for below in sorted((folder.path / sub).rglob("*")):
        below.rmdir()
    (folder.path / sub).rmdir()

    with pytest.raises(ArchiveError, match=f"no folder '{sub}'; put it back"):
        folder.check()
    with pytest.raises(ArchiveError, match="missing; put it back"):
        folder.stat(sub, "name")
    folder.create()
    folder.check()


def test_where_there_is_nothing_there_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()

    for name in ("missing", "file", "empty"):
        with pytest.raises(NoArchive, match="read makes one"):
            Folder(tmp_path / name).check()
    with pytest.raises(ArchiveError, match="no folder"):
        Folder(tmp_path / "file").create()
    with pytest.raises(ArchiveError, match="making the archive's folders"):
        Folder(tmp_path / "file" / "below").create()
    with pytest.raises(NoArchive):
        Folder(tmp_path / "missing").open_read("", "name")


@pytest.mark.parametrize("sub", SUBS)
def test_reading_undoes_writing_in_every_folder(folder: Folder, sub: str) -> None:
    folder.write_new(sub, "name", [b"one ", memoryview(b"two"), bytearray(b""), b"."])
    folder.write_new(sub, "name", [b"other"])

    assert folder.read(sub, "name", 5) == b"other"
    assert "name" in list(folder.names(sub))
    found = folder.stat(sub, "name")
    assert found is not None
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert temporaries(folder) == []


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("sub", SUBS)
def test_only_regular_files_are_opened(folder: Folder, outside: Path, sub: str, plant: str) -> None:
    PLANTS[plant](folder.path / sub / "name", outside)

    for touch in (folder.open_read, folder.open_write):
        with pytest.raises(DamagedFile, match="where a file belongs"):
            touch(sub, "name")
    with pytest.raises(DamagedFile, match="where a file belongs"):
        folder.read(sub, "name", 99)
    assert outside.read_bytes() == b"none of the archive's business"


def test_a_link_put_in_place_of_a_file_while_it_is_opened_is_not_followed(
    folder: Folder, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.path / "blobs" / "name"
    path.write_bytes(b"bytes")
    look = os.stat

    def look_then_swap(name: str, **options: object) -> os.stat_result:
        found = look(name, **options)  # type: ignore[arg-type]
        path.unlink()
        path.symlink_to(outside)
        return found

    monkeypatch.setattr(os, "stat", look_then_swap)

    with pytest.raises(DamagedFile, match="replaced"):
        folder.open_read("blobs", "name")


def test_a_file_with_a_second_name_is_read_and_never_written(folder: Folder, outside: Path) -> None:
    (folder.path / "name").hardlink_to(outside)

    assert folder.read("", "name", 99) == outside.read_bytes()
    with pytest.raises(DamagedFile, match="hard link"):
        folder.open_write("", "name")


def test_a_file_opened_for_writing_is_changed_in_place(folder: Folder) -> None:
    folder.write_new("", "name", [b"0123456789"])
    fd = folder.open_write("", "name")
    write_all(fd, b"ab", 4)
    os.close(fd)

    assert folder.read("", "name", 10) == b"0123ab6789"


@pytest.mark.parametrize("plant", ["link", "dangling link", "pipe", "socket"])
def test_writing_replaces_what_is_planted_and_not_what_it_leads_to(
    folder: Folder, outside: Path, plant: str
) -> None:
    PLANTS[plant](folder.path / "blobs" / "name", outside)
    folder.write_new("blobs", "name", [b"bytes"])

    assert folder.read("blobs", "name", 5) == b"bytes"
    assert outside.read_bytes() == b"none of the archive's business"


def test_a_folder_in_a_files_place_stays(folder: Folder) -> None:
    (folder.path / "blobs" / "name").mkdir()

    with pytest.raises(ArchiveError, match="renaming name"):
        folder.write_new("blobs", "name", [b"bytes"])
    assert temporaries(folder) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "/etc/passwd", "a\0b"])
def test_no_name_leads_out_of_its_folder(folder: Folder, name: str) -> None:
    touches: list[Callable[[], object]] = [
        lambda: folder.open_read("", name),
        lambda: folder.open_write("", name),
        lambda: folder.stat("", name),
        lambda: folder.write_new("", name, [b""]),
        lambda: folder.rename("", name, "blobs"),
        lambda: folder.unlink("", name),
        lambda: folder.stat("..", "private"),
        lambda: folder.stat("blobs/../..", "private"),
    ]
    for touch in touches:
        with pytest.raises(ArchiveError, match="no name"):
            touch()


def test_a_missing_file_passes_as_such(folder: Folder) -> None:
    touches: list[Callable[[], object]] = [
        lambda: folder.open_read("blobs", "name"),
        lambda: folder.open_write("blobs", "name"),
        lambda: folder.read("blobs", "name", 1),
        lambda: folder.rename("blobs", "name", "trash/blobs"),
        lambda: folder.unlink("blobs", "name"),
    ]
    for touch in touches:
        with pytest.raises(FileNotFoundError):
            touch()
    assert folder.stat("blobs", "name") is None


def test_a_file_larger_than_its_limit_is_not_read(folder: Folder) -> None:
    with (folder.path / "name").open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(DamagedFile, match="at most 9 belong"):
        folder.read("", "name", 9)


def test_files_move_between_folders(folder: Folder) -> None:
    folder.write_new("blobs", "name", [b"bytes"])
    folder.rename("blobs", "name", "trash/blobs")
    folder.sync("blobs", "trash/blobs")

    assert list(folder.names("blobs")) == []
    assert folder.read("trash/blobs", "name", 5) == b"bytes"
    folder.unlink("trash/blobs", "name")
    assert list(folder.names("trash/blobs")) == []


def test_a_staged_file_has_no_name_until_it_is_published(folder: Folder) -> None:
    staged = folder.stage("blobs", "name", [b"by", b"tes"])

    assert list(folder.names("blobs")) == []
    assert [path.read_bytes() for path in temporaries(folder)] == [b"bytes"]
    assert staged.temporary.startswith("name.new-")
    staged.publish()
    assert list(folder.names("blobs")) == ["name"]
    assert temporaries(folder) == []


def test_a_discarded_file_is_gone_and_cannot_be_published(folder: Folder) -> None:
    staged = folder.stage("blobs", "name", [b"bytes"])
    staged.discard()
    staged.discard()

    assert temporaries(folder) == []
    with pytest.raises(ArchiveError, match="temporary file is gone"):
        staged.publish()


def test_temporaries_an_hour_old_are_removed_and_nothing_else(folder: Folder) -> None:
    old = 3700
    kept = []
    for sub in SUBS:
        stale, fresh = (folder.stage(sub, name, [b"half"]) for name in ("stale", "fresh"))
        looks = folder.path / sub / "name.new-not16hexdigits"
        looks.write_bytes(b"")
        made = (folder.path / sub / fresh.temporary).stat().st_mtime
        for path in (folder.path / sub / stale.temporary, looks):
            os.utime(path, (made - old, made - old))
        kept += [folder.path / sub / fresh.temporary, looks]
    (folder.path / "blobs" / f"link.new-{'0' * 16}").symlink_to("/")

    assert folder.clean_temporaries() == len(SUBS)
    assert all(path.exists() for path in kept)
    assert len(temporaries(folder)) == len(kept) + 1


def test_the_file_systems_clock_decides_what_is_old(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.stage("blobs", "name", [b"half"])
    monkeypatch.setattr("time.time", lambda: 2.0**33)

    assert folder.clean_temporaries() == 0
    assert len(temporaries(folder)) == 1


def test_names_leave_temporaries_out_and_are_sorted(folder: Folder) -> None:
    folder.stage("blobs", "c", [b""])
    for name in ("b", "a"):
        folder.write_new("blobs", name, [b""], sync=False)

    assert list(folder.names("blobs")) == ["a", "b"]


def test_threads_write_at_once(folder: Folder) -> None:
    def write(number: int) -> None:
        for at in range(10):
            folder.write_new("blobs", f"own-{number}-{at}", [bytes([number])])
            folder.write_new("blobs", "shared", [bytes([number]) * 1000])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(folder.names("blobs"))) == 41
    assert len(set(folder.read("blobs", "shared", 1000))) == 1
    assert temporaries(folder) == []


def open_below(folder: Path) -> list[str]:
    """The files of a folder that this process has open, and the folder itself."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # that of the listing itself is closed by now
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return [path for path in found if path.startswith(str(folder))]


def test_no_descriptor_is_left_open(folder: Folder, outside: Path) -> None:
    (folder.path / "blobs" / "link").symlink_to(outside)
    folder.write_new("blobs", "name", [b"bytes"])
    for name in ("link", "missing", ".."):
        with pytest.raises((ArchiveError, FileNotFoundError)):
            folder.read("blobs", name, 9)
    with pytest.raises(ArchiveError):
        folder.read("trash/nowhere", "name", 9)
    folder.sync(*SUBS)

    # Of these files only: other tests' may be closed at any time.
    assert open_below(folder.path) == []
