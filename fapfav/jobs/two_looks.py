"""What two looks come to: the judgement of a pair, in whichever process it is made.

Pure: a search and the processes that look for it ask the same here, and are told the same.
"""

from __future__ import annotations

from typing import Any, Final

from fapfav.duplicates.keepers import BLIND
from fapfav.jobs.looks import Look
from fapfav.model import Judged, Label
from fapfav.relation.closer import closer
from fapfav.relation.finding import Transform
from fapfav.relation.judge import relation
from fapfav.relation.orientation import Orientation

VERSION: Final = 1
"""Of the rules that judge: with others every pair is looked at anew."""

_DIGITS: Final = 4


def judged(first: Look | None, second: Look | None) -> Judged:
    """What the second is to the first. Where one of them cannot be looked at, it says so, and the
    pair counts by its prints."""
    if first is None or second is None:
        return Judged(Label.RELATED, 0.0, "one of them cannot be looked at", {}, BLIND)
    found = relation(first.traits, second.traits)
    if found.doubtful:
        found = closer(first.close(), second.close(), found)
    return Judged(
        found.kind,
        round(float(found.probability), _DIGITS),
        found.reason,
        _plain(found.transform) if found.kind is not Label.DIFFERENT else {},
        VERSION,
    )


def _plain(transform: Transform) -> dict[str, Any]:
    """What is not as it was, by name."""
    placement = transform.placement
    values: dict[str, float] = {
        name: round(float(getattr(placement, name)), _DIGITS)
        for name in ("zoom_x", "shift_x", "zoom_y", "shift_y", "tilt_x", "tilt_y")
    }
    values |= {
        "gain": round(float(transform.gain), _DIGITS),
        "offset": round(float(transform.offset), _DIGITS),
    }
    kept: dict[str, Any] = {
        name: value for name, value in values.items() if value != _UNCHANGED.get(name, 0.0)
    }
    if transform.orientation is not Orientation.UPRIGHT:
        kept["orientation"] = transform.orientation.name.lower()
    return kept


_UNCHANGED: Final = {"zoom_x": 1.0, "zoom_y": 1.0, "gain": 1.0}
