"""`process.py remove` and `process.py trash`: out of the archive, back, or gone for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from fapfav import text
from fapfav.cli.options import verb
from fapfav.cli.session import Failures, Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.removal import RemoveReport
    from fapfav.jobs.trash import TrashListing

WORD = "empty"
"""What is typed before anything is destroyed."""


@click.group(
    epilog="""Examples:

    \b
    process.py remove album summer
    process.py remove picture 0123456789abcdef
    """
)
def remove() -> None:
    """Moves users, albums or pictures to the trash."""


@remove.command()
@click.argument("user")
@verb
def user(session: Session, user: str) -> None:
    """Takes out a user with all albums, by name or id."""
    from fapfav.jobs import removal

    with session.archive() as archive:
        _say(session, removal.remove_user(archive, user))


@remove.command()
@click.argument("album")
@verb
def album(session: Session, album: str) -> None:
    """Takes out an album, by name or id.

    Pictures that are elsewhere too stay.
    """
    from fapfav.jobs import removal

    with session.archive() as archive:
        _say(session, removal.remove_album(archive, album))


@remove.command()
@click.argument("digests", nargs=-1, required=True, metavar="DIGEST...")
@verb
def picture(session: Session, digests: tuple[str, ...]) -> None:
    """Takes out pictures, by digest.

    Give 8 digits or more. Reading does not bring them back; `undo` and `trash restore` do.
    """
    from fapfav.jobs import removal

    with session.archive() as archive:
        _say(session, removal.remove_picture(archive, *digests))


def _say(session: Session, report: RemoveReport) -> None:
    session.show(report, _remove_lines(session, report))


def _remove_lines(session: Session, report: RemoveReport) -> Iterator[str]:
    yield f"into the trash: {text.many(report.pictures, 'picture')}, {text.size(report.bytes)}"
    if report.users:
        yield f"users: {report.users}"
    if report.albums:
        yield f"albums: {report.albums}"
    yield f"places: {report.places}"
    if report.kept:
        yield f"kept, as they are elsewhere too: {report.kept}"
    if report.reopened:
        yield f"duplicates to decide anew: {report.reopened}"
    yield session.undo_line(report.change)


@click.group()
def trash() -> None:
    """What was removed: lists, restores, destroys it."""


@trash.command("list")
@verb
def list_(session: Session) -> None:
    """Lists what is in the trash, the latest first."""
    from fapfav.jobs import trash as job

    with session.archive() as archive:
        found = job.trash_list(archive)
    session.show(found, _trash_lines(found))


def _trash_lines(found: TrashListing) -> Iterator[str]:
    for item in found.items:
        names = ", ".join(item.names) or "no name known"
        yield (
            f"{item.digest.hex()[: text.SHORT]}  {text.size(item.size)}  {text.date(item.at)}  "
            f"{names}  (change {item.change}{f', {item.verb}' if item.verb else ''})"
        )
    yield f"in the trash: {text.many(found.pictures, 'picture')}, {text.size(found.bytes)}"


@trash.command()
@click.argument("digests", nargs=-1, metavar="[DIGEST]...")
@verb
def restore(session: Session, digests: tuple[str, ...]) -> None:
    """Brings pictures back, with places and tags.

    Give 8 digits or more of each; without any all that is in the trash comes back.
    """
    from fapfav.jobs import trash as job

    with session.archive() as archive:
        report = job.trash_restore(archive, digests or None)
    lines = [f"failed: {digest}: {reason}" for digest, reason in report.failures]
    pictures = text.many(report.pictures, "picture")
    places = text.many(report.places, "place")
    lines.append(f"restored: {pictures}, {text.size(report.bytes)}, at {places}")
    lines.append(session.undo_line(report.change))
    session.show(report, lines)
    if report.failures:
        raise Failures(f"{text.many(len(report.failures), 'picture')} could not be restored")


@trash.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@verb
def empty(session: Session, *, yes: bool) -> None:
    """Destroys what is in the trash for good.

    This cannot be undone. Of each picture there stays only what keeps it from being read again.
    """
    from fapfav.jobs import trash as job

    with session.archive() as archive:
        found = job.trash_list(archive)
        what = f"{text.many(found.pictures, 'picture')}, {text.size(found.bytes)}"
        session.console.warn(f"this destroys {what}, and cannot be undone")
        if found.pictures and not yes:
            insist(session, "trash empty", WORD, "destroyed")
        report = job.trash_empty(archive, {item.digest for item in found.items})
    lines = [f"destroyed: {text.many(report.pictures, 'picture')}, {text.size(report.bytes)}"]
    if report.again:
        lines.append(f"may be read again, as only their read was undone: {report.again}")
    session.show(report, lines)


def insist(session: Session, command: str, word: str, done: str) -> None:
    """Goes on only when the word was typed. Raises UsageError: then nothing was done."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"`{command}` asks, and there is no terminal to ask at: give --yes")
    session.console.warn(f"type {word!r} to go on:")
    if sys.stdin.readline().strip() != word:
        raise UsageError(f"{word!r} was not typed; nothing was {done}")
