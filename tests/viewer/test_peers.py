from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.viewer.archives import copied
from tests.viewer.wire import Wire, wired
from viewer.peers import is_strangers

NOBODY = 65534
ASK = """
import os, socket, sys
port, cookie, user = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if user >= 0:
    os.setgid(user)
    os.setuid(user)
opened = socket.socket()
opened.settimeout(120)
opened.connect((b"127.0.0.1", port))
lines = ("GET /viewer/history/ HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: {cookie}", "", "")
for _ in range(2):  # the second time on a connection that is known
    opened.sendall(b"\\r\\n".join(line.encode("ascii") for line in lines))
    answer = b""
    while b"\\r\\n\\r\\n" not in answer:
        answer += opened.recv(65536) or sys.exit("it hung up")
    head, _, body = answer.partition(b"\\r\\n\\r\\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += opened.recv(65536) or sys.exit("it hung up")
    print(head[9:12].decode("ascii"), b"for the user who started it" in body)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose it is")


@pytest.fixture
def wire(made: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    with wired(copied(made[True], tmp_path / "archive"), sealed=True) as found:
        yield found


def asked_by(wire: Wire, user: int) -> str:
    """What a program of a user gets who has the cookie; -1 for our own."""
    words = [sys.executable, "-I", "-S", "-c", ASK, str(wire.port), wire.cookie, str(user)]
    return subprocess.run(words, capture_output=True, text=True, timeout=180, check=True).stdout


def test_a_program_of_ones_own_that_has_the_cookie_is_answered(wire: Wire) -> None:
    assert asked_by(wire, -1) == "200 False\n" * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a program of another user")
def test_a_program_of_another_user_is_refused_even_with_the_cookie(wire: Wire) -> None:
    assert asked_by(wire, NOBODY) == "403 True\n" * 2


@pytest.mark.parametrize("port", ["", "x", "1", "99999999"])
def test_where_nobody_can_tell_the_cookie_decides(port: str) -> None:
    assert not is_strangers(
        {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": port, "SERVER_PORT": "8000"}
    )
    assert not is_strangers({})
