from __future__ import annotations

import pytest

from fapfav.errors import SourceError, UsageError
from fapfav.model import Album, AlbumKey, ImageRef, PlaceKey, User, UserKey
from fapfav.sources.base import Site
from fapfav.sources.imagefap import RULES, Imagefap
from fapfav.sources.sites import GalleriesFolder, NoSuchFolder
from fapfav.sources.web import GaveUp, Wait
from tests.sources.contract import SourceContract
from tests.sources.fake_web import OWNER, FakeSite, folder_of, list_of

ALICE = UserKey("imagefap", "100001")
DOWN = GaveUp("www.imagefap.com cannot be reached", answered=False)
LIST = "/showfavorites.php?userid=100001&page={}"
FOLDER = LIST + "&folderid=5"
GALLERIES = f'<html>{OWNER}<td class="blk_favorites_hdr"><b>Gallery Name</span></td>'.encode()
STRANGE = b"<html><body>A new look</body></html>"


@pytest.fixture
def of() -> FakeSite:
    """A site with a hole and a repeated picture in it."""
    return FakeSite({"5": [["11", "12"], [], ["13", "11"]], "6": [["11", "21"]], "7": [["31"]]})


@pytest.fixture
def source(of: FakeSite) -> Imagefap:
    """alice's favourites there, and she is known."""
    return Imagefap(of.web, (User("imagefap", "100001", "alice"),), now=of.now)


class TestImagefap(SourceContract):
    @pytest.fixture
    def lost(self, of: FakeSite) -> ImageRef:
        of.said["/photo/99/"] = 404
        return ImageRef(PlaceKey("imagefap", "100001", "5", "99"), "", address="/photo/99/")

    @pytest.fixture
    def troubled(self, of: FakeSite, source: Imagefap) -> Imagefap:
        of.said.update(dict.fromkeys([LIST.format(0), FOLDER.format(0)], DOWN))
        return source


def key(folder: str) -> AlbumKey:
    """The key of one of alice's folders."""
    return AlbumKey("imagefap", "100001", folder)


def test_it_is_a_site_and_names_its_hosts(source: Imagefap) -> None:
    assert isinstance(source, Site)
    assert RULES.base.removeprefix("https://") in RULES.hosts
    assert all(host.endswith("imagefap.com") for host in RULES.hosts)
    assert RULES.is_check("https://www.imagefap.com/human-verification", b"")


def test_waits_and_hurry_are_the_webs(of: FakeSite, source: Imagefap) -> None:
    of.web.waiting = Wait("the site asked for a pause", 1.0)
    list(source.albums(ALICE))
    source.hurry()

    assert source.waiting == of.web.waiting
    assert source.asked == len(of.web.questions) > 0
    assert of.web.hurried


@pytest.mark.parametrize("name", ["alice", "ALICE", " Alice "])
def test_an_account_is_found_by_name_in_any_case(of: FakeSite, name: str) -> None:
    source = Imagefap(of.web, now=of.now)

    assert source.account(name=name) == User("imagefap", "100001", "alice")
    assert of.web.pages() == [f"/profile/{name.strip()}", LIST.format(0)]
    assert [user.name for user in source.users()] == ["alice"]


def test_an_account_is_found_by_number_with_one_question(of: FakeSite) -> None:
    source = Imagefap(of.web, now=of.now)

    assert source.account(number="0100001").user == "100001"
    assert of.web.pages() == [LIST.format(0)]


def test_the_page_that_told_the_name_is_the_first_of_the_list(of: FakeSite) -> None:
    source = Imagefap(of.web, now=of.now)
    source.account(name="alice")

    assert len(list(source.albums(ALICE))) == 3
    assert of.numbers() == [0, 1, 2]
    assert len(list(source.albums(ALICE))) == 3
    assert of.numbers() == [0, 1, 2]


def test_an_unknown_account_is_an_error_that_says_so(of: FakeSite, source: Imagefap) -> None:
    of.said["/profile/carol"] = 404
    for asked in ({"name": "bob"}, {"name": "carol"}, {"number": "7"}):
        with pytest.raises(SourceError, match="there is no such user, or they are hidden"):
            source.account(**asked)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "../1",
        "a/b",
        "a\\b",
        "a\x00b",
        "a\nb",
        "\u202ealice",
        "x" * 10_000,
        "  ",
        "\ud800",
    ],
)
def test_a_name_that_nobody_has_is_never_asked_for(of: FakeSite, name: str) -> None:
    with pytest.raises(SourceError, match="no such user") as caught:
        Imagefap(of.web, now=of.now).account(name=name)

    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()
    assert of.web.asked == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a?user=b", "/profile/a%3Fuser%3Db"),
        ("a#b", "/profile/a%23b"),
        ("%2e%2e", "/profile/%252e%252e"),
        ("山", "/profile/%E5%B1%B1"),
    ],
)
def test_a_name_is_one_part_of_a_path_and_no_more(of: FakeSite, name: str, path: str) -> None:
    with pytest.raises(SourceError, match="no such user"):
        Imagefap(of.web, now=of.now).account(name=name)

    assert of.web.pages() == [path]


@pytest.mark.parametrize(
    "asked", [{}, {"name": "a", "number": "1"}, {"number": "x"}, {"number": "1" * 5000}]
)
def test_an_account_is_asked_for_by_one_good_word(source: Imagefap, asked: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        source.account(**asked)


def test_folders_are_listed_until_a_page_has_none(of: FakeSite, source: Imagefap) -> None:
    albums = list(source.albums(ALICE))

    assert albums == [Album(*ALICE, folder, f"Folder {folder}") for folder in "567"]
    assert of.numbers() == [0, 1, 2]


def test_a_list_that_repeats_itself_comes_to_an_end(of: FakeSite, source: Imagefap) -> None:
    for page in range(2000):
        of.said[LIST.format(page)] = list_of([("5", "Five"), ("6", " ")])

    assert [album.name for album in source.albums(ALICE)] == ["Five", "6"]
    assert of.numbers() == [0, 1]


def test_a_list_without_end_is_bounded(of: FakeSite, source: Imagefap) -> None:
    for page in range(2000):
        of.said[LIST.format(page)] = list_of([(str(page), "More")])

    with pytest.raises(SourceError, match="more than 1000 pages"):
        list(source.albums(ALICE))
    assert len(of.numbers()) == 1000


def test_folders_below_the_floor_are_left_out_and_told(of: FakeSite, source: Imagefap) -> None:
    of.said[LIST.format(0)] = list_of([("5", "Boats"), ("6", "my shota folder")])
    of.said[FOLDER.format(0)] = folder_of("my shota folder", ["1"])

    for _ in range(2):
        assert [album.album for album in source.albums(ALICE)] == ["5", "7"]
    assert [problem.where for problem in source.problems] == ["folder 6"]
    with pytest.raises(UsageError, match="never keeps"):
        list(source.images(key("5"), ""))


@pytest.mark.parametrize("said", [STRANGE, b"", list_of([("5", "x")]).replace(b"blk_gall", b"g")])
def test_a_changed_list_is_no_empty_one(of: FakeSite, source: Imagefap, said: bytes) -> None:
    of.said[LIST.format(0)] = said

    with pytest.raises(SourceError, match="site may have changed"):
        list(source.albums(ALICE))


def test_hidden_favourites_are_no_empty_ones(of: FakeSite, source: Imagefap) -> None:
    of.said[LIST.format(0)] = list_of([]).replace(b"<table>", b"These favorites are private.")

    with pytest.raises(SourceError, match=r"shows no folders of 'alice': .* hidden"):
        list(source.albums(ALICE))


def test_a_list_that_breaks_off_is_an_error(of: FakeSite, source: Imagefap) -> None:
    of.said[LIST.format(1)] = 404
    with pytest.raises(SourceError, match="in the middle of a list"):
        list(source.albums(ALICE))
    of.said[LIST.format(0)] = 404
    with pytest.raises(SourceError, match="no such user"):
        list(source.albums(ALICE))


def test_a_folder_of_galleries_is_refused(of: FakeSite, source: Imagefap) -> None:
    of.said[FOLDER.format(0)] = GALLERIES

    with pytest.raises(GalleriesFolder, match="5"):
        list(source.images(key("5"), ""))


@pytest.mark.parametrize("said", [404, 410, list_of([])])
def test_a_missing_folder_is_an_error_of_its_own(
    of: FakeSite, source: Imagefap, said: bytes | int
) -> None:
    of.said[FOLDER.format(0)] = said

    with pytest.raises(NoSuchFolder, match="has no folder 5"):
        list(source.images(key("5"), ""))


def test_a_folder_that_goes_while_it_is_read_is_missing(of: FakeSite, source: Imagefap) -> None:
    items = source.images(key("5"), "")
    assert isinstance(next(items), ImageRef)
    del of.folders["5"]

    with pytest.raises(NoSuchFolder):
        list(items)


@pytest.mark.parametrize("said", [404, list_of([])])
def test_a_site_without_pages_past_the_last_is_asked_once_whether_the_folder_is_there(
    of: FakeSite, source: Imagefap, said: bytes | int
) -> None:
    of.said.update({FOLDER.format(page): said for page in range(3, 9)})

    items = list(source.images(key("5"), ""))

    assert [i.place.image for i in items if isinstance(i, ImageRef)] == ["11", "12", "13"]
    assert of.numbers() == [0, 1, 2, 3, 0, 4, 5]


@pytest.mark.parametrize(
    "said", [STRANGE, b"", folder_of("x", ["1"]).replace(b"img-", b"pic-"), folder_of("x", ["a"])]
)
def test_a_changed_folder_is_no_empty_one(of: FakeSite, source: Imagefap, said: bytes) -> None:
    of.said[FOLDER.format(0)] = said

    with pytest.raises(SourceError, match="site may have changed") as caught:
        list(source.images(key("5"), ""))
    assert "page=0&folderid=5" in str(caught.value)


def test_references_have_an_address_and_no_name(source: Imagefap) -> None:
    ref = next(iter(source.images(key("5"), "")))

    assert ref == ImageRef(PlaceKey(*key("5"), "11"), "", address="/photo/11/")


@pytest.mark.parametrize(
    "album",
    [
        AlbumKey("imagefap", "100001", "5&page=9"),
        AlbumKey("imagefap", "../1", "5"),
        AlbumKey("local", "100001", "5"),
        AlbumKey("imagefap", "100001", ""),
    ],
)
def test_ids_that_are_no_numbers_are_never_asked_for(
    of: FakeSite, source: Imagefap, album: AlbumKey
) -> None:
    with pytest.raises(UsageError):
        list(source.images(album, ""))
    with pytest.raises(UsageError):
        source.fetch(ImageRef(PlaceKey(*album[:2], "5", "1/../2"), ""))
    assert of.web.asked == 0


@pytest.mark.parametrize("address", [LIST.format(0), FOLDER.format(0), "/photo/11/"])
def test_trouble_of_the_site_goes_up(of: FakeSite, source: Imagefap, address: str) -> None:
    of.said[address] = DOWN

    with pytest.raises(GaveUp):
        read_all(source)


def read_all(source: Imagefap) -> None:
    """Everything alice has."""
    for album in source.albums(ALICE):
        for item in source.images(key(album.album), ""):
            assert not isinstance(item, ImageRef) or source.fetch(item).data
