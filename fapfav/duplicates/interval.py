"""How sure a share is that was seen of so many cases."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

_Z = 1.959963984540054  # of the normal distribution: 95 % lie within


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many cases, with the 95 % interval; `share` is None of none."""

    right: float
    of: int
    share: float | None
    low: float
    high: float


def wilson(right: float, of: int) -> tuple[float, float]:
    """The 95 % interval of a share of which so many of so many were seen; 0 to 1 of none.

    Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and
    statistical inference", Journal of the American Statistical Association 22, 1927).
    """
    if not of:
        return 0.0, 1.0
    share, square = min(right / of, 1.0), _Z * _Z
    middle = share + square / (2 * of)
    reach = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def needed(wanted: float) -> int:
    """How many cases, all of them right, it takes for a lower end of `wanted`."""
    return ceil(_Z * _Z * wanted / (1 - wanted) - 1e-9)


def share_of(right: float, of: int) -> Share:
    """A share with its interval; `right` need not be whole where cases are found in part."""
    low, high = wilson(right, of)
    return Share(round(right, 6), of, min(right / of, 1.0) if of else None, low, high)
