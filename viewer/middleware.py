"""What stands before and after every page: who may ask, what an answer may do, what goes wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response

from fapfav.errors import ArchiveChanged, ArchiveInUse, FapfavError, UsageError
from viewer.page import see_other
from viewer.pages import entry, media
from viewer.peers import STRANGERS
from viewer.state import Locked, the_viewer

Answer = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page may load and run: files of its own, and nothing that stands in the page itself."""

_UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""What every answer has, unless its page says something else."""

NAMES = ("127.0.0.1", "localhost")
"""What this computer calls itself where the server listens."""

_READING = {"GET", "HEAD"}
_PICTURE = re.compile(r"/viewer/(blob|show|thumb)/([0-9a-fA-F]{64})/")


def guard(get_response: Answer) -> Answer:
    """Refuses what another site, port or name asks for; gives every answer its policy."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        words, status = _refused(request)
        response: HttpResponseBase
        if words:
            response = HttpResponse(words, "text/plain; charset=utf-8", status=status)
        else:
            response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return _measured(response, is_head=request.method == "HEAD")

    return answer


def _refused(request: HttpRequest) -> tuple[str, int]:
    """Why a request is not answered, and the status; or nothing."""
    if request.META.get(STRANGERS):
        return "The viewer is for the user who started it.", 403
    own = _own_hosts(request.META.get("SERVER_PORT", ""))
    host = request.META.get("HTTP_HOST", "")
    whole = request.META.get("REQUEST_URI", "/")
    # The browser believes that a name which leads here is the site it came from (DNS rebinding).
    if host.lower() not in own or not whole.startswith("/"):
        return "This address is not the viewer's: open the one that the shell shows.", 400
    if request.method not in _READING and request.method != "POST":
        return "The viewer knows GET, HEAD and POST.", 405
    site = request.META.get("HTTP_SEC_FETCH_SITE", "same-origin")
    if request.method == "POST":
        origin = request.META.get("HTTP_ORIGIN")
        if site != "same-origin" or origin not in (None, f"http://{host}"):
            return "This form was sent by another page.", 403
    # Cookies go to all ports of a host: what else runs on this computer is told apart here only.
    elif site not in ("same-origin", "none") and not _is_opened(request):
        return "This was asked for by another page.", 403
    return "", 200


def _own_hosts(port: str) -> set[str]:
    """What a browser that means this server says as Host."""
    hosts = {f"{name}:{port}" for name in NAMES}
    return hosts | set(NAMES) if port == "80" else hosts


def _is_opened(request: HttpRequest) -> bool:
    """Whether an address is opened as a page, by a link elsewhere; pictures are shown by pages."""
    navigated = bool(request.META.get("HTTP_SEC_FETCH_MODE") == "navigate")
    return navigated and _is_page(request) and not _PICTURE.fullmatch(request.path_info)


def _is_page(request: HttpRequest) -> bool:
    return str(request.META.get("HTTP_SEC_FETCH_DEST", "document")) == "document"


def _measured(response: HttpResponseBase, *, is_head: bool) -> HttpResponseBase:
    """With its length, or the connection ends with it; for a HEAD without what it is the length of.

    The server sends all that it is given.
    """
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if is_head:
            response.content = b""
    elif isinstance(response, StreamingHttpResponse) and is_head:
        response.close()
        response.streaming_content = iter(())
    return response


def short_way(get_response: Answer) -> Answer:
    """Answers for pictures before all that only pages need; one page asks for a hundred of them."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        found = _PICTURE.fullmatch(request.path_info)
        if found is None or request.method not in _READING:
            return get_response(request)
        viewer = the_viewer()
        viewer.lock_if_idle()
        if not (viewer.is_open and entry.was_let_in(request)):
            return get_response(request) if _is_page(request) else media.refused(viewer)
        if not entry.is_background(request):
            viewer.visit()
        if request.META.get("HTTP_SEC_FETCH_SITE") == "none" and _is_page(request):
            # Typed or a bookmark: the page that shows it has it all.
            return see_other(reverse("picture", args=[found[2].lower()]))
        return media.answer(request, found[1], found[2].lower())

    return answer


def way_in(get_response: Answer) -> Answer:
    """Shows who was not let in one page only, which tells nothing of the archive."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path == "/":
            return get_response(request)
        viewer = the_viewer()
        viewer.lock_if_idle()
        code = request.GET.get("code")
        if code is not None and request.method in _READING:
            let_in = entry.by_link(request, code)
            if let_in is not None:
                return let_in
        if entry.is_public(request):
            return get_response(request)
        if not (viewer.is_open and entry.was_let_in(request)):
            return entry.ask(request)
        if not entry.is_background(request):
            viewer.visit()
        return _unless_locked(request, get_response)

    return answer


def _unless_locked(request: HttpRequest, get_response: Answer) -> HttpResponseBase:
    """The page's answer, unless it was locked while the page ran."""
    viewer = the_viewer()
    epoch = viewer.epoch
    response = get_response(request)
    if viewer.epoch != epoch and not entry.is_lock(request):
        response.close()
        request.session.flush()
        return entry.ask(request)
    if not viewer.is_sealed and response.headers.get("Content-Type", "").startswith("text/html"):
        # What is in the clear on disk may be kept by the browser, which asks anew all the same.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return _unless_known(request, response)
    return response


def _unless_known(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The page, or 304 for a browser that has it as it is.

    What a page shows depends on more than the archive: settings, jobs, what is selected, messages.
    So the page itself is compared; the secret of its forms is masked anew each time, and stays good
    as long as the session that it belongs to.
    """
    if not isinstance(response, HttpResponse):
        return response
    if response.status_code != 200 or request.method not in _READING:
        return response
    found = hashlib.blake2b((request.session.session_key or "").encode(), digest_size=16)
    found.update(_MASKED.sub(b"", response.content))
    response.headers["ETag"] = f'"{found.hexdigest()}"'
    known = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return response if known is None else known


_MASKED = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=name="csrf" content=")\w+')


class Troubles:
    """Shows what goes wrong as a page with one next step, never as a traceback."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code == 405 and request.method == "GET":
            # Somebody came here by an address in place of a form.
            shown = _trouble(request, 405, "This address is for a form only.")
            shown.headers["Allow"] = "POST"
            return shown
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for an error that a view raised; None for what Django knows itself."""
        if isinstance(error, Http404) or not isinstance(error, FapfavError):
            return None
        if isinstance(error, Locked):
            return entry.ask(request)
        if isinstance(error, ArchiveChanged):
            return _followed(request)
        status = 500
        if isinstance(error, UsageError):
            status = 400
        elif isinstance(error, ArchiveInUse):
            status = 503
        return _trouble(request, status, str(error))


def _followed(request: HttpRequest) -> HttpResponse:
    """Goes on with the archive as it is now: encrypted or decrypted since the page before."""
    viewer = the_viewer()
    try:
        viewer.follow()
    except FapfavError as error:
        return _trouble(request, 500, str(error))
    if not viewer.is_open:
        return entry.ask(request)
    if request.method in _READING:
        return see_other(request.get_full_path())
    return _trouble(request, 409, "The archive was decrypted meanwhile.")


def _trouble(request: HttpRequest, status: int, words: str) -> HttpResponse:
    return render(request, "viewer/error.html", {"status": status, "words": words}, status=status)
