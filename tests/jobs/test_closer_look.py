"""What may be the same is looked at before it is a set: real pictures, read and searched."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from fapfav.jobs import closer_look
from fapfav.jobs.closer_look import VERSION
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.inheriting import WHY
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import judge
from fapfav.model import Config, Decision, Digest, Judged, Label, Verdict, pair_of
from tests.support import PASSWORD, encoded, landscape, new_archive, read_folder

SIZE = 480, 320


def copies(seed: int) -> dict[str, bytes]:
    """A picture in the ways it turns up, the best first."""
    whole = landscape(seed, *SIZE)
    small = whole.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS)
    return {
        "png": encoded(whole, compress_level=0),
        "jpeg": encoded(whole, "JPEG", quality=70),
        "small": encoded(small, "JPEG", quality=90),
        "mirrored": encoded(ImageOps.mirror(whole), "JPEG", quality=90),
    }


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    """Three pictures, each in four ways, and one that is like none."""
    found = {f"{seed}-{how}": raw for seed in (1, 2, 3) for how, raw in copies(seed).items()}
    return found | {"alone": encoded(landscape(9, *SIZE))}


def put(folder: Path, some: dict[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, raw in some.items():
        (folder / f"{name}.{'png' if raw[:4] == bytes([137]) + b'PNG' else 'jpg'}").write_bytes(raw)


@pytest.fixture
def archive(tmp_path: Path, pictures: dict[str, bytes]) -> Iterator[Archive]:
    put(tmp_path / "in", pictures)
    with new_archive(tmp_path / "archive") as made:
        read_folder(made, tmp_path / "in")
        yield made


def named(archive: Archive, name: str) -> Digest:
    found = (p.holds for p in archive.places.records() if p.name.startswith(name + "."))
    digest = next(found)
    assert digest is not None
    return digest


def sets(archive: Archive) -> set[frozenset[str]]:
    names = {p.holds: p.name.partition(".")[0] for p in archive.places.records()}
    return {frozenset(names[one] for one in group.members) for group in archive.groups}


def looked(archive: Archive, one: str, other: str) -> Judged:
    judged = archive.pairs[pair_of(named(archive, one), named(archive, other))].judged
    assert judged is not None
    return judged


WHOLE = {frozenset(f"{seed}-{how}" for how in ("png", "jpeg", "small")) for seed in (1, 2, 3)}


def test_copies_are_a_set_and_a_mirrored_one_is_related_to_it(archive: Archive) -> None:
    assert sets(archive) == WHOLE
    assert looked(archive, "1-png", "1-jpeg").label is Label.SAME
    mirrored = looked(archive, "2-png", "2-mirrored")
    assert (mirrored.label, mirrored.reason) == (Label.RELATED, "mirrored left to right")
    assert mirrored.transform["orientation"] == "mirrored"
    smaller = looked(archive, "3-png", "3-small").reason
    assert "same picture, 2.0x" in smaller
    assert {row.judged.version for row in archive.pairs.records() if row.judged} == {VERSION}


@pytest.mark.parametrize("seed", range(6))
def test_reading_some_at_a_time_gives_the_sets_of_reading_all_at_once(
    tmp_path: Path, pictures: dict[str, bytes], seed: int
) -> None:
    rng = random.Random(seed)
    names = rng.sample(sorted(pictures), len(pictures))
    with new_archive(tmp_path / "archive", sealed=False) as archive:
        while names:
            some = [names.pop() for _ in range(min(len(names), rng.randint(1, 6)))]
            put(tmp_path / "in", {name: pictures[name] for name in some})
            read_folder(archive, tmp_path / "in")
        bit_by_bit = archive.groups
        find_duplicates(archive, again=True)

        assert archive.groups == bit_by_bit
        assert sets(archive) == WHOLE


def test_switched_off_sets_are_by_sensitivity_alone_and_on_again_as_they_were(
    archive: Archive,
) -> None:
    looked_at = archive.groups
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", False))
    without = sets(archive)
    find_duplicates(archive)
    assert sets(archive) == without
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", True))
    assert sets(archive) == without  # the last search did not look
    find_duplicates(archive)

    assert archive.groups == looked_at


def test_a_search_that_is_stopped_keeps_what_it_found_and_goes_on_from_there(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.write("settings") as tx:
        tx.put(*(replace(row, judged=None) for row in archive.pairs.records()))
    looks = 0
    asked = threading.Event()
    really = closer_look.judge

    def slowly(*given: Any) -> Judged | None:
        nonlocal looks
        looks += 1
        assert looks < 3 or asked.wait(60)
        return really(*given)

    def stop() -> bool:
        if looks > 2:
            asked.set()
        return asked.is_set()

    with monkeypatch.context() as slow:
        slow.setattr(closer_look, "judge", slowly)
        slow.setattr(closer_look, "_PIECE", 1)
        find_duplicates(archive, again=True, stop=stop)
    half = {pair for pair, row in archive.pairs.items() if row.judged is not None}
    find_duplicates(archive, again=True)
    whole = {pair for pair, row in archive.pairs.items() if row.judged is not None}

    assert half
    assert half < whole
    assert sets(archive) == WHOLE


def test_what_the_user_said_holds_whatever_is_found_again(archive: Archive) -> None:
    jpeg, small = named(archive, "1-jpeg"), named(archive, "1-small")
    judge(archive, jpeg, {jpeg: Verdict.FALSE})
    before = archive.groups
    find_duplicates(archive, again=True)

    assert archive.groups == before
    group = archive.group_of(small)
    assert group.verdicts[jpeg] is Verdict.FALSE
    assert group.verdicts[small] is Verdict.NEW


def test_copies_stay_a_set_when_the_best_of_them_goes(archive: Archive) -> None:
    remove_picture(archive, named(archive, "1-png").hex())

    assert sets(archive) == {
        frozenset({"1-jpeg", "1-small"}) if "1-png" in one else one for one in WHOLE
    }
    assert looked(archive, "1-jpeg", "1-small").reason == WHY
    archive.undo()
    assert sets(archive) == WHOLE


def test_a_picture_that_cannot_be_looked_at_counts_by_its_prints(
    tmp_path: Path, pictures: dict[str, bytes]
) -> None:
    put(tmp_path / "in", {name: pictures[name] for name in ("1-png", "1-jpeg", "2-png")})
    with new_archive(tmp_path / "archive", sealed=False) as archive:
        with archive.write("settings") as tx:
            tx.put(Config("closer_look", False))
        read_folder(archive, tmp_path / "in")
        for folder in ("blobs", "thumbs"):
            for each in (archive.path / folder).rglob(named(archive, "1-png").hex() + "*"):
                each.write_bytes(b"nothing that decodes")
        with archive.write("settings") as tx:
            tx.put(Config("closer_look", True))
        find_duplicates(archive)

        assert sets(archive) == {frozenset({"1-png", "1-jpeg"})}


def test_copies_stay_a_set_when_the_best_of_them_is_said_to_be_none(archive: Archive) -> None:
    best = named(archive, "1-png")
    judge(archive, best, {best: Verdict.FALSE})

    group = archive.group_of(named(archive, "1-jpeg"))

    assert group.verdicts[best] is Verdict.FALSE
    assert {group.verdicts[named(archive, name)] for name in ("1-jpeg", "1-small")} == {Verdict.NEW}
    archive.undo()
    assert sets(archive) == WHOLE


def test_what_the_user_told_apart_from_a_keeper_takes_nothing_over_from_it(
    archive: Archive,
) -> None:
    best, small = named(archive, "1-png"), named(archive, "1-small")
    with archive.write("verdict") as tx:
        tx.put(Decision(*pair_of(best, small), Label.DIFFERENT, tx.now, tx.number))
    remove_picture(archive, best.hex())

    assert not any("1-small" in one for one in sets(archive))


def test_switched_on_during_a_search_is_for_the_next_one(archive: Archive) -> None:
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", False))
    find_duplicates(archive)
    without = sets(archive)

    def switch(_: object) -> None:
        if not archive.looks_closer:
            with open_archive(archive.path, PASSWORD) as other, other.write("settings") as tx:
                tx.put(Config("closer_look", True))
            archive.refresh()

    find_duplicates(archive, again=True, tell=switch)
    assert sets(archive) == without
    find_duplicates(archive)
    assert sets(archive) == WHOLE


def test_a_picture_removed_by_others_meanwhile_ends_no_search(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = named(archive, "1-jpeg")
    with archive.write("settings") as tx:
        tx.put(*(replace(row, judged=None) for row in archive.pairs.records()))
    really = closer_look.judge

    def meanwhile(*given: Any) -> Judged:
        if gone in archive.blobs:
            with open_archive(archive.path, PASSWORD) as other:
                if gone in other.blobs:
                    remove_picture(other, gone.hex())
            archive.refresh()
        return really(*given)

    with monkeypatch.context() as patch:
        patch.setattr(closer_look, "judge", meanwhile)
        patch.setattr(closer_look, "cores", lambda: 1)
        find_duplicates(archive, again=True)

    assert not any("1-jpeg" in one for one in sets(archive))
    assert all(gone not in (row.first, row.second) for row in archive.pairs.records())


def test_pictures_stay_comparable_when_the_first_read_is_undone(
    tmp_path: Path, pictures: dict[str, bytes]
) -> None:
    put(tmp_path / "first", {"alone": pictures["alone"]})
    put(tmp_path / "second", {name: raw for name, raw in pictures.items() if name != "alone"})
    with new_archive(tmp_path / "archive") as archive:
        first = read_folder(archive, tmp_path / "first")
        read_folder(archive, tmp_path / "second")

        assert archive.undo(first.change).conflicts == ()

        assert archive.preparation == "scaled"
        assert len(archive.prints_now().digests) == 12
        put(tmp_path / "third", {"again": encoded(landscape(2, *SIZE), "JPEG", quality=55)})
        read_folder(archive, tmp_path / "third")
        apart = sets(archive)
        find_duplicates(archive, again=True)
        assert apart == sets(archive)
        assert sorted(map(len, apart)) == [3, 3, 4]


def test_nothing_stays_of_an_archive_whose_only_read_is_undone(tmp_path: Path) -> None:
    put(tmp_path / "in", {"alone": encoded(landscape(9, *SIZE))})
    with new_archive(tmp_path / "archive") as archive:
        archive.undo(read_folder(archive, tmp_path / "in").change)

        assert not archive.preparation
        assert read_folder(archive, tmp_path / "in").saved == 1
