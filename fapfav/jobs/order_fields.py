"""What a job that is asked for by name consists of, and what its fields may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import FapfavError, UsageError
from fapfav.jobs.base import Report, Stop, Tell
from fapfav.jobs.library import Archive

BY = "worker"
"""Who makes the changes of such jobs, in the log."""

Arguments = Mapping[str, Any]


class BadField(UsageError):
    """What was given for one field makes no sense; `field` says which."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Order:
    """A job that can be asked for: whether it asks a site, how it is checked, what it does."""

    asks_site: Callable[[Arguments], bool]
    check: Callable[[Archive, Arguments], dict[str, Any]]
    work: Callable[[Archive, Arguments, Tell, Stop], Report]


def text_in(arguments: Arguments, field: str) -> str:
    """A text without the space around it; empty for none. Raises BadField."""
    value = arguments.get(field, "")
    if not isinstance(value, str):
        raise BadField(field, "this takes a text")
    return value.strip()


def yes_in(arguments: Arguments, field: str) -> bool:
    """Whether a field says yes."""
    return arguments.get(field) is True


@contextmanager
def at_field(field: str) -> Iterator[None]:
    """What is refused within is refused for that field."""
    try:
        yield
    except BadField:
        raise
    except FapfavError as error:
        raise BadField(field, str(error)) from None


def path_in(arguments: Arguments, field: str) -> str:
    """The whole path of a folder. Raises BadField."""
    text = text_in(arguments, field)
    with at_field(field):
        if "\0" in text or len(text) > 4096:
            raise UsageError("this is no path")
        try:
            path = Path(text).expanduser()
        except RuntimeError:
            raise UsageError(f"{text!r} names no user of this computer") from None
        if not path.is_absolute():
            raise UsageError("give the whole path, from / on, or from ~ for your home folder")
    return str(path)
