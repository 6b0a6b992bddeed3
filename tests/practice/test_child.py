"""The practice site in a process of its own: how it starts, what it tells, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.practice.site import main, serve_in_child
from tests.practice.asking import PATIENCE, ask

PROGRAM = [sys.executable, "-m", "fapfav.practice.site"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Lakes").mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / "Lakes" / name).write_bytes(name.encode())
    return tmp_path


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_serves_a_folder_until_the_end_of_the_block(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    with serve_in_child(folder, page_size=2, prefix="/fap", troubles=["error"]) as child:
        assert child.pid != os.getpid()
        assert child.url.endswith("/fap")
        before = time.monotonic()
        path = "/showfavorites.php?userid=100001&page=1&folderid=20001"
        told = [ask(child.url, path) for _ in range(3)]
        assert [one.status for one in told] == [500, 500, 200]
        assert told[2].text.count('id="img-') == 1
        log = child.log()
        assert [(one.path, one.status) for one in log] == [
            (f"/fap{path}", one.status) for one in told
        ]
        assert before < log[0].started < time.monotonic()
        # When an answer ended is noted after it has left, which its reader may be ahead of.
        assert [one._replace(ended=0.0) for one in child.log()] == [
            one._replace(ended=0.0) for one in log
        ]

    assert not is_running(child.pid)


def test_a_child_ends_when_the_block_fails(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), serve_in_child(folder) as child:
        raise ZeroDivisionError

    assert not is_running(child.pid)


def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    for folder, troubles, said in (
        (nowhere, [], f"did not start: {nowhere} is no folder"),
        (tmp_path, ["rain"], r"did not start: .*invalid choice: 'rain'"),
    ):
        with pytest.raises(UsageError, match=said), serve_in_child(folder, troubles=troubles):
            raise AssertionError


@pytest.mark.parametrize("how", ["TERM", "INT", "end of input"])
def test_the_command_names_its_address_first_and_ends_cleanly(folder: Path, how: str) -> None:
    with subprocess.Popen(
        [*PROGRAM, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert ask(url, "/profile/practice").status == 200
        if how == "end of input":
            _, said = process.communicate(timeout=PATIENCE)
        else:
            process.send_signal(getattr(signal, f"SIG{how}"))
            process.wait(PATIENCE)
            _, said = process.communicate(timeout=PATIENCE)

    assert (process.returncode, said) == (0, b"")


def test_without_a_folder_practice_pictures_are_made_and_removed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serve_in_child() as child:
        text = ask(child.url, "/showfavorites.php?userid=100001&page=0").text
        assert ">Landscapes</a>" in text
        assert len(list(tmp_path.iterdir())) == 1

    assert list(tmp_path.iterdir()) == []


def test_wrong_options_are_refused_before_anything_is_served(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(SystemExit) as caught:
            main([str(folder), "--page-size", "0"])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert caught.value.code == 2
    assert "error: a page of the practice site" in capsys.readouterr().err
