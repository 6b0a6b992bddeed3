"""Jobs in words: what one is called, how far it is, and what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fapfav import text
from fapfav.model import Progress
from viewer import safety_reports
from viewer.job_process import JobState

FAILURES = 200
"""Failures that are listed."""

_TITLES = {
    "read": "Read favourites",
    "audit": "Look what is still there",
    "retry": "Try again what failed",
    "find": "Find duplicates",
    "fingerprint": "Make prints anew",
    "export": "Export",
    "plan": "Apply a plan",
    "resolve": "Apply rules",
    **safety_reports.TITLES,
}
_STATES = {
    "waiting": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a report."""

    label: str
    value: str


def _count(value: Any) -> str:
    return f"{value:,}"


def _whole(value: Any) -> str:
    return text.duration(float(value))


def _size(value: Any) -> str:
    return text.size(value)


Shown = Callable[[Any], str]

# By job, the fields of its report, what they are called, and how they are shown. Those marked with
# a star are left out when they are nothing.
_READ: tuple[tuple[str, str, Shown], ...] = (
    ("saved", "Saved", _count),
    ("bytes", "Bytes of these", _size),
    ("known", "Known at their places already", _count),
    ("existing", "Held already, place added", _count),
    ("removed*", "Left out, as they were removed before", _count),
    ("left_alone*", "Failed before and left alone", _count),
    ("skipped*", "Albums read a short time ago", _count),
    ("failed", "Failed", _count),
    ("pictures_in_groups", "Pictures with duplicates", _count),
    ("new_pairs", "New pairs", _count),
    ("requests*", "Requests to the site", _count),
    ("waited*", "Waited for the site", _whole),
)
_FIELDS: dict[str, tuple[tuple[str, str, Shown], ...]] = {
    "read": _READ,
    "retry": _READ,
    "audit": (
        ("checked", "Checked", _count),
        ("there", "Still there", _count),
        ("gone", "Gone", _count),
        ("newly_gone", "Gone since the last time", _count),
        ("back", "Back since the last time", _count),
        ("skipped*", "Checked a short time ago", _count),
        ("left*", "Left for the next time", _count),
        ("requests*", "Requests to the site", _count),
        ("waited*", "Waited for the site", _whole),
    ),
    "find": (
        ("new_pairs", "New pairs", _count),
        ("groups", "Sets", _count),
        ("pictures_in_groups", "Pictures in them", _count),
        ("rules_sets*", "Sets resolved by your automatic rules", _count),
        ("rules_pictures*", "Pictures these hid; the history takes that back", _count),
    ),
    "fingerprint": (
        ("done", "Prints made", _count),
        ("failed", "Failed", _count),
        ("new_pairs", "New pairs", _count),
    ),
    "export": (
        ("written", "Written", _count),
        ("bytes", "Bytes of these, not encrypted", _size),
        ("same", "There already", _count),
        ("renamed*", "With a digest before the name", _count),
        ("skipped*", "Left out, as you decided to skip them", _count),
        ("emptied*", "Files deleted there before, to renumber", _count),
        ("failed", "Failed", _count),
        ("folders", "Folders", _count),
        ("folder", "Below", text.shown),
    ),
    "plan": (
        ("sets", "Sets decided", _count),
        ("pictures", "Pictures skipped", _count),
        ("bytes", "Bytes of these, hidden", _size),
    ),
    "resolve": (
        ("sets", "Sets resolved", _count),
        ("pictures", "Copies hidden", _count),
        ("bytes", "Bytes of these", _size),
        ("tags*", "Tags given to kept pictures", _count),
        ("places*", "Places given to kept pictures", _count),
        ("already*", "As the plan says already", _count),
    ),
    **safety_reports.FIELDS,
}


def title(job: JobState) -> str:
    """What a job is called, with what it is about."""
    given = job.arguments
    name = _TITLES.get(job.verb, job.verb)
    if job.verb == "read" and "local" in given:
        return f"Read the folder {text.shown(str(given['local']))}"
    about = [
        str(given[field])
        for field in ("user", "number", "folder", "tag", "album", *safety_reports.about(job.verb))
        if field in given
    ]
    if job.verb == "export" and given.get("all"):
        about = ["everything"]
    if job.verb in ("plan", "resolve"):
        about = [text.many(_number(given.get("sets")), "set")]
    if job.verb == "read" and about:
        return f"{name} of {text.shown(' / '.join(about))}"
    return name + (f": {text.shown(' / '.join(about))}" if about else "")


def choices(job: JobState) -> list[str]:
    """How it was asked to be done, where that is not as always."""
    words = {
        "force": "also what was done a short time ago",
        "again": "all pictures anew",
        "missing": "only what is missing",
        "renumber": "renumbered",
        "reclaim": "copies into the trash",
        **safety_reports.CHOICES,
    }
    return [said for field, said in words.items() if job.arguments.get(field) is True]


def state(job: JobState) -> str:
    """How it stands, in a word or a few."""
    if job.stopping and not job.is_over:
        return "stopping after what is in hand"
    if job.waits_for:
        return f"waiting for {job.waits_for}"
    return _STATES.get(job.state, job.state)


def steps(progress: Progress | None) -> list[str]:
    """How far a job is, in words."""
    if progress is None:
        return []
    said = []
    if progress.total:
        unit = " %" if progress.doing == "comparing" else ""
        said.append(f"{progress.done:,}{unit} of {progress.total:,}{unit}")
    elif progress.done:
        said.append(f"{progress.done:,} done")
    if progress.failed:
        said.append(f"{progress.failed:,} failed")
    if progress.pages:
        said.append(text.many(progress.pages, "page") + " of listings")
    if progress.rate and progress.doing != "comparing":
        said.append(text.rate(progress.rate).replace("/", " pictures/", 1))
    if progress.seconds_left is not None and progress.done < progress.total:
        said.append(f"about {text.duration(progress.seconds_left)} left")
    return said


def facts(job: JobState) -> list[Fact]:
    """What a job came to."""
    report = job.report or {}
    found = []
    for name, label, shown in _FIELDS.get(job.verb, ()):
        value = report.get(name.rstrip("*"))
        known = isinstance(value, str) == (shown is text.shown) and isinstance(value, _PLAIN)
        if known and (value or not name.endswith("*")):
            found.append(Fact(label, shown(value)))
    seconds = report.get("seconds") or (job.ended - job.started if job.ended else 0)
    if isinstance(seconds, int | float) and seconds > 0:
        found.append(Fact("Time", text.duration(float(seconds))))
    return found


def summary(job: JobState) -> str:
    """The same in one line."""
    if job.error:
        return job.error
    if said := safety_reports.outcome(job):
        return said
    told = [fact for fact in facts(job) if fact.label != "Time"][:3]
    return ", ".join(f"{fact.label[0].lower()}{fact.label[1:]}: {fact.value}" for fact in told)


def failures(job: JobState) -> list[str]:
    """What failed, each with its reason."""
    return [_joined(each) for each in _listed(job, "failures")]


def found(job: JobState) -> list[str]:
    """What an audit found gone or back."""
    lines = [f"gone: {_joined(each[:3])}" for each in _listed(job, "findings")]
    return lines + [f"back: {_joined(each[:3])}" for each in _listed(job, "returned")]


def warnings(job: JobState) -> list[str]:
    """What went well, but not as one might think."""
    said = [text.shown(str(each)) for each in _list(job, "warnings")]
    why = Counter(str(each[-1]) for each in (*_listed(job, "left"), *_listed(job, "rules_left")))
    return said + [f"{text.many(n, 'set')} left: {text.shown(w)}" for w, n in why.items()]


def albums(job: JobState) -> Sequence[Mapping[str, Any]]:
    """What a read did in each album."""
    listed = [each for each in _list(job, "albums") if isinstance(each, dict)][:FAILURES]
    return [
        {"name": str(each.get("name", "")), **{name: _number(each.get(name)) for name in _OF_ALBUM}}
        for each in listed
    ]


def failed_in_all(job: JobState) -> int:
    """How many failures there are, of which not all may be listed."""
    return _number((job.report or {}).get("failures_in_all")) or len(_list(job, "failures"))


_PLAIN = (int, float, str)
_OF_ALBUM = ("saved", "bytes", "known", "existing", "failed")


def _number(value: Any) -> int:
    """A number of a report: what is none, in a row that another program wrote, is 0."""
    return value if isinstance(value, int) else 0


def _list(job: JobState, name: str) -> Sequence[Any]:
    found = (job.report or {}).get(name)
    return found if isinstance(found, list | tuple) else ()


def _listed(job: JobState, name: str) -> Iterator[Sequence[Any]]:
    for each in _list(job, name)[:FAILURES]:
        if isinstance(each, list | tuple) and each:
            yield each


def _joined(parts: Sequence[Any]) -> str:
    return ": ".join(text.shown(str(part)) for part in parts)
