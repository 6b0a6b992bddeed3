"""Two pictures with as much detail as the smaller of them has in the other.

A copy in a window or on a phone has fewer pixels of a thumbnail than the picture alone, and lines
of text that are one pixel high in that one are grey in this. Without it the two differ nearly
everywhere.
"""

from __future__ import annotations

from typing import Final

from fapfav.relation.placement import Placement
from fapfav.relation.planes import averaging
from fapfav.relation.traits import Plane

_LEAST: Final = 8  # pixels of a side that are left at the least


def softer(moving: Plane, still: Plane, placement: Placement) -> tuple[Plane, Plane]:
    """Both lumas, of one size, each without what it shows more finely than the other does."""
    zooms = placement.zoom_y, placement.zoom_x
    return _softened(moving, tuple(1 / zoom for zoom in zooms)), _softened(still, zooms)


def _softened(plane: Plane, shares: tuple[float, ...]) -> Plane:
    """A luma as if it had such shares of its rows and columns, if these are fewer."""
    for share in shares:
        size = len(plane)
        fewer = max(_LEAST, min(size, round(size * share)))
        if fewer < size:
            plane = averaging(fewer, size) @ (averaging(size, fewer) @ plane)
        plane = plane.T
    return plane
