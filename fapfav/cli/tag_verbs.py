"""`process.py tag`: the tag tree, and which pictures carry what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli import render
from fapfav.cli.options import verb
from fapfav.cli.session import Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive
    from fapfav.jobs.tagging import TagReport
    from fapfav.model import Digest


@click.group(
    epilog="""A tag is named by its name, its number or its path. Examples:

    \b
    process.py tag add Holidays
    process.py tag add Beach --parent Holidays
    process.py tag apply Beach 0123456789abcdef --album summer
    process.py tag clear Beach --all
    """
)
def tag() -> None:
    """Tags: makes, changes, gives and lists them."""


@tag.command()
@click.argument("name")
@click.option("--parent", metavar="TAG", help="The tag it hangs below. [default: the top]")
@verb
def add(session: Session, name: str, parent: str | None) -> None:
    """Makes a tag."""
    from fapfav.jobs import tagging

    with session.archive() as archive:
        _say(session, "made", tagging.add(archive, name, parent))


@tag.command()
@click.argument("tag")
@click.argument("name")
@verb
def rename(session: Session, tag: str, name: str) -> None:
    """Gives a tag another name."""
    from fapfav.jobs import tagging

    with session.archive() as archive:
        _say(session, "renamed", tagging.rename(archive, tag, name))


@tag.command()
@click.argument("tag")
@click.argument("parent", required=False)
@verb
def move(session: Session, tag: str, parent: str | None) -> None:
    """Hangs a tag, with all below it, elsewhere.

    It hangs below PARENT then, or without one at the top.
    """
    from fapfav.jobs import tagging

    with session.archive() as archive:
        _say(session, "moved", tagging.move(archive, tag, parent))


@tag.command()
@click.argument("tag")
@click.argument("into")
@verb
def merge(session: Session, tag: str, into: str) -> None:
    """Makes two tags one.

    The pictures of TAG get INTO, the tags below it too, and TAG is gone.
    """
    from fapfav.jobs import tagging

    with session.archive() as archive:
        _say(session, "merged into", tagging.merge(archive, tag, into))


@tag.command()
@click.argument("tag")
@verb
def remove(session: Session, tag: str) -> None:
    """Deletes a tag, and takes it off every picture.

    A tag that has others below it stays.
    """
    from fapfav.jobs import tagging

    with session.archive() as archive:
        _say(session, "removed", tagging.remove(archive, tag))


def _pictures(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """The ways to say which pictures."""
    for option in (
        click.option("--album", "albums", multiple=True, help="The pictures of an album."),
        click.option(
            "--group",
            "groups",
            multiple=True,
            metavar="DIGEST",
            help="The duplicates that this picture is among.",
        ),
        click.argument("digests", nargs=-1, metavar="[DIGEST]..."),
    ):
        function = option(function)
    return function


def _selected(archive: Archive, meant: dict[str, Any]) -> tuple[Digest, ...]:
    from fapfav.jobs import selection

    wanted = selection.Selection(meant["digests"], meant["groups"], meant["albums"])
    return selection.select(archive, wanted, archive.groups if wanted.groups else ())


@tag.command(
    epilog="""Examples:

    \b
    process.py tag apply Beach 0123456789abcdef 89abcdef01234567
    process.py tag apply Beach --group 0123456789abcdef
    process.py tag apply Beach --album summer
    """
)
@click.argument("tag")
@_pictures
@verb
def apply(session: Session, tag: str, **meant: Any) -> None:
    """Gives pictures a tag.

    Pictures are named by digest (8 digits or more), duplicate group or album.
    """
    from fapfav.jobs import tagging

    with session.archive() as archive:
        report = tagging.apply(archive, tag, _selected(archive, meant))
        _say(session, "given", report, already="had it already")


@tag.command()
@click.argument("tag")
@_pictures
@click.option("--all", "everything", is_flag=True, help="All pictures that carry it.")
@click.option("--below", is_flag=True, help="The tags below it as well.")
@verb
def clear(session: Session, tag: str, *, everything: bool, below: bool, **meant: Any) -> None:
    """Takes a tag off pictures.

    Pictures are named by digest (8 digits or more), duplicate group or album.
    """
    from fapfav.jobs import tagging

    if everything and any(meant.values()):
        raise UsageError("`tag clear` takes --all or pictures, not both")
    with session.archive() as archive:
        digests = None if everything else _selected(archive, meant)
        report = tagging.clear(archive, tag, digests, below=below)
        _say(session, "taken off", report, already="did not have it")


@tag.command("list")
@verb
def list_(session: Session) -> None:
    """Lists the tag tree with counts and sizes."""
    from fapfav.jobs import tagging

    with session.archive() as archive:
        found = tagging.listing(archive)
    session.show(found, render.tags(found))


def _say(session: Session, done: str, report: TagReport, already: str = "") -> None:
    pictures = f", on {text.many(report.pictures, 'picture')}" if report.pictures else ""
    rest = f", {report.already} {already}" if report.already else ""
    if report.change:
        line = f"{done}: {report.path} ({report.number}){pictures}{rest}"
    else:
        line = f"{report.path} ({report.number}){rest}"
    session.show(report, [line, session.undo_line(report.change)])
