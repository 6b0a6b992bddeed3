from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from fapfav.cli.stopping import Stopper
from tests.cli.running import ROOT


class Thing:
    """Something a finalizer can hang on."""


def test_the_first_ctrl_c_asks_and_the_second_interrupts() -> None:
    said: list[str] = []
    with Stopper(lambda: said.append("stopping")) as stopper:
        assert not stopper.stop()
        signal.raise_signal(signal.SIGINT)
        assert (stopper.stop(), stopper.stop()) == (True, True)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert said == ["stopping"]


@pytest.mark.parametrize("script", ["favorites.py", "process.py"])
def test_ctrl_c_while_python_still_imports_shows_no_traceback(script: str, tmp_path: Path) -> None:
    # Found before the real package: it presses Ctrl-C in the midst of the imports.
    (tmp_path / "click.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")

    done = subprocess.run(
        [sys.executable, str(ROOT / script), "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("module", ["favorites", "process", "main"])
def test_ctrl_c_while_python_ends_shows_no_traceback(module: str) -> None:
    program = (
        "import atexit, signal, sys\n"
        "atexit.register(signal.raise_signal, signal.SIGINT)\n"
        f"from fapfav.cli.{module} import main\n"
        "sys.argv = ['program', '--version']\n"
        "main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_while_the_end_is_being_said_shows_no_traceback() -> None:
    program = (
        "import signal, sys\n"
        "from fapfav.cli import session\n"
        "from fapfav.cli.main import main\n"
        "def interrupted(*_: object) -> int:\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    return 0\n"
        "session.Session._paused = interrupted\n"
        "session.Session.begin = interrupted\n"
        "sys.argv = ['program', 'stats']\n"
        "main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


def test_an_interrupt_within_a_finalizer_comes_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    things = [Thing()]
    reference = weakref.ref(things[0], lambda _: signal.raise_signal(signal.SIGINT))
    with Stopper(lambda: None):
        signal.raise_signal(signal.SIGINT)
        things.clear()  # the second Ctrl-C comes while this goes
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait(60)
    assert reference() is None
    assert "Traceback" not in capsys.readouterr().err


def test_ctrl_c_is_what_it_was_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stopper(lambda: None):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) is before
