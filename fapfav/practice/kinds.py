"""The ways in which an answer of the practice site goes wrong.

Each function makes a kind of trouble for `Trouble`. A kind is pure: it gets the proper answer and
gives the one that is sent instead. `NAMED` has one of each for a command.
"""

from __future__ import annotations

import gzip
import random
import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import cache
from types import MappingProxyType

from fapfav.practice import pages
from fapfav.practice.pages import Style
from fapfav.practice.routes import CHECK_PAGE, LOOP
from fapfav.practice.troubles import Kind, Trouble
from fapfav.practice.wire import Framing, Reply

_MEGABYTE = 1 << 20
_EXCEPT_CHECK_PAGE = rf"^(?!.*{CHECK_PAGE})"


def status(code: int, retry_after: int | None = None, *, as_date: bool = False) -> Kind:
    """An error status, with a Retry-After in seconds, as a number or a date, if one is given."""

    def kind(_: Reply) -> Reply:
        headers: tuple[tuple[str, str], ...] = ()
        if retry_after is not None:
            later = formatdate(time.time() + retry_after, usegmt=True)
            headers = (("Retry-After", later if as_date else str(retry_after)),)
        return Reply(code, b"<html><body>No.</body></html>\n", headers=headers)

    return kind


def cut(keep: float = 0.5, framing: Framing = Framing.LENGTH) -> Kind:
    """The connection closes after that share of the body.

    Where the framing is LENGTH or CHUNKS a client can tell; where it is CLOSE, it cannot.
    """

    def kind(reply: Reply) -> Reply:
        return replace(reply, sent=int(len(reply.body) * keep), framing=framing)

    return kind


def unframed(framing: Framing = Framing.CHUNKS) -> Kind:
    """No trouble for a good client: the whole body in chunks, or until the connection closes."""
    return lambda reply: replace(reply, framing=framing)


def packed() -> Kind:
    """No trouble for a good client: the whole body packed with gzip."""

    def kind(reply: Reply) -> Reply:
        headers = (*reply.headers, ("Content-Encoding", "gzip"))
        return replace(reply, body=gzip.compress(reply.body, 1), headers=headers)

    return kind


def reset() -> Kind:
    """The connection breaks off with a reset before an answer."""
    return lambda reply: replace(reply, reset=True)


def silence() -> Kind:
    """No answer at all, for as long as the client waits."""
    return lambda reply: replace(reply, silent=True)


def stall(keep: float = 0.5) -> Kind:
    """That share of the body, and then nothing for as long as the client waits."""

    def kind(reply: Reply) -> Reply:
        return replace(reply, sent=int(len(reply.body) * keep), hold=True)

    return kind


def slow(pause: float = 1.0, piece: int = 1) -> Kind:
    """The body so many bytes at a time, with so many seconds after each."""
    return lambda reply: replace(reply, pause=pause, piece=piece)


def html_instead() -> Kind:
    """A page under the type of whatever was asked for."""
    body = pages.missing(Style()).encode()
    return lambda reply: replace(reply, body=body)


def other_bytes(body: bytes) -> Kind:
    """These bytes, such as another picture's."""
    return lambda reply: replace(reply, body=body)


def noise(size: int = 5000) -> Kind:
    """So many random bytes, always the same."""
    return other_bytes(random.Random(size).randbytes(size))  # noqa: S311 - noise, no secret


def wrong_length(by: int = -100) -> Kind:
    """All of the body, under a length that is so many bytes more or less than the truth.

    After less the connection closes, for more the client waits in vain.
    """

    def kind(reply: Reply) -> Reply:
        return replace(reply, length=max(0, len(reply.body) + by), hold=by > 0)

    return kind


def endless(framing: Framing = Framing.CHUNKS) -> Kind:
    """The body again and again, as fast as the client takes it."""

    def kind(reply: Reply) -> Reply:
        body = (reply.body or b" ") * (1 + 65536 // (len(reply.body) + 1))
        length = 1 << 50 if framing is Framing.LENGTH else None
        return replace(reply, body=body, rounds=0, framing=framing, length=length)

    return kind


def huge(size: int = 1 << 30) -> Kind:
    """The beginning of the body and then blanks, of so many bytes, under a true length."""

    def kind(reply: Reply) -> Reply:
        block = reply.body[:_MEGABYTE].ljust(_MEGABYTE)
        return replace(reply, body=block, rounds=max(1, size // _MEGABYTE))

    return kind


def bomb(size: int = 64 * _MEGABYTE) -> Kind:
    """A small body packed with gzip that unpacks to so many bytes."""

    def kind(reply: Reply) -> Reply:
        return replace(reply, body=_bomb(size), headers=(("Content-Encoding", "gzip"),))

    return kind


@cache
def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    block = bytes(_MEGABYTE)
    return b"".join(packer.compress(block) for _ in range(size // _MEGABYTE)) + packer.flush()


def redirect(location: str, code: int = 302) -> Kind:
    """A redirect to just that location."""
    return lambda _: Reply(code, headers=(("Location", location),))


def loop() -> Kind:
    """A redirect that leads round and round."""
    return lambda _: Reply(302, leads_to=LOOP)


def checked() -> Kind:
    """A redirect to the page that asks whether a human is there."""
    return lambda _: Reply(302, leads_to=CHECK_PAGE)


def too_many() -> Kind:
    """A page with status 200 that says there were too many requests."""
    return lambda _: Reply(200, pages.too_many(Style()).encode())


def ban(kind: Kind, *, after: int = 0, times: int | None = None, seconds: float = 0.0) -> Trouble:
    """After so many requests all get `kind`: that many of them, or for so long, or for good.

    The page that asks for a human is not counted and always there.
    """
    return Trouble(kind, _EXCEPT_CHECK_PAGE, after=after, times=times, seconds=seconds)


_FILES = "/images/full/"
_PHOTOS = "/photo/"
_LISTS = "/showfavorites"

NAMED: Mapping[str, Trouble] = MappingProxyType(
    {
        "missing": Trouble(status(404), _PHOTOS, times=2),
        "removed": Trouble(status(410), _PHOTOS),
        "forbidden": Trouble(status(403), _FILES),
        "error": Trouble(status(500), times=2),
        "busy": Trouble(status(503, 2), _PHOTOS, times=2),
        "too-fast": Trouble(status(429, 3, as_date=True), _LISTS),
        "cut": Trouble(cut(), _FILES),
        "cut-unseen": Trouble(cut(framing=Framing.CLOSE), _FILES),
        "reset": Trouble(reset(), times=2),
        "slow": Trouble(slow(0.02, 4096), _FILES, times=3),
        "html": Trouble(html_instead(), _FILES),
        "noise": Trouble(noise(), _FILES),
        "length": Trouble(wrong_length(), _FILES),
        "endless": Trouble(endless(), _PHOTOS),
        "bomb": Trouble(bomb(), _PHOTOS),
        "loop": Trouble(loop(), _PHOTOS),
        "ban": ban(checked(), after=30, seconds=10),
    }
)
"""For a command: a few of each, on what it is most often met."""
