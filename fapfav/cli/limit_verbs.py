"""`process.py duplicates limits`: the limits in words, and what verdicts say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fapfav import text
from fapfav.cli import render
from fapfav.cli.session import Session

if TYPE_CHECKING:
    from fapfav.duplicates.learning import Measure, MethodSays
    from fapfav.jobs.learning import LearnedReport
    from fapfav.jobs.limit_effects import LimitsEffect
    from fapfav.jobs.review import LimitsReport

_KINDS = ("regular", "animated")
_OF_LIMITS = "searches look closer: limits decide what is looked at, and not what is a set"


def show_learned(session: Session, *, apply: bool) -> None:
    """Shows precision and recall of each method, the suggested limits and their effect.

    With `apply` these limits are set afterwards, in one change; not if it was stopped before.
    """
    from fapfav.jobs import learning, review

    change = 0
    with session.archive() as archive, session.work() as work:
        found = learning.learned(archive, tell=work.tell, stop=work.stop)
        if apply and found.is_change and not work.was_asked:
            change = review.set_limits(archive, *found.changes()).change
    lines = [*_lines(found), *_next(session, found, apply, change)]
    session.show({**found.to_json(), "change": change}, lines)


def limit_lines(
    session: Session, report: LimitsReport, *, asked: bool, closer: bool | None
) -> Iterator[str]:
    """What is set; with what to do next where limits, or the closer look, were asked to change."""
    yield from render.limit_lines("regular", report.regular)
    yield from render.limit_lines("animated", report.animated)
    sets = "sets are what it judged the same" if report.closer else "sets follow from the limits"
    yield f"closer look: {'on' if report.closer else 'off'}: {sets}"
    yield f"groups with them: {report.groups}"
    if not asked and closer is None:
        return
    yield session.undo_line(report.change)
    if report.change and closer:
        yield f"it begins with: {session.hint('duplicates find')}"
    elif report.change and asked:
        yield f"laxer ones find more with: {session.hint('duplicates find')}"


def _lines(found: LearnedReport) -> Iterator[str]:
    from fapfav.duplicates.learning_words import NOTES

    yield (
        f"judged: {text.many(found.decisions, 'pair')},"
        f" {found.judged} of them of pictures that are still here"
    )
    for kind, both in zip(_KINDS, found.learned.together, strict=True):
        cases = text.many(both.cases, "case")
        yield f"{kind}: {text.many(both.judged, 'pair')}, {both.same} the same ({cases})"
        for says in found.learned.methods:
            if both.judged and _KINDS[says.moving] == kind:
                yield f"    {_method(says)}"
        if both.judged:
            yield f"    together: {_measured(both.now)}"
            if found.is_change:
                yield f"    together, as suggested: {_measured(both.then)}"
    for kind, says, words in _reasons(found):
        changed = says.now.limit != says.then.limit
        if changed or says.judged:
            yield f"{'suggested' if changed else 'as it is'}, {kind}: {words}"
    if found.effect is not None and found.is_change:
        yield from _effect(found.effect)
    looks = (_OF_LIMITS,) if found.closer else ()
    for note in (*looks, *NOTES) if found.judged else ():
        yield f"note: {note}"


def _reasons(found: LearnedReport) -> Iterator[tuple[str, MethodSays, str]]:
    for says, words in zip(found.learned.methods, found.reasons, strict=True):
        yield _KINDS[says.moving], says, words


def _method(says: MethodSays) -> str:
    if says.now.limit < 0:
        return f"{says.method.value} off"
    return f"{says.method.value} {says.now.limit:g}: {_measured(says.now)}"


def _measured(measure: Measure) -> str:
    from fapfav.duplicates.learning_words import share

    if not measure.pairs:
        return f"no pair, recall {share(measure.recall)}"
    return (
        f"{measure.same} of {measure.pairs} pairs the same,"
        f" precision {share(measure.precision)}, recall {share(measure.recall)}"
    )


def _effect(effect: LimitsEffect) -> Iterator[str]:
    least, compared = ("", "") if effect.is_whole else ("at least ", ", as far as was compared")
    yield f"with it: {least}{text.many(effect.added, 'pair')} more, {effect.dropped} fewer"
    yield (
        f"groups {effect.sets} -> {effect.sets_then},"
        f" pictures in them {effect.pictures} -> {effect.pictures_then}{compared}"
    )
    if effect.to_look_at:
        yield f"of these pairs {effect.to_look_at} will be looked at closely first, and count then"


def _next(session: Session, found: LearnedReport, apply: bool, change: int) -> Iterator[str]:
    if not found.is_change:
        yield "nothing else is suggested than what is set"
    elif not apply:
        yield f"set it with: {session.hint('duplicates limits --learned --apply')}"
    if apply:
        yield session.undo_line(change)
    if change:
        yield f"laxer ones find more with: {session.hint('duplicates find')}"
