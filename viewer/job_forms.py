"""The forms that start jobs: their fields, what was typed into them, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fapfav import text
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import BadField
from fapfav.jobs.orders import SITE


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `kind` is text, yes or choice, `wrong` what is said in red of what it holds."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    value: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that starts a job."""

    key: str
    verb: str
    title: str
    words: str
    button: str
    icon: str
    fields: tuple[Field, ...]
    wrong: str = ""
    """What is said of the whole, where no field is to blame."""


_SITE = Form(
    "site",
    "read",
    "Read favourites",
    "All folders of a user's favourites on Imagefap, or one. What is here is not fetched again.",
    "Read",
    "download",
    (
        Field("user", "User name"),
        Field("number", "or user number"),
        Field("folder", "Folder", hint="Its name or number; empty for all."),
        Field("force", "Also what was read in the last 72 hours, or failed before", "yes"),
    ),
)
_FOLDER = Form(
    "folder",
    "read",
    "Read a folder of this computer",
    "The pictures in it and below it. The files stay as they are.",
    "Read",
    "folder-input",
    (
        Field("local", "Folder", hint="Its whole path, such as ~/Pictures."),
        Field("force", "Try again what failed before", "yes"),
    ),
)
_AUDIT = Form(
    "audit",
    "audit",
    "Look what is still there",
    "Asks the site about every picture of a user. Nothing is downloaded, nothing deleted.",
    "Look",
    "search-check",
    (
        Field("number", "User", "choice"),
        Field("force", "Also what was checked in the last 10 days", "yes"),
    ),
)
_RETRY = Form(
    "retry",
    "retry",
    "Try again what failed",
    "Fetches the pictures of the site that could not be had before, and nothing else.",
    "Try again",
    "rotate-cw",
    (Field("number", "User", "choice"),),
)
_FIND = Form(
    "find",
    "find",
    "Find duplicates",
    "Compares what is new with everything. A read does this at its end.",
    "Find",
    "copy",
    (Field("again", "All pictures anew, not only what is new", "yes"),),
)
_FINGERPRINT = Form(
    "fingerprint",
    "fingerprint",
    "Make prints anew",
    "Makes hashes and embeddings from the pictures in the archive, then finds duplicates.",
    "Make",
    "fingerprint-pattern",
    (Field("missing", "Only what a picture lacks", "yes", value="1"),),
)

_FORMS = (_SITE, _FOLDER, _AUDIT, _RETRY, _FIND, _FINGERPRINT)


def forms(
    archive: Archive, given: Mapping[str, str] | None = None, wrong: Any = None
) -> list[Form]:
    """All of them; with what was given to one, and what is wrong with it."""
    users = [
        (user.user, f"{text.shown(user.name)} ({text.shown(user.user)})")
        for user in sorted(archive.users.records(), key=lambda user: user.name.casefold())
        if user.source == SITE
    ]
    found = []
    for form in _FORMS:
        everyone = [("", "everyone")] if form is _RETRY else []
        filled = replace(
            form,
            fields=tuple(
                replace(field, choices=[*everyone, *users]) if field.kind == "choice" else field
                for field in form.fields
            ),
        )
        if given is not None and given.get("form") == form.key:
            filled = _with(filled, given, wrong)
        # Whoever was never read has nothing to be looked for.
        if users or form not in (_AUDIT, _RETRY):
            found.append(filled)
    return found


def _with(form: Form, given: Mapping[str, str], wrong: Any) -> Form:
    """A form as it was sent."""
    at = wrong.field if isinstance(wrong, BadField) else ""
    # What is said of a field that this form calls otherwise is said at its first.
    names = [field.name for field in form.fields]
    if at not in names:
        at = names[0] if at else ""
    return replace(
        form,
        wrong="" if at else str(wrong),
        fields=tuple(
            replace(
                field,
                value=given.get(field.name, ""),
                wrong=str(wrong) if field.name == at else "",
            )
            for field in form.fields
        ),
    )


def order_of(given: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The job a sent form asks for, with its arguments as typed; None for no form of ours."""
    form = next((form for form in _FORMS if form.key == given.get("form")), None)
    if form is None:
        return None
    return form.verb, {
        field.name: bool(given.get(field.name))
        if field.kind == "yes"
        else given.get(field.name, "").strip()
        for field in form.fields
    }
