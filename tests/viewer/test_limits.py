"""The form of sensitivities, where the archive has embeddings too."""

from __future__ import annotations

import pytest

from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR
from fapfav.model import Method
from viewer import limits

BOTH = REGULAR, ANIMATED


def sent(**changes: str) -> dict[str, str]:
    """The form as it stands, with some fields changed."""
    fields = limits.shown(BOTH, BOTH, has_vectors=True).fields
    found = {f"{field.kind}_{field.method}": field.value for field in fields}
    boxes = {f"enabled_{field.kind}_{field.method}": "1" for field in fields if field.is_on}
    return {**found, **boxes, **changes}


def wrong(form: limits.LimitsForm) -> list[str]:
    return [f"{field.kind}_{field.method}" for field in form.wrong]


def test_what_is_sent_back_unchanged_changes_nothing() -> None:
    form = limits.parsed(sent(), BOTH, BOTH, has_vectors=True)

    assert form.wrong == ()
    assert form.applied_to(BOTH) == BOTH


@pytest.mark.parametrize("value", ["0.49", "1", "1.0", "inf", "-1", "", "0,95", "nan"])
def test_a_cosine_is_from_a_half_up_to_but_not_one(value: str) -> None:
    form = limits.parsed(sent(regular_cnn=value), BOTH, BOTH, has_vectors=True)
    assert wrong(form) == ["regular_cnn"]


@pytest.mark.parametrize(("value", "then"), [("0.5", 0.5), ("0.9999", 0.9999), (" .97 ", 0.97)])
def test_a_cosine_within_bounds_is_taken(value: str, then: float) -> None:
    form = limits.parsed(
        sent(regular_cnn=value, animated_cnn="0.9999"), BOTH, BOTH, has_vectors=True
    )
    assert form.wrong == ()
    assert form.regular[Method.CNN] == then


@pytest.mark.parametrize(
    ("method", "regular", "animated", "is_wrong"),
    [
        ("cnn", "0.96", "0.95", True),
        ("cnn", "0.96", "0.96", False),
        ("percept", "4", "5", True),
        ("percept", "4", "4", False),
    ],
)
def test_animations_are_limited_at_least_as_strictly(
    method: str, regular: str, animated: str, is_wrong: bool
) -> None:
    changes = {f"regular_{method}": regular, f"animated_{method}": animated}
    form = limits.parsed(sent(**changes), BOTH, BOTH, has_vectors=True)
    assert wrong(form) == ([f"animated_{method}"] if is_wrong else [])


def test_a_method_that_is_off_for_still_pictures_is_off_for_animations() -> None:
    given = sent()
    del given["enabled_regular_percept"]
    form = limits.parsed(given, BOTH, BOTH, has_vectors=True)

    assert wrong(form) == ["animated_percept"]
    del given["enabled_animated_percept"]
    form = limits.parsed(given, BOTH, BOTH, has_vectors=True)
    assert form.wrong == ()
    assert form.applied_to(BOTH)[0].percept == OFF


def test_the_value_of_a_method_that_is_off_does_not_matter() -> None:
    given = sent(animated_wavelet="nonsense")
    assert limits.parsed(given, BOTH, BOTH, has_vectors=True).wrong == ()


def test_without_embeddings_there_is_no_cosine_to_set() -> None:
    form = limits.parsed(sent(regular_cnn="x"), BOTH, BOTH, has_vectors=False)

    assert form.wrong == ()
    assert Method.CNN not in form.regular
    assert form.applied_to(BOTH) == BOTH
