"""What a read counts, album by album."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from fapfav.model import AlbumKey


@dataclass(slots=True)
class Counts:
    """Of one album, or of all: pictures, but for the bytes.

    `known` were at their place already, `existing` got a place added, `removed` are kept out,
    `left_alone` failed before and were not tried again.
    """

    saved: int = 0
    known: int = 0
    existing: int = 0
    removed: int = 0
    failed: int = 0
    left_alone: int = 0
    bytes: int = 0
    thumb_bytes: int = 0


@dataclass(slots=True)
class Tally:
    """Counts of one read; `failures` as (album, name, reason)."""

    albums: dict[AlbumKey, Counts] = field(default_factory=dict)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    skipped: int = 0
    pages: int = 0

    def of(self, album: AlbumKey) -> Counts:
        """The counts of one album, to add to."""
        return self.albums.setdefault(album, Counts())

    @property
    def total(self) -> Counts:
        """All albums together."""
        total = Counts()
        for counts in self.albums.values():
            for each in fields(Counts):
                more = getattr(total, each.name) + getattr(counts, each.name)
                setattr(total, each.name, more)
        return total

    def in_words(self) -> str:
        """For the log."""
        total = self.total
        return f"{total.saved} saved, {total.existing} existing, {total.failed} failed"
