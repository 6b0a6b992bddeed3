from __future__ import annotations

import os
from pathlib import Path

import pytest

from fapfav.jobs.library import open_archive
from fapfav.model import Config
from tests.cli.running import Home, gallery

PLAIN = ("--no-password", "--model", "off")


def test_read_makes_an_archive_in_the_default_folder_and_says_what_it_did(
    home: Home, pictures: Path
) -> None:
    done = home.run("favorites", "read", "--local", pictures, *PLAIN)

    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "**  favorites.py read  **"
    assert lines[1].startswith("saved: 4 pictures, ")
    assert "existing: 1 held already, place added" in lines
    assert "failed: 0" in lines
    assert [line for line in lines if line.startswith("duplicates: 2 pictures in 1 group, ")]
    assert lines[-1].startswith("THE END: success (")
    assert "not encrypted" in done.err
    assert "reading: 5 of 5" in done.err
    assert (home.path / "Downloads/imagefap/imagefap.database").is_file()


def test_reading_twice_changes_nothing(filled: Home, pictures: Path) -> None:
    database = filled.path / "Downloads/imagefap/imagefap.database"
    before = database.read_bytes()

    done = filled.run("favorites", "read", "-l", pictures, "--model", "off", "--json")

    assert done.code == 0
    assert (done.object["saved"], done.object["known"]) == (0, 5)
    assert database.read_bytes() == before


def test_json_is_one_object_and_all_else_goes_to_standard_error(home: Home, pictures: Path) -> None:
    (pictures / "torn.jpg").write_bytes(b"no picture at all")

    done = home.run("favorites", "read", "-l", pictures, *PLAIN, "--json", "-o", "here")

    assert done.code == 1
    report = done.object
    assert {"saved", "known", "existing", "failed", "bytes", "seconds", "groups"} <= report.keys()
    assert (report["saved"], report["existing"], report["failed"]) == (4, 1, 1)
    assert (report["groups"], report["pictures_in_groups"]) == (1, 2)
    assert report["failures"][0][1] == "torn.jpg"
    assert "**  favorites.py read  **" in done.err
    assert "THE END: error: 1 picture could not be kept" in done.err
    assert (home.path / "here" / "imagefap.database").is_file()


def test_an_old_failure_is_left_alone_until_forced(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "torn"
    folder.mkdir()
    (folder / "torn.jpg").write_bytes(b"no picture at all")

    codes = [
        home.run("favorites", "read", "-l", folder, *PLAIN, *more).code
        for more in ((), (), ("--force",), ("--no-force",))
    ]

    assert codes == [1, 0, 1, 0]


@pytest.mark.parametrize("flag", ["-d", "--dir", "-o", "--output"])
def test_every_flag_for_the_archive_comes_before_the_environment(home: Home, flag: str) -> None:
    done = home.run("process", "stats", flag, "~/flagged", FAPFAV_DIR="~/set")

    assert done.code == 3
    assert f"there is no archive at {home.path}/flagged" in done.err


def test_the_environment_names_the_archive(home: Home) -> None:
    done = home.run("process", "stats", FAPFAV_DIR="~/set")

    assert f"there is no archive at {home.path}/set" in done.err


def test_without_either_it_is_the_default(home: Home) -> None:
    done = home.run("process", "stats", FAPFAV_DIR="")

    assert f"there is no archive at {home.path}/Downloads/imagefap" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "`read` takes --local DIR, a folder of yours, or --user NAME or --id N"),
        (("-l", "none"), "none does not exist; name a folder with pictures"),
        (("-l", ""), "an empty text is no path"),
        (("-l", ".", "--workers", "0"), "0 is not in the range"),
        (("-l", ".", "--preparation", "both"), "'both' is not one of 'scaled', 'exact'"),
        (("-l", ".", "--user", "somebody"), "--local reads a folder of yours"),
        (("-l", ".", "--id", "7"), "--local reads a folder of yours"),
        (("-l", ".", "--folder", "boats"), "--folder names a folder of a user"),
        (("-l", ".", "--name", "boats"), "--folder names a folder of a user"),
        (("-l", ".", "--user", "somebody", "--folder", "7"), "--local reads a folder of yours"),
        (("-l", "."), "a new archive takes a password"),
        (("-l", ".", "-o", ""), "an empty text is no path"),
        (("-l", ".", "--password-file", "none"), "password file none cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    home: Home, arguments: tuple[str, ...], message: str
) -> None:
    done = home.run("favorites", "read", *arguments)

    assert done.code == 2
    assert message in done.err
    assert "THE END: error: " in done.err
    assert "Traceback" not in done.err
    assert list(home.path.iterdir()) == []


def test_another_preparation_than_the_archives_is_refused(filled: Home, pictures: Path) -> None:
    done = filled.run("favorites", "read", "-l", pictures, "--preparation", "exact", "--json")

    assert done.code == 2
    assert "cannot be compared" in done.object["error"]
    assert done.object["exit_code"] == 2


def test_names_that_turn_a_line_around_are_escaped(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "gpj.\u202egpj.jpg").write_bytes(b"no picture")
    (folder / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(b"no picture either")

    done = home.run("favorites", "read", "-l", folder, *PLAIN, LC_ALL="C", PYTHONUTF8="0")

    assert done.code == 1
    assert r"gpj.\u202egpj.jpg" in done.out
    assert "\u202e" not in done.out + done.err


def test_a_password_seals_the_archive_and_opens_it(home: Home, tmp_path: Path) -> None:
    folder = gallery(tmp_path / "pictures")
    secret = home.path / "secret"
    secret.write_text("correct horse\n", encoding="utf-8")
    secret.chmod(0o600)
    made = home.run(
        "favorites", "read", "-l", folder, "--model", "off", "--password-file", secret, "--json"
    )
    opened = home.run("process", "stats", "--json", FAPFAV_PASSWORD="correct horse")
    wrong = home.run("process", "stats", FAPFAV_PASSWORD="wrong horse")
    none = home.run("process", "stats", "--json")

    assert (made.code, made.object["saved"]) == (0, 4)
    assert (opened.code, opened.object["unique_images"]) == (0, 4)
    assert wrong.code == none.code == 3
    assert "password" in wrong.err
    assert "--password-file FILE" in none.object["error"]
    archive = home.path / "Downloads/imagefap"
    assert not [path.name for path in archive.rglob("*.jpg")]


def test_a_password_for_a_plain_archive_is_an_error(filled: Home) -> None:
    done = filled.run("process", "stats", FAPFAV_PASSWORD="secret")

    assert done.code == 3
    assert "is not encrypted, but a password was given" in done.err


def test_an_older_copy_is_refused_unless_accepted(filled: Home) -> None:
    database = filled.path / "Downloads/imagefap/imagefap.database"
    older = database.read_bytes()
    assert filled.run("process", "tag", "add", "Beach").code == 0
    database.write_bytes(older)

    refused = filled.run("process", "stats")
    accepted = filled.run("process", "stats", "--accept-older")

    assert refused.code == 3
    assert "older than" in refused.err
    assert accepted.code == 0


def test_a_model_that_cannot_be_had_is_said_once_and_the_rest_works(
    home: Home, pictures: Path
) -> None:
    done = home.run(
        "favorites", "read", "-l", pictures, "--no-password", "--model", "none.onnx", "--json"
    )

    assert (done.code, done.object["saved"]) == (0, 4)
    assert done.err.count("warning: no embedding: ") == 1
    assert f"{home.path}/none.onnx" in done.err


def test_a_model_file_that_only_the_archive_names_is_not_opened(home: Home, pictures: Path) -> None:
    read = ("favorites", "read", "-l", pictures, "--no-password")
    assert home.run(*read, "--model", "off").code == 0
    with open_archive(home.path / "Downloads/imagefap") as archive, archive.write("read") as tx:
        tx.put(Config("model", str(home.path / "planted.onnx")))

    done = home.run(*read)

    assert done.code == 0
    assert "only opened when you name it: --model PATH" in done.err
    assert "cannot be read" not in done.err


def test_a_folder_whose_name_is_no_text_is_read(home: Home, pictures: Path) -> None:
    folder = os.fsdecode(os.fsencode(home.path) + b"/holiday \xff")
    pictures.rename(folder)

    done = home.run("favorites", "read", "-l", folder, "--no-password", "--model", "off", "--json")

    assert (done.code, done.object["saved"]) == (0, 4)
    assert "holiday \N{REPLACEMENT CHARACTER}" in home.run("process", "log").out
