"""What the checks amount to: the places that are gone now, and what told so."""

from __future__ import annotations

from fapfav.model import PlaceKey, Sighting
from fapfav.store.archive import Archive


def gone_places(archive: Archive) -> dict[PlaceKey, Sighting]:
    """By place, the entry of its history that says how gone it is."""
    return {check.key: check.history[-1] for check in archive.checks.records() if check.level}
