from __future__ import annotations

import pytest

from fapfav.errors import SourceError
from fapfav.model import ImageRef, Picture, Place, PlaceKey, PlaceState
from fapfav.sources.imagefap import Imagefap
from fapfav.sources.sites import Lost
from fapfav.sources.web import GaveUp, Head
from tests.sources.fake_web import BASE, Asked, FakeSite, FakeWeb, Said, file_of, photo_of

STRANGE = b"<html><body>A new look</body></html>"
GONE = b'<html><input id="imageid_input" value="1"></html>'
SILENT = GaveUp("500 after 6 tries", answered=True)
DOWN = GaveUp("no network", answered=False)


@pytest.fixture
def of() -> FakeSite:
    """A site that has any picture asked for."""
    return FakeSite({})


@pytest.fixture
def source(of: FakeSite) -> Imagefap:
    """The source over it."""
    return Imagefap(of.web, now=of.now)


def ref(image: str) -> ImageRef:
    """A reference to a picture."""
    return ImageRef(PlaceKey("imagefap", "100001", "5", image), "", address=f"/photo/{image}/")


def place(image: str, size: int = 0) -> Place:
    """A place that holds a picture."""
    return Place(*ref(image).place, 0, "x.jpg", PlaceState.STORED, served_size=size)


def lost(source: Imagefap, image: str) -> tuple[str, str | None, str, bool]:
    """How a picture is lost: reason, address, name, and whether for good."""
    with pytest.raises(Lost) as caught:
        source.fetch(ref(image))
    return str(caught.value), caught.value.url, caught.value.name, caught.value.permanent


def test_a_picture_has_the_name_and_day_its_page_gives(of: FakeSite, source: Imagefap) -> None:
    of.said["/photo/1/"] = photo_of("1", name="a&#47;b")

    picture = source.fetch(ref("1"))

    assert picture == Picture(b"picture 1", "a-b.jpg", ref("1").place, posted=1408579200)
    assert of.web.questions == [Asked("page", "/photo/1/"), Asked("file", file_of("1"))]


@pytest.mark.parametrize("status", [404, 410])
def test_a_picture_whose_page_is_gone_is_lost(of: FakeSite, source: Imagefap, status: int) -> None:
    of.said["/photo/1/"] = status

    reason = f"its page is gone ({status})"
    assert lost(source, "1") == (reason, f"{BASE}/photo/1/", "", True)


def test_a_page_without_a_file_loses_the_picture(of: FakeSite, source: Imagefap) -> None:
    of.said["/photo/1/"] = photo_of("2", name="boat")

    reason = "its page has no full-size picture"
    assert lost(source, "1") == (reason, f"{BASE}/photo/1/", "boat.jpg", True)


def test_a_file_that_is_gone_loses_the_picture(of: FakeSite, source: Imagefap) -> None:
    of.said[file_of("1")] = 404
    of.said["/photo/2/"] = 418

    assert lost(source, "1") == ("its file is gone (404)", file_of("1"), "1.jpg", True)
    assert lost(source, "2") == ("its page is refused (418)", f"{BASE}/photo/2/", "", False)


@pytest.mark.parametrize("body", [b"<!DOCTYPE HTML><p>", b"\n  <html lang=en>"])
def test_a_page_in_place_of_the_file_is_no_picture(
    of: FakeSite, source: Imagefap, body: bytes
) -> None:
    of.said[file_of("1")] = body

    reason = "the site sent a page instead of the picture"
    assert lost(source, "1") == (reason, file_of("1"), "1.jpg", False)


def test_what_is_no_page_is_for_the_decoder(of: FakeSite, source: Imagefap) -> None:
    of.said[file_of("1")] = b"\xff\xd8 <html>"

    assert source.fetch(ref("1")).data == b"\xff\xd8 <html>"


def expiring(good: int, status: int) -> FakeWeb:
    """A web whose pages give another file address every time, and whose files take the n-th."""
    asked: list[str] = []

    def say(question: Asked) -> Said:
        if question.kind == "page":
            asked.append(question.address)
            return photo_of("1", len(asked))
        return b"bytes" if question.address == file_of("1", good) else status

    return FakeWeb(say)


@pytest.mark.parametrize("status", [403, 410])
def test_an_expired_address_is_renewed_once(status: int) -> None:
    web = expiring(2, status)

    assert Imagefap(web).fetch(ref("1")).data == b"bytes"
    assert [asked.kind for asked in web.questions] == ["page", "file", "page", "file"]


def test_an_address_that_expires_at_once_loses_the_picture() -> None:
    web = expiring(3, 403)

    reason, address, name, permanent = lost(Imagefap(web), "1")

    assert "refused (403)" in reason
    assert (address, name, permanent) == (file_of("1", 2), "1.jpg", False)
    assert web.asked == 4


def test_an_address_that_stays_the_same_is_not_tried_twice(of: FakeSite, source: Imagefap) -> None:
    of.said[file_of("1")] = 410

    assert lost(source, "1")[0] == "its file is gone (410)"
    assert [asked.kind for asked in of.web.questions] == ["page", "file", "page"]


@pytest.mark.parametrize("address", ["/photo/{}/", "file"])
def test_the_third_picture_in_a_row_without_a_good_answer_is_the_sites_trouble(
    of: FakeSite, source: Imagefap, address: str
) -> None:
    for image in "12457":
        of.said[file_of(image) if address == "file" else address.format(image)] = SILENT
    of.said["/photo/6/"] = 404

    for image in "12":
        reason, _, _, permanent = lost(source, image)
        assert reason == "the site has no good answer to this: 500 after 6 tries"
        assert not permanent
    source.fetch(ref("3"))
    # Neither what was good before nor a picture that is properly gone is one of three in a row.
    for image in "45671":
        lost(source, image)
    with pytest.raises(GaveUp):
        source.fetch(ref("2"))


def test_a_site_that_cannot_be_reached_is_nobodys_fault(of: FakeSite, source: Imagefap) -> None:
    of.said["/photo/1/"] = of.said[file_of("2")] = DOWN
    for image in "12":
        with pytest.raises(GaveUp):
            source.fetch(ref(image))
        with pytest.raises(GaveUp):
            source.check(place("1"))


def test_an_unknown_page_is_compared_with_one_that_worked(of: FakeSite, source: Imagefap) -> None:
    source.fetch(ref("1"))
    of.web.pages()
    for image in range(10, 62):
        of.said[f"/photo/{image}/"] = STRANGE
        assert lost(source, str(image))[1] == f"{BASE}/photo/{image}/"

    assert [at for at, asked in enumerate(of.web.pages()) if asked == "/photo/1/"] == [1, 52]


def test_when_the_page_that_worked_is_unknown_too_the_site_has_changed(
    of: FakeSite, source: Imagefap
) -> None:
    source.fetch(ref("1"))
    of.said["/photo/1/"] = of.said["/photo/2/"] = STRANGE

    with pytest.raises(SourceError, match=r"/photo/2/ shows nothing .*may have changed"):
        source.fetch(ref("2"))


def test_a_page_that_worked_and_is_gone_by_now_says_nothing(of: FakeSite, source: Imagefap) -> None:
    source.fetch(ref("1"))
    of.said["/photo/1/"] = 404
    of.said["/photo/2/"] = STRANGE

    assert lost(source, "2")[0] == "its page has no full-size picture"


def test_five_unknown_pages_in_a_row_and_none_that_worked_are_a_changed_site(
    of: FakeSite, source: Imagefap
) -> None:
    of.said.update({f"/photo/{image}/": STRANGE for image in range(1, 10)})
    of.said["/photo/5/"] = GONE

    for image in "12345678":
        assert "no full-size picture" in lost(source, image)[0]
    assert source.check(place("9"))[0] == 2
    with pytest.raises(SourceError, match="may have changed"):
        source.check(place("1"))


def test_a_picture_that_is_there_checks_as_there_with_two_questions(
    of: FakeSite, source: Imagefap
) -> None:
    for size in (0, len(b"picture 1")):
        assert source.check(place("1", size)) == (0, f"{BASE}/photo/1/")
    assert [asked.kind for asked in of.web.questions] == ["page", "head"] * 2


@pytest.mark.parametrize(("said", "level"), [(404, 1), (410, 1), (418, 1), (GONE, 2), (STRANGE, 2)])
def test_a_picture_without_a_page_or_address_is_gone(
    of: FakeSite, source: Imagefap, said: int | bytes, level: int
) -> None:
    of.said["/photo/1/"] = said

    assert source.check(place("1")) == (level, f"{BASE}/photo/1/")


@pytest.mark.parametrize(
    ("status", "length", "kind", "level"),
    [
        (200, 9, "image/jpeg", 0),
        (200, None, "", 0),
        (405, None, "text/html", 0),
        (501, 3, "text/html", 0),
        (200, 8, "image/jpeg", 3),
        (200, 9, "Text/HTML; charset=utf-8", 3),
        (404, 9, "image/jpeg", 3),
    ],
)
def test_headers_tell_whether_the_file_is_there(
    of: FakeSite, source: Imagefap, status: int, length: int | None, kind: str, level: int
) -> None:
    of.said[file_of("1")] = Head(status, file_of("1"), length, kind)

    address = file_of("1") if level else f"{BASE}/photo/1/"
    assert source.check(place("1", 9)) == (level, address)


def test_refused_files_say_nothing_of_their_pictures_and_are_soon_the_sites_trouble(
    of: FakeSite, source: Imagefap
) -> None:
    for image in "123":
        of.said[file_of(image)] = Head(403, file_of(image), None, "")

    for image in "12":
        with pytest.raises(Lost, match="refused"):
            source.check(place(image, 9))
    with pytest.raises(GaveUp, match="refused"):
        source.check(place("3", 9))


def test_a_check_without_a_good_answer_says_nothing_of_the_picture(
    of: FakeSite, source: Imagefap
) -> None:
    of.said["/photo/1/"] = of.said["/photo/2/"] = of.said["/photo/3/"] = SILENT
    for image in "12":
        with pytest.raises(Lost, match="no good answer"):
            source.check(place(image))
    with pytest.raises(GaveUp):
        source.check(place("3"))
