"""fapfav/jobs/look_process.py: what processes are told, and what nobody takes for an answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from fapfav.jobs import look_process
from fapfav.jobs import look_wire as wire
from fapfav.jobs.library import Archive
from fapfav.jobs.look_process import COMMAND, LookProcesses
from fapfav.jobs.looks import materials
from fapfav.model import Judged, Label
from fapfav.store.keyring import open_keyring
from tests.cli.running import ROOT
from tests.jobs.looking import Here, archive_of_pictures, never, none_is_left, pairs, pictures
from tests.leaks.canaries import Canaries
from tests.leaks.world import keys_of
from tests.support import PASSWORD

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with archive_of_pictures(tmp_path) as made:
        yield made


@pytest.fixture
def here(archive: Archive) -> Here:
    return Here(archive)


@pytest.fixture(autouse=True)
def running() -> Iterator[Callable[[], list[int]]]:
    with none_is_left() as running:
        yield running


def test_only_pictures_go_to_a_process(archive: Archive, tmp_path: Path) -> None:
    secrets = Canaries(())
    secrets.hide(PASSWORD, "password")
    secrets.hide(str(archive.path), "path")
    for name in pictures():
        secrets.hide(name.partition(".")[0], "name")
    secrets.hide("private", "album")
    with open_keyring(archive.path, PASSWORD) as ring:
        for key in keys_of(ring):
            secrets.hide_key(key)
    said = tmp_path / "said"
    command = ["sh", "-c", 'tee "$0" | "$@"', str(said), *COMMAND]
    with LookProcesses(partial(materials, archive), never, command) as processes:
        for pair in pairs(archive):
            processes.judge(pair)

    raw = said.read_bytes()
    thumbnails = [archive.thumbnail(one) for one in archive.blobs]
    assert all(raw.count(one or b"?") == 1 for one in thumbnails)  # each is sent once
    assert secrets.found(raw) == frozenset()


def message(header: bytes, lengths: tuple[int, int] | None = None) -> bytes:
    return wire._LENGTHS.pack(*(lengths or (len(header), 0))) + header


SOUND = b'{"judged": ["same", 0.5, "", {}, 1]}'
NONSENSE = {
    "nothing": b"",
    "half": message(SOUND)[:-1],
    "text": b"Python 3.11.7 (main)\n" * 10,
    "long": message(SOUND, (1 << 31, 0)),
    "bytes": message(SOUND, (len(SOUND), 4)) + b"more",
    "no JSON": message(b"{"),
    "deep": message(b"[" * 10_000),
    "list": message(b"[1]"),
    "no answer": message(b"{}"),
    "short": message(b'{"judged": ["same"]}'),
    "label": message(SOUND.replace(b"same", b"sure")),
    "number": message(SOUND.replace(b"0.5", b"7.0")),
    "nan": message(SOUND.replace(b"0.5", b"NaN")),
    "reason": message(SOUND.replace(b'""', b"12")),
    "transform": message(SOUND.replace(b"{}", b'{"a": []}')),
    "version": message(SOUND.replace(b", 1]", b", 99]")),
    "stranger": message(b'{"need": "%s"}' % (b"0" * 64)),
    "no picture": message(b'{"need": 1}'),
}
STAYING = "sys.stdin.read()"
SAYING = "import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1])); sys.stdout.flush(); "


def saying(raw: bytes, then: str = STAYING) -> Sequence[str]:
    """A process that says so, whatever it is asked."""
    return [sys.executable, "-I", "-S", "-c", SAYING + then, raw.hex()]


@pytest.mark.parametrize("raw", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_that_makes_no_sense_is_none(archive: Archive, here: Here, raw: bytes) -> None:
    pair = pairs(archive)[0]
    then = "sys.exit()" if raw in (NONSENSE["nothing"], NONSENSE["half"]) else STAYING
    with LookProcesses(partial(materials, archive), here, saying(raw, then)) as processes:
        assert processes.judge(pair) == Here(archive)(pair)
    assert here.asked == 1


def test_an_answer_that_makes_sense_is_taken(archive: Archive) -> None:
    with LookProcesses(partial(materials, archive), never, saying(message(SOUND))) as processes:
        assert processes.judge(pairs(archive)[0]) == Judged(Label.SAME, 0.5, "", {}, 1)


def test_who_needs_more_and_more_is_not_listened_to(archive: Archive, here: Here) -> None:
    pair = pairs(archive)[0]
    raw = wire.needing(pair.first) * 1000
    with LookProcesses(partial(materials, archive), here, saying(raw)) as processes:
        processes.judge(pair)
    assert here.asked == 1


def test_who_says_nothing_in_time_is_ended(
    archive: Archive, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_process, "_PATIENCE", 0.0)
    with LookProcesses(partial(materials, archive), here, saying(b"")) as processes:
        processes.judge(pairs(archive)[0])
    assert here.asked == 1


def test_what_cannot_be_started_is_done_here(archive: Archive, here: Here) -> None:
    some = pairs(archive)[:6]
    with LookProcesses(partial(materials, archive), here, ["/nowhere/python"]) as processes:
        assert [processes.judge(pair) for pair in some] == [Here(archive)(pair) for pair in some]
    assert here.asked == len(some)


def test_who_does_not_end_is_ended(
    archive: Archive, here: Here, monkeypatch: pytest.MonkeyPatch, running: Callable[[], list[int]]
) -> None:
    monkeypatch.setattr(look_process, "_GRACE", 0.0)
    endless = saying(message(SOUND), "import signal; signal.pause()")
    with LookProcesses(partial(materials, archive), here, endless) as processes:
        processes.judge(pairs(archive)[0])
        assert len(running()) == 1


def test_a_process_imports_neither_store_nor_library() -> None:
    program = "import sys, fapfav.looker; print(*sys.modules)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert "fapfav.relation.judge" in loaded
    assert not {"fapfav.store", "fapfav.sources", "fapfav.jobs.library", "cryptography"} & {*loaded}
