"""What the user decided of a pair is kept for good, and only what is new is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import forget, judge, set_limits
from fapfav.jobs.trash import trash_restore
from fapfav.model import (
    HASHES,
    Config,
    Decision,
    Digest,
    Judged,
    Label,
    Pair,
    PairKey,
    Verdict,
    pair_of,
)
from tests.jobs.alike import Alike
from tests.support import encoded, landscape, new_archive, read_folder

NEW, FALSE, KEEP, SKIP = Verdict.NEW, Verdict.FALSE, Verdict.KEEP, Verdict.SKIP
WHOLE = landscape(5, 480, 320)


def put(folder: Path, name: str, **options: Any) -> None:
    """The same picture again, in another quality."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.jpg").write_bytes(encoded(WHOLE, "JPEG", **options))


def named(archive: Archive, name: str) -> Digest:
    holds = next(p.holds for p in archive.places.records() if p.name == f"{name}.jpg")
    assert holds is not None
    return holds


def verdicts(archive: Archive) -> dict[str, Verdict]:
    """What is shown of each picture of the one set that there is."""
    (group,) = archive.groups
    names = {p.holds: p.name.removesuffix(".jpg") for p in archive.places.records()}
    return {names[one]: verdict for one, verdict in group.verdicts.items()}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Three copies of one picture: one is kept, one hidden, one said to be none."""
    for name, quality in (("best", 95), ("worse", 70), ("other", 50)):
        put(tmp_path / "in", name, quality=quality)
    with new_archive(tmp_path / "archive") as made:
        read_folder(made, tmp_path / "in")
        best, worse, other = (named(made, name) for name in ("best", "worse", "other"))
        judge(made, best, {best: KEEP, worse: SKIP, other: FALSE})
        yield made


DECIDED = {"best": KEEP, "worse": SKIP, "other": FALSE}


def said(archive: Archive) -> Mapping[PairKey, Decision]:
    return dict(archive.decisions.items())


def search_again(archive: Archive) -> None:
    find_duplicates(archive, again=True)


def forget_all(archive: Archive) -> None:
    forget(archive, everything=True)
    find_duplicates(archive)


def stricter(archive: Archive) -> None:
    none = dict.fromkeys(HASHES, 0)
    set_limits(archive, none, none)
    find_duplicates(archive)


def laxer(archive: Archive) -> None:
    set_limits(archive, dict.fromkeys(HASHES, 12), dict.fromkeys(HASHES, 12))
    find_duplicates(archive)


def without_a_closer_look(archive: Archive) -> None:
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", False))
    find_duplicates(archive)


def there_and_back(archive: Archive) -> None:
    without_a_closer_look(archive)
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", True))
    find_duplicates(archive)


@pytest.mark.parametrize(
    "disturb", [search_again, forget_all, stricter, laxer, without_a_closer_look, there_and_back]
)
def test_a_decided_set_stays_decided_whatever_is_searched_again(
    archive: Archive, disturb: Callable[[Archive], None]
) -> None:
    before = said(archive)
    assert verdicts(archive) == DECIDED

    disturb(archive)

    assert said(archive) == before
    assert verdicts(archive) == DECIDED
    assert not archive.groups[0].needs_action


def test_a_new_copy_is_asked_about_and_nothing_else(archive: Archive, tmp_path: Path) -> None:
    before = said(archive)
    put(tmp_path / "in", "newer", quality=60)

    read_folder(archive, tmp_path / "in")

    assert verdicts(archive) == DECIDED | {"newer": NEW}
    assert archive.groups[0].needs_action
    judge(archive, named(archive, "newer"), {named(archive, "newer"): SKIP})
    assert verdicts(archive) == DECIDED | {"newer": SKIP}
    assert not archive.groups[0].needs_action
    assert before.items() <= said(archive).items()


def test_a_larger_copy_that_becomes_the_keeper_takes_nothing_back(
    archive: Archive, tmp_path: Path
) -> None:
    large = WHOLE.resize((960, 640), Image.Resampling.LANCZOS)
    (tmp_path / "in" / "large.jpg").write_bytes(encoded(large, "JPEG", quality=95))

    read_folder(archive, tmp_path / "in")

    shown = verdicts(archive)
    assert {name: shown[name] for name in ("best", "worse", "large")} == {
        "best": KEEP, "worse": SKIP, "large": NEW,
    }  # fmt: skip
    # Said to be different from the two it was seen with, and nothing was said of it and this one.
    assert shown["other"] is NEW


def test_decisions_outlive_a_picture_that_goes_and_comes_back(archive: Archive) -> None:
    before = said(archive)
    other = named(archive, "other")
    remove_picture(archive, other.hex())
    find_duplicates(archive, again=True)
    assert said(archive) == before
    assert verdicts(archive) == {"best": KEEP, "worse": SKIP}

    trash_restore(archive, [other.hex()])
    find_duplicates(archive)

    assert said(archive) == before
    assert verdicts(archive) == DECIDED


def test_sets_that_a_new_picture_brings_together_keep_what_was_decided_in_each(
    tmp_path: Path,
) -> None:
    alike = Alike(tmp_path / "archive")
    a, b = (alike.picture(number, 1, flips=(20 * (number > 2),)) for number in (1, 3))
    c, d = alike.picture(2, 1), alike.picture(4, 1, flips=(20,))
    archive = alike.archive

    def looked(one: Digest, other: Digest) -> Pair:
        return Pair(*pair_of(one, other), {}, Judged(Label.SAME, 0.9, "", {}, 1))

    with archive.write("find") as tx:
        tx.put(Config("searched", {"look": 1}))
        tx.put(looked(a, c), looked(b, d))
    judge(archive, a, {a: KEEP, c: SKIP})
    judge(archive, b, {b: KEEP, d: SKIP})
    assert [group.needs_action for group in archive.groups] == [False, False]
    before = said(archive)
    between = alike.picture(9, 1, width=4000, height=3000)
    with archive.write("find") as tx:
        tx.put(looked(a, between), looked(b, between))

    (group,) = archive.groups

    assert group.verdicts == {a: KEEP, b: KEEP, c: SKIP, d: SKIP, between: NEW}
    assert group.needs_action
    assert said(archive) == before
