"""fapfav/jobs/keys.py: which key is meant, what is noted of it, and what is said."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import fapfav
from fapfav.errors import UsageError, WrongPassword
from fapfav.jobs import keys as job
from fapfav.model import Config
from fapfav.store import disk, recovery
from fapfav.store.opening import reopen_archive
from tests.support import CHEAP, PASSWORD, new_archive

NEW = "another horse"


@pytest.fixture
def ring(tmp_path: Path) -> job.KeyRing:
    new_archive(tmp_path).close()
    return fapfav.open_keys(tmp_path, PASSWORD)


def test_labels_and_dates_are_kept_and_go_with_their_keys(ring: job.KeyRing) -> None:
    first = fapfav.key_change(ring, NEW, label="desk", cost=CHEAP)
    second = fapfav.key_change(ring, PASSWORD, cost=CHEAP)
    code = fapfav.key_add_recovery(ring, label="\udc80safe" + "x" * 200)

    listed = fapfav.key_list(ring).keys
    assert [(key.id, key.kind, key.label[:5]) for key in listed] == [
        (second.id, "password", "desk"),
        (code.id, "recovery code", "?safe"),
    ]
    assert all(key.made > 0 for key in listed)
    assert [key.opened for key in listed] == [True, False]
    assert len(listed[1].label) == job.LONGEST
    noted = ring.archive.config(job.LABELS, {})
    assert noted.keys() == {second.id, code.id}
    assert first.id not in noted
    with pytest.raises(UsageError, match="cannot be undone"):
        ring.archive.undo(second.change)


@pytest.mark.parametrize(
    "noted", [5, {"ab" * 8: 7}, {"ab" * 8: {"label": 1, "made": "x"}}, {"x": {}}]
)
def test_what_is_not_well_formed_or_of_no_key_is_ignored(ring: job.KeyRing, noted: object) -> None:
    with ring.archive.write("tag") as tx:
        tx.put(Config(job.LABELS, noted))
    (one,) = fapfav.key_list(ring).keys
    assert (one.label, one.made) == ("", 0)
    assert fapfav.key_change(ring, NEW, cost=CHEAP).change > 0


def test_with_a_code_the_only_password_is_meant_and_of_several_none(ring: job.KeyRing) -> None:
    made = fapfav.key_add_recovery(ring)
    path = ring.archive.path
    by_code = fapfav.open_keys(path, made.code)
    fapfav.key_change(by_code, NEW, cost=CHEAP)
    with pytest.raises(WrongPassword):
        fapfav.open_keys(path, PASSWORD)

    added = fapfav.key_add(by_code, "a third", cost=CHEAP)
    with pytest.raises(UsageError, match="2 passwords: say by its id"):
        fapfav.key_change(by_code, PASSWORD, cost=CHEAP)
    fapfav.key_change(by_code, PASSWORD, added.id[:8], cost=CHEAP)
    with pytest.raises(UsageError, match="a recovery code is not changed"):
        fapfav.key_change(by_code, "x", made.id, cost=CHEAP)

    for one in fapfav.key_list(by_code).keys:
        if one.kind == "password":
            last = fapfav.key_remove(by_code, one.id)
    assert "only a recovery code" in " ".join(last.warnings)
    fapfav.key_change(by_code, "again", cost=CHEAP)
    assert fapfav.open_keys(path, "again").opened_by != by_code.opened_by


def test_who_has_it_open_goes_on_and_so_do_the_workers_it_starts(ring: job.KeyRing) -> None:
    path = ring.archive.path
    viewer = fapfav.open_archive(path, PASSWORD)
    handover = viewer.handover()

    fapfav.key_change(ring, NEW, cost=CHEAP)

    with reopen_archive(path, handover) as worker, worker.write("tag") as tx:
        tx.put(Config("value", 1))
    viewer.refresh()
    assert viewer.config("value", 0) == 1
    viewer.compact()
    assert fapfav.open_archive(path, NEW).config("value", 0) == 1


def test_a_label_that_cannot_be_noted_does_not_undo_the_change(
    ring: job.KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = disk.write

    def full(fd: int, data: disk.Buffer, offset: int) -> int:
        if offset >= 16384:
            raise OSError(errno.ENOSPC, "no space left on device")
        return write(fd, data, offset)

    monkeypatch.setattr(disk, "write", full)
    report = fapfav.key_change(ring, NEW, cost=CHEAP)
    monkeypatch.undo()

    assert report.change == 0
    assert "label and date could not be noted" in report.warnings[0]
    assert fapfav.open_archive(ring.archive.path, NEW).sealed


def test_a_code_of_somebody_elses_choice_is_taken_as_it_was_shown(ring: job.KeyRing) -> None:
    code = recovery.new_code()
    report = fapfav.key_add_recovery(ring, code)
    assert report.code == recovery.show_code(code)
    assert report.to_json()["left"] == 2
    assert fapfav.open_archive(ring.archive.path, report.code).sealed
