"""What comes from outside: `favorites.py`, and its verb `read`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav.cli import sites
from fapfav.cli.cluster_option import AskedCluster, asked_cluster, cluster_options, connected
from fapfav.cli.options import Command, LateOption, as_path, path_option, verb, version_option
from fapfav.cli.session import Session, run
from fapfav.cli.site_verbs import (
    audit,
    get,
    list_folders,
    retry,
    said_when_broken_off,
    say_read,
    show_read,
)
from fapfav.errors import UsageError
from fapfav.jobs import way

if TYPE_CHECKING:
    from fapfav.jobs.accounts import Asked
    from fapfav.jobs.library import Archive
    from fapfav.model import Album
    from fapfav.sources.base import Source

PREPARATIONS = ("scaled", "exact")


@click.group(
    epilog="""Examples:

    \b
    favorites.py read --local ~/Pictures
    favorites.py read --user alice --output ~/some-dir/
    favorites.py list --user alice
    favorites.py get --user alice --folder "my pics" --output ~/some-dir/
    favorites.py audit --user alice --password-file ~/.fapfav-password --json
    """
)
@version_option
def favorites() -> None:
    """What comes from outside: reads pictures into a private archive, from a folder or a site.

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
    favorites.py read --user alice
    favorites.py read --id 1234 --folder "my pics" --output ~/some-dir/
    """
)
@path_option(
    "-l", "--local", metavar="DIR", help="Read the pictures in this folder and those below it."
)
@sites.account_options
@sites.folder_options()
@click.option(
    "--force/--no-force",
    default=False,
    show_default=True,
    help="Read again what was finished in the last 72 hours, and try again what failed before.",
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
@cluster_options
@click.option(
    "--no-password",
    is_flag=True,
    help="Make a new archive without a password, hence not encrypted, and do not ask.",
)
@verb
def read(session: Session, **given: Any) -> None:
    """Reads pictures into the archive, finds duplicates.

    From a folder of yours, or from Imagefap: all folders of a user's favourites, or one. The first
    time it makes the archive and asks twice for a password; Enter means none, and then nothing is
    encrypted. A lost password cannot be recovered. Break it off with Ctrl-C whenever you like and
    start it again: it goes on where it was.
    """
    local, asked = given.pop("local"), _asked(given)
    cluster = asked_cluster(given)
    if local is not None and asked is not None:
        raise UsageError("--local reads a folder of yours: leave --user, --id and --folder out")
    if local is None and cluster.address is not None:
        raise UsageError("--cluster goes with --local: a site is slower than this computer is")
    settings = {**given, "workers": given["workers"] or 0}
    no_password = settings.pop("no_password")
    if asked is not None:
        _read_site(session, asked, settings, no_password=no_password)
    elif local is not None:
        _read_folder(session, local, settings, cluster, no_password=no_password)
    else:
        raise UsageError(
            "`read` takes --local DIR, a folder of yours, or --user NAME or --id N of a site"
        )


def _asked(given: dict[str, Any]) -> Asked | None:
    """Whose favourites, and of these which folder, if any; takes the options out of `given`."""
    asked = sites.account_if_any(given.pop("user"), given.pop("number"))
    folder = sites.folder(given.pop("folder"), given.pop("name"))
    if folder and asked is None:
        raise UsageError("--folder names a folder of a user: say whose with --user or --id")
    return asked and replace(asked, folder=folder)


def _read_folder(
    session: Session,
    local: Path,
    settings: dict[str, Any],
    cluster: AskedCluster,
    *,
    no_password: bool,
) -> None:
    from fapfav.sources.local import LocalFolder

    source = LocalFolder(local, exclude=session.given.directory)
    # The log keeps text, and a path may be bytes that are none.
    what = os.fsencode(local).decode("utf-8", "replace")
    with (
        session.archive(create=True, no_password=no_password) as archive,
        connected(cluster, sealed=archive.sealed) as elsewhere,
    ):
        _read(session, archive, source, settings, {"what": what, "elsewhere": elsewhere})


def _read_site(
    session: Session, asked: Asked, settings: dict[str, Any], *, no_password: bool
) -> None:
    from fapfav.jobs.accounts import find_folder, find_user
    from fapfav.store import opening

    doing = "looking for the user"
    folder: Album | str = asked.folder
    with ExitStack() as stack:
        if opening.exists(session.given.directory):
            archive = stack.enter_context(session.archive(no_password=no_password))
            source = stack.enter_context(way.imagefap(tuple(archive.users.records())))
            with sites.asking(session, source, doing) as line:
                user = find_user(archive, source, asked, line=line)
        else:
            # Whoever mistypes a name gets no empty archive for it.
            source = stack.enter_context(way.imagefap())
            with sites.asking(session, source, doing) as line:
                user = find_user(None, source, asked, line=line)
                if asked.folder:
                    folder = find_folder(None, source, user, asked.folder, line=line)
            archive = stack.enter_context(session.archive(create=True, no_password=no_password))
        what = "/".join(filter(None, (user.name, asked.folder)))
        _read(
            session,
            archive,
            source,
            settings,
            {"what": what, "accounts": (user,), "folder": folder},
        )


def _read(
    session: Session,
    archive: Archive,
    source: Source,
    settings: dict[str, Any],
    more: dict[str, Any],
) -> None:
    from fapfav.jobs import read as job

    chosen = replace(job.read_settings(archive, **settings), **more)
    # Before the work: who wants the embeddings can break off and get them.
    session.warn(chosen.model.warnings)
    say = partial(show_read, session, said=chosen.model.warnings)
    with said_when_broken_off(say), session.work() as work:
        report = job.read(archive, source, chosen, tell=work.tell, stop=work.stop)
    say_read(session, report, chosen.model.warnings)


for _command in (get, audit, retry, list_folders):
    favorites.add_command(_command)


def main() -> None:
    """The script `favorites.py`."""
    sys.exit(run(favorites, "favorites.py", sys.argv[1:]))
