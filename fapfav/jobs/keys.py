"""`key`: the passwords and recovery codes that open an archive.

Each is a slot of the header that wraps one and the same root key, so a change costs the same for
any number of pictures, and who has the archive open goes on. Slots have no names on the disk in the
clear: labels and dates are a setting of the database, written after the header.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import ArchiveError, UsageError
from fapfav.jobs.base import Report
from fapfav.jobs.library import Archive
from fapfav.model import Config
from fapfav.store import keyring, recovery, rekey
from fapfav.store.opening import unlock_again
from fapfav.store.rekey import Slots
from fapfav.store.seen import Seen
from fapfav.store.slots import DEFAULT_COST, PASSWORD, Cost, Slot

LABELS = "key_slots"
"""The setting: for each slot's id in hex its `label` and when it was `made`."""

LONGEST = 100
"""Characters of a label."""

THIEF = (
    "whoever kept an old copy of the database and an old password can still open that copy, and "
    "with what is in it everything since; `decrypt` and then `encrypt` again, or a new archive, "
    "shuts them out from then on"
)
"""What a change of keys does not do."""

KeyRing = keyring.KeyRing[Archive]


@dataclass(frozen=True, slots=True)
class Key:
    """One way in: `made` in seconds UTC, 0 where nobody noted it."""

    id: str
    kind: str
    label: str
    made: int
    opened: bool


@dataclass(frozen=True, slots=True)
class KeyListing(Report):
    """All ways in, in the order they are tried in."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class KeyReport(Report):
    """What became of one key: its id now, "" once it is removed; `left` is how many there are.

    `change` is the log's number, 0 when it could not be noted, which `warnings` say.
    """

    change: int
    id: str
    kind: str
    label: str
    left: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecoveryReport(KeyReport):
    """A recovery code as it is to be written down; it is shown here and never again."""

    code: str = ""


def open_keys(
    path: str | Path,
    password: str | None,
    *,
    seen: Seen | None = None,
    accept_older: bool = False,
) -> KeyRing:
    """Opens an encrypted archive to change its keys, with a password or a recovery code.

    Use as a context manager. Raises as `open_archive`, UsageError for one that is not encrypted.
    """
    where = Path(path).expanduser()
    return keyring.open_keyring(where, password, seen=seen, accept_older=accept_older, kind=Archive)


def key_list(keys: KeyRing | Archive) -> KeyListing:
    """The passwords and recovery codes that open the archive; none of them is shown.

    Of one that is open for anything else nobody knows any more which of them opened it.
    """
    archive = keys if isinstance(keys, Archive) else keys.archive
    archive.refresh()
    noted = _labels(archive)
    if isinstance(keys, Archive):
        slots, opened_by = unlock_again(archive.path, archive.handover()).header.slots, b""
    else:
        slots, opened_by = keys.slots(), keys.opened_by
    return KeyListing(
        tuple(
            Key(
                id=slot.slot_id.hex(),
                kind=_kind(slot),
                label=noted.get(slot.slot_id.hex(), ("", 0))[0],
                made=noted.get(slot.slot_id.hex(), ("", 0))[1],
                opened=slot.slot_id == opened_by,
            )
            for slot in slots
        )
    )


def key_change(
    keys: KeyRing,
    password: str,
    key: str | None = None,
    *,
    label: str | None = None,
    cost: Cost = DEFAULT_COST,
) -> KeyReport:
    """Puts a new password in an old one's place: of the slot that opened the archive, or `key`.

    With a recovery code it is the only password there is; if there is none, it becomes one. Raises
    UsageError for a password that is none, or when it is not clear which one is meant.
    """
    known = keys.slots()
    old = _found(known, key) if key is not None else _meant(keys, known)
    if old is not None and old.kind != PASSWORD:
        raise UsageError("a recovery code is not changed: add another, then remove it")
    new = keys.password(password, cost)
    if old is None:
        header = keys.change(lambda slots: rekey.added(slots, new))
        return _noted(keys, new, header.slots, label or "", "password added")
    header = keys.change(lambda slots: rekey.replaced(slots, old.slot_id, new))
    if old.slot_id == keys.opened_by:
        keys.opened_by = new.slot_id
    before = _labels(keys.archive).get(old.slot_id.hex(), ("", 0))[0]
    label = before if label is None else label
    return _noted(keys, new, header.slots, label, "password changed")


def key_add(
    keys: KeyRing, password: str, *, label: str = "", cost: Cost = DEFAULT_COST
) -> KeyReport:
    """Adds a password beside those there are.

    Raises UsageError when trying them all would cost more than a reader allows: three are no more.
    """
    rekey.added(keys.slots(), new := keys.password(password, cost))
    header = keys.change(lambda slots: rekey.added(slots, new))
    return _noted(keys, new, header.slots, label, "password added")


def key_add_recovery(
    keys: KeyRing, code: bytes | None = None, *, label: str = ""
) -> RecoveryReport:
    """Adds a recovery code: a new one, or one of `recovery.new_code` that was shown before."""
    code = recovery.new_code() if code is None else code
    new = keys.recovery(code)
    header = keys.change(lambda slots: rekey.added(slots, new))
    done = _noted(keys, new, header.slots, label, "recovery code added")
    return RecoveryReport(
        *(done.change, done.id, done.kind, done.label, done.left, done.warnings),
        code=recovery.show_code(code),
    )


def key_remove(keys: KeyRing, key: str) -> KeyReport:
    """Takes a key away, by its id or the beginning of it.

    The one that opened the archive goes too, if another is left. Raises UsageError for the last.
    """
    old = _found(keys.slots(), key)
    label = _labels(keys.archive).get(old.slot_id.hex(), ("", 0))[0]
    header = keys.change(lambda slots: rekey.removed(slots, old.slot_id))
    done = _noted(keys, None, header.slots, "", f"{_kind(old)} removed")
    warnings = list(done.warnings)
    if old.slot_id == keys.opened_by:
        warnings.append("this was the key that opened the archive just now: it does no more")
    if all(slot.kind != PASSWORD for slot in header.slots):
        warnings.append("from now on no password opens the archive, only a recovery code")
    return KeyReport(done.change, "", _kind(old), label, len(header.slots), tuple(warnings))


def slot_notes(slots: Iterable[Slot], now: int) -> Config:
    """The setting for the slots of a new header."""
    return Config(LABELS, {slot.slot_id.hex(): {"label": "", "made": now} for slot in slots})


def _kind(slot: Slot) -> str:
    return "password" if slot.kind == PASSWORD else "recovery code"


def _meant(keys: KeyRing, slots: Slots) -> Slot | None:
    """The password to change: the one that opened the archive, or the only one."""
    passwords = [slot for slot in slots if slot.kind == PASSWORD]
    by = [slot for slot in passwords if slot.slot_id == keys.opened_by]
    if by or not passwords:
        return by[0] if by else None
    if len(passwords) > 1:
        raise UsageError(
            f"the archive has {len(passwords)} passwords: say by its id which is to be changed; "
            "`key list` shows them"
        )
    return passwords[0]


def _found(slots: Slots, key: str) -> Slot:
    """The slot whose id begins so. Raises UsageError for none or several."""
    wanted = key.strip().lower()
    found = [slot for slot in slots if wanted and slot.slot_id.hex().startswith(wanted)]
    if len(found) != 1:
        what = "several keys have ids that begin" if found else "no key has an id that begins"
        raise UsageError(f"{what} with {key!r}; `key list` shows them")
    return found[0]


def _labels(archive: Archive) -> dict[str, tuple[str, int]]:
    """Label and date by id; what is not well formed is as if it were not there."""
    noted: Any = archive.config(LABELS, {})
    found = {}
    for slot_id, about in noted.items() if isinstance(noted, dict) else ():
        label, made = (about.get("label"), about.get("made")) if isinstance(about, dict) else (0, 0)
        if isinstance(label, str) and type(made) is int:
            found[slot_id] = label, made
    return found


def _noted(keys: KeyRing, new: Slot | None, slots: Slots, label: str, what: str) -> KeyReport:
    """Notes label and date of a key that is in the header; what fails here does not undo that."""
    archive, number = keys.archive, 0
    warnings: tuple[str, ...] = ()
    # What the command line was given may be no text.
    label = label.encode(errors="replace").decode()[:LONGEST]
    try:
        with archive.write("key", what=what) as tx:
            ids = {slot.slot_id.hex() for slot in slots}
            noted = {
                slot_id: {"label": about[0], "made": about[1]}
                for slot_id, about in _labels(archive).items()
                if slot_id in ids
            }
            if new is not None:
                noted[new.slot_id.hex()] = {"label": label, "made": tx.now}
            tx.put(Config(LABELS, noted))
        number = tx.number
    except ArchiveError as error:
        warnings = (f"{what}, but its label and date could not be noted: {error}",)
    return KeyReport(
        change=number,
        id="" if new is None else new.slot_id.hex(),
        kind="" if new is None else _kind(new),
        label=label,
        left=len(slots),
        warnings=warnings,
    )
