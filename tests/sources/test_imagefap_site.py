"""The contract of sources, and what only a real connection shows, on the practice site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fapfav.errors import SourceError
from fapfav.model import AlbumKey, Cursor, ImageRef, PlaceKey, UserKey
from fapfav.practice import kinds
from fapfav.practice.site import Account, Folder, Item, PracticeSite, Style, Trouble
from fapfav.sources.imagefap import Imagefap
from fapfav.sources.reach import imagefap
from fapfav.sources.sites import Lost
from tests.sources.contract import SourceContract

STYLES = {
    "plain": Style(),
    "single quotes": Style(quotes="single"),
    "as on the site": Style(quotes="mixed", unbalanced=True, entities=True),
    "upper case": Style(upper=True, full="original"),
    "no record": Style(json_ld=False, full="href"),
}
FOLDERS = (
    Folder(
        "5", "Lakes & <rivers>", tuple(Item(f"1{n}", f"n {n}.jpg", b"x%d" % n) for n in range(7))
    ),
    Folder("6", "Ünïcode 東京", (Item("31", "東京.jpg", b"tokyo"),)),
)


@pytest.fixture(params=list(STYLES.values()), ids=list(STYLES))
def site(request: pytest.FixtureRequest) -> Iterator[PracticeSite]:
    """Alice's favourites below a path, in several ways of writing pages, with a hole."""
    account = Account("100001", "Alice", FOLDERS)
    with PracticeSite([account], style=request.param, page_size=3, prefix="/mirror") as running:
        running.hole("5", 1, 2)
        yield running


@pytest.fixture
def source(site: PracticeSite) -> Iterator[Imagefap]:
    with imagefap(base=site.url, pace=(0, 0)) as opened:
        opened.account("ALICE")
        yield opened


class TestImagefapOverHttp(SourceContract):
    @pytest.fixture
    def lost(self, site: PracticeSite) -> ImageRef:
        site.vanish("16")
        return ImageRef(PlaceKey("imagefap", "100001", "5", "16"), "")

    @pytest.fixture
    def troubled(self, site: PracticeSite, source: Imagefap) -> Imagefap:
        site.close()
        return source


def test_everything_is_found_in_its_order(source: Imagefap) -> None:
    albums = list(source.albums(UserKey("imagefap", "100001")))

    assert [(album.album, album.name) for album in albums] == [
        ("5", "Lakes & <rivers>"),
        ("6", "Ünïcode 東京"),
    ]
    items = list(source.images(AlbumKey("imagefap", "100001", "5"), ""))
    assert [i.place.image for i in items if isinstance(i, ImageRef)] == [f"1{n}" for n in range(7)]
    assert [item.pages for item in items if isinstance(item, Cursor)] == [1, 2, 3]


def test_a_link_that_expires_at_once_is_asked_for_again() -> None:
    account = Account("100001", "Alice", FOLDERS)
    with (
        PracticeSite([account], style=Style(link_uses=1)) as site,
        imagefap(base=site.url, pace=(0, 0)) as source,
    ):
        site.troubles.add(Trouble(kinds.status(403), path=r"/10\.jpg"))
        ref = ImageRef(PlaceKey("imagefap", "100001", "5", "10"), "")

        assert source.fetch(ref).data == b"x0"
        assert [one.status for one in site.log] == [200, 403, 200, 200]


def test_a_site_that_refuses_all_files_is_the_sites_trouble_and_no_pictures() -> None:
    account = Account("100001", "Alice", FOLDERS)
    with PracticeSite([account]) as site, imagefap(base=site.url, pace=(0, 0)) as source:
        site.troubles.add(Trouble(kinds.status(403), path="/images/full/", times=None))
        refs = [ImageRef(PlaceKey("imagefap", "100001", "5", f"1{n}"), "") for n in range(3)]

        for ref in refs[:2]:
            with pytest.raises(Lost, match="refused"):
                source.fetch(ref)
        with pytest.raises(SourceError, match="refused"):
            source.fetch(refs[2])
