"""`process.py key`: the passwords and recovery codes that open an archive."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav import text
from fapfav.cli.options import path_option, verb
from fapfav.cli.session import Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.keys import KeyListing, KeyReport

NOT_UNDONE = "this cannot be undone"

_ASKED = 3  # groups of a new code that are typed back
_TRIES = 3

label_option = click.option(
    "--label", metavar="TEXT", help="What to call it in `key list`; kept in the archive, encrypted."
)
new_password_option = path_option(
    "--new-password-file",
    metavar="FILE",
    help="Take the new password from a file that only you can read. [default: ask twice]",
)


@click.group(
    epilog="""Examples:

    \b
    process.py key list
    process.py key change
    process.py key add-recovery --label "in the safe"
    """
)
def key() -> None:
    """Passwords and recovery codes of an encrypted archive.

    A recovery code opens it wherever its password is asked for.
    """


@key.command("list")
@verb
def list_(session: Session) -> None:
    """Lists what opens the archive; shows no secret.

    Each has its id, kind, date and label.
    """
    from fapfav.jobs import keys as job

    with session.keys() as keys:
        found = job.key_list(keys)
    session.show(found, _key_lines(found))


def _key_lines(found: KeyListing) -> Iterator[str]:
    for one in found.keys:
        made = text.date(one.made) if one.made else "date unknown"
        label = f"  {one.label}" if one.label else ""
        opened = "  (opened it just now)" if one.opened else ""
        yield f"{one.id}  {one.kind:13}  {made}{label}{opened}"


@key.command()
@click.argument("key_id", required=False, metavar="[ID]")
@label_option
@new_password_option
@verb
def change(
    session: Session, key_id: str | None, label: str | None, new_password_file: Path | None
) -> None:
    """Puts a new password in the old one's place.

    It is the one that opened the archive, or that of ID. No picture is touched.
    """
    from fapfav.jobs import keys as job

    session.console.warn(NOT_UNDONE)
    with session.keys() as keys:
        password = session.passwords.for_new_key("New password", new_password_file)
        report = job.key_change(keys, password, key_id, label=label)
    _say(session, report, "the password was changed")
    session.console.warn(f"note: {job.THIEF}")


@key.command()
@label_option
@new_password_option
@verb
def add(session: Session, label: str | None, new_password_file: Path | None) -> None:
    """Adds a second password, or a third.

    More there cannot be: trying them all would take too long.
    """
    from fapfav.jobs import keys as job

    session.console.warn(NOT_UNDONE)
    with session.keys() as keys:
        password = session.passwords.for_new_key("Another password", new_password_file)
        report = job.key_add(keys, password, label=label or "")
    _say(session, report, "a password was added")


@key.command()
@label_option
@verb
def add_recovery(session: Session, label: str | None) -> None:
    """Makes a recovery code and shows it once.

    Write it down and keep it apart from the computer. It opens the archive without the password.
    """
    from fapfav.jobs import keys as job

    session.console.warn(NOT_UNDONE)
    with session.keys() as keys:
        code = confirmed_code(session)
        report = job.key_add_recovery(keys, code, label=label or "")
    if code is None and not session.given.as_json:
        show_code(session, report.code)
    _say(session, report, "the recovery code opens the archive from now on")


@key.command()
@click.argument("key_id", metavar="ID")
@verb
def remove(session: Session, key_id: str) -> None:
    """Takes a password or a recovery code away.

    ID is what `key list` shows, or the beginning of it. The last cannot be removed.
    """
    from fapfav.jobs import keys as job

    session.console.warn(NOT_UNDONE)
    with session.keys() as keys:
        report = job.key_remove(keys, key_id)
    _say(session, report, f"the {report.kind} was removed")
    session.console.warn(f"note: {job.THIEF}")


def _say(session: Session, report: KeyReport, what: str) -> None:
    session.warn(report.warnings)
    lines = [f"{what}: {report.id}" if report.id else what]
    lines.append(f"keys: {report.left}; `{session.hint('key list')}` shows them")
    session.show(report, lines)


def confirmed_code(session: Session) -> bytes | None:
    """A new recovery code that somebody at the terminal has written down; None without a terminal.

    It opens nothing before that: what was not written down is no way in. Raises UsageError.
    """
    if session.passwords.ask is None or session.given.as_json:
        return None
    from fapfav.store import recovery

    code = recovery.new_code()
    shown = recovery.show_code(code)
    show_code(session, shown)
    groups = shown.split("-")
    for _ in range(_TRIES):
        wanted = sorted(secrets.SystemRandom().sample(range(len(groups)), _ASKED))
        names = ", ".join(str(number + 1) for number in wanted)
        session.console.warn(f"once it is written down, type groups {names} of it:")
        typed = _plain(sys.stdin.readline())
        if typed == _plain("".join(groups[number] for number in wanted)):
            return code
        session.console.warn("that is not what they are: compare it with what you wrote")
    raise UsageError("the recovery code was not typed back, so none was made: start again")


def _plain(typed: str) -> str:
    letters = "".join(character for character in typed.upper() if character.isalnum())
    return letters.translate(str.maketrans("OIL", "011"))


def show_code(session: Session, code: str) -> None:
    """The code by groups, in lines short enough to copy; on standard output, and only now."""
    groups: list[Any] = code.split("-")
    session.console.say("recovery code, shown only this once:")
    for at in range(0, len(groups), 5):
        line = "  ".join(f"{number:2} {groups[number - 1]}" for number in _numbers(at, groups))
        session.console.say(f"    {line}")
    session.console.flush()


def _numbers(at: int, groups: list[Any]) -> range:
    return range(at + 1, min(at + 5, len(groups)) + 1)
