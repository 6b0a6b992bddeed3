"""Keys: the passwords and recovery codes of an encrypted archive; encrypting one and decrypting it.

Each change asks for the password, which is in the body of the form and nowhere afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from fapfav.errors import ArchiveInUse, FapfavError, UsageError
from fapfav.jobs import convert, keys
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import BadField
from viewer import asking, workers
from viewer.page import page, refuse, see_other, success
from viewer.state import the_viewer

_NO_KEYS = "This archive is not encrypted, so it has no keys."


@page
def keys_page(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What opens the archive, and the forms that change it."""
    if not archive.sealed:
        return see_other(reverse("encrypt"))
    if request.method != "POST":
        return _keys(request, archive)
    done = _CHANGES.get(request.POST.get("do", ""))
    if done is None:
        raise UsageError("say what to do: change, add or remove")
    try:
        with asking.opened_keys(request.POST) as ring:
            words, report = done(ring, request.POST)
    except UsageError as error:
        return _keys(request, archive, error)
    _said(request, words, report)
    return see_other(reverse("keys"))


def _keys(request: HttpRequest, archive: Archive, wrong: UsageError | None = None) -> HttpResponse:
    found = keys.key_list(archive).keys
    context = {
        "keys": found,
        "passwords": [key for key in found if key.kind == "password"],
        "converting": convert.under_way(archive),
        "longest": keys.LONGEST,
        **_wrong(request, wrong),
    }
    return asking.unkept(render(request, "viewer/keys.html", context, status=400 if wrong else 200))


def _wrong(request: HttpRequest, wrong: FapfavError | None) -> dict[str, Any]:
    """What is wrong with a form: in which, at which field, in words; of what it held the label."""
    if wrong is None:
        return {}
    at = getattr(wrong, "field", "")
    return {
        "wrong": str(wrong),
        "wrong_at": at,
        "wrong_in": (form := request.POST.get("do", "")),
        # By field, and where there are several forms by form and field.
        "wrongs": {at: True, f"{form}_{at}": True},
        "label": request.POST.get("label", ""),
        "chosen": request.POST.get("key", ""),
    }


def _said(request: HttpRequest, words: str, report: keys.KeyReport) -> None:
    success(request, words)
    for warning in report.warnings:
        refuse(request, f"{warning[0].upper()}{warning[1:]}.")


def _change(ring: keys.KeyRing, given: Mapping[str, str]) -> tuple[str, keys.KeyReport]:
    password = asking.new_password(given)
    report = keys.key_change(ring, password, given.get("key") or None)
    return "The password is changed. The old one opens this archive no more.", report


def _add(ring: keys.KeyRing, given: Mapping[str, str]) -> tuple[str, keys.KeyReport]:
    password = asking.new_password(given)
    report = keys.key_add(ring, password, label=given.get("label", "").strip())
    return "A password is added. Each of them opens the archive.", report


def _remove(ring: keys.KeyRing, given: Mapping[str, str]) -> tuple[str, keys.KeyReport]:
    if not given.get("key"):
        raise BadField("key", "which one? choose it in the list")
    report = keys.key_remove(ring, given["key"])
    return f"The {report.kind} is removed: it opens this archive no more.", report


_Change = Callable[[keys.KeyRing, Mapping[str, str]], tuple[str, keys.KeyReport]]
_CHANGES: dict[str, _Change] = {"change": _change, "add": _add, "remove": _remove}


@require_POST
@page
def code(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """A new recovery code, shown once; it opens the archive when some of it was typed back."""
    if not archive.sealed:
        raise UsageError(_NO_KEYS)
    wrong: UsageError | None = None
    if request.POST.get("do") == "add-code":
        try:
            copied = asking.copied_code(request, request.POST)
            label = request.POST.get("label", "").strip()
            with asking.opened_keys(request.POST) as ring:
                report = keys.key_add_recovery(ring, copied, label=label)
        except UsageError as error:
            wrong = error
        else:
            asking.forget_code(request)
            _said(request, "The recovery code opens the archive from now on.", report)
            return see_other(reverse("keys"))
    else:
        asking.offer_code(request)
    offered = asking.offered(request)
    if offered is None:
        refuse(request, "This recovery code is over: make another one.")
        return see_other(reverse("keys"))
    context = {"offered": offered, "longest": keys.LONGEST, **_wrong(request, wrong)}
    return asking.unkept(
        render(request, "viewer/recovery_code.html", context, status=400 if wrong else 200)
    )


@page
def encrypt(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What encrypting does, and the password it takes; the database at once, the files as a job."""
    if archive.sealed:
        return see_other(reverse("archive" if convert.under_way(archive) else "keys"))
    if request.method != "POST":
        return _encrypt(request, archive)
    if request.POST.get("do") == "code":
        asking.offer_code(request)
        return _encrypt(request, archive)
    try:
        _refuse_beside_others()
        password = asking.new_password(request.POST)
        wanted = request.POST.get("with_code") == "1"
        copied = asking.copied_code(request, request.POST) if wanted else None
        # Ended before the first file: from here on a job goes on, which needs no password.
        convert.encrypt(archive, password, copied, stop=lambda: True)
    except ArchiveInUse:
        raise
    except FapfavError as error:
        return _encrypt(request, archive, error)
    asking.forget_code(request)
    the_viewer().encrypted()
    number = workers.start("encrypt", {})
    success(request, "The archive asks for its password now. Its files are being encrypted.")
    response = see_other(reverse("job", args=[number]))
    # What browsers kept of it lies in the clear on the disk.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _encrypt(
    request: HttpRequest, archive: Archive, wrong: FapfavError | None = None
) -> HttpResponse:
    is_kept = request.method == "POST"
    context = {
        "pictures": len(archive.blobs),
        "offered": asking.offered(request) if is_kept else None,
        "wanted": request.POST.get("do") == "code" or request.POST.get("with_code") == "1",
        **_wrong(request, wrong),
    }
    return asking.unkept(
        render(request, "viewer/encrypt.html", context, status=400 if wrong else 200)
    )


@page
def decrypt(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What decrypting does; it takes the password, and is a job."""
    if not archive.sealed:
        return see_other(reverse("archive"))
    wrong: UsageError | None = None
    if request.method == "POST":
        try:
            _refuse_beside_others()
            with asking.opened_keys(request.POST):
                pass
        except UsageError as error:
            wrong = error
        else:
            number = workers.start("decrypt", {})
            success(request, "Started: the archive is being decrypted.")
            return see_other(reverse("job", args=[number]))
    context = {
        "pictures": len(archive.blobs),
        "converting": convert.under_way(archive),
        **_wrong(request, wrong),
    }
    return asking.unkept(
        render(request, "viewer/decrypt.html", context, status=400 if wrong else 200)
    )


def _refuse_beside_others() -> None:
    """Raises UsageError while jobs run: those that began with other keys would fail."""
    if workers.running():
        raise UsageError("jobs are running: wait for their end, or cancel them")


urlpatterns = [
    path("archive/keys/", keys_page, name="keys"),
    path("archive/keys/code/", code, name="recovery_code"),
    path("archive/encrypt/", encrypt, name="encrypt"),
    path("archive/decrypt/", decrypt, name="decrypt"),
]
