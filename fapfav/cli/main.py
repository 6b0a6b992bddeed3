"""The console script `fapfav`: the verbs of both scripts under one name."""

from __future__ import annotations

import sys

import click

from fapfav.cli.favorites import favorites
from fapfav.cli.options import version_option
from fapfav.cli.process import process
from fapfav.cli.session import run


@click.group(
    commands={**favorites.commands, **process.commands},
    epilog="""Examples:

    \b
    fapfav read --local ~/Pictures
    fapfav duplicates list
    fapfav export --tag Holidays
    """,
)
@version_option
def fapfav() -> None:
    """A private, encrypted archive of favourite pictures that finds duplicates."""


def main() -> None:
    """The script `fapfav`."""
    sys.exit(run(fapfav, "fapfav", sys.argv[1:]))
