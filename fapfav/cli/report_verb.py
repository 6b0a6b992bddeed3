"""`process.py duplicates report`: all sets side by side in a file that any browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli.options import path_option, verb
from fapfav.cli.session import Session

if TYPE_CHECKING:
    from fapfav.jobs.report import HtmlReport

KINDS = ("perceptual", "exact", "all")
STATES = ("waiting", "decided", "all")
ORDERS = ("certain", "bytes", "album", "new")
"""Which sets go into a report, and how they are sorted: as on the viewer's page Duplicates."""


@click.command(
    epilog="""Examples:

    \b
    process.py duplicates report --html duplicates.html
    process.py duplicates report --html waiting.html --state waiting --order bytes
    process.py duplicates report --html copies.html --kind exact --most 2000 --force
    """
)
@path_option("--html", "file", metavar="FILE", required=True, help="The file to write.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="all",
    show_default=True,
    help="Pictures that look alike, exact copies, or both.",
)
@click.option(
    "--state",
    type=click.Choice(STATES),
    default="all",
    show_default=True,
    help="Sets that need action, those that are decided, or both.",
)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    default="certain",
    show_default=True,
    help="The surest first, the most bytes to win, by album, or the latest first.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    metavar="N",
    help="So many sets at most.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@verb
def report(session: Session, *, file: Path, force: bool, **which: Any) -> None:
    """Writes all sets side by side into one page, not encrypted.

    Any browser shows it without the viewer: the thumbnails are in the file, with what is known of
    each set. Nothing in the archive is changed.
    """
    from fapfav.duplicates.queue import Order, Scope
    from fapfav.jobs import report as job

    settings = job.ReportSettings(
        Scope(which["kind"]),
        job.State(which["state"]),
        Order(which["order"]),
        which["most"],
        replace=force,
    )
    with session.archive() as archive, session.work() as work:
        done = job.report_html(archive, file, settings, tell=work.tell, stop=work.stop)
    session.warn(done.warnings)
    if not done.stopped:
        session.console.say("the page is not encrypted: whoever reads the file sees the pictures")
    session.show(done, _reported(done))


def _reported(done: HtmlReport) -> Iterator[str]:
    """What became of a page."""
    if done.stopped:
        yield "stopped: no page was written"
        return
    yield f"written: {done.file}, {text.size(done.bytes)}"
    yield f"on it: {text.many(done.sets, 'set')}, {text.many(done.pictures, 'picture')}"
    if done.left_out:
        yield f"left out: {text.many(done.left_out, 'set')}; --most takes more"
    yield f"time: {text.duration(done.seconds)}"
