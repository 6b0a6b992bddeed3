"""Imagefap as a source: the folders of favourites its users show to everybody.

What its pages say is `imagefap_pages`' to know, in which order a folder is read `imagefap_walk`'s,
and single pictures are `imagefap_photos`'. Pauses, repeated tries and redirects are the web's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from time import time
from urllib.parse import quote

from fapfav import floor
from fapfav.errors import SourceError, UsageError
from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Picture, Place, PlaceKey, User, UserKey
from fapfav.sources import imagefap_pages as pages
from fapfav.sources.base import Problem
from fapfav.sources.imagefap_photos import Photos
from fapfav.sources.imagefap_walk import FRESH, Walk, mark_of
from fapfav.sources.names import shown
from fapfav.sources.sites import GalleriesFolder, NoSuchFolder
from fapfav.sources.web import Answer, Rules, Wait, Web

_HOSTS = "www.imagefap.com imagefap.com cdn.imagefap.com cdnc.imagefap.com cdnh.imagefap.com"

RULES = Rules(
    name="imagefap",
    base="https://www.imagefap.com",
    hosts=frozenset(_HOSTS.split()),
    between_pages=(2, 4),
    between_files=(1, 2),
    pages_an_hour=900,
    is_check=pages.is_check,
)
"""About a thousand pages an hour are said to be borne; no number is official."""

_LONGEST_NAME = 100
_LIST_PAGES = 1000


class Imagefap:
    """The favourites people keep on Imagefap; `known` accounts need not be asked for.

    `now` is the wall clock, in seconds UTC.
    """

    name = RULES.name

    def __init__(
        self, web: Web, known: tuple[User, ...] = (), *, now: Callable[[], float] = time
    ) -> None:
        self._web = web
        self._now = now
        self._photos = Photos(web)
        self._users = {user.user: user for user in known}
        self._problems: dict[str, Problem] = {}
        self._first: tuple[str, Answer, float] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The folders that were left out so far, each once."""
        return tuple(self._problems.values())

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
        """The account of that name, in any case, or number.

        Raises SourceError when there is none, or when it does not show its favourites.
        """
        if bool(name) == bool(number):
            raise UsageError("an account of imagefap is asked for by its name or by its number")
        if number and not pages.is_id(number):
            raise UsageError(f"{_short(number)} is no number of an account: it takes digits only")
        number = str(int(number)) if number else self._number_of(name)
        answer = self._web.page(_favorites(number, 0))
        owner = pages.display_name(answer.body, answer.url) if answer.status == 200 else None
        if owner is None:
            # A name that has a number is a user's, so something else is wrong.
            if name and answer.status == 200:
                raise pages.nobodys(answer.url)
            raise _unknown(name or number)
        user = User(self.name, number, shown(owner, number))
        self._users[number] = user
        self._first = (number, answer, self._now())
        return user

    def users(self) -> Iterator[User]:
        """The accounts that were asked for or known from the beginning."""
        yield from tuple(self._users.values())

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The folders of a user; the list does not say which of them hold galleries."""
        number = self._own(user)
        found: set[str] = set()
        for page in range(_LIST_PAGES):
            answer = self._listed(number, page)
            if answer.status != 200:
                raise _unknown(number) if not page else _odd(answer)
            listed = pages.list_page(answer.body, answer.url, number)
            if not page and not listed.folders:
                raise _no_folders(answer, listed)
            new = [(folder, name) for folder, name in listed.folders if folder not in found]
            if not new:
                return
            found.update(folder for folder, _ in new)
            yield from self._kept(number, new)
        raise SourceError(
            f"user {number} has folders on more than {_LIST_PAGES} pages, which is more than is "
            "listed; read them one by one with --folder"
        )

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """The pictures of a folder, in its order.

        A cursor's word is taken for some minutes; after that what stood at the end is looked up
        again, so that nothing is missed. What was listed before may come once more. Raises
        GalleriesFolder and NoSuchFolder.
        """
        number = self._own(UserKey(album.source, album.user))
        if not pages.is_id(album.album):
            raise UsageError(f"{_short(album.album)} is no folder of imagefap: they have numbers")
        folder = _Folder(self._web, number, album.album)
        walk = Walk(folder.images, self._now, mark_of(cursor))
        for ids, mark in walk.steps():
            for image in ids:
                yield ImageRef(PlaceKey(*album, image), "", address=f"/photo/{image}/")
            yield Cursor(album, str(mark), mark.pages)

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of one picture, and the name its page gives it.

        Raises Lost, a BadPicture that knows more, where only this one cannot be had.
        """
        self._own(UserKey(ref.place.source, ref.place.user))
        if not pages.is_id(ref.place.image):
            raise UsageError(f"{_short(ref.place.image)} is no picture of imagefap")
        return self._photos.fetch(ref)

    def check(self, place: Place) -> tuple[int, str]:
        """Whether a picture is still there; its file is asked for its headers only.

        Raises Lost where the site has no good answer and nothing is known.
        """
        self._own(UserKey(place.source, place.user))
        if not pages.is_id(place.image):
            raise UsageError(f"{_short(place.image)} is no picture of imagefap")
        return self._photos.check(place.image, place.served_size)

    def _listed(self, number: str, page: int) -> Answer:
        """A page of the list of folders; the first may just have been read to find the account."""
        first, self._first = self._first, None
        if first and (number, page) == (first[0], 0) and 0 <= self._now() - first[2] <= FRESH:
            return first[1]
        return self._web.page(_favorites(number, page))

    def _own(self, user: UserKey) -> str:
        if user.source != self.name or not pages.is_id(user.user):
            raise UsageError(f"{_short(user.user)} is no account of imagefap: they have numbers")
        return user.user

    def _number_of(self, name: str) -> str:
        name = unicodedata.normalize("NFC", name.strip())
        # No such name exists, and none may lead to another page.
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise _unknown(name)
        if "/" in name or "\\" in name or name in {".", ".."}:
            raise _unknown(name)
        answer = self._web.page(f"/profile/{quote(name, safe='')}")
        number = pages.user_id(answer.body, answer.url) if answer.status == 200 else None
        if number is None:
            raise _unknown(name)
        return number

    def _kept(self, number: str, listed: list[tuple[str, str]]) -> Iterator[Album]:
        for folder, raw in listed:
            name = shown(raw, folder)
            if floor.is_below(name):
                self._problems[f"{number}/{folder}"] = Problem(
                    f"folder {folder}", "its name says content that this program never keeps"
                )
            else:
                yield Album(self.name, number, folder, name)


class _Folder:
    """The pages of one folder, as far as they are there."""

    def __init__(self, web: Web, user: str, folder: str) -> None:
        self._web = web
        self._user = user
        self._folder = folder
        self._is_sure = False  # that pages without its name are empty ones

    def images(self, number: int) -> tuple[str, ...]:
        """The ids on a page; none where there is no such page of this folder."""
        answer = self._web.page(_favorites(self._user, number, self._folder))
        if answer.status != 200:
            return self._missing(number)
        page = pages.folder_page(answer.body, answer.url)
        floor.refuse(page.name)
        if page.kind is pages.Kind.GALLERIES:
            raise GalleriesFolder(
                f"folder {shown(page.name, self._folder)!r} ({self._folder}) holds galleries, and "
                "only folders of pictures can be read"
            )
        if page.kind is pages.Kind.NONE:
            return self._missing(number)
        if page.strange and not number:
            raise SourceError(
                f"{answer.url} links to pictures in a way that is not known; the site may have "
                "changed its pages. Nothing was damaged: try again with a newer version"
            )
        return page.images

    def _missing(self, number: int) -> tuple[str, ...]:
        """A later page may be missing because the folder has no more, or is no more: the first
        one tells."""
        if not number:
            raise NoSuchFolder(
                f"user {self._user} of imagefap has no folder {self._folder}, or does not show it "
                "any more"
            )
        if not self._is_sure:
            self.images(0)
            self._is_sure = True
        return ()


def _favorites(user: str, page: int, folder: str = "") -> str:
    below = f"&folderid={folder}" if folder else ""
    return f"/showfavorites.php?userid={user}&page={page}{below}"


def _unknown(user: str) -> SourceError:
    return SourceError(
        f"imagefap shows no favourites of {_short(user)}: there is no such user, or they are "
        "hidden; compare the name with the one on the site"
    )


def _no_folders(answer: Answer, listed: pages.ListPage) -> SourceError:
    if listed.strange:
        return SourceError(
            f"{answer.url} links to folders in a way that is not known; the site may have changed "
            "its pages. Nothing was damaged: try again with a newer version of this program"
        )
    return SourceError(
        f"imagefap shows no folders of {_short(listed.owner)}: the favourites are hidden, or there "
        f"are none yet; look at {answer.url}"
    )


def _odd(answer: Answer) -> SourceError:
    return SourceError(
        f"{answer.url} was answered with {answer.status} in the middle of a list; try again later"
    )


def _short(text: str) -> str:
    """What somebody typed, for a message: without end or control characters it may have."""
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
