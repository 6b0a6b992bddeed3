"""`process.py duplicates rules|plan|apply|undo`: rules and plans as files that a person edits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fapfav.cli.process import process
from fapfav.jobs.rules import rules_of, set_rules
from fapfav.jobs.sets import set_view
from fapfav.model import Verdict
from fapfav.resolve.example import EXAMPLE
from tests.cli.running import Ran, here
from tests.jobs.alike import Alike, digest, place_key
from tests.support import PASSWORD

LARGER = {"rules": [{"name": "larger", "mode": "auto", "keep": ["pixels"]}]}


@pytest.fixture
def alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Alike:
    """An archive with two pairs and a rule, where commands look for one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("FAPFAV_DIR", str(tmp_path / "archive"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    (tmp_path / "password").chmod(0o600)
    made = Alike(tmp_path / "archive")
    made.pair(1, albums="2", tags=(2,))
    made.pair(2, albums="2")
    set_rules(made.archive, LARGER)
    return made


def run(*words: str) -> Ran:
    return here(process, "process.py", "duplicates", *words, "--password-file", "password")


def ok(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.code == 0, done.err
    return done.object


def written(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def test_rules_are_printed_edited_and_set(alike: Alike, tmp_path: Path) -> None:
    value = ok("rules", "show")
    assert value == LARGER
    value["rules"][0] |= {"mode": "ask", "when": {"certainty_at_least": 0.5}}

    report = ok("rules", "set", written(tmp_path / "rules.json", value))

    alike.archive.refresh()
    assert report["rules"] == 1
    assert ok("rules") == ok("rules", "list") == value
    assert rules_of(alike.archive)[0].when.certainty_at_least == 0.5
    assert "1  ask   larger: keep by pixels, a tie: ask" in run("rules").out
    assert ok("rules", "example") == EXAMPLE
    assert ok("rules", "set", written(tmp_path / "rules.json", EXAMPLE))["rules"] == 3


def test_a_wrong_file_changes_nothing_and_says_where(alike: Alike, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    for raw, words in (
        ('{"rules": [{"name": "a", "mode": "auto", "keep": ["pixel"]}]}', "rules[0].keep[0]: 'pix"),
        ('{"rules": [}', "is no JSON: Expecting value: line 1 column 12"),
        ('{"rules": [], "rules": []}', "'rules' is there twice in one object"),
        ("[" * 100_000, "is nested too deeply"),
        ("\xff", "is no JSON: 'utf-8' codec can't decode"),
    ):
        file.write_bytes(raw.encode("latin-1"))
        done = run("rules", "set", str(file))
        assert (done.code, words in done.err) == (2, True), done.err
    assert run("rules", "set", str(tmp_path / "none")).code == 2
    assert ok("rules", "show") == LARGER


def test_a_plan_is_written_edited_applied_and_taken_back(alike: Alike, tmp_path: Path) -> None:
    archive, file = alike.archive, tmp_path / "plan.json"
    before = alike.rows()
    assert ok("plan", "--out", str(file)) == {"file": str(file), "sets": 2, "left": {}}
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("plan", "--out", str(file)).code == 2
    ours = archive.path / "imagefap.database"
    assert "own folder" in run("plan", "--out", str(ours), "--force").err
    value = json.loads(file.read_text(encoding="utf-8"))
    first = next(row for row in value["sets"] if row["keep"] == digest(10).hex())
    first |= {"keep": first["copies"][0], "copies": [first["keep"]]}

    report = ok("apply", written(file, value), "--yes")

    archive.refresh()
    assert (report["sets"], report["pictures"], report["left"]) == (2, 2, [])
    shown = {one.blob.digest: one.verdict for one in set_view(archive, digest(10)).members}
    assert shown == {digest(10): Verdict.SKIP, digest(11): Verdict.KEEP}
    assert archive.places[place_key(10)].holds == digest(11)
    assert ok("apply", str(file), "--yes")["already"] == 2

    assert ok("undo")["undone"] == report["change"]
    archive.refresh()
    assert alike.rows() == before
    assert "no plan was applied" in run("undo").err


def test_a_plan_says_in_words_what_it_would_do(alike: Alike) -> None:
    alike.picture(31, 3)
    alike.picture(32, 3)

    done = run("plan")

    assert f"apply  keep {digest(10).hex()[:12]}, copies {digest(11).hex()[:12]}" in done.out
    assert "2.0x the pixels. (near 1.000)" in done.out  # nobody looked closely
    assert "    larger: 2.0x the pixels." in done.out
    assert "    tag: nature/water" in done.out
    assert "    place: 11.jpg in Bays" in done.out
    assert "    larger: alike in pixels: yours to choose." in done.out
    assert "plan: 3 sets, 3 copies, 1.14 Mb" in done.out
    assert "of these ask first: 1" in done.out
    assert ok("plan", "--rule", "larger")["plan"] == 1
    assert "there is no rule 'smaller': 'larger'" in run("plan", "--rule", "smaller").err


def test_applying_asks_first_and_names_what_it_left(alike: Alike, tmp_path: Path) -> None:
    file = written(tmp_path / "plan.json", ok("plan"))
    done = run("apply", file)
    assert (done.code, "give --yes" in done.err) == (2, True)
    alike.archive.refresh()
    assert not list(alike.archive.choices)
    alike.protect("2")

    done = run("apply", file, "--yes", "--json")

    assert done.code == 1
    assert [why for _, why in done.object["left"]] == [
        "it may not hide protected albums; `may_hide` says what it may"
    ] * 2
    assert "2 sets left undecided" in done.err


def test_reclaiming_is_said_and_done(alike: Alike, tmp_path: Path) -> None:
    done = run("apply", written(tmp_path / "plan.json", ok("plan")), "--yes", "--reclaim")

    assert "this moves into the trash 2 pictures of 2 sets" in done.err
    assert "into the trash: 2 pictures" in done.out
    alike.archive.refresh()
    assert set(alike.archive.trash) == {digest(11), digest(21)}


def test_an_edited_plan_that_asks_what_cannot_be_changes_nothing(
    alike: Alike, tmp_path: Path
) -> None:
    value = ok("plan")
    value["sets"][1]["keep"] = value["sets"][0]["keep"]

    done = run("apply", written(tmp_path / "plan.json", value), "--yes")

    assert done.code == 2
    assert f"sets[1].keep: {value['sets'][0]['keep'][:12]} is no picture of this set" in done.err
    alike.archive.refresh()
    assert not list(alike.archive.choices)


def test_a_search_applies_automatic_rules_and_says_how_to_take_that_back(alike: Alike) -> None:
    alike.archive.refresh()
    done = run("find", "--again")

    assert "resolved by your rules: 2 sets, 2 pictures hidden" in done.out
    assert ok("find")["rules_sets"] == 0
    assert ok("undo")["undone"] > 0
    left = run("find", "--again").out
    assert "left: 2 sets: you took it back before" in left
