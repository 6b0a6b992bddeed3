"""`process.py duplicates`: what looks alike, and what its owner says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli import limit_verbs, related_lines, render, report_verb, rule_verbs
from fapfav.cli.cluster_option import asked_cluster, cluster_options, connected
from fapfav.cli.options import LateOption, verb
from fapfav.cli.session import Session
from fapfav.errors import UsageError
from fapfav.model import Method, PlaceKey, Verdict

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive
    from fapfav.jobs.review import JudgeReport


@click.group(
    epilog="""Examples:

    \b
    process.py duplicates list
    process.py duplicates show 0123456789abcdef
    process.py duplicates verdict 0123456789abcdef=keep 89abcdef01234567=skip
    process.py duplicates report --html duplicates.html --state waiting
    process.py duplicates limits --regular percept=4,diff=3 --animated cnn=off
    process.py duplicates limits --learned
    process.py duplicates plan --out plan.json
    """
)
def duplicates() -> None:
    """Duplicates: finds, shows and judges them."""


duplicates.add_command(report_verb.report)
for _command in rule_verbs.VERBS:
    duplicates.add_command(_command)


@duplicates.command()
@click.option("--again", is_flag=True, help="Compare all pictures anew, not only new ones.")
@cluster_options
@verb
def find(session: Session, *, again: bool, **given: Any) -> None:
    """Looks for duplicates of what is new.

    Then rules of yours whose mode is auto hide copies, in a change of their own.
    """
    from fapfav.jobs.automatic import find_and_resolve

    cluster = asked_cluster(given)
    with (
        session.archive() as archive,
        connected(cluster, sealed=archive.sealed) as executor,
        session.work() as work,
    ):
        report = find_and_resolve(
            archive, again=again, tell=work.tell, stop=work.stop, executor=executor
        )
    session.warn(report.warnings)
    after = [*rule_verbs.after_search(session, report)]
    undo = session.undo_line(report.found.change)
    lines = [*render.found(report.found, undo)]
    if after and not report.found.change:  # that nothing changed is not true then
        lines = [line for line in lines if line != undo]
    lines = [*lines, *after]
    session.show(report, lines)


@duplicates.command("list")
@click.option("--pending", is_flag=True, help="Only those that wait for a verdict.")
@click.option("--related", is_flag=True, help="The pairs that are in no group but worth seeing.")
@verb
def list_(session: Session, *, pending: bool, related: bool) -> None:
    """Lists the groups and their members' verdicts.

    With --related: pictures that have to do with each other, such as a mirrored copy, and those
    alike by their hashes that a closer look turned down.
    """
    if pending and related:
        raise UsageError("`duplicates list` takes one of --pending and --related")
    with session.archive() as archive:
        if related:
            pairs = related_lines.pairs_apart(archive)
            session.console.result(pairs, related_lines.pair_lines(pairs))
            return
        groups = [group for group in archive.groups if group.needs_action or not pending]
        if session.given.as_json:
            from fapfav.jobs import classic

            session.console.result(classic.registry(groups), ())
            return
        session.show({}, render.group_lines(archive, groups, session.hint("duplicates show")))


@duplicates.command()
@click.argument("digest")
@verb
def show(session: Session, digest: str) -> None:
    """Shows one picture's group in full.

    Members with sizes, verdicts and places, why each is in it, the scores of each method, and what
    to see besides: related pictures, and those that a closer look turned down.
    """
    from fapfav.jobs import classic, selection
    from fapfav.jobs.see_also import see_also
    from fapfav.jobs.to_keeper import Kept, to_keeper

    with session.archive() as archive:
        wanted = selection.picture(archive, digest)
        group = next((each for each in archive.groups if wanted in each.verdicts), None)
        members = (wanted,) if group is None else group.members
        pictures = [render.picture_of(archive, member) for member in members]
        kept = to_keeper(archive, group) if group is not None else Kept()
        also = see_also(archive, members)
        value = {
            "group": classic.registry([group])[0] if group is not None else None,
            "pictures": [picture.to_json() for picture in pictures],
            **related_lines.as_json(kept, also),
        }
        lines = render.group_in_full(group, pictures, related_lines.reasons(kept))
        session.show(value, (*lines, *related_lines.also_lines(archive, also)))


@duplicates.command(
    epilog="""Examples:

    \b
    process.py duplicates verdict 0123456789abcdef=keep 89abcdef01234567=skip
    process.py duplicates verdict 0123456789abcdef=false
    process.py duplicates verdict local/1/ALBUM/IMAGE=skip
    """
)
@click.argument("verdicts", nargs=-1, required=True, metavar="DIGEST=VERDICT...")
@verb
def verdict(session: Session, verdicts: tuple[str, ...]) -> None:
    """Says what to do with members of one group.

    `keep` shows it, `skip` hides it, `false` says that it is no duplicate, `new` is undecided. Or
    of the places of one picture that is held at several, as SOURCE/USER/ALBUM/IMAGE=VERDICT.
    """
    asked = [_verdict(each) for each in verdicts]
    with session.archive() as archive:
        report = _judged(archive, asked)
        session.warn(report.warnings)
        lines = [f"{name}: {shown}" for name, shown in report.verdicts.items()]
        session.show(report, [*lines, session.undo_line(report.change)])


def _verdict(asked: str) -> tuple[str, Verdict]:
    name, equals, word = asked.rpartition("=")
    words = ", ".join(verdict.value for verdict in Verdict)
    if not equals or not name or word.lower() not in list(Verdict):
        raise UsageError(f"{asked!r} is no verdict: write DIGEST=VERDICT, with one of {words}")
    return name, Verdict(word.lower())


def _judged(archive: Archive, asked: Sequence[tuple[str, Verdict]]) -> JudgeReport:
    from fapfav.jobs import review, selection

    of_places = [(name, said) for name, said in asked if "/" in name]
    if not of_places:
        said = _once((selection.picture(archive, name), verdict) for name, verdict in asked)
        return review.judge(archive, next(iter(said)), said)
    if len(of_places) < len(asked):
        raise UsageError("give verdicts on pictures or on places, not both at once")
    places = _once((_place(archive, name), verdict) for name, verdict in asked)
    held = {archive.places[key].holds for key in places}
    digest = held.pop()
    if held or digest is None:
        raise UsageError("these places do not hold one and the same picture")
    return review.judge_places(archive, digest, places)


def _once(asked: Iterator[tuple[Any, Verdict]] | Any) -> dict[Any, Verdict]:
    """As a mapping, if nothing is named twice with different verdicts."""
    said: dict[Any, Verdict] = {}
    for name, verdict in asked:
        if said.setdefault(name, verdict) is not verdict:
            shown = name.hex()[: text.SHORT] if isinstance(name, bytes) else "/".join(name)
            raise UsageError(f"{shown} was given two verdicts: decide for one")
    return said


def _place(archive: Archive, name: str) -> PlaceKey:
    parts = name.split("/")
    key = PlaceKey(*parts) if len(parts) == len(PlaceKey._fields) else None
    if key is None or key not in archive.places:
        raise UsageError(
            f"there is no place {name!r}; `duplicates show DIGEST` lists those of a picture"
        )
    return key


def _late_limits() -> dict[str, Any]:
    from fapfav.duplicates.limits import ANIMATED, LARGEST, REGULAR, SMALLEST

    return {
        "regular": _in_words(REGULAR),
        "animated": _in_words(ANIMATED),
        "largest": LARGEST,
        "smallest": SMALLEST,
    }


def _in_words(limits: Any) -> str:
    hashes = ((method, limits.of(method)) for method in Method if method is not Method.CNN)
    return ",".join(f"{m.value}={'off' if limit < 0 else f'{limit:g}'}" for m, limit in hashes)


@duplicates.command()
@click.option(
    "--regular",
    "regular",
    multiple=True,
    metavar="METHOD=N,...",
    cls=LateOption,
    late=_late_limits,
    help="For still pictures: percept, average, diff, wavelet 0 to {largest} bits, cnn from "
    "{smallest} up to 1, or off. [default: {regular},cnn=the network's own]",
)
@click.option(
    "--animated",
    "animated",
    multiple=True,
    metavar="METHOD=N,...",
    cls=LateOption,
    late=_late_limits,
    help="When one of two is animated; at least as strict. "
    "[default: {animated},cnn=the network's own]",
)
@click.option(
    "--closer",
    type=click.Choice(["on", "off"]),
    help="Whether `find` looks at pictures closely before they are a set. [default: on]",
)
@click.option("--learned", is_flag=True, help="Show what your verdicts say, and a suggestion.")
@click.option("--apply", "apply", is_flag=True, help="With --learned: set what is suggested.")
@verb
def limits(
    session: Session,
    regular: tuple[str, ...],
    animated: tuple[str, ...],
    *,
    closer: str | None,
    learned: bool,
    apply: bool,
) -> None:
    """Shows or sets how alike counts as alike.

    With the closer look on, these limits decide what is recorded, shown as evidence and looked at;
    sets are what was then judged the same. Switched on, the next `duplicates find` looks closer;
    switched off, sets follow from the limits alone, at once.

    With --learned: precision and recall of each method on your own verdicts, the limits these
    speak for, and how many pairs that would add or drop.
    """
    from fapfav.jobs import review

    asked = _limits("--regular", regular), _limits("--animated", animated)
    if learned and not any(asked) and closer is None:
        limit_verbs.show_learned(session, apply=apply)
        return
    if learned or apply:
        raise UsageError("give --learned, with or without --apply, or limits of your own")
    look = None if closer is None else closer == "on"
    with session.archive() as archive:
        report = review.set_limits(archive, *asked, closer=look)
    lines = limit_verbs.limit_lines(session, report, asked=any(asked), closer=look)
    session.show(report, lines)


def _limits(option: str, given: Sequence[str]) -> Mapping[Method, float]:
    """What `percept=4,cnn=off` says."""
    found: dict[Method, float] = {}
    for each in ",".join(given).split(",") if given else ():
        name, equals, value = each.strip().partition("=")
        if not equals or name not in list(Method):
            methods = ", ".join(method.value for method in Method)
            raise UsageError(f"{option} {each!r}: write METHOD=N, with one of {methods}")
        try:
            number = -1.0 if value == "off" else float(value)
        except ValueError:
            raise UsageError(f"{option} {each!r}: {value!r} is no number") from None
        found[Method(name)] = number
    return found


@duplicates.command()
@click.option("--pending", is_flag=True, help="Only what waits for a verdict. [the default]")
@click.option("--all", "everything", is_flag=True, help="All evidence.")
@verb
def forget(session: Session, *, pending: bool, everything: bool) -> None:
    """Takes undecided pictures out of their groups.

    What you decided is kept for good. The next `duplicates find` finds again what is still alike.
    """
    from fapfav.jobs import review

    if pending and everything:
        raise UsageError("`duplicates forget` takes one of --pending and --all")
    with session.archive() as archive:
        report = review.forget(archive, everything=everything)
    sets, pictures = text.many(report.sets, "group"), text.many(report.pictures, "picture")
    session.show(report, [f"forgotten: {sets}, {pictures}", session.undo_line(report.change)])
