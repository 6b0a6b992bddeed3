"""Which address of the practice site gets which answer, as long as nothing is made to go wrong."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from fapfav.practice import pages
from fapfav.practice.log import Log
from fapfav.practice.pages import Style
from fapfav.practice.wire import Asked, Reply
from fapfav.practice.world import Item, World

CHECK_PAGE = "/human-verification"
LOOP = "/around/0"
LOG = "/practice/log"

_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "avif": "image/avif",
}
"""What a file is said to be, by what its address ends in."""

_PHOTO = re.compile(r"/photo/(\d+)(?:/.*)?")
_FILE = re.compile(r"/images/full/\d+/\d{1,3}/(\d+)\.(\w+)")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_EVERYTHING = 1 << 62

Query = dict[str, str]


class Links:
    """The addresses of files: signed, and good for a while or for some requests."""

    def __init__(self, style: Style, base: str) -> None:
        self._style = style
        self._base = style.files or base
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str], tuple[float, int]] = {}

    def give(self, item: Item) -> str:
        """The address of a picture's file, as its page tells it now."""
        path = f"/images/full/{int(item.image[-2:])}/{item.image[:3]}/{item.image}.{item.ext}"
        secret = secrets.token_hex(8)
        end = time.time() + self._style.link_seconds
        with self._lock:
            self._left[path, secret] = (end, self._style.link_uses or _EVERYTHING)
        return f"{self._base}{path}?end={end:.0f}&secure={secret}"

    def take(self, path: str, secret: str) -> bool:
        """Whether that address is still good; counts one request."""
        key = (path, secret)
        with self._lock:
            end, uses = self._left.get(key, (0.0, 0))
            if uses < 1 or time.time() >= end:
                return False
            self._left[key] = (end, uses - 1)
            return True

    def expire(self) -> None:
        """No address given so far is good any longer."""
        with self._lock:
            self._left.clear()


class Routes:
    """Answers a request from the world as it is; `base` is the address of the whole site."""

    def __init__(self, style: Style, world: World, base: str, log: Log) -> None:
        self.links = Links(style, base)
        self._prefix = urlsplit(base).path
        self._style = style
        self._world = world
        self._log = log
        self._pages: dict[str, Callable[[Query], str]] = {
            "/profile.php": lambda query: self._profile(query.get("user", "")),
            "/showfavorites.php": self._favorites,
            CHECK_PAGE: lambda _: pages.human_verification(style),
        }

    def answer(self, asked: Asked) -> Reply:
        """What a request gets when nothing goes wrong."""
        if asked.method not in {"GET", "HEAD"}:
            return Reply(405, b"", headers=(("Allow", "GET, HEAD"),))
        try:
            parts = urlsplit(asked.target)
        except ValueError:
            return Reply(400, b"", close=True)
        path = unquote(parts.path, errors="surrogateescape")
        if not path.startswith(self._prefix + "/"):
            return self._missing()
        path = path[len(self._prefix) :]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if found := _FILE.fullmatch(path):
            return self._file(found[1], path, query, asked)
        if found := _PHOTO.fullmatch(path):
            return self._photo(found[1])
        if path in self._pages:
            return _page(self._pages[path](query))
        if path.startswith("/profile/"):
            return _page(self._profile(path.removeprefix("/profile/").rstrip("/")))
        return self._other(path)

    def _other(self, path: str) -> Reply:
        if path.startswith("/around/"):
            return Reply(302, leads_to="/around/1" if path == LOOP else LOOP)
        if path == LOG:
            requests = [one for one in self._log.all() if not one.path.endswith(LOG)]
            return Reply(200, json.dumps(requests).encode(), "application/json")
        return self._missing()

    def _missing(self) -> Reply:
        return _page(pages.missing(self._style), 404)

    def _profile(self, name: str) -> str:
        return pages.profile(self._style, name, self._world.user_named(name))

    def _favorites(self, query: Query) -> str:
        member = self._world.members.get(query.get("userid", ""))
        if member is None:
            return pages.profile(self._style, "", None)
        page = query.get("page", "0")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 0
        folder = query.get("folderid")
        if folder is None:
            return pages.folders(self._style, member, self._world.folders(member, number))
        listing = self._world.listing(member, folder, number)
        return pages.folder(self._style, member, folder, listing)

    def _photo(self, image: str) -> Reply:
        found = self._world.photo(image)
        if found is None:
            return self._missing()
        item, has_link = found
        address = self.links.give(item) if has_link else ""
        return _page(pages.photo(self._style, item, address))

    def _file(self, image: str, path: str, query: Query, asked: Asked) -> Reply:
        if not self.links.take(path, query.get("secure", "")):
            return Reply(403, b"This link is no longer good.\n", "text/plain")
        item = self._world.file(image)
        try:
            whole = b"" if item is None else _bytes_of(item)
        except FileNotFoundError:
            item = None
        if item is None:
            return self._missing()
        kind = _TYPES.get(item.ext.lower(), "application/octet-stream")
        return _part(whole, kind, asked.headers.get("range", ""))


def _page(text: str, status: int = 200) -> Reply:
    return Reply(status, text.encode("utf-8", "surrogateescape"))


def _bytes_of(item: Item) -> bytes:
    return item.data if isinstance(item.data, bytes) else item.data.read_bytes()


def _part(whole: bytes, kind: str, wanted: str) -> Reply:
    """The file, or the one range of it that was asked for; a list of ranges gets all of it."""
    found = _RANGE.fullmatch(wanted)
    if found is None or not (found[1] or found[2]):
        return Reply(200, whole, kind, (("Accept-Ranges", "bytes"),))
    size = len(whole)
    if found[1]:
        start = int(found[1])
        end = min(int(found[2] or size) + 1, size)
    else:
        start, end = max(0, size - int(found[2])), size
    if start >= end:
        return Reply(416, b"", kind, (("Content-Range", f"bytes */{size}"),))
    return Reply(
        206,
        whole[start:end],
        kind,
        (("Accept-Ranges", "bytes"), ("Content-Range", f"bytes {start}-{end - 1}/{size}")),
    )
