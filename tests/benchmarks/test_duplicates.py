"""What searches are measured with, and that the measuring runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import duplicates, duplicates_vectors
from benchmarks.duplicates_searches import SEARCHES, figures, hashes, values
from fapfav.duplicates.hamming import near_values


def test_every_search_runs_at_a_small_size() -> None:
    for each in SEARCHES.values():
        run = figures(each.prepare(2_000))

        assert run["wall"] >= 0
        assert run["found"] >= 0


def test_a_search_is_measured_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    duplicates.main(["--only", "4-100000", "--quick"])

    table = capsys.readouterr().out
    assert "| 100,000 hashes, 4 bits |" in table
    assert "0.15 s, 300 MB" in table
    assert "failed" not in table


def test_a_twentieth_of_the_values_has_a_neighbour() -> None:
    some = values(10_000)

    found = near_values(some, 4, np.ones(some.size, np.bool_))[0].size

    assert 500 <= found <= 600
    assert hashes(10_000, 4)(1)() == found


def test_made_rows_have_neighbours_as_near_as_the_real_ones_have() -> None:
    random = np.random.default_rng(1)
    centres = random.normal(size=(60, 160)) + 0.3
    real = duplicates_vectors.quantized(
        centres[random.integers(0, 60, 600)] + 0.5 * random.normal(size=(600, 160))
    )

    made = duplicates_vectors.many(real, 2_000, None)

    assert (made[:600] == real).all()
    before, after = (np.median(duplicates_vectors.neighbours(each, 300)) for each in (real, made))
    assert abs(np.arccos(before) - np.arccos(after)) < 0.15


def test_equal_rows_and_rows_of_zeros_are_left_out() -> None:
    rows = np.array([[1, 2], [0, 0], [3, 4], [1, 2]], np.int8)

    assert duplicates_vectors.distinct(rows).tolist() == [[1, 2], [3, 4]]


def test_a_picture_gives_itself_and_parts_of_it_the_same_ones_each_time(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)

    first, second = (
        [view.tobytes() for view in duplicates_vectors.views(picture, np.random.default_rng(5))]
        for _ in range(2)
    )

    assert first == second
    assert first[0] == picture.tobytes()
    assert len(set(first)) == len(first) >= 7
