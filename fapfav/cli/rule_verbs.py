"""`process.py duplicates rules|plan|apply|undo`: sets resolved by rules that a person wrote."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli import render
from fapfav.cli.options import path_option, verb, verb_without_archive
from fapfav.cli.os_words import os_words
from fapfav.cli.removal_verbs import insist
from fapfav.cli.session import Failures, Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.automatic import SearchReport
    from fapfav.jobs.resolving import Proposal, ResolvedReport
    from fapfav.resolve.plan_file import Entry, PlanFile
    from fapfav.resolve.rules import Rule

WORD = "apply"
"""What is typed before a plan is applied."""

MOST = 64 * 1024 * 1024
"""Bytes of a file of rules or of a plan."""

_SHOWN = 20  # sets that a plan lists in words; the file has all


class _Listing(click.Group):
    """Verbs of which `list` is meant where none is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As if `list` had been typed, unless help is asked for."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Listing,
    epilog="""Examples:

    \b
    process.py duplicates rules example --json > rules.json
    process.py duplicates rules set rules.json
    process.py duplicates rules
    process.py duplicates plan --out plan.json
    process.py duplicates apply plan.json
    process.py duplicates undo
    """,
)
def rules() -> None:
    """Rules that say which of several duplicates is kept.

    Without a verb they are listed. `duplicates plan` shows what they come to, `duplicates apply`
    does it. Only those of the mode auto act by themselves, after each `duplicates find`: they hide
    copies, in sets of which you decided nothing, and never what is in protected albums.
    """


@rules.command("list")
@verb
def list_(session: Session) -> None:
    """Lists the rules, in the order they are tried."""
    from fapfav.jobs.rules import rules_of
    from fapfav.resolve.rules import to_json

    with session.archive() as archive:
        found = rules_of(archive)
    lines = [_rule_line(at, rule) for at, rule in enumerate(found, 1)]
    hint = session.hint("duplicates rules example")
    session.show(to_json(found), lines or [f"there are no rules yet; to begin with: {hint}"])


def _rule_line(at: int, rule: Rule) -> str:
    keep = ", ".join(each.by.value for each in rule.keep)
    return f"{at:3}  {rule.mode.value:4}  {rule.name}: keep by {keep}, a tie: {rule.tie.value}"


@rules.command()
@verb
def show(session: Session) -> None:
    """Prints the rules as JSON, to edit.

    With `--json` nothing else is printed: `rules show --json > rules.json` makes a file for `set`.
    """
    from fapfav.jobs.rules import rules_of
    from fapfav.resolve.rules import to_json

    with session.archive() as archive:
        _print(session, to_json(rules_of(archive)))


@rules.command()
@verb_without_archive()
def example(session: Session) -> None:
    """Prints rules to begin with, explained in words.

    With `--json` nothing else is printed: `rules example --json > rules.json` makes a file for
    `set`, which takes it as it is.
    """
    from fapfav.resolve.example import EXAMPLE

    _print(session, EXAMPLE)


def _print(session: Session, value: dict[str, Any]) -> None:
    session.show(value, json.dumps(value, indent=2, ensure_ascii=False).splitlines())


@rules.command("set")
@click.argument("file", metavar="FILE|-")
@verb
def set_(session: Session, file: str) -> None:
    """Replaces all rules by those of a file.

    `-` reads standard input. What is wrong is named, with what is allowed there, and then nothing
    is changed.
    """
    from fapfav.jobs.rules import set_rules

    value = _json_of(file)
    with session.archive() as archive:
        report = set_rules(archive, value)
    automatic = sum(_is_automatic(rule) for rule in value) if isinstance(value, list) else 0
    lines = [f"rules: {report.rules}"]
    if automatic:
        lines.append(f"{automatic} of them automatic: applied after each `duplicates find`")
    session.show(report, [*lines, session.undo_line(report.change)])


def _is_automatic(rule: Any) -> bool:
    return isinstance(rule, dict) and rule.get("mode") == "auto"


@click.command(
    epilog="""Examples:

    \b
    process.py duplicates plan
    process.py duplicates plan --rule "the same, only smaller" --out plan.json
    """
)
@click.option("--rule", metavar="NAME", help="Only what this rule decides. [default: all]")
@path_option("--out", metavar="FILE", help="Write the plan into a new file, not encrypted.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@verb
def plan(session: Session, *, rule: str | None, out: Path | None, force: bool) -> None:
    """Shows what the rules come to, for each set that waits.

    The file may be read and edited, and is what `duplicates apply` takes. Nothing in the archive
    is changed.
    """
    from fapfav.jobs.resolving import plan_resolution, write_plan
    from fapfav.resolve.plan_file import to_json

    with session.archive() as archive, session.work() as work:
        found = plan_resolution(archive, rule, tell=work.tell, stop=work.stop)
        if work.was_asked:
            return
        if out is not None:
            write_plan(archive, out, found.plan, replace=force)
    if out is not None:
        session.console.say("the plan is not encrypted: whoever reads the file sees names and tags")
        value = {"file": str(out), "sets": len(found.plan.entries), "left": dict(found.left)}
        session.show(value, [*_counted(found), f"written: {out}"])
        return
    session.show(to_json(found.plan), [*_sets(found.plan), *_counted(found)])


def _sets(plan: PlanFile) -> Iterator[str]:
    for entry in plan.entries[:_SHOWN]:
        yield from _set_lines(entry)
    if len(plan.entries) > _SHOWN:
        yield f"and {text.many(len(plan.entries) - _SHOWN, 'set')} more; --out writes all of them"


def _set_lines(entry: Entry) -> Iterator[str]:
    from fapfav.jobs.reasons import how_sure

    said = "apply" if entry.apply else "asks"
    copies = ", ".join(copy.hex()[: text.SHORT] for copy in entry.copies)
    yield f"{said}  keep {entry.keep.hex()[: text.SHORT]}, copies {copies}"
    certain = how_sure(entry.certainty, is_probability=entry.is_probability)
    yield f"    {entry.rule}: {entry.reason} ({certain})"
    yield from (f"    {line}" for line in entry.moves)


def _counted(found: Proposal) -> Iterator[str]:
    entries = found.plan.entries
    asks = sum(not entry.apply for entry in entries)
    pictures = sum(len(entry.copies) for entry in entries)
    size = text.size(sum(entry.saves for entry in entries))
    yield f"plan: {text.many(len(entries), 'set')}, {text.many(pictures, 'copy', 'copies')}, {size}"
    if asks:
        yield f"of these ask first: {asks}; edit `apply` in the file"
    for words, count in found.left.most_common():
        yield f"left out: {text.many(count, 'set')}: {words}"


@click.command(
    epilog="""Examples:

    \b
    process.py duplicates apply plan.json
    process.py duplicates apply plan.json --reclaim --yes
    """
)
@click.argument("file", metavar="FILE|-")
@click.option("--reclaim", is_flag=True, help="Move the copies into the trash as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@verb
def apply(session: Session, file: str, *, reclaim: bool, yes: bool) -> None:
    """Does what a plan says, in one change that one undo takes back.

    Tags and places of the copies go to the picture that is kept, and the copies are hidden. A set
    that changed since the plan was made is left as it is and named; so is the rest if you stop it:
    applying again goes on.
    """
    from fapfav.jobs.resolving import apply_resolution, check_plan
    from fapfav.resolve.plan_file import from_json

    found = from_json(_json_of(file))
    with session.archive() as archive:
        check_plan(archive, found)
        wanted = [entry for entry in found.entries if entry.apply]
        pictures = text.many(sum(len(entry.copies) for entry in wanted), "picture")
        where = "moves into the trash" if reclaim else "hides"
        session.console.warn(f"this {where} {pictures} of {text.many(len(wanted), 'set')}")
        if wanted and not yes:
            insist(session, "duplicates apply", WORD, "changed")
        with session.work() as work:
            report = apply_resolution(
                archive, found, reclaim=reclaim, tell=work.tell, stop=work.stop
            )
    session.show(report, _applied(session, report))
    if report.left:
        raise Failures(f"{text.many(len(report.left), 'set')} left undecided")


def _applied(session: Session, report: ResolvedReport) -> Iterator[str]:
    for digest, why in report.left:
        yield f"left: {digest.hex()[: text.SHORT]}: {why}"
    what = "into the trash" if report.reclaimed else "hidden"
    yield f"resolved: {text.many(report.sets, 'set')}"
    yield f"{what}: {text.many(report.pictures, 'picture')}, {text.size(report.bytes)}"
    yield f"moved: {text.many(report.tags, 'tag')}, {text.many(report.places, 'place')}"
    if report.already:
        yield f"as the plan says already: {report.already}"
    if report.unapproved:
        yield f"not asked for, as `apply` is false: {report.unapproved}"
    yield session.undo_line(report.change)


def after_search(session: Session, report: SearchReport) -> Iterator[str]:
    """What automatic rules did after a search, and how to take that back."""
    from fapfav.jobs.automatic import resolved_words

    done = report.resolved
    if done is not None and (done.sets or done.left):
        for why, count in Counter(why for _, why in done.left).most_common():
            yield f"left: {text.many(count, 'set')}: {why}"
        yield resolved_words(done)
        yield session.undo_line(done.change)


@click.command()
@verb
def undo(session: Session) -> None:
    """Takes back the plan that was applied last.

    The same as `process.py undo` with its number; before that, the ones applied earlier follow.
    """
    from fapfav.jobs.resolving import undo_resolution

    with session.archive() as archive:
        report = undo_resolution(archive)
    session.show(report, render.undone(report, session.hint(f"undo {report.redo}")))
    if report.conflicts:
        raise Failures(f"change {report.number} was not undone: later changes stand on it")


def _json_of(file: str) -> Any:
    """What a file of JSON says, or standard input. Raises UsageError naming the line."""
    from fapfav.resolve.fields import once

    name = "standard input" if file == "-" else file
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(MOST + 1) if sys.stdin is not None else b""
        else:
            with Path(file).expanduser().open("rb") as opened:
                raw = opened.read(MOST + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{name} cannot be read: {os_words(error)}") from None
    if len(raw) > MOST:
        raise UsageError(f"{name} is longer than {text.size(MOST)}: it is no plan and no rules")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=once)
    except RecursionError:
        raise UsageError(f"{name} is nested too deeply to be a plan or rules") from None
    except ValueError as error:
        raise UsageError(f"{name} is no JSON: {error}") from None


VERBS: tuple[click.Command, ...] = (rules, plan, apply, undo)
"""What the group `duplicates` has of these."""
