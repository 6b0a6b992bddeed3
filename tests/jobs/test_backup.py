"""Backups: what a copy holds, what it refuses, and what a restore of it gives back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, DamagedArchive, NoArchive, OlderArchive, UsageError
from fapfav.jobs import backup as job
from fapfav.model import Progress
from fapfav.store.backing import DATABASES, LIST
from fapfav.store.backing_log import KEPT
from fapfav.store.database import NAME
from tests.store.archives import (
    add_pictures,
    child,
    database,
    delete,
    digest,
    make,
    picture,
    reopened,
    tables,
)


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def sealed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def whole(path: Path, sealed: bool) -> set[int]:
    """The numbers of an archive's pictures, each of which was read with its thumbnail."""
    with reopened(path, sealed) as archive:
        found = set()
        for number in range(40):
            if digest(number) in archive.blobs:
                assert archive.blob_bytes(digest(number)) == picture(number)
                assert archive.thumbnail(digest(number)) == picture(number + 1000)
                found.add(number)
        assert len(found) == len(archive.blobs)
        return found


def flip(path: Path, at: int = 60) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_a_restored_backup_is_the_archive(tmp_path: Path, sealed: bool) -> None:
    with make(tmp_path / "a", sealed) as archive:
        add_pictures(archive, 1, 2, 3, thumb=True)
        with archive.write("remove") as tx:
            delete(tx, 2)
        was = tables(archive)
    made = job.backup(tmp_path / "a", tmp_path / "b")
    restored = job.restore(tmp_path / "b", tmp_path / "c")

    assert (made.files, made.database, made.databases, made.failed) == (6, True, 1, ())
    assert (restored.files, restored.bytes, restored.failed) == (6, made.bytes, ())
    with reopened(tmp_path / "c", sealed) as archive:
        assert tables(archive) == was
        archive.undo()
    assert whole(tmp_path / "c", sealed) == {1, 2, 3}
    assert not (tmp_path / "c" / LIST).exists()


def test_the_next_backup_copies_what_is_new_and_takes_nothing_away(
    tmp_path: Path, sealed: bool
) -> None:
    with make(tmp_path / "a", sealed) as archive:
        add_pictures(archive, 1, 2, thumb=True)
        job.backup(tmp_path / "a", tmp_path / "b")
        before = everything(tmp_path / "b")
        same = job.backup(tmp_path / "a", tmp_path / "b")
        unchanged = everything(tmp_path / "b")
        add_pictures(archive, 3, thumb=True)
        with archive.write("remove") as tx:
            delete(tx, 1)
    more = job.backup(tmp_path / "a", tmp_path / "b")
    after = everything(tmp_path / "b")

    assert (same.files, same.present, same.database) == (0, 4, False)
    assert unchanged == before
    assert (more.files, more.present, more.database, more.databases) == (2, 4, True, 2)
    assert {name: after.get(name) for name in before if name not in (NAME, LIST)} == {
        name: held for name, held in before.items() if name not in (NAME, LIST)
    }
    assert before[NAME] in [held for name, held in after.items() if name.startswith(DATABASES)]
    job.restore(tmp_path / "b", tmp_path / "c")
    assert whole(tmp_path / "c", sealed) == {2, 3}


def test_the_last_ten_databases_are_kept_and_each_can_be_restored(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        for number in range(1, 14):
            add_pictures(archive, number, thumb=True)
            if number == 9:
                archive.compact()
            job.backup(tmp_path / "a", tmp_path / "b")
    kept = job.databases(tmp_path / "b")
    found = []
    for at, name in enumerate(kept):
        job.restore(tmp_path / "b", tmp_path / f"c{at}", database=name)
        found.append(max(whole(tmp_path / f"c{at}", sealed=False)))

    assert len(kept) == KEPT
    assert found == list(range(13, 3, -1))


def test_a_backup_made_while_others_write_is_a_state_that_was(tmp_path: Path, sealed: bool) -> None:
    make(tmp_path / "a", sealed).close()
    writer = child(
        "path, sealed = Path(sys.argv[1]), sys.argv[2] == 'True'\n"
        "with reopened(path, sealed) as archive:\n"
        "    for number in range(1, 40):\n"
        "        add_pictures(archive, number, thumb=True)\n"
        "        if number % 10 == 0:\n"
        "            archive.compact()\n"
        "            with archive.write('remove') as tx:\n"
        "                delete(tx, number - 3)\n"
        "        print(number, flush=True)\n",
        tmp_path / "a",
        sealed,
    )
    with writer:
        assert writer.stdout is not None
        while writer.stdout.readline():  # one after each picture, while the next comes in
            job.backup(tmp_path / "a", tmp_path / "b")
    assert writer.returncode == 0
    for at, name in enumerate(job.databases(tmp_path / "b")):
        assert job.restore(tmp_path / "b", tmp_path / f"c{at}", database=name).failed == ()
        found = whole(tmp_path / f"c{at}", sealed)
        last = max(found)
        removed = {number - 3 for number in range(10, last + 1, 10)}
        # What removes a picture comes right after the one that brings a tenth.
        assert found - {last - 3} == set(range(1, last + 1)) - removed - {last - 3}


def test_what_rotted_in_a_backup_is_named_and_copied_again(tmp_path: Path, sealed: bool) -> None:
    with make(tmp_path / "a", sealed) as archive:
        add_pictures(archive, 1, 2, thumb=True)
    job.backup(tmp_path / "a", tmp_path / "b")
    rotten = sorted((tmp_path / "b" / "blobs").iterdir())[0]
    flip(rotten)
    lost = rotten.read_bytes()
    restored = job.restore(tmp_path / "b", tmp_path / "c")
    checked = job.backup(tmp_path / "a", tmp_path / "b", check=True)

    assert [name for name, _ in restored.failed] == [f"blobs/{rotten.name}"]
    assert restored.files == 3
    assert (checked.checked, checked.files, checked.failed) == (4, 1, ())
    assert lost in [path.read_bytes() for path in (tmp_path / "b" / "quarantine").iterdir()]
    job.restore(tmp_path / "b", tmp_path / "d")
    assert whole(tmp_path / "d", sealed) == {1, 2}


def test_a_picture_damaged_in_a_plain_archive_never_replaces_its_copy(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
        job.backup(tmp_path / "a", tmp_path / "b")
        add_pictures(archive, 2, thumb=True)
        flip(tmp_path / "a" / "blobs" / f"{digest(1).hex()}.jpg")
        flip(tmp_path / "a" / "blobs" / f"{digest(2).hex()}.jpg")
        found = job.backup(tmp_path / "a", tmp_path / "b", check=True)

    assert [name for name, _ in found.failed] == [f"blobs/{digest(2).hex()}.jpg"]
    assert (tmp_path / "b" / "blobs" / f"{digest(1).hex()}.jpg").read_bytes() == picture(1)
    assert not (tmp_path / "b" / "blobs" / f"{digest(2).hex()}.jpg").exists()


def test_a_damaged_database_leaves_the_backup_as_it_was(tmp_path: Path, sealed: bool) -> None:
    with make(tmp_path / "a", sealed) as archive:
        for number in range(1, 6):
            add_pictures(archive, number, thumb=True)
        job.backup(tmp_path / "a", tmp_path / "b")
        before = everything(tmp_path / "b")
        add_pictures(archive, 6)
    flip(database(tmp_path / "a"), 16_384 + 700)

    with pytest.raises(DamagedArchive, match=r"damaged") as said:
        job.backup(tmp_path / "a", tmp_path / "b")
    assert ("differ where nothing was changed" in str(said.value)) == sealed
    after = everything(tmp_path / "b")
    assert {name: after[name] for name in before if name != LIST} == {
        name: held for name, held in before.items() if name != LIST
    }


def test_a_backup_that_goes_further_is_not_written_over(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
        shutil.copytree(tmp_path / "a", tmp_path / "old")
        add_pictures(archive, 2, thumb=True)
    job.backup(tmp_path / "a", tmp_path / "b")
    newest = database(tmp_path / "b").read_bytes()

    with pytest.raises(OlderArchive, match="goes further"):
        job.backup(tmp_path / "old", tmp_path / "b")
    assert database(tmp_path / "b").read_bytes() == newest
    job.backup(tmp_path / "old", tmp_path / "b", accept_older=True)
    kept = [path.read_bytes() for path in (tmp_path / "b" / DATABASES).iterdir()]
    assert kept == [newest]


def test_a_backup_somebody_wrote_into_is_not_written_over(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
        job.backup(tmp_path / "a", tmp_path / "b")
        with reopened(tmp_path / "b") as other:
            add_pictures(other, 9, thumb=True)
        add_pictures(archive, 2, thumb=True)
        add_pictures(archive, 3, thumb=True)

    with pytest.raises(OlderArchive, match="written to itself"):
        job.backup(tmp_path / "a", tmp_path / "b")


def test_another_archive_s_backup_is_refused_whatever_is_said(tmp_path: Path) -> None:
    make(tmp_path / "a").close()
    make(tmp_path / "other").close()
    job.backup(tmp_path / "a", tmp_path / "b")

    with pytest.raises(OlderArchive, match="another archive"):
        job.backup(tmp_path / "other", tmp_path / "b", accept_older=True)


@pytest.mark.parametrize(
    ("target", "words"),
    [("a/b", "in one another"), ("a", "in one another"), (".", "in one another")],
)
def test_a_backup_does_not_lie_in_its_archive(tmp_path: Path, target: str, words: str) -> None:
    make(tmp_path / "a").close()
    with pytest.raises(UsageError, match=words):
        job.backup(tmp_path / "a", tmp_path / target)


def test_folders_with_other_things_are_refused(tmp_path: Path) -> None:
    make(tmp_path / "a").close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("dear")
    job.backup(tmp_path / "a", tmp_path / "b")

    for at in ("full", "file"):
        with pytest.raises(UsageError):
            job.backup(tmp_path / "a", tmp_path / at)
        with pytest.raises(UsageError):
            job.restore(tmp_path / "b", tmp_path / at)
    with pytest.raises(UsageError, match="not empty"):
        job.restore(tmp_path / "b", tmp_path / "a")
    with pytest.raises(NoArchive):
        job.backup(tmp_path / "nothing", tmp_path / "c")
    with pytest.raises(NoArchive):
        job.restore(tmp_path / "full", tmp_path / "c")
    with pytest.raises(NoArchive, match=NAME):
        job.restore(tmp_path / "b", tmp_path / "c", database="other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "file", "full"]


def stopped_after(count: int) -> Callable[[], bool]:
    asked = iter(range(count))
    return lambda: next(asked, None) is None


def test_what_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, *range(1, 40), thumb=True)
    first = job.backup(tmp_path / "a", tmp_path / "b", stop=stopped_after(1))
    had_database = database(tmp_path / "b").exists()
    second = job.backup(tmp_path / "a", tmp_path / "b")
    broken_off = job.restore(tmp_path / "b", tmp_path / "c", stop=stopped_after(1))
    rest = job.restore(tmp_path / "b", tmp_path / "c")

    assert (first.stopped, first.files, had_database) == (True, 64, False)
    assert (second.stopped, second.files) == (False, 14)
    assert (broken_off.stopped, broken_off.files, rest.files) == (True, 64, 14)
    assert len(whole(tmp_path / "c", sealed=False)) == 39


def test_links_and_pipes_in_an_archive_are_not_copied(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("private")
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
    (tmp_path / "a" / "blobs" / f"{'0' * 64}.jpg").symlink_to(secret)
    os.mkfifo(tmp_path / "a" / "thumbs" / f"{'0' * 64}.jpg")
    found = job.backup(tmp_path / "a", tmp_path / "b")

    assert found.files == 2
    assert all(held != b"private" for held in everything(tmp_path / "b").values())


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, 2, thumb=True)
    told: list[Progress] = []
    job.backup(tmp_path / "a", tmp_path / "b", tell=told.append)

    assert [one.doing for one in told if one.total == 4]


def test_a_line_of_the_list_that_a_crash_cut_off_names_nothing(tmp_path: Path) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
        job.backup(tmp_path / "a", tmp_path / "b")
        with (tmp_path / "b" / LIST).open("ab") as file:
            file.write(b"0" * 64 + b"  blobs/" + b"1" * 40)
        add_pictures(archive, 2, thumb=True)
    job.backup(tmp_path / "a", tmp_path / "b")
    lines = (tmp_path / "b" / LIST).read_text().splitlines()
    checked = job.backup(tmp_path / "a", tmp_path / "b", check=True)

    assert [line.split("/")[1].split(".")[0] for line in lines if "blobs" in line] == [
        digest(number).hex() for number in (1, 2)
    ]
    assert checked.checked == 4


def test_a_full_disk_is_said_before_anything_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with make(tmp_path / "a") as archive:
        add_pictures(archive, 1, thumb=True)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))

    with pytest.raises(ArchiveError, match="make room"):
        job.backup(tmp_path / "a", tmp_path / "b")
    assert not list((tmp_path / "b" / "blobs").iterdir())
