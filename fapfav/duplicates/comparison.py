"""What is better and worse of pictures that look alike, and which one that speaks for keeping.

Only facts that are at hand are weighed. Which picture is sharper, and which of a PNG and a JPEG the
other was made from, is in the pixels: nothing here claims to know it. What is a border and what a
crop left out is known where a closer look told it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from fapfav import text
from fapfav.model import Blob

Trend = Literal["better", "worse", "fact", "warning"]

PIXELS = 1.02
"""From this ratio on one picture is larger than another."""

QUALITY = 5
"""From so many points on the quality that a JPEG was saved with is another."""

BYTES = 1.05
"""From this ratio on bytes tell, where nothing else does."""

DAY = 86_400
"""Seconds from which on one picture is older than another."""

_NOUNS = {"jpg": "JPEG", "tif": "TIFF", "webp": "WebP"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One fact of a picture, beside the best of the others, in words."""

    fact: str
    trend: Trend
    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of one picture, besides what its file tells.

    `posted` is the earliest time a site gave, 0 for none; `priority` the highest of its albums;
    `gone` counts the places it has vanished from; it `is_only_copy` if those are all. `share` is
    how much of its area is the picture and not what is `around` it, a border or a caption, as far
    as a closer look found it; it is `cropped` if another one of its set shows more of the picture.
    """

    blob: Blob
    tags: int = 0
    places: int = 1
    posted: int = 0
    priority: int = 0
    gone: int = 0
    is_only_copy: bool = False
    is_protected: bool = False
    share: float = 1.0
    around: str = ""
    cropped: bool = False

    @property
    def pixels(self) -> int:
        """Those of the picture, without what was added around it."""
        return round(self.blob.width * self.blob.height * self.share)

    @property
    def is_whole(self) -> bool:
        """Whether it is the picture and nothing else: neither cropped nor with a border."""
        return not self.cropped and not self.around

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as it is shown, turned as it says."""
        width, height = self.blob.width, self.blob.height
        return (height, width) if self.blob.orientation > 4 else (width, height)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why it should not be hidden without a look."""
        found = []
        if self.is_only_copy:
            found.append("gone from the site: cannot be fetched again")
        if self.is_protected:
            found.append("protected album")
        return tuple(found)


def size_order(blob: Blob) -> tuple[int, int, bytes]:
    """What members are sorted by: pixels, then bytes, largest first."""
    return -blob.width * blob.height, -blob.size, blob.digest


def compare(facts: Sequence[Facts]) -> tuple[tuple[Chip, ...], ...]:
    """For each picture what it has better or worse than the best of the others, and what differs.

    What is the same of all is left out: see `same`. Their order means nothing.
    """
    return tuple(
        tuple(
            chip
            for weigh in _WEIGHED
            if (chip := weigh(one, [*facts[:at], *facts[at + 1 :]])) is not None
        )
        + tuple(Chip("warning", "warning", words) for words in one.warnings)
        for at, one in enumerate(facts)
    )


def same(facts: Sequence[Facts]) -> str:
    """What all have in common, in words: `JPEG, 1200 x 800, quality 90`; empty if nothing."""
    if len(facts) < 2:
        return ""
    one = facts[0]
    found = []
    if len({each.blob.ext for each in facts}) == 1:
        found.append(format_name(one.blob))
    if len({each.shown for each in facts}) == 1:
        found.append("{} x {}".format(*one.shown))
    elif all(_same_shape(one, each) for each in facts):
        found.append("shape")
    qualities = {each.blob.quality for each in facts}
    if len(qualities) == 1 and one.blob.quality:
        found.append(f"quality {one.blob.quality}")
    if len({each.blob.size for each in facts}) == 1:
        found.append(text.size(one.blob.size))
    if len({each.tags for each in facts}) == 1 and one.tags:
        found.append(text.many(one.tags, "tag"))
    if len({each.places for each in facts}) == 1 and one.places > 1:
        found.append(text.many(one.places, "place"))
    return ", ".join(found)


def format_name(blob: Blob) -> str:
    """What people call the format."""
    return _NOUNS.get(blob.ext, blob.ext.upper())


def difference(facts: Sequence[Facts]) -> str:
    """How they differ as files, in words: `recompressed and 2.1x larger`; empty if they do not."""
    found = []
    if len({each.blob.ext for each in facts}) > 1:
        found.append("in another format")
    elif len({each.blob.size for each in facts}) > 1:
        found.append("recompressed" if all(each.blob.quality for each in facts) else "saved anew")
    counts = sorted(each.pixels for each in facts)
    if counts and counts[-1] >= PIXELS * counts[0] and counts[-1] > counts[0]:
        ratio = counts[-1] / max(counts[0], 1)
        larger = f"{ratio:.1f}x larger" if ratio >= 1.95 else f"{ratio - 1:.0%} larger"
        found.append(f"{larger}{_uncounted(facts)}")
    elif added := _added(facts):
        found.append(f"one with a {added}")
    if any(each.cropped for each in facts):
        found.append("one cropped")
    return " and ".join(found).replace("%", " %")


def frames_over(one: Facts, other: Facts) -> bool:
    """Whether it has more frames, or as many and is longer by a tenth."""
    if one.blob.frames != other.blob.frames:
        return one.blob.frames > other.blob.frames
    return one.blob.animated and one.blob.duration > 1.1 * other.blob.duration


def quality_over(one: Facts, other: Facts) -> bool:
    """Whether it was saved better, as far as both say."""
    both = min(one.blob.quality, other.blob.quality)
    return both > 0 and one.blob.quality - other.blob.quality >= QUALITY


def pixels_over(one: Facts, other: Facts) -> bool:
    """Whether it shows the picture larger; or as large and whole, and the other not."""
    if one.is_whole and not other.is_whole:
        return PIXELS * one.pixels > other.pixels
    return one.pixels >= PIXELS * other.pixels and one.pixels > other.pixels


def age_over(one: Facts, other: Facts) -> bool:
    """Whether it was posted earlier, as far as both sites say."""
    return min(one.posted, other.posted) > 0 and other.posted - one.posted >= DAY


def times_words(one: Facts, others: Sequence[Facts]) -> str:
    """How its pixels compare with the largest of the others: `2.1x the pixels`."""
    ratio = one.pixels / max(1, *(other.pixels for other in others))
    if 1 / PIXELS < ratio < PIXELS and not all(each.is_whole for each in (one, *others)):
        return _edges_words(one, others)
    uncounted = _uncounted((one, *others))
    if ratio >= 1.95 or ratio <= 0.55:
        return f"{max(ratio, 0.01):.{1 if ratio >= 0.1 else 2}f}x the pixels{uncounted}"
    share = round(100 * abs(ratio - 1))
    return f"{share} % {'more' if ratio > 1 else 'fewer'} pixels{uncounted}"


def _edges_words(one: Facts, others: Sequence[Facts]) -> str:
    """What sets pictures of about as many pixels apart."""
    if one.is_whole:
        added = _added((one, *others))
        return f"as large without the {added}" if added else "shows more at the edges"
    return "no larger, and cropped" if one.cropped else f"no larger, with a {one.around}"


def _uncounted(facts: Sequence[Facts]) -> str:
    added = _added(facts)
    return f", {added} not counted" if added else ""


def _added(facts: Sequence[Facts]) -> str:
    """What some of them have around them."""
    return " and ".join(sorted({each.around for each in facts} - {""}))


def _frames(one: Facts, others: Sequence[Facts]) -> Chip | None:
    blob = one.blob
    if all((blob.frames, blob.duration) == (o.blob.frames, o.blob.duration) for o in others):
        return None
    if blob.frames <= 1:
        moves = any(other.blob.frames > 1 for other in others)
        return Chip("frames", "worse" if moves else "fact", "one frame only")
    words = f"{blob.frames} frames, {text.duration(blob.duration / 1000)}"
    return Chip("frames", _trend(one, others, frames_over), words)


def _quality(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if not one.blob.quality or all(o.blob.quality == one.blob.quality for o in others):
        return None
    saved = [other for other in others if other.blob.quality]  # the others say nothing of theirs
    return Chip("quality", _trend(one, saved, quality_over), f"quality {one.blob.quality}")


def _pixels(one: Facts, others: Sequence[Facts]) -> Chip | None:
    trend = _trend(one, others, pixels_over)
    if trend == "fact":
        if all(other.shown == one.shown for other in others):
            return None
        return Chip("pixels", trend, "{} x {}".format(*one.shown))
    return Chip("pixels", trend, times_words(one, others))


def _shape(one: Facts, others: Sequence[Facts]) -> Chip | None:
    # What is largest is what the others are laid on: where shapes differ, it is they that do.
    largest = min((one, *others), key=lambda each: size_order(each.blob))
    if one.cropped or one.around:
        return Chip("shape", "fact", "cropped" if one.cropped else f"with a {one.around}")
    if _same_shape(one, largest) or not all(other.is_whole for other in others):
        return None
    return Chip("shape", "fact", "shapes differ: cropped?")


def _bytes(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if all(other.blob.size == one.blob.size for other in others):
        return None
    return Chip("bytes", _trend(one, others, _bytes_over), text.size(one.blob.size))


def _bytes_over(one: Facts, other: Facts) -> bool:
    """Bytes tell only where nothing else does: same format and sides, and no quality known."""
    a, b = one.blob, other.blob
    alike = a.ext == b.ext and one.shown == other.shown and a.frames == b.frames
    return (
        alike and not a.quality and not b.quality and a.size >= BYTES * b.size and a.size > b.size
    )


def _format(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if all(other.blob.ext == one.blob.ext for other in others):
        return None
    return Chip("format", "fact", format_name(one.blob))


def _age(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if not one.posted or all(abs(other.posted - one.posted) < DAY for other in others):
        return None
    # Later is no fault of a picture: the sign is too weak to speak against one.
    dated = [other for other in others if other.posted]
    oldest = bool(dated) and all(age_over(one, other) for other in dated)
    day = text.date(one.posted).partition("-")[0]
    return Chip("age", "better" if oldest else "fact", f"posted {day}")


def _tags(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if all(other.tags == one.tags for other in others):
        return None
    return Chip("tags", "fact", text.many(one.tags, "tag") if one.tags else "no tags")


def _places(one: Facts, others: Sequence[Facts]) -> Chip | None:
    if all(other.places == one.places for other in others):
        return None
    return Chip("places", "fact", text.many(one.places, "place"))


def _gone(one: Facts, _others: Sequence[Facts]) -> Chip | None:
    if not one.gone or one.is_only_copy:
        return None
    return Chip("gone", "fact", f"gone from {one.gone} of {text.many(one.places, 'place')}")


_WEIGHED = (_pixels, _quality, _frames, _shape, _bytes, _format, _age, _tags, _places, _gone)


def _trend(one: Facts, others: Sequence[Facts], is_over: Callable[[Facts, Facts], bool]) -> Trend:
    """Better than each of the others, worse than one of them, or neither."""
    if others and all(is_over(one, other) for other in others):
        return "better"
    return "worse" if any(is_over(other, one) for other in others) else "fact"


def _same_shape(one: Facts, other: Facts) -> bool:
    (a, b), (c, d) = one.shown, other.shown
    return abs(a * d - c * b) <= max(0.02, 1 / max(min(a, b, c, d), 1)) * max(a * d, c * b)
