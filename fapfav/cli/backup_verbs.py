"""`process.py backup` and `process.py restore`: an archive copied elsewhere, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fapfav import text
from fapfav.cli.options import verb
from fapfav.cli.session import Failures, Session

if TYPE_CHECKING:
    from fapfav.jobs.backup import BackupReport, RestoreReport


@click.command(
    epilog="""Examples:

    \b
    process.py backup /media/disk/pictures
    process.py backup /media/disk/pictures --check
    """
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--check", is_flag=True, help="Read first what is there; copy anew what got lost.")
@verb
def backup(session: Session, folder: Path, *, check: bool) -> None:
    """Copies to a folder what it does not hold yet.

    Encrypted files stay encrypted and no password is asked. Others may go on writing meanwhile.
    Nothing is ever taken out of the folder; the last ten databases are kept.
    """
    from fapfav.jobs import backup as job

    given = session.given
    with session.work() as work:
        report = job.backup(
            given.directory,
            folder.expanduser(),
            check=check,
            accept_older=given.accept_older,
            tell=work.tell,
            stop=work.stop,
        )
    session.show(report, _backup_lines(report))
    _fail(session, report.failed)


def _backup_lines(report: BackupReport) -> Iterator[str]:
    yield f"copied: {text.many(report.files, 'file')}, {text.size(report.bytes)}"
    yield f"there already: {text.count(report.present)}"
    if report.checked is not None:
        yield f"read and compared: {text.count(report.checked)}"
    if report.stopped:
        yield "stopped: the backup is as new as it was; run it again to go on"
    elif report.database:
        yield f"the database is new; kept: {text.many(report.databases, 'database')}"
    else:
        yield "the database is the same"


def _fail(session: Session, failed: Iterable[tuple[str, str]]) -> None:
    said = [f"{path}: {why}" for path, why in failed]
    session.warn(said)
    if said:
        raise Failures(f"{text.many(len(said), 'file')} could not be copied")


@click.command(
    epilog="""Examples:

    \b
    process.py restore /media/disk/pictures --dir ~/pictures
    process.py restore /media/disk/pictures --dir ~/pictures --list
    """
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--database", metavar="NAME", help="An older database of --list. [default: newest]")
@click.option("--list", "only_list", is_flag=True, help="List the databases of the backup.")
@verb
def restore(session: Session, folder: Path, *, database: str | None, only_list: bool) -> None:
    """Makes an archive of a backup.

    It is made in the new folder that --dir names.

    No password is asked. `verify` tells afterwards whether every picture is whole.
    """
    from fapfav.jobs import backup as job

    folder = folder.expanduser()
    if only_list:
        names = job.databases(folder)
        session.show({"databases": names}, names or ["no backup there"])
        return
    given = session.given
    with session.work() as work:
        report = job.restore(
            folder,
            given.directory,
            **({} if database is None else {"database": database}),
            tell=work.tell,
            stop=work.stop,
        )
    session.show(report, _restore_lines(session, report))
    _fail(session, report.failed)


def _restore_lines(session: Session, report: RestoreReport) -> Iterator[str]:
    yield f"restored: {text.many(report.files, 'file')}, {text.size(report.bytes)}"
    if report.stopped:
        yield "stopped before the database: run it again to go on"
    else:
        command = f"verify --dir {session.given.directory}"
        yield f"from {report.database}; look through it with: {session.hint(command)}"
