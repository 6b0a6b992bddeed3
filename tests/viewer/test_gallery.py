"""Albums without a script: filters, marks, pages, selecting, tagging, trash."""

from __future__ import annotations

import pytest

from fapfav.model import AlbumKey
from tests.viewer.archives import HILLS, LAKES, MOVING
from tests.viewer.browsing import Page, Visitor
from viewer.addresses import album_address, name_of
from viewer.state import Viewer


def address_of(viewer: Viewer, name: str) -> str:
    with viewer.archive() as archive:
        album = next(a for a in archive.albums.records() if a.name.endswith(name))
        return album_address(archive, AlbumKey(album.source, album.user, album.album))


def names(page: Page) -> list[str]:
    return [link.get("title").split("\n")[0] for link in page.all("li.cell a.to")]


def test_x(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address_of(viewer, LAKES))
    print(page.source)
    assert page.status == 200
    page = visitor.get(address_of(viewer, LAKES) + "?lock=1&dup=1")
    print(page.source)
    assert 0
