"""fapfav/cli/os_words.py: errors of the system in words, by themselves and at a command's end."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fapfav.cli.os_words import os_words, unexpected
from fapfav.cli.process import process
from tests.bad_input.trouble import refused
from tests.cli.running import here


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "a.json"), "Permission denied"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "a"), "it is a folder"),
        (ValueError("embedded null byte"), "embedded null byte"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_the_systems_words_have_no_number_and_no_path(error: Exception, words: str) -> None:
    assert os_words(error) == words


def test_what_nobody_expected_names_the_file_once() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied", "a.json")

    assert unexpected(denied) == "unexpected error: a.json: Permission denied"
    assert unexpected(OSError("odd")) == "unexpected error: OSError: odd"
    assert unexpected(OSError(errno.ENOSPC, "No space left on device")).startswith("there is no")


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.json", "No such file or directory"), ("folder", "it is a folder")],
)
def test_a_plan_that_cannot_be_read_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "folder").mkdir()
    path = str(tmp_path / name)

    done = here(process, "process.py", "duplicates", "apply", path)

    refused(done, 2, f"{path} cannot be read: {words}")
    assert "Errno" not in done.err
