"""What no text of the project says: unfinished work, and papers its readers do not have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, short, text_files

# Each pattern has a class of one letter, so that it does not match where it is written.
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b")
ELSEWHERE = [
    re.compile(r"\b[F][0-9]-[0-9]+\b"),
    re.compile(r"\b[s]eeds?[ /_]*[0-9]{3}\b", re.IGNORECASE),
    re.compile(
        r"\b([d]esign|[d]ata|[s]tyle|[t]hreats|[f]eatures|[m]odels|[s]ites|[v]iewer)[.]md\b"
    ),
    re.compile(r"(?<![\w/.-])[d]uplicates[.]md\b"),
    re.compile(r"\b[i]ssue #?[0-9]+\b", re.IGNORECASE),
    re.compile(r"(?<![\w.])/([w]ork|[r]oot|[o]pt)/"),
    re.compile(r"/[t]mp/[a-z]\w*/bin\b"),
    re.compile(r"\b([p]ypi|[p]ythonhosted|[d]ebian|[n]pmjs)[.](org|net)\b"),
]

TEXTS = sorted(path for path in text_files() if path.name != "LICENSE")


def matches(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Where a pattern matches, as `file:line: text`."""
    text = path.read_text(encoding="utf-8")
    return [
        f"{short(path)}:{number}: {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=short)
def test_nothing_is_marked_as_unfinished(path: Path) -> None:
    assert matches(UNFINISHED, path) == []


@pytest.mark.parametrize("path", TEXTS, ids=short)
def test_nothing_refers_to_what_a_reader_does_not_have(path: Path) -> None:
    assert [found for pattern in ELSEWHERE for found in matches(pattern, path)] == []


@pytest.mark.parametrize("text", ["# TO" + "DO: later", "see F2" + "-17", "the see" + "d 002"])
def test_the_patterns_match_what_they_are_for(text: str) -> None:
    assert any(pattern.search(text) for pattern in (UNFINISHED, *ELSEWHERE))


@pytest.mark.parametrize("text", ["0xF2 - 17", "random seed 7", "docs/decisions.md", "rewind"])
def test_the_patterns_leave_other_words_alone(text: str) -> None:
    assert not any(pattern.search(text) for pattern in (UNFINISHED, *ELSEWHERE))


def test_the_texts_of_the_house_are_among_those_looked_at() -> None:
    names = {short(path) for path in TEXTS}

    assert {".ci/run", "Makefile", "CHANGELOG.md", "setup.cfg", "fapfav/model.py"} <= names
    assert not any(name.startswith((".venv", ".git/")) for name in names)
    assert (ROOT / "LICENSE").is_file()
