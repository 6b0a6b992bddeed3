"""benchmarks/scale.py: the plan's formulas, held against what can be counted."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from benchmarks.scale import Inputs, candidates, measured_examining, measured_hashes, plan
from tests.support import encoded, landscape

RATES = Inputs(examine=0.0125, answer=20e3, task=0.0025, sort=40e-9, candidate=25e-9, product=2e-11)


def test_candidates_are_as_many_as_are_counted() -> None:
    values = np.random.default_rng(2).integers(0, 1 << 24, 3000)
    chunks = [(values >> shift) & 63 for shift in (0, 6, 12, 18)]
    counted = 0
    for one, other in combinations(chunks, 2):
        _, sizes = np.unique(one * 64 + other, return_counts=True)
        counted += int((sizes * (sizes - 1) // 2).sum())

    assert candidates(3000, limit=2, bits=24) == pytest.approx(counted, rel=0.05)


def test_the_plan_follows_from_its_inputs() -> None:
    lines = {what: number for what, number, _ in plan(RATES)}
    doubled = {
        what: number for what, number, _ in plan(replace(RATES, pictures=2 * RATES.pictures))
    }

    assert lines["pictures"] == pytest.approx(50)
    assert lines["examining, all cores"] == pytest.approx(1e8 * 0.0125 / 100 / 3600)
    assert lines["pictures over one link"] == pytest.approx(50e12 / 1.25e9 / 3600)
    assert lines["cores that one client feeds"] == pytest.approx(5)
    for what, factor in {
        "pictures": 2, "all vectors with all, all cores": 4, "one archive's memory": 2,
        "cores that one link feeds": 1,
    }.items():  # fmt: skip
        assert doubled[what] == pytest.approx(factor * lines[what])


def test_rates_are_of_what_is_really_done() -> None:
    raw = encoded(landscape(1), "JPEG")

    spent, answer = measured_examining([raw] * 3, None)
    _, candidate = measured_hashes(20_000)

    assert spent > 0
    assert answer > 500
    assert candidate > 0
