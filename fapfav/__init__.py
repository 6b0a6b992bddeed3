"""fapfav: a private, encrypted archive of favourite pictures that finds duplicates.

    with fapfav.open_archive("~/pictures", password, create=True) as archive:
        fapfav.read(archive, fapfav.LocalFolder(folder), fapfav.read_settings(archive))
        for digest, blob in archive.blobs.items():
            archive.blob_bytes(digest), archive.thumbnail(digest)
        for group in archive.groups:
            group.members, group.sources, group.verdicts

Every verb of the command line is a function here that takes the archive first; the library never
prints. What goes wrong is a FapfavError that says what, which and what next.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fapfav.errors import (
        ArchiveChanged,
        ArchiveError,
        ArchiveInUse,
        BadPicture,
        DamagedArchive,
        DamagedFile,
        FapfavError,
        NewerVersion,
        NoArchive,
        OlderArchive,
        SourceError,
        UsageError,
        WrongPassword,
    )
    from fapfav.jobs.audit import AuditReport, AuditSettings, audit
    from fapfav.jobs.automatic import SearchReport, find_and_resolve
    from fapfav.jobs.backup import BackupReport, RestoreReport, backup, restore
    from fapfav.jobs.base import BrokenOff
    from fapfav.jobs.convert import ConvertReport, decrypt, encrypt
    from fapfav.jobs.find import FindReport, find_duplicates
    from fapfav.jobs.keys import (
        KeyRing,
        key_add,
        key_add_recovery,
        key_change,
        key_list,
        key_remove,
        open_keys,
    )
    from fapfav.jobs.learning import LearnedReport, learned
    from fapfav.jobs.library import Archive, open_archive
    from fapfav.jobs.plan import Plan, PlanReport, apply_plan, make_plan
    from fapfav.jobs.prints import fingerprint
    from fapfav.jobs.read import ReadReport, read, read_settings, retry
    from fapfav.jobs.repair import Means, RepairReport, repair
    from fapfav.jobs.repair_plan import RepairPlan, plan_repair
    from fapfav.jobs.report import HtmlReport, ReportSettings, report_html
    from fapfav.jobs.resolving import (
        ResolvedReport,
        apply_resolution,
        plan_resolution,
        undo_resolution,
    )
    from fapfav.jobs.review import judge, judge_places, set_limits
    from fapfav.jobs.rules import rules_of, set_rules
    from fapfav.jobs.sets import Changed, SetLine, SetView, judge_set, set_lines, set_view
    from fapfav.jobs.verify import VerifyReport, verify
    from fapfav.model import (
        Album,
        Blob,
        Check,
        Choice,
        Digest,
        Fingerprint,
        Group,
        Label,
        Method,
        Place,
        PlaceKey,
        Tag,
        User,
        UserKey,
        Verdict,
        digest_of,
    )
    from fapfav.sources.local import LocalFolder
    from fapfav.sources.reach import imagefap
    from fapfav.store.opening import Unlocked, unlock

__all__ = [
    "Album",
    "Archive",
    "ArchiveChanged",
    "ArchiveError",
    "ArchiveInUse",
    "AuditReport",
    "AuditSettings",
    "BackupReport",
    "BadPicture",
    "Blob",
    "BrokenOff",
    "Changed",
    "Check",
    "Choice",
    "ConvertReport",
    "DamagedArchive",
    "DamagedFile",
    "Digest",
    "FapfavError",
    "FindReport",
    "Fingerprint",
    "Group",
    "HtmlReport",
    "KeyRing",
    "Label",
    "LearnedReport",
    "LocalFolder",
    "Means",
    "Method",
    "NewerVersion",
    "NoArchive",
    "OlderArchive",
    "Place",
    "PlaceKey",
    "Plan",
    "PlanReport",
    "ReadReport",
    "RepairPlan",
    "RepairReport",
    "ReportSettings",
    "ResolvedReport",
    "RestoreReport",
    "SearchReport",
    "SetLine",
    "SetView",
    "SourceError",
    "Tag",
    "Unlocked",
    "UsageError",
    "User",
    "UserKey",
    "Verdict",
    "VerifyReport",
    "WrongPassword",
    "apply_plan",
    "apply_resolution",
    "audit",
    "backup",
    "decrypt",
    "digest_of",
    "encrypt",
    "find_and_resolve",
    "find_duplicates",
    "fingerprint",
    "imagefap",
    "judge",
    "judge_places",
    "judge_set",
    "key_add",
    "key_add_recovery",
    "key_change",
    "key_list",
    "key_remove",
    "learned",
    "make_plan",
    "open_archive",
    "open_keys",
    "plan_repair",
    "plan_resolution",
    "read",
    "read_settings",
    "repair",
    "report_html",
    "restore",
    "retry",
    "rules_of",
    "set_limits",
    "set_lines",
    "set_rules",
    "set_view",
    "undo_resolution",
    "unlock",
    "verify",
]

_HOMES = {
    "fapfav.errors": (
        "ArchiveChanged ArchiveError ArchiveInUse BadPicture DamagedArchive DamagedFile "
        "FapfavError NewerVersion NoArchive OlderArchive SourceError UsageError WrongPassword"
    ),
    "fapfav.jobs.audit": "AuditReport AuditSettings audit",
    "fapfav.jobs.backup": "BackupReport RestoreReport backup restore",
    "fapfav.jobs.automatic": "SearchReport find_and_resolve",
    "fapfav.jobs.base": "BrokenOff",
    "fapfav.jobs.convert": "ConvertReport decrypt encrypt",
    "fapfav.jobs.find": "FindReport find_duplicates",
    "fapfav.jobs.keys": (
        "KeyRing key_add key_add_recovery key_change key_list key_remove open_keys"
    ),
    "fapfav.jobs.learning": "LearnedReport learned",
    "fapfav.jobs.library": "Archive open_archive",
    "fapfav.jobs.plan": "Plan PlanReport apply_plan make_plan",
    "fapfav.jobs.prints": "fingerprint",
    "fapfav.jobs.read": "ReadReport read read_settings retry",
    "fapfav.jobs.repair": "Means RepairReport repair",
    "fapfav.jobs.repair_plan": "RepairPlan plan_repair",
    "fapfav.jobs.report": "HtmlReport ReportSettings report_html",
    "fapfav.jobs.resolving": "ResolvedReport apply_resolution plan_resolution undo_resolution",
    "fapfav.jobs.review": "judge judge_places set_limits",
    "fapfav.jobs.rules": "rules_of set_rules",
    "fapfav.jobs.sets": "Changed SetLine SetView judge_set set_lines set_view",
    "fapfav.jobs.verify": "VerifyReport verify",
    "fapfav.model": (
        "Album Blob Check Choice Digest Fingerprint Group Label Method Place PlaceKey Tag User "
        "UserKey Verdict digest_of"
    ),
    "fapfav.sources.local": "LocalFolder",
    "fapfav.sources.reach": "imagefap",
    "fapfav.store.opening": "Unlocked unlock",
}
"""Where each public name is made: a module is loaded when the first of its names is asked for, so
a command loads what it takes and no more."""

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """A public name, once it is asked for."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
