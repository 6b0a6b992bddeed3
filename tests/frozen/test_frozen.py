"""Archives of format version 1, made once: they open, and hold what they held, for ever."""

from __future__ import annotations

import json
import tarfile
import unicodedata
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from fapfav.jobs.library import Archive
from fapfav.jobs.verify import verify
from fapfav.model import Config
from fapfav.store import opening
from fapfav.store.recovery import read_code
from fapfav.store.tables import TABLES
from tests.frozen.telling import told, told_by_today
from tests.reader import reader
from tests.reader.plain import decode

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "expected.json").read_text("utf-8"))


@pytest.fixture(params=["plain", "sealed"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path, name: str) -> Path:
    """A copy of one of them."""
    with tarfile.open(HERE / f"{name}.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "archive"


def wanted(name: str) -> dict[str, Any]:
    """What is in it: all but the password and the code, which are beside it."""
    beside = ("password", "code")
    return deepcopy({key: value for key, value in EXPECTED[name].items() if key not in beside})


def opened(path: Path, name: str) -> Archive:
    return opening.open_archive(path, EXPECTED[name]["password"], kind=Archive)


def test_the_second_reader_finds_what_was_there(path: Path, name: str) -> None:
    assert told(reader.read(path, EXPECTED[name]["password"])) == wanted(name)


def test_todays_program_finds_what_was_there(path: Path, name: str) -> None:
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    expected = wanted(name)
    del expected["tables"]["undo"]

    with opened(path, name) as archive:
        assert told_by_today(archive) == expected
        assert verify(archive).database == ()
        assert verify(archive).problems == ()
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before


def test_all_that_the_format_has_is_in_them(name: str) -> None:
    found = wanted(name)

    assert all(found["tables"][table] for table in TABLES)
    assert found["vectors"]["cnn"]
    assert {row["state"] for _, row in found["tables"]["changes"]} >= {"done", "undone"}
    assert any(thumb for _, thumb in found["files"].values())


@pytest.mark.parametrize("name", ["sealed"])
def test_a_code_and_either_form_of_the_password_open_it(path: Path, name: str) -> None:
    password, code = EXPECTED[name]["password"], EXPECTED[name]["code"]
    for text in (*(unicodedata.normalize(form, password) for form in ("NFC", "NFD")), code):
        opening.open_archive(path, text).close()
    assert told(reader.read(path, code=read_code(code)[0].code)) == wanted(name)


def test_changes_of_then_are_taken_back_now_and_the_archive_is_written_to(
    path: Path, name: str
) -> None:
    expected = wanted(name)
    rows = {tuple(key): row for key, row in expected["tables"]["undo"]}
    with opened(path, name) as archive:
        for number in archive.changes:
            before = archive.values_before(number)
            for (change, _), row in rows.items():
                if change == number:
                    for table, key, _ in decode(bytes.fromhex(row["ops"][4:])):
                        assert (table, TABLES[table].key_from_disk(key)) in before
        archive.undo()
        archive.compact()
        with archive.write("tag") as tx:
            tx.put(Config("today", 1))
    found = reader.read(path, EXPECTED[name]["password"])
    assert found.tables["configs"]["today",] == {"value": 1}
    assert set(expected["files"]) == set(told(found)["files"])
