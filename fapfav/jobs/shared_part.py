"""How much of each picture of a set is the picture that all of them show, and not a border of it.

A closer look says how two pictures lie on each other, and in words whether what only one of them
shows is a border or more of the picture. All members of a set were looked at with its keeper: so
they are laid on that, as boxes in shares of its sides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from fapfav.jobs.reasons import MORE, WITH, WITHOUT, WRITTEN, parts_of
from fapfav.jobs.to_keeper import Kept, ToKeeper
from fapfav.model import Digest
from fapfav.relation.placement import Placement

_LESS: Final = 0.97  # share of the most that any shows; placements are exact to a hundredth
_BORDER: Final = 0.985  # share of a picture from which there is no border to speak of


@dataclass(frozen=True, slots=True)
class Part:
    """One picture: the share of its area that is the picture and not what is `around` it.

    It is `cropped` where another one of its set shows more of the picture, and `written` where
    it or the keeper of its set has words or a mark over it that the other has not.
    """

    share: float = 1.0
    around: str = ""
    cropped: bool = False
    written: bool = False


class _Box(NamedTuple):
    """Left, top, right and bottom, as shares of the keeper's sides; it may reach beyond them."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: _Box) -> _Box:
        """What it has in common with another."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return _Box(left, top, max(left, right), max(top, bottom))

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


WHOLE: Final = Part()
"""Of a picture of which nothing else is known."""

_KEEPER: Final = _Box(0.0, 0.0, 1.0, 1.0)


def shared_parts(kept: Kept) -> dict[Digest, Part]:
    """Of the keeper of a set and of those that were looked at with it; of others nothing is known.

    What has a border is without one as soon as a picture of the set has none: the part that this
    one shows is the picture.
    """
    looked = {one: each for one, each in kept.others.items() if each.probability is not None}
    if kept.keeper is None or not looked:
        return {}
    frames = {one: _frame(each.lies) for one, each in looked.items()}
    inner, around = _KEEPER, ""
    for one, each in looked.items():
        if word := _said(each, WITHOUT):
            inner, around = inner.within(frames[one]), word
    shown = {one: _shown(frames[one], each, inner) for one, each in looked.items()}
    frames[kept.keeper], shown[kept.keeper] = _KEEPER, inner
    extents = {one: _extent(box, looked.get(one)) for one, box in shown.items()}
    most = max(extents.values())
    found = {}
    for one, box in shown.items():
        share = box.area / frames[one].area
        own = _said(looked[one], WITH) if one in looked else ""
        added = (own or around) if share < _BORDER else ""
        is_cropped, is_written = extents[one] < _LESS * most, _is_written(looked.get(one))
        found[one] = Part(share if added else 1.0, added, is_cropped, is_written)
    return found


def _frame(placement: Placement) -> _Box:
    """Where a picture lies on its keeper."""
    left, right = ((1 + placement.shift_x + way * placement.zoom_x) / 2 for way in (-1, 1))
    top, bottom = ((1 + placement.shift_y + way * placement.zoom_y) / 2 for way in (-1, 1))
    return _Box(left, top, right, bottom)


def _shown(frame: _Box, found: ToKeeper, inner: _Box) -> _Box:
    """The part of a frame that is the picture; `inner` is what of the keeper is no border."""
    box = frame.within(_KEEPER) if _said(found, WITH) else frame
    # What has the keeper's border shows it too, if perhaps less of it.
    return box if _shows_more(found) or inner == _KEEPER else box.within(inner)


def _extent(box: _Box, found: ToKeeper | None) -> float:
    """How much of the picture is shown; beyond the keeper only if that was found to be picture."""
    is_more = found is not None and _shows_more(found)
    return box.area if is_more else box.within(_KEEPER).area


def _shows_more(found: ToKeeper) -> bool:
    return any(part.startswith(MORE) for part in parts_of(found.reason))


def _is_written(found: ToKeeper | None) -> bool:
    return found is not None and any(part.startswith(WRITTEN) for part in parts_of(found.reason))


def _said(found: ToKeeper, words: Collection[str]) -> str:
    """Which of these was found, by its last word."""
    said = (part for part in parts_of(found.reason) if part in words)
    return next(said, "").rpartition(" ")[2]
