"""What the page of one set shows: its pictures and places with their fields, and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fapfav import text
from fapfav.duplicates.comparison import Chip
from fapfav.duplicates.evidence import FULL
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import (
    Kind,
    Member,
    MethodScore,
    PairScores,
    SetLine,
    SetView,
    Spot,
)
from fapfav.model import HASHES, AlbumKey, Blob, Digest, Method, PlaceKey, Verdict
from viewer import also, verdicts
from viewer.addresses import album_address, name_of
from viewer.params import ViewParams
from viewer.reviewing import SUMMARY_EACH, Done, Reviewing, Standing
from viewer.sets import LETTERS, Queue
from viewer.verdicts import VerdictForm

OF_PICTURES = (
    (Verdict.NEW, "new"),
    (Verdict.FALSE, "no duplicate"),
    (Verdict.KEEP, "keep"),
    (Verdict.SKIP, "skip (hide)"),
)
"""Verdicts of pictures as they are called beside their radio buttons."""

RADIOS = tuple((verdict.value, LETTERS[verdict], words) for verdict, words in OF_PICTURES)
"""Value, letter and words of each."""

DIGITS = 9
"""So many pictures, or places, have a key of their own."""

OF_PLACES = tuple(each for each in OF_PICTURES if each[0] is not Verdict.FALSE)


@dataclass(frozen=True, slots=True)
class Option:
    """One radio button of a place."""

    value: str
    letter: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownSpot:
    """A place: its field (empty if its verdict follows the picture's), and its album's page."""

    number: int
    spot: Spot
    field: str
    address: str
    options: tuple[Option, ...]
    wrong: str


@dataclass(frozen=True, slots=True)
class ShownMember:
    """A picture of the set, with what was asked of it where a form was refused."""

    name: str
    number: int
    blob: Blob
    verdict: Verdict
    chips: tuple[Chip, ...]
    tags: tuple[tuple[int, str], ...]
    hashes: tuple[tuple[str, str], ...]
    spots: tuple[ShownSpot, ...]
    gone: bool
    only_copy: bool
    protected: bool
    locked: bool
    found: str
    is_keeper: bool
    wrong: str

    @property
    def is_refused(self) -> bool:
        """Whether something was wrong with a choice for one of its places."""
        return any(shown.wrong for shown in self.spots)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where one is in the queue. `at` is 0 where the set is not of it; `minutes` None unknown."""

    at: int
    total: int
    done: Done
    left: int
    minutes: int | None
    summary_due: bool


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of other sets; empty where there is none."""

    next: str
    after: str
    previous: str


def members(archive: Archive, view: SetView, form: VerdictForm) -> tuple[ShownMember, ...]:
    """The pictures as the page shows them, with the choices of a form."""
    names = verdicts.place_names(archive, view)
    return tuple(
        replace(_member(archive, member, form, names), is_keeper=member.number == view.keeper)
        for member in view.members
    )


def _member(
    archive: Archive, member: Member, form: VerdictForm, names: Mapping[PlaceKey, str]
) -> ShownMember:
    digest = member.blob.digest
    return ShownMember(
        name_of(archive, digest),
        member.number,
        member.blob,
        form.pictures.get(digest, member.verdict),
        member.chips,
        member.tags,
        tuple((m.value, f"{member.hashes[m]:016x}") for m in HASHES if m in member.hashes),
        tuple(
            _spot(archive, digest, at, spot, (form, names))
            for at, spot in enumerate(member.spots, 1)
        ),
        member.gone,
        member.only_copy,
        member.protected,
        member.locked,
        _found(member),
        False,
        form.wrong.get(digest, ""),
    )


def _found(member: Member) -> str:
    """What a closer look found a picture to be to the keeper of the set."""
    found = member.to_keeper
    if found is None:
        return ""
    return also.said(found.reason, found.probability)


def _spot(
    archive: Archive,
    digest: Digest,
    number: int,
    spot: Spot,
    fields: tuple[VerdictForm, Mapping[PlaceKey, str]],
) -> ShownSpot:
    form, names = fields
    key = spot.place.key
    chosen = form.places.get(key, spot.place.verdict)
    at = name_of(archive, digest) if archive.sealed else key.image
    options = tuple(
        Option(verdict.value, LETTERS[verdict], words, verdict is chosen)
        for verdict, words in OF_PLACES
    )
    return ShownSpot(
        number,
        spot,
        names.get(key, ""),
        album_address(archive, AlbumKey(*key[:3])) + ViewParams(dup=1, at=at).query(),
        options,
        form.wrong.get(key, ""),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """What one method says of a pair, in words and as a share of a bar."""

    method: str
    raw: str
    limit: str
    mark: str
    share: float | None
    passes: bool


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two pictures and what every method says of them."""

    first: int
    second: int
    said: str
    moving: bool
    scores: tuple[Score, ...]


def pairs(view: SetView, first: tuple[int, ...] = ()) -> tuple[ShownPair, ...]:
    """The evidence; pairs of the pictures that are looked at come first."""
    found = sorted(
        view.pairs, key=lambda pair: (not {pair.first, pair.second} >= set(first), pair.first)
    )
    return tuple(_pair(pair) for pair in found)


def _pair(pair: PairScores) -> ShownPair:
    said = "" if pair.label is None else f"you said: {pair.label.value}"
    scores = tuple(_score(score) for score in pair.scores)
    return ShownPair(pair.first, pair.second, said, pair.moving, scores)


def _score(score: MethodScore) -> Score:
    raw = "not compared" if score.raw is None else _number(score.method, score.raw)
    limit = "off" if score.limit is None else _number(score.method, score.limit)
    if score.normalised is None:
        return Score(score.method.value, raw, limit, "", None, score.passes)
    mark = f"{score.normalised:.1f}"
    return Score(score.method.value, raw, limit, mark, score.normalised / FULL, score.passes)


def _number(method: Method, value: float) -> str:
    return f"{value:.4f}" if method is Method.CNN else f"{value:g}"


def links(archive: Archive, queue: Queue, key: Digest) -> Links:
    """The ways on from a set: next and after that in the queue, and the one before."""
    following = queue.next(key)
    later = queue.next(following) if following is not None else None
    before, after = queue.neighbours(key)
    if following is None:
        following = after

    def address(line: SetLine | None) -> str:
        return "" if line is None or line.key == key else queue.way.address(archive, line.key)

    return Links(address(following), address(later), address(before))


def bar(archive: Archive, queue: Queue, key: Digest, run: Reviewing) -> Bar:
    """Where one is in the queue."""
    every = queue.sorted
    at = every.at.get(key, -1) + 1
    left = sum(line.needs_action for line in every.lines)
    done = run.done(Standing(archive))
    seconds = run.seconds_a_set()
    minutes = None if seconds is None else round(seconds * left / 60)
    due = bool(done.sets) and done.sets % SUMMARY_EACH == 0
    return Bar(at, len(every.lines), done, left, minutes, due)


@dataclass(frozen=True, slots=True)
class Quick:
    """A button that decides the whole set: its fields, key and outcome in words.

    `more` is the rest of the outcome, which is not written where there are many buttons.
    """

    quick: str
    keep: str
    keys: str
    key: str
    words: str
    more: str = ""
    is_main: bool = False


def quick_buttons(view: SetView) -> tuple[Quick, ...]:
    """What one press can say of this set, with its outcome."""
    exact = view.kind is Kind.EXACT
    count = len(view.members[0].spots) if exact else len(view.members)
    noun = "place " if exact else ""
    keep = view.suggestion.keep
    found = []
    if keep is not None:
        words = f"Keep {noun}{keep}"
        keys = f"Enter {keep}" if keep <= DIGITS else "Enter"
        more = f", skip {_others(count, keep)}"
        found.append(Quick("accept", "", keys, "Enter", words, more, is_main=True))
    for number in range(1, min(count, DIGITS) + 1):
        if number != keep:
            words, more = f"Keep {noun}{number}", f", skip {_others(count, number)}"
            found.append(Quick("keep", str(number), str(number), str(number), words, more))
    both = "both" if count == 2 else "all"
    found.append(Quick("keep-all", "", "a", "A", f"Keep {both}"))
    if not exact:
        words = "Not the same" if count == 2 else "None is a duplicate"
        found.append(Quick("false-all", "", "x", "X", words))
    found.append(Quick("later", "", "l", "L", "Later"))
    return tuple(found)


def _others(count: int, number: int) -> str:
    others = [str(each) for each in range(1, count + 1) if each != number]
    return others[0] if len(others) == 1 else f"the other {len(others)}"


def title(view: SetView, where: Bar) -> str:
    """What the tab says: kind and number, never a name."""
    at = f" {where.at:,} of {where.total:,}" if where.at else ""
    noun = "place" if view.kind is Kind.EXACT else "picture"
    count = len(view.members[0].spots) if view.kind is Kind.EXACT else len(view.members)
    return f"Set{at}, {text.many(count, noun)}"


@dataclass(frozen=True, slots=True)
class Both:
    """A picture or place in a form that came too late: what was asked, and what is shown now."""

    words: str
    name: str
    asked: str
    now: str


def both_states(archive: Archive, view: SetView, fields: Mapping[str, str]) -> tuple[Both, ...]:
    """The set as it is now beside what a form asked of it."""
    found = []
    names = verdicts.place_names(archive, view)
    for member in view.members:
        digest = member.blob.digest
        name = name_of(archive, digest)
        if view.kind is Kind.PERCEPTUAL:
            asked = fields.get(name, fields.get(digest.hex(), ""))
            found.append(Both(f"Picture {member.number}", name, asked, member.verdict.value))
        for number, spot in enumerate(member.spots, 1):
            key = spot.place.key
            if key in names:
                asked = fields.get(names[key], fields.get("_".join(key), ""))
                words = f"Picture {member.number}, place {number}"
                found.append(Both(words, name, asked, spot.place.verdict.value))
    return tuple(found)
