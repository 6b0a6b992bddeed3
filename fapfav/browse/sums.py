"""Sums that numbers can be taken out of again: exact integers, so that order costs no precision."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from operator import mul


@dataclass(frozen=True, slots=True)
class Spread:
    """How some numbers lie: `deviation` is the standard deviation of them as a whole population.

    All zero when there are none.
    """

    count: int = 0
    total: int = 0
    minimum: int = 0
    maximum: int = 0
    mean: float = 0.0
    deviation: float = 0.0


@dataclass(slots=True)
class Sums:
    """A Spread in the making.

    Who took out the least or the largest number has to begin again from all of them: then it
    `is_stale`, and everything but the minimum and the maximum is still right.
    """

    count: int = 0
    total: int = 0
    squares: int = 0
    minimum: int = 0
    maximum: int = 0
    is_stale: bool = False

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Sums:
        """All of them at once."""
        every = list(numbers)
        squares = sum(map(mul, every, every))
        return cls(len(every), sum(every), squares, min(every, default=0), max(every, default=0))

    def add(self, number: int) -> None:
        """One more."""
        self.minimum = min(number, self.minimum) if self.count else number
        self.maximum = max(number, self.maximum) if self.count else number
        self.count += 1
        self.total += number
        self.squares += number * number

    def take_out(self, number: int) -> None:
        """One less, which was added before."""
        self.count -= 1
        self.total -= number
        self.squares -= number * number
        if number in (self.minimum, self.maximum):
            self.is_stale = True

    def spread(self) -> Spread:
        """How they lie."""
        count = self.count or 1
        variance = (count * self.squares - self.total**2) / count**2
        return Spread(
            self.count,
            self.total,
            self.minimum,
            self.maximum,
            self.total / count,
            math.sqrt(variance),
        )
