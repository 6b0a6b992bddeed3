"""One run of a command: its banner, its archive, its job under Ctrl-C, its end and exit code."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import click

from fapfav.cli import passwords
from fapfav.cli.console import Console
from fapfav.cli.os_words import unexpected
from fapfav.cli.passwords import Passwords
from fapfav.cli.progress import Bar, Display, Lines
from fapfav.cli.stopping import Stopper
from fapfav.errors import FapfavError
from fapfav.jobs.hardening import harden
from fapfav.model import Progress
from fapfav.text import duration

if TYPE_CHECKING:
    from fapfav.jobs.keys import KeyRing
    from fapfav.jobs.library import Archive
    from fapfav.store.seen import Seen

FAILED = 1
USAGE = 2
INTERRUPTED = 130
_PAUSED = "premature end? user paused?"


class Result(Protocol):
    """What a job hands back."""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        ...


class Failures(FapfavError):
    """The work was done, but for what the report lists."""


@dataclass(frozen=True, slots=True)
class Given:
    """The options that every command has."""

    directory: Path
    as_json: bool = False
    password_file: Path | None = None
    accept_older: bool = False
    debug: bool = False


class Work:
    """A running job's two strings: what it tells goes to the display, Ctrl-C stops it."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._stopper = Stopper(
            lambda: display.line("stopping after this batch... (Ctrl-C again stops at once)")
        )

    def __enter__(self) -> Self:
        self._display.__enter__()
        self._stopper.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopper.__exit__(kind, error, trace)
        self._display.__exit__(kind, error, trace)

    def tell(self, progress: Progress) -> None:
        """For a job that says what it does."""
        self._display.tell(progress)

    def stop(self) -> bool:
        """For a job that asks whether to finish early."""
        return self._stopper.stop()

    @property
    def was_asked(self) -> bool:
        """Whether Ctrl-C came while it ran."""
        return self._stopper.asked


@dataclass(slots=True)
class Session:
    """What a command works with."""

    console: Console
    program: str
    passwords: Passwords = field(default_factory=Passwords)
    given: Given = field(default_factory=lambda: Given(Path()))
    clock: Callable[[], float] = time.monotonic
    _began: float = field(default=0.0, init=False)
    _command: str = field(default="", init=False)
    _work: Work | None = field(default=None, init=False)

    def begin(self, command: str, given: Given) -> None:
        """Says which command runs. Nothing was touched before."""
        self._began = self.clock()
        self._command, self.given = command, given
        self.console.as_json = given.as_json
        self.passwords = replace(self.passwords, file=given.password_file)
        self.console.say(f"**  {command}  **")
        self.console.flush()

    def archive(self, *, create: bool = False, no_password: bool = False) -> Archive:
        """Opens the archive, or with `create` makes one where there is none."""
        from fapfav.jobs.library import open_archive
        from fapfav.store import opening

        path = self.given.directory
        asking = replace(self.passwords, none=no_password)
        if create and not opening.exists(path):
            password = asking.for_new(path)
            if password is None:
                self.console.warn(f"no password: what is kept in {path} is not encrypted")
        else:
            password = asking.for_existing(path, is_sealed=opening.is_sealed(path))
        archive = open_archive(
            path,
            password,
            create=create,
            plain=password is None,
            seen=self.seen(),
            accept_older=self.given.accept_older,
        )
        self._say_slip(archive)
        return archive

    def keys(self) -> KeyRing:
        """Opens the archive to change its keys."""
        from fapfav.jobs.keys import open_keys
        from fapfav.store import opening

        path = self.given.directory
        keys = open_keys(
            path,
            self.passwords.for_existing(path, is_sealed=opening.is_sealed(path)),
            seen=self.seen(),
            accept_older=self.given.accept_older,
        )
        self._say_slip(keys.archive)
        return keys

    def seen(self) -> Seen:
        """What this computer remembers of archives."""
        from fapfav.store.seen import Seen, state_folder

        return Seen(state_folder(os.environ))

    def _say_slip(self, archive: Archive) -> None:
        if archive.slip:
            self.console.warn(f"the recovery code had a slip: read {archive.slip}; correct yours")

    def work(self) -> Work:
        """The strings of a long job; use as a context manager around it."""
        console = self.console
        display = Bar(console.err) if console.is_terminal else Lines(console.warn)
        self._work = Work(display)
        return self._work

    def show(self, report: Result | Mapping[str, Any], lines: Iterable[str]) -> None:
        """The command's result, once."""
        value = report if isinstance(report, Mapping) else report.to_json()
        self.console.result(value, lines)

    def warn(self, warnings: Iterable[str]) -> None:
        """What went well, but not as one might think."""
        for warning in warnings:
            self.console.warn(f"warning: {warning}")

    def hint(self, command: str) -> str:
        """Another command, as this program's user types it."""
        program = self.program if self.program == "fapfav" else "process.py"
        return f"{program} {command}"

    def undo_line(self, change: int) -> str:
        """How to take a change back, or that there is none."""
        if not change:
            return "nothing changed"
        return f"change {change}; undo with: {self.hint(f'undo {change}')}"

    def guarded(self, command: Callable[[], object]) -> int:
        """Runs a command to its exit code; what goes wrong is said, never shown as a traceback."""
        try:
            code = command()
        except click.exceptions.Exit as leave:
            code = leave.exit_code
        except click.UsageError as error:
            return self._misused(error)
        except Failures as error:
            return self._paused() if self._was_asked() else self._failed(str(error), FAILED)
        except FapfavError as error:
            return self._failed(str(error), error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            return self._paused()
        except Exception as error:
            words = unexpected(error)
            if not self.given.debug:
                words += "; --debug shows where"
            return self._failed(words, FAILED)
        if self._was_asked():
            return self._paused()
        if self._command:
            self.console.say(f"THE END: success{self._time()}")
        self.console.flush()
        return code if isinstance(code, int) else 0

    def _was_asked(self) -> bool:
        return self._work is not None and self._work.was_asked

    def _misused(self, error: click.UsageError) -> int:
        message = error.format_message()
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            self.console.warn_block(message)
            return USAGE
        if error.ctx is not None:
            self.console.warn_block(error.ctx.get_usage())
            self.console.warn(f"`{error.ctx.command_path} --help` says more")
        return self._failed(message, USAGE)

    def _failed(self, message: str, code: int) -> int:
        if self.given.debug:
            self.console.warn_block(traceback.format_exc())
        self.console.warn(f"THE END: error: {message}{self._time()}")
        self.console.error(message, code)
        self.console.flush()
        return code

    def _paused(self) -> int:
        self.console.error(_PAUSED, INTERRUPTED)
        self.console.warn(f"{_PAUSED}{self._time()}")
        return INTERRUPTED

    def _time(self) -> str:
        return f" ({duration(self.clock() - self._began)})" if self._command else ""


def run(command: click.Command, program: str, arguments: list[str]) -> int:
    """Runs a program's command line to its exit code."""
    harden()
    given = passwords.take_from(os.environ)
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for a stream that is closed
    console = Console(sys.stdout or nowhere, sys.stderr or nowhere)
    console.as_json = "--json" in arguments  # for what is refused before options are known
    session = Session(console, program, Passwords(environment=given, ask=passwords.prompt()))
    try:
        code = session.guarded(
            lambda: command.main(arguments, prog_name=program, standalone_mode=False, obj=session)
        )
    except KeyboardInterrupt:  # once more, while it was being said
        code = INTERRUPTED
    # What comes now is the end of Python: there a Ctrl-C would only print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code
