"""A site that is remembered and not far away: what jobs ask of one, with no web behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fapfav.errors import BadPicture, SourceError, Stopped
from fapfav.model import (
    Album,
    AlbumKey,
    Cursor,
    ImageRef,
    Picture,
    Place,
    PlaceKey,
    User,
    UserKey,
)
from fapfav.sources.web import Wait

SITE = "example"


@dataclass
class Remembered:
    """Accounts, their folders in order, and in these (image, name, bytes); None is no picture."""

    accounts: dict[User, dict[Album, list[tuple[str, str, bytes | None]]]]
    name: str = SITE
    asked: int = 0
    waiting: Wait | None = None
    hurried: bool = False
    questions: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _question: None

    def account(self, name: str = "", number: str = "") -> User:
        """By name or number."""
        self._ask(f"account {name or number}")
        for user in self.accounts:
            if user.user == number or user.name.casefold() == name.casefold():
                return user
        raise SourceError(f"{SITE} has no user {name or number!r}")

    def users(self) -> Iterator[User]:
        """All of them."""
        yield from self.accounts

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The folders of one."""
        self._ask(f"albums {user.user}")
        for each, folders in self.accounts.items():
            if each.user == user.user:
                yield from folders

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """Two pictures a page."""
        pictures = self._pictures(album)
        for at in range(0, len(pictures), 2):
            self._ask(f"page {at // 2} of {album.album}")
            for image, _, _ in pictures[at : at + 2]:
                yield ImageRef(PlaceKey(*album, image), "", address=f"/photo/{image}/")
            yield Cursor(album, str(at), at // 2 + 1)

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes, and only now the name."""
        self._ask(f"picture {ref.place.image}")
        for image, name, data in self._pictures(AlbumKey(*ref.place[:3])):
            if image == ref.place.image and data is not None:
                return Picture(data, name, ref.place)
        raise BadPicture(f"{ref.address}: 404")

    def check(self, place: Place) -> tuple[int, str]:
        """Everything is always there."""
        return 0, place.image

    def hurry(self) -> None:
        """Ends the wait there is."""
        self.hurried = True

    def _pictures(self, album: AlbumKey) -> list[tuple[str, str, bytes | None]]:
        for folders in self.accounts.values():
            for each, pictures in folders.items():
                if (each.user, each.album) == (album.user, album.album):
                    return pictures
        raise SourceError(f"{SITE} has no folder {album.album}")

    def _ask(self, question: str) -> None:
        self.asked += 1
        self.questions.append(question)
        self.before(question)
        if self.hurried and self.waiting is not None:
            raise Stopped("asked to end")


def user(number: str, name: str) -> User:
    """An account."""
    return User(SITE, number, name)


def folder(owner: User, number: str, name: str) -> Album:
    """One of its folders."""
    return Album(SITE, owner.user, number, name)
