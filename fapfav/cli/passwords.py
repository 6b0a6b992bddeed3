"""Where a password comes from: a file that was named, the environment, or a prompt.

It is never an argument of the command line, which every process of the computer can read.
"""

from __future__ import annotations

import getpass
import os
import stat
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from fapfav.errors import UsageError, WrongPassword
from fapfav.text import shown

VARIABLE = "FAPFAV_PASSWORD"
_LARGEST = 4096  # bytes; whoever names another file by mistake learns so at once

Ask = Callable[[str], str]


def take_from(environment: MutableMapping[str, str]) -> str | None:
    """The password in the environment, which from now on is not there for children to inherit."""
    return environment.pop(VARIABLE, None)


def prompt() -> Ask | None:
    """Asks at the terminal without an echo; None where nobody is at one."""
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    return lambda question: getpass.getpass(question, sys.stderr)


@dataclass(frozen=True, slots=True)
class Passwords:
    """What was given, and how to ask for what was not."""

    file: Path | None = None
    environment: str | None = field(default=None, repr=False)
    none: bool = False
    """A new archive is to have none."""
    ask: Ask | None = None

    def for_existing(self, path: Path, *, is_sealed: bool) -> str | None:
        """The password to open an archive with; asks once, and only if it is encrypted.

        One that was given goes along for a plain archive too, where it is an error. Raises
        UsageError for what was given wrongly, WrongPassword when there is nobody to ask.
        """
        if self.none:
            if is_sealed:
                raise UsageError(f"{path} is encrypted: leave --no-password out")
            return None
        given = self._given()
        if given is not None or not is_sealed:
            return given
        if self.ask is None:
            raise WrongPassword(
                f"{path} is encrypted and there is no terminal to ask for its password at: "
                f"give --password-file FILE, or set {VARIABLE}"
            )
        return self.ask(f"Password of {shown(str(path))}: ")

    def for_new(self, path: Path) -> str | None:
        """The password of an archive to be made, asked for twice; None for an open one.

        Raises UsageError when nobody can be asked, and for two different answers.
        """
        if self.none:
            return None
        given = self._given()
        if given is not None:
            return given
        if self.ask is None:
            raise UsageError(
                "a new archive takes a password and there is no terminal to ask for one at: give "
                f"--password-file FILE, set {VARIABLE}, or --no-password for one not encrypted"
            )
        first = self.ask(f"Password for the new archive {shown(str(path))} (Enter for none): ")
        if not first.strip():
            return None
        if self.ask("The same password again: ") != first:
            raise UsageError("the two passwords differ; no archive was made: start again")
        return first

    def for_new_key(self, question: str, file: Path | None = None) -> str:
        """A password that is to open an archive that there is: asked for twice, or from `file`.

        Never what was given to open it with, so that none comes to be another's by chance. Raises
        UsageError when nobody can be asked, for none, and for two different answers.
        """
        if file is not None:
            return read_password(file)
        if self.ask is None:
            raise UsageError(
                "a new password is asked for and there is no terminal to ask at: give "
                "--new-password-file FILE"
            )
        first = self.ask(f"{question}: ")
        if not first.strip():
            raise UsageError("no password was given; nothing was changed")
        if self.ask("The same password again: ") != first:
            raise UsageError("the two passwords differ; nothing was changed: start again")
        return first

    def _given(self) -> str | None:
        if self.file is not None:
            return read_password(self.file)
        if self.environment is None:
            return None
        if not self.environment.strip():
            raise UsageError(f"{VARIABLE} is set and empty: unset it, or put a password there")
        return self.environment


def read_password(file: Path) -> str:
    """The password in a file: UTF-8, less one newline at its end.

    Raises UsageError for a file that cannot be read, that others can read, or without a password.
    """
    try:
        with open(file, "rb") as opened:
            _refuse_open(file, os.fstat(opened.fileno()).st_mode)
            raw = opened.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"password file {file} cannot be read: {error.strerror}") from None
    if len(raw) > _LARGEST:
        raise UsageError(f"password file {file} is too long to hold only a password")
    try:
        password = raw.decode()
    except UnicodeDecodeError:
        raise UsageError(f"password file {file} is not UTF-8: save it as such") from None
    password = password.removesuffix("\n").removesuffix("\r")
    if not password.strip():
        raise UsageError(f"password file {file} is empty: write the password into it")
    return password


def _refuse_open(file: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UsageError(f"password file {file} is a folder: name a file")
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        raise UsageError(
            f"password file {file} can be read by others on this computer: chmod 600 {file}"
        )
