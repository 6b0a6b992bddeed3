from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.cli.passwords import Passwords, read_password, take_from
from fapfav.errors import UsageError, WrongPassword

WHERE = Path("/archive")


def answering(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    """Somebody who gives these answers, and the questions that came."""
    left, questions = list(answers), list[str]()

    def ask(question: str) -> str:
        questions.append(question)
        return left.pop(0)

    return ask, questions


def secret(path: Path, contents: bytes, mode: int = 0o600) -> Path:
    file = path / "password"
    file.write_bytes(contents)
    file.chmod(mode)
    return file


def test_the_environment_is_left_without_the_password() -> None:
    environment = {"FAPFAV_PASSWORD": "secret", "PATH": "/bin"}

    assert take_from(environment) == "secret"
    assert environment == {"PATH": "/bin"}
    assert take_from(environment) is None


def test_a_new_archive_asks_twice() -> None:
    ask, questions = answering("secret", "secret")

    assert Passwords(ask=ask).for_new(WHERE) == "secret"
    assert len(questions) == 2
    assert "Enter for none" in questions[0]


@pytest.mark.parametrize("nothing", ["", "   ", "\t"])
def test_enter_makes_an_archive_without_a_password(nothing: str) -> None:
    ask, questions = answering(nothing)

    assert Passwords(ask=ask).for_new(WHERE) is None
    assert len(questions) == 1


@pytest.mark.parametrize("second", ["Secret", "", "secret "])
def test_two_different_answers_make_nothing(second: str) -> None:
    ask, _ = answering("secret", second)

    with pytest.raises(UsageError, match="the two passwords differ; no archive was made"):
        Passwords(ask=ask).for_new(WHERE)


def test_a_new_archive_without_anybody_to_ask_says_the_three_ways() -> None:
    with pytest.raises(UsageError, match=r"--password-file.*FAPFAV_PASSWORD.*--no-password"):
        Passwords().for_new(WHERE)


def test_a_plain_archive_never_asks() -> None:
    ask, questions = answering()

    assert Passwords(ask=ask).for_existing(WHERE, is_sealed=False) is None
    assert questions == []


def test_a_sealed_archive_asks_once() -> None:
    ask, questions = answering("secret")

    assert Passwords(ask=ask).for_existing(WHERE, is_sealed=True) == "secret"
    assert len(questions) == 1


def test_a_sealed_archive_without_anybody_to_ask_says_how() -> None:
    with pytest.raises(WrongPassword, match=r"--password-file FILE, or set FAPFAV_PASSWORD"):
        Passwords().for_existing(WHERE, is_sealed=True)


def test_what_was_given_goes_along_for_a_plain_archive_too() -> None:
    given = Passwords(environment="secret")

    assert given.for_existing(WHERE, is_sealed=False) == "secret"


def test_a_sealed_archive_is_not_opened_without_its_password() -> None:
    with pytest.raises(UsageError, match="leave --no-password out"):
        Passwords(none=True).for_existing(WHERE, is_sealed=True)


def test_the_file_comes_before_the_environment(tmp_path: Path) -> None:
    given = Passwords(file=secret(tmp_path, b"filed\n"), environment="set")

    assert given.for_new(WHERE) == "filed"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_is_an_error(empty: str) -> None:
    with pytest.raises(UsageError, match="FAPFAV_PASSWORD is set and empty"):
        Passwords(environment=empty).for_existing(WHERE, is_sealed=True)


@pytest.mark.parametrize(
    ("contents", "password"),
    [
        (b"secret", "secret"),
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b"secret\n\n", "secret\n"),
        (b" in between ", " in between "),
        ("grün".encode(), "grün"),
    ],
)
def test_one_newline_at_the_end_of_a_file_is_dropped(
    tmp_path: Path, contents: bytes, password: str
) -> None:
    assert read_password(secret(tmp_path, contents)) == password


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"  \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 5000, "too long"),
    ],
)
def test_a_file_without_a_password_is_refused(
    tmp_path: Path, contents: bytes, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_password(secret(tmp_path, contents))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    file = secret(tmp_path, b"secret", mode)

    with pytest.raises(UsageError, match=f"can be read by others.*chmod 600 {file}"):
        read_password(file)


def test_a_pipe_that_only_we_hold_is_read(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"secret\n")
    os.close(write)

    assert read_password(Path(f"/dev/fd/{read}")) == "secret"
    os.close(read)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path}/none cannot be read: No such file"):
        read_password(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_password(tmp_path)


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(Passwords(environment="secret"))
