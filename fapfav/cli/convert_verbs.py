"""`process.py encrypt` and `process.py decrypt`: a plain archive into an encrypted one and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fapfav import text
from fapfav.cli.key_verbs import NOT_UNDONE, confirmed_code, new_password_option, show_code
from fapfav.cli.options import verb
from fapfav.cli.session import Failures, Session
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.convert import ConvertReport

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command(
    epilog="""Examples:

    \b
    process.py encrypt
    process.py encrypt --recovery --dir ~/some-dir/
    """
)
@new_password_option
@click.option("--recovery", is_flag=True, help="Make a recovery code as well, and show it once.")
@yes_option
@verb
def encrypt(session: Session, *, new_password_file: Path | None, recovery: bool, yes: bool) -> None:
    """Encrypts an archive that is not encrypted.

    All files are written anew. Broken off at any moment, it goes on when it is run again. Other
    commands may run meanwhile, with the new password.
    """
    from fapfav.jobs import convert as job
    from fapfav.store import opening
    from fapfav.store.recovery import show_code as in_words

    if opening.is_sealed(session.given.directory):
        _go_on_encrypting(session, new_password_file)
        return
    with session.archive() as archive:
        what = text.many(len(archive.blobs), "picture")
        session.console.warn(f"this encrypts {what}, and {NOT_UNDONE}; `decrypt` does the reverse")
        _insist(session, "encrypt", yes=yes)
        password = session.passwords.for_new_key("Password of the archive", new_password_file)
        code = _code(session, wanted=recovery, yes=yes)
        with session.work() as work:
            report = job.encrypt(archive, password, code, tell=work.tell, stop=work.stop)
    _show(session, report, "encrypt", {} if code is None else {"code": in_words(code)})


def _go_on_encrypting(session: Session, new_password_file: Path | None) -> None:
    """Goes on with what was begun: the password it is to have opens it by now."""
    from fapfav.jobs import convert as job

    given = session.passwords
    if new_password_file is not None and given.file is None and given.environment is None:
        session.passwords = replace(given, file=new_password_file)
    with session.archive() as archive, session.work() as work:
        report = job.encrypt(archive, tell=work.tell, stop=work.stop)
    _show(session, report, "encrypt")


@click.command(
    epilog="""Examples:

    \b
    process.py decrypt
    process.py decrypt --yes --password-file FILE
    """
)
@yes_option
@verb
def decrypt(session: Session, *, yes: bool) -> None:
    """Makes an encrypted archive a plain one.

    All files are written anew, and anybody can look at them from then on. Broken off at any
    moment, it goes on when it is run again; `encrypt` turns back.
    """
    from fapfav.jobs import convert as job

    with session.archive() as archive:
        what = text.many(len(archive.blobs), "picture")
        session.console.warn(
            f"this writes {what} and all names in the clear, and {NOT_UNDONE}; its keys are lost"
        )
        if archive.sealed and job.under_way(archive) != "decrypt":
            _insist(session, "decrypt", yes=yes)
        with session.work() as work:
            report = job.decrypt(archive, seen=session.seen(), tell=work.tell, stop=work.stop)
    _show(session, report, "decrypt")


def _code(session: Session, *, wanted: bool, yes: bool) -> bytes | None:
    """A recovery code to go with the password, if one is wanted; shown before anything is done."""
    from fapfav.store import recovery

    at_terminal = session.passwords.ask is not None and not session.given.as_json
    if not wanted and at_terminal and not yes:
        session.console.warn("a recovery code as well, should the password be forgotten? (y/N)")
        wanted = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not wanted:
        return None
    if (code := confirmed_code(session)) is None:
        code = recovery.new_code()
        if not session.given.as_json:
            show_code(session, recovery.show_code(code))
    return code


def _insist(session: Session, word: str, *, yes: bool) -> None:
    """Goes on only when the word was typed."""
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"`{word}` asks, and there is no terminal to ask at: give --yes")
    session.console.warn(f"type {word!r} to go on:")
    if sys.stdin.readline().strip() != word:
        raise UsageError(f"{word!r} was not typed; nothing was changed")


def _show(
    session: Session, report: ConvertReport, word: str, more: dict[str, str] | None = None
) -> None:
    session.show({**report.to_json(), **(more or {})}, _lines(session, report, word))
    if report.failures:
        count = text.many(len(report.failures), "file")
        raise Failures(f"{count} could not be {word}ed as they should; `verify` says more")


def _lines(session: Session, report: ConvertReport, word: str) -> Iterator[str]:
    from fapfav.jobs.convert import COPIES

    for name, reason in report.failures:
        yield f"failed: {name}: {reason}"
    yield f"{word}ed: {text.many(report.files, 'file')}, {text.size(report.bytes)}"
    if not report.finished:
        yield f"not all is {word}ed yet: run `{session.hint(word)}` again"
    elif word == "encrypt":
        yield f"note: {COPIES}"
        for path in report.left:
            yield f"still in the clear: {path}"
