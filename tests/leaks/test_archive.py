"""Nothing of an encrypted archive can be found on the disk, whatever was done with it."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.store.folder import Folder
from fapfav.store.keyring import open_keyring
from fapfav.store.lock import ArchiveLock
from tests.bad_input.trouble import OFF, ended, secret, started, until
from tests.leaks import world as names
from tests.leaks.canaries import noise
from tests.leaks.visiting import Guest, visiting
from tests.leaks.watching import Watch
from tests.leaks.world import (
    ALBUM,
    ALIKE,
    LOCAL,
    MEMBER,
    NEW_PASSWORD,
    PICTURE,
    TAG,
    THERE,
    World,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of every file")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with names.practising() as site:
        yield World(tmp_path, site)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[World]:
    with names.practising() as site:
        yield World(tmp_path, site, sealed=False)


def audit(world: World) -> None:
    """Finds that a picture is gone; where it was goes into the archive."""
    world.site.vanish(next(iter(THERE)))
    assert world.run("favorites", "audit", "-u", MEMBER, "--force").code == 0


def decide(world: World) -> None:
    """Tags pictures, and judges those that are alike."""
    assert world.run("process", "tag", "add", TAG).code == 0
    assert world.run("process", "tag", "apply", TAG, "--album", f"{LOCAL}/{ALBUM}").code == 0
    alike = [hashlib.sha256(raw).hexdigest() for raw in ALIKE.values()]
    listed = world.run("process", "duplicates", "list", "--json").object
    assert sorted(alike) in [group["members"] for group in listed]
    one, other = alike
    done = world.run("process", "duplicates", "verdict", f"{one}=keep", f"{other}=skip")
    assert done.code == 0, done.err


def change_keys(world: World) -> None:
    """Another password, and a code for when it is forgotten."""
    (world.top / "new").mkdir()
    new = secret(world.top / "new", NEW_PASSWORD)
    words = ("--new-password-file", new, "--label", names.LABEL)
    assert world.run("process", "key", "change", *words).code == 0
    world.password = new
    made = world.run("process", "key", "add-recovery", "--json")
    assert made.code == 0, made.err
    world.canaries.hide(made.object["code"], "password")
    world.canaries.hide(made.object["code"].replace("-", "").replace(" ", ""), "password")


def copy(world: World) -> None:
    """A backup, and an archive of it."""
    backup, restored = world.copies / "backup", world.copies / "restored"
    assert world.run("process", "backup", backup).code == 0
    assert world.run("process", "restore", backup, where=restored).code == 0
    assert world.run("process", "verify", where=restored).code == 0


def crash(world: World) -> None:
    """A read that is killed with pictures in hand."""
    for seed in range(40, 44):
        world.give(f"{PICTURE}-more{seed}.png", noise(seed))
    words = world.words("favorites", "read", "-l", world.pictures.parent, *OFF)
    blobs = world.archive / "blobs"
    before = set(os.listdir(blobs))
    with ArchiveLock(Folder(world.archive)).hold("read"):
        reading = started(world.home, *words, **world.environment)  # type: ignore[arg-type]
        try:
            # With their names or without: no row can be written of them.
            until(lambda: len(set(os.listdir(blobs)) - before) >= 4)
        finally:
            reading.send_signal(signal.SIGKILL)
            ended(reading)


def repair(world: World) -> None:
    """Thumbnails are made anew, pictures are taken from where they came from."""
    world.site.come_back(next(iter(THERE)))
    for thumbnail in (world.archive / "thumbs").iterdir():
        thumbnail.unlink()
    whole = [each for each in (world.archive / "blobs").iterdir() if ".new-" not in each.name]
    for blob in sorted(whole)[:6:2]:
        if blob.stat().st_size < 2**20:
            raw = blob.read_bytes()
            blob.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    assert world.run("process", "verify").code == 1
    local = world.pictures.parent
    assert world.run("process", "repair", "--apply", "--local", local).code == 0
    assert world.run("favorites", "read", "-l", local, *OFF).code == 0
    world.hide_inside(NEW_PASSWORD)


def look(world: World) -> None:
    """A viewer's session: pages, a slow reader, a job in a process of its own."""
    with open_keyring(world.archive, NEW_PASSWORD) as ring:
        large = next(b.digest for b in ring.archive.blobs.records() if b.size == len(names.LARGE))
    words = ("--dir", world.archive, "--password-file", world.password)
    with visiting(world.home, *words, **world.environment) as guest:
        assert guest.walk(40) > 20
        with guest.slowly(f"/viewer/blob/{large.hex()}/") as slow:
            assert guest.walk(10) == 10
            assert [each for each in guest.opened() if "memfd" in each or "deleted" in each] == []
            found = b""
            while part := slow.recv(65536):
                found += part
        assert found.endswith(names.LARGE[-1000:])
        _work(guest, world)
        guest.running.end()


def _work(guest: Guest, world: World) -> None:
    fields = (("form", "folder"), ("local", str(world.pictures)))
    status, _, body = guest.post("/viewer/jobs/", "/viewer/jobs/", *fields)
    assert status == 303, body
    until(lambda: "HX-Refresh" in guest.ask("/viewer/jobs/1/progress/")[1])
    assert b"failed" not in guest.ask("/viewer/jobs/1/")[2]


STEPS = (audit, decide, change_keys, copy, crash, repair, look)


def test_nothing_can_be_found_whatever_is_done(world: World) -> None:
    with Watch(world.watched) as watch:
        world.fill()
        assert world.left() == {}
        for step in STEPS:
            step(world)
            assert world.left() == {}, step
        assert world.run("process", "compact").code == 0
        ever = watch.files()

        assert world.left() == {}
        assert {path for path, raw in ever.items() if world.canaries.found(raw)} == set()
        told = {path for path in watch.names if world.canaries.found(os.fsencode(path.name))}
        assert told == set()
        assert {path.name for path in world.temporary.iterdir()} == set()
        assert {path for path in watch.names if world.temporary in path.parents} == watch.own
        assert unseen(watch) == set()
        assert not watch.overflowed
        assert len(ever) > 50


def unseen(watch: Watch) -> set[Path]:
    """Files that came and went before anybody looked; what was renamed since was looked at.

    All that is ever written to the one that tells the disk's time is a zero byte.
    """
    missed = {path for path in watch.missed() if not path.name.startswith("clock.new-")}
    return {
        path
        for path in missed
        if ".new-" not in path.name
        or path.with_name(path.name.partition(".new-")[0]) not in watch.names - missed
    }


def test_the_same_search_finds_all_of_it_where_nothing_is_encrypted(plain: World) -> None:
    with Watch(plain.watched) as watch:
        plain.fill()
        audit(plain)
        decide(plain)
        scratch = plain.temporary / "gone-at-once"
        scratch.write_bytes(b"x" * 100 + next(iter(THERE.values()))[2000:2016])
        watch.files()  # it was looked at by now
        scratch.unlink()
        ever = watch.files()

        assert plain.kinds() == {"name", "address", "digest", "md5", "picture", "thumbnail"}
        assert plain.canaries.found(ever[scratch]) == {"picture"}
        assert scratch in watch.names


def test_encrypting_writes_nothing_in_the_clear_and_leaves_nothing_of_what_was(
    plain: World,
) -> None:
    plain.fill()
    audit(plain)
    decide(plain)
    assert "thumbnail" in plain.kinds()
    with Watch(plain.watched) as watch:
        words = ("encrypt", "--yes", "--new-password-file", plain.password, "--json")
        done = plain.run("process", *words)
        assert done.code == 0, done.err
        plain.sealed = True
        plain.hide_inside()
        ever = watch.files()

        assert {path for path, raw in ever.items() if plain.canaries.found(raw)} == set()
        assert len(ever) > 2 * len(THERE)
        assert unseen(watch) == set()
    assert plain.left() == {}
