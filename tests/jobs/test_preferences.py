"""fapfav/jobs/preferences.py: what is kept, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import preferences, steps
from fapfav.jobs.library import Archive
from fapfav.jobs.preferences import ACTIONS, Density, Motion, Preferences, Theme
from fapfav.model import Config
from tests.support import new_archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        yield made


def test_what_was_saved_is_read_back(archive: Archive) -> None:
    wanted = Preferences(
        Theme.DARK, Density.COMPACT, Motion.LESS, 5, single_keys=False, keys={"k": "q", "b": ""}
    )

    number = preferences.save(archive, wanted, by="viewer")

    assert preferences.read(archive) == wanted
    assert archive.changes[number].verb == preferences.VERB
    assert preferences.save(archive, wanted, by="viewer") == 0


def test_no_undo_goes_back_to_them(archive: Archive) -> None:
    number = preferences.save(archive, Preferences(Theme.DARK), by="viewer")

    assert number
    assert steps.standing(archive.changes.records(), "viewer") == ()


@pytest.mark.parametrize(
    "keys",
    [{"k": "s"}, {"k": "kk"}, {"k": " "}, {"k": "K"}, {"k": "Shift+1"}, {"no such": "q"}],
    ids=["taken", "long", "blank", "capital", "shifted digit", "unknown"],
)
def test_keys_that_make_no_sense_are_refused(archive: Archive, keys: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        preferences.save(archive, Preferences(keys=keys), by="viewer")

    assert preferences.read(archive) == Preferences()


def test_two_keys_may_change_places() -> None:
    assert preferences.key_problems({"k": "s", "s": "k"}) == {}


def test_switched_off_no_single_key_does_anything() -> None:
    told = json.loads(Preferences(single_keys=False, keys={"k": "q"}).keys_json)

    assert set(told) == set(ACTIONS)
    assert set(told.values()) == {""}


def test_what_another_version_wrote_does_no_harm(archive: Archive) -> None:
    with archive.write("settings") as tx:
        tx.put(
            Config("viewer.preferences", {"theme": "loud", "lock_minutes": -3, "density": 7}),
            Config("viewer.keys", {"k": "s"}),
        )

    assert preferences.read(archive) == Preferences()
