"""Judging a set as pages do: pictures and places at once, and only a set that was really seen.

So is a pair judged of which only one picture is in the set: what is listed as worth seeing with it.

The rules are those of `duplicates.verdicts`. What breaks one raises UsageError and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from fapfav.duplicates.queue import Kind
from fapfav.errors import UsageError
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.library import Archive
from fapfav.jobs.review import VERB, JudgeReport, record_places, record_verdicts, shown_now
from fapfav.jobs.see_also import is_listed
from fapfav.jobs.set_views import SetView, set_view
from fapfav.model import Choice, Decision, Digest, Label, PlaceKey, Verdict, pair_of
from fapfav.store.transaction import Transaction

Asked = tuple[dict[Digest, Verdict], dict[PlaceKey, Verdict]]
"""Verdicts on pictures of a set, and on places of them."""


class Action(StrEnum):
    """What one key or button says of a whole set."""

    ACCEPT = "accept"
    KEEP = "keep"
    KEEP_ALL = "keep-all"
    FALSE_ALL = "false-all"


class Changed(UsageError):
    """A set is another one than was shown, so nothing was decided; `view` is how it is now."""

    def __init__(self, view: SetView) -> None:
        super().__init__("the set changed since it was shown: look at it again, then decide")
        self.view = view


def judge_set(
    archive: Archive,
    digest: Digest,
    seen: str,
    verdicts: Mapping[Digest, Verdict],
    places: Mapping[PlaceKey, Verdict],
    *,
    by: str = "cli",
) -> JudgeReport:
    """Records verdicts on a set and on places of its pictures in one change.

    `seen` is the revision of the set that was shown. A place whose verdict is what it was says
    nothing, as radio buttons nobody touched. Raises Changed when the set is another one by now,
    UsageError when a rule forbids something; either way nothing is written.
    """
    with (
        archive.change(VERB, by=by, what=_words(digest, verdicts, places)) as change,
        change.transaction(last=True) as tx,
    ):
        view = set_view(archive, digest)  # as it is now, under the lock
        if view.revision != seen:
            raise Changed(view)
        warnings = record_set(archive, tx, view, verdicts, places)
    shown = {} if view.kind is Kind.EXACT else _members_now(archive, view)
    shown |= {"/".join(key): archive.places[key].verdict.value for key in places}
    return JudgeReport(change.number, shown, warnings)


def revision_of(archive: Archive, digest: Digest) -> str:
    """The revision of the set a picture is in; of one in no set, a name for just that."""
    view = _view(archive, digest)
    return view.revision if view is not None else archive.keyed("revision", "no set", digest.hex())


def judge_pair(
    archive: Archive, pair: tuple[Digest, Digest], seen: str, label: Label, *, by: str = "cli"
) -> JudgeReport:
    """Records what a picture and another one listed with it are to each other, in one change.

    Called the same they are in one set from now on; called different they are listed no more.
    `seen` is `revision_of` the first of the two as it was shown. Raises Changed, or UsageError
    for a picture in no set, when that is another one by now or the two are not listed; then
    nothing is written.
    """
    member, other = pair
    words = f"{member.hex()[:12]} and {other.hex()[:12]} {label.value}"
    with (
        archive.change(VERB, by=by, what=words) as change,
        change.transaction(last=True) as tx,
    ):
        key = pair_of(member, other)
        if revision_of(archive, member) != seen or not is_listed(archive, key):
            view = _view(archive, member)
            if view is not None:
                raise Changed(view)
            raise UsageError("this changed since it was shown: look at it again, then decide")
        tx.put(Decision(*key, label, tx.now, tx.number))
    return JudgeReport(change.number, shown_now(archive, pair), ())


def _view(archive: Archive, digest: Digest) -> SetView | None:
    try:
        return set_view(archive, digest)
    except UsageError:
        return None


def record_set(
    archive: Archive,
    tx: Transaction,
    view: SetView,
    verdicts: Mapping[Digest, Verdict],
    places: Mapping[PlaceKey, Verdict],
) -> tuple[str, ...]:
    """Writes verdicts on a set and its places within a transaction; returns warnings."""
    if view.kind is Kind.EXACT and verdicts:
        raise UsageError("of exact copies the places are judged, not the picture")
    warnings: list[str] = []
    group = archive.kept(Grouping).of(view.key)
    if verdicts and group is not None:
        warnings += record_verdicts(archive, tx, group, verdicts)
    for digest, asked in _by_picture(view, places).items():
        chosen = tx.choices.get(digest) if group is not None else None
        hidden = chosen is not None and chosen.choice is Choice.SKIP
        if hidden and group is not None and group.verdicts[digest] is not Verdict.SKIP:
            continue  # hidden just now with all its places, and a warning
        said = record_places(archive, tx, digest, asked, Verdict.SKIP if hidden else Verdict.NEW)
        warnings += [said.warning] if said.warning else []
    return tuple(dict.fromkeys(warnings))


def _by_picture(
    view: SetView, places: Mapping[PlaceKey, Verdict]
) -> dict[Digest, dict[PlaceKey, Verdict]]:
    """By picture the places that are to become something else; of no other place."""
    left = dict(places)
    found: dict[Digest, dict[PlaceKey, Verdict]] = {}
    for member in view.members:
        for spot in member.spots:
            verdict = left.pop(spot.place.key, spot.place.verdict)
            if verdict is not spot.place.verdict:
                found.setdefault(member.blob.digest, {})[spot.place.key] = verdict
    if left:
        raise UsageError(f"{'/'.join(min(left))} is no place of a picture of this set")
    return found


def completed(view: SetView, asked: Mapping[Digest, Verdict]) -> dict[Digest, Verdict]:
    """Verdicts with what follows in a set of two: both are false or neither.

    Where only one of the two is changed, `false` on it sets both, and any other verdict takes
    `false` from both, so that the other one becomes `new`.
    """
    verdicts = dict(asked)
    if len(view.members) != 2:
        return verdicts
    shown = {member.blob.digest: member.verdict for member in view.members}
    changed = [one for one in shown if verdicts.get(one, shown[one]) is not shown[one]]
    if len(changed) != 1:
        return verdicts
    (one,) = changed
    (other,) = shown.keys() - {one}
    if verdicts[one] is Verdict.FALSE:
        verdicts[other] = Verdict.FALSE
    elif shown[other] is Verdict.FALSE:
        verdicts[other] = Verdict.NEW
    return verdicts


def quick(view: SetView, action: str, keep: int | None = None) -> Asked:
    """What one key says: the verdicts on pictures, and on places, that `judge_set` takes.

    `accept` keeps what is suggested. `keep` keeps the picture of that number and skips the others
    that are no false ones, also those locked: it names the one to see. `keep-all` and `false-all`
    speak of those that are asked about only. In a set of exact copies numbers are of places, and
    nothing is false. Raises UsageError for what makes no sense of this set.
    """
    quickly = _QUICK.get(action)
    if quickly is None:
        raise UsageError(f"{action!r} says nothing of a set: it takes {', '.join(_QUICK)}")
    return quickly(view, keep)


def _accept(view: SetView, _keep: int | None) -> Asked:
    if view.suggestion.keep is None:
        raise UsageError("nothing is suggested for this set: say which one to keep")
    return _keep_one(view, view.suggestion.keep)


def _keep_one(view: SetView, keep: int | None) -> Asked:
    exact = view.kind is Kind.EXACT
    count = len(view.members[0].spots) if exact else len(view.members)
    if keep is None or not 1 <= keep <= count:
        raise UsageError(f"there is no number {keep} in this set: it goes from 1 to {count}")
    if exact:
        places = [spot.place.key for spot in view.members[0].spots]
        rest = dict.fromkeys(places, Verdict.SKIP)
        return {}, rest | {places[keep - 1]: Verdict.KEEP}
    verdicts = {
        member.blob.digest: Verdict.KEEP if member.number == keep else Verdict.SKIP
        for member in view.members
        if member.number == keep or member.verdict is not Verdict.FALSE or count == 2
    }
    return verdicts, {}


def _keep_all(view: SetView, _keep: int | None) -> Asked:
    if view.kind is Kind.EXACT:
        return {}, {spot.place.key: Verdict.KEEP for spot in view.members[0].spots}
    every = [member for member in view.members if not member.locked]
    alike = [member for member in every if member.verdict is not Verdict.FALSE] or every
    return {member.blob.digest: Verdict.KEEP for member in alike}, {}


def _false_all(view: SetView, _keep: int | None) -> Asked:
    if view.kind is Kind.EXACT:
        raise UsageError("exact copies are the same picture: none of them can be false")
    both = len(view.members) == 2
    asked = [member for member in view.members if both or not member.locked]
    return {member.blob.digest: Verdict.FALSE for member in asked}, {}


_QUICK: Mapping[str, Callable[[SetView, int | None], Asked]] = {
    Action.ACCEPT: _accept,
    Action.KEEP: _keep_one,
    Action.KEEP_ALL: _keep_all,
    Action.FALSE_ALL: _false_all,
}


def _words(
    digest: Digest, verdicts: Mapping[Digest, Verdict], places: Mapping[PlaceKey, Verdict]
) -> str:
    found = [f"{one.hex()[:12]} {verdict.value}" for one, verdict in verdicts.items()]
    if places:
        found.append(f"{len(places)} places of {digest.hex()[:12]}")
    return ", ".join(found)


def _members_now(archive: Archive, view: SetView) -> dict[str, str]:
    return shown_now(archive, [member.blob.digest for member in view.members])
