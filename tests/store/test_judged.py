"""What a closer look found, on disk and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.model import Judged, Label
from fapfav.store.nested import judged_from_disk, judged_to_disk

ANY = st.builds(
    Judged,
    st.sampled_from(list(Label)),
    st.floats(0, 1),
    st.text(),
    st.dictionaries(st.text(), st.floats(allow_nan=False) | st.text()),
    st.integers(0),
)
PLAIN = judged_to_disk(Judged(Label.SAME, 0.5, "why", {"gain": 1.1}, 3))
assert PLAIN is not None


@given(st.none() | ANY)
def test_a_judgement_comes_back_as_it_was(judged: Judged | None) -> None:
    assert judged_from_disk(judged_to_disk(judged)) == judged


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"a": [1]},
        PLAIN | {"more": 1},
        PLAIN | {"label": "alike"},
        PLAIN | {"probability": 1},
        PLAIN | {"probability": 1.5},
        PLAIN | {"version": -1},
        PLAIN | {"version": True},
        PLAIN | {"reason": b"why"},
        PLAIN | {"transform": None},
    ],
)
def test_a_dictionary_of_another_shape_is_kept_and_says_nothing(other: dict[str, Any]) -> None:
    read = judged_from_disk(other)

    assert read is not None
    assert (read.version, read.reason) == (-1, "")
    assert judged_to_disk(read) == other


@pytest.mark.parametrize("wrong", [1, "same", [], [("label", "same")]])
def test_what_is_no_dictionary_is_damage(wrong: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        judged_from_disk(wrong)
