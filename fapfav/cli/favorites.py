"""What comes from outside: `favorites.py read`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav.cli import text
from fapfav.cli.options import Command, LateOption, as_path, path_option, verb
from fapfav.cli.session import Failures, Session, run
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.read import ReadReport

PREPARATIONS = ("scaled", "exact")


@click.group(
    epilog="""Examples:

    \b
    favorites.py read --local ~/Pictures
    favorites.py read --local ~/Pictures --output ~/some-dir/
    favorites.py read --local ~/Pictures --password-file ~/.fapfav-password --json
    """
)
def favorites() -> None:
    """What comes from outside: reads pictures into a private archive.

    What happens inside an archive is `process.py`'s.
    """


def _late_defaults() -> dict[str, Any]:
    from fapfav.jobs.model_in_use import DEFAULT

    return {"model": DEFAULT, "preparation": PREPARATIONS[0]}


def model_option(help_text: str) -> Callable[[Command], Command]:
    """`--model`, of `read` and `fingerprint`."""
    return click.option(
        "--model",
        metavar="lite0|lite0-float|off|PATH",
        cls=LateOption,
        late=_late_defaults,
        callback=lambda _context, _option, value: _model(value),
        help=help_text,
    )


def _model(value: str | None) -> str | None:
    """A path is made absolute, for the archive remembers it; names stay names."""
    if value is None or ("/" not in value and "." not in value):
        return value
    path = as_path(value)
    assert path is not None
    return str(path.absolute())


@favorites.command(
    epilog="""Examples:

    \b
    favorites.py read --local ~/Pictures
    favorites.py read --local ~/Pictures --output ~/some-dir/ --no-password
    """
)
@path_option(
    "-l", "--local", metavar="DIR", help="Read the pictures in this folder and those below it."
)
@click.option(
    "--force/--no-force",
    default=False,
    show_default=True,
    help="Try again what failed before, although it looks unchanged.",
)
@model_option(
    "The network whose embeddings find duplicates. [default: the archive's, else {model}]"
)
@click.option(
    "--preparation",
    type=click.Choice(PREPARATIONS),
    cls=LateOption,
    late=_late_defaults,
    help="How pictures are made small for hashing; an archive keeps to one. "
    "[default: the archive's, else {preparation}]",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1, max=256),
    metavar="N",
    help="Pictures worked on at once. [default: one for each core]",
)
@click.option(
    "--no-password",
    is_flag=True,
    help="Make a new archive without a password, hence not encrypted, and do not ask.",
)
@verb
def read(session: Session, local: Path | None, **settings: Any) -> None:
    """Reads pictures into the archive, finds duplicates.

    The first time it makes the archive and asks twice for a password; Enter means none, and then
    nothing is encrypted. A lost password cannot be recovered. Break it off with Ctrl-C whenever
    you like and start it again: it goes on where it was.
    """
    if local is None:
        raise UsageError("`read` takes --local DIR: the folder to read pictures from")
    from fapfav.jobs import read as job
    from fapfav.sources.local import LocalFolder

    no_password = settings.pop("no_password")
    workers = settings.pop("workers") or 0
    source = LocalFolder(local, exclude=session.given.directory)
    with session.archive(create=True, no_password=no_password) as archive:
        # The log keeps text, and a path may be bytes that are none.
        what = os.fsencode(local).decode("utf-8", "replace")
        chosen = replace(job.read_settings(archive, workers=workers, **settings), what=what)
        # Before the work: who wants the embeddings can break off and get them.
        session.warn(chosen.model.warnings)
        with session.work() as work:
            report = job.read(archive, source, chosen, tell=work.tell, stop=work.stop)
    session.warn(each for each in report.warnings if each not in chosen.model.warnings)
    session.show(report, _read_lines(session, report))
    if report.failed:
        raise Failures(f"{text.many(report.failed, 'picture')} could not be kept")


def _read_lines(session: Session, report: ReadReport) -> Iterator[str]:
    for album, name, reason in report.failures:
        yield f"failed: {album}/{name}: {reason}"
    yield f"saved: {text.many(report.saved, 'picture')}, {text.size(report.bytes)}"
    yield f"thumbnails: {text.size(report.thumb_bytes)}"
    yield f"known: {report.known} at their places already"
    yield f"existing: {report.existing} held already, place added"
    if report.removed:
        yield f"removed: {report.removed} left out, as they were removed from the archive before"
    if report.left_alone:
        yield f"failed before: {report.left_alone} left alone; --force tries them again"
    yield f"failed: {report.failed}"
    yield (
        f"duplicates: {text.many(report.pictures_in_groups, 'picture')} in "
        f"{text.many(report.groups, 'group')}, {text.many(report.new_pairs, 'new pair')}"
    )
    rate = report.saved / report.seconds if report.seconds else 0.0
    yield f"time: {text.duration(report.seconds)}, {rate:.1f} pictures/s"
    if report.groups:
        yield f"see them with: {session.hint('duplicates list')}"


def main() -> None:
    """The script `favorites.py`."""
    sys.exit(run(favorites, "favorites.py", sys.argv[1:]))
