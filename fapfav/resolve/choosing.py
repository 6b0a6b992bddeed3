"""Which picture of a set is kept by the rules, which are copies of it, and the reason in words.

The result depends on the pictures and not on the order they are given in: each criterion leaves
those that are as good as the best of what is left, within what does not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fapfav import text
from fapfav.resolve.rules import By, Conditions, Criterion, Mode, Related, Rule, Spared, Tie
from fapfav.words import Digest

PIXELS = 1.02
"""From this ratio on one picture is larger than another."""

QUALITY = 5
"""From so many points on the quality that a JPEG was saved with is another."""

BYTES = 1.05
"""From this ratio on one file is larger than another."""

DAY = 86_400
"""Seconds from which on one picture is older than another."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What rules ask of one picture that is not decided yet, or is `kept` by its user's verdict.

    `pixels` are those of the picture, without what was `around` it: a border or a caption. It
    is `cropped` if another one of its set shows more of the picture, and `written` if a closer look
    found something written over it or over the one it was looked at with.
    `posted` is the earliest time a site gave, 0 for none; `quality` is 0 where it is not known;
    `priority` is the highest of its albums; `albums` are their names and SOURCE/USER/ALBUM. It is
    `gone` if it vanished from one of its places, an `only_copy` if from all.
    """

    digest: Digest
    ext: str
    pixels: int
    size: int
    quality: int = 0
    animated: bool = False
    posted: int = 0
    added: int = 0
    priority: int = 0
    albums: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    tagged: bool = False
    protected: bool = False
    gone: bool = False
    only_copy: bool = False
    kept: bool = False
    around: str = ""
    cropped: bool = False
    written: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is the picture and nothing else."""
        return not self.around and not self.cropped


@dataclass(frozen=True, slots=True)
class Pictures:
    """A set: two pictures or more, whether they are surely the same, and how sure that is, 0 to 1.

    `certainty` is the least probability of those that were judged, and of others how near they are.
    `probability` is the same where all were judged, by their user or a closer look; else None.
    """

    pictures: tuple[Picture, ...]
    same: bool
    certainty: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a rule makes of a set. `apply` as its mode says; `spared` are those left undecided."""

    rule: Rule
    apply: bool
    keep: Digest
    copies: tuple[Digest, ...]
    reason: str
    spared: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A set that stays with the user, and why, in words."""

    words: str


def resolve(rules: Iterable[Rule], found: Pictures) -> Resolution | Left:
    """What the first rule whose conditions hold makes of a set; rules that are off are not asked.

    The user's verdicts stand: where the criteria would keep another picture than one that the user
    kept, or would hide only what is spared, the set is left.
    """
    rule = first(rules, found)
    if rule is None:
        return Left("no rule holds")
    best, reasons = narrowed(rule.keep, found.pictures)
    keeper = min(best, key=lambda one: (not one.kept, one.digest))
    if not keeper.kept and any(one.kept for one in found.pictures):
        return Left("you keep another one than the rule would")
    apply = rule.mode is Mode.AUTO
    if len(best) > 1:
        alike = ", ".join(each.by.value for each in rule.keep)
        alike = f"{len(best)} of them alike in {alike}" if reasons else f"alike in {alike}"
        if keeper.kept:
            reasons = [*reasons, f"{alike}: the one you keep"]
        elif rule.tie is Tie.ASK:
            reasons = [*reasons, f"{alike}: yours to choose"]
            apply = False
        else:
            reasons = [*reasons, f"{alike}: the smaller digest"]
    others = sorted(
        (one for one in found.pictures if one is not keeper and not one.kept),
        key=lambda one: one.digest,
    )
    why_not = {one.digest: spared_for(one, keeper, rule.may_hide) for one in others}
    spared = [one for one in others if why_not[one.digest]]
    if len(spared) == len(others):
        why = sorted({word for words in why_not.values() for word in words})
        return Left(f"the rule may not hide {' or '.join(why)}" if why else "nothing to decide")
    return Resolution(
        rule=rule,
        apply=apply,
        keep=keeper.digest,
        copies=tuple(one.digest for one in others if one not in spared),
        reason=f"{'; '.join(reasons)}.",
        spared=tuple(one.digest for one in spared),
    )


def spared_for(one: Picture, keeper: Picture, may_hide: Iterable[Spared]) -> tuple[Spared, ...]:
    """Why a picture is no copy of the one that is kept, unless a rule names all of these.

    Words or a mark over one of them alone are no other picture to a closer look; two with other
    words are two pictures to people.
    """
    allowed = set(may_hide)
    reasons = (
        (Spared.PROTECTED, one.protected),
        (Spared.ONLY_COPY, one.only_copy),
        (Spared.WRITTEN, one.written or keeper.written),
    )
    return tuple(why for why, holds in reasons if holds and why not in allowed)


def first(rules: Iterable[Rule], found: Pictures) -> Rule | None:
    """The rule that decides a set."""
    on = (rule for rule in rules if rule.mode is not Mode.OFF)
    return next((rule for rule in on if holds(rule.when, found)), None)


def holds(when: Conditions, found: Pictures) -> bool:
    """Whether all conditions hold of a set."""
    if when.relation is Related.SAME and not found.same:
        return False
    if when.certainty_at_least is not None and found.certainty < when.certainty_at_least:
        return False
    least = when.probability_at_least
    if least is not None and (found.probability is None or found.probability < least):
        return False
    each = found.pictures
    counts = [max(one.pixels, 1) for one in each]
    return (
        _within(max(counts) / min(counts), when.pixels_ratio_at_least, when.pixels_ratio_at_most)
        and _any(when.tagged, (one.tagged for one in each))
        and _any(when.protected, (one.protected for one in each))
        and _any(when.gone, (one.gone for one in each))
        and all(_is_meant(when, one) for one in each)
    )


def _is_meant(when: Conditions, one: Picture) -> bool:
    """Whether the conditions on every picture hold of one."""
    return (
        _within(one.size, when.bytes_at_least, when.bytes_at_most)
        and (when.animated is None or one.animated is when.animated)
        and (not when.formats or one.ext in when.formats)
        and (not when.albums or not one.albums.isdisjoint(when.albums))
        # All of its sources: what is on a site as well is not only on this computer.
        and (not when.sources or one.sources <= set(when.sources))
        and _within(one.priority, when.priority_at_least, None)
        and _dated(one.posted, when.posted_after, when.posted_before)
        and _dated(one.added, when.added_after, when.added_before)
    )


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _any(asked: bool | None, found: Iterable[bool]) -> bool:
    return asked is None or any(found) is asked


def _dated(at: int, after: int | None, before: int | None) -> bool:
    """Whether a time is in a span that begins with a day and ends before one; 0 is in none."""
    if after is None and before is None:
        return True
    return at > 0 and (after is None or at >= after) and (before is None or at < before)


def narrowed(
    criteria: Iterable[Criterion], pictures: Sequence[Picture]
) -> tuple[list[Picture], list[str]]:
    """Those that nothing speaks against, and in words what did against the others."""
    left, reasons = list(pictures), []
    for criterion in criteria:
        if len(left) == 1:
            break
        best, words = _LEADERS[criterion.by](criterion, left)
        if len(best) < len(left):
            reasons.append(words)
            left = best
    return left, reasons


_Led = tuple[list[Picture], str]


def _pixels(_criterion: Criterion, left: Sequence[Picture]) -> _Led:
    most = max(one.pixels for one in left)
    large = [one for one in left if not most >= PIXELS * one.pixels or one.pixels == most]
    best = [one for one in large if one.is_whole] or large
    added = " and ".join(sorted({one.around for one in left} - {""}))
    ratio = most / max(1, *(one.pixels for one in left if one not in best), 1)
    if len(best) < len(large) and ratio < PIXELS:
        return best, f"as large without the {added}" if added else "shows more at the edges"
    uncounted = f", {added} not counted" if added else ""
    if all(one.cropped for one in best):
        uncounted += ", cropped"
    if ratio >= 1.95:
        return best, f"{ratio:.1f}x the pixels{uncounted}"
    return best, f"{round(100 * (ratio - 1))} % more pixels{uncounted}"


def _quality(_criterion: Criterion, left: Sequence[Picture]) -> _Led:
    most = max(one.quality for one in left)
    # What is no JPEG says nothing of its quality, so nothing is said against it.
    best = [one for one in left if not one.quality or most - one.quality < QUALITY]
    return best, f"quality {most} over {_highest(left, best, lambda one: one.quality)}"


def _age(_criterion: Criterion, left: Sequence[Picture]) -> _Led:
    # Days of two kinds are not held against each other.
    posted = all(one.posted for one in left)
    times = {one.digest: one.posted if posted else one.added for one in left}
    oldest = min(times.values())
    best = [one for one in left if times[one.digest] - oldest < DAY]
    return best, "posted earlier" if posted else "added earlier"


def _bytes(_criterion: Criterion, left: Sequence[Picture]) -> _Led:
    most = max(one.size for one in left)
    best = [one for one in left if not most >= BYTES * one.size or one.size == most]
    other = _highest(left, best, lambda one: one.size)
    return best, f"{text.size(most)} over {text.size(other)}"


def _tagged(_criterion: Criterion, left: Sequence[Picture]) -> _Led:
    return [one for one in left if one.tagged] or list(left), "it has tags"


def _format(criterion: Criterion, left: Sequence[Picture]) -> _Led:
    return _preferred(criterion, left, lambda one: {one.ext}, "")


def _source(criterion: Criterion, left: Sequence[Picture]) -> _Led:
    return _preferred(criterion, left, lambda one: one.sources, "from ")


def _album(criterion: Criterion, left: Sequence[Picture]) -> _Led:
    if criterion.prefer:
        return _preferred(criterion, left, lambda one: one.albums, "in ")
    most = max(one.priority for one in left)
    best = [one for one in left if one.priority == most]
    other = _highest(left, best, lambda one: one.priority)
    return best, f"album priority {most} over {other}"


def _preferred(
    criterion: Criterion,
    left: Sequence[Picture],
    names: Callable[[Picture], Iterable[str]],
    begin: str,
) -> _Led:
    """Those with the first name of the list that any of them has."""
    for name in criterion.prefer:
        best = [one for one in left if name in names(one)]
        if best:
            return best, f"{begin}{text.shown(name)}, which comes first"
    return list(left), ""


def _highest(
    left: Sequence[Picture], best: Sequence[Picture], value: Callable[[Picture], int]
) -> int:
    """The highest value among those that are no longer left."""
    return max((value(one) for one in left if one not in best), default=0)


_LEADERS: dict[By, Callable[[Criterion, Sequence[Picture]], _Led]] = {
    By.PIXELS: _pixels,
    By.QUALITY: _quality,
    By.FORMAT: _format,
    By.AGE: _age,
    By.ALBUM: _album,
    By.SOURCE: _source,
    By.TAGGED: _tagged,
    By.BYTES: _bytes,
}
