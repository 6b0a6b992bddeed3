"""Sites on the command line: whose favourites are meant, and the way to the site itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fapfav.cli.options import Command
from fapfav.cli.session import Session
from fapfav.errors import Stopped, UsageError

if TYPE_CHECKING:
    from fapfav.jobs.accounts import Asked
    from fapfav.jobs.line import Line
    from fapfav.sources.base import Site


@contextmanager
def asking(session: Session, source: Site, doing: str) -> Iterator[Line]:
    """A line for a few questions before the job itself: waits are seen and Ctrl-C is heard."""
    from fapfav.jobs.base import Pace
    from fapfav.jobs.line import Line
    from fapfav.jobs.watch import Watch

    with session.work() as work, paused():
        watch = Watch(source, Pace(work.tell, doing), work.stop)
        with Line(watch.tick) as line:
            yield line
        if work.was_asked:
            raise Stopped("asked to end")


@contextmanager
def paused() -> Iterator[None]:
    """A job that ended because it was asked to ends like one that was interrupted."""
    try:
        yield
    except Stopped:
        raise click.Abort from None


def account_options(function: Command) -> Command:
    """`--user` and `--id`."""
    function = click.option(
        "-i", "--id", "number", metavar="N", help="The user's number instead of the name."
    )(function)
    return click.option(
        "-u", "--user", "user", metavar="NAME", help="Whose favourites; case does not matter."
    )(function)


def folder_options(*, hidden: bool = False) -> Callable[[Command], Command]:
    """`--folder` and `--name`."""

    def options(function: Command) -> Command:
        function = click.option(
            "-n",
            "--name",
            "name",
            metavar="NAME",
            help="The same as --folder with a name.",
            hidden=hidden,
        )(function)
        return click.option(
            "-f",
            "--folder",
            "folder",
            metavar="NAME|N",
            help="Only this folder, by name or number; case does not matter.",
            hidden=hidden,
        )(function)

    return options


def account(verb: str, user: str | None, number: str | None) -> Asked:
    """Whose favourites are meant; raises UsageError unless it is said, and once."""
    found = account_if_any(user, number)
    if found is None:
        raise UsageError(f"`{verb}` takes --user NAME or --id N: whose favourites")
    return found


def account_if_any(user: str | None, number: str | None) -> Asked | None:
    """The same where it may be left out."""
    from fapfav.jobs.accounts import Asked, typed_name, typed_number

    if user is None and number is None:
        return None
    if user is not None and number is not None:
        raise UsageError("--user and --id both name an account: give one of them")
    if number is None:
        return Asked(user_name=typed_name("--user", user or ""))
    return Asked(user_number=typed_number("--id", number, "--user a name"))


def folder(text: str | None, name: str | None) -> str:
    """The folder meant, as typed; "" for none. Raises UsageError for both, or for no name."""
    from fapfav.jobs.accounts import typed_name

    if text is not None and name is not None:
        raise UsageError("--folder and --name both name a folder: give one of them")
    if text is not None:
        return typed_name("--folder", text)
    return "" if name is None else typed_name("--name", name)
