"""One set as it is reviewed: its pictures, how they compare, how sure that is, what to keep.

The thinking is the pure functions of `duplicates`; here they meet the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fapfav.duplicates import comparison, evidence
from fapfav.duplicates.comparison import Chip, Facts
from fapfav.duplicates.evidence import PairScores, Relation
from fapfav.duplicates.queue import Kind
from fapfav.duplicates.suggestion import Suggestion, suggest
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.reasons import WRITTEN, is_known_edge, sure
from fapfav.jobs.set_facts import Gathering, Spot
from fapfav.jobs.shared_part import WHOLE, Part, shared_parts
from fapfav.jobs.to_keeper import Kept, ToKeeper, to_keeper
from fapfav.model import (
    Blob,
    Decision,
    Digest,
    Group,
    Label,
    Method,
    PairKey,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One picture of a set.

    `gone` from one of its places at least, `only_copy` if from all; `protected` by an album; it is
    `locked` where it was decided before the pictures came that are asked about. `to_keeper` says
    why it is in the set; None of the keeper itself, and where a set has none. `part` is what of it
    is the picture that all of them show.
    """

    number: int
    blob: Blob
    verdict: Verdict
    spots: tuple[Spot, ...]
    tags: tuple[tuple[int, str], ...]
    hashes: Mapping[Method, int]
    chips: tuple[Chip, ...]
    gone: bool
    only_copy: bool
    protected: bool
    locked: bool
    to_keeper: ToKeeper | None = None
    part: Part = WHOLE


@dataclass(frozen=True, slots=True)
class SetView:
    """A set as it is now.

    Members are numbered from 1 by pixels, then bytes, largest first; a set of exact copies has one,
    and its spots are judged. `pairs` are all pairs of a small set, of a large one those with one
    picture. `keeper` is the number of the member that the others were found the same as, None where
    no search looked closely. Then `certainty` is the least probability of the others to be the same
    (`is_probability`), else a closeness and no probability: see `duplicates.evidence`. `agreeing`
    of `asked` methods pass for the weakest pair. `saves` are the bytes of all that are alike but
    the largest. `revision` is another one after whatever could change a verdict's meaning.
    """

    key: Digest
    kind: Kind
    members: tuple[Member, ...]
    pairs: tuple[PairScores, ...]
    same: str
    suggestion: Suggestion
    sentence: str
    relation: str
    certainty: float
    agreeing: int
    needs_action: bool
    revision: str
    saves: int
    asked: int = 0
    keeper: int | None = None
    is_probability: bool = False

    def member(self, digest: Digest) -> Member | None:
        """The member that is this picture."""
        return next((one for one in self.members if one.blob.digest == digest), None)


def set_view(archive: Archive, digest: Digest) -> SetView:
    """The set a picture is in, perceptual before exact. Raises UsageError when it is in none."""
    gathering = Gathering(archive)
    group = group_with(archive, digest)
    if group is not None:
        return view_of_group(gathering, group)
    if digest in archive.blobs:
        view = view_of_copies(gathering, digest)
        if len(view.members[0].spots) > 1:
            return view
    raise UsageError(f"{digest.hex()} has no duplicates; `duplicates list` shows what has")


def group_with(archive: Archive, digest: Digest) -> Group | None:
    """The perceptual set a picture is in."""
    try:
        return archive.group_of(digest)
    except UsageError:
        return None


def saves(blobs: Sequence[Blob], verdicts: Mapping[Digest, Verdict]) -> int:
    """The bytes of all that are alike but the largest."""
    alike = [blob for blob in blobs if verdicts[blob.digest] is not Verdict.FALSE]
    if len(alike) < 2:
        return 0
    return sum(blob.size for blob in alike) - min(alike, key=comparison.size_order).size


def compared(blobs: Sequence[Blob], verdicts: Mapping[Digest, Verdict]) -> list[tuple[int, int]]:
    """Which pictures of a set are compared, as places from 0 in the order of their size."""
    alike = [at for at, one in enumerate(blobs) if verdicts[one.digest] is not Verdict.FALSE]
    return list(evidence.compared_pairs(range(len(blobs)), alike[0] if alike else 0))


def view_of_group(gathering: Gathering, group: Group) -> SetView:
    """A perceptual set."""
    archive = gathering.archive
    blobs = sorted((archive.blobs[one] for one in group.members), key=comparison.size_order)
    decisions = gathering.decisions(group.members)
    pairs = _pairs(gathering, blobs, group.verdicts, decisions)
    spots = [gathering.spots(blob.digest) for blob in blobs]
    tags = [gathering.tags(blob.digest) for blob in blobs]
    kept = to_keeper(archive, group)
    parts = shared_parts(kept)
    facts = [
        _of_part(gathering.facts(blob, its, len(carried)), parts.get(blob.digest, WHOLE))
        for blob, its, carried in zip(blobs, spots, tags, strict=True)
    ]
    chips = comparison.compare(facts)
    locked = _locked(archive, group, decisions)
    members = tuple(
        Member(
            number=at + 1,
            blob=blob,
            verdict=group.verdicts[blob.digest],
            spots=spots[at],
            tags=tags[at],
            hashes=gathering.hashes(blob.digest),
            chips=chips[at],
            gone=bool(facts[at].gone),
            only_copy=facts[at].is_only_copy,
            protected=facts[at].is_protected,
            locked=blob.digest in locked,
            part=parts.get(blob.digest, WHOLE),
        )
        for at, blob in enumerate(blobs)
    )
    bare = SetView(
        key=group.members[0],
        kind=Kind.PERCEPTUAL,
        members=members,
        pairs=pairs,
        same=comparison.same(facts),
        suggestion=Suggestion(None, ""),
        sentence="",
        relation="",
        certainty=0.0,
        agreeing=0,
        needs_action=group.needs_action,
        revision=_revision(archive, members, decisions),
        saves=saves(blobs, group.verdicts),
    )
    return _concluded(_with_keeper(bare, kept), facts)


def _of_part(facts: Facts, part: Part) -> Facts:
    return replace(facts, share=part.share, around=part.around, cropped=part.cropped)


def _with_keeper(view: SetView, kept: Kept) -> SetView:
    """With what the members are to the keeper, and how sure that is."""
    if kept.keeper is None:
        return view
    members = tuple(
        replace(one, to_keeper=kept.others.get(one.blob.digest)) for one in view.members
    )
    number = next(one.number for one in members if one.blob.digest == kept.keeper)
    probability = kept.probability
    return replace(
        view,
        members=members,
        keeper=number,
        certainty=probability or 0.0,
        is_probability=probability is not None,
    )


def _pairs(
    gathering: Gathering,
    blobs: Sequence[Blob],
    verdicts: Mapping[Digest, Verdict],
    decisions: Mapping[PairKey, Decision],
) -> tuple[PairScores, ...]:
    looks = [gathering.looks(blob) for blob in blobs]
    return tuple(
        evidence.pair_scores(
            (one + 1, other + 1),
            (looks[one], looks[other]),
            gathering.known(blobs[one].digest, blobs[other].digest, decisions),
            gathering.limits,
        )
        for one, other in compared(blobs, verdicts)
    )


def _concluded(view: SetView, facts: Sequence[Facts]) -> SetView:
    """With what the evidence amounts to; what was called no duplicate has no say in it."""
    alike = [one for one in view.members if one.verdict is not Verdict.FALSE]
    numbers = {one.number for one in alike}
    pairs = [pair for pair in view.pairs if {pair.first, pair.second} <= numbers]
    relation = evidence.relation_of(pairs)
    changed = _changed(alike)
    is_told_otherwise = any(pair.label in _CUT for pair in pairs)
    if pairs and view.is_probability and not changed and not is_told_otherwise:
        relation = Relation.SAME
    hidden = [one.number for one in alike if one.verdict is Verdict.SKIP]
    those = {number: facts[number - 1] for number in sorted(numbers)}
    suggestion = suggest(those, relation, hidden)
    if changed and view.is_probability and (suggestion.keep is None or WRITTEN in changed):
        suggestion = Suggestion(None, changed)
    weakest = evidence.weakest(pairs)
    closeness = evidence.certainty_of(pairs or view.pairs)
    return replace(
        view,
        relation=relation.value,
        certainty=view.certainty if view.is_probability else closeness,
        agreeing=weakest.agreeing if weakest else 0,
        asked=weakest.asked if weakest else 0,
        suggestion=suggestion,
        sentence=_sentence(view, relation, list(those.values()), pairs),
    )


_CUT = (Label.RELATED, Label.DIFFERENT)


def _changed(members: Iterable[Member]) -> str:
    """Where a closer look found more than another size: that is for the eye, whatever is larger.

    What is a border and what was cropped is known, and counts with the pixels.
    """
    for one in members:
        changes = one.to_keeper.changes if one.to_keeper is not None else ()
        if left := [each for each in changes if not is_known_edge(each)]:
            return f"Your eye decides about picture {one.number}: {left[0]}."
    return ""


_OPENINGS = {
    Relation.SAME: "Same picture",
    Relation.SIMILAR: "Similar pictures",
    Relation.DIFFERENT: "Different pictures",
}


def _sentence(
    view: SetView, relation: Relation, facts: Sequence[Facts], pairs: Sequence[PairScores]
) -> str:
    if len(facts) < 2:
        return "No two of these are duplicates, as you said."
    is_same = relation is Relation.SAME or view.is_probability
    opening = _OPENINGS[Relation.SAME if is_same else relation]
    if len(facts) > 2:
        opening += f" {len(facts)} times" if is_same else f", {len(facts)}"
    said = [pair for pair in pairs if pair.label is Label.SAME]
    # Of pictures that may be two different ones no file is said to be made from another.
    difference = comparison.difference(facts) if relation is Relation.SAME else ""
    if view.keeper is not None:  # beside each picture it says how much longer its sides are
        difference = difference.replace("x larger", "x the pixels")
    words = f"{opening}: {difference}." if difference else f"{opening}."
    called = " You called them the same." if pairs and len(said) == len(pairs) else ""
    if not _was_looked_at(view):
        return f"{words}{called} {evidence.agreement(pairs)}"
    surely = sure(view.certainty)  # which says more than how many methods agree
    return f"{words}{called} {surely[0].upper()}{surely[1:]}."


def _was_looked_at(view: SetView) -> bool:
    """Whether the probability is of a closer look, and not only of the user's word."""
    found = (one.to_keeper for one in view.members)
    return view.is_probability and any(each and each.probability is not None for each in found)


def _locked(
    archive: Archive, group: Group, decisions: Mapping[PairKey, Decision]
) -> frozenset[Digest]:
    """Those decided before every picture came that is asked about now."""
    asked = [one for one, verdict in group.verdicts.items() if verdict is Verdict.NEW]
    if not asked or len(asked) == len(group.members):
        return frozenset()
    came = min(archive.blobs[one].added for one in asked)
    said: dict[Digest, int] = {}
    for (first, second), decision in decisions.items():
        if decision.label is Label.DIFFERENT:
            for one in (first, second):
                said[one] = max(said.get(one, 0), decision.at)
    found = set()
    for one in group.members:
        if group.verdicts[one] is Verdict.NEW:
            continue
        chosen = archive.choices.get(one)
        if (chosen.at if chosen is not None else said.get(one, 0)) < came:
            found.add(one)
    return frozenset(found)


def view_of_copies(gathering: Gathering, digest: Digest) -> SetView:
    """The places of one picture as a set."""
    archive = gathering.archive
    blob = archive.blobs[digest]
    spots, tags = gathering.spots(digest), gathering.tags(digest)
    facts = gathering.facts(blob, spots, len(tags))
    member = Member(
        number=1,
        blob=blob,
        verdict=Verdict.NEW,
        spots=spots,
        tags=tags,
        hashes=gathering.hashes(digest),
        chips=(),
        gone=bool(facts.gone),
        only_copy=facts.is_only_copy,
        protected=facts.is_protected,
        locked=False,
    )
    return SetView(
        key=digest,
        kind=Kind.EXACT,
        members=(member,),
        pairs=(),
        same="",
        suggestion=_kept_spot(gathering, spots),
        sentence=f"The same file at {len(spots)} places.",
        relation=Relation.EXACT.value,
        certainty=1.0,
        agreeing=0,
        needs_action=any(spot.place.verdict is Verdict.NEW for spot in spots),
        revision=_revision(archive, (member,), {}),
        saves=0,
    )


def _kept_spot(gathering: Gathering, spots: Sequence[Spot]) -> Suggestion:
    """Which place to keep: one that is still there in the album of highest priority."""
    if len(spots) < 2:
        return Suggestion(None, "")
    best = min(
        range(len(spots)),
        key=lambda at: (-gathering.priority(spots[at].place), bool(spots[at].level), at),
    )
    rest = [spot.place for at, spot in enumerate(spots) if at != best]
    if gathering.is_protected(place for place in rest if place.verdict is not Verdict.SKIP):
        return Suggestion(None, "Your eye decides: a place in a protected album would be hidden.")
    return Suggestion(best + 1, f"Keep place {best + 1}: the picture is the same at all of them.")


def _revision(
    archive: Archive, members: Iterable[Member], decisions: Mapping[PairKey, Decision]
) -> str:
    """A name for all that a verdict on this set rests on; it tells nothing of it."""
    parts = ["revision"]
    for member in sorted(members, key=lambda one: one.blob.digest):
        chosen = archive.choices.get(member.blob.digest)
        parts.append(member.blob.digest.hex())
        parts.append(f"{member.verdict.value} {chosen.choice.value if chosen else ''}")
        for spot in sorted(member.spots, key=lambda each: each.place.key):
            parts.append("\x1f".join((*spot.place.key, spot.place.verdict.value)))
    for key in sorted(decisions):
        parts.append(f"{key.first.hex()}{key.second.hex()}{decisions[key].label.value}")
    return archive.keyed(*parts)
