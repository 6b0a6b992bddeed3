"""What is said of a change before it is made is what it then comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR
from fapfav.jobs import effects
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.review import forget, judge, set_limits
from fapfav.model import HASHES, Verdict
from tests.support import encoded, landscape, new_archive, read_folder


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Five pairs, one of them decided, and one picture alone."""
    (tmp_path / "pictures").mkdir()
    for seed in range(6):
        picture = landscape(seed, 300, 200)
        for name, width in (("a", 300), ("b", 190)):
            if (seed, name) != (5, "b"):
                raw = encoded(picture.resize((width, width * 2 // 3)), "JPEG", quality=85)
                (tmp_path / "pictures" / f"{seed} {name}.jpg").write_bytes(raw)
    with new_archive(tmp_path / "archive", sealed=False) as found:
        read_folder(found, tmp_path / "pictures")
        find_duplicates(found)
        group = found.groups[0]
        judge(found, group.members[0], dict.fromkeys(group.members, Verdict.KEEP))
        yield found


def counts(archive: Archive) -> tuple[int, int]:
    return len(archive.groups), sum(len(group.members) for group in archive.groups)


@pytest.mark.parametrize("everything", [False, True])
def test_forgetting_comes_to_what_was_said(archive: Archive, everything: bool) -> None:
    before = archive.last
    effect = effects.forget_effect(archive, everything=everything)

    assert archive.last == before
    assert (effect.sets, effect.pictures) == counts(archive)
    forget(archive, everything=everything)
    assert (effect.sets_then, effect.pictures_then) == counts(archive)
    assert effect.sets_then < effect.sets


@pytest.mark.parametrize("limit", [OFF, 0, 2])
def test_stricter_limits_come_to_what_was_said(archive: Archive, limit: int) -> None:
    regular, animated = archive.limits()
    strict = replace(regular, percept=limit, diff=limit), replace(animated, percept=OFF, diff=OFF)
    effect = effects.limits_effect(archive, *strict)
    given = [{method: limits.of(method) for method in HASHES} for limits in strict]
    set_limits(archive, *given)

    assert archive.limits() == strict
    assert (effect.sets_then, effect.pictures_then) == counts(archive)


def test_a_search_has_to_do_what_is_new_or_everything(archive: Archive) -> None:
    count = len(archive.blobs)
    assert asdict(effects.search_effect(archive)) == {
        **{"pictures": 0, "of": count, "everything": False}
    }
    assert effects.search_effect(archive, again=True).pictures == count
    forget(archive)
    pending = effects.search_effect(archive)
    assert 0 < pending.pictures < count
    find_duplicates(archive)
    assert effects.search_effect(archive).pictures == 0
    set_limits(archive, {HASHES[0]: 5}, {})
    assert effects.search_effect(archive).everything


def test_what_lets_more_through_is_looser() -> None:
    now = REGULAR, ANIMATED
    assert not effects.is_looser(now, now)
    assert effects.is_looser(now, (replace(REGULAR, percept=5), ANIMATED))
    assert effects.is_looser(now, (replace(REGULAR, cnn=0.94), ANIMATED))
    assert effects.is_looser(now, (REGULAR, replace(ANIMATED, average=0)))
    assert not effects.is_looser(now, (replace(REGULAR, percept=3, cnn=0.96), ANIMATED))
    assert not effects.is_looser(now, (replace(REGULAR, wavelet=OFF), ANIMATED))
