"""Where one picture lies on another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Placement:
    """Which point of one picture is shown at each point (u, v) of another, both from -1 to 1.

    It is zoom_x * u + tilt_x * v + shift_x across and zoom_y * v + tilt_y * u + shift_y down. Less
    than 1 of zoom: the other is a part of it.
    """

    zoom_x: float = 1.0
    shift_x: float = 0.0
    zoom_y: float = 1.0
    shift_y: float = 0.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0

    def inverse(self) -> Placement:
        """The same with the two pictures exchanged."""
        scale = self.zoom_x * self.zoom_y - self.tilt_x * self.tilt_y
        zoom_x, zoom_y = self.zoom_y / scale, self.zoom_x / scale
        tilt_x, tilt_y = -self.tilt_x / scale, -self.tilt_y / scale
        return Placement(
            zoom_x,
            -(zoom_x * self.shift_x + tilt_x * self.shift_y),
            zoom_y,
            -(zoom_y * self.shift_y + tilt_y * self.shift_x),
            tilt_x,
            tilt_y,
        )

    @property
    def tilted(self) -> bool:
        """Whether it is more than zoom and shift."""
        return bool(self.tilt_x or self.tilt_y)

    def near(self, other: Placement, within: float) -> bool:
        """Whether no point along the sides is shown further off than so much of half a side."""
        along = (
            abs(self.zoom_x - other.zoom_x) + abs(self.shift_x - other.shift_x),
            abs(self.zoom_y - other.zoom_y) + abs(self.shift_y - other.shift_y),
        )
        return (
            max(along) + abs(self.tilt_x - other.tilt_x) + abs(self.tilt_y - other.tilt_y) < within
        )

    @property
    def zoomed(self) -> float:
        """How far the zooms are from 1, as the larger of both logarithms."""
        return max(abs(math.log(self.zoom_x)), abs(math.log(self.zoom_y)))

    @property
    def passing(self) -> float:
        """How far both go past each other's edges along one axis, on opposite sides: the lesser of
        both, of half a side; the larger of both axes."""
        return max(
            max(0.0, abs(shift) - abs(1 - zoom))
            for zoom, shift in ((self.zoom_x, self.shift_x), (self.zoom_y, self.shift_y))
        )

    def box(self) -> tuple[float, float, float, float]:
        """The part that the other shows of it: left, top, right, bottom, as shares of its sides."""
        sides = []
        for zoom, shift in ((self.zoom_x, self.shift_x), (self.zoom_y, self.shift_y)):
            sides.append([max(0.0, min(1.0, (1 + shift + way * zoom) / 2)) for way in (-1, 1)])
        return sides[0][0], sides[1][0], sides[0][1], sides[1][1]

    @property
    def covered(self) -> float:
        """How much of its area the other shows, 0 to 1, tilt aside."""
        left, top, right, bottom = self.box()
        return (right - left) * (bottom - top)


UNMOVED: Final = Placement()
