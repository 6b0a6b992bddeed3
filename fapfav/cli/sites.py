"""Sites on the command line: whose favourites are meant, and the way to the site itself.

What the environment says of sites is read here and nowhere else.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fapfav import floor
from fapfav.cli.options import Command
from fapfav.cli.session import Session
from fapfav.errors import Stopped, UsageError
from fapfav.text import short

if TYPE_CHECKING:
    from fapfav.jobs.accounts import Asked
    from fapfav.jobs.line import Line
    from fapfav.model import User
    from fapfav.sources.base import Site

BASE = "FAPFAV_IMAGEFAP_URL"
PACE = "FAPFAV_PACE"
CONTACT = "FAPFAV_CONTACT"

LONGEST = 200
"""Characters of the longest name that is taken."""

_SWITCH = 0.0005  # seconds
_NO_NAME = {"Cc", "Cs", "Zl", "Zp"}  # control characters, and bytes that are no text


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the site: its address if another, pace if another, and who asks."""

    base: str = ""
    pace: tuple[float, float] | None = None
    contact: str = ""
    turns: Path | None = None


def way(environ: Mapping[str, str]) -> Way:
    """The way as the environment says. Raises UsageError for what it says wrongly."""
    from fapfav.store.seen import state_folder

    state = state_folder(environ)
    return Way(
        base=environ.get(BASE, "").strip(),
        pace=_pace(environ.get(PACE, "").strip()),
        contact=environ.get(CONTACT, "").strip(),
        turns=state and state / "turns",
    )


def _pace(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        least, most = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"{PACE} is {short(text, 40)!r}: it takes the least and the most seconds between two "
            "requests, such as 2,4; unset it for the site's own pace"
        ) from None
    return least, most


@contextmanager
def imagefap(known: tuple[User, ...] = ()) -> Iterator[Site]:
    """Imagefap, asked as the environment says; what is under way when it is left ends at once.

    Accounts of its own among the `known` it need not be asked for. Raises UsageError for a setting
    that makes no sense.
    """
    from fapfav.sources import reach

    chosen = way(os.environ)
    interval = sys.getswitchinterval()
    # The thread that asks needs the interpreter often and for little; at 5 ms a turn it would
    # wait for those that work on pictures, and they in the end for it.
    sys.setswitchinterval(_SWITCH)
    try:
        with reach.imagefap(known, **asdict(chosen)) as source:
            yield source
    finally:
        sys.setswitchinterval(interval)


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
    from fapfav.jobs.accounts import Asked

    if user is None and number is None:
        return None
    if user is not None and number is not None:
        raise UsageError("--user and --id both name an account: give one of them")
    if number is None:
        return Asked(user_name=_name("--user", user or ""))
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        raise UsageError(f"--id takes a user's number, not {short(number, 40)!r}; --user a name")
    return Asked(user_number=str(int(number)))


def folder(text: str | None, name: str | None) -> str:
    """The folder meant, as typed; "" for none. Raises UsageError for both, or for no name."""
    if text is not None and name is not None:
        raise UsageError("--folder and --name both name a folder: give one of them")
    if text is not None:
        return _name("--folder", text)
    return "" if name is None else _name("--name", name)


def _name(option: str, text: str) -> str:
    plain = text.strip()
    if not plain:
        raise UsageError(f"{option} is empty: it takes a name")
    if len(plain) > LONGEST:
        raise UsageError(f"{option} has {len(plain):,} characters; no name has over {LONGEST}")
    if any(unicodedata.category(character) in _NO_NAME for character in plain):
        raise UsageError(f"{option} {plain!r} has characters that no name has")
    floor.refuse(plain)
    return plain
