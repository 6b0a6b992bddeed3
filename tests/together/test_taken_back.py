"""What is deleted comes back whole, whatever happened in between and around it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_album, remove_picture, remove_user
from fapfav.jobs.review import forget, judge, judge_places
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import set_view
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.jobs.verify import verify
from fapfav.model import Choice, Config, Digest, PlaceState, Verdict
from fapfav.store.opening import unlock
from tests.jobs.holding import Shelves, digest
from tests.store.archives import tables
from tests.support import album, new_archive, read_folder
from tests.together.test_stopped import halted

PICTURES = 7
ALBUMS = ("Alps", "Bay", "Zoo")


@cache
def _made() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    made = Shelves(Path(folder.name) / "archive", sealed=False)
    made.add_user("22", "Zoë")
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"))
    made.album("b", "Bay", (3, "drei.jpg"), (4, "four.jpg"), (6, "six.jpg"))
    made.album("z", "Zoo", (5, "five.jpg"), (1, "eins.jpg"), (7, "seven.jpg"), user="22")
    for one, other in ((1, 2), (2, 4), (5, 6), (6, 7)):
        made.alike(one, other)
    made.choose(Choice.KEEP, 5, 6)
    with made.archive.write("settings") as tx:
        tx.put(Config("closer_look", False))  # these pictures are alike by what was made up only
    tagging.add(made.archive, "Best")
    tagging.add(made.archive, "Seen", "Best")
    tagging.apply(made.archive, "Best", [digest(2), digest(4)])
    made.archive.close()
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    shutil.copytree(_made().name, tmp_path, dirs_exist_ok=True)
    with open_archive(tmp_path / "archive") as opened:
        yield opened


def everything(archive: Archive) -> dict[str, Any]:
    """All rows, but for what tells the story; and the sets as they are shown."""
    found = tables(archive, "changes", "undo", "configs", "fresh")
    lines = sorted(map(repr, set_lines(archive)))
    views = {one: repr(_view(archive, one)) for one in map(digest, range(1, PICTURES + 1))}
    return {**found, "lines": lines, "views": views}


def _view(archive: Archive, one: Digest) -> object:
    try:
        return set_view(archive, one)
    except UsageError:
        return None


def _picture(archive: Archive, n: int) -> None:
    remove_picture(archive, digest(1 + n % PICTURES).hex())


def _judged(archive: Archive, n: int) -> None:
    one = digest(1 + n % PICTURES)
    said = (Verdict.KEEP, Verdict.SKIP, Verdict.FALSE, Verdict.NEW)[n // PICTURES % 4]
    members = archive.group_of(one).members
    judge(archive, one, {**dict.fromkeys(members, Verdict.KEEP), one: said})


def _places_judged(archive: Archive, n: int) -> None:
    one = digest((1, 3)[n % 2])
    keys = [place.key for place in archive.places.records() if place.holds == one]
    judge_places(archive, one, dict.fromkeys(keys[:1], Verdict.KEEP))


def _restored(archive: Archive, n: int) -> None:
    trashed = sorted(archive.trash)
    if trashed:
        trash_restore(archive, [trashed[n % len(trashed)].hex()])


STEPS: dict[str, Callable[[Archive, int], object]] = {
    "remove album": lambda archive, n: remove_album(archive, ALBUMS[n % 3]),
    "remove user": lambda archive, n: remove_user(archive, ("LOCAL DISK", "Zoë")[n % 2]),
    "remove picture": _picture,
    "restore": _restored,
    "judge": _judged,
    "judge places": _places_judged,
    "tag": lambda archive, n: tagging.apply(archive, "Seen", [digest(1 + n % PICTURES)]),
    "clear": lambda archive, n: tagging.clear(archive, "Best", None, below=bool(n % 2)),
    "remove tag": lambda archive, _: tagging.remove(archive, "Seen"),
    "merge tags": lambda archive, _: tagging.merge(archive, "Seen", "Best"),
    "forget": lambda archive, n: forget(archive, everything=bool(n % 2)),
    "compact": lambda archive, _: archive.compact(),
    "reopen": lambda _archive, _n: None,
}


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 41)), max_size=10))
@settings(deadline=None, max_examples=40)
def test_taken_back_one_by_one_all_is_as_it_was(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(_made().name, folder, dirs_exist_ok=True)
        archive = open_archive(Path(folder, "archive"))
        befores = []
        for name, n in steps:
            number, before = max(archive.changes), everything(archive)
            if name == "reopen":
                archive.close()
                archive = open_archive(archive.path)
            try:
                STEPS[name](archive, n)
            except UsageError:
                continue  # what it is about is not there
            befores += [(one, before) for one in archive.changes if one > number]

        for turn, (number, before) in enumerate(reversed(befores)):
            if turn % 3 == len(steps) % 3:
                archive.compact()
                archive = open_archive(archive.path)
            report = archive.undo(number)
            assert report.conflicts == ()
            assert everything(archive) == before
        for one in archive.blobs:
            archive.blob_bytes(one)
            archive.thumbnail(one)
        assert verify(unlock(archive.path, None)).found == []


@pytest.mark.parametrize("remove", sorted(name for name in STEPS if name.startswith("remove ")))
def test_a_deletion_beside_a_running_read_comes_back_whole(
    tmp_path: Path, archive: Archive, remove: str
) -> None:
    album(tmp_path / "more", 3, start=50)
    before = everything(archive)
    with halted(archive.path, tmp_path / "more", None) as reading:
        STEPS[remove](archive, 0)
        number = max(archive.changes)
        archive.compact()
        reading.send_signal(signal.SIGCONT)
        assert reading.communicate()[0].split() == ["3", "0"]
    with open_archive(archive.path) as again:
        came = set(again.blobs) - set(archive.blobs)
        assert again.undo(number).conflicts == ()
        after = everything(again)

    assert len(came) == 3
    assert after["views"] == before["views"]
    for name in ("blobs", "trash", "places", "tagged", "choices", "decisions", "tags", "albums"):
        kept = {key: row for key, row in after[name].items() if key in before[name]}
        assert kept == before[name], name


def test_a_later_read_of_the_same_user_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    album(tmp_path / "one", 2)
    album(tmp_path / "two", 2, start=50)
    archive = new_archive(tmp_path / "archive", sealed=False)
    days = iter(range(1_700_000_000, 2_000_000_000, 86_400))
    monkeypatch.setattr(archive, "_clock", lambda: next(days))
    first = read_folder(archive, tmp_path / "one").change
    removed = remove_album(archive, "one").change
    read_folder(archive, tmp_path / "two")
    read_folder(archive, tmp_path / "one")

    assert archive.undo(removed).conflicts == ()
    assert len(archive.blobs) == 4
    assert {place.state for place in archive.places.records()} == {PlaceState.STORED}
    archive.undo(max(archive.changes))
    archive.undo(first)
    assert verify(unlock(archive.path, None)).found == []


def test_tags_do_not_come_back_to_a_picture_that_was_destroyed(archive: Archive) -> None:
    cleared = tagging.clear(archive, "Best", None).change
    remove_picture(archive, digest(2).hex())
    trash_empty(archive)

    archive.undo(cleared)

    assert [tagged.digest for tagged in archive.tagged.records()] == [digest(4)]
    assert verify(unlock(archive.path, None)).found == []


def test_what_came_back_to_a_picture_in_the_trash_goes_with_it(archive: Archive) -> None:
    cleared = tagging.clear(archive, "Best", None).change
    remove_picture(archive, digest(2).hex())
    archive.undo(cleared)
    trash_empty(archive)

    assert [tagged.digest for tagged in archive.tagged.records()] == [digest(4)]
    assert verify(unlock(archive.path, None)).found == []


def test_a_picture_comes_back_though_what_went_with_it_was_destroyed(archive: Archive) -> None:
    tagging.apply(archive, "Seen", [digest(1)])
    remove_picture(archive, digest(1).hex(), digest(4).hex())
    restored = trash_restore(archive, [digest(1).hex()]).change
    trash_empty(archive)
    archive.undo(restored)
    archive.compact()
    again = open_archive(archive.path)

    report = trash_restore(again, [digest(1).hex()])

    assert report.failures == ()
    assert list(again.trash) == []
    assert {tagged.digest for tagged in again.tagged.records()} == {digest(1), digest(2)}
    assert {p.name for p in again.places.records() if p.holds == digest(1)} == {
        "one.jpg",
        "eins.jpg",
    }


def test_a_restore_is_not_undone_once_what_it_brought_back_was_destroyed(archive: Archive) -> None:
    remove_picture(archive, digest(1).hex(), digest(4).hex())
    restored = trash_restore(archive).change
    remove_picture(archive, digest(1).hex())
    trash_empty(archive)
    archive.compact()

    (conflict,) = open_archive(archive.path).undo(restored).conflicts

    assert "(trash empty) also changed" in conflict
    assert verify(unlock(archive.path, None)).found == []
