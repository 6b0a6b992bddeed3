"""The page of a picture without JavaScript: its facts, the way to the next, and every form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.model import AlbumKey, Check, Digest, Place, Sighting, Verdict
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from viewer.addresses import name_of
from viewer.state import Viewer

WATER = 2


def archive_of(viewer: Viewer) -> Archive:
    return opened(viewer.directory, sealed=viewer.is_sealed)


def called(archive: Archive, name: str) -> Place:
    """The place of a picture by its name, first in order."""
    return min((p for p in archive.places.records() if p.name == name), key=lambda p: p.key)


def digest_of(archive: Archive, name: str) -> Digest:
    held = called(archive, name).holds
    assert held is not None
    return held


def address(archive: Archive, digest: Digest, query: str = "") -> str:
    return f"/viewer/picture/{name_of(archive, digest)}/{query}"


def shown(viewer: Viewer, name: str, query: str = "") -> Page:
    archive = archive_of(viewer)
    return Visitor(viewer).get(address(archive, digest_of(archive, name), query))


def changes(viewer: Viewer) -> int:
    return len(archive_of(viewer).changes)


def said(page: Page) -> str:
    return " ".join(page.one("#messages").text_content().split())


def facts(page: Page) -> dict[str, str]:
    names = [dt.text for dt in page.all("dl.facts dt")]
    return dict(zip(names, [dd.text_content() for dd in page.all("dl.facts dd")], strict=True))


# What it is


def test_a_picture_is_shown_with_its_facts(viewer: Viewer) -> None:
    page = shown(viewer, "lake 0.jpg")
    archive = archive_of(viewer)
    blob = archive.blobs[digest_of(archive, "lake 0.jpg")]

    found = facts(page)

    assert page.one(".picture-stage img").get("src") == f"/viewer/show/{blob.digest.hex()}/"
    assert page.one("h1").text == "lake 0.jpg"
    assert found["Dimensions"] == "480 x 320, 0.15 megapixels"
    assert found["Type"] == "JPEG"
    assert found["JPEG quality"].startswith("92 of 100")
    assert found["SHA-256"] == blob.digest.hex()
    assert found["MD5"] == blob.md5.hex()
    assert {"percept", "average", "diff", "wavelet"} <= found.keys()
    assert f"{blob.size:,} bytes" in found["Size"]


def test_an_animation_says_how_long_it_lasts_and_can_be_paused(viewer: Viewer) -> None:
    page = shown(viewer, "waves.gif")

    assert facts(page)["Animation"] == "3 frames, 0.60 s"
    assert page.one(".picture-play").get("aria-label") == "Pause"


def test_one_that_lies_on_its_side_is_shown_upright(viewer: Viewer) -> None:
    with archive_of(viewer) as archive:
        digest = digest_of(archive, "lake 0.jpg")
        with archive.write("read") as tx:
            tx.put(replace(tx.blobs[digest], orientation=6))

    page = shown(viewer, "lake 0.jpg")

    assert page.one(".picture").get("data-width") == "320"
    assert facts(page)["Dimensions"].startswith("320 x 480")
    assert facts(page)["Orientation"] == "turned to the right (EXIF 6)"


def test_one_that_was_never_decoded_says_so_and_can_be_saved(viewer: Viewer) -> None:
    with archive_of(viewer) as archive:
        digest = digest_of(archive, "hill 20.jpg")
        with archive.write("read") as tx:
            tx.put(replace(tx.blobs[digest], thumb_size=0, thumb_ext=""))

    page = shown(viewer, "hill 20.jpg")

    assert "could not be decoded" in page.one(".picture-side .wrong").text_content()
    saved = page.follow(".picture-side .wrong a")
    assert saved.response["Content-Disposition"].startswith("attachment")


def test_an_unknown_picture_is_not_found(visitor: Visitor) -> None:
    assert visitor.get(f"/viewer/picture/{'0' * 64}/").status == 404


def test_names_are_text_whatever_they_hold(viewer: Viewer) -> None:
    name = "<img src=x>\u202egpj.exe"
    with archive_of(viewer) as archive:
        place = called(archive, "lake 1.jpg")
        with archive.write("read") as tx:
            tx.put(replace(place, name=name))

    page = shown(viewer, name)

    assert page.one("h1").text == "<img src=x>\\u202egpj.exe"
    assert "<img src=x>\\u202e" in page.one(".picture-places").text_content()
    assert page.all("[src=x]") == []


# Where it is, what is like it


def test_each_place_leads_to_its_album_with_repeats_shown_at_the_very_picture(
    viewer: Viewer,
) -> None:
    page = shown(viewer, "lake 4.jpg")
    links = [a.get("href") for a in page.all(".picture-places > li > a")]

    assert len(links) == 3
    assert all("dup=1" in link and "at=" in link for link in links)
    album = page.visitor.get(links[0])
    assert album.status == 200
    assert len(album.all("li.cell#at")) == 1


def test_exact_and_visual_copies_lead_to_their_set(viewer: Viewer) -> None:
    exact, alike = shown(viewer, "lake 4.jpg"), shown(viewer, "smaller 0.jpg")

    assert "3 exact copies" in exact.text
    assert "alike" in alike.one(".picture-others").getparent().text_content()
    for page in (exact, alike):
        (link,) = [a for a in page.all(".picture-side a") if a.text == "Open the set"]
        assert link.get("href").startswith("/viewer/duplicate/")


def test_one_without_copies_says_nothing_of_a_set(viewer: Viewer) -> None:
    with archive_of(viewer) as archive:
        alone = next(
            digest
            for digest in sorted(archive.blobs)
            if not any(digest in group.verdicts for group in archive.groups)
            and sum(place.holds == digest for place in archive.places.records()) == 1
        )
        place = next(p for p in archive.places.records() if p.holds == alone)

    assert "Duplicates" not in [h.text for h in shown(viewer, place.name).all("h2")]


def test_how_it_went_stands_at_its_place_with_dates(viewer: Viewer) -> None:
    with archive_of(viewer) as archive:
        place = called(archive, "lake 1.jpg")
        history = (Sighting(1_000_000, 1, ""), Sighting(2_000_000, 3, ""))
        with archive.write("audit") as tx:
            tx.put(Check(*place.key, 2_000_000, history))

    page = shown(viewer, "lake 1.jpg")

    lines = [" ".join(li.text_content().split()) for li in page.all(".picture-went.is-gone li")]
    assert lines == ["1970/01/12-13:46:40-UTC: page gone", "1970/01/24-03:33:20-UTC: file gone"]


def test_a_protected_album_is_named(viewer: Viewer) -> None:
    with archive_of(viewer) as archive:
        key = AlbumKey(*called(archive, "lake 1.jpg").key[:3])
        with archive.write("protect") as tx:
            tx.put(replace(tx.albums[key], protected=True))

    page = shown(viewer, "lake 1.jpg")

    assert "Protected" in facts(page)
    after = page.submit(".picture-trash", button="trash=1")
    assert "is protected and keeps what it has" in after.one(".message.error").text_content()
    assert digest_of(archive_of(viewer), "lake 1.jpg") in archive_of(viewer).blobs


# Tags


def untagged(viewer: Viewer) -> Page:
    """The page of a picture that has no tags."""
    with archive_of(viewer) as archive:
        digest = digest_of(archive, "lake 1.jpg")
        for tag in ("water", "stone"):
            tagging.clear(archive, tag, [digest])
    return shown(viewer, "lake 1.jpg")


def test_a_tag_is_given_and_taken_off_again(viewer: Viewer) -> None:
    page = untagged(viewer).submit("#tag", add_tag="stone")
    assert "Tagged stone." in said(page)

    page = page.submit("#untag", button="remove_tag=3")

    assert "No longer tagged stone." in said(page)
    undone = page.submit("#messages form")
    assert "stone" in [a.text for a in undone.all(".tag-list a")]


def test_a_new_tag_is_made_only_when_that_is_asked_for(viewer: Viewer) -> None:
    page = shown(viewer, "lake 1.jpg")
    before = changes(viewer)
    refused = page.submit("#tag", add_tag="sunset")
    assert "there is no tag 'sunset'" in refused.one(".message.error").text_content().lower()
    assert changes(viewer) == before

    page.submit("#tag", add_tag="nature/sunset", create="1")

    assert "nature/sunset" in [t.path for t in tagging.listing(archive_of(viewer)).tags]


def test_the_tag_given_last_is_one_button_on_the_next_picture(viewer: Viewer) -> None:
    first = shown(viewer, "lake 1.jpg").submit("#tag", add_tag="stone")
    archive = archive_of(viewer)
    second = first.visitor.get(address(archive, digest_of(archive, "lake 2.jpg")))

    after = second.submit("#recent", button="add_tag=3")

    assert "stone" in [a.text for a in after.all(".tag-list a")]


def test_taking_off_a_tag_it_does_not_have_is_refused(viewer: Viewer) -> None:
    page = untagged(viewer)
    before = changes(viewer)

    after = page.submit("#tag", remove_tag="3")

    assert "does not have the tag stone" in after.one(".message.error").text_content()
    assert changes(viewer) == before


def test_two_operations_at_once_are_refused(viewer: Viewer) -> None:
    before = changes(viewer)

    page = shown(viewer, "lake 1.jpg").submit("#tag", add_tag="stone", trash="1")

    assert page.status == 400
    assert changes(viewer) == before


# From one to the next


def test_the_way_on_is_that_of_the_page_one_came_from(viewer: Viewer) -> None:
    visitor = Visitor(viewer)
    tag = visitor.get("/viewer/tag/2/?sort=bytes")
    order = [a.get("href") for a in tag.all("li.cell a.to")]

    page = visitor.get(order[0])
    seen = [page.address]
    while page.all(".is-next"):
        page = page.follow(".is-next")
        seen.append(page.address)

    assert seen == order
    assert page.one(".picture-position").text == "5 of 5"
    assert page.follow(".is-previous").address == order[-2]
    assert page.all(".picture-leap[data-key=Home]")[0].get("href") == order[0]
    assert "sort=bytes" in page.one(".picture-up").get("href")


def test_a_picture_that_is_shown_twice_is_met_once_on_the_way(viewer: Viewer) -> None:
    archive = archive_of(viewer)
    visitor = Visitor(viewer)
    page = visitor.get(address(archive, digest_of(archive, "lake 4.jpg")))
    album = page.all(".picture-places > li > a")[-1].get("href").split("?")[0]
    cells = [a.get("href") for a in visitor.get(f"{album}?dup=1").all("li.cell a.to")]
    assert len(cells) == len(set(cells)) + 1

    page, seen = visitor.get(cells[0]), 1
    while page.all(".is-next"):
        page, seen = page.follow(".is-next"), seen + 1

    assert seen == len(set(cells))


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "tag/99/",
        "tag/0/",
        "https://elsewhere.example/",
        "settings/",
        "../",
        "tag/2",
        "duplicate/",
    ],
)
def test_a_way_that_makes_no_sense_is_none(viewer: Viewer, inside: str) -> None:
    page = shown(viewer, "lake 1.jpg", f"?in={inside}")

    assert page.status == 200
    assert page.one(".picture-up").get("href") == "/viewer/"
    assert page.all(".picture-go") == []


def test_a_picture_that_is_not_on_the_way_has_no_neighbours(viewer: Viewer) -> None:
    page = shown(viewer, "waves.gif", "?in=tag/2/")

    assert page.all(".picture-go") == []
    assert page.one(".picture-up").get("href") == "/viewer/tag/2/"


# The trash


def test_one_that_goes_to_the_trash_makes_room_for_the_next_and_comes_back(
    viewer: Viewer,
) -> None:
    visitor = Visitor(viewer)
    order = [a.get("href") for a in visitor.get("/viewer/tag/2/").all("li.cell a.to")]

    after = visitor.get(order[0]).submit(".picture-trash", button="trash=1")

    assert after.address == order[1]
    assert "went to the trash" in said(after)
    assert len(archive_of(viewer).trash) == 1
    after.submit("#messages form")
    assert len(archive_of(viewer).trash) == 0


def test_a_picture_in_the_trash_says_so_and_takes_no_tags(viewer: Viewer) -> None:
    archive = archive_of(viewer)
    digest = digest_of(archive, "lake 1.jpg")
    remove_picture(archive, digest.hex())

    page = Visitor(viewer).get(address(archive, digest, "?in=trash/"))

    assert "It is in the trash since" in page.text
    assert page.all("#tag") == []
    assert page.one(".picture-position").text == "1 of 1"
    assert page.visitor.get(page.one(".picture-stage img").get("src")).status == 200


# Opened from its set


def test_from_its_set_a_picture_is_judged_and_the_rules_hold(viewer: Viewer) -> None:
    archive = archive_of(viewer)
    digest = digest_of(archive, "smaller 0.jpg")
    members = archive.group_of(digest).members
    page = Visitor(viewer).get(
        address(archive, digest, f"?in=duplicate/{name_of(archive, digest)}/")
    )
    assert page.one(".picture-position").text_content().endswith(f"of {len(members)}")

    page = page.submit("#verdict", button="verdict=keep")

    assert archive_of(viewer).group_of(digest).verdicts[digest] is Verdict.KEEP
    assert page.one("#verdict [value=keep]").get("aria-pressed") == "true"


def test_a_digit_keeps_that_picture_and_skips_the_rest(viewer: Viewer) -> None:
    archive = archive_of(viewer)
    digest = digest_of(archive, "smaller 0.jpg")
    page = Visitor(viewer).get(
        address(archive, digest, f"?in=duplicate/{name_of(archive, digest)}/")
    )

    page.submit("#verdict", button="keep=1")

    verdicts = archive_of(viewer).group_of(digest).verdicts
    assert sorted(verdicts.values()).count(Verdict.KEEP) == 1
    assert sorted(verdicts.values()).count(Verdict.SKIP) == len(verdicts) - 1


def test_a_set_that_was_judged_meanwhile_is_not_judged_by_a_stale_page(viewer: Viewer) -> None:
    archive = archive_of(viewer)
    digest = digest_of(archive, "smaller 0.jpg")
    page = Visitor(viewer).get(
        address(archive, digest, f"?in=duplicate/{name_of(archive, digest)}/")
    )
    page.submit("#verdict", button="verdict=keep")
    before = changes(viewer)

    after = page.submit("#verdict", button="verdict=skip")

    assert "changed since it was shown" in after.one(".message.error").text_content()
    assert changes(viewer) == before
