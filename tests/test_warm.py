"""A fork is what a script is that starts anew: see `warm`."""

from __future__ import annotations

import os
import pty
import signal
from pathlib import Path

import pytest

from tests import warm
from tests.cli.running import Home

pytestmark = pytest.mark.skipif(not warm.CAN, reason="this system has no pidfd_open")

LOOK = """
import os, sys, threading
print(sys.argv, sys.path[0], os.getcwd(), sorted(os.environ), os.environ["HOME"], __name__)
print([os.isatty(fd) for fd in range(3)], sys.stdout.line_buffering, sys.stderr.line_buffering)
print([(s.encoding, s.errors, s.closed) for s in (sys.stdin, sys.stdout, sys.stderr)])
print(sys.stdin.read(), sorted(os.listdir("/proc/self/fd"))[:3], file=sys.stderr)
threading.Thread(target=lambda: print("a thread's")).start()
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def both(words: list[str], home: Home) -> list[tuple[int, bytes, bytes]]:
    environment = home.environment()
    assert warm.fits(environment)
    return [
        warm.run(words, folder=home.path, environment=environment, anew=anew)
        for anew in (False, True)
    ]


def test_a_script_finds_what_it_finds_after_starting_anew(home: Home) -> None:
    fork, anew = both(["-c", LOOK, "7", "a b"], home)

    assert fork == anew
    assert fork[0] == 7
    assert b"a thread's" in fork[1]


@pytest.mark.parametrize("script", ["favorites", "process", "fapfav"])
@pytest.mark.parametrize("words", [["--help"], ["no-such-verb"], ["undo", "--dir", "nowhere"]])
def test_scripts_say_the_same(home: Home, script: str, words: list[str]) -> None:
    fork, anew = home.run(script, *words), home.run_anew(script, *words)

    assert (fork.code, fork.out) == (anew.code, anew.out)
    assert fork.err.partition(" s)")[0][:40] == anew.err.partition(" s)")[0][:40]


def test_a_module_is_run_as_its_own_program(home: Home) -> None:
    fork, anew = both(["-m", "json.tool", "nothing"], home)

    assert fork[0] == anew[0] != 0
    assert b"nothing" in fork[2]


def test_a_signal_that_ends_it_is_its_exit_code(home: Home) -> None:
    ends = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert both(["-c", ends], home) == [(-signal.SIGKILL, b"", b"")] * 2


def test_what_hangs_is_killed(home: Home) -> None:
    with pytest.raises(TimeoutError):
        warm.run(["-c", "import signal; signal.pause()"], limit=0)


def test_an_environment_that_a_start_looks_at_starts_anew(home: Home) -> None:
    given = home.environment(LC_ALL="C", PYTHONUTF8="0")

    assert not warm.fits(given)
    code, out, _ = warm.run(["-c", "import sys; print(sys.flags.utf8_mode)"], environment=given)
    assert (code, out) == (0, b"0\n")


def test_several_run_at_once_and_one_of_them_has_a_terminal(home: Home) -> None:
    ours, theirs = pty.openpty()
    asks = "import os; print(input('? '), os.isatty(0), os.tcgetpgrp(0) == os.getpid())"
    asking = warm.start(
        ["-c", asks],
        folder=home.path,
        environment=home.environment(),
        files=[theirs] * 3,
        terminal=True,
    )
    os.close(theirs)
    meanwhile = both(["-c", "print('meanwhile')"], home)
    os.write(ours, b"yes\n")

    assert asking.wait() == 0
    said = os.read(ours, 4096).decode()
    os.close(ours)
    assert meanwhile == [(0, b"meanwhile\n", b"")] * 2
    assert said.split() == ["?", "yes", "yes", "True", "True"]
