"""What can happen to the practice site while it runs: pictures come, vanish, change, return."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fapfav.errors import UsageError
from fapfav.practice.world import Item, Shelf, World


class Changes:
    """The changes of a running practice site; each takes effect with the next request.

    UsageError: no such picture, folder or user.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._strange = False

    def vanish(self, image: str) -> None:
        """Its page answers 404, its file too, and no listing shows it."""
        self._mark(image, self._world.gone)

    def lose_link(self, image: str) -> None:
        """Its page is there, without an address of the file."""
        self._mark(image, self._world.without_link)

    def lose_file(self, image: str) -> None:
        """Its page is there and names a file that answers 404."""
        self._mark(image, self._world.without_file)

    def come_back(self, image: str) -> None:
        """Whatever of it was lost is there again, in its old place."""
        with self._world.lock:
            self._item(image)
            for lost in (self._world.gone, self._world.without_link, self._world.without_file):
                lost.discard(image)

    def change(self, image: str, data: bytes | Path) -> None:
        """Its file is another one from now on."""
        with self._world.lock:
            self._world.items[image] = replace(self._item(image), data=data)

    def add(self, folder: str, item: Item) -> None:
        """One more picture (or gallery) at the end of a folder."""
        with self._world.lock:
            shelf = self._shelf(folder)
            self._world.put(item, shelf.kind)
            shelf.items.append(item.image)

    def repeat(self, folder: str, image: str) -> None:
        """The folder lists it once more, at its end."""
        with self._world.lock:
            self._item(image)
            self._shelf(folder).items.append(image)

    def hole(self, folder: str, page: int, count: int = 1) -> None:
        """So many empty pages stand before what was on that page."""
        with self._world.lock:
            self._shelf(folder).holes.append((page, count))

    def remove_folder(self, folder: str) -> None:
        """The folder is gone from the list, and its own pages show none."""
        with self._world.lock:
            shelf = self._shelf(folder)
            del self._world.shelves[folder]
            for member in self._world.members.values():
                member.shelves = [one for one in member.shelves if one is not shelf]

    def hide(self, user: str, hidden: bool = True) -> None:
        """The account's favourites are shown to nobody."""
        with self._world.lock:
            if user not in self._world.members:
                raise UsageError(f"the practice site has no user {user}")
            self._world.members[user].hidden = hidden

    def break_pages(self, broken: bool = True) -> None:
        """Every page is made in an entirely new way; files stay as they are."""
        self._strange = broken

    def _mark(self, image: str, lost: set[str]) -> None:
        with self._world.lock:
            self._item(image)
            lost.add(image)

    def _item(self, image: str) -> Item:
        if image not in self._world.items:
            raise UsageError(f"the practice site has no picture {image}")
        return self._world.items[image]

    def _shelf(self, folder: str) -> Shelf:
        if folder not in self._world.shelves:
            raise UsageError(f"the practice site has no folder {folder}")
        return self._world.shelves[folder]
