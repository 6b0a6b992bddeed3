"""The targets of `make fuzz`: fed with what is kept, and with what hypothesis makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.damage.fuzz import CORPUS, FOUND, by_chance, seeds
from tests.damage.seeds import seeds as made
from tests.damage.targets import TARGETS
from tests.house.tree import ROOT

EVERY = pytest.mark.parametrize("name", TARGETS)


@EVERY
def test_what_is_kept_is_answered_in_order(name: str) -> None:
    kept = seeds(name)

    assert len(kept) >= len(made()[name])
    for raw in kept:
        TARGETS[name](raw)


@EVERY
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_made_of_it_is_answered_in_order(name: str, data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(seeds(name)))
    for _ in range(data.draw(st.integers(0, 4))):
        begin = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(begin, min(len(raw), begin + 12)))
        raw = raw[:begin] + data.draw(st.binary(max_size=12)) + raw[end:]
    TARGETS[name](raw)


@EVERY
@settings(max_examples=25, deadline=None)
@given(raw=st.binary(max_size=400))
def test_any_bytes_are_answered_in_order(name: str, raw: bytes) -> None:
    TARGETS[name](raw)


def test_the_corpus_is_small_and_for_targets_that_there_are() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]

    assert {path.parent.name for path in files} == set(TARGETS)
    assert sum(path.stat().st_size for path in files) < 40_000


def test_a_finding_is_kept_and_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(raw: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(TARGETS, "value", wrong)

    with pytest.raises(ZeroDivisionError):
        by_chance("value", 5)
    assert [path.suffix for path in (tmp_path / FOUND).iterdir()] == [".bin"]


def test_without_atheris_it_goes_by_chance() -> None:
    without = "import runpy, sys; sys.modules['atheris'] = None; sys.argv[0] = 'fuzz'"
    run = "runpy.run_module('tests.damage.fuzz', run_name='__main__')"
    words = [sys.executable, "-c", f"{without}; {run}", "recovery-code", "0"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)

    assert "0 runs by chance" in done.stdout
