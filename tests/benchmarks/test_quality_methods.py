from __future__ import annotations

from io import BytesIO
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.quality import drawn, methods, report, stage
from benchmarks.quality.__main__ import candidates_table
from benchmarks.quality.dataset import Dataset, Entry
from benchmarks.quality.methods import Accepted, Traits
from benchmarks.quality.score import Labelled, transitive
from benchmarks.quality.stage import Stage, Told
from fapfav.images import hashes
from fapfav.model import Label

HASHES = st.lists(st.integers(0, 15).map(lambda low: low * 0x1001), min_size=1, max_size=12)


@given(HASHES, st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_near_hashes_are_those_with_few_bits_apart(values: list[int], limit: int) -> None:
    found = methods.near_hashes(np.array(values, np.uint64), limit)

    assert sorted(map(tuple, found.tolist())) == [
        (i, j)
        for i, j in combinations(range(len(values)), 2)
        if (values[i] ^ values[j]).bit_count() <= limit
    ]


def test_blocks_of_many_meet_each_other() -> None:
    values = np.arange(3000, dtype=np.uint64) << np.uint64(20)
    values[[5, 1500, 2999]] = 7
    found = {tuple(pair) for pair in methods.near_hashes(values, 0).tolist()}

    assert found == {(5, 1500), (5, 2999), (1500, 2999)}


def test_what_a_library_does_not_take_is_in_no_pair() -> None:
    usable = np.array([True, False, True])

    assert methods.near_hashes(np.zeros(3, np.uint64), 0, usable).tolist() == [[0, 2]]


def test_near_vectors_are_those_with_a_large_cosine() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)

    assert methods.near_vectors(vectors, 0.8).tolist() == [[0, 1]]
    assert methods.near_vectors(vectors, 0.6).tolist() == [[0, 1], [1, 2]]


def traits(
    prints: list[int], turned: list[list[int]] | None = None, inner: list[int] | None = None
) -> Traits:
    """Pictures that differ by their first hash alone, the first one the largest."""
    count = len(prints)
    rng = np.random.default_rng(1)
    values = rng.integers(0, 1 << 63, (count, 4), np.uint64)
    values[:, 0] = prints
    others = turned or [[0x5555555555555555 ^ n for n in range(7)]] * count
    return Traits(
        hashes=values,
        turned=np.array(others, np.uint64),
        inner=np.array(inner if inner is not None else prints, np.uint64),
        vectors=np.eye(count, 16, dtype=np.float32),
        animated=np.zeros(count, np.bool_),
        pixels=np.arange(count, 0, -1),
        limits=(0.95, 0.97),
    )


def test_a_turned_picture_is_a_candidate_of_the_upright_one() -> None:
    square = np.asarray(drawn.comic(Random(5)).convert("L").resize((32, 32)))
    ways = [np.rot90(each, step) for each in (square, square.T) for step in range(4)]
    prints = [hashes.percept(np.ascontiguousarray(way)) for way in ways]
    unlike = 0xF0F0F0F0F0F0F0F0
    known = traits([prints[0], prints[6], unlike], [prints[1:], prints[:6] + prints[7:], [0] * 7])

    assert [0, 1] in methods.candidates(known).tolist()


def test_a_framed_picture_is_a_candidate_of_the_plain_one() -> None:
    plain, framed, other = 0x0123456789ABCDEF, 0xFEDCBA9876543210, 0x00FF00FF00FF00FF
    known = traits([plain, framed, other], inner=[plain, plain ^ 0b111, other])

    assert methods.candidates(known).tolist() == []  # other things by the embedding
    known.vectors[1, :2] = 0.5
    assert methods.wide(known).tolist() == []
    assert methods.candidates(known).tolist() == [[0, 1]]


def test_what_one_hash_alone_finds_is_no_candidate() -> None:
    known = traits([0x0123456789ABCDEF, 0xFEDCBA9876543210])
    known.hashes[1, 1] = known.hashes[0, 1]

    assert methods.wide(known).tolist() == [[0, 1]]
    assert methods.candidates(known).tolist() == []


def test_the_defaults_tie_equal_hashes_and_near_ones() -> None:
    known = traits([0b0, 0b11, 0b11, 0xFFFFFFFF0000])
    pairs = methods.default(known).pairs

    assert transitive(4, pairs).tolist() == [0, 0, 0, 3]


def dataset_of(folder: Path, count: int) -> Dataset:
    entries = []
    for number in range(count):
        Image.new("RGB", (40, 30), (60 * number, 10, 10)).save(folder / f"{number}.png")
        entries.append(
            Entry(
                path=f"{number}.png",
                base=f"<base {number // 2}>",
                kind="drawing",
                change="original" if number % 2 == 0 else "png",
                family="original" if number % 2 == 0 else "format",
                truth=Label.SAME,
                unit=f"<base {number // 2}>",
                within=Label.DIFFERENT,
            )
        )
    return Dataset(folder, tuple(entries))


def test_the_stage_looks_at_thumbnails_of_files(tmp_path: Path) -> None:
    page = drawn.comic(Random(5))
    page.save(tmp_path / "one.png")
    page.resize((page.width // 2, page.height // 2)).save(tmp_path / "small.jpg", quality=60)
    drawn.comic(Random(6)).save(tmp_path / "other.png")
    second = stage.second_stage()
    one, small, other = (
        second.traits(tmp_path / name) for name in ("one.png", "small.jpg", "other.png")
    )

    assert max(Image.open(BytesIO(one.data)).size) == 280
    assert (one.traits.width, one.traits.height) == page.size
    assert second.relation(one, small).label is Label.SAME
    assert second.relation(one, other).label is Label.DIFFERENT


def test_the_table_of_candidates_counts_what_is_left_of_the_wide_searches(tmp_path: Path) -> None:
    known = traits([0x0123456789ABCDEF, 0xFEDCBA9876543210, 7, 7])
    known.hashes[3] = known.hashes[2]
    known.vectors[3] = known.vectors[2]
    known.hashes[1, 1] = known.hashes[0, 1]
    table = candidates_table(Labelled(dataset_of(tmp_path, 4).entries), known)

    assert [row[1] for row in table.rows] == ["1.0000", "0.5000"]
    assert [row[3] for row in table.rows] == ["0.50", "0.25"]


def test_pictures_are_tested_against_keepers_until_one_takes_them_in(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, 4)
    asked: list[tuple[int, int]] = []
    reds = {(0, 1): Label.SAME, (0, 2): Label.RELATED, (2, 3): Label.SAME}

    def red(path: Path) -> int:
        return int(path.stem)

    def told(one: int, other: int) -> Told:
        asked.append((one, other))
        return Told(reds.get((one, other), Label.DIFFERENT), 1.0, "")

    pairs = np.array(list(combinations(range(4), 2)), np.int64)
    found = methods.ours(dataset, traits([1, 2, 3, 4]), pairs, Stage(red, told))

    assert found.pairs.tolist() == [[0, 1], [2, 3]]
    assert found.related is not None
    assert found.related.tolist() == [[0, 2]]
    assert found.tested == len(asked)
    assert not {(1, 2), (1, 3)} & set(asked)


def test_without_the_other_environment_the_table_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "PARITY", tmp_path / "none")
    peers = methods.peers(dataset_of(tmp_path, 2), lambda _: None)

    assert peers.accepted == ()
    assert any("make .venv-parity" in line for line in peers.missing)


def result(dataset: Dataset) -> report.Result:
    accepted = Accepted("a <method>", "<= 4", np.array([[0, 1], [1, 2]], np.int64))
    sets = transitive(4, accepted.pairs)
    return report.Result(accepted, sets, Labelled(dataset.entries).score(sets))


def test_the_page_needs_no_other_file_and_takes_no_name_for_markup(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, 4)
    tables = [report.limits_table([result(dataset)]), *report.family_tables([result(dataset)])]
    shown = [("Missed", [report.Shown(2, 3, "a & b")]), ("False", [])]
    page = report.page("Title", ["note <1>"], tables, shown, dataset)

    assert page.count('src="data:image/jpeg;base64,') == page.count("src=") == 2
    assert "href" not in page
    assert "<base" not in page
    assert "a &lt;method&gt;" in page
    assert "note &lt;1&gt;" in page
    assert "light-dark(" in page


def test_the_best_limit_of_a_method_has_the_largest_f1(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, 4)
    labelled = Labelled(dataset.entries)
    results = []
    for setting, pairs in (("1", [[0, 1]]), ("2", [[0, 1], [2, 3]]), ("3", [[0, 1], [0, 2]])):
        accepted = Accepted("m", setting, np.array(pairs, np.int64))
        sets = transitive(4, accepted.pairs)
        results.append(report.Result(accepted, sets, labelled.score(sets)))

    assert [each.name for each in report.best_of_each(results)] == ["m 2"]
