"""fapfav/jobs/rules.py: rules are a setting of the archive, and what is stored may be anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import UsageError
from fapfav.jobs.rules import LONGEST, rules_of, set_rules
from fapfav.model import Config
from fapfav.resolve.example import EXAMPLE
from tests.jobs.alike import Alike

LARGER = {"name": "larger", "mode": "auto", "keep": ["pixels", "quality"]}
RULES = {"rules": [LARGER]}


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    """An archive with one rule."""
    made = Alike(tmp_path / "archive")
    set_rules(made.archive, RULES)
    return made


def test_rules_are_kept_in_the_archive_and_setting_them_is_a_change(alike: Alike) -> None:
    archive = alike.archive
    before = rules_of(archive)

    report = set_rules(archive, EXAMPLE, by="viewer")

    assert [rule.name for rule in rules_of(archive)] == [one["name"] for one in EXAMPLE["rules"]]
    assert (report.rules, archive.changes[report.change].by) == (3, "viewer")
    assert set_rules(archive, EXAMPLE).change == 0
    assert archive.undo().number == report.change
    assert rules_of(archive) == before
    with pytest.raises(UsageError, match=r"rules\[0\].mode: 'x' is no mode"):
        set_rules(archive, {"rules": [LARGER | {"mode": "x"}]})
    assert rules_of(archive) == before
    with pytest.raises(UsageError, match=r"rules: \d+ characters are too many"):
        set_rules(archive, {"rules": [LARGER | {"about": "x" * LONGEST}]})


@pytest.mark.parametrize("stored", [7, ["x"], "{", "[" * 100_000, "{}", '{"rules": [1]}'])
def test_stored_rules_that_are_none_are_refused_and_can_be_replaced(
    alike: Alike, stored: Any
) -> None:
    with alike.archive.write("settings") as tx:
        tx.put(Config("rules", stored))

    with pytest.raises(UsageError, match=r"cannot be read|is missing|no object"):
        rules_of(alike.archive)
    set_rules(alike.archive, RULES)

    assert len(rules_of(alike.archive)) == 1
