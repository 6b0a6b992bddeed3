"""What commands say when nobody asks for JSON."""

from __future__ import annotations

import re

import pytest

from fapfav.browse import Spread, Statistics
from fapfav.cli import render
from fapfav.cli.process import process
from fapfav.store.undo import UndoReport
from tests.cli.running import Home, here


@pytest.fixture(autouse=True)
def _in_that_home(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    monkeypatch.delenv("FAPFAV_DIR", raising=False)


def words(*arguments: str) -> str:
    """What a command says that ends well, without its last line."""
    done = here(process, "process.py", *arguments)
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1].startswith("THE END: success (")
    return done.out


def test_tags_say_what_became_of_them_and_how_to_undo_it() -> None:
    assert "made: Trips (1)\nchange 2; undo with: process.py undo 2" in words("tag", "add", "Trips")
    words("tag", "add", "Beach", "--parent", "Trips")
    given = words("tag", "apply", "Beach", "--album", "pictures/summer")
    assert "given: Trips/Beach (2), on 3 pictures\nchange 4; undo" in given
    again = words("tag", "apply", "2", "--album", "pictures/summer")
    assert "Trips/Beach (2), 3 had it already\nnothing changed" in again
    listed = words("tag", "list")
    assert re.search(r"^Trips \(1\): 0 pictures, 0 b; with those below 3 pictures, ", listed, re.M)
    assert re.search(r"^  Beach \(2\): 3 pictures, \S+ kb$", listed, re.M)
    exported = words("export", "--renumber")
    assert "written: 3 pictures, " in exported
    assert ", not encrypted" in exported
    assert "in 2 folders below " in exported
    assert "deleted there before, to renumber: 3 files" in words("export", "--renumber")
    printed = words("print", "--blobs")
    assert "    tags: Trips/Beach (2)" in printed
    assert re.search(r"^    a\.jpg \(local/1/\w+/\w+\)$", printed, re.M)


def test_what_is_removed_is_said_in_words() -> None:
    removed = words("remove", "album", "pictures/summer")
    assert "into the trash: 3 pictures, " in removed
    assert "albums: 1\nplaces: 3\nchange 2; undo with: process.py undo 2" in removed
    listed = words("trash", "list")
    assert re.search(r"  a\.jpg  \(change 2, remove album\)$", listed, re.M)
    assert "in the trash: 3 pictures, " in listed
    restored = words("trash", "restore")
    assert re.search(r"^restored: 3 pictures, \S+ kb, at 3 places$", restored, re.M)
    assert "users: 1" in words("remove", "user", "1")
    destroyed = words("trash", "empty", "--yes")
    assert "destroyed: 4 pictures, " in destroyed
    assert "undo with" not in destroyed
    assert "NO USERS YET" in words("print")


def test_one_place_less_keeps_the_picture() -> None:
    printed = here(process, "process.py", "print", "--json").out
    digest = re.search(r'"(\w{64})": \{\s*"loc": \[\s*\[[^]]*\],', printed)
    assert digest is not None

    removed = words("remove", "picture", digest[1])

    assert "into the trash: 1 picture, " in removed
    assert "places: 2" in removed


def test_finding_and_fingerprinting_say_what_came_of_it() -> None:
    found = words("duplicates", "find", "--again")
    assert "duplicates: 2 pictures in 1 group" in found
    assert "fingerprinted: 4 pictures" in words("fingerprint", "--model", "off")
    assert "embeddings: none" in words("fingerprint", "--missing", "--model", "off")
    limits = words("duplicates", "limits", "--regular", "average=0", "--animated", "percept=off")
    assert "regular: percept 4, average 0, diff 4, wavelet 1" in limits
    assert "animated: percept off" in limits
    assert "laxer ones find more with: process.py duplicates find" in limits
    assert re.search(r"^forgotten: \d groups?, \d pictures?$", words("duplicates", "forget"), re.M)


def test_a_verdict_says_what_is_shown_now() -> None:
    listed = words("duplicates", "list")
    first, second = re.findall(r"^    (\w{12}) \[new\]", listed, re.M)

    said = words("duplicates", "verdict", f"{first}=keep", f"{second}=skip")

    assert re.search(rf"^{first}\w{{52}}: keep$", said, re.M)
    assert re.search(rf"^{second}\w{{52}}: skip$", said, re.M)
    assert "undo with: process.py undo 2" in said
    assert "NO DUPLICATES" in words("duplicates", "list", "--pending")
    shown = words("duplicates", "show", first)
    assert f"{first} [keep]  64x64, " in shown
    assert re.search(rf"^\w+: {min(first, second)} - {max(first, second)}: \d$", shown, re.M)
    twice = here(process, "process.py", "duplicates", "verdict", f"{first}=keep", f"{first}=new")
    assert twice.code == 2
    assert f"{first} was given two verdicts" in twice.err


def test_a_picture_without_duplicates_is_shown_as_such() -> None:
    printed = words("print", "--blobs")
    digest = re.search(r"^(\w{64}): .*\n    c\.jpg", printed, re.M)
    assert digest is not None

    shown = words("duplicates", "show", digest[1][:8])

    assert "c.jpg" in shown
    assert "NO DUPLICATES" in shown


def test_verdicts_are_on_pictures_or_on_places_of_one() -> None:
    printed = words("print", "--blobs")
    places = re.findall(r"^    \w\.jpg \((local/\S+)\)", printed, re.M)

    mixed = here(process, "process.py", "duplicates", "verdict", f"{places[0]}=keep", "1234=keep")
    several = here(
        process, "process.py", "duplicates", "verdict", *(f"{place}=keep" for place in places)
    )

    assert "on pictures or on places, not both at once" in mixed.err
    assert "do not hold one and the same picture" in several.err
    assert mixed.code == several.code == 2


def test_the_numbers_of_nothing_are_no_spreads() -> None:
    nothing = Statistics(
        "here", 100, 0.0, Spread(), 0, 0.0, Spread(), (0, 0), (0, 0), Spread(), 0.0,
        *(0,) * 14,
    )  # fmt: skip

    lines = list(render.statistics(nothing))

    assert lines[0] == "Database is located in here, and is 100 b"
    assert lines[1] == "0 b total images size"
    assert not any("min" in line for line in lines)


def test_an_undo_without_words_is_said_without_a_colon() -> None:
    lines = list(render.undone(UndoReport(3, "tag add", "", 2), "process.py undo 4"))

    assert lines == [
        "undone: change 3, tag add",
        "rows as before: 2; do it again with: process.py undo 4",
    ]
