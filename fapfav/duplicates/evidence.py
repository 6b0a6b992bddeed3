"""What each method says of two pictures, what that amounts to, and how it is said in words.

Nothing here is a probability. `closeness` is an order only: of two pairs the one with the higher
number has hashes and shapes that are nearer to each other. What share of the pairs at some number
are truly the same picture nobody measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from fapfav.duplicates.limits import LARGEST, OFF, SMALLEST, limits_for, passes
from fapfav.model import HASHES, Label, Limits, Method

FULL = 10.0
"""What equal pictures score by any method, once normalised."""

ALL_PAIRS = 12
"""Up to so many pictures every one is compared with every other; beyond, one with all others."""

SHAPES_AGREE = 0.02
"""How much two shapes (width through height) may differ and still be the same."""

_FEWEST = 4  # bits set, or not set, in a hash of a picture that shows anything at all
_NEAR = 0.95  # the closeness where three bits of the four hashes differ
_AGREEING = 2  # methods at the least that have to agree on a picture that shows something


class Relation(StrEnum):
    """What two or more pictures are to each other, as far as hashes and shapes tell."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Looks:
    """What evidence rests on: hashes by method, whether it moves, its sides as it is shown."""

    hashes: Mapping[Method, int]
    moving: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MethodScore:
    """What one method says of a pair.

    `raw` is in differing bits, or the cosine: None where none is known. `limit` is the one that
    applied, None where the method is off; `normalised` is 0 to 10, None where either is missing.
    """

    method: Method
    raw: float | None
    limit: float | None
    normalised: float | None
    passes: bool


@dataclass(frozen=True, slots=True)
class PairScores:
    """All that is known of two members, by their numbers; `moving` if the stricter limits applied.

    `asked` counts the methods that gave an answer, `agreeing` those of them that pass.
    """

    first: int
    second: int
    label: Label | None
    scores: tuple[MethodScore, ...]
    moving: bool
    relation: Relation = Relation.SIMILAR
    closeness: float = 0.0
    asked: int = 0
    agreeing: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive has of two pictures besides their looks: recorded scores and a decision."""

    recorded: Mapping[str, float] | None = None
    label: Label | None = None


def normalised(method: Method, raw: float, limit: float) -> float:
    """A score on one scale for all methods: 10 is equal, 0 is at the limit or beyond it.

    Bits: 10 * (limit - d) / limit, and with a limit of 0 it is 10 if equal; a cosine:
    10 * (s - limit) / (1 - limit). Off, every score is 0.
    """
    if limit == OFF:
        return 0.0
    if method is Method.CNN:
        share = (raw - limit) / (1.0 - limit)
    elif limit == 0:
        share = 1.0 if raw == 0 else 0.0
    else:
        share = (limit - raw) / limit
    return FULL * min(1.0, max(0.0, share))


def compared_pairs(numbers: Sequence[int], reference: int) -> Iterator[tuple[int, int]]:
    """Which pictures are compared: all with all if they are few, else one with all others."""
    if len(numbers) <= ALL_PAIRS:
        yield from combinations(numbers, 2)
        return
    others = (number for number in numbers if number != reference)
    yield from ((min(reference, number), max(reference, number)) for number in others)


def pair_scores(
    numbers: tuple[int, int],
    looks: tuple[Looks, Looks],
    known: Known,
    limits: tuple[Limits, Limits],
) -> PairScores:
    """What every method says of two pictures; `limits` are the regular and the animated ones."""
    one, other = looks
    moving = one.moving or other.moving
    applied = limits_for(*limits, moving=moving)
    scores = tuple(_score(method, looks, known.recorded, applied) for method in Method)
    asked = [score for score in scores if _was_asked(score, known.recorded)]
    return PairScores(
        first=numbers[0],
        second=numbers[1],
        label=known.label,
        scores=scores,
        moving=moving,
        relation=_relation(scores, looks, known),
        closeness=closeness(one, other, known),
        asked=len(asked),
        agreeing=sum(score.passes for score in asked),
    )


def closeness(one: Looks, other: Looks, known: Known) -> float:
    """How near two pictures are, 0 to 1: an order, not a probability.

    The mean of the four hashes, where a quarter of the bits differing is nothing, times how well
    the shapes agree. It does not depend on the limits, never rises with a distance, and is 1 only
    where all hashes and the shape are equal. Where there are no hashes a recorded cosine stands
    in for them.
    """
    distances = [_distance(method, one, other) for method in HASHES]
    given = [1.0 - min(d, LARGEST + 1) / (LARGEST + 1) for d in distances if d is not None]
    if not given and known.recorded is not None and Method.CNN in known.recorded:
        cosine = known.recorded[Method.CNN]
        given = [min(1.0, max(0.0, (cosine - SMALLEST) / (1.0 - SMALLEST)))]
    if not given:
        return 0.0
    return sum(given) / len(given) * shape_agreement(one, other)


def shape_agreement(one: Looks, other: Looks) -> float:
    """1 for equal shapes, whatever their sizes; the narrower through the wider else."""
    first, second = one.width * other.height, other.width * one.height
    return min(first, second) / max(first, second, 1)


def shapes_agree(one: Looks, other: Looks) -> bool:
    """Whether two shapes are the same within what scaling rounds."""
    # Of a picture a few pixels high the rounding of one pixel is more than the share allows.
    short = min(one.width, one.height, other.width, other.height)
    return 1.0 - shape_agreement(one, other) <= max(SHAPES_AGREE, 1.0 / max(short, 1))


def relation_of(pairs: Sequence[PairScores]) -> Relation:
    """What a set is as a whole: the same only where each of its pairs is."""
    if not pairs:
        return Relation.DIFFERENT
    kinds = {pair.relation for pair in pairs}
    if kinds in ({Relation.SAME}, {Relation.DIFFERENT}):
        return kinds.pop()
    return Relation.SIMILAR


def certainty_of(pairs: Iterable[PairScores]) -> float:
    """The closeness of a set: that of its least close pair."""
    return min((pair.closeness for pair in pairs), default=0.0)


def weakest(pairs: Sequence[PairScores]) -> PairScores | None:
    """The pair that the smallest share of the methods agrees on."""
    return min(
        pairs, key=lambda pair: (pair.agreeing / max(pair.asked, 1), pair.agreeing), default=None
    )


def agreement(pairs: Sequence[PairScores]) -> str:
    """How many methods agree, in words; with several pairs it is said of the weakest."""
    least = weakest(pairs)
    if least is None:
        return ""
    asked, agreeing = least.asked, least.agreeing
    if not asked:
        return "No method compared them."
    noun = "method" if asked == 1 else "methods"
    if agreeing == asked:
        words = "The one method agrees" if asked == 1 else f"All {asked} methods agree"
    else:
        words = f"{agreeing} of {asked} {noun} agree{'s' if agreeing == 1 else ''}"
        words = f"At least {words}" if len(pairs) > 1 else words
    moving = " under the limits for animations" if any(pair.moving for pair in pairs) else ""
    return f"{words}{moving}."


def _score(
    method: Method,
    looks: tuple[Looks, Looks],
    recorded: Mapping[str, float] | None,
    limits: Limits,
) -> MethodScore:
    raw = _distance(method, *looks)
    if raw is None and recorded is not None and method in recorded:
        raw = float(recorded[method])
    limit = limits.of(method)
    if limit == OFF:
        return MethodScore(method, raw, None, None, False)
    if raw is None:
        return MethodScore(method, None, limit, None, False)
    share = normalised(method, raw, limit)
    return MethodScore(method, raw, limit, share, passes(method, raw, limits))


def _distance(method: Method, one: Looks, other: Looks) -> float | None:
    if method not in one.hashes or method not in other.hashes:
        return None
    return float((one.hashes[method] ^ other.hashes[method]).bit_count())


def _was_asked(score: MethodScore, recorded: Mapping[str, float] | None) -> bool:
    """Whether a method gave an answer; of a recorded pair the embedding did, if it was on."""
    if score.limit is None:
        return False
    return score.raw is not None or (score.method is Method.CNN and recorded is not None)


def _relation(scores: Iterable[MethodScore], looks: tuple[Looks, Looks], known: Known) -> Relation:
    """The same: by decision, or where the hashes that are on agree, say something, and the shapes
    agree too. Flat pictures have equal hashes whatever they show.

    All of them have to agree; one may not where only a few bits differ altogether, for some limits
    are as narrow as a bit.
    """
    if known.label is not None:
        return _LABELLED[known.label]
    on = [score for score in scores if score.method in HASHES and score.limit is not None]
    telling = [score for score in on if all(_tells(each, score.method) for each in looks)]
    if len(telling) < _AGREEING or not shapes_agree(*looks):
        return Relation.SIMILAR
    against = sum(not score.passes for score in on)
    strong = against == 0 or (against == 1 and closeness(*looks, known) >= _NEAR)
    return Relation.SAME if strong else Relation.SIMILAR


_LABELLED = {
    Label.SAME: Relation.SAME,
    Label.RELATED: Relation.SIMILAR,
    Label.DIFFERENT: Relation.DIFFERENT,
}


def _tells(looks: Looks, method: Method) -> bool:
    """Whether a hash is of a picture that shows something: its bits are not nearly all alike."""
    bits = looks.hashes.get(method, 0).bit_count()
    return _FEWEST <= bits <= 64 - _FEWEST
