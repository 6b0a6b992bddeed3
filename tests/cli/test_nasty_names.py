"""No name that a stranger chose moves the cursor of whoever lists it, hides or forges a line."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from fapfav.cli.console import Console
from fapfav.cli.favorites import favorites
from fapfav.cli.process import process
from fapfav.cli.progress import Lines
from fapfav.jobs import removal
from fapfav.model import ChangeRecord, Config, Failure, Job, PlaceState, Progress, Tag, User
from fapfav.text import shown
from tests.cli.running import Home, Ran, Terminal, here
from tests.nasty import HEADERS, MOVES, NAMES, TERMINAL, names, on_disk
from tests.support import album, encoded, landscape, new_archive, read_folder

FORGED = "THE END: success"
ASKED = ("".join(TERMINAL[::2]), "".join(TERMINAL[1::2]), "".join(HEADERS).replace("\0", ""),
         "x" * 10_000, "-rf", "[bold]", "a\nTHE END: success")  # fmt: skip
"""Names that are given to commands as if somebody had copied them from a page."""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process remember archives in a home of the test's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which whatever has a name has one of those."""
    top = tmp_path_factory.mktemp("nasty")
    given = top / "pictures"
    for number, name in enumerate(on_disk()):
        (given / name).mkdir(parents=True)
        raw = encoded(landscape(number // 2, 48, 32), "JPEG", quality=60 + number % 2 * 30)
        (given / name / name).write_bytes(raw)
    (given / "\x1b]0;t\x07\u202ebroken.jpg").write_bytes(b"\xff\xd8 no picture")
    with new_archive(top / "archive", sealed=False) as opened:
        read_folder(opened, given)
        removal.remove_album(opened, next(iter(opened.albums))[2])
        opened.groups  # noqa: B018 - they are found
        rows = list(opened.places.records())
        with opened.write("read") as tx:
            for number, name in enumerate(NAMES, 100):
                tx.put(ChangeRecord(number, name, name, "", name, 1, 1, "done", 0))
            tx.put(Config("next_change", 100 + len(NAMES)))
            for number, name in enumerate(NAMES, 1):
                tx.put(Tag(number, name, category=name, aliases=(name,)))
                tx.put(User("imagefap", f"{number}", name))
            for row, name in zip(rows, NAMES, strict=False):
                failure = Failure(5, 1, name, name)
                tx.put(replace(row, image=f"x{row.image}", name=name, state=PlaceState.FAILED,
                               holds=None, served=None, failure=failure))  # fmt: skip
            tx.put(Config("next_tag", len(NAMES) + 1))
            tx.put(Job(1, "\x1b[2J", {"user": NAMES[0]}, "failed", 1, 2, {"error": NAMES[3]}, 0))
    return top / "archive"


def ran(group: str, *words: str, where: Path) -> Ran:
    """A command, with or without JSON, whose every line is looked at."""
    found = here({"process": process, "favorites": favorites}[group], f"{group}.py", *words,
                 "--dir", str(where))  # fmt: skip
    harmless(found, words)
    return found


def harmless(found: Ran, words: object) -> None:
    """Asserts that nothing in what was printed does anything but show."""
    for text in (found.out, found.err):
        assert not MOVES.search(text), (words, MOVES.search(text))
        assert sum(line.startswith(FORGED) for line in text.splitlines()) <= (found.code == 0)
    assert "Traceback" not in found.err
    assert "unexpected error" not in found.err, (words, found.err)


LISTING = (
    ("print",), ("print", "--blobs"), ("stats",), ("log",), ("tag", "list"), ("duplicates", "list"),
    ("trash", "list"), ("verify",), ("repair", "--plan"), ("duplicates", "limits"),
    ("export", "--all"), ("undo", "2"), ("duplicates", "find"),
)  # fmt: skip


@pytest.mark.parametrize("words", LISTING, ids=" ".join)
def test_what_lists_names_shows_them_as_text(archive: Path, words: tuple[str, ...]) -> None:
    told = ran("process", *words, where=archive)
    as_json = ran("process", *words, "--json", where=archive)

    assert told.out or told.err
    assert as_json.out.isascii()
    json.loads(as_json.out)


def test_json_holds_names_whole(archive: Path) -> None:
    listed = ran("process", "tag", "list", "--json", where=archive).out
    told = json.dumps(json.loads(listed), ensure_ascii=False)

    for name in TERMINAL:
        assert json.dumps(name, ensure_ascii=False)[1:-1] in told


@pytest.mark.parametrize(
    "words",
    [
        ("process", "tag", "add", "{}"),
        ("process", "tag", "apply", "{}", "--album", "{}"),
        ("process", "tag", "rename", "{}", "other"),
        ("process", "tag", "list", "{}"),
        ("process", "duplicates", "show", "{}"),
        ("process", "duplicates", "verdict", "{}=keep"),
        ("process", "duplicates", "limits", "--regular", "{}"),
        ("process", "remove", "album", "{}"),
        ("process", "remove", "user", "{}"),
        ("process", "remove", "picture", "{}"),
        ("process", "trash", "restore", "{}"),
        ("process", "export", "--tag", "{}"),
        ("process", "undo", "{}"),
        ("process", "key", "remove", "{}"),
        ("process", "restore", "/nowhere/{}"),
        ("process", "{}"),
        ("process", "stats", "--{}"),
        ("process", "stats", "--password-file", "/nowhere/{}"),
        ("favorites", "read", "-l", "/nowhere/{}"),
        ("favorites", "read", "-l", "/nowhere", "--model", "{}"),
        ("favorites", "{}", "-u", "x"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_said_of_a_name_that_was_given_shows_it_as_text(
    archive: Path, words: tuple[str, ...], tmp_path: Path
) -> None:
    changed = tmp_path / "archive"
    shutil.copytree(archive, changed)
    for name in ASKED:
        group, *given = (word.format(name) if "{}" in word else word for word in words)
        ran(group, *given, where=changed)
        ran(group, *given, "--json", where=changed)


def test_paths_are_shown_as_text(tmp_path: Path) -> None:
    for name in on_disk():
        ran("process", "stats", where=tmp_path / name)


def test_a_bar_shows_names_as_text(home: Home, tmp_path: Path) -> None:
    for number, name in enumerate(on_disk()):
        album(tmp_path / "given" / name, 1, start=number)
    words = ("read", "-l", tmp_path / "given", "--no-password", "--model", "off")

    code, seen = Terminal(home, "favorites", *words).end()

    assert code == 0, seen
    own = re.compile(r"\x1b\[(?:\d*[AK]|\?25[lh]|[\d;]*m)|[\r\n]")  # what draws the bar anew
    assert "\x1b[2" not in seen.replace("\x1b[2K", "").replace("\x1b[2m", "").replace("\x1b[2;", "")
    assert not MOVES.search(own.sub("", seen))


@settings(deadline=None)
@given(names())
def test_every_line_that_is_written_is_one_line_that_only_shows(name: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err)
    console.say(name)
    console.warn(name)
    lines = Lines(console.warn)
    with lines:
        lines.tell(Progress(name, 1, 2, notes=(name, name), waiting=name))

    written = out.getvalue() + err.getvalue()
    assert not MOVES.search(written)
    assert written.count("\n") in (3, 4)  # the name twice, that it waits, and where the step ended
    assert out.getvalue() == shown(name) + "\n"


@settings(deadline=None)
@given(names())
def test_json_is_ascii_that_only_shows_and_means_the_name(name: str) -> None:
    out = io.StringIO()
    console = Console(out, io.StringIO())
    console.as_json = True
    console.result({name: name}, ())

    assert out.getvalue().isascii()
    assert not MOVES.search(out.getvalue())
    assert json.loads(out.getvalue()) == {name: name}
