from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fapfav.duplicates.limits import (
    ANIMATED,
    REGULAR,
    Rule,
    check_limits,
    closeness,
    limits_for,
    passes,
    with_cnn,
)
from fapfav.errors import UsageError
from fapfav.model import Limits, Method
from tests.duplicates.making import ALL_OFF, name


def test_the_defaults_are_within_their_own_bounds() -> None:
    check_limits(REGULAR, ANIMATED)

    assert Limits(4, 1, 4, 1, 0.95) == REGULAR
    assert Limits(3, -1, 1, -1, 0.97) == ANIMATED


def test_a_model_brings_its_own_cosines() -> None:
    regular, animated = with_cnn(0.8, 0.9)

    assert (regular.cnn, animated.cnn) == (0.8, 0.9)
    assert replace(regular, cnn=0.95) == REGULAR
    assert replace(animated, cnn=0.97) == ANIMATED


@pytest.mark.parametrize("field", ["percept", "average", "diff", "wavelet"])
@pytest.mark.parametrize("value", [-2, 16, 2.5, True, "4", float("nan")])
def test_a_hash_limit_is_off_or_a_whole_number_up_to_15(field: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"regular {field} limit"):
        check_limits(replace(REGULAR, **{field: value}), ALL_OFF)


@pytest.mark.parametrize("value", [0, 0.49, 1, 1.5, -0.5, float("nan"), True, "0.9", None])
def test_a_cnn_limit_is_off_or_from_one_half_to_below_one(value: Any) -> None:
    with pytest.raises(UsageError, match="regular cnn limit"):
        check_limits(replace(REGULAR, cnn=value), ALL_OFF)


@pytest.mark.parametrize("limit", [-1, 0, 15])
def test_the_ends_of_a_hash_limit_are_allowed(limit: int) -> None:
    check_limits(Limits(limit, limit, limit, limit, 0.5), Limits(limit, -1, limit, -1, 0.999))


@pytest.mark.parametrize(
    ("field", "regular", "animated"),
    [("percept", 4, 5), ("diff", -1, 0), ("cnn", 0.95, 0.94), ("cnn", -1, 0.99)],
)
def test_an_animated_limit_laxer_than_the_regular_one_is_refused(
    field: str, regular: float, animated: float
) -> None:
    lax = replace(ALL_OFF, **{field: animated})  # type: ignore[arg-type]
    base = replace(REGULAR, **{field: regular})  # type: ignore[arg-type]

    with pytest.raises(UsageError, match=f"animated {field} limit .* laxer"):
        check_limits(base, lax)


def test_off_is_the_strictest_animated_limit() -> None:
    check_limits(Limits(0, 0, 0, 0, 0.99), ALL_OFF)
    check_limits(ALL_OFF, ALL_OFF)


def test_one_animated_picture_makes_the_animated_limits_hold() -> None:
    rule = Rule(REGULAR, ANIMATED, moving={name(1)})

    assert rule.limits_for(name(1), name(2)) is ANIMATED
    assert rule.limits_for(name(2), name(1)) is ANIMATED
    assert rule.limits_for(name(2), name(3)) is REGULAR
    assert limits_for(REGULAR, ANIMATED, moving=True) is ANIMATED


@pytest.mark.parametrize("agree", [0, 6])
def test_a_rule_asks_for_one_to_five_methods(agree: int) -> None:
    with pytest.raises(UsageError, match="agree must be 1 to 5"):
        Rule(REGULAR, ANIMATED, agree=agree)


def test_a_method_that_is_off_lets_nothing_through() -> None:
    assert not any(passes(method, 0, ALL_OFF) for method in Method)
    assert not passes(Method.CNN, 1.0, ALL_OFF)


def test_a_score_at_its_limit_passes() -> None:
    assert passes(Method.PERCEPT, 4, REGULAR)
    assert not passes(Method.PERCEPT, 5, REGULAR)
    assert passes(Method.CNN, 0.95, REGULAR)
    assert not passes(Method.CNN, 0.9499, REGULAR)


def test_closeness_is_one_for_equal_and_falls_towards_the_limit() -> None:
    exact = replace(REGULAR, percept=0)

    assert closeness(Method.PERCEPT, 0, exact) == 1
    assert closeness(Method.CNN, 1.0, REGULAR) == 1
    assert closeness(Method.PERCEPT, 1, REGULAR) > closeness(Method.PERCEPT, 4, REGULAR) > 0
    assert closeness(Method.CNN, 0.95, REGULAR) == pytest.approx(0)
