from __future__ import annotations

import io
import os
import subprocess
import sys

import click
import pytest

from fapfav.cli.console import Console
from fapfav.cli.process import process
from fapfav.cli.session import Given, Session
from fapfav.errors import DamagedArchive
from tests.cli.running import Home, command, here


def session() -> tuple[Session, io.StringIO, io.StringIO]:
    """A session that writes into memory."""
    out, err = io.StringIO(), io.StringIO()
    return Session(Console(out, err), "process.py"), out, err


def failing(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DamagedArchive("page 3 is torn"), 3, "THE END: error: page 3 is torn"),
        (KeyboardInterrupt(), 130, "premature end? user paused?"),
        (click.Abort(), 130, "premature end? user paused?"),
        (ValueError("odd"), 1, "unexpected error: ValueError: odd; --debug shows where"),
        (click.UsageError("no such thing"), 2, "THE END: error: no such thing"),
    ],
)
def test_an_error_is_a_line_and_an_exit_code(error: BaseException, code: int, message: str) -> None:
    running, _, err = session()

    assert running.guarded(lambda: failing(error)) == code
    assert message in err.getvalue()
    assert "Traceback" not in err.getvalue()


def test_debug_shows_where_an_error_comes_from() -> None:
    running, _, err = session()
    running.given = Given(running.given.directory, debug=True)

    running.guarded(lambda: failing(ValueError("odd")))

    assert "Traceback" in err.getvalue()
    assert "in failing" in err.getvalue()


def test_an_error_after_the_result_adds_no_second_object() -> None:
    running, out, _ = session()
    running.console.as_json = True
    running.show({"saved": 1}, ["saved: 1"])

    running.console.error("three failed", 1)

    assert out.getvalue() == '{\n  "saved": 1\n}\n'


def test_a_reader_who_leaves_early_does_not_stop_the_work(filled: Home) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("process", ["tag", "add", "Beach"]),
        env=filled.environment(),
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)

    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert "Beach" in filled.run("process", "tag", "list").out


def test_a_closed_standard_output_does_not_stop_the_work(filled: Home) -> None:
    words = " ".join(command("process", ["tag", "add", "Beach"]))
    done = subprocess.run(
        ["sh", "-c", f"{words} >&-"], env=filled.environment(), capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "Beach" in filled.run("process", "tag", "list").out


def test_a_command_cannot_dump_its_memory() -> None:
    program = (
        "import ctypes, resource, sys\n"
        "from fapfav.jobs.hardening import harden\n"
        "harden()\n"
        "dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == 'linux' else 0\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), dumpable)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "(0, 0) 0"


def test_importing_the_command_line_hardens_nothing() -> None:
    program = (
        "import resource, fapfav.cli.main, fapfav.jobs.hardening\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    plain = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"

    limits = [
        subprocess.run([sys.executable, "-c", each], capture_output=True, check=True).stdout
        for each in (program, plain)
    ]

    assert limits[0] == limits[1]


def test_an_unknown_verb_touches_nothing(home: Home) -> None:
    done = home.run("favorites", "fetch", "--user", "somebody")

    assert done.code == 2
    assert "No such command 'fetch'" in done.err
    assert list(home.path.iterdir()) == []


def test_a_wrong_option_shows_how_it_is_used() -> None:
    done = here(process, "process.py", "stats", "--nothing")

    assert done.code == 2
    assert "Usage: process.py stats [OPTIONS]" in done.err
    assert "`process.py stats --help` says more" in done.err
