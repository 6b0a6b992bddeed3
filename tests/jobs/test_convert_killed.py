"""Encrypting and decrypting beside another process, and killed at every place on the disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fapfav.jobs import convert
from fapfav.store import converting, opening
from tests.jobs.converted import (
    PICTURES,
    decrypt,
    encrypt,
    filled,
    is_plain_throughout,
    is_sealed_throughout,
    opened,
    rows,
    whole,
)
from tests.store.killing import kills
from tests.support import CHEAP, PASSWORD, album

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return filled(tmp_path, sealed=False).path


READER = """
import sys
from pathlib import Path
from fapfav.jobs.library import open_archive
from fapfav.store import opening
from tests.jobs.converted import whole
from tests.support import PASSWORD, read_folder
archive = open_archive(Path(sys.argv[1]), PASSWORD)
for line in sys.stdin:
    archive.refresh()
    count = whole(archive)
    if line.strip():
        count += read_folder(archive, Path(line.strip())).saved
    print(count, flush=True)
"""


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
def test_another_process_reads_and_adds_meanwhile(
    plain: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(converting, "BATCH", 1)
    for number in range(3):
        album(plain.parent / f"more-{number}", 1, start=100 + number)
    if verb == "decrypt":
        encrypt(plain)
    other: subprocess.Popen[str] | None = None
    counts: list[int] = []

    def look() -> bool:
        nonlocal other
        if other is None:
            command = [sys.executable, "-c", READER, str(plain)]
            pipe = subprocess.PIPE
            other = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert other.stdin
        assert other.stdout
        adds = f"{plain.parent}/more-{len(counts)}" if len(counts) < 3 else ""
        other.stdin.write(f"{adds}\n")
        other.stdin.flush()
        counts.append(int(other.stdout.readline()))
        return False

    with opened(plain) as archive:
        if verb == "encrypt":
            report = convert.encrypt(archive, PASSWORD, cost=CHEAP, stop=look)
        else:
            report = convert.decrypt(archive, stop=look)
    assert other is not None
    other.communicate()

    assert report.finished
    assert counts[:3] == [PICTURES + 1, PICTURES + 2, PICTURES + 3]
    assert len(counts) > 2 * PICTURES
    assert whole(opened(plain)) == PICTURES + 3
    if verb == "encrypt":
        assert is_sealed_throughout(plain, plain.parent / "pictures")
        assert is_sealed_throughout(plain, plain.parent / "more-1")
    else:
        assert is_plain_throughout(plain)


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
def test_killed_at_every_place_nothing_is_lost_and_it_goes_on_or_back(
    plain: Path, tmp_path: Path, verb: str
) -> None:
    if verb == "decrypt":
        encrypt(plain)
    before = rows(opened(plain))

    killed = kills(f"tests.jobs.converted:{verb}", plain, tmp_path / "killed")

    assert len(killed) > 30
    for count, path in enumerate(killed.values()):
        with opened(path) as archive:
            assert rows(archive) == before
            assert whole(archive) == PICTURES
        back = count % 2 == 1 and opening.is_sealed(path)
        to_sealed = (verb == "encrypt") is not back
        if to_sealed or opening.is_sealed(path):
            with opened(path) as archive:
                if not to_sealed or not archive.sealed or convert.under_way(archive):
                    assert (encrypt if to_sealed else decrypt)(path).finished
        if to_sealed:
            assert is_sealed_throughout(path, tmp_path / "pictures")
        else:
            assert is_plain_throughout(path)
        with opened(path) as archive:
            assert archive.sealed is to_sealed
            assert rows(archive) == before
            assert whole(archive) == PICTURES
