"""What rules are asked about: the pictures of a set, what they are to each other, and how sure.

Where a closer look judged the pictures of a set, or its user did, that counts; where nobody looked,
what the prints and shapes say: an order, and no probability.
"""

from __future__ import annotations

from collections.abc import Sequence

from fapfav.duplicates.evidence import PairScores, Relation
from fapfav.jobs.set_facts import Gathering
from fapfav.jobs.set_views import Member, SetView, group_with
from fapfav.jobs.to_keeper import Kept, to_keeper
from fapfav.model import AlbumKey, Digest, Label, Verdict
from fapfav.resolve.choosing import Picture, Pictures

OPEN = (Verdict.NEW, Verdict.KEEP)
"""What rules are asked about: what is not decided yet, and what its user keeps."""


def pictures_of(gathering: Gathering, view: SetView) -> Pictures:
    """A set as rules are asked about it."""
    members = [member for member in view.members if member.verdict in OPEN]
    same, certainty, probability = _judged(gathering, view, members)
    return Pictures(
        pictures=tuple(picture_of(gathering, member) for member in members),
        same=same,
        certainty=certainty,
        probability=probability,
    )


def _judged(
    gathering: Gathering, view: SetView, members: Sequence[Member]
) -> tuple[bool, float, float | None]:
    """Whether they are the same, how sure, and the least probability, None if one is not known."""
    group = group_with(gathering.archive, view.key)
    kept = Kept() if group is None else to_keeper(gathering.archive, group)
    known = _probabilities(gathering, kept)
    if not known:
        return view.relation == Relation.SAME.value, view.certainty, None
    same, sure, is_whole = True, [1.0], True
    for member in members:
        if member.blob.digest == kept.keeper:
            continue
        if (probability := known.get(member.blob.digest)) is not None:
            sure.append(probability)
            continue
        is_whole = False
        prints = _prints(view, kept, member)
        same = same and prints is not None and prints.relation is Relation.SAME
        sure.append(0.0 if prints is None else prints.closeness)
    return same, min(sure), min(sure) if is_whole else None


def _probabilities(gathering: Gathering, kept: Kept) -> dict[Digest, float]:
    """By picture that it is the same as the keeper, where it was judged.

    1 where its user says so, also by way of others; else what a closer look found, of the picture
    itself or, where that was not looked at, of one that its user called the same.
    """
    if kept.keeper is None:
        return {}
    found = {one: each.probability for one, each in kept.others.items()}
    told = gathering.decisions([kept.keeper, *found])
    mates: dict[Digest, set[Digest]] = {}
    for (first, second), decision in told.items():
        if decision.label is Label.SAME:
            both = mates.get(first, {first}) | mates.get(second, {second})
            mates.update(dict.fromkeys(both, both))
    known: dict[Digest, float] = {}
    for one, probability in found.items():
        unit = mates.get(one, {one})
        of_mates = [p for mate in unit if (p := found.get(mate)) is not None]
        if kept.keeper in unit:
            known[one] = 1.0
        elif probability is not None:
            known[one] = probability
        elif of_mates:
            known[one] = max(of_mates)
    return known


def _prints(view: SetView, kept: Kept, member: Member) -> PairScores | None:
    """What the prints say of a picture and the keeper of its set."""
    keeper = next(one.number for one in view.members if one.blob.digest == kept.keeper)
    numbers = {keeper, member.number}
    return next((each for each in view.pairs if {each.first, each.second} == numbers), None)


def picture_of(gathering: Gathering, member: Member) -> Picture:
    """One picture as rules are asked about it."""
    blob = member.blob
    facts = gathering.facts(blob, member.spots, len(member.tags))
    albums = {AlbumKey(*spot.place.key[:3]): spot.album_name for spot in member.spots}
    return Picture(
        digest=blob.digest,
        ext=blob.ext,
        pixels=round(facts.pixels * member.part.share),
        around=member.part.around,
        cropped=member.part.cropped,
        written=member.part.written,
        size=blob.size,
        quality=blob.quality,
        animated=blob.animated,
        posted=facts.posted,
        added=blob.added,
        priority=facts.priority,
        albums=frozenset((*albums.values(), *("/".join(key) for key in albums))),
        sources=frozenset(key.source for key in albums),
        tagged=bool(member.tags),
        protected=member.protected,
        gone=member.gone,
        only_copy=member.only_copy,
        kept=member.verdict is Verdict.KEEP,
    )
