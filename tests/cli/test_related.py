"""`process.py duplicates list --related` and `show`: what is in no group, and why in one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fapfav.cli.process import process
from fapfav.jobs.library import open_archive
from tests.bad_input.trouble import refused
from tests.cli.running import Ran, here
from tests.viewer.apart import make_apart, write_apart


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests by what the files were called, and the archive's folder as `archive`."""
    base = tmp_path_factory.mktemp("related")
    write_apart(base / "pictures")
    make_apart(base / "archive", base / "pictures")
    with open_archive(base / "archive") as archive:
        places = [*archive.places.records()]
    found = {each.name.removesuffix(".jpg"): each.holds.hex() for each in places if each.holds}
    return found | {"archive": str(base / "archive")}


@pytest.fixture(autouse=True)
def _in_that_archive(
    names: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FAPFAV_DIR", names["archive"])


def run(*arguments: str) -> Ran:
    done = here(process, "process.py", "duplicates", *arguments)
    assert done.code == 0, done.err
    return done


def by_pictures(names: dict[str, str], pairs: list[dict[str, Any]]) -> dict[frozenset[str], str]:
    """The labels of pairs by the names of their pictures."""
    called = {digest: name for name, digest in names.items()}
    return {frozenset((called[p["member"]], called[p["digest"]])): p["label"] for p in pairs}


def test_related_pairs_are_listed_and_then_those_that_were_turned_down(
    names: dict[str, str],
) -> None:
    pairs = run("list", "--related", "--json").object
    assert by_pictures(names, pairs) == {
        frozenset(("first", "mirrored")): "related",
        frozenset(("lone", "lone turned")): "related",
        frozenset(("words", "other words")): "turned down",
    }
    assert [pair["label"] for pair in pairs] == ["related", "related", "turned down"]

    lines = run("list", "--related").out.splitlines()
    said = [line for line in lines if line.startswith(("related: ", "turned down: "))]
    assert len(said) == 3
    called = {frozenset(re.findall(r"[0-9a-f]{12} \w[\w ]*\.jpg", line)) for line in said}
    assert called == {
        frozenset(f"{names[name][:12]} {name}.jpg" for name in both)
        for both in (("first", "mirrored"), ("lone", "lone turned"), ("words", "other words"))
    }
    assert re.search(r": other text or objects in places \(.*\d % sure\)$", said[-1])


def test_groups_as_json_are_as_they_were() -> None:
    (group,) = run("list", "--json").object
    assert sorted(group) == ["members", "sources", "verdicts"]


def test_a_group_says_why_each_is_in_it_and_what_to_see_besides(names: dict[str, str]) -> None:
    shown = run("show", names["small"], "--json").object

    assert shown["keeper"] == names["first"]
    found = shown["to_keeper"][names["small"]]
    assert 0.5 < found.pop("probability") <= 1
    assert found == {"reason": "same picture, 2.0x smaller, recompressed", "said": False}
    assert list(shown["to_keeper"]) == [names["small"]]
    assert shown["see_also"]["count"] == 1
    (other,) = shown["see_also"]["pictures"]
    assert (other["digest"], other["member"]) == (names["mirrored"], names["first"])
    assert sorted(shown["group"]) == ["members", "sources", "verdicts"]

    out = run("show", names["small"]).out
    assert f"{names['first']}\n    the keeper\n" in out
    assert re.search(r"^    same picture, 2.0x smaller, recompressed \(.* % sure\)$", out, re.M)
    mirrored, first = names["mirrored"][:12], names["first"][:12]
    assert f"see also {mirrored} mirrored.jpg, related to {first}: mirrored left to right (" in out


def test_a_picture_in_no_group_has_no_keeper_but_something_to_see(names: dict[str, str]) -> None:
    shown = run("show", names["lone"], "--json").object

    assert (shown["group"], shown["keeper"], shown["to_keeper"]) == (None, None, {})
    assert shown["see_also"]["pictures"][0]["reason"] == "turned upside down"
    assert "NO DUPLICATES" in run("show", names["nothing"]).out


def test_pending_pairs_are_no_such_thing() -> None:
    done = here(process, "process.py", "duplicates", "list", "--related", "--pending")
    refused(done, 2, "takes one of --pending and --related")
