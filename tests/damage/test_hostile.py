"""Hostile archives through the commands people use: an answer of ours, soon, in little memory."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.damage.attacks import REFUSED, SHOWN
from tests.damage.bounded import Bounded, bounded
from tests.store.archives import PASSWORD, add_pictures, database, make

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
OPENING = (("stats",), ("verify",), ("repair", "--apply", "--no-fetch"), ("compact",))
KEYS = (("key", "list"), ("decrypt", "--yes"))
"""Of a plain archive `key` is refused for another reason, and `encrypt` would take a new cost."""


@pytest.fixture(scope="module", params=["plain", "sealed"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two pictures, only copied; its name says whether it is sealed."""
    path = tmp_path_factory.mktemp("whole") / str(request.param)
    add_pictures(make(path, request.param == "sealed"), 1, 2)
    return path


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bounded]:
    home = tmp_path_factory.mktemp("home")
    with bounded(home) as one:
        yield one


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secret") / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    file.chmod(0o600)
    return file


def run(shell: Bounded, path: Path, secret: Path, *verb: str) -> tuple[int, str]:
    """A verb on an archive, with its password if it has one."""
    password = ("--password-file", secret) if path.name == "sealed" else ()
    return shell.run("process", *verb, "-d", path, "--accept-older", *password)


def in_order(code: int, text: str, *codes: int) -> None:
    assert code in codes, (code, text)
    assert "Traceback" not in text
    assert "unexpected error" not in text
    assert code == 0 or "error: " in text


def every(names: Iterable[str]) -> list[tuple[str, str]]:
    """All for a plain archive, and every fourth for a sealed one: what is inside is read alike."""
    names = list(names)
    return [("plain", name) for name in names] + [("sealed", name) for name in names[::4]]


@pytest.mark.parametrize(("whole", "name"), every(REFUSED), indirect=["whole"])
def test_every_command_refuses_it_in_order(
    tmp_path: Path, whole: Path, shell: Bounded, secret: Path, name: str
) -> None:
    path = Path(shutil.copytree(whole, tmp_path / whole.name))
    REFUSED[name](path, whole.name == "sealed")
    for verb in (*OPENING, *KEYS[: whole.name == "sealed" and 2]):
        code, text = run(shell, path, secret, *verb)
        if verb == ("stats",):
            in_order(code, text, 3)
        elif verb[0] == "verify":
            in_order(code, text, 1, 3)
        else:
            in_order(code, text, 0, 1, 3)
        if "--apply" in verb and code == 0:
            assert run(shell, path, secret, "stats")[0] == 0
            return


@pytest.mark.parametrize(("whole", "name"), every(SHOWN), indirect=["whole"])
def test_every_command_answers_in_order(
    tmp_path: Path, whole: Path, shell: Bounded, secret: Path, name: str
) -> None:
    path = Path(shutil.copytree(whole, tmp_path / whole.name))
    SHOWN[name](path, whole.name == "sealed")
    for verb in (("stats",), ("verify",), ("log",), ("undo", "7"), ("duplicates", "list")):
        in_order(*run(shell, path, secret, *verb), 0, 1, 2, 3)
    if name != "a hole":
        in_order(*run(shell, path, secret, "repair", "--apply", "--no-fetch"), 0, 1, 3)
        in_order(*run(shell, path, secret, "compact"), 0, 3)


@pytest.mark.parametrize(
    "name", ["a change: memo", "a change: tuples", "costs of terabytes", "zstd bomb", "a hole",
             "a hole and a change", "header of text", "table: lists"]
)  # fmt: skip
def test_a_backup_and_a_restore_of_it_hold(
    tmp_path: Path, whole: Path, shell: Bounded, secret: Path, name: str
) -> None:
    source = Path(shutil.copytree(whole, tmp_path / whole.name))
    target = tmp_path / "backup"
    assert run(shell, source, secret, "backup", str(target))[0] == 0
    good = database(target).read_bytes()
    attack = (REFUSED | SHOWN)[name]
    attack(source, whole.name == "sealed")
    in_order(*run(shell, source, secret, "backup", str(target)), 0, 1, 2, 3)
    # Contents are not looked at: with no key there are none. What stood there is kept.
    kept = [database(target), *(target / "databases").iterdir()]
    assert good in [file.read_bytes() for file in kept]
    if name == "a hole":  # what counts of it is copied, and not the terabyte behind it
        assert database(target).read_bytes() == good
    elif "hole" not in name:
        shutil.copy(database(source), database(target))
    new = tmp_path / "new" / whole.name
    new.parent.mkdir()
    in_order(*run(shell, new, secret, "restore", str(target)), 0, 1, 3)
    in_order(*run(shell, source, secret, "restore", str(target), "--list"), 0, 1, 3)


def test_a_backups_list_of_a_terabyte_is_read_over(
    tmp_path: Path, whole: Path, shell: Bounded, secret: Path
) -> None:
    target = tmp_path / "backup"
    assert run(shell, whole, secret, "backup", str(target))[0] == 0
    with (target / "backup.list").open("r+b") as file:
        file.seek(0, 2)
        file.write(b"0" * 64 + b"  blobs/" + b"x" * 3_000_000)
        file.truncate(file.tell() + 300_000_000)

    in_order(*run(shell, whole, secret, "backup", str(target)), 0)
    new = tmp_path / "new" / whole.name
    new.parent.mkdir()
    in_order(*run(shell, new, secret, "restore", str(target)), 0)


def a_link(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def a_pipe(place: Path, outside: Path) -> None:
    os.mkfifo(place)


def a_device(place: Path, outside: Path) -> None:
    try:
        os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # zeros without an end
    except OSError:
        pytest.skip("devices cannot be made here")


def a_second_name(place: Path, outside: Path) -> None:
    os.link(outside, place)


def a_folder(place: Path, outside: Path) -> None:
    place.mkdir()


PLANTS = (a_link, a_pipe, a_device, a_second_name, a_folder)
Plant = Callable[[Path, Path], None]


@pytest.mark.parametrize("whole", ["plain"], indirect=True)
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize(
    "place", ["blobs", "thumbs", "trash", "trash/blobs", "quarantine", "database", "lock",
              "tag_export", "picture", "backup.list"]
)  # fmt: skip
def test_what_is_planted_in_an_archive_is_not_followed(
    tmp_path: Path, whole: Path, shell: Bounded, secret: Path, place: str, plant: Plant
) -> None:
    path = Path(shutil.copytree(whole, tmp_path / whole.name))
    outside = tmp_path / "outside"
    outside.write_bytes(b"somebody's own\n" * 100)
    before = outside.read_bytes()
    there = database(path) if place == "database" else path / place
    if place == "picture":
        there = next((path / "blobs").iterdir())
    if there.is_dir():
        there.rename(tmp_path / "away")
    else:
        there.unlink(missing_ok=True)
    plant(there, outside)

    verbs: list[tuple[str, ...]] = [("verify",), ("repair", "--apply", "--no-fetch")]
    verbs += [("export", "--all"), ("backup", str(tmp_path / "backup"))]
    if place in ("database", "lock", "trash"):
        verbs += [("tag", "add", "Hills"), ("trash", "empty", "--yes")]
    for verb in verbs:
        in_order(*run(shell, path, secret, *verb), 0, 1, 2, 3)

    assert outside.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir() if file.name != "backup") == sorted(
        {"outside", path.name, *(["away"] if (tmp_path / "away").exists() else [])}
    )
