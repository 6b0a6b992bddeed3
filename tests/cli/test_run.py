from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import pytest

from fapfav.cli.run_verb import has_display
from tests.cli.running import LIMIT, Home, Terminal, command
from tests.support import PASSWORD, new_archive

_LINK = re.compile(rb"http://127\.0\.0\.1:(\d+)(/viewer/\?code=[\w-]+)")


class Running:
    """The viewer in a process of its own, until the end of the block."""

    def __init__(self, home: Home, *arguments: object, **environment: str) -> None:
        words = command("process", ["run", "--port", 0, *arguments])
        self.process = subprocess.Popen(
            words,
            cwd=home.path,
            env=home.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.out = b""
        self._wait(_LINK)
        found = _LINK.search(self.out)
        assert found
        self.port, self.link = int(found[1]), found[2].decode()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def _wait(self, pattern: re.Pattern[bytes]) -> None:
        stream: IO[bytes] | None = self.process.stdout
        assert stream
        while not pattern.search(self.out):
            line = stream.readline()
            assert line, (self.out, self.process.communicate())
            self.out += line

    def get(self, path: str, cookie: str = "") -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return found

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Exit code and all that was written."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, (self.out + out).decode(), err.decode()


@pytest.fixture
def sealed(home: Home) -> Path:
    where = home.path / "sealed"
    new_archive(where).close()
    return where


def test_it_prints_a_link_that_lets_in_and_ends_in_words_on_ctrl_c(filled: Home) -> None:
    with Running(filled, "--no-open") as run:
        assert run.get("/viewer/")[0] == 403
        status, headers, _ = run.get("/")
        assert (status, headers["Location"]) == (303, "/viewer/")
        status, headers, _ = run.get(run.link)
        assert (status, headers["Location"]) == (303, "/viewer/")
        assert run.get("/viewer/history/", headers["Set-Cookie"].split(";")[0])[0] == 200

        code, out, err = run.end()

    assert code == 0
    assert "the viewer was stopped" in out
    assert "THE END: success" in out
    assert err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_hangs_on_it_keeps_it_no_longer(filled: Home, number: signal.Signals) -> None:
    with Running(filled, "--no-open") as run:
        idle = [socket.create_connection(("127.0.0.1", run.port)) for _ in range(5)]
        for each in idle[:3]:
            each.sendall(b"GET /viewer/ HTTP/1.1\r\nHost: 127")
        began = time.monotonic()
        code, _, err = run.end(number)
        took = time.monotonic() - began
        for each in idle:
            each.close()

    assert (code, err) == (0, "")
    # A second on an idle computer. Who waited for them would wait for as long as the server lets
    # anybody be silent, which is two minutes.
    assert took < 60


def test_without_a_terminal_an_encrypted_archive_is_served_locked(home: Home, sealed: Path) -> None:
    with Running(home, "--dir", sealed, "--no-open") as run:
        status, _, text = run.get(run.link)
        assert status == 423
        assert "its password opens it" in text
        code, out, _ = run.end()

    assert code == 0
    assert "locked: the page asks for the password" in out


def test_a_password_that_was_given_opens_it(home: Home, sealed: Path) -> None:
    with Running(home, "--dir", sealed, "--no-open", FAPFAV_PASSWORD=PASSWORD) as run:
        assert run.get(run.link)[0] == 303


def test_at_a_terminal_the_password_is_asked_for_once(home: Home, sealed: Path) -> None:
    terminal = Terminal(home, "process", "run", "--dir", sealed, "--port", 0, "--no-open")
    terminal.expect("Password of .*: ")
    terminal.type(PASSWORD)
    terminal.expect(r"open http://127\.0\.0\.1:\d+/viewer/\?code=")
    terminal.interrupt()
    code, text = terminal.end()

    assert code == 0
    assert "the viewer was stopped" in text
    assert "Password" not in text


def test_as_json_it_prints_one_object(filled: Home) -> None:
    words = command("process", ["run", "--port", 0, "--no-open", "--json"])
    with subprocess.Popen(
        words, env=filled.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        out = b""
        while not out.rstrip().endswith(b"}"):
            line = process.stdout.readline()
            assert line, out
            out += line
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=LIMIT)

    found = json.loads(out + rest)
    assert found["url"] == f"http://127.0.0.1:{found['port']}/viewer/"
    assert found["link"].startswith(found["url"])
    assert not found["locked"]


# What does not start


def test_a_second_viewer_of_an_archive_says_where_the_first_is(filled: Home) -> None:
    with Running(filled, "--no-open") as first:
        done = filled.run("process", "run", "--port", 0, "--no-open")

        assert done.code == 3
        assert f"http://127.0.0.1:{first.port}/viewer/" in done.err
        assert first.get("/viewer/")[0] == 403
    # Killed, it holds nothing.
    with Running(filled, "--no-open") as again:
        assert again.end()[0] == 0


def test_a_port_in_use_is_said_before_a_password_is_asked_for(home: Home, sealed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = home.run("process", "run", "--dir", sealed, "--port", port, "--no-open")

    assert done.code == 2
    assert f"port {port} cannot be had" in done.err
    assert "--port" in done.err


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5"])
def test_a_port_that_is_none_is_wrong_usage(filled: Home, port: str) -> None:
    assert filled.run("process", "run", "--port", port, "--no-open").code == 2


def test_a_missing_archive_and_a_wrong_password_are_errors_of_archives(
    home: Home, sealed: Path
) -> None:
    missing = home.run("process", "run", "--dir", home.path / "none", "--no-open")
    wrong = home.run(
        "process", "run", "--dir", sealed, "--port", 0, "--no-open", FAPFAV_PASSWORD="guess"
    )

    assert (missing.code, wrong.code) == (3, 3)
    assert "there is no archive" in missing.err
    assert "wrong password" in wrong.err
    for done in (missing, wrong):
        assert "Traceback" not in done.err
        assert "http://" not in done.out


# The browser


@pytest.mark.parametrize(
    ("environ", "platform", "has"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
    ],
)
def test_a_browser_needs_a_screen(environ: dict[str, str], platform: str, has: bool) -> None:
    assert has_display(environ, platform) == has


def test_it_opens_the_browser_with_a_link_for_one_visit(filled: Home, tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    browser.chmod(0o700)

    with Running(filled, BROWSER=f"{browser} %s", DISPLAY=":99") as run:
        opened = told.read_text().strip()
        path = opened.removeprefix(f"http://127.0.0.1:{run.port}")
        assert path.startswith("/viewer/?code=")
        assert path != run.link
        assert run.get(path)[0] == 303
        assert run.get(path)[0] == 403
        assert run.get(run.link)[0] == 303


# While the code changes


def test_in_development_it_starts_again_when_the_code_changes(filled: Home, tmp_path: Path) -> None:
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    script = tmp_path / "start.py"
    script.write_text("import extra\nfrom fapfav.cli.process import main\nmain()\n")
    words = [sys.executable, str(script), "run", "--port", "0", "--development"]
    with subprocess.Popen(
        words, env=filled.environment(), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout
        fd, said, ends = process.stdout.fileno(), b"", time.monotonic() + LIMIT
        try:
            while len(set(_LINK.findall(said))) < 2:
                assert time.monotonic() < ends, said
                if not select.select([fd], [], [], 0.5)[0]:
                    # Noticed once the reloader has looked at the file before.
                    later = time.time() + time.monotonic()
                    os.utime(tmp_path / "extra.py", (later, later))
                    continue
                part = os.read(fd, 65536)
                assert part, said
                said += part
        finally:
            os.killpg(process.pid, signal.SIGKILL)
