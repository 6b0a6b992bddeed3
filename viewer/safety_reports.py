"""Jobs that look after the archive itself in words: what they found, did and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fapfav import text
from fapfav.jobs.convert import COPIES
from viewer.job_process import JobState

TITLES = {
    "verify": "Verify",
    "repair_plan": "Look what can be repaired",
    "repair": "Repair",
    "backup": "Back up",
    "restore": "Restore",
    "encrypt": "Encrypt the archive",
    "decrypt": "Decrypt the archive",
}
CHOICES = {
    "fast": "fast",
    "check": "what is there was read first",
    "fetch": "sites are asked for what is lost",
}
"""How one was asked to be done, by the field that says so."""

LISTED = 200
"""Lines of a list that are shown."""

Shown = Callable[[Any], str]


def _count(value: Any) -> str:
    return f"{value:,}"


def _size(value: Any) -> str:
    return text.size(value)


_LOOKED: tuple[tuple[str, str, Shown], ...] = (
    ("pictures", "Pictures", _count),
    ("files", "Files looked at", _count),
    ("bytes", "Bytes of these", _size),
    ("database_bytes", "Database", _size),
)
FIELDS: dict[str, tuple[tuple[str, str, Shown], ...]] = {
    "verify": (
        *_LOOKED,
        ("lost*", "Entries lost from the database", _count),
        ("quarantine*", "Files put aside in quarantine", _count),
        ("temporary*", "Unfinished files, which the next read takes away", _count),
        ("kept*", "Kept from an earlier repair", text.shown),
    ),
    "repair_plan": (*_LOOKED, ("left*", "Cannot be repaired", _count)),
    "repair": (
        ("repairs_in_all", "Corrected", _count),
        ("failures_in_all", "Left", _count),
        ("new_pairs*", "New pairs of duplicates", _count),
        ("saved*", "The damaged database is kept as", text.shown),
    ),
    "backup": (
        ("files", "Files copied", _count),
        ("bytes", "Bytes of these", _size),
        ("present", "There already", _count),
        ("checked*", "Read and compared", _count),
        ("databases", "Databases kept there", _count),
        ("failures_in_all*", "Could not be copied", _count),
        ("folder", "Into", text.shown),
    ),
    "restore": (
        ("files", "Files copied", _count),
        ("bytes", "Bytes of these", _size),
        ("failures_in_all*", "Could not be copied", _count),
        ("folder", "Into", text.shown),
    ),
    "encrypt": (("files", "Files encrypted", _count), ("bytes", "Bytes of these", _size)),
    "decrypt": (("files", "Files decrypted", _count), ("bytes", "Bytes of these", _size)),
}
"""As in `reports`: by job the fields of its report."""


@dataclass(frozen=True, slots=True)
class Point:
    """Something that is wrong, and what would be or was done about it."""

    wrong: str
    then: str


def about(verb: str) -> tuple[str, ...]:
    """The field that says what one is about."""
    return ("target",) if verb in ("backup", "restore") else ()


def outcome(job: JobState) -> str:
    """What one came to, in a sentence; empty for other jobs, and where there is no report."""
    if job.report is None or job.verb not in _OUTCOMES or job.error:
        return ""
    return _OUTCOMES[job.verb](job.report)


def _verified(report: Mapping[str, Any]) -> str:
    wrong = _number(report, "found_in_all")
    if wrong:
        return f"{text.many(wrong, 'thing is', 'things are')} wrong."
    if report.get("stopped"):
        return "Stopped: not everything was looked at. Nothing wrong was found until then."
    if report.get("fast"):
        return "Everything is there, and as long as it should be."
    return "Everything is whole."


def _planned(report: Mapping[str, Any]) -> str:
    steps, left = _number(report, "steps_in_all"), _number(report, "left")
    if report.get("stopped"):
        return "Stopped: not everything was looked at."
    if not steps:
        return "Everything is whole: there is nothing to repair."
    said = f"{text.many(steps, 'thing is', 'things are')} wrong"
    which = f"{left} of them cannot" if left else "all of them can"
    return f"{said}, {which} be repaired."


def _repaired(report: Mapping[str, Any]) -> str:
    done, left = _number(report, "repairs_in_all"), _number(report, "failures_in_all")
    if report.get("stopped"):
        return f"Stopped: {done} corrected so far. Start it again to go on."
    if not done and not left:
        return "Nothing was wrong."
    return f"{done} corrected, {left or 'nothing'} left."


def _backed_up(report: Mapping[str, Any]) -> str:
    if report.get("stopped"):
        return "Stopped: the backup is as new as it was. Start it again to go on."
    if failed := _number(report, "failures_in_all"):
        return f"{text.many(failed, 'file')} could not be copied; all else is in the backup."
    return f"All is in the backup: {text.many(_number(report, 'files'), 'new file')}."


def _restored(report: Mapping[str, Any]) -> str:
    if report.get("stopped"):
        return "Stopped before its end. Start it again, into the same folder, to go on."
    if failed := _number(report, "failures_in_all"):
        return f"{text.many(failed, 'file')} could not be restored."
    return f"{text.many(_number(report, 'files'), 'file')} restored."


def _converted(done: str) -> Callable[[Mapping[str, Any]], str]:
    def said(report: Mapping[str, Any]) -> str:
        if report.get("finished") is True:
            return f"Everything is {done}."
        return f"Not everything is {done} yet: the page of the archive goes on."

    return said


_OUTCOMES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "verify": _verified,
    "repair_plan": _planned,
    "repair": _repaired,
    "backup": _backed_up,
    "restore": _restored,
    "encrypt": _converted("encrypted"),
    "decrypt": _converted("decrypted"),
}


def context(job: JobState) -> dict[str, Any]:
    """What the page of such a job shows besides; nothing for others."""
    said = outcome(job)
    if not said:
        # A damaged database cannot be opened, which is the first thing that a job does.
        return {"by_command": job.state == "failed" and job.verb in _POINTS}
    report = job.report or {}
    name = {"verify": "found", "repair_plan": "steps", "repair": "repairs"}.get(job.verb, "")
    points = list(_points(report, name)) if name else []
    finished = job.verb == "encrypt" and report.get("finished") is True
    return {
        "outcome": said,
        "is_well": job.state == "done" and not _is_bad(job.verb, report),
        "points": points,
        "points_in_all": _number(report, f"{name}_in_all"),
        "points_title": _POINTS.get(job.verb, ""),
        "in_the_clear": [text.shown(each) for each in _texts(report.get("left")) if finished],
        "note": COPIES[0].upper() + COPIES[1:] if finished else "",
        "asked": {
            name: value for name, value in job.arguments.items() if isinstance(value, str | bool)
        },
    }


_POINTS = {
    "verify": "What is wrong",
    "repair_plan": "What is wrong, and what would be done",
    "repair": "Corrected",
}


def _is_bad(verb: str, report: Mapping[str, Any]) -> bool:
    bad = {"verify": "found_in_all", "repair_plan": "steps_in_all"}.get(verb, "failures_in_all")
    return bool(report.get("stopped") or report.get("finished") is False or _number(report, bad))


def _points(report: Mapping[str, Any], name: str) -> Iterator[Point]:
    found = report.get(name)
    for each in found[:LISTED] if isinstance(found, list | tuple) else ():
        if isinstance(each, str):
            yield Point(text.shown(each), "")
        elif len(pair := _texts(each)) == 2:
            yield Point(text.shown(pair[0]), text.shown(pair[1]))


def _texts(value: Any) -> Sequence[str]:
    """The texts of a list; what is none, in a row that another program wrote, is left out."""
    if not isinstance(value, list | tuple):
        return ()
    return [each for each in value if isinstance(each, str)]


def _number(report: Mapping[str, Any], name: str) -> int:
    value = report.get(name)
    return value if type(value) is int else 0
