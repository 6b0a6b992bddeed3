"""fapfav/jobs/fitness.py: what makes two computers' prints alike is told, and tried."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from fapfav.images.examine import examine
from fapfav.jobs.fitness import Versions, differences, own_versions, trial, unlike
from fapfav.model import HASHES


@pytest.mark.parametrize("name", [field.name for field in fields(Versions)])
def test_a_difference_is_named_with_both_versions(name: str) -> None:
    own = own_versions()
    other = replace(own, **{name: "0.0"})

    said = differences(own, other)

    assert f"{name} is 0.0 there and {getattr(own, name)} here" in said
    assert differences(own, own_versions()) == ""


def test_the_decoders_name_the_library_of_jpegs() -> None:
    assert "libjpeg_turbo-" in own_versions().decoders
    assert "none" not in own_versions().fapfav


def test_the_picture_to_try_has_something_for_every_hash() -> None:
    prints = examine(trial(), thumbnail=False).fingerprint

    assert all(8 <= getattr(prints, method.value).bit_count() <= 56 for method in HASHES)
    assert unlike(prints, examine(trial(), thumbnail=False).fingerprint) == ""


@pytest.mark.parametrize("method", [method.value for method in HASHES])
def test_a_single_other_bit_is_told(method: str) -> None:
    prints = examine(trial(), thumbnail=False).fingerprint

    other = replace(prints, **{method: getattr(prints, method) ^ 1})

    assert unlike(prints, other).endswith(f": {method}")


def test_embeddings_may_differ_by_rounding_and_no_more() -> None:
    rng = np.random.default_rng(3)
    prints = examine(trial(), thumbnail=False).fingerprint
    here = rng.normal(size=64).astype(np.float32)
    here /= np.linalg.norm(here)

    def with_noise(share: float) -> str:
        noise = rng.normal(size=64) / 8
        there = here + np.float32(share) * noise.astype(np.float32)
        there /= np.linalg.norm(there)
        return unlike(replace(prints, cnn=here), replace(prints, cnn=there))

    assert with_noise(0.01) == ""
    assert "other embeddings" in with_noise(0.2)
    assert unlike(replace(prints, cnn=here), prints) == "it makes no embeddings"
