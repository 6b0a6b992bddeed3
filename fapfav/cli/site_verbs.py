"""What asks a site, besides `read`: `get`, `audit`, `retry` and `list`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import click

from fapfav import text
from fapfav.cli import site_lines, sites
from fapfav.cli.options import verb, verb_without_archive
from fapfav.cli.session import Failures, Session
from fapfav.errors import SourceError, UsageError
from fapfav.jobs import way

if TYPE_CHECKING:
    from fapfav.jobs.audit import AuditReport
    from fapfav.jobs.base import Report
    from fapfav.jobs.library import Archive
    from fapfav.jobs.read import ReadReport
    from fapfav.model import User


@click.command(
    epilog="""Examples:

    \b
    favorites.py get --user alice --folder "my pics" --output ~/some-dir/
    favorites.py get --id 1234 --folder 5678
    """
)
@sites.account_options
@sites.folder_options()
@verb_without_archive("Where the pictures are written; made where it is missing.")
def get(
    session: Session, user: str | None, number: str | None, folder: str | None, name: str | None
) -> None:
    """Saves one folder of favourites as plain files.

    This is simple and unsafe: there is no archive, nothing is encrypted, nothing is remembered, so
    that the next time every picture is asked for again. Nothing is overwritten, but two folders
    written to one place clash: a name that is taken gets digits before it. `read` is the safe way.
    """
    asked = sites.account("get", user, number)
    asked = replace(asked, folder=sites.folder(folder, name))
    if not asked.folder:
        raise UsageError("`get` takes --folder NAME or N; `list` shows which folders a user has")
    from fapfav.jobs import accounts
    from fapfav.jobs.get import get as job
    from fapfav.store import opening

    target = session.given.directory
    if opening.exists(target):
        session.warn([f"the pictures are written beside the archive in {target}, not into it"])
    with way.imagefap() as source:
        with sites.asking(session, source, "looking for the folder") as line:
            owner = accounts.find_user(None, source, asked, line=line)
            album = accounts.find_folder(None, source, owner, asked.folder, line=line)
        with session.work() as work:
            report = job(source, owner, album, target, tell=work.tell, stop=work.stop)
    session.warn(report.warnings)
    session.show(report, site_lines.got(report))
    if report.trouble:
        raise SourceError(report.trouble)
    if report.failed:
        raise Failures(f"{text.many(report.failed, 'picture')} could not be had")


@click.command(
    epilog="""Examples:

    \b
    favorites.py audit --user alice
    favorites.py audit --id 1234 --force --output ~/some-dir/
    """
)
@sites.account_options
@sites.folder_options(hidden=True)
@click.option(
    "--force/--no-force",
    default=False,
    show_default=True,
    help="Check again what was checked in the last 10 days.",
)
@verb
def audit(
    session: Session, user: str | None, number: str | None, force: bool, **folders: str | None
) -> None:
    """Checks which pictures of a user are still on the site.

    Nothing is downloaded and nothing is deleted; what has vanished, or come back, is noted with its
    time. Break it off with Ctrl-C whenever you like: the next run goes on where it was.
    """
    asked = sites.account("audit", user, number)
    if set(folders.values()) != {None}:
        raise UsageError("`audit` checks all folders of a user: leave --folder and --name out")
    from fapfav.jobs import accounts
    from fapfav.jobs.audit import AuditSettings
    from fapfav.jobs.audit import audit as job
    from fapfav.model import UserKey

    with session.archive() as archive, way.imagefap(_known(archive)) as source:
        owner = accounts.kept_user(archive, source.name, asked)
        settings = AuditSettings(UserKey(owner.source, owner.user), force)
        with said_when_broken_off(partial(_say_audit, session)), session.work() as work:
            report = job(archive, source, settings, tell=work.tell, stop=work.stop)
    _say_audit(session, report)


@click.command(
    epilog="""Examples:

    \b
    favorites.py retry
    favorites.py retry --user alice
    """
)
@sites.account_options
@verb
def retry(session: Session, user: str | None, number: str | None) -> None:
    """Tries again what failed, and nothing else.

    Without a user it is what failed of all users.
    """
    asked = sites.account_if_any(user, number)
    from fapfav.jobs import accounts
    from fapfav.jobs import read as job

    with session.archive() as archive, way.imagefap(_known(archive)) as source:
        chosen = () if asked is None else (accounts.kept_user(archive, source.name, asked),)
        settings = replace(job.read_settings(archive), accounts=chosen, what=_names(chosen))
        session.warn(settings.model.warnings)
        say = partial(show_read, session, said=settings.model.warnings)
        with said_when_broken_off(say), session.work() as work:
            report = job.retry(archive, source, settings, tell=work.tell, stop=work.stop)
    say_read(session, report, settings.model.warnings)


@click.command(
    "list",
    epilog="""Examples:

    \b
    favorites.py list --user alice
    favorites.py list --id 1234 --json
    """,
)
@sites.account_options
@verb_without_archive()
def list_folders(session: Session, user: str | None, number: str | None) -> None:
    """Lists the folders a user has, without reading them.

    The site does not tell there which of them hold galleries; those are left out when reading.
    """
    asked = sites.account("list", user, number)
    from fapfav.jobs import accounts

    with (
        way.imagefap() as source,
        sites.asking(session, source, "looking for the folders") as line,
    ):
        owner = accounts.find_user(None, source, asked, line=line)
        report = accounts.list_folders(source, owner, line=line)
    session.show(report, site_lines.listed(report))


class Say(Protocol):
    """Shows a report; with `trouble`, of a job that ended by it."""

    def __call__(self, report: Any, *, trouble: str) -> None:
        """Shows it."""
        ...


@contextmanager
def said_when_broken_off(say: Say) -> Iterator[None]:
    """Shows what a job had done when the site's trouble ended it, before the error is said."""
    try:
        yield
    except SourceError as error:
        report = getattr(error, "report", None)
        if report is not None:
            say(report, trouble=str(error))
        raise


def show_read(
    session: Session, report: ReadReport, said: tuple[str, ...], trouble: str = ""
) -> None:
    """Shows what a read did. Warnings that were `said` already are not said again."""
    session.warn(each for each in report.warnings if each not in said)
    lines = site_lines.read(report, session.hint("duplicates list"))
    session.show(_with_error(report, trouble), lines)


def _say_audit(session: Session, report: AuditReport, trouble: str = "") -> None:
    session.warn(report.warnings)
    session.show(_with_error(report, trouble), site_lines.audited(report))


def _with_error(report: Report, trouble: str) -> dict[str, Any]:
    """What --json prints: one object, whether there was trouble or not."""
    error = {"error": trouble, "exit_code": SourceError.exit_code} if trouble else {}
    return {**report.to_json(), **error}


def say_read(session: Session, report: ReadReport, said: tuple[str, ...]) -> None:
    """The same; raises Failures if there were any."""
    show_read(session, report, said)
    if report.failed:
        raise Failures(f"{text.many(report.failed, 'picture')} could not be kept")


def _known(archive: Archive) -> tuple[User, ...]:
    """Accounts the site need not be asked for."""
    return tuple(archive.users.records())


def _names(users: tuple[User, ...]) -> str:
    return ", ".join(user.name for user in users)
