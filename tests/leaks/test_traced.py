"""The same asked of the system: every byte that a command writes to files, whatever they become."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_input.trouble import OFF
from tests.cli.running import LIMIT, command
from tests.leaks import world as names
from tests.leaks.world import World

_CALLS = "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,mmap,execve,memfd_create"
_OPTIONS = ("-ff", "-qq", "-y", "-v", "-xx", "-s", "4194304", "-e", "signal=none")
_WRITE = re.compile(r"p?writev?(?:64|2)?\(\d+<([^>]*)>, (.*)")
_OPEN = re.compile(r"(?:openat|open|creat|memfd_create)\(")
_HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")


def why_not() -> str:
    """Why nothing can be traced here, or nothing."""
    if shutil.which("strace") is None:
        return "there is no strace here: on Debian and Ubuntu, apt install strace"
    done = subprocess.run(["strace", "-f", "-qq", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "this system lets nobody trace a process"


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def raw(text: str) -> bytes:
    """What strace shows in hex, joined."""
    return b"".join(bytes.fromhex(each.replace("\\x", "")) for each in _HEX.findall(text))


class Traced:
    """A command, and what it asked of the system."""

    def __init__(self, world: World, folder: Path, *words: object) -> None:
        folder.mkdir()
        trace = ["strace", *_OPTIONS, "-e", f"trace={_CALLS}", "-o", str(folder / "trace")]
        script, *rest = world.words(*words)  # type: ignore[arg-type]
        done = subprocess.run(
            [*trace, *command(str(script), rest)],
            cwd=world.home.path,
            env=world.home.environment(**world.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=4 * LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self._lines = [
            line
            for file in sorted(folder.iterdir())
            for line in file.read_text(errors="replace").splitlines()
        ]

    def writes(self) -> Iterator[tuple[str, bytes]]:
        """Where, and what; pipes, terminals and sockets are no files."""
        for line in self._lines:
            if found := _WRITE.match(line):
                where = raw(found[1]).decode(errors="replace")
                is_device = where.startswith("/dev/") and not where.startswith("/dev/shm/")
                if where.startswith("/") and not is_device:
                    yield where, raw(found[2])

    def opened(self) -> Iterator[bytes]:
        """What was opened, or made in memory."""
        return (raw(line) for line in self._lines if _OPEN.match(line))

    def mapped(self) -> Iterator[bytes]:
        """The files that became memory."""
        return (raw(line) for line in self._lines if line.startswith("mmap"))

    def began(self) -> Iterator[bytes]:
        """The words and the environment of each program that was started."""
        return (raw(line) for line in self._lines if line.startswith("execve"))


def check(traced: Traced, world: World) -> int:
    """Asserts that nothing was written in the clear; returns how much was written at all."""
    written = list(traced.writes())
    assert {where for where, data in written if world.canaries.found(data)} == set()
    assert not any(bytes(world.temporary) in name for name in traced.opened())
    assert not any(bytes(world.archive) in name for name in traced.mapped())
    for program in traced.began():
        assert not world.canaries.found(program) & {"password", "key"}
    return sum(len(data) for _, data in written)


def test_no_byte_of_a_picture_or_a_name_is_ever_written(tmp_path: Path) -> None:
    with names.practising() as site:
        world = World(tmp_path, site)
        local = world.pictures.parent
        read = Traced(world, tmp_path / "one", "favorites", "read", "-l", local, *OFF)
        world.hide_inside()

        assert check(read, world) > len(names.LARGE)
        for number, words in enumerate((("verify",), ("tag", "add", names.TAG), ("compact",))):
            check(Traced(world, tmp_path / f"more{number}", "process", *words), world)


def test_the_trace_shows_what_is_written_in_the_clear(tmp_path: Path) -> None:
    with names.practising() as site:
        world = World(tmp_path, site, sealed=False)
        words = ("read", "-l", world.pictures.parent, *OFF, "--no-password")
        read = Traced(world, tmp_path / "one", "favorites", *words)
        found = {kind for _, data in read.writes() for kind in world.canaries.found(data)}

    assert found >= {"name", "picture", "digest"}
    assert any(bytes(world.archive) in name for name in read.opened())
    assert any(b"python" in name for name in read.mapped())
    assert any(b"HOME" in program for program in read.began())
