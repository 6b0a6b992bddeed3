"""What happens inside an archive: the verbs of `process.py` that are no groups of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli import render
from fapfav.cli.backup_verbs import backup, restore
from fapfav.cli.cluster_option import asked_cluster, cluster_options, connected
from fapfav.cli.convert_verbs import decrypt, encrypt
from fapfav.cli.duplicate_verbs import duplicates
from fapfav.cli.favorites import model_option
from fapfav.cli.key_verbs import key
from fapfav.cli.options import verb, version_option
from fapfav.cli.removal_verbs import remove, trash
from fapfav.cli.run_verb import run_verb
from fapfav.cli.safety_verbs import repair, verify
from fapfav.cli.session import Failures, Session, run
from fapfav.cli.tag_verbs import tag

if TYPE_CHECKING:
    from fapfav.model import ChangeRecord


@click.group(
    epilog="""Examples:

    \b
    process.py run
    process.py duplicates list --dir ~/some-dir/
    process.py tag apply Holidays --album summer
    process.py export --tag Holidays --renumber
    """
)
@version_option
def process() -> None:
    """What happens inside an archive: the viewer, duplicates, tags, export, undo.

    What comes from outside is `favorites.py`'s.
    """


_ELSEWHERE = (
    run_verb,
    tag,
    duplicates,
    remove,
    trash,
    backup,
    restore,
    key,
    encrypt,
    decrypt,
    verify,
    repair,
)
for _command in _ELSEWHERE:
    process.add_command(_command)


@process.command()
@verb
def stats(session: Session) -> None:
    """Prints the archive in numbers."""
    from fapfav.jobs import numbers

    with session.archive() as archive:
        found = numbers.statistics(archive, archive.groups)
    session.show(found, render.statistics(found))


@process.command(
    "print",
    epilog="""Examples:

    \b
    process.py print
    process.py print --json --blobs > everything.json
    """,
)
@click.option("--blobs", is_flag=True, help="Every picture as well, which --json always has.")
@verb
def print_(session: Session, *, blobs: bool) -> None:
    """Prints users, albums, tags and the numbers.

    With --json it prints the whole database as one object.
    """
    from fapfav.jobs import classic, numbers

    with session.archive() as archive:
        if session.given.as_json:
            session.show(classic.as_classic(archive, archive.groups), ())
            return
        found = numbers.overview(archive, archive.groups, blobs=blobs)
        session.show({}, render.overview(found))


@process.command(
    epilog="""Examples:

    \b
    process.py export
    process.py export --tag Holidays/Beach --renumber
    process.py export --album summer
    """
)
@click.option("-t", "--tag", metavar="TAG", help="Only pictures with exactly this tag.")
@click.option("--album", metavar="ALBUM", help="The pictures of one album, by name or id.")
@click.option("--all", "everything", is_flag=True, help="All pictures, album by album.")
@click.option(
    "--renumber",
    is_flag=True,
    help="Put 00001-, 00002-, ... before the names; empties the folders it fills first.",
)
@verb
def export(
    session: Session, *, tag: str | None, album: str | None, everything: bool, renumber: bool
) -> None:
    """Writes pictures out as files, not encrypted.

    They go to `tag_export` in the archive; without a choice all tagged ones do. They keep
    their names. What is there already is left alone.
    """
    from fapfav.jobs import export as job

    wanted = job.Wanted(tag, album, everything, renumber)
    with session.archive() as archive, session.work() as work:
        report = job.export(archive, wanted, tell=work.tell, stop=work.stop)
    session.warn(report.warnings)
    session.show(report, render.exported(report))
    if report.failed:
        raise Failures(f"{text.many(report.failed, 'picture')} could not be exported")


@process.command()
@model_option("Make all embeddings anew with this network. [default: the archive's, else {model}]")
@click.option("--missing", is_flag=True, help="Only what a picture lacks, instead of all anew.")
@cluster_options
@verb
def fingerprint(session: Session, *, model: str | None, missing: bool, **given: Any) -> None:
    """Makes hashes and embeddings anew, finds duplicates.

    They are made from the pictures in the archive; nothing is read from elsewhere.
    """
    from fapfav.jobs import fingerprint as job
    from fapfav.jobs.elsewhere import Elsewhere
    from fapfav.jobs.model_in_use import cache_folder, load_model

    cluster = asked_cluster(given)
    with session.archive() as archive, connected(cluster, sealed=archive.sealed) as executor:
        in_use = load_model(archive, model, cache_folder(), replace=True)
        by = in_use if executor is None else Elsewhere(in_use, executor)
        with session.work() as work:
            report = job.fingerprint(archive, by, missing=missing, tell=work.tell, stop=work.stop)
    session.warn(report.warnings)
    session.show(report, render.fingerprinted(report, session.undo_line(report.change)))
    if report.failed:
        raise Failures(f"{text.many(report.failed, 'picture')} could not be fingerprinted")


@process.command()
@click.option(
    "--last", type=click.IntRange(min=1), metavar="N", help="Only the last N. [default: all]"
)
@verb
def log(session: Session, last: int | None) -> None:
    """Lists every change, the latest first.

    Each has its number, time, verb, and what it did.
    """
    with session.archive() as archive:
        changes = sorted(archive.changes.records(), key=lambda change: -change.number)[:last]
    rows = [
        {
            "number": change.number,
            "verb": change.verb,
            "by": change.by,
            "what": change.what,
            "started": change.started,
            "ended": change.ended,
            "state": change.state,
            "undoes": change.undoes,
        }
        for change in changes
    ]
    session.show({"changes": rows}, _log_lines(changes))


def _log_lines(changes: Sequence[ChangeRecord]) -> Iterator[str]:
    for change in changes:
        state = "" if change.state == "done" else f" [{change.state}]"
        what = f": {change.what}" if change.what else ""
        yield f"{change.number:6}  {text.date(change.started)}  {change.verb}{what}{state}"
    if not changes:
        yield "nothing was changed yet"


@process.command(
    epilog="""Examples:

    \b
    process.py undo
    process.py undo 12
    """
)
@click.argument("number", required=False, type=click.IntRange(min=1), metavar="[N]")
@verb
def undo(session: Session, number: int | None) -> None:
    """Takes back the last change, or change N of `log`.

    Without N it steps over reads and fingerprints. An undo is a change too: `undo N` with its
    number makes it undone.
    """
    with session.archive() as archive:
        report = archive.undo(number)
    session.show(report, render.undone(report, session.hint(f"undo {report.redo}")))
    if report.conflicts:
        raise Failures(f"change {report.number} was not undone: later changes stand on it")


@process.command()
@verb
def compact(session: Session) -> None:
    """Rids the database of what is outdated.

    This cannot be undone. No picture and nothing that counts is touched; the log stays, too.
    """
    session.console.warn("this cannot be undone; no picture and no change is lost")
    with session.archive() as archive:
        before = archive.database_size
        archive.compact()
        after = archive.database_size
    session.show(
        {"bytes_before": before, "bytes_after": after},
        [f"database: {text.size(before)} before, {text.size(after)} now"],
    )


def main() -> None:
    """The script `process.py`."""
    sys.exit(run(process, "process.py", sys.argv[1:]))
