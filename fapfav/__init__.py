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
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.plan import Plan, PlanReport, apply_plan, make_plan
from fapfav.jobs.prints import fingerprint
from fapfav.jobs.read import ReadReport, read, read_settings, retry
from fapfav.jobs.review import judge, judge_places, set_limits
from fapfav.jobs.sets import Changed, SetLine, SetView, judge_set, set_lines, set_view
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
    "KeyRing",
    "Label",
    "LocalFolder",
    "Method",
    "NewerVersion",
    "NoArchive",
    "OlderArchive",
    "Place",
    "PlaceKey",
    "Plan",
    "PlanReport",
    "ReadReport",
    "RestoreReport",
    "SetLine",
    "SetView",
    "SourceError",
    "Tag",
    "UsageError",
    "User",
    "UserKey",
    "Verdict",
    "WrongPassword",
    "apply_plan",
    "audit",
    "backup",
    "decrypt",
    "digest_of",
    "encrypt",
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
    "make_plan",
    "open_archive",
    "open_keys",
    "read",
    "read_settings",
    "restore",
    "retry",
    "set_limits",
    "set_lines",
    "set_view",
]
