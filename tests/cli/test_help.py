from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import get_args

import click
import pytest
from click.testing import CliRunner

from fapfav.cli.favorites import PREPARATIONS, favorites
from fapfav.cli.main import fapfav
from fapfav.cli.options import DEFAULT_DIRECTORY
from fapfav.cli.process import process
from tests.cli.running import ROOT, here

PROGRAMS = {"favorites.py": favorites, "process.py": process, "fapfav": fapfav}


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every verb below a group, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


VERBS = {
    f"{program}{path}": command
    for program in ("favorites.py", "process.py")
    for path, command in commands(PROGRAMS[program], "")
}


def spoken(text: str) -> str:
    """A help text without its line breaks."""
    return re.sub(r"\s+", " ", text)


def test_the_verbs_are_these() -> None:
    assert sorted(VERBS) == sorted(
        [
            *(f"favorites.py {v}" for v in ("read", "get", "audit", "retry", "list")),
            *(f"process.py {v}" for v in ("stats", "print", "export", "fingerprint", "log")),
            *(f"process.py {v}" for v in ("run", "undo", "compact", "backup", "restore")),
            *(f"process.py tag {v}" for v in ("add", "rename", "move", "merge", "remove")),
            *(f"process.py tag {v}" for v in ("apply", "clear", "list")),
            *(f"process.py duplicates {v}" for v in ("find", "list", "show", "verdict")),
            *(f"process.py duplicates {v}" for v in ("limits", "forget", "report")),
            *(f"process.py duplicates {v}" for v in ("plan", "apply", "undo")),
            *(f"process.py duplicates rules {v}" for v in ("list", "show", "set", "example")),
            *(f"process.py remove {v}" for v in ("user", "album", "picture")),
            *(f"process.py trash {v}" for v in ("list", "restore", "empty")),
            *(f"process.py key {v}" for v in ("list", "change", "add", "add-recovery", "remove")),
            *(f"process.py {v}" for v in ("encrypt", "decrypt", "verify", "repair")),
        ]
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_says_its_version_and_its_format(program: str) -> None:
    done = CliRunner().invoke(PROGRAMS[program], ["--version"])

    assert done.output == f"fapfav {version('fapfav')}, archives of format 1\n"
    assert done.exit_code == 0


def test_the_console_script_has_every_verb_of_both() -> None:
    assert set(fapfav.commands) == set(favorites.commands) | set(process.commands)


@pytest.mark.parametrize("verb", VERBS)
def test_the_table_of_commands_in_the_readme_has_every_verb(verb: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| `(?:\./)?{re.escape(verb)}[ `]", readme, re.MULTILINE)


def test_the_readme_has_no_verb_that_is_not_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(?:\./)?((?:favorites|process)\.py [^`]*)`", readme, re.MULTILINE)

    assert rows
    assert [row for row in rows if not row.startswith(tuple(VERBS))] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_its_options(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *words = verb.split()

    done = here(PROGRAMS[program], program, *words, "--help")

    assert done.code == 0
    command = VERBS[verb]
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [option.opts for option in options if not option.help] == []
    assert "{" not in capsys.readouterr().out


@pytest.mark.parametrize("group", PROGRAMS)
def test_the_list_of_verbs_cuts_no_explanation_short(group: str) -> None:
    waiting = [PROGRAMS[group]]
    while waiting:
        found = waiting.pop()
        waiting += [each for each in found.commands.values() if isinstance(each, click.Group)]
        listing = found.get_help(click.Context(found, terminal_width=80))
        cut = [
            line for line in listing.splitlines() if line.startswith("  ") and line[-3:] == "..."
        ]
        assert cut == []


def test_help_names_flags_defaults_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    from fapfav.duplicates.limits import LARGEST, REGULAR
    from fapfav.jobs.model_in_use import DEFAULT

    here(favorites, "favorites.py", "--help")
    here(favorites, "favorites.py", "read", "--help")
    here(process, "process.py", "duplicates", "limits", "--help")
    text = spoken(capsys.readouterr().out)

    assert "favorites.py read --local ~/Pictures" in text
    assert f"[default: $FAPFAV_DIR, else {DEFAULT_DIRECTORY}]" in text
    assert f"[default: the archive's, else {DEFAULT}]" in text
    assert f"[default: the archive's, else {PREPARATIONS[0]}]" in text
    assert f"percept={REGULAR.percept},average={REGULAR.average}" in text
    assert f"0 to {LARGEST} bits" in text
    for flag in ("-l, --local", "-d, -o, --dir, --output", "--force / --no-force", "--json"):
        assert flag in text


def test_the_help_of_get_says_that_it_is_simple_and_unsafe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here(favorites, "favorites.py", "get", "--help")
    text = spoken(capsys.readouterr().out)

    assert "simple and unsafe" in text
    assert "nothing is encrypted" in text
    assert "two folders written to one place clash" in text
    assert "Where the pictures are written" in text


@pytest.mark.parametrize("verb", ["get", "list"])
def test_what_only_an_archive_needs_is_not_shown_where_there_is_none(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here(favorites, "favorites.py", verb, "--help")
    text = capsys.readouterr().out

    assert "password" not in text
    assert "--accept-older" not in text
    assert ("--output" in text) == (verb == "get")


@pytest.mark.parametrize("verb", ["read", "get", "audit", "retry", "list"])
def test_every_verb_of_a_site_takes_the_same_flags(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here(favorites, "favorites.py", verb, "--help")
    text = capsys.readouterr().out

    for flag in ("-u, --user NAME", "-i, --id N", "--json", "--debug"):
        assert flag in text
    assert ("-f, --folder NAME|N" in text) == (verb in {"read", "get"})
    assert ("--force / --no-force" in text) == (verb in {"read", "audit"})


def test_the_preparations_offered_are_those_there_are() -> None:
    from fapfav.images.examine import Preparation

    assert get_args(Preparation) == PREPARATIONS


def test_a_program_without_a_verb_shows_its_help_as_wrong_usage() -> None:
    done = here(process, "process.py")

    assert done.code == 2
    assert "duplicates" in done.err


def test_the_command_line_does_not_wait_for_what_help_does_not_need() -> None:
    heavy = ["django", "onnxruntime", "onnx", "rich", "requests", "torch"]
    program = (
        f"import sys, fapfav.cli.main\nprint([name for name in {heavy} if name in sys.modules])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
