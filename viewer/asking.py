"""What pages about keys ask for: the password that opens, a new one, a recovery code copied down.

None of it is ever shown again, kept, or said in words; it comes in the body of a form only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from django.http import HttpRequest, HttpResponse

from fapfav.errors import UsageError, WrongPassword
from fapfav.jobs.keys import KeyRing, open_keys
from fapfav.jobs.order_fields import BadField, at_field
from fapfav.store import recovery
from fapfav.store.keys import normalize_password
from fapfav.store.seen import Seen, state_folder
from viewer.state import PATIENCE, the_viewer

_CODE = "recovery_code"
_GROUPS = 3  # that are typed back

_LOOKALIKES = str.maketrans("OIL", "011")


@contextmanager
def opened_keys(fields: Mapping[str, str]) -> Iterator[KeyRing]:
    """The archive with its keys, opened by the password in `password`. Raises BadField.

    Who sits at a viewer that is open can look at everything, and still change no key without it.
    """
    viewer = the_viewer()
    given = fields.get("password", "")
    if not given.strip():
        raise BadField("password", "type the password that opens the archive now")
    if wait := viewer.attempts.begin():
        raise BadField("password", f"too many wrong answers: try again in {wait} s")
    right: bool | None = None
    keys = None
    try:
        with suppress(WrongPassword, UsageError):
            right = False
            # That it is the one last seen was looked at when it was opened for its pages.
            seen = Seen(state_folder(os.environ))
            keys = open_keys(viewer.directory, given, seen=seen, accept_older=True)
            keys.archive.hurry(PATIENCE)
            right = True
    finally:
        viewer.attempts.end(wrong=None if right is None else not right)
    # Out here: what was caught knows more than a page should say.
    if keys is None:
        raise BadField("password", "this is not the password")
    with keys:
        yield keys


def new_password(fields: Mapping[str, str]) -> str:
    """A password typed twice, in `new` and `again`. Raises BadField."""
    first = fields.get("new", "")
    if not first.strip():
        raise BadField("new", "type the new password")
    if fields.get("again", "") != first:
        raise BadField("again", "this is not the same as above")
    with at_field("new"):
        normalize_password(first)
    return first


def offer_code(request: HttpRequest) -> None:
    """Makes a recovery code that opens nothing yet; it waits in the memory of this browser's visit.

    Which groups of it are to be typed back changes with each, so that one has to have it at hand.
    """
    code = recovery.new_code()
    count = len(recovery.show_code(code).split("-"))
    asked = sorted(secrets.SystemRandom().sample(range(count), _GROUPS))
    request.session[_CODE] = {"code": code.hex(), "asked": asked}


def offered(request: HttpRequest) -> dict[str, Any] | None:
    """The groups of the code that waits, numbered, and the numbers of those that are asked for."""
    found = request.session.get(_CODE)
    if found is None:
        return None
    groups = recovery.show_code(bytes.fromhex(found["code"])).split("-")
    asked = [(at + 1, f"group_{at + 1}") for at in found["asked"]]
    return {"groups": list(enumerate(groups, 1)), "asked": asked}


def copied_code(request: HttpRequest, fields: Mapping[str, str]) -> bytes:
    """The code that waits, once its groups were typed back right. Raises BadField, UsageError."""
    shown = offered(request)
    if shown is None:
        raise UsageError("this recovery code is over: make another one")
    groups = dict(shown["groups"])
    for number, name in shown["asked"]:
        if _plain(fields.get(name, "")) != groups[number]:
            raise BadField(name, f"this is not group {number}: compare it with what you wrote down")
    return bytes.fromhex(request.session[_CODE]["code"])


def forget_code(request: HttpRequest) -> None:
    """It was used, or is not wanted any more."""
    request.session.pop(_CODE, None)


def _plain(typed: str) -> str:
    letters = "".join(character for character in typed.upper() if character.isalnum())
    return letters.translate(_LOOKALIKES)


def unkept(response: HttpResponse) -> HttpResponse:
    """An answer that no browser keeps, whatever the archive is."""
    response.headers["Cache-Control"] = "no-store"
    return response
