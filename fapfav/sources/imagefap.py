"""Imagefap's favourites (being written)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time

from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Picture, Place, User, UserKey
from fapfav.sources.base import Problem
from fapfav.sources.web import Rules, Wait, Web

_HOSTS = (
    "www.imagefap.com",
    "imagefap.com",
    "cdn.imagefap.com",
    "cdnc.imagefap.com",
    "cdnh.imagefap.com",
)


def _is_check(url: str, body: bytes) -> bool:
    raise NotImplementedError


RULES = Rules(
    name="imagefap",
    base="https://www.imagefap.com",
    hosts=frozenset(_HOSTS),
    between_pages=(2, 4),
    between_files=(1, 2),
    pages_an_hour=900,
    is_check=_is_check,
)
"""What Imagefap asks of its visitors, as far as anybody knows."""


class Imagefap:
    """The favourites people keep on Imagefap."""

    name = RULES.name

    def __init__(
        self, web: Web, known: tuple[User, ...] = (), *, now: Callable[[], float] = time
    ) -> None:
        self._web = web

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out so far."""
        raise NotImplementedError

    @property
    def waiting(self) -> Wait | None:
        """Why nothing is being asked just now."""
        return self._web.waiting

    @property
    def asked(self) -> int:
        """Requests sent so far."""
        return self._web.asked

    def hurry(self) -> None:
        """Ends long waits with Stopped, now and from now on."""
        self._web.hurry()

    def account(self, name: str = "", number: str = "") -> User:
        """The account of that name, in any case, or number."""
        raise NotImplementedError

    def users(self) -> Iterator[User]:
        """The accounts that were asked for."""
        raise NotImplementedError

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The favourites folders of a user."""
        raise NotImplementedError

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """The pictures of a folder."""
        raise NotImplementedError

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of one picture."""
        raise NotImplementedError

    def check(self, place: Place) -> tuple[int, str]:
        """Whether a picture is still there."""
        raise NotImplementedError
