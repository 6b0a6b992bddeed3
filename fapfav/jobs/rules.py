"""The rules of an archive by which duplicates are resolved: kept as one of its settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs.base import Report
from fapfav.jobs.library import Archive
from fapfav.model import Config
from fapfav.resolve import rules as rule_file
from fapfav.resolve.rules import Rule

RULES_VERB = "duplicates rules"
"""What the log calls a change of the rules."""

LONGEST = 200_000
"""Characters of all rules together, as they are stored."""

NAME = "rules"
"""The setting that holds them."""


@dataclass(frozen=True, slots=True)
class RulesReport(Report):
    """Rules that were set; `change` is 0 if they were these already."""

    change: int
    rules: int


def stored_rules(archive: Archive) -> str:
    """The rules as they are stored, readable or not; empty for none."""
    archive.refresh()
    return _text(archive.config(NAME, ""))


def _text(stored: Any) -> str:
    return stored if isinstance(stored, str) else json.dumps(stored, default=str)


def rules_of(archive: Archive) -> tuple[Rule, ...]:
    """The rules of an archive. Raises UsageError where those that are stored are none."""
    archive.refresh()
    stored = archive.config(NAME, "")
    if stored == "":
        return ()
    try:  # whoever can write to an archive may have put anything there
        value = json.loads(stored if isinstance(stored, str) else "")
    except (ValueError, RecursionError):
        raise UsageError(
            "the rules in this archive cannot be read; `duplicates rules set` replaces them"
        ) from None
    return rule_file.from_json(value)


def set_rules(
    archive: Archive, value: Any, *, before: str | None = None, by: str = "cli"
) -> RulesReport:
    """Replaces all rules by what JSON says. Raises UsageError that names where it is wrong.

    With `before`, what was stored when somebody looked, also where anything else is stored by now.
    """
    rules = rule_file.from_json(value)
    # As text: a value of the archive may not be nested as deeply as a list within a criterion is.
    stored = json.dumps(rule_file.to_json(rules), ensure_ascii=False)
    if len(stored) > LONGEST:
        raise UsageError(f"rules: {len(stored)} characters are too many: {LONGEST} at most")
    with (
        archive.change(RULES_VERB, by=by, what=text.many(len(rules), "rule")) as change,
        change.transaction(last=True) as tx,
    ):
        now = tx.configs.get(NAME)
        if before is not None and before != ("" if now is None else _text(now.value)):
            raise UsageError("the rules were changed meanwhile: nothing was changed")
        tx.put(Config(NAME, stored))
    return RulesReport(change.number, len(rules))
