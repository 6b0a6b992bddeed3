"""What a verdict means: which decisions and choices it writes, which it takes back.

Verdicts come from a page or a command, for one set or for the places of one picture. A verdict
that breaks a rule raises UsageError, names who broke it, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import comb

from fapfav.errors import UsageError
from fapfav.model import (
    Choice,
    Digest,
    Group,
    Label,
    PairKey,
    PlaceKey,
    Verdict,
    pair_of,
)

MOST = 1_000_000
"""The most decisions one judgement may write; a set that needs more is a sign of lax limits."""

_CHOSEN = (Verdict.KEEP, Verdict.SKIP)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to write: labels to set, labels to drop, choices to set, or to clear where None.

    Only what differs from what is known; no pair is in both.
    """

    decisions: Mapping[PairKey, Label]
    dropped: tuple[PairKey, ...]
    choices: Mapping[Digest, Choice | None]


def judge(
    group: Group,
    verdicts: Mapping[Digest, Verdict],
    decisions: Mapping[PairKey, Label],
    choices: Mapping[Digest, Choice],
) -> Judgement:
    """What verdicts for some or all members of a set write; the others keep what they show.

    `false` is different from every other member. `keep` and `skip` are the same as all members so
    decided. A member that goes back to `new` loses its choice and its labels in this set; one that
    leaves `false` loses its `different` ones; `new` for a member that shows `new` says nothing.

    Raises UsageError for a digest that is no member, for one `false` in a set of two, where every
    member that is not `false` would be skipped, and for more than MOST decisions.
    """
    final = _final(group, verdicts)
    _check_size(final, verdicts)
    known = _among(final, decisions)
    wanted = dict(_labels(final, verdicts))
    dropped = {
        pair
        for one in verdicts
        for pair in _outdated(one, group.verdicts[one], final, known)
        if pair not in wanted
    }
    return Judgement(
        decisions={
            pair: wanted[pair] for pair in sorted(wanted) if decisions.get(pair) is not wanted[pair]
        },
        dropped=tuple(sorted(dropped)),
        choices={
            one: chosen
            for one in sorted(verdicts)
            if (chosen := _choice(final[one])) is not choices.get(one)
        },
    )


def after_removal(
    removed: Digest, choices: Mapping[Digest, Choice], decisions: Mapping[PairKey, Label]
) -> tuple[Digest, ...]:
    """The blobs, sorted, whose choice is to be cleared when this one is taken out.

    They were kept or skipped because this one was there: those it was called the same as, if it
    had a choice itself. What was called different stays as it is.
    """
    if removed not in choices:
        return ()
    same = {
        second if first == removed else first
        for (first, second), label in decisions.items()
        if label is Label.SAME and removed in (first, second)
    }
    return tuple(sorted(one for one in same if one in choices))


@dataclass(frozen=True, slots=True)
class PlaceJudgement:
    """The verdicts of all places after judging, and a warning in words or nothing."""

    verdicts: Mapping[PlaceKey, Verdict]
    warning: str = ""


def judge_places(
    shown: Mapping[PlaceKey, Verdict], asked: Mapping[PlaceKey, Verdict], picture: Verdict
) -> PlaceJudgement:
    """What verdicts for some or all places of an exact copy come to; the others keep theirs.

    `picture` is what its set shows for it (`new` without a set). If that is `skip` every place is
    skipped too, with a warning where something else was asked. Raises UsageError for a place that
    is not one of them, for `false`, and where all places would be skipped though the picture
    is not.
    """
    for place, verdict in asked.items():
        if place not in shown:
            raise UsageError(f"{_words(place)} is no place of this picture")
        if verdict is Verdict.FALSE:
            raise UsageError(f"{_words(place)}: an exact copy is new, keep or skip, never false")
    final = {place: asked.get(place, shown[place]) for place in sorted(shown)}
    if picture is Verdict.SKIP:
        other = [place for place, verdict in final.items() if verdict is not Verdict.SKIP]
        warning = ""
        if other:
            named = ", ".join(_words(place) for place in other)
            warning = f"the picture is skipped in its set, so its places are too: {named}"
        return PlaceJudgement(dict.fromkeys(final, Verdict.SKIP), warning)
    if final and all(verdict is Verdict.SKIP for verdict in final.values()):
        named = ", ".join(_words(place) for place in final)
        raise UsageError(f"not all places can be skip, the picture is not: {named}; keep one")
    return PlaceJudgement(final)


def alone(shown: Mapping[PlaceKey, Verdict]) -> Mapping[PlaceKey, Verdict]:
    """The verdicts to reset: a picture with a single place has no copy, so it is `new` there."""
    if len(shown) != 1:
        return {}
    return {place: Verdict.NEW for place, verdict in shown.items() if verdict is not Verdict.NEW}


def _final(group: Group, verdicts: Mapping[Digest, Verdict]) -> dict[Digest, Verdict]:
    """What every member would show, if the rules allow it."""
    for one in verdicts:
        if one not in group.verdicts:
            raise UsageError(f"{one.hex()} is no member of this set; list the sets again")
    final = {one: verdicts.get(one, group.verdicts[one]) for one in group.members}
    false = [one for one, verdict in final.items() if verdict is Verdict.FALSE]
    if len(final) == 2 and len(false) == 1:
        raise UsageError(
            f"in a set of two both are false or neither: {_names(false)} is false,"
            f" {_names(one for one in final if one not in false)} is not"
        )
    rest = [one for one, verdict in final.items() if verdict is not Verdict.FALSE]
    if rest and all(final[one] is Verdict.SKIP for one in rest):
        raise UsageError(
            f"not all can be skip, or the picture is hidden everywhere: {_names(rest)}; keep one"
        )
    return final


def _check_size(final: Mapping[Digest, Verdict], verdicts: Mapping[Digest, Verdict]) -> None:
    """Raises UsageError before a verdict on a huge set fills the memory with pairs."""
    false = sum(1 for one in verdicts if final[one] is Verdict.FALSE)
    named = sum(1 for one in verdicts if final[one] in _CHOSEN)
    chosen = sum(1 for verdict in final.values() if verdict in _CHOSEN)
    written = false * (len(final) - 1) - comb(false, 2) + named * (chosen - 1) - comb(named, 2)
    if written > MOST:
        raise UsageError(
            f"verdicts on {false + named} of {len(final)} members would write {written} decisions,"
            f" more than {MOST}; judge fewer at a time, or set stricter limits"
        )


def _among(
    final: Mapping[Digest, Verdict], decisions: Mapping[PairKey, Label]
) -> dict[Digest, dict[Digest, Label]]:
    """What is known of the pairs within the set, by either blob."""
    known: dict[Digest, dict[Digest, Label]] = {}
    for (first, second), label in decisions.items():
        if first in final and second in final:
            known.setdefault(first, {})[second] = label
            known.setdefault(second, {})[first] = label
    return known


def _labels(
    final: Mapping[Digest, Verdict], verdicts: Mapping[Digest, Verdict]
) -> Iterator[tuple[PairKey, Label]]:
    """What the verdicts say of pairs. Unnamed members say nothing among themselves."""
    chosen = [one for one, verdict in final.items() if verdict in _CHOSEN]
    for one in verdicts:
        if final[one] is Verdict.FALSE:
            yield from ((pair_of(one, other), Label.DIFFERENT) for other in final if other != one)
        elif final[one] in _CHOSEN:
            yield from ((pair_of(one, other), Label.SAME) for other in chosen if other != one)


def _outdated(
    one: Digest,
    before: Verdict,
    final: Mapping[Digest, Verdict],
    known: Mapping[Digest, Mapping[Digest, Label]],
) -> Iterator[PairKey]:
    """The labels of a member that its change of verdict takes back."""
    if final[one] is before or final[one] is Verdict.FALSE:
        return
    taken = {Label.SAME, Label.DIFFERENT} if final[one] is Verdict.NEW else set()
    if before is Verdict.FALSE:
        taken.add(Label.DIFFERENT)
    for other, label in known.get(one, {}).items():
        # A member that is false itself stays different from all.
        if label in taken and final[other] is not Verdict.FALSE:
            yield pair_of(one, other)


def _choice(verdict: Verdict) -> Choice | None:
    return Choice(verdict.value) if verdict in _CHOSEN else None


def _names(digests: Iterable[Digest]) -> str:
    """Digests for people: the first dozen digits, and not more than ten of them."""
    names = [one.hex()[:12] for one in digests]
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _words(place: PlaceKey) -> str:
    return "/".join(place)
