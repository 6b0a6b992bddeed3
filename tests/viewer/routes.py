"""Every address there is, filled in for an archive that has a bit of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, UserKey
from viewer.addresses import album_address, name_of, user_address


def patterns(found: Any = None, before: str = "") -> Iterator[str]:
    """The paths of all routes, with `<converter:name>` as they stand in the code."""
    for each in (found or get_resolver()).url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, path)
        elif isinstance(each, URLPattern):
            yield path


def addresses(archive: Archive) -> list[str]:
    """All of them: each route with something of the archive in it."""
    group = archive.groups[0]
    name = name_of(archive, next(iter(group.verdicts)))
    user = UserKey(*next(iter(archive.users)))
    album = AlbumKey(*next(iter(archive.albums)))
    values = {"name": name, "int": "1", "str": "x", "slug": "x", "path": "x"}
    found = {user_address(archive, user), album_address(archive, album)}
    for pattern in patterns():
        path = re.sub(
            r"<(?:(\w+):)?\w+>", lambda match: values.get(match[1] or "str", "x"), pattern
        )
        found.add("/" + path)
    return sorted(found)
