"""`duplicates limits --learned`, as it is typed."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from fapfav.cli.process import process
from fapfav.cli.stopping import Stopper
from tests.cli.running import Home, Ran, here
from tests.jobs.judged import apart, made


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that speaks for percept 6; only copied."""
    path = tmp_path_factory.mktemp("judged") / "archive"
    made(path, sealed=False).close()
    return path


@pytest.fixture
def archive(judged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judged, tmp_path / "archive"))


def limits(archive: Path, *words: str) -> Ran:
    return here(process, "process.py", "duplicates", "limits", *words, "--dir", str(archive))


def value(done: Ran) -> Any:
    assert done.code == 0, done.err
    return done.object


def test_what_verdicts_say_is_shown_and_nothing_is_set(archive: Path) -> None:
    done = limits(archive, "--learned")

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert "judged: 109 pairs, 109 of them of pictures that are still here" in lines
    assert "regular: 105 pairs, 105 the same (105 cases)" in lines
    assert (
        "    percept 4: 60 of 60 pairs the same, precision 100.0 % (94.0 to 100.0),"
        " recall 57.1 % (47.6 to 66.2)"
    ) in lines
    assert (
        "suggested, regular: percept 4 -> 6: 41 of 41 pairs judged at 5 and 6 were the same"
        " (41 cases)"
    ) in lines
    assert "with it: 46 pairs more, 0 fewer" in lines
    assert "groups 108 -> 113, pictures in them 216 -> 226" in lines
    assert "set it with: process.py duplicates limits --learned --apply" in lines
    assert value(limits(archive, "--json"))["regular"]["percept"] == 4


def test_it_is_set_in_one_change_that_one_undo_takes_back(archive: Path) -> None:
    report = value(limits(archive, "--learned", "--apply", "--json"))

    assert report["suggested"]["regular"]["percept"] == 6
    assert report["change"] > 0
    assert value(limits(archive, "--json"))["regular"]["percept"] == 6
    undone = here(process, "process.py", "undo", "--dir", str(archive), "--json")
    assert value(undone)["undone"] == report["change"]
    assert value(limits(archive, "--json"))["regular"]["percept"] == 4


def test_what_is_set_already_is_no_change(archive: Path) -> None:
    assert "undo with: process.py undo" in limits(archive, "--learned", "--apply").out
    again = limits(archive, "--learned", "--apply")

    assert again.code == 0
    assert "nothing else is suggested than what is set" in again.out
    assert "nothing changed" in again.out
    assert value(limits(archive, "--learned", "--apply", "--json"))["change"] == 0


def test_nothing_judged_is_said(tmp_path: Path) -> None:
    made(tmp_path / "archive", [apart(2, 2, None)], sealed=False).close()
    done = limits(tmp_path / "archive", "--learned")

    assert done.code == 0
    assert "judged: 0 pairs" in done.out
    assert "nothing else is suggested" in done.out
    assert "precision" not in done.out


def test_what_was_stopped_sets_nothing(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Stopper.stop

    def pressed(self: Stopper) -> bool:
        if not self.asked:
            signal.raise_signal(signal.SIGINT)
        return ask(self)

    monkeypatch.setattr(Stopper, "stop", pressed)
    done = limits(archive, "--learned", "--apply")

    assert done.code == 130
    assert "with it: at least 46 pairs more" in done.out
    assert value(limits(archive, "--json"))["regular"]["percept"] == 4


@pytest.mark.parametrize("words", [("--apply",), ("--learned", "--regular", "percept=3")])
def test_what_contradicts_itself_is_refused(archive: Path, words: tuple[str, ...]) -> None:
    done = limits(archive, *words)

    assert done.code == 2
    assert "give --learned, with or without --apply, or limits of your own" in done.err


def test_it_runs_as_a_command(home: Home, archive: Path) -> None:
    done = home.run("process", "duplicates", "limits", "--learned", "--dir", archive, "--json")

    assert value(done)["judged"] == 109
    assert value(done)["effect"]["added"] == 46


def test_the_closer_look_is_switched_in_one_change_and_shown(archive: Path) -> None:
    assert "closer look: off: sets follow from the limits" in limits(archive).out
    done = limits(archive, "--closer", "on")
    assert "closer look: on: sets are what it judged the same" in done.out
    assert "it begins with: process.py duplicates find" in done.out
    assert value(limits(archive, "--closer", "on", "--json"))["change"] == 0
    report = value(limits(archive, "--closer", "off", "--regular", "percept=5", "--json"))
    assert (report["closer"], report["regular"]["percept"]) == (False, 5)
    assert here(process, "process.py", "undo", "--dir", str(archive)).code == 0
    now = value(limits(archive, "--json"))
    assert (now["closer"], now["regular"]["percept"]) == (True, 4)
    assert limits(archive, "--learned", "--closer", "on").code == 2
