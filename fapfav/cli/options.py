"""The options that commands share, and where an archive lies when none says so."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from fapfav.cli.session import Given, Session

DEFAULT_DIRECTORY = "~/Downloads/imagefap/"
VARIABLE = "FAPFAV_DIR"

Command = Callable[..., int | None]


def as_path(text: str | None) -> Path | None:
    """A path as typed, `~` expanded; None for none."""
    if text is None:
        return None
    if not text:
        raise click.BadParameter("an empty text is no path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise click.BadParameter(f"{text!r}: {error}") from None


def _say_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from fapfav.store.header import VERSION as FORMAT

        click.echo(f"fapfav {version('fapfav')}, archives of format {FORMAT}")
        context.exit()


version_option = click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_say_version,
    help="Print the version and exit.",
)
"""What all programs answer alike: which version this is, and of which format its archives are."""


def path_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """An option that takes a path."""
    return click.option(*names, callback=lambda _context, _option, text: as_path(text), **settings)


def _archive_path(_context: click.Context, _option: click.Parameter, text: str | None) -> Path:
    """The flag, else the environment, else the default."""
    path = as_path(os.environ.get(VARIABLE) or DEFAULT_DIRECTORY if text is None else text)
    assert path is not None
    return path


def _common(directory: str, *, archive: bool) -> tuple[Callable[[Command], Command], ...]:
    """The options of every verb; what only an archive needs is taken by all, and shown where so."""
    return (
        click.option(
            "-d",
            "--dir",
            "-o",
            "--output",
            "directory",
            metavar="DIR",
            callback=_archive_path,
            help=f"{directory} [default: ${VARIABLE}, else {DEFAULT_DIRECTORY}]",
            hidden=not directory,
        ),
        click.option(
            "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
        ),
        path_option(
            "--password-file",
            metavar="FILE",
            help="Take the password from a file that only you can read. "
            "[default: $FAPFAV_PASSWORD, else ask]",
            hidden=not archive,
        ),
        click.option(
            "--accept-older",
            is_flag=True,
            help="Open the archive although it is older than, or not, the one last seen there.",
            hidden=not archive,
        ),
        click.option("--debug", is_flag=True, help="Show where an error comes from."),
    )


_OF_ARCHIVES = _common("The archive.", archive=True)


def verb(function: Command) -> Callable[..., int]:
    """Makes a command of a function that takes a Session first and the command's own options."""
    return _command(function, _OF_ARCHIVES)


def verb_without_archive(directory: str = "") -> Callable[[Command], Callable[..., int]]:
    """The same for one that opens no archive; `directory` explains `--dir` if it is for anything.

    The options of an archive are taken all the same, so that one line of options does for all.
    """
    return lambda function: _command(function, _common(directory, archive=False))


def _command(
    function: Command, options: tuple[Callable[[Command], Command], ...]
) -> Callable[..., int]:
    @functools.wraps(function)
    def command(**values: Any) -> int:
        context = click.get_current_context()
        session: Session = context.obj
        common = {name: values.pop(name) for name in Given.__dataclass_fields__}
        session.begin(context.command_path, Given(**common))
        return function(session, **values) or 0

    wrapped: Any = command
    for option in reversed(options):
        wrapped = option(wrapped)
    return cast("Callable[..., int]", wrapped)


class LateOption(click.Option):
    """An option whose help names defaults that are dear to import, so only when it is shown."""

    def __init__(self, *names: Any, late: Callable[[], dict[str, Any]], **settings: Any) -> None:
        super().__init__(*names, **settings)
        self._late = late

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The two columns of `--help`."""
        record = super().get_help_record(ctx)
        return record and (record[0], record[1].format_map(self._late()))
