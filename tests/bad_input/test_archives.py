"""Passwords that do not fit, and databases that are none, are newer, damaged or cut short."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fapfav.errors import FapfavError
from fapfav.jobs.library import Archive
from fapfav.store import opening
from tests.bad_input.trouble import OFF, digests, kept, opened, refused, secret
from tests.cli.running import Home
from tests.support import PASSWORD, album, encoded, landscape

DATABASE = "imagefap.database"
HEADERS = 16_384
"""Bytes of the headers, of which there are two each; the log follows."""


@pytest.fixture
def spoilt(sealed: Path) -> Path:
    """An archive whose database a test is about to spoil."""
    return sealed


def flip(file: Path, *offsets: int) -> None:
    """Turns a bit of these bytes over."""
    raw = bytearray(file.read_bytes())
    for offset in offsets:
        raw[offset] ^= 1
    file.write_bytes(raw)


@pytest.mark.parametrize("verb", [("process", "stats"), ("process", "tag", "add", "Hills")])
def test_a_wrong_password_opens_nothing(home: Home, sealed: Path, verb: tuple[str, ...]) -> None:
    before = (sealed / DATABASE).read_bytes()

    done = home.run(*verb, "-d", sealed, FAPFAV_PASSWORD="wrong horse")

    refused(done, 3, f"{sealed}: wrong password; try again")
    assert "wrong horse" not in done.out + done.err
    assert (sealed / DATABASE).read_bytes() == before


def test_a_read_with_a_wrong_password_writes_nothing(
    home: Home, sealed: Path, filled: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed.rglob("*")}

    done = home.run("favorites", "read", "-l", filled, "-o", sealed, FAPFAV_PASSWORD="no horse")

    refused(done, 3, "wrong password")
    assert {path: path.stat().st_mtime_ns for path in sealed.rglob("*")} == before


def test_a_password_for_an_archive_without_one_is_refused(
    home: Home, plain: Path, filled: Path
) -> None:
    file = secret(home.path)

    done = home.run("favorites", "read", "-l", filled, "-o", plain, "--password-file", file)

    refused(done, 3, f"{plain} is not encrypted", "give no password")
    assert len(kept(plain)) == 6


def test_an_encrypted_archive_without_a_password_says_how_to_give_one(
    home: Home, sealed: Path
) -> None:
    refused(
        home.run("process", "stats", "-d", sealed),
        3,
        f"{sealed} is encrypted",
        "--password-file FILE",
    )


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty: write the password into it"),
        (b"\n", "is empty: write the password into it"),
        (b"\xff\xfe", "is not UTF-8: save it as such"),
        (bytes(9999), "is too long to hold only a password"),
    ],
    ids=["empty", "newline", "latin", "long"],
)
def test_a_password_file_that_holds_none_is_named(
    home: Home, sealed: Path, raw: bytes, words: str
) -> None:
    file = home.path / "password"
    file.write_bytes(raw)
    file.chmod(0o600)

    refused(
        home.run("process", "stats", "-d", sealed, "--password-file", file),
        2,
        f"password file {file} {words}",
    )


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty; restore a backup"),
        (b"hello\n", "is no database of this program; move it away, or name another folder"),
        (encoded(landscape(1)), "is no database of this program; move it away"),
        (bytes(100_000), "is no database of this program; move it away"),
        (b"FAPFAVDB", "ends inside its header, after 8 bytes; restore a backup"),
        (b"FAPFAVDB" + bytes(9000), "header is damaged, its copy too; restore a backup"),
    ],
    ids=["empty", "text", "png", "zeros", "short", "bare"],
)
def test_a_file_that_is_no_database_is_named_and_left_alone(
    home: Home, filled: Path, spoilt: Path, raw: bytes, words: str
) -> None:
    (spoilt / DATABASE).write_bytes(raw)

    for verb in (("process", "stats"), ("favorites", "read", "-l", filled / "pictures", *OFF)):
        done = home.run(*verb, "-d", spoilt, FAPFAV_PASSWORD=PASSWORD)
        refused(done, 3, spoilt / DATABASE, words)

    assert (spoilt / DATABASE).read_bytes() == raw


def test_a_database_of_a_later_program_is_left_to_that(home: Home, spoilt: Path) -> None:
    flip(spoilt / DATABASE, 8, 4096 + 8)

    done = home.run("process", "stats", "-d", spoilt, FAPFAV_PASSWORD=PASSWORD)

    refused(done, 3, spoilt / DATABASE, "use a later program")


def test_a_database_damaged_in_its_middle_says_where_and_changes_nothing(
    home: Home, filled: Path, spoilt: Path
) -> None:
    file = spoilt / DATABASE
    flip(file, (HEADERS + file.stat().st_size) // 2)
    damaged = file.read_bytes()

    for verb in (("process", "stats"), ("favorites", "read", "-l", filled / "pictures", *OFF)):
        done = home.run(*verb, "-d", spoilt, FAPFAV_PASSWORD=PASSWORD)
        refused(done, 3, file, "is damaged at byte", "restore the file from a backup")

    assert file.read_bytes() == damaged
    shutil.copy(filled / "sealed" / DATABASE, file)
    assert len(kept(spoilt, PASSWORD)) == 6


def shows(archive: Path, password: str | None, pictures: set[bytes]) -> bool:
    """Whether an archive opens, and then with these pictures and no others."""
    try:
        with opened(archive, password) as damaged:
            assert set(damaged.blobs) == pictures
    except FapfavError:
        return False
    return True


@pytest.mark.parametrize("name", ["sealed", "plain"])
def test_no_flipped_bit_ever_shows_other_pictures(tmp_path: Path, filled: Path, name: str) -> None:
    archive = Path(shutil.copytree(filled / name, tmp_path / "archive"))
    file, password = archive / DATABASE, PASSWORD if name == "sealed" else None
    whole = file.read_bytes()
    pictures = kept(archive, password)
    refusals = 0

    for offset in (*range(0, HEADERS, 1000), *range(HEADERS, len(whole), 80)):
        flip(file, offset)
        refusals += not shows(archive, password, pictures)
        file.write_bytes(whole)

    assert refusals > 20


@pytest.mark.parametrize("cut", [1, 37, 150])
def test_a_torn_end_loses_only_what_was_never_acknowledged(
    home: Home, filled: Path, spoilt: Path, cut: int
) -> None:
    file = spoilt / DATABASE
    more = album(spoilt.parent / "more", 2, start=50)
    with file.open("r+b") as torn:
        torn.truncate(file.stat().st_size - cut)

    done = home.run(
        "favorites", "read", "-l", spoilt.parent / "more", "-o", spoilt, FAPFAV_PASSWORD=PASSWORD
    )

    assert done.code == 0, done.err
    whole = {path.read_bytes() for path in (filled / "pictures").iterdir()}
    assert kept(spoilt, PASSWORD) == digests([*whole, *more])


@pytest.mark.parametrize("sub", ["blobs", "thumbs", "trash", "quarantine"])
def test_a_missing_folder_is_named_and_what_to_do(home: Home, sealed: Path, sub: str) -> None:
    (sealed / sub).rename(sealed.parent / "elsewhere")

    done = home.run("process", "stats", "-d", sealed, FAPFAV_PASSWORD=PASSWORD)

    refused(done, 3, f"{sealed} has no folder {sub!r}; put it back from a backup")
    (sealed.parent / "elsewhere").rename(sealed / sub)
    assert len(kept(sealed, PASSWORD)) == 6


def test_a_database_without_its_folders_is_not_said_to_be_no_archive(
    home: Home, sealed: Path, filled: Path
) -> None:
    alone = sealed.parent / "alone"
    alone.mkdir()
    shutil.copy(sealed / DATABASE, alone)

    done = home.run(
        "favorites", "read", "-l", filled / "pictures", "-o", alone, FAPFAV_PASSWORD=PASSWORD
    )

    refused(done, 3, f"{alone} has a database but none of an archive's folders", "from a backup")


def test_a_lost_picture_is_named_when_it_is_wanted(home: Home, plain: Path) -> None:
    (lost, *_) = sorted((plain / "blobs").iterdir())
    lost.unlink()

    done = home.run("process", "export", "--all", "-d", plain)

    assert done.code == 1, done.err
    assert "Traceback" not in done.err
    assert lost.stem in done.out + done.err
    assert "5 pictures" in done.out


@pytest.mark.parametrize("verb", [("process", "stats"), ("favorites", "read")])
def test_an_archive_folder_that_is_a_file_is_named(
    home: Home, filled: Path, verb: tuple[str, ...]
) -> None:
    file = home.path / "file"
    file.write_bytes(b"something of mine")
    more = ("-l", filled / "pictures", "--no-password") if "read" in verb else ()

    refused(home.run(*verb, *more, "-d", file), 3, file)
    assert file.read_bytes() == b"something of mine"


def test_an_archive_replaced_by_another_is_noticed(home: Home, sealed: Path, plain: Path) -> None:
    assert home.run("process", "stats", "-d", sealed, FAPFAV_PASSWORD=PASSWORD).code == 0
    shutil.rmtree(sealed)
    shutil.copytree(plain, sealed)

    refused(home.run("process", "stats", "-d", sealed), 3, "was encrypted", "--accept-older")


def test_opening_without_the_program_says_the_same(sealed: Path) -> None:
    with pytest.raises(FapfavError, match=f"{sealed}: wrong password"):
        opening.open_archive(sealed, "wrong", kind=Archive)
