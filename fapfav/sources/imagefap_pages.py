"""What Imagefap's pages say: pure functions from bytes to plain records.

Every page has a frame by which it is known. Without it SourceError is raised, so that a changed
site never looks like an empty folder. Only ids are taken from links; the addresses of pages are
made from them elsewhere. `address` is for messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from fapfav.errors import SourceError
from fapfav.sources.imagefap_facts import Facts, facts_of
from fapfav.sources.imagefap_markup import Link, Marks, read

_ID = re.compile(r"[0-9]{1,20}")
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,8}")
_LONGEST_ADDRESS = 4096


class Kind(StrEnum):
    """What a folder's page shows."""

    PICTURES = "pictures"
    GALLERIES = "galleries"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list of a user's folders: whose, and each folder's id and name once.

    `strange` says that there are links to folders that do not look as folders do.
    """

    owner: str
    folders: tuple[tuple[str, str], ...]
    strange: bool


@dataclass(frozen=True, slots=True)
class FolderPage:
    """One page of a folder: its name, and the ids of its pictures, each once.

    `strange` says that there are links to pictures that do not look as a folder's pictures do.
    """

    kind: Kind
    name: str
    images: tuple[str, ...]
    strange: bool


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """One picture's page: the address of its file, if it has one, and what is said of it.

    `known` says that it looks like a picture's page, with or without a file.
    """

    full: str | None
    facts: Facts
    known: bool


def is_id(text: str) -> bool:
    """Whether this can be an id of the site's: decimal digits, at most twenty."""
    return _ID.fullmatch(text) is not None


def is_check(url: str, body: bytes) -> bool:
    """Whether the site asks for a person, or says that it was asked too much."""
    if urlsplit(url).path.rstrip("/").endswith("/human-verification"):
        return True
    # A look before the parser is asked: most pages, and every picture, need no more.
    start = body[: 2**20]
    if b"mt-4" not in start.lower() or b"requests" not in start.lower():
        return False
    marks = read(start, url)
    # The class is a common one: a page that is one of ours may have a folder of this name in it.
    if marks.links or marks.inputs or marks.cells:
        return False
    return any(re.search(r"\btoo many requests\b", text.line, re.I) for text in marks.notices)


def user_id(page: bytes, address: str) -> str | None:
    """The id on a profile page; None where it has no link to favourites, as for unknown users."""
    links = _of_class(read(page, address), "blk_header")
    found = {value for link in links if (value := _query(link.href, "userid", "showfavorites.php"))}
    if len(found) > 1:
        raise _changed(address, "one link to the user's favourites")
    return found.pop() if found else None


def display_name(page: bytes, address: str) -> str | None:
    """Whose favourites a page of favourites shows; None where it shows nobody's."""
    return _owner(read(page, address))


def list_page(page: bytes, address: str, user: str) -> ListPage:
    """One page of the list of a user's folders, which is empty past the last."""
    marks = read(page, address)
    owner = _owner(marks)
    if owner is None:
        raise nobodys(address)
    folders: dict[str, str] = {}
    for link in _of_class(marks, "blk_galleries"):
        folder = _folder(link.href, user)
        if folder is not None and not folders.get(folder):
            folders[folder] = link.text.line
    strange = any(_folder(href, user) for href in _hrefs(marks))
    return ListPage(owner, tuple(folders.items()), strange and not folders)


def folder_page(page: bytes, address: str) -> FolderPage:
    """One page of a folder. An empty folder has its name on it, and a missing one has not."""
    marks = read(page, address)
    if not all(map(is_id, marks.cells)):
        raise _changed(address, "a number for every picture")
    images = tuple(dict.fromkeys(marks.cells))
    names = [link for link in _of_class(marks, "blk_favorites") if _names_a_folder(link)]
    name = next((link.text.line for link in names if link.text.line), "")
    strange = not images and (
        any(map(is_id, marks.strays)) or any(_is_photo(href) for href in _hrefs(marks))
    )
    if not images and any("gallery name" in head.line.lower() for head in marks.heads):
        return FolderPage(Kind.GALLERIES, name, (), False)
    if names or images:
        return FolderPage(Kind.PICTURES, name, images, strange)
    if _owner(marks) is None:
        raise _changed(address, "the name of the folder")
    return FolderPage(Kind.NONE, "", (), strange)


def photo_page(page: bytes, address: str, image: str) -> PhotoPage:
    """One picture's page.

    Raises SourceError for an address of the file that is not a whole one.
    """
    marks = read(page, address)
    facts = facts_of(marks)
    named = [url for url in marks.originals if _is_file_of(url, image)]
    named += [
        url for url in marks.framed if _is_file_of(url, image) and "/images/full/" in _path(url)
    ]
    full = next((url for url in named if _is_whole(url)), None)
    if named and full is None:
        raise _changed(address, "the whole address of the picture's file")
    known = bool(full or marks.inputs or marks.titles or facts.stated)
    return PhotoPage(full, facts, known)


def nobodys(address: str) -> SourceError:
    """The error for a page of favourites that does not show whose they are."""
    return SourceError(
        f"{address} does not show whose favourites these are: that user is gone or hides them, or "
        "the site may have changed its pages. Nothing was damaged: look at that page, and try "
        "again later or with a newer version of this program"
    )


def _changed(address: str, expected: str) -> SourceError:
    return SourceError(
        f"{address} does not show {expected}; the site may have changed its pages. Nothing was "
        "damaged: try again later, or with a newer version of this program"
    )


def _of_class(marks: Marks, name: str) -> list[Link]:
    return [link for link in marks.links if name in link.classes]


def _hrefs(marks: Marks) -> list[str]:
    return [*marks.hrefs, *(link.href for link in marks.links)]


def _owner(marks: Marks) -> str | None:
    """The name in the link to the profile, or in its address where the link says nothing."""
    for link in _of_class(marks, "blk_header"):
        if link.style and (name := link.text.line or _named_user(link.href)):
            return name
    return None


def _named_user(href: str) -> str:
    values = _values(href, "user")
    if values:
        return values[0].strip()
    head, _, last = _path(href).rpartition("/")
    return unquote(last).strip() if head.endswith("/profile") else ""


def _names_a_folder(link: Link) -> bool:
    return link.style.lower().rstrip().endswith("none;")


def _folder(href: str, user: str) -> str | None:
    """The folder of this user that a link leads to; what belongs to no folder has a negative
    number."""
    folder = _query(href, "folderid", "showfavorites.php")
    return (
        folder if folder and _query(href, "userid", "showfavorites.php") in (None, user) else None
    )


def _query(href: str, key: str, page: str) -> str | None:
    """An id in the query of a link to this page."""
    if _path(href).rpartition("/")[2].lower() != page:
        return None
    return next((value for value in _values(href, key) if is_id(value)), None)


def _values(href: str, key: str) -> list[str]:
    try:
        return parse_qs(urlsplit(href).query, max_num_fields=50).get(key, [])
    except ValueError:
        return []


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""


def _is_photo(href: str) -> bool:
    parts = _path(href).split("/")
    return any(one == "photo" and is_id(other) for one, other in pairwise(parts))


def _is_file_of(url: str, image: str) -> bool:
    """Whether this is where a file of this picture, and no other, lies."""
    stem, _, extension = _path(url).rpartition("/")[2].partition(".")
    return stem == image and _EXTENSION.fullmatch(extension) is not None


def _is_whole(url: str) -> bool:
    parts = urlsplit(url)
    return (
        parts.scheme.lower() in {"http", "https"}
        and bool(parts.netloc)
        and len(url) <= _LONGEST_ADDRESS
        and url.isprintable()
        and " " not in url
    )
