from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
from tests.cli.running import Home, Terminal, picture
from tests.support import new_archive

OFF = ("--model", "off")
MANY = 300


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Pictures that take a while to read, yet none to make: one, with other bytes after its end."""
    folder = tmp_path / "many"
    folder.mkdir()
    made = io.BytesIO()
    Image.radial_gradient("L").resize((1600, 1200)).convert("RGB").save(made, "JPEG")
    for number in range(MANY):
        (folder / f"{number:03}.jpg").write_bytes(made.getvalue() + b"%d" % number)
    return folder


def interrupted(home: Home, *words: object) -> Terminal:
    """A read that heard Ctrl-C with some of the pictures in hand, and has said so.

    Until it hears it cannot commit the first of them: nobody is too late for it.
    """
    archive = home.path / "Downloads" / "imagefap"
    new_archive(archive, sealed=False).close()
    with ArchiveLock(Folder(archive)).hold("tag"):
        reading = Terminal(home, *words, "--workers", 1)  # type: ignore[arg-type]
        reading.expect(rf"[1-9]\d*/{MANY}")
        reading.interrupt()
    reading.expect("stopping after this batch")
    return reading


def test_a_password_is_asked_for_twice_once_and_not_shown(home: Home, tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.jpg", 1)

    new = Terminal(home, "favorites", "read", "-l", tmp_path / "one", *OFF)
    new.expect(r"Password for the new archive .* \(Enter for none\): ")
    new.type("correct horse")
    new.expect("The same password again: ")
    new.type("correct horse")
    code, seen = new.end()
    assert code == 0, seen
    assert "saved: 1 picture" in seen
    assert "horse" not in seen

    again = Terminal(home, "process", "stats")
    again.expect("Password of .*: ")
    again.type("correct horse")
    code, seen = again.end()
    assert code == 0, seen
    assert "1 unique image" in seen
    assert "Password" not in seen


def test_two_different_answers_make_no_archive(home: Home, tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.jpg", 1)

    new = Terminal(home, "favorites", "read", "-l", tmp_path / "one", *OFF)
    new.expect("Enter for none")
    new.type("correct horse")
    new.expect("again")
    new.type("wrong horse")
    code, seen = new.end()

    assert code == 2
    assert "THE END: error: the two passwords differ; no archive was made" in seen
    assert not (home.path / "Downloads").exists()


def test_enter_makes_a_plain_archive_that_never_asks_again(home: Home, tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.jpg", 1)

    new = Terminal(home, "favorites", "read", "-l", tmp_path / "one", *OFF)
    new.expect("Enter for none")
    new.type("")
    code, seen = new.end()
    assert code == 0, seen
    assert "is not encrypted" in seen

    code, seen = Terminal(home, "process", "stats").end()
    assert code == 0, seen
    assert "Password" not in seen


def test_ctrl_c_at_the_prompt_stops_at_once(home: Home, tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.jpg", 1)

    new = Terminal(home, "favorites", "read", "-l", tmp_path / "one")
    new.expect("Enter for none")
    new.interrupt()
    code, seen = new.end()

    assert code == 130
    assert "premature end? user paused?" in seen
    assert "Traceback" not in seen


def test_ctrl_c_commits_what_is_in_hand_and_the_next_run_goes_on(home: Home, many: Path) -> None:
    words = ("favorites", "read", "-l", many, "--no-password", *OFF)
    code, seen = interrupted(home, *words).end()
    assert code == 130
    assert "premature end? user paused?" in seen
    assert "THE END" not in seen

    done = home.run(*words, "--json")

    assert done.code == 0
    report = done.object
    assert report["known"] > 0
    assert report["saved"] > 0
    assert report["known"] + report["saved"] == MANY


def test_a_second_ctrl_c_stops_at_once_and_leaves_an_archive_that_opens(
    home: Home, many: Path
) -> None:
    words = ("favorites", "read", "-l", many, "--no-password", *OFF)
    reading = interrupted(home, *words)
    reading.interrupt()
    code, seen = reading.end()
    assert code == 130
    assert "Traceback" not in seen

    assert home.run("process", "stats").code == 0


def test_emptying_the_trash_asks_for_a_word(filled: Home) -> None:
    assert filled.run("process", "remove", "album", "pictures/winter").code == 0

    refused = Terminal(filled, "process", "trash", "empty")
    refused.expect("cannot be undone")
    refused.expect("type 'empty' to go on:")
    refused.type("yes")
    code, seen = refused.end()
    assert code == 2
    assert "nothing was destroyed" in seen

    done = Terminal(filled, "process", "trash", "empty")
    done.expect("to go on:")
    done.type("empty")
    code, seen = done.end()
    assert code == 0, seen
    assert "destroyed: 1 picture" in seen


def test_a_terminal_sees_a_bar_and_a_dumb_one_lines(home: Home, tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / "few" / f"{number}.jpg", number)
    words = ("favorites", "read", "-l", tmp_path / "few", "--no-password", *OFF)

    _, smart = Terminal(home, *words, "-o", "one").end()
    _, dumb = Terminal(home, *words, "-o", "two", TERM="dumb").end()

    assert "3/3" in smart
    assert "reading: 3 of 3" in dumb
    assert "\x1b" not in dumb
