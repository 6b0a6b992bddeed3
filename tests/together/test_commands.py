"""Commands that use one archive at the same time, as people and the viewer start them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.cli.process import process
from fapfav.jobs import backup as backup_job
from fapfav.jobs import repair as repair_job
from fapfav.practice.site import Account, PracticeSite
from fapfav.store import opening
from tests.bad_input.test_disks import held
from tests.bad_input.trouble import OFF, digests, ended, kept, opened, started
from tests.cli.running import Home, Ran, here
from tests.cli.visiting import there
from tests.jobs.sites import ALICE, hills, shelf
from tests.support import PASSWORD, album, new_archive, read_folder

LOCAL, ON_SITE = 150, 40


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An encrypted archive of four pictures."""
    album(tmp_path / "first", 4, start=900)
    with new_archive(tmp_path / "archive") as made:
        read_folder(made, tmp_path / "first")
    return tmp_path / "archive"


@contextmanager
def site() -> Iterator[PracticeSite]:
    numbers = range(2000, 2000 + ON_SITE)
    account = Account(ALICE, "Alice", (shelf("1", "Lakes", numbers),))
    with PracticeSite([account], page_size=12) as running:
        yield running


def again_and_again(home: Home, archive: Path, beside: list[subprocess.Popen[bytes]]) -> list[Ran]:
    """Gives tags, verifies and looks as long as the others are at it, and once more."""
    with opened(archive, PASSWORD) as known:
        digest = min(known.blobs).hex()
    done = []
    where = ("-d", archive, "--json")
    go_on, count = True, 0
    while go_on:
        go_on = any(one.poll() is None for one in beside)
        count += 1
        rounds = (
            ("tag", "add", f"tag {count}"),
            ("tag", "apply", f"tag {count}", digest),
            ("verify",),
        )
        with_password = {"FAPFAV_PASSWORD": PASSWORD}
        running = [started(home, "process", *rounds[2], *where, **with_password)]
        done += [home.run("process", *words, *where, **with_password) for words in rounds[:2]]
        done += [ended(one) for one in running]
    return done


def test_two_reads_a_verify_and_tags_at_once_lose_nothing(
    home: Home, archive: Path, tmp_path: Path
) -> None:
    made = album(tmp_path / "hills", LOCAL)
    made += [hills(number) for number in range(2000, 2000 + ON_SITE)]
    given = ("-o", archive, *OFF, "--json")
    with site() as running:
        reads = [
            started(home, "favorites", *words, *given, FAPFAV_PASSWORD=PASSWORD, **there(running))
            for words in (("read", "-l", tmp_path / "hills"), ("read", "-u", "alice"))
        ]
        besides = again_and_again(home, archive, reads)
        done = [ended(one) for one in reads]

    assert [one.code for one in done] == [0, 0], [one.err for one in done]
    assert [one.object["saved"] for one in done] == [LOCAL, ON_SITE]
    assert {one.code for one in besides} == {0}, [one.out for one in besides if one.code]
    with opened(archive, PASSWORD) as found:
        (carried,) = [tagged.tags for tagged in found.tagged.records()]
        assert len(carried) == len(found.tags) == len(besides) // 3
    assert kept(archive, PASSWORD) >= digests(made)
    last = home.run("process", "verify", "-d", archive, FAPFAV_PASSWORD=PASSWORD)
    assert last.code == 0, last.out


@pytest.mark.parametrize(
    "words",
    [
        ("tag", "add", "Best"),
        ("remove", "album", "first"),
        ("undo",),
        ("trash", "restore"),
        ("trash", "empty", "--yes"),
        ("compact",),
        ("repair", "--apply"),
        ("backup",),
    ],
    ids=" ".join,
)
def test_a_command_that_waits_too_long_says_for_whom_and_ends(
    archive: Path, tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    with new_archive(plain, sealed=False) as made:
        read_folder(made, tmp_path / "first")
    (plain / "blobs" / "nobody").write_bytes(b"x")  # so that a repair has something to move
    before = {path: path.stat().st_size for path in plain.rglob("*") if path.name != "lock"}
    for call in (opening.open_archive, opening.open_unlocked):
        monkeypatch.setitem(call.__kwdefaults__ or {}, "lock_seconds", 0.1)
    monkeypatch.setattr(opening.open_unlocked, "__defaults__", (0.1,))
    monkeypatch.setattr(backup_job, "_LOCK_SECONDS", 0.1)
    monkeypatch.setattr(repair_job, "LOCK_SECONDS", 0.1)
    monkeypatch.setenv("HOME", str(tmp_path))
    more = (str(tmp_path / "copy"),) if words == ("backup",) else ()

    with held(plain) as holder:
        done = here(process, "process.py", *words, *more, "-d", str(plain))

    assert done.code == 3, (done.code, done.out, done.err)
    assert f"is in use by process {holder.pid} (tag apply) since " in done.err
    assert {p: p.stat().st_size for p in plain.rglob("*") if p.name != "lock"} == before


def test_who_is_stopped_while_it_holds_the_lock_is_waited_for_and_not_robbed(
    home: Home, archive: Path
) -> None:
    with held(archive) as holder:
        holder.send_signal(signal.SIGSTOP)
        waiting = started(
            home, "process", "tag", "add", "Best", "-d", archive, FAPFAV_PASSWORD=PASSWORD
        )
        looked = home.run("process", "stats", "-d", archive, FAPFAV_PASSWORD=PASSWORD)
        assert waiting.poll() is None
        holder.send_signal(signal.SIGCONT)
    assert (looked.code, ended(waiting).code) == (0, 0)
