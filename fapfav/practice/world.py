"""What the practice site has to show: accounts, their favourites folders, pictures; what is gone.

`World` holds it, answers what is listed where, and may be changed at any time from any thread; the
changes a test makes are in `changes.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from fapfav.errors import UsageError


@dataclass(frozen=True, slots=True)
class Item:
    """One picture of the site; in a folder of galleries, one gallery by its number and name.

    `image` is its decimal id, `data` its bytes or the file they are read from each time, `posted`
    day/month/year, `ext` what its address ends in, whatever the bytes are. A width of 0 is left
    out of its page.
    """

    image: str
    name: str
    data: bytes | Path
    author: str = "practice"
    posted: str = "21/08/2014"
    ext: str = "jpg"
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """One favourites folder: `kind` is "pictures", or "galleries"."""

    folder: str
    name: str
    items: tuple[Item, ...] = ()
    kind: str = "pictures"


@dataclass(frozen=True, slots=True)
class Account:
    """One user: a decimal number, the name as it is shown, and the folders in their order."""

    user: str
    name: str
    folders: tuple[Folder, ...] = ()


class Listing(NamedTuple):
    """One page of a folder: its name and kind, and the pictures or galleries on that page."""

    name: str
    kind: str
    items: tuple[Item, ...]


@dataclass(slots=True)
class Shelf:
    """A folder as it is now: item ids in listing order, and (page, count) of empty pages."""

    folder: str
    name: str
    kind: str
    items: list[str]
    holes: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """An account as it is now."""

    user: str
    name: str
    shelves: list[Shelf]
    hidden: bool = False


class World:
    """Everything the site shows. Hold `lock` to change what is in it or to read twice."""

    def __init__(self, accounts: Iterable[Account], *, page_size: int, folders_a_page: int) -> None:
        if page_size < 1 or folders_a_page < 1:
            raise UsageError("a page of the practice site holds at least one thing")
        self.lock = threading.RLock()
        self.items: dict[str, Item] = {}
        self.galleries: dict[str, Item] = {}
        self.shelves: dict[str, Shelf] = {}
        self.members: dict[str, Member] = {}
        self.gone: set[str] = set()
        self.without_link: set[str] = set()
        self.without_file: set[str] = set()
        self._page_size = page_size
        self._folders_a_page = folders_a_page
        for account in accounts:
            self._enter(account)

    def _enter(self, account: Account) -> None:
        if account.user in self.members or self.user_named(account.name):
            raise UsageError(f"the practice site has {account.name!r} or its number twice")
        shelves = [self._shelf(folder) for folder in account.folders]
        self.members[account.user] = Member(account.user, account.name, shelves)

    def _shelf(self, folder: Folder) -> Shelf:
        if folder.folder in self.shelves or folder.kind not in {"pictures", "galleries"}:
            raise UsageError(
                f"folder {folder.folder} of the practice site is there twice, or of no known kind"
            )
        for item in folder.items:
            self.put(item, folder.kind)
        shelf = Shelf(folder.folder, folder.name, folder.kind, [one.image for one in folder.items])
        self.shelves[folder.folder] = shelf
        return shelf

    def put(self, item: Item, kind: str = "pictures") -> None:
        """Takes in a picture or gallery; the same one again is no change."""
        known = self.items if kind == "pictures" else self.galleries
        if not (item.image.isascii() and item.image.isdigit()):
            raise UsageError(f"{item.image!r} is no id of the practice site: it takes digits")
        if known.setdefault(item.image, item) != item:
            raise UsageError(f"picture {item.image} of the practice site is two different ones")

    def user_named(self, name: str) -> Member | None:
        """The account of that name in any case."""
        plain = name.casefold()
        with self.lock:
            return next(
                (one for one in self.members.values() if one.name.casefold() == plain), None
            )

    def folders(self, member: Member, page: int) -> Sequence[Shelf]:
        """One page of an account's folders; empty past the end, or when they are hidden."""
        with self.lock:
            if member.hidden or page < 0:
                return ()
            start = page * self._folders_a_page
            return member.shelves[start : start + self._folders_a_page]

    def listing(self, member: Member, folder: str, page: int) -> Listing | None:
        """One page of a folder; None when that account does not have it, or hides it."""
        with self.lock:
            shelf = self.shelves.get(folder)
            if shelf is None or shelf not in member.shelves or member.hidden:
                return None
            known = self.items if shelf.kind == "pictures" else self.galleries
            shown = [image for image in shelf.items if image not in self.gone]
            start = _start(page, shelf.holes, self._page_size)
            ids = () if start is None else shown[start : start + self._page_size]
            return Listing(shelf.name, shelf.kind, tuple(known[image] for image in ids))

    def photo(self, image: str) -> tuple[Item, bool] | None:
        """A picture that has a page, and whether the page tells where its file is."""
        with self.lock:
            item = self.items.get(image)
            if item is None or image in self.gone:
                return None
            return item, image not in self.without_link

    def file(self, image: str) -> Item | None:
        """A picture whose file is there."""
        with self.lock:
            if image in self.gone or image in self.without_file:
                return None
            return self.items.get(image)


def _start(page: int, holes: Sequence[tuple[int, int]], page_size: int) -> int | None:
    """The first entry that a page of a folder shows; None for a page that is an inserted hole."""
    if page < 0:
        return None
    # The last hole was put into what the others had made, so it is taken out first.
    for at, count in reversed(holes):
        if at <= page < at + count:
            return None
        if page >= at + count:
            page -= count
    return page * page_size
