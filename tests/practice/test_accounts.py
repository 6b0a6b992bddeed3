"""The practice user that is made of a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.practice.site import Account, PracticeSite, practice_accounts
from tests.practice.asking import ask, file_of, listed, listing

FILES = {
    "Sky/moon.png": b"moon",
    "Sky/deep/field.jpg": b"field",
    "Lakes/b.jpg": b"b",
    "Lakes/a.jpg": b"a",
    "Lakes/no longer here.jpg": b"<!doctype html>",
    "Lakes/.hidden": b"x",
    ".cache/x.jpg": b"x",
    "alone": b"alone",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    for name, body in FILES.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(body)
    return made


def only(folder: Path) -> Account:
    (account,) = practice_accounts(folder)
    return account


def test_every_directory_is_a_folder_in_the_order_of_names(folder: Path) -> None:
    account = only(folder)

    assert (account.user, account.name) == ("100001", "practice")
    assert [(one.name, one.kind, [item.name for item in one.items]) for one in account.folders] == [
        ("Lakes", "pictures", ["a.jpg", "b.jpg", "no longer here.jpg"]),
        ("Sky", "pictures", ["field.jpg", "moon.png"]),
        ("pictures", "pictures", ["alone"]),
        ("Nothing yet", "pictures", []),
        ("Galleries to look at", "galleries", ["Harbour 1", "Harbour 2", "Harbour 3"]),
    ]


def test_numbers_have_ten_digits_and_follow_from_the_names(folder: Path, tmp_path: Path) -> None:
    account = only(folder)
    moved = folder.rename(tmp_path / "elsewhere")

    items = [item for one in account.folders if one.kind == "pictures" for item in one.items]
    again = [item for one in only(moved).folders if one.kind == "pictures" for item in one.items]
    assert all(len(item.image) == 10 for item in items)
    assert len({item.image for item in items}) == len(items)
    assert [item.image for item in again] == [item.image for item in items]


def test_every_file_is_served_as_it_is(folder: Path) -> None:
    account = only(folder)
    with PracticeSite([account]) as site:
        for shelf in account.folders[:3]:
            assert listed(ask(site.url, listing(shelf.folder))) == [i.image for i in shelf.items]
            for item in shelf.items:
                body = ask(site.url, file_of(site.url, item.image)).body
                assert body == next(b for n, b in FILES.items() if Path(n).name == item.name)


def test_names_that_are_no_text_are_offered_too(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"b\xf6rse.JPG")).write_bytes(b"1")

    (item,) = only(tmp_path).folders[0].items

    assert os.fsencode(item.name) == b"b\xf6rse.JPG"
    assert item.ext == "jpg"


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file to offer"):
        practice_accounts(tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        practice_accounts(tmp_path / "nowhere")
