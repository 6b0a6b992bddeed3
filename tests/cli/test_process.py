from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav.cli.process import process
from tests.cli.running import Home, Ran, here


def ok(done: Ran) -> Any:
    """The object of a command that ended well."""
    assert done.code == 0, done.err
    return done.object


def test_tags_are_made_given_exported_and_taken_back(filled: Home) -> None:
    def tag(*words: str) -> Any:
        return ok(filled.run("process", "tag", *words, "--json"))

    assert tag("add", "Trips")["path"] == "Trips"
    assert tag("add", "Beach", "--parent", "trips")["path"] == "Trips/Beach"
    assert tag("apply", "Beach", "--album", "pictures/summer")["pictures"] == 3
    listed = tag("list")
    assert [(row["path"], row["images"], row["images_below"]) for row in listed["tags"]] == [
        ("Trips", 0, 3),
        ("Trips/Beach", 3, 3),
    ]
    exported = ok(filled.run("process", "export", "--tag", "beach", "--renumber", "--json"))
    assert (exported["written"], exported["failed"]) == (3, 0)
    folder = filled.path / "Downloads/imagefap/tag_export/Trips/Beach"
    assert sorted(path.name for path in folder.iterdir()) == [
        "00001-a.jpg",
        "00002-b.jpg",
        "00003-c.jpg",
    ]
    assert tag("rename", "Beach", "Sea")["path"] == "Trips/Sea"
    assert tag("move", "Sea")["path"] == "Sea"
    assert tag("merge", "Sea", "Trips")["pictures"] == 3
    assert tag("clear", "Trips", "--all")["pictures"] == 3
    assert tag("remove", "Trips")["change"] > 0
    assert ok(filled.run("process", "undo", "--json"))["verb"] == "tag remove"
    assert [row["path"] for row in tag("list")["tags"]] == ["Trips"]


def test_duplicates_are_listed_shown_judged_and_forgotten(filled: Home) -> None:
    def duplicates(*words: str) -> Any:
        return ok(filled.run("process", "duplicates", *words, "--json"))

    [group] = duplicates("list")
    first, second = group["members"]
    assert set(group) == {"members", "sources", "verdicts"}
    assert set(group["verdicts"].values()) == {"new"}
    shown = duplicates("show", first[:12])
    assert shown["group"] == group
    assert {place["name"] for picture in shown["pictures"] for place in picture["places"]} == {
        "a.jpg",
        "b.jpg",
    }
    judged = duplicates("verdict", f"{first}=keep", f"{second[:10]}=SKIP")
    assert judged["verdicts"] == {first: "keep", second: "skip"}
    assert duplicates("list", "--pending") == []
    assert (
        duplicates("limits", "--regular", "average=0", "--regular", "wavelet=0,diff=3")["regular"][
            "diff"
        ]
        == 3
    )
    assert duplicates("find", "--again")["groups"] == 1
    assert duplicates("forget", "--all").keys() >= {"change", "sets", "pictures"}


def test_places_of_one_picture_are_judged_too(filled: Home) -> None:
    printed = ok(filled.run("process", "print", "--json"))
    blob = next(blob for blob in printed["blobs"].values() if len(blob["loc"]) == 2)
    places = ["/".join(row[:4]) for row in blob["loc"]]

    done = filled.run(
        "process", "duplicates", "verdict", f"{places[0]}=keep", f"{places[1]}=skip", "--json"
    )
    all_skipped = filled.run("process", "duplicates", "verdict", *(f"{p}=skip" for p in places))

    assert ok(done)["verdicts"] == {places[0]: "keep", places[1]: "skip"}
    assert all_skipped.code == 2


def test_what_is_removed_comes_back_or_is_destroyed(filled: Home) -> None:
    def run(*words: str) -> Any:
        return ok(filled.run("process", *words, "--json"))

    assert run("remove", "album", "pictures/winter")["pictures"] == 1
    [item] = run("trash", "list")["items"]
    assert run("trash", "restore", item["digest"][:8])["pictures"] == 1
    assert run("trash", "list")["pictures"] == 0
    assert run("remove", "user", "local disk")["pictures"] == 4
    refused = filled.run("process", "trash", "empty")
    assert refused.code == 2
    assert "give --yes" in refused.err
    assert run("trash", "list")["pictures"] == 4
    assert run("trash", "empty", "--yes")["pictures"] == 4
    assert run("stats")["unique_images"] == 0
    assert [change["verb"] for change in run("log", "--last", "2")["changes"]] == [
        "trash empty",
        "remove user",
    ]


def test_a_change_that_others_stand_on_is_not_undone(filled: Home) -> None:
    number = ok(filled.run("process", "tag", "add", "Beach", "--json"))["change"]
    assert filled.run("process", "tag", "apply", "Beach", "--album", "pictures/summer").code == 0

    done = filled.run("process", "undo", str(number))

    assert done.code == 1
    assert "in the way: " in done.out
    assert f"THE END: error: change {number} was not undone" in done.err


def test_fingerprint_and_compact_leave_the_pictures_as_they_are(filled: Home) -> None:
    before = ok(filled.run("process", "print", "--json"))

    missing = ok(filled.run("process", "fingerprint", "--missing", "--model", "off", "--json"))
    anew = ok(filled.run("process", "fingerprint", "--model", "off", "--json"))
    compacted = ok(filled.run("process", "compact", "--json"))

    assert (missing["done"], anew["done"]) == (0, 4)
    assert compacted["bytes_after"] > 0
    assert ok(filled.run("process", "print", "--json")) == before


def test_every_listing_reads_well_as_text(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    monkeypatch.delenv("FAPFAV_DIR", raising=False)
    assert filled.run("process", "tag", "add", "Beach").code == 0
    digest = ok(filled.run("process", "duplicates", "list", "--json"))[0]["members"][0]
    expected = {
        ("stats",): ["4 unique images at 5 places, 1 exact duplicate of 1 image", "2 albums"],
        ("print", "--blobs"): ["USER LOCAL DISK (local/1)", "Beach (1): 0 pictures, 0 b", digest],
        ("duplicates", "list"): ["group 1: 2 pictures, by ", "[new]", "a.jpg"],
        ("duplicates", "show", digest): ["percept: ", digest, "needs action"],
        ("duplicates", "limits"): ["regular: percept 4, average 1, ", "average off"],
        ("tag", "list"): ["Beach (1): 0 pictures, 0 b"],
        ("log",): ["tag add: Beach", "read: "],
        ("trash", "list"): ["in the trash: 0 pictures, 0 b"],
        ("undo",): ["undone: change 2, tag add: Beach", "do it again with: process.py undo 3"],
    }
    for words, parts in expected.items():
        done = here(process, "process.py", *words)
        assert done.code == 0, done.err
        assert [part for part in parts if part not in done.out] == [], done.out
        assert done.out.splitlines()[-1].startswith("THE END: success (")
        assert done.err == ""


REFUSED = [
    (("nothing",), "No such command 'nothing'"),
    (("walk",), "No such command 'walk'"),
    (("tag", "add"), "Missing argument 'NAME'"),
    (("tag", "add", "a/b"), "slashes are kept for paths"),
    (("tag", "move", "Beach", "none"), "there is no tag"),
    (("tag", "clear", "Beach", "--all", "--album", "x"), "takes --all or pictures, not both"),
    (("tag", "apply", "Beach"), "name the pictures: by digest, duplicate group or album"),
    (("export", "--tag", "none"), "there is no tag 'none'"),
    (("export", "--tag", "a", "--all"), "takes one of a tag, an album and everything"),
    (("duplicates", "verdict", "12345678"), "write DIGEST=VERDICT, with one of new, false, "),
    (("duplicates", "verdict", "12345678=maybe"), "'12345678=maybe' is no verdict"),
    (("duplicates", "verdict", "1234=keep"), "too short for a digest"),
    (("duplicates", "verdict", "a/b/c/d=keep"), "there is no place 'a/b/c/d'"),
    (("duplicates", "show", "0000000000"), "no picture 0000000000 is in this archive"),
    (("duplicates", "limits", "--regular", "percept=40"), "regular percept limit must be"),
    (("duplicates", "limits", "--regular", "size=4"), "--regular 'size=4': write METHOD=N"),
    (("duplicates", "limits", "--animated", "diff=few"), "'few' is no number"),
    (("duplicates", "limits", "--animated", "diff=9"), "laxer than the regular one"),
    (("duplicates", "forget", "--all", "--pending"), "takes one of --pending and --all"),
    (("remove", "album", "none"), "there is no album 'none'"),
    (("trash", "restore", "0000000000"), "is in the trash; `trash list` shows what is"),
    (("undo", "99"), "there is no change 99"),
    (("log", "--last", "0"), "0 is not in the range"),
]


def test_every_refusal_says_what_is_wrong_and_changes_nothing(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    monkeypatch.delenv("FAPFAV_DIR", raising=False)
    database = filled.path / "Downloads/imagefap/imagefap.database"
    before = database.read_bytes()
    for words, message in REFUSED:
        done = here(process, "process.py", *words, "--json")
        assert done.code == 2, (words, done.err)
        assert message in done.err, (words, done.err)
        assert message in done.object["error"]
        assert "Traceback" not in done.err
    assert database.read_bytes() == before


@pytest.mark.parametrize("contents", [b"", b"no database at all" * 1000], ids=["empty", "other"])
def test_a_database_that_is_none_is_said_to_be_none(home: Home, contents: bytes) -> None:
    folder = home.path / "broken"
    folder.mkdir()
    (folder / "imagefap.database").write_bytes(contents)

    done = home.run("process", "stats", "-d", folder)

    assert done.code == 3
    assert "THE END: error: " in done.err
    assert "Traceback" not in done.err
    assert (folder / "imagefap.database").read_bytes() == contents


def test_the_console_script_has_the_verbs_of_both(filled: Home, pictures: Path) -> None:
    read = filled.run("fapfav", "read", "-l", pictures, "--model", "off")
    made = filled.run("fapfav", "tag", "add", "Beach")

    assert read.code == made.code == 0
    assert "see them with: fapfav duplicates list" in read.out
    assert "undo with: fapfav undo 2" in made.out
