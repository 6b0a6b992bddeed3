"""Orders for jobs that look after the archive itself: looked through, repaired, copied, converted.

Their reports are kept in the archive, so what may be long is cut to what a page shows of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs import way
from fapfav.jobs.base import Report, Stop, Tell
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import (
    BY,
    Arguments,
    BadField,
    Order,
    at_field,
    path_in,
    text_in,
    yes_in,
)
from fapfav.store.seen import Seen, state_folder

if TYPE_CHECKING:
    from fapfav.jobs.convert import ConvertReport
    from fapfav.jobs.verify import VerifyReport
    from fapfav.sources.base import Source

LISTED = 200
"""Entries of each list in a report; how many there are is said beside it."""


@dataclass(frozen=True, slots=True)
class Told(Report):
    """What is kept of a report."""

    values: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return dict(self.values)


def _seen() -> Seen:
    return Seen(state_folder(os.environ))


def _cut(name: str, entries: Sequence[Any]) -> dict[str, Any]:
    """A list of a report, with how many it has."""
    first = [list(each) if isinstance(each, tuple) else each for each in entries[:LISTED]]
    return {name: first, f"{name}_in_all": len(entries)}


# Verify


def _check_verify(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    return {"fast": yes_in(arguments, "fast")}


def _verify(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.verify import verify

    found = verify(archive, fast=arguments["fast"], seen=_seen(), tell=tell, stop=stop)
    lost = sum(last - first + 1 for first, last in found.missing)
    return Told(
        {
            "whole": found.is_whole,
            **_cut("found", found.found),
            **_looked_at(found),
            "lost": lost,
            "quarantine": len(found.quarantine),
            "temporary": len(found.temporary),
            "kept": ", ".join(found.kept),
            "converting": found.converting,
        }
    )


def _looked_at(found: VerifyReport) -> dict[str, Any]:
    """What a look through the archive saw of it."""
    return {
        "fast": found.fast,
        "pictures": found.pictures,
        "files": found.files,
        "bytes": found.bytes,
        "database_bytes": found.database_bytes,
        "stopped": found.stopped,
        "seconds": found.seconds,
    }


# Repair


def _check_repair(archive: Archive, arguments: Arguments) -> dict[str, Any]:
    from fapfav.sources.local import LocalFolder

    lost = path_in(arguments, "lost") if text_in(arguments, "lost") else ""
    if lost:
        with at_field("lost"):
            LocalFolder(Path(lost), exclude=archive.path)
    return {"fetch": yes_in(arguments, "fetch"), "lost": lost}


@contextmanager
def _sources(archive: Archive, arguments: Arguments) -> Iterator[list[Source]]:
    """What lost pictures may be had again from."""
    from fapfav.sources.local import LocalFolder

    with ExitStack() as stack:
        found: list[Source] = []
        if arguments["lost"]:
            found.append(LocalFolder(Path(arguments["lost"]), exclude=archive.path))
        if arguments["fetch"]:
            found.append(stack.enter_context(way.imagefap(tuple(archive.users.records()))))
        yield found


def _plan_repair(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.repair_plan import plan_repair
    from fapfav.store.opening import unlock_again

    unlocked = unlock_again(archive.path, archive.handover())
    with _sources(archive, arguments) as sources:
        names = [source.name for source in sources]
        plan = plan_repair(unlocked, names, seen=_seen(), tell=tell, stop=stop)
    return Told({**_cut("steps", plan.steps), "left": plan.left, **_looked_at(plan.verified)})


def _repair(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.model_in_use import cache_folder, load_model
    from fapfav.jobs.repair import Means, repair
    from fapfav.store.opening import unlock_again

    unlocked = unlock_again(archive.path, archive.handover())
    with _sources(archive, arguments) as sources:
        means = Means(sources, lambda found: load_model(found, None, cache_folder()), _seen())
        done = repair(unlocked, means, by=BY, tell=tell, stop=stop)
    return Told(
        {
            "change": done.change,
            **_cut("repairs", done.repairs),
            **_cut("failures", done.failed),
            "new_pairs": done.new_pairs,
            "saved": "" if done.saved is None else done.saved.kept,
            "warnings": list(done.warnings),
            "stopped": done.stopped,
            "seconds": done.seconds,
        }
    )


# Backup, restore


def _check_backup(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    if not text_in(arguments, "target"):
        raise BadField("target", "which folder? give its whole path")
    return {"target": path_in(arguments, "target"), "check": yes_in(arguments, "check")}


def _backup(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.backup import backup

    target, check = arguments["target"], arguments["check"]
    done = backup(archive.path, target, check=check, tell=tell, stop=stop)
    return Told(
        {
            "folder": target,
            "files": done.files,
            "bytes": done.bytes,
            "present": done.present,
            "checked": 0 if done.checked is None else done.checked,
            "databases": done.databases,
            **_cut("failures", done.failed),
            "stopped": done.stopped,
        }
    )


def _check_restore(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    for field, which in (("source", "which backup?"), ("target", "into which folder?")):
        if not text_in(arguments, field):
            raise BadField(field, f"{which} give its whole path")
    found = {name: path_in(arguments, name) for name in ("source", "target")}
    known = databases_of(found["source"])
    database = text_in(arguments, "database") or known[0]
    if database not in known:
        raise BadField("database", f"the backup holds no {text.shown(text.short(database, 60))}")
    return {**found, "database": database}


def databases_of(backup: str) -> list[str]:
    """The databases in a backup's folder, the newest first. Raises BadField when it is none."""
    from fapfav.jobs.backup import databases

    with at_field("source"):
        found = databases(backup) if Path(backup).is_dir() else []
        if not found:
            raise UsageError(f"there is no backup in {backup}")
    return found


def _restore(_archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.backup import restore

    source, target, database = (arguments[name] for name in ("source", "target", "database"))
    done = restore(source, target, database=database, tell=tell, stop=stop)
    return Told(
        {
            "folder": target,
            "files": done.files,
            "bytes": done.bytes,
            "database": done.database,
            **_cut("failures", done.failed),
            "stopped": done.stopped,
        }
    )


# Encrypt, decrypt


def _check_encrypt(archive: Archive, _arguments: Arguments) -> dict[str, Any]:
    """It takes no password: the one who typed it has begun, and this goes on with the files."""
    from fapfav.jobs.convert import under_way

    if not under_way(archive):
        raise UsageError("nothing was begun here that could be gone on with")
    return {}


def _encrypt(archive: Archive, _arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.convert import encrypt

    return _converted(encrypt(archive, tell=tell, stop=stop))


def _check_decrypt(archive: Archive, _arguments: Arguments) -> dict[str, Any]:
    if not archive.sealed:
        raise UsageError("this archive is not encrypted")
    return {}


def _decrypt(archive: Archive, _arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.convert import decrypt

    return _converted(decrypt(archive, seen=_seen(), tell=tell, stop=stop))


def _converted(done: ConvertReport) -> Report:
    return Told(
        {
            "change": done.change,
            "files": done.files,
            "bytes": done.bytes,
            "finished": done.finished,
            **_cut("failures", done.failures),
            **_cut("left", done.left),
        }
    )


ORDERS = {
    "verify": Order(lambda _: False, _check_verify, _verify),
    "repair_plan": Order(lambda _: False, _check_repair, _plan_repair),
    "repair": Order(lambda arguments: bool(arguments["fetch"]), _check_repair, _repair),
    "backup": Order(lambda _: False, _check_backup, _backup),
    "restore": Order(lambda _: False, _check_restore, _restore),
    "encrypt": Order(lambda _: False, _check_encrypt, _encrypt),
    "decrypt": Order(lambda _: False, _check_decrypt, _decrypt),
}
"""By the name of each."""
