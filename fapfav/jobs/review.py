"""What the user says of duplicates: verdicts, limits, and taking decisions back to the start.

Rules are the pure functions of `duplicates`; here they meet the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fapfav.duplicates.limits import check_limits
from fapfav.duplicates.verdicts import PlaceJudgement
from fapfav.duplicates.verdicts import judge as judge_group
from fapfav.duplicates.verdicts import judge_places as judge_copies
from fapfav.errors import UsageError
from fapfav.jobs.base import Report
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.inheriting import inherited
from fapfav.jobs.library import CLOSER, Archive
from fapfav.model import (
    Choice,
    Chosen,
    Config,
    Decision,
    Digest,
    Fresh,
    Group,
    Label,
    Limits,
    Method,
    PairKey,
    Place,
    PlaceKey,
    PlaceState,
    Verdict,
)
from fapfav.store import lookups
from fapfav.store.transaction import Transaction

VERB = "duplicates verdict"
"""What the log calls a verdict, on a set or on places."""


@dataclass(frozen=True, slots=True)
class JudgeReport(Report):
    """A verdict that was recorded, with what it did besides what was asked."""

    change: int
    verdicts: Mapping[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimitsReport(Report):
    """The limits in force now, and whether searches look closer; `groups` counts what there is."""

    change: int
    regular: Mapping[str, float]
    animated: Mapping[str, float]
    groups: int
    closer: bool


@dataclass(frozen=True, slots=True)
class ForgetReport(Report):
    """What was forgotten: sets that are gone, and pictures taken out of sets."""

    change: int
    sets: int
    pictures: int


def judge(
    archive: Archive, digest: Digest, verdicts: Mapping[Digest, Verdict], *, by: str = "cli"
) -> JudgeReport:
    """Records verdicts on members of the duplicates that a picture is among.

    Raises UsageError when a rule forbids them, and then nothing is written.
    """
    words = ", ".join(f"{d.hex()[:12]} {v.value}" for d, v in verdicts.items())
    with (
        archive.change(VERB, by=by, what=words) as change,
        change.transaction(last=True) as tx,
    ):
        group = archive.group_of(digest)  # as it is now, under the lock
        warnings = record_verdicts(archive, tx, group, verdicts)
    return JudgeReport(change.number, shown_now(archive, group.members), tuple(warnings))


def shown_now(archive: Archive, members: Iterable[Digest]) -> dict[str, str]:
    """What is shown for pictures; a verdict taken back may leave no group, or several."""
    groups = archive.kept(Grouping)
    found = ((one, groups.of(one)) for one in members)
    return {
        one.hex(): (group.verdicts[one] if group is not None else Verdict.NEW).value
        for one, group in found
    }


def record_verdicts(
    archive: Archive, tx: Transaction, group: Group, verdicts: Mapping[Digest, Verdict]
) -> list[str]:
    """Writes verdicts on a set that the transaction wrote nothing of before; returns warnings.

    Raises UsageError when a rule forbids them.
    """
    labels = _labels_within(archive, tx, group.members)
    found = ((one, tx.choices.get(one)) for one in group.members)
    choices = {one: chosen.choice for one, chosen in found if chosen is not None}
    said = judge_group(group, verdicts, labels, choices)
    for one, verdict in verdicts.items():
        if verdict is Verdict.FALSE:
            tx.put(*inherited(archive, tx, one, (one,)))
    for (first, second), label in said.decisions.items():
        tx.put(Decision(first, second, label, tx.now, tx.number))
    tx.delete("decisions", *said.dropped)
    for one, choice in said.choices.items():
        if choice is None:
            tx.delete("choices", one)
        else:
            tx.put(Chosen(one, choice, tx.now, tx.number))
    return [w for one in group.members for w in _skip_places(archive, tx, one)]


def _labels_within(
    archive: Archive, tx: Transaction, members: Sequence[Digest]
) -> dict[PairKey, Label]:
    """What was said of pairs of these; by the index, for sets are small and decisions many."""
    index = archive.index("decisions", lookups.blobs_of_pair)
    keys = {key for one in members for key in index[one]}
    inside = set(members)
    return {
        PairKey(each.first, each.second): each.label
        for each in tx.decisions.picked(keys)
        if each.first in inside and each.second in inside
    }


def _skip_places(archive: Archive, tx: Transaction, digest: Digest) -> list[str]:
    """A picture that is skipped is skipped at every place of it, and another not at all of them."""
    chosen = tx.choices.get(digest)
    places = _stored_places(archive, tx, digest)
    if chosen is None or chosen.choice is not Choice.SKIP:
        tx.put(*shown_again(places))
        return []
    if len(places) < 2:
        return []
    asked = {p.key: p.verdict for p in places if p.verdict is not Verdict.NEW}
    shown = {p.key: p.verdict for p in places}
    said = judge_copies(shown, asked, Verdict.SKIP)
    _put_verdicts(tx, places, said.verdicts)
    return [said.warning] if said.warning else []


def shown_again(places: Sequence[Place]) -> list[Place]:
    """All places of a picture that is not skipped, as they become if they hide it together."""
    if any(place.verdict is not Verdict.SKIP for place in places):
        return []
    return [replace(place, verdict=Verdict.NEW) for place in places]


def _stored_places(archive: Archive, tx: Transaction, digest: Digest) -> list[Place]:
    keys = archive.index("places", lookups.blob_of_place)[digest]
    return [p for p in tx.places.picked(keys) if p.state is PlaceState.STORED]


def _put_verdicts(
    tx: Transaction, places: list[Place], verdicts: Mapping[PlaceKey, Verdict]
) -> None:
    for place in places:
        verdict = verdicts.get(place.key, place.verdict)
        if verdict is not place.verdict:
            tx.put(replace(place, verdict=verdict))


def judge_places(
    archive: Archive, digest: Digest, verdicts: Mapping[PlaceKey, Verdict], *, by: str = "cli"
) -> JudgeReport:
    """Records verdicts on the places of one picture: its exact copies.

    Raises UsageError when a rule forbids them, and then nothing is written.
    """
    words = f"{len(verdicts)} places of {digest.hex()[:12]}"
    with (
        archive.change(VERB, by=by, what=words) as change,
        change.transaction(last=True) as tx,
    ):
        group = archive.kept(Grouping).of(digest)
        picture = Verdict.NEW if group is None else group.verdicts[digest]
        said = record_places(archive, tx, digest, verdicts, picture)
    now = {"/".join(key): verdict.value for key, verdict in said.verdicts.items()}
    return JudgeReport(change.number, now, (said.warning,) if said.warning else ())


def record_places(
    archive: Archive,
    tx: Transaction,
    digest: Digest,
    verdicts: Mapping[PlaceKey, Verdict],
    picture: Verdict,
) -> PlaceJudgement:
    """Writes verdicts on the places of a picture, for which its set shows `picture`.

    Raises UsageError when a rule forbids them.
    """
    places = _stored_places(archive, tx, digest)
    said = judge_copies({p.key: p.verdict for p in places}, verdicts, picture)
    _put_verdicts(tx, places, said.verdicts)
    return said


def set_limits(
    archive: Archive,
    regular: Mapping[Method, float],
    animated: Mapping[Method, float],
    *,
    closer: bool | None = None,
    by: str = "cli",
) -> LimitsReport:
    """Changes some limits, and with `closer` whether pairs are looked at closely before a set.

    All in one change. Raises UsageError naming the field that is out of bounds or laxer.
    """
    archive.refresh()
    old = archive.limits()
    looked = archive.looks_closer
    space = archive.vector_space
    asked = (regular, animated)
    if not space and any(Method.CNN in each for each in asked):
        raise UsageError("there are no embeddings yet that a cnn limit could apply to")
    new = [_with(limits, given) for limits, given in zip(old, asked, strict=True)]
    check_limits(new[0], new[1])
    words = ", ".join(
        f"{kind} {method.value} {value:g}"
        for kind, given in (("regular", regular), ("animated", animated))
        for method, value in given.items()
    )
    turned = closer is not None and closer is not looked
    if turned:
        words = ", ".join(filter(None, (words, f"closer look {'on' if closer else 'off'}")))
    with archive.write("duplicates limits", by=by, what=words) as tx:
        if turned:
            tx.put(Config(CLOSER, closer))
        for name, given in zip(("limits_regular", "limits_animated"), asked, strict=True):
            if given:
                tx.put(Config(name, _merged(tx, name, given, space)))
        number = tx.number
    now = archive.limits()
    return LimitsReport(
        number if turned or now != old else 0,
        *(asdict(now[0]), asdict(now[1])),
        *(len(archive.groups), archive.looks_closer),
    )


def _with(limits: Limits, given: Mapping[Method, float]) -> Limits:
    changed: dict[str, Any] = {m.value: _number(m, value) for m, value in given.items()}
    return replace(limits, **changed)


def _number(method: Method, value: float) -> float:
    """Hash limits are whole numbers; anything else is left for the check to name."""
    whole = method is not Method.CNN and float(value).is_integer()
    return int(value) if whole else value


def _merged(
    tx: Transaction, name: str, given: Mapping[Method, float], space: str
) -> dict[str, Any]:
    config = tx.configs.get(name)
    stored: dict[str, Any] = {} if config is None else dict(config.value)
    for method, value in given.items():
        if method is Method.CNN:
            stored["cnn"] = {**stored.get("cnn", {}), space: float(value)}
        else:
            stored[method.value] = int(value)
    return stored


def forget(archive: Archive, *, everything: bool = False, by: str = "cli") -> ForgetReport:
    """Takes undecided pictures out of their sets, or with `everything` forgets all evidence.

    Decisions and choices are kept for good: what was called different stays so when it is found
    again. What was forgotten counts as never compared, so the next `duplicates find` finds it.
    """
    archive.refresh()
    before = archive.groups
    gone = {
        digest
        for group in before
        for digest, verdict in group.verdicts.items()
        if everything or verdict is Verdict.NEW
    }
    words = "all" if everything else "pending"
    with archive.write("duplicates forget", by=by, what=words) as tx:
        for key in list(tx.pairs):
            if everything or not gone.isdisjoint(key):
                tx.delete("pairs", key)
        tx.put(*(Fresh(digest, tx.now) for digest in (tx.blobs if everything else gone)))
        number = 0 if tx.is_empty else tx.number
    after = archive.groups
    return ForgetReport(
        number,
        len(before) - len(after),
        sum(len(g.members) for g in before) - sum(len(g.members) for g in after),
    )
