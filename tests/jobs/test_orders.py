"""fapfav/jobs/orders.py: what is asked for by name, refused at the field that makes no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import orders, tagging
from fapfav.jobs.automatic import SearchReport
from fapfav.jobs.base import never_stop, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import BadField
from fapfav.model import User
from tests.support import album, new_archive, read_folder


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = new_archive(tmp_path / "archive", sealed=False)
    album(tmp_path / "pictures" / "Hills", 2)
    read_folder(made, tmp_path / "pictures")
    tagging.add(made, "nature")
    tagging.add(made, "water", "nature")
    with made.write("read") as tx:
        tx.put(User("imagefap", "100001", "Alice"))
    return made


@pytest.mark.parametrize(
    ("verb", "arguments", "field", "words"),
    [
        ("read", {}, "user", "whose favourites?"),
        ("read", {"user": " "}, "user", "whose favourites?"),
        ("read", {"user": "x" * 201}, "user", "201 characters"),
        ("read", {"user": "a\x1b[2J"}, "user", "characters that no name has"),
        ("read", {"user": "lolicon"}, "user", "never keeps"),
        ("read", {"user": ["a"]}, "user", "this takes a text"),
        ("read", {"number": "seven"}, "number", "takes a user's number"),
        ("read", {"user": "a", "number": "1"}, "number", "give one of them"),
        ("read", {"user": "a", "folder": "shota"}, "folder", "never keeps"),
        ("read", {"local": ""}, "local", "which folder?"),
        ("read", {"local": "here"}, "local", "give the whole path"),
        ("read", {"local": "~nobody-of-that-name/x"}, "local", "names no user"),
        ("read", {"local": "/a\0b"}, "local", "no path"),
        ("read", {"local": "/nowhere/at/all"}, "local", "/nowhere/at/all"),
        ("audit", {}, "user", "whose pictures?"),
        ("audit", {"user": "nobody"}, "user", "knows no user"),
        ("audit", {"number": "7"}, "number", "knows no user"),
        ("retry", {"user": "nobody"}, "user", "knows no user"),
        ("export", {"tag": "none"}, "tag", "there is no tag"),
        ("export", {"album": "none"}, "album", "none"),
        ("export", {"tag": "nature", "all": True}, "tag", "choose one"),
        ("export", {"all": True, "target": "there"}, "target", "give the whole path"),
        ("plan", {}, "rows", "no rows of a plan"),
        ("plan", {"rows": []}, "rows", "no sets"),
        ("plan", {"rows": [{"key": 1}]}, "rows", "no rows of a plan"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(
    archive: Archive, verb: str, arguments: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadField) as caught:
        orders.check(archive, verb, arguments)

    assert caught.value.field == field
    assert words in str(caught.value)


def test_a_job_there_is_not_is_refused(archive: Archive) -> None:
    with pytest.raises(UsageError, match="no job 'dance'"):
        orders.check(archive, "dance", {})


def test_the_archives_own_folder_is_not_read(archive: Archive) -> None:
    with pytest.raises(BadField):
        orders.check(archive, "read", {"local": str(archive.path / "blobs")})


@pytest.mark.parametrize(
    ("verb", "arguments", "checked"),
    [
        ("read", {"user": " Alice ", "more": 1}, {"user": "Alice", "force": False}),
        (
            "read",
            {"number": "0100001", "folder": "7", "force": True},
            {"number": "100001", "folder": "7", "force": True},
        ),
        ("audit", {"user": "ALICE"}, {"user": "ALICE", "force": False}),
        ("retry", {"user": ""}, {}),
        ("find", {"again": 1}, {"again": False}),
        ("fingerprint", {"missing": True}, {"missing": True}),
    ],
)
def test_what_makes_sense_is_taken_as_the_job_takes_it(
    archive: Archive, verb: str, arguments: dict[str, Any], checked: dict[str, Any]
) -> None:
    assert orders.check(archive, verb, arguments) == checked
    assert orders.check(archive, verb, checked) == checked


def test_a_tag_is_named_by_its_path(archive: Archive) -> None:
    checked = orders.check(archive, "export", {"tag": "WATER"})

    assert checked["tag"] == "nature/water"
    assert orders.check(archive, "export", checked) == checked
    assert orders.noted(archive, "export", checked) == {"tag": "nature/water"}


def test_what_is_noted_has_names_and_no_ids(archive: Archive) -> None:
    noted = orders.noted(archive, "audit", {"number": "100001", "force": False})

    assert noted == {"user": "Alice"}


def test_only_what_asks_a_site_asks_a_site() -> None:
    assert orders.asks_site("read", {"user": "a"})
    assert orders.asks_site("retry", {})
    assert not orders.asks_site("read", {"local": "/"})
    assert not orders.asks_site("find", {})


def test_an_order_is_carried_out(archive: Archive) -> None:
    report = orders.carry_out(archive, "find", {"again": True}, tell=tell_nobody, stop=never_stop)

    assert isinstance(report, SearchReport)
