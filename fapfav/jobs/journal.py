"""What stays of jobs that were started from pages: a row each, from their start to their end.

A row is no change: taking back what a job did leaves it, and the log does not tell everything
twice. How far a job came while it ran is never kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fapfav.model import Job
from fapfav.store.archive import Archive
from fapfav.store.transaction import Transaction

KEPT = 500
"""Jobs whose rows are kept."""

LISTED = 200
"""Entries of a list in a report that are kept; how many there were is noted beside it."""

_DEEPEST = 4  # nested lists and dictionaries: the log takes eight, and is four itself
_LONGEST = 2000  # characters of a text in a report
_LARGEST = 2**63 - 1


def begin(archive: Archive, verb: str, arguments: Mapping[str, Any]) -> int:
    """Notes that a job begins; returns its number, which is never given again."""

    def write(tx: Transaction) -> int:
        numbers = sorted(tx.jobs)
        number = _next(numbers)
        tx.delete("jobs", *numbers[: max(0, len(numbers) + 1 - KEPT)])
        tx.put(Job(number, verb, plain(dict(arguments)), "running", tx.now))
        return number

    return _written(archive, write)


def _next(numbers: Sequence[int]) -> int:
    """The number after the largest there can be one after; the log holds no larger ones."""
    taken = {0, *numbers}
    return 1 + max(each for each in taken if each < _LARGEST and each + 1 not in taken)


def finish(
    archive: Archive,
    number: int,
    state: str,
    report: Mapping[str, Any] | None = None,
    change: int = 0,
) -> None:
    """Notes how a job ended. One whose row is gone leaves none; one that has ended stays so."""

    def write(tx: Transaction) -> int:
        found = tx.jobs.get(number)
        if found is not None and found.state == "running":
            kept = None if report is None else plain(dict(report))
            tx.put(replace(found, state=state, ended=tx.now, report=kept, change=change))
        return number

    _written(archive, write)


def _written(archive: Archive, write: Callable[[Transaction], int]) -> int:
    with archive.writing("jobs") as rows:
        tx = Transaction(rows, 0, archive.time())
        number = write(tx)
        if not tx.is_empty:
            archive.commit(tx)
    return number


def plain(value: Any, depth: int = 0) -> Any:
    """A value of JSON as the archive takes it: lists cut, texts whole, numbers finite."""
    if isinstance(value, dict | list | tuple) and depth >= _DEEPEST:
        return None
    if isinstance(value, dict):
        found = {_text(str(key)): plain(item, depth + 1) for key, item in value.items()}
        for key, item in value.items():
            if isinstance(item, list | tuple) and len(item) > LISTED:
                found[_text(f"{key}_in_all")] = len(item)
        return found
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value[:LISTED]]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_LARGEST, min(value, _LARGEST))
    return value if value is None or isinstance(value, bool) else _text(str(value))


def _text(text: str) -> str:
    return text[:_LONGEST].encode("utf-8", "replace").decode()
