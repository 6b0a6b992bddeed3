"""`process.py verify` and `process.py repair`: is all whole, and if not, what can be done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fapfav import text
from fapfav.cli.options import verb
from fapfav.cli.session import Failures, Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.repair import RepairReport
    from fapfav.jobs.repair_plan import RepairPlan
    from fapfav.jobs.verify import VerifyReport
    from fapfav.sources.base import Source
    from fapfav.store.opening import Unlocked
    from fapfav.store.seen import Seen

LISTED = 50
"""Lines of one kind that are shown; --json has all."""


def _unlocked(session: Session) -> tuple[Unlocked, Seen]:
    """The archive's header and keys, and this computer's memory; no table is read."""
    from fapfav.store import opening
    from fapfav.store.seen import Seen, state_folder

    path, seen = session.given.directory, Seen(state_folder(os.environ))
    password = session.passwords.for_existing(path, is_sealed=opening.is_sealed(path))
    known = None if session.given.accept_older else seen
    return opening.unlock(path, password, seen=known), seen


@click.command(
    epilog="""Examples:

    \b
    process.py verify
    process.py verify --fast --json
    """
)
@click.option("--fast", is_flag=True, help="Look only at how long files are; do not read them.")
@verb
def verify(session: Session, *, fast: bool) -> None:
    """Looks at everything and says what is wrong.

    Every frame of the database, every row, and every picture and thumbnail to its last byte.
    Nothing is written, and others may go on writing. It works on a damaged archive, too.
    """
    from fapfav.jobs import verify as job

    unlocked, seen = _unlocked(session)
    known = None if session.given.accept_older else seen
    with session.work() as work:
        report = job.verify(unlocked, fast=fast, seen=known, tell=work.tell, stop=work.stop)
    session.show(report, _verify_lines(session, report))
    if not report.is_whole:
        what = text.many(len(report.found), "thing is", "things are")
        raise Failures(f"{what} wrong; `{session.hint('repair')}` says what can be done")


def _verify_lines(session: Session, report: VerifyReport) -> Iterator[str]:
    changes = text.many(report.transactions, "change")
    yield f"database: {text.size(report.database_bytes)}, {changes} since it was compacted"
    how = "looked at how long they are" if report.fast else "read to their end"
    files = text.many(report.files, "file")
    yield f"pictures: {report.pictures}; {files}, {text.size(report.bytes)}, {how}"
    if report.converting:
        yield f"`{report.converting}` was broken off: run it again to finish it"
    yield from _first(report.found)
    if report.missing:
        lost = sum(last - first + 1 for first, last in report.missing)
        yield f"lost from the database: {text.many(lost, 'frame')}"
    yield from _besides(report)
    if report.stopped:
        yield "stopped: not everything was looked at"
    elif report.is_whole:
        yield "everything is whole"
    elif report.is_damaged:
        yield (
            f"the database is damaged: `{session.hint('repair')}` shows what can be saved; a "
            "backup may have more"
        )


def _besides(report: VerifyReport) -> Iterator[str]:
    """What only is there."""
    if report.quarantine:
        yield f"in quarantine/: {text.many(len(report.quarantine), 'file')}"
    if report.temporary:
        yield f"unfinished files, which the next read takes away: {len(report.temporary)}"
    for name in report.kept:
        yield f"kept from an earlier repair: {name}"


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:LISTED]
    if len(lines) > LISTED:
        yield f"... and {len(lines) - LISTED} more, which --json lists"


def _pairs(pairs: Sequence[tuple[str, str]], sign: str) -> Iterator[str]:
    """What was wrong, and below it what becomes of it."""
    for wrong, then in pairs[:LISTED]:
        yield wrong
        yield f"    {sign} {then}"
    if len(pairs) > LISTED:
        yield f"... and {len(pairs) - LISTED} more, which --json lists"


@click.command(
    epilog="""Examples:

    \b
    process.py repair
    process.py repair --apply
    process.py repair --apply --local ~/Pictures
    """
)
@click.option("--plan", is_flag=True, help="Only show what would be done; so it is without.")
@click.option("--apply", is_flag=True, help="Do it.")
@click.option(
    "--local",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Take pictures that are lost from this folder, which was read once. May be repeated.",
)
@click.option("--no-fetch", is_flag=True, help="Ask no site for pictures that are lost.")
@verb
def repair(
    session: Session, *, plan: bool, apply: bool, folders: tuple[Path, ...], no_fetch: bool
) -> None:
    """Puts right what `verify` finds.

    First it shows what it would do, and --apply does it. What is intact in a damaged database is
    saved; pictures that are lost are looked for in the archive, then fetched again; thumbnails and
    fingerprints are made anew. Nothing is deleted: what is replaced goes to quarantine/.
    """
    if plan and apply:
        raise UsageError("--plan only shows what --apply does: give one of them")
    unlocked, seen = _unlocked(session)
    with ExitStack() as stack:
        sources = _sources(stack, session.given.directory, folders, no_fetch=no_fetch)
        if apply:
            _apply(session, unlocked, sources, seen)
        else:
            _plan(session, unlocked, sources, seen)


def _sources(
    stack: ExitStack, archive: Path, folders: Iterable[Path], *, no_fetch: bool
) -> list[Source]:
    from fapfav.jobs import way
    from fapfav.sources.local import LocalFolder

    found: list[Source] = [LocalFolder(path.expanduser(), exclude=archive) for path in folders]
    if not no_fetch:
        found.append(stack.enter_context(way.imagefap()))
    return found


def _plan(session: Session, unlocked: Unlocked, sources: list[Source], seen: Seen) -> None:
    from fapfav.jobs.repair_plan import plan_repair

    known = None if session.given.accept_older else seen
    names = [source.name for source in sources]
    with session.work() as work:
        report = plan_repair(unlocked, names, seen=known, tell=work.tell, stop=work.stop)
    session.show(report, _plan_lines(session, report))
    if report.steps:
        raise Failures(f"{text.many(len(report.steps), 'thing is', 'things are')} wrong")


def _plan_lines(session: Session, report: RepairPlan) -> Iterator[str]:
    yield from _pairs(report.steps, "->")
    if not report.steps:
        yield "everything is whole: there is nothing to repair"
        return
    if report.left:
        yield f"cannot be repaired: {report.left}; a backup may have it"
    yield f"nothing was changed; `{session.hint('repair --apply')}` does it"


def _apply(session: Session, unlocked: Unlocked, sources: list[Source], seen: Seen) -> None:
    from fapfav.jobs import repair as job
    from fapfav.jobs.model_in_use import cache_folder, load_model

    means = job.Means(
        sources,
        lambda archive: load_model(archive, None, cache_folder()),
        seen,
        session.given.accept_older,
    )
    with session.work() as work:
        report = job.repair(unlocked, means, tell=work.tell, stop=work.stop)
    session.warn(report.warnings)
    session.show(report, _repair_lines(session, report))
    if report.failed:
        what = text.many(len(report.failed), "thing")
        raise Failures(f"{what} could not be repaired; a backup may have it")


def _repair_lines(session: Session, report: RepairReport) -> Iterator[str]:
    yield from _pairs(report.repairs, "corrected:")
    yield from _pairs(report.failed, "failed:")
    if report.saved is not None:
        rows = text.many(report.saved.rows, "row")
        changes = text.many(report.saved.transactions, "change")
        yield f"saved from the database: {rows}, with {changes} since it was compacted"
        yield f"the damaged one is kept as {report.saved.kept}"
    if report.new_pairs:
        yield f"new pairs of duplicates: {report.new_pairs}"
    yield f"corrected: {len(report.repairs)}; failed: {len(report.failed)}"
    yield session.undo_line(report.change)
