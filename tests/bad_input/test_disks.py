"""Disks that are full, read-only, somebody else's or in use; folders that cannot be written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.errors import ArchiveInUse
from fapfav.jobs.library import Archive
from fapfav.store import opening
from tests.bad_input.trouble import (
    OFF,
    OPEN,
    binding,
    digests,
    handicapped,
    kept,
    opened,
    refused,
)
from tests.cli.running import LIMIT, ROOT, Home, Ran
from tests.support import album, encoded, landscape, new_archive, read_folder

SMALL_DISK = 'mount -t tmpfs -o size=1m none "$0" && cp -r "$1" "$0/archive" && shift && exec "$@"'


def full_disk(folder: Path, pictures: Path, archive: Path) -> list[Ran]:
    """Runs `full` on a disk of one megabyte; where none can be mounted, under a limit."""
    script = [sys.executable, "-m", "tests.bad_input.full", str(folder), str(pictures)]
    mounted = ["unshare", "-rm", "sh", "-c", SMALL_DISK, str(folder), str(archive)]
    if shutil.which("unshare"):
        done = _run([*mounted, *script, "disk"])
        if done.returncode == 0:
            return _steps(done)
    shutil.copytree(archive, folder / "archive")
    return limited_disk(folder, pictures)


def limited_disk(folder: Path, pictures: Path) -> list[Ran]:
    """Runs `full` under a limit of bytes a file."""
    script = [sys.executable, "-m", "tests.bad_input.full", str(folder), str(pictures), "limit"]
    return _steps(_run(script))


def _run(words: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, cwd=ROOT, capture_output=True, timeout=8 * LIMIT, check=False)


def _steps(done: subprocess.CompletedProcess[bytes]) -> list[Ran]:
    assert done.returncode == 0, done.stderr.decode()
    return [Ran(*step) for step in json.loads(done.stdout)]


@pytest.mark.parametrize("how", ["disk", "limit"])
def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path, how: str) -> None:
    (tmp_path / "home").mkdir()
    pictures, disk = tmp_path / "pictures", tmp_path / "disk"
    disk.mkdir()
    made = album(pictures / "small", 3)
    (pictures / "large").mkdir()
    noise = [encoded(landscape(40 + n, 200, 200)) + bytes(90_000) for n in range(3)]
    for number, raw in enumerate(noise):
        (pictures / "large" / f"{number}.png").write_bytes(raw)
    new_archive(tmp_path / "empty", sealed=False).close()

    if how == "disk":
        steps = full_disk(disk, pictures, tmp_path / "empty")
    else:
        shutil.copytree(tmp_path / "empty", disk / "archive")
        steps = limited_disk(disk, pictures)

    first, tag, read, stats, again, tagged, everything = steps
    assert first.code == 0, first.err
    refused(tag, 3, "imagefap.database", "the disk is full; free some space, then run it again")
    refused(read, 3, "the disk is full; free some space, then run it again")
    assert stats.code == 0, stats.err
    assert stats.object["unique_images"] >= 3
    assert again.code == tagged.code == 0, again.err + tagged.err
    held = {bytes.fromhex(digest) for digest in everything.object["blobs"]}
    assert held == digests([*made, *noise])


def test_an_archive_is_not_begun_on_a_full_disk(home: Home, tmp_path: Path) -> None:
    album(tmp_path / "pictures", 1)
    archive = tmp_path / "archive"

    done = handicapped(
        home, "limit=0", "favorites", "read", "-l", tmp_path / "pictures", "-o", archive, *OPEN
    )
    again = home.run("favorites", "read", "-l", tmp_path / "pictures", "-o", archive, *OPEN)

    refused(done, 3, "writing imagefap.database: the disk is full; free some space")
    assert again.code == 0, again.err
    assert len(kept(archive)) == 1


@pytest.mark.parametrize(
    "verb",
    [
        ("favorites", "read", "-l", "-pictures-", *OFF),
        ("process", "tag", "add", "Hills"),
        ("process", "remove", "album", "pictures"),
        ("process", "export", "--all"),
        ("process", "undo"),
        ("process", "compact"),
        ("process", "trash", "empty"),
    ],
    ids=lambda verb: verb[1],
)
def test_an_archive_that_is_not_ours_to_write_says_so(
    home: Home, tmp_path: Path, filled: Path, verb: tuple[str, ...]
) -> None:
    album(tmp_path / "pictures", 1, start=70)
    archive = Path(shutil.copytree(filled / "plain", tmp_path / "archive"))
    binding(tmp_path / "pictures", write=True)
    binding(archive)
    script, *words = verb

    done = handicapped(
        home,
        "bound",
        script,
        *(tmp_path / "pictures" if word == "-pictures-" else word for word in words),
        "-d",
        archive,
    )

    refused(done, 3, "Permission denied", "make it writable, then run it again")
    assert len(kept(archive)) == 6


def test_an_archive_that_is_not_ours_to_write_can_be_read(
    home: Home, tmp_path: Path, filled: Path
) -> None:
    archive = Path(shutil.copytree(filled / "plain", tmp_path / "archive"))
    binding(archive)

    for verb in (("stats",), ("print", "--json"), ("log",), ("duplicates", "list")):
        done = handicapped(home, "bound", "process", *verb, "-d", archive)
        assert done.code == 0, done.err


def test_an_archive_that_is_not_ours_to_read_says_so(
    home: Home, tmp_path: Path, filled: Path
) -> None:
    archive = Path(shutil.copytree(filled / "plain", tmp_path / "archive"))
    archive.chmod(0)

    done = handicapped(home, "bound", "process", "stats", "-d", archive)

    refused(done, 3, archive, "Permission denied")
    archive.chmod(0o700)
    assert len(kept(archive)) == 6


def test_an_archive_cannot_be_made_where_nothing_may_be_written(home: Home, tmp_path: Path) -> None:
    album(tmp_path / "pictures", 1)
    binding(tmp_path / "pictures")
    (tmp_path / "shut").mkdir(mode=0o555)

    done = handicapped(
        home,
        "bound",
        *("favorites", "read", "-l", tmp_path / "pictures", "-o", tmp_path / "shut/new", *OPEN),
    )

    refused(done, 3, tmp_path / "shut/new", "make it writable")


@contextmanager
def held(archive: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the archive's lock."""
    words = [sys.executable, "-m", "tests.bad_input.holder", str(archive)]
    with subprocess.Popen(
        words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.communicate("let go\n")


def test_an_archive_in_use_says_by_whom_for_what_and_since_when(plain: Path) -> None:
    before = time.time()
    with held(plain) as holder:
        archive = opening.open_archive(plain, lock_seconds=0.1, kind=Archive)
        with pytest.raises(ArchiveInUse) as caught, archive.write("tag add") as tx:
            tx.next_tag()
        after = time.time()
        assert len(kept(plain)) == 6  # who only reads waits for nobody

    said = re.fullmatch(
        rf"the archive in {plain} is in use by process (\d+) \(tag apply\) since "
        r"([\d:]{8}); try again when it has ended",
        str(caught.value),
    )
    assert said is not None, str(caught.value)
    assert int(said[1]) == holder.pid
    moments = range(int(before), int(after) + 1)
    assert said[2] in {time.strftime("%H:%M:%S", time.localtime(moment)) for moment in moments}
    with archive.write("tag add") as tx:
        tx.next_tag()


def test_an_archive_in_use_can_be_looked_at(home: Home, plain: Path) -> None:
    with held(plain):
        done = home.run("process", "stats", "--json", "-d", plain)

    assert (done.code, done.object["unique_images"]) == (0, 6)


def test_memory_of_this_computer_that_cannot_be_kept_stops_nothing(
    home: Home, plain: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    made = album(tmp_path / "more", 2, start=20)
    where = str(tmp_path / "file")

    done = home.run(
        *("favorites", "read", "-l", tmp_path / "more", "-o", plain, "--json"),
        XDG_STATE_HOME=where,
        XDG_CACHE_HOME=where,
    )

    assert done.code == 0, done.err
    assert done.object["warnings"] == []
    assert done.object["saved"] == 2
    assert digests(made) < kept(plain)
    with opened(plain) as archive:
        assert archive.vector_space


@pytest.mark.parametrize("script", ["process", "favorites"])
def test_a_user_without_a_home_is_served(plain: Path, tmp_path: Path, script: str) -> None:
    verb = ("stats",) if script == "process" else ("read", "-l", str(tmp_path), *OFF)
    done = subprocess.run(
        [sys.executable, str(ROOT / f"{script}.py"), *verb, "-d", str(plain)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_reading_again_after_a_refusal_is_no_loss(home: Home, tmp_path: Path) -> None:
    made = album(tmp_path / "pictures", 4)
    with new_archive(tmp_path / "archive", sealed=False) as archive:
        read_folder(archive, tmp_path / "pictures")
    more = album(tmp_path / "pictures", 3, start=30)
    binding(tmp_path / "archive")
    binding(tmp_path / "pictures")
    given = ("favorites", "read", "-l", tmp_path / "pictures", *OFF, "-o", tmp_path / "archive")

    refused(handicapped(home, "bound", *given), 3, "Permission denied")
    binding(tmp_path / "archive", write=True)
    assert home.run(*given).code == 0
    assert kept(tmp_path / "archive") == digests([*made, *more])
