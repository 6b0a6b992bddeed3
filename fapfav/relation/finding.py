"""What is found of a pair, with and without words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fapfav.relation.orientation import Orientation, oriented_placement
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.rules import Rule
from fapfav.relation.structure import Structure
from fapfav.words import Label


@dataclass(frozen=True, slots=True)
class Transform:
    """How one picture became another: turned, then placed, then made lighter.

    Values are `gain` times as large, plus `offset` of 255.
    """

    orientation: Orientation = Orientation.UPRIGHT
    placement: Placement = UNMOVED
    gain: float = 1.0
    offset: float = 0.0

    def inverse(self) -> Transform:
        """The way back."""
        back = self.orientation.inverse
        placement = oriented_placement(self.placement.inverse(), back)
        return Transform(back, placement, 1 / self.gain, -self.offset / self.gain)


@dataclass(frozen=True, slots=True)
class Relation:
    """What the second of two pictures is to the first.

    `probability` is of `kind`; `reason` says in words what was found, as seen from the first.
    `doubtful` pairs are the same, or the same in other colours, by what is kept of them, and worth
    a look with `closer`; with `only_letters` all that is doubtful is whether both have their own.
    """

    kind: Label
    probability: float
    reason: str
    transform: Transform
    rule: Rule
    doubtful: bool = False
    only_letters: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rules found, without words; `rest` is the mean difference left over, of 255."""

    kind: Label
    rule: Rule
    margin: float
    transform: Transform = Transform()
    rest: float = 0.0
    structure: Structure | None = None

    def inverse(self) -> Finding:
        """The same, seen from the other picture."""
        return replace(self, transform=self.transform.inverse())
