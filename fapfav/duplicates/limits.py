"""How alike is alike enough: the limits of each method, their defaults and their bounds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from fapfav.errors import UsageError
from fapfav.model import HASHES, Digest, Limits, Method

OFF = -1
"""Lets nothing through, and counts as the strictest limit."""

LARGEST = 15
"""The largest Hamming distance a hash limit can have; beyond a quarter of the bits all is noise."""

SMALLEST = 0.5
"""The smallest cosine a limit of the embedding can have."""

REGULAR = Limits(percept=4, average=1, diff=4, wavelet=1, cnn=0.95)
ANIMATED = Limits(percept=3, average=OFF, diff=1, wavelet=OFF, cnn=0.97)


def with_cnn(cnn: float, cnn_animated: float) -> tuple[Limits, Limits]:
    """The default limits, regular then animated, with the cosines that the model in use needs."""
    pair = (
        Limits(REGULAR.percept, REGULAR.average, REGULAR.diff, REGULAR.wavelet, cnn),
        Limits(ANIMATED.percept, ANIMATED.average, ANIMATED.diff, ANIMATED.wavelet, cnn_animated),
    )
    check_limits(*pair)
    return pair


def check_limits(regular: Limits, animated: Limits) -> None:
    """Raises UsageError naming the field that is out of bounds, or laxer for animations."""
    for kind, limits in (("regular", regular), ("animated", animated)):
        for method in Method:
            _check_field(kind, method, getattr(limits, method.value))
    for method in Method:
        if _is_laxer(method, animated.of(method), regular.of(method)):
            raise UsageError(
                f"animated {method.value} limit {getattr(animated, method.value)} is laxer than the"
                f" regular one, {getattr(regular, method.value)}: make it at least as strict"
            )


def limits_for(regular: Limits, animated: Limits, *, moving: bool) -> Limits:
    """The limits of a pair; `moving` tells whether either picture of it is animated."""
    return animated if moving else regular


def passes(method: Method, score: float, limits: Limits) -> bool:
    """Whether a score, differing bits or cosine to four decimals, is within its limit."""
    limit = limits.of(method)
    if limit == OFF:
        return False
    return score >= limit if method is Method.CNN else score <= limit


def closeness(method: Method, score: float, limits: Limits) -> float:
    """A passing score on one scale for all methods: 1 is equal, the limit is near 0."""
    limit = limits.of(method)
    if method is Method.CNN:
        return (score - limit) / (1.0 - limit)
    return 1.0 - score / (limit + 1.0)  # one more than the limit: a limit of 0 divides by 1


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a tie: the limits, which blobs are animated, and how many methods must agree.

    With `order` sets have keepers, and it sorts pictures for that, the best first.
    """

    regular: Limits
    animated: Limits
    moving: Collection[Digest] = frozenset()
    agree: int = 1
    order: Callable[[Digest], Any] | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for limits out of bounds or a count that no pair can reach."""
        check_limits(self.regular, self.animated)
        if not 1 <= self.agree <= len(Method):
            raise UsageError(f"agree must be 1 to {len(Method)} methods, not {self.agree}")

    def limits_for(self, one: Digest, other: Digest) -> Limits:
        """The limits of the pair of these two."""
        moving = one in self.moving or other in self.moving
        return limits_for(self.regular, self.animated, moving=moving)


def _check_field(kind: str, method: Method, value: object) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == OFF:
            return
        if method in HASHES and isinstance(value, int) and 0 <= value <= LARGEST:
            return
        if method is Method.CNN and SMALLEST <= value < 1:
            return
    bounds = f"0 to {LARGEST}" if method in HASHES else f"{SMALLEST} up to, not including, 1"
    raise UsageError(f"{kind} {method.value} limit must be {OFF} (off) or {bounds}, not {value!r}")


def _is_laxer(method: Method, limit: float, than: float) -> bool:
    if OFF in (limit, than):
        return limit != OFF
    return limit < than if method is Method.CNN else limit > than
