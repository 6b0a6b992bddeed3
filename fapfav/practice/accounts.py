"""The practice user: an account made of a folder of pictures."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from fapfav.errors import UsageError
from fapfav.practice.world import Account, Folder, Item

PRACTICE_USER = "100001"
PRACTICE_NAME = "practice"
_FIRST_FOLDER = 20001
_EMPTY = "Nothing yet"
_GALLERIES = "Galleries to look at"


def practice_accounts(folder: Path) -> tuple[Account, ...]:
    """One user with a favourites folder for each directory, and one empty and one of galleries.

    Directories and files are in the order of their names; files of deeper directories belong to the
    topmost one, and those beside the directories to a folder named as `folder` itself. Files that
    are no pictures are offered like the others. Numbers follow from the names alone.

    Raises UsageError when there is no file, or no folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name one that holds pictures")
    by_album: dict[str, list[Path]] = {}
    for found in sorted(folder.rglob("*"), key=lambda path: os.fsencode(path.relative_to(folder))):
        below = found.relative_to(folder).parts
        if found.is_file() and not any(part.startswith(".") for part in below):
            by_album.setdefault(below[0] if len(below) > 1 else folder.resolve().name, []).append(
                found
            )
    if not by_album:
        raise UsageError(f"{folder} has no file to offer; name a folder that holds pictures")
    taken: set[str] = set()
    albums = [
        (name, "pictures", tuple(_item(folder, path, taken) for path in paths))
        for name, paths in by_album.items()
    ]
    galleries = tuple(Item(str(7000001 + at), f"Harbour {at + 1}", b"") for at in range(3))
    albums += [(_EMPTY, "pictures", ()), (_GALLERIES, "galleries", galleries)]
    folders = tuple(
        Folder(str(_FIRST_FOLDER + at), name, items, kind)
        for at, (name, kind, items) in enumerate(albums)
    )
    return (Account(PRACTICE_USER, PRACTICE_NAME, folders),)


def _item(folder: Path, path: Path, taken: set[str]) -> Item:
    name = os.fsencode(path.relative_to(folder))
    number = int.from_bytes(hashlib.sha256(name).digest()[:6])
    image = str(1_000_000_000 + number % 9_000_000_000)
    while image in taken:
        image = str(1_000_000_000 + (int(image) + 1) % 9_000_000_000)
    taken.add(image)
    posted = f"{1 + number % 28:02}/{1 + number % 12:02}/{2009 + number % 12}"
    ext = path.suffix.removeprefix(".").lower() or "jpg"
    return Item(image, path.name, path, posted=posted, ext=ext if ext.isalnum() else "jpg")
