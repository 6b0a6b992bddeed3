"""fapfav/jobs/verify.py and filecheck.py: what is wrong is said, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.errors import DamagedArchive
from fapfav.jobs.filecheck import DAMAGED, MISPLACED, MISSING
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.verify import VerifyReport, verify
from fapfav.model import Progress
from fapfav.store.blobs import Kind
from fapfav.store.inspect import Severity
from fapfav.store.opening import remember
from fapfav.store.seen import Seen
from tests.cli.running import LIMIT
from tests.jobs.broken import COUNT, Broken, flip
from tests.store.archives import ROOT
from tests.support import album, planted, read_folder


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Broken:
    return Broken(tmp_path, request.param)


def problems(report: VerifyReport) -> list[tuple[bytes, Kind, str]]:
    return [(p.wanted.digest, p.wanted.kind, p.problem) for p in report.problems]


@pytest.mark.parametrize("fast", [False, True])
def test_a_whole_archive_is_whole_and_nothing_is_written(broken: Broken, fast: bool) -> None:
    before = broken.everything()

    report = verify(broken.unlocked, fast=fast)

    assert report.found == []
    assert report.is_whole
    assert (report.pictures, report.files) == (COUNT, 2 * COUNT)
    assert report.fast is fast
    assert report.to_json()["whole"] is True
    assert broken.everything() == before


def test_an_opened_archive_is_verified_as_well(broken: Broken) -> None:
    with broken.opened() as archive:
        assert verify(archive).is_whole


def test_missing_and_damaged_files_are_named(broken: Broken) -> None:
    broken.blob(0).unlink()
    flip(broken.blob(1), 40)
    broken.blob(2).write_bytes(broken.blob(2).read_bytes()[:-1])
    broken.thumb(3).unlink()

    report = verify(broken.unlocked)

    assert problems(report) == [
        (broken.digests[0], Kind.BLOB, MISSING),
        (broken.digests[1], Kind.BLOB, DAMAGED),
        (broken.digests[2], Kind.BLOB, DAMAGED),
        (broken.digests[3], Kind.THUMB, MISSING),
    ]
    assert broken.digests[1].hex() in report.found[1]
    # Without reading them one of them looks whole.
    assert len(verify(broken.unlocked, fast=True).problems) == 3


def test_two_files_that_were_swapped_are_both_named(broken: Broken) -> None:
    one, other = broken.blob(0), broken.blob(1)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    assert problems(verify(broken.unlocked)) == [
        (digest, Kind.BLOB, DAMAGED) for digest in broken.digests[:2]
    ]


@pytest.mark.parametrize("what", [b"no picture", b"\xff\xd8\xff\xe0 the beginning of one"])
def test_a_plain_thumbnail_is_decoded(tmp_path: Path, what: bytes) -> None:
    broken = Broken(tmp_path, sealed=False)
    size = broken.thumb(0).stat().st_size
    broken.thumb(0).write_bytes(what.ljust(size, b"\0"))

    assert problems(verify(broken.unlocked)) == [(broken.digests[0], Kind.THUMB, DAMAGED)]
    assert verify(broken.unlocked, fast=True).is_whole


def test_files_in_the_trash_are_looked_at_and_those_elsewhere_told_apart(broken: Broken) -> None:
    for path in (broken.path / "trash" / "blobs").iterdir():
        flip(path)
    os.rename(broken.blob(0), broken.path / "trash" / "blobs" / broken.blob(0).name)

    found = problems(verify(broken.unlocked))

    assert (broken.trashed[0], Kind.BLOB, DAMAGED) in found
    assert (broken.digests[0], Kind.BLOB, MISPLACED) in found
    assert len(found) == 2


def test_files_that_nobody_names_and_what_is_no_file(broken: Broken) -> None:
    planted(broken.path / "blobs" / "nobody")
    planted(broken.path / "trash" / "thumbs" / "nobody.jpg", b"yy")
    (broken.path / "thumbs" / "link").symlink_to("/etc/passwd")
    (broken.path / "quarantine" / "kept").write_bytes(b"z")
    temporary = f"a.new-{'0' * 16}"
    (broken.path / "blobs" / temporary).write_bytes(b"z")

    report = verify(broken.unlocked)

    assert {(str(stray), stray.size) for stray in report.strays} == {
        ("blobs/nobody", 1),
        ("trash/thumbs/nobody.jpg", 2),
    }
    assert report.odd == ("thumbs/link",)
    assert (report.quarantine, report.temporary) == (("kept",), (f"blobs/{temporary}",))
    assert len(report.found) == 3


def test_a_pipe_in_the_place_of_a_picture_does_not_hang(broken: Broken) -> None:
    name = broken.blob(0)
    name.unlink()
    os.mkfifo(name)

    report = verify(broken.unlocked)

    assert problems(report) == [(broken.digests[0], Kind.BLOB, DAMAGED)]
    assert "a pipe" in report.found[0]


def test_of_a_damaged_database_the_files_are_looked_at_all_the_same(broken: Broken) -> None:
    with broken.opened() as archive:
        size = archive.database_size
        remove_picture(archive, broken.digests[0].hex())
        remove_picture(archive, broken.digests[1].hex())
    flip(broken.path / "imagefap.database", size + 100)
    broken.blob(2).unlink()
    with pytest.raises(DamagedArchive):
        broken.opened()

    report = verify(broken.unlocked)

    assert report.is_damaged
    assert [finding.severity for finding in report.database] == [Severity.DAMAGE]
    assert (broken.digests[2], Kind.BLOB, MISSING) in problems(report)
    # The first removal is lost and its files are in the trash; the second stands.
    assert (broken.digests[0], Kind.BLOB, MISPLACED) in problems(report)
    assert not {kind for digest, kind, _ in problems(report) if digest == broken.digests[1]}


def test_an_end_that_is_lost_is_remembered(broken: Broken, tmp_path: Path) -> None:
    seen = Seen(tmp_path / "state")
    with broken.opened() as archive:
        size = archive.database_size
        remove_picture(archive, broken.digests[0].hex())
        remember(archive, seen)
    os.truncate(broken.path / "imagefap.database", size)

    assert "was last seen here with change" in verify(broken.unlocked, seen=seen).found[0]


def test_it_tells_what_it_does_and_stops_when_asked(broken: Broken) -> None:
    told: list[Progress] = []

    assert verify(broken.unlocked, tell=told.append).is_whole
    assert (told[-1].doing, told[-1].done, told[-1].total) == ("checking files", COUNT, COUNT)

    report = verify(broken.unlocked, stop=lambda: True)
    assert report.stopped
    assert report.files == 0


WRITER = """
import select
import sys
from pathlib import Path
from fapfav.jobs.library import open_archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.trash import trash_restore
from tests.support import PASSWORD, read_folder
archive = open_archive(Path(sys.argv[1]), PASSWORD)
digest = sorted(archive.blobs)[0].hex()
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    remove_picture(archive, digest)
    trash_restore(archive, [digest])
read_folder(archive, Path(sys.argv[2]))
"""


def test_beside_others_who_read_and_remove_nothing_is_called_wrong(tmp_path: Path) -> None:
    broken = Broken(tmp_path / "kept", sealed=True)
    album(tmp_path / "more", 30, start=100)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(broken.path), str(tmp_path / "more")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for look in range(4):
            assert verify(broken.unlocked, fast=bool(look % 2)).found == []
        writer.stdin.close()
        while writer.poll() is None:
            assert verify(broken.unlocked, fast=True).found == []
    assert writer.returncode == 0
    assert verify(broken.unlocked).pictures == COUNT + 30


def test_a_picture_that_goes_to_the_trash_while_it_is_looked_at_is_not_missing(
    broken: Broken,
) -> None:
    begun, gone = threading.Event(), threading.Event()

    def remove() -> None:
        begun.wait(LIMIT)
        with broken.opened() as archive:
            remove_picture(archive, broken.digests[-1].hex())
        gone.set()

    def tell(progress: Progress) -> None:
        if progress.doing == "checking files" and not begun.is_set():
            begun.set()
            assert gone.wait(LIMIT)

    remover = threading.Thread(target=remove)
    remover.start()
    report = verify(broken.unlocked, tell=tell)
    remover.join()

    assert report.found == []
    assert report.pictures == COUNT


def test_what_a_read_commits_meanwhile_is_no_stray(broken: Broken, tmp_path: Path) -> None:
    album(tmp_path / "more", 2, start=50)
    told: list[Callable[[], None]] = []

    def tell(progress: Progress) -> None:
        if progress.doing == "checking files" and not told:
            told.append(lambda: None)
            with broken.opened() as archive:
                read_folder(archive, tmp_path / "more")
                remember(archive, seen)

    seen = Seen(tmp_path / "state")
    assert verify(broken.unlocked, seen=seen, tell=tell).found == []
