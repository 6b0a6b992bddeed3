"""What a source is: something that lists users, albums and pictures, and hands out their bytes.

A source knows its own pages or folders and nothing of archives: whether a picture is known, where
its bytes go and when a cursor is committed is the job's. `tests/sources/contract.py` is this
protocol as tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Picture, Place, User, UserKey
from fapfav.sources.web import Wait


class Problem(NamedTuple):
    """Something a source left out: where, in words for the user, and why."""

    where: str
    reason: str


class Source(Protocol):
    """One place pictures come from.

    UsageError: the user or album asked for is not this source's, or not there. SourceError: the
    source itself is in trouble, so that going on makes no sense. Neither ever looks like an empty
    album.
    """

    @property
    def name(self) -> str:
        """What the first part of every key of this source is."""
        ...

    def users(self) -> Iterator[User]:
        """The accounts that can be listed without asking for one by name."""
        ...

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The albums of a user in the source's order, each once."""
        ...

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """The pictures of an album in its order, after what `cursor` says was walked ("": all).

        A Cursor says that everything before it need not be listed again; a source that lists
        cheaply gives none. A reference whose `place.image` is empty gets its id by `fetch`.
        """
        ...

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of one picture, and its final place.

        Raises BadPicture, with the reason that is recorded, where only this picture cannot be had.
        """
        ...

    def check(self, place: Place) -> tuple[int, str]:
        """Whether a picture is still there, and the address that tells.

        0 it is; 1 its page is gone, 2 the page has no address for the file, 3 the file is gone or
        another. Raises BadPicture where the source has no good answer to this, so that nothing is
        known of it.
        """
        ...


@runtime_checkable
class Site(Source, Protocol):
    """A source that is far away: asked slowly, one question at a time, and never twice.

    Its references carry the image's id and no name; its accounts are asked for by name or number,
    and `users` lists those that were. It may be called from one thread while others read `waiting`
    and `asked` and call `hurry`.
    """

    def account(self, name: str = "", number: str = "") -> User:
        """The account of that name, in any case, or number.

        Raises SourceError when there is none.
        """
        ...

    @property
    def waiting(self) -> Wait | None:
        """Why nothing is being asked just now."""
        ...

    @property
    def asked(self) -> int:
        """Requests sent so far."""
        ...

    def hurry(self) -> None:
        """Ends long waits with Stopped, now and from now on."""
        ...
