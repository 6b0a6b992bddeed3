"""A site made of dictionaries: all that a Site does without a network, and trouble on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from fapfav.errors import BadPicture, SourceError, Stopped
from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Picture, Place, PlaceKey, User, UserKey
from fapfav.sources.base import Problem
from fapfav.sources.web import Wait

PATIENCE = 240.0
"""Seconds after which a wait that no test ended is a failure."""


class PlainSite:
    """Accounts with albums of image ids, each image with its bytes.

    `levels` says how gone an image is. `meanwhile` are called as a question about an image is being
    answered: to raise, to look at what was committed, or to wait.
    """

    def __init__(self, name: str = "plain") -> None:
        self.name = name
        self.accounts: dict[str, User] = {}
        self.folders: dict[AlbumKey, tuple[Album, list[str]]] = {}
        self.pictures: dict[str, bytes] = {}
        self.levels: dict[str, int] = {}
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self.checked: list[str] = []
        self.fetched: list[str] = []
        self.problems: tuple[Problem, ...] = ()
        self.hurried = 0
        self._asked = 0
        self._wait: Wait | None = None
        self._go_on = threading.Event()

    def add(self, album: Album, pictures: dict[str, bytes]) -> AlbumKey:
        """An album of an account, which is made if there is none."""
        self.accounts.setdefault(album.user, User(self.name, album.user, f"user {album.user}"))
        key = AlbumKey(album.source, album.user, album.album)
        self.folders[key] = (album, list(pictures))
        self.pictures |= pictures
        return key

    def account(self, name: str = "", number: str = "") -> User:
        """The account of that name or number."""
        for user in self.accounts.values():
            if user.user == number or (name and user.name.casefold() == name.casefold()):
                return user
        raise SourceError(f"{self.name} has no user {name or number!r}")

    def users(self) -> Iterator[User]:
        """All accounts."""
        yield from self.accounts.values()

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The albums of a user."""
        yield from (album for album, _ in self.folders.values() if album.user == user.user)

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """All pictures of an album on one page, and where that ends."""
        images = self.folders[album][1]
        known = int(cursor or 0)
        for image in images[known:]:
            yield ImageRef(PlaceKey(*album, image), "", address=f"/photo/{image}/")
        if len(images) > known:
            yield Cursor(album, str(len(images)), pages=1)

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of a picture that is there."""
        self._answer(ref.place.image, self.fetched)
        if self.levels.get(ref.place.image, 0):
            raise BadPicture(f"{ref.address} is gone")
        return Picture(self.pictures[ref.place.image], f"{ref.place.image}.jpg", ref.place)

    def check(self, place: Place) -> tuple[int, str]:
        """How gone it is."""
        self._answer(place.image, self.checked)
        level = self.levels.get(place.image, 0)
        return level, f"https://plain.example/photo/{place.image}/" if level else ""

    @property
    def waiting(self) -> Wait | None:
        """Why nothing is being asked just now."""
        return self._wait

    @property
    def asked(self) -> int:
        """Requests sent so far."""
        return self._asked

    def hurry(self) -> None:
        """Ends waits with Stopped, now and from now on."""
        self.hurried += 1
        self._go_on.set()

    def wait(self) -> None:
        """Waits as if the site had asked for a minute; ended by `hurry` or `release`."""
        self._wait = Wait("the site asks for a minute", time.monotonic() + 60)
        assert self._go_on.wait(PATIENCE), "nobody ended the wait"
        self._wait = None
        if self.hurried:
            raise Stopped("asked to end while the site asks for a minute")

    def release(self) -> None:
        """Ends a wait with an answer."""
        self._go_on.set()

    def _answer(self, image: str, noted: list[str]) -> None:
        self._asked += 1
        noted.append(image)
        if image in self.meanwhile:
            self.meanwhile[image]()
