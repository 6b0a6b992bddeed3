"""What two pictures are to each other: every rule in turn, until one refuses or all accept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fapfav.relation import reason
from fapfav.relation.align import FINE, HOPELESS, Alignment, align, refined
from fapfav.relation.animation import SAME_FRAME, compare_playing, shows_still
from fapfav.relation.colour import compare_colours
from fapfav.relation.crops import Sizes, cut_out
from fapfav.relation.finding import Finding, Relation, Transform
from fapfav.relation.inner import boxes_laid, correlated
from fapfav.relation.orientation import Orientation, agreements, oriented_traits, promising
from fapfav.relation.overlap import overlapping, overlapping_planes
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import Values, as_plane
from fapfav.relation.probability import probability
from fapfav.relation.rules import (
    LARGEST_ZOOM,
    Rule,
    colour_margins,
    outline_margin,
    placement_margins,
    playing_margins,
    smallest,
    smooth_margins,
    structure_margins,
)
from fapfav.relation.smooth import SMOOTH, detail, difference
from fapfav.relation.softer import softer
from fapfav.relation.structure import Structure, compare_structure
from fapfav.relation.tilt import looks_tilted, more_exact, tilted
from fapfav.relation.traits import SIDE, Plane, Traits
from fapfav.words import Label

_WHOLE: Final = 0.4  # structure; parts that were misplaced have less
_FEW: Final = 0.25  # share of frames in both animations from which one has to do with the other
_UPRIGHT: Final = 0.4  # correlation of tiny renditions below which nothing agrees as it is
_BORDER: Final = 0.25  # logarithm of the zoom up to which something is a border, not a frame
_INSIDE: Final = 0.6  # correlation of small lumas laid on each other by their boxes
_FAINT: Final = 0.05  # the same of pages of text, of which lines do not meet yet
_EDGE: Final = 0.02  # share of a side where a picture is mixed with what is around it
_LINES: Final = 0.6  # agreement of these after they were laid on each other exactly
_SHARP: Final = 20.0  # difference of a few pixels, of 255, that letters make and compressing seldom
_OUTSTANDING: Final = 15.0  # by how many times the mean difference a letter's is larger
_CLEAR: Final = 1.0  # margin from which nothing more exact is asked for
_ASKEW: Final = 0.55  # agreement of hopeless pairs from which a turn may be what is missing
_TILTED: Final = 0.75  # agreement from which a small turn may be what is missing
_AGREED: Final = 0.96  # structure from which nothing is missing
_TOO_FAR: Final = 0.45  # structure below which more care brought no two together
_ELSEWHERE: Final = 0.1  # share of places in the middle from which they differ in what they show
_MOSTLY: Final = 0.4  # the same of all places, whatever they show there


def relation(
    one: Traits, other: Traits, orientations: Iterable[Orientation] | None = None
) -> Relation:
    """What `other` is to `one`. The kind and the probability are the same both ways round.

    `orientations` are the ways `one` may have been turned that are tried where the two do not
    agree as they are; those in which tiny renditions agree if None.
    """
    exchanged = _order(one) > _order(other)
    first, second = (other, one) if exchanged else (one, other)
    if orientations is not None and exchanged:
        orientations = [each.inverse for each in orientations]
    found = _find(first, second, orientations)
    if exchanged:
        found = found.inverse()
    return Relation(
        found.kind,
        probability(found.kind, found.margin),
        reason.words(found, one, other),
        found.transform,
        found.rule,
        _doubtful(found) or _sharp(found),
        not _doubtful(found) and _sharp(found),
    )


def _order(traits: Traits) -> tuple[int, int, int, bytes, bytes, bytes]:
    """An order of pictures, so that a pair is looked at one way round only."""
    luma, chroma, frames = (each.tobytes() for each in (traits.luma, traits.chroma, traits.frames))
    return traits.width * traits.height, traits.width, traits.duration, luma, chroma, frames


def _find(first: Traits, second: Traits, orientations: Iterable[Orientation] | None) -> Finding:
    """As they are, then turned, then as parts of each other."""
    ways = agreements(first, second)
    turns = promising(ways) if orientations is None else tuple(orientations)
    # What is plainly turned is not aligned as it is first: that takes longest where it fails.
    plainly = bool(turns) and ways[Orientation.UPRIGHT] < _UPRIGHT
    found = None if plainly else _upright(first, second)
    if found is not None and found.kind is not Label.DIFFERENT:
        return found
    for each in turns:
        turned = _upright(oriented_traits(first, each), second)
        if turned.kind is not Label.DIFFERENT:
            transform = replace(turned.transform, orientation=each)
            return replace(turned, kind=Label.RELATED, rule=Rule.TURNED, transform=transform)
    found = found or _upright(first, second)
    if found.kind is not Label.DIFFERENT or found.rule is Rule.SMOOTH:
        return found
    if first.animated or second.animated or _as_wholes(found):
        return found
    return _part(first, second) or found


def _as_wholes(found: Finding) -> bool:
    """Whether two pictures agree too well as they lie for one to be a part of the other."""
    if found.structure is None or found.transform.placement.zoomed > LARGEST_ZOOM / 2:
        return False
    return found.structure.mean > _WHOLE


def _upright(first: Traits, second: Traits) -> Finding:
    if first.animated and second.animated:
        return _animations(first, second)
    found = _stills(first, second)
    if first.animated == second.animated:
        return found
    moving, still = (first, second) if first.animated else (second, first)
    shown = shows_still(moving, still)
    if found.kind is not Label.DIFFERENT or shown > SAME_FRAME:
        return replace(found, kind=Label.RELATED, rule=Rule.STILL, margin=max(found.margin, 1.0))
    return found


def _animations(first: Traits, second: Traits) -> Finding:
    found = _stills(first, second)
    placement = found.transform.placement if found.kind is Label.SAME else UNMOVED
    playing = compare_playing(first, second, placement)
    rule, margin = smallest(playing_margins(playing))
    if found.kind is Label.SAME and margin >= 0:
        return replace(found, margin=min(found.margin, margin))
    if playing.frames > SAME_FRAME and rule is Rule.SPEED and margin < 0:
        return replace(found, kind=Label.RELATED, rule=Rule.SPEED, margin=-margin)
    if found.kind is Label.SAME or playing.found >= _FEW:
        rule = Rule.PART if playing.found >= _FEW else Rule.MOTION
        kind = Label.RELATED if rule is Rule.PART else Label.DIFFERENT
        return replace(found, kind=kind, rule=rule, margin=abs(margin))
    return found


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Two pictures as they lie on each other by some placement."""

    placement: Placement
    structure: Structure
    margins: dict[Rule, float]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two stills to compute with: lumas, chroma about 0, and sizes in pixels."""

    lumas: tuple[Plane, Plane]
    colours: tuple[Values, Values]
    sizes: Sizes


def _pair(first: Traits, second: Traits) -> _Pair:
    return _Pair(
        (as_plane(first.luma), as_plane(second.luma)),
        (as_plane(first.chroma) - 128, as_plane(second.chroma) - 128),
        ((first.width, first.height), (second.width, second.height)),
    )


def _stills(first: Traits, second: Traits) -> Finding:
    pair = _pair(first, second)
    if all(detail(luma) < SMOOTH for luma in pair.lumas):
        return _smooth(pair)
    evidence = _evidence(pair, UNMOVED)
    if not _evident(evidence.structure):
        alignment = align(*pair.lumas)
        hopeless = alignment.agreement < HOPELESS and smallest(evidence.margins)[1] < 0
        tilt = _seen_tilt(pair, alignment) if hopeless else None
        if hopeless and tilt is None:
            return Finding(Label.DIFFERENT, Rule.UNALIKE, (HOPELESS - alignment.agreement) * 5)
        evidence = _better(evidence, _evidence(pair, tilt or alignment.placement))
        if alignment.agreement > _TILTED and not _settled(evidence.structure):
            evidence = _more_exactly(pair, alignment.placement, evidence)
    return _judged(pair, evidence)


def _settled(found: Structure) -> bool:
    """Whether laying two pictures on each other with more care would change nothing."""
    if found.middle > _ELSEWHERE or found.bad > _MOSTLY:
        return True
    return not _TOO_FAR < found.mean < _AGREED


def _seen_tilt(pair: _Pair, alignment: Alignment) -> Placement | None:
    """A small turn that keeps two pictures from agreeing at all: lines of words, for example."""
    if alignment.agreement < _ASKEW:
        return None
    start = looks_tilted(*pair.lumas, alignment.placement, pair.sizes[0])
    return tilted(*pair.lumas, start, SIDE) if start is not None else None


def _more_exactly(pair: _Pair, start: Placement, evidence: _Evidence) -> _Evidence:
    """What agrees but for fine lines or a small turn, laid on each other with more care."""
    if smallest(evidence.margins)[1] >= _CLEAR:
        tilt = looks_tilted(*pair.lumas, start, pair.sizes[0])
        found = iter([] if tilt is None else [tilted(*pair.lumas, tilt)])
    else:
        found = more_exact(*pair.lumas, start, pair.sizes)
    for each in found:
        evidence = _better(evidence, _evidence(pair, each))
        if smallest(evidence.margins)[1] >= _CLEAR:
            break
    return evidence


def _evident(found: Structure) -> bool:
    """Whether two pictures agree so well unmoved that aligning them could only do harm."""
    return found.mean > 0.985 and found.bad == 0 and found.poor < 0.02


def _smooth(pair: _Pair) -> Finding:
    rule, margin = smallest(smooth_margins(difference(*pair.lumas, pair.colours)))
    kind = Label.SAME if margin >= 0 else Label.DIFFERENT
    return Finding(kind, rule, abs(margin))


def _evidence(pair: _Pair, placement: Placement, edge: float = 0.0) -> _Evidence:
    """What is to be said of two by a placement, without so large a share at every edge."""
    one, other = overlapping(*pair.lumas, placement) or pair.lumas
    rows, columns = (slice(cut := round(edge * side), side - cut) for side in one.shape)
    lumas = one[rows, columns], other[rows, columns]
    structure = compare_structure(*lumas)
    margins = structure_margins(structure) | placement_margins(placement, pair.sizes)
    margins.pop(Rule.PLACE)
    return _Evidence(placement, structure, margins)


def _better(one: _Evidence, other: _Evidence) -> _Evidence:
    return max(one, other, key=lambda each: (smallest(each.margins)[1], each.structure.mean))


def _judged(pair: _Pair, evidence: _Evidence) -> Finding:
    structure, placement = evidence.structure, evidence.placement
    transform = Transform(placement=placement, gain=structure.gain, offset=structure.offset)
    rule, margin = smallest(evidence.margins)
    made = Finding(Label.SAME, rule, margin, transform, structure.rest, structure)
    colours = compare_colours(*overlapping_planes(*pair.colours, placement))
    if margin < 0:
        outlines = outline_margin(structure, colours)
        if outlines >= 0 and rule in (Rule.STRUCTURE, Rule.CONFLICT):
            return replace(made, kind=Label.RELATED, rule=Rule.COLOUR, margin=outlines)
        return replace(made, kind=Label.DIFFERENT, margin=-margin)
    place = {Rule.PLACE: placement_margins(placement, pair.sizes)[Rule.PLACE]}
    rule, least = smallest(colour_margins(colours, structure.bad > 0) | place)
    if least < 0:
        return replace(made, kind=Label.RELATED, rule=rule, margin=min(margin, -least))
    return replace(made, rule=made.rule if margin < least else rule, margin=min(margin, least))


def _part(first: Traits, second: Traits) -> Finding | None:
    """One framed by something in the other, or cut out of it."""
    pair = _pair(first, second)
    found = _framed(pair)
    if found is not None:
        return found
    placement = cut_out(*pair.lumas, pair.sizes)
    return _placed(pair, placement) if placement is not None else None


def _framed(pair: _Pair) -> Finding | None:
    """One in a border, in a window or on a phone in the other: laid on it by what is inside."""
    one, other = (plane.astype(np.uint8) for plane in pair.lumas)
    starts = boxes_laid(one, other)
    if not starts:
        return None
    near = correlated(*pair.lumas, starts[0])
    if near >= _INSIDE:
        placement = refined(*pair.lumas, starts[0]).placement
        if placement.zoomed >= _BORDER:
            found = _within(pair, placement)
        else:
            found = _judged(pair, _evidence(pair, placement))
        if found is not None and found.kind is not Label.DIFFERENT:
            return found
        starts = starts[1:]
    framing = [each for each in starts if _frames(each, pair.sizes)]
    if not framing:
        return None
    near, start = max(
        ((correlated(*pair.lumas, each), each) for each in framing), key=lambda each: each[0]
    )
    if near >= _INSIDE:
        return _within(pair, refined(*pair.lumas, start).placement)
    return _page(pair, start) if near >= _FAINT else None


def _frames(placement: Placement, sizes: Sizes) -> bool:
    """Whether so much is around one of two that it is no border, and its pixels stay square."""
    if placement.zoomed < _BORDER:
        return False
    return placement_margins(placement, sizes)[Rule.SHAPE] >= 0


def _page(pair: _Pair, start: Placement) -> Finding | None:
    """A page of text in a frame: small lumas of it tell nothing before its lines meet exactly."""
    for side in (FINE, SIDE):
        alignment = refined(*pair.lumas, start, side)
        placement = alignment.placement
        if alignment.agreement >= _LINES and _frames(placement, pair.sizes):
            found = _within(pair, placement)
            if found is not None:
                return found
    return None


def _within(pair: _Pair, placement: Placement) -> Finding | None:
    """Related as one in a frame: what the frame is too small to show is asked of neither, nor are
    the edges, where it is mixed with the frame."""
    soft = replace(pair, lumas=softer(*pair.lumas, placement))
    return _placed(pair, placement, _evidence(soft, placement, _EDGE))


def _placed(pair: _Pair, placement: Placement, evidence: _Evidence | None = None) -> Finding | None:
    """Related as a part, if the two agree where the placement has them."""
    evidence = evidence or _evidence(pair, placement)
    colours = compare_colours(*overlapping_planes(*pair.colours, placement))
    margin = smallest(evidence.margins | colour_margins(colours))[1]
    if margin < 0:
        return None
    transform = Transform(
        placement=placement, gain=evidence.structure.gain, offset=evidence.structure.offset
    )
    return Finding(Label.RELATED, Rule.PLACE, margin, transform, structure=evidence.structure)


def _doubtful(found: Finding) -> bool:
    """Whether any place does not agree, or the margin is narrow."""
    if found.structure is None or found.kind is Label.DIFFERENT:
        return False
    if found.kind is Label.RELATED:
        alike = smallest(structure_margins(found.structure))[1] >= 0
        return found.rule is Rule.COLOUR and not alike
    return found.structure.bad > 0 or found.margin < 1


def _sharp(found: Finding) -> bool:
    """Whether something as small as a letter differs in two that are the same otherwise."""
    if found.structure is None or found.kind is not Label.SAME:
        return False
    # Beside all that compressing and resizing leave, which is everywhere.
    return found.structure.peak > max(_SHARP, _OUTSTANDING * (found.rest + 0.3))
