"""fapfav/jobs/shared_part.py: a border is none of the picture, and a crop shows less of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fapfav.jobs.automatic import apply_automatic
from fapfav.jobs.library import Archive
from fapfav.jobs.plan import make_plan
from fapfav.jobs.reasons import MORE
from fapfav.jobs.resolving import apply_resolution, plan_resolution
from fapfav.jobs.rules import set_rules
from fapfav.jobs.set_views import Member, SetView, set_view
from fapfav.jobs.shared_part import WHOLE, shared_parts
from fapfav.jobs.to_keeper import Kept, ToKeeper
from fapfav.relation.placement import Placement
from fapfav.resolve.rules import Spared
from tests.jobs.alike import digest
from tests.relation.pictures import captioned, marked, photo
from tests.support import encoded, landscape, new_archive, read_folder

SIZE = 480, 320
RULE: dict[str, Any] = {"name": "larger", "mode": "auto", "tie": "ask", "keep": ["pixels"]}


@cache
def whole(factor: float = 1.0) -> Image.Image:
    return landscape(3, *SIZE).resize((round(SIZE[0] * factor), round(SIZE[1] * factor)))


def bordered(picture: Image.Image, share: float) -> Image.Image:
    """A black border of a share of the shorter side all around."""
    edge = round(min(picture.size) * share)
    result = Image.new("RGB", (picture.width + 2 * edge, picture.height + 2 * edge), "black")
    result.paste(picture, (edge, edge))
    return result


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """Without a share of each side."""
    across, down = round(picture.width * share), round(picture.height * share)
    return picture.crop((across // 3, down // 2, picture.width - across, picture.height - down))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive") as made:
        set_rules(made, {"rules": [RULE]})
        yield made


def seen(archive: Archive, folder: Path, **pictures: Image.Image) -> SetView:
    """The set of these pictures, read from a folder and searched."""
    folder.mkdir()
    for name, picture in pictures.items():
        (folder / f"{name}.jpg").write_bytes(encoded(picture, "JPEG", quality=90))
    read_folder(archive, folder)
    (group,) = archive.groups
    view = set_view(archive, group.members[0])
    assert len(view.members) == len(pictures)
    return view


def name(member: Member) -> str:
    return member.spots[0].place.name.removesuffix(".jpg")


def kept(archive: Archive, view: SetView) -> set[str]:
    """What the suggestion keeps, what a rule that keeps the most pixels does, and the plan."""
    suggested = view.members[(view.suggestion.keep or 0) - 1]
    (entry,) = plan_resolution(archive).plan.entries
    (row,) = make_plan(archive).rows
    by_rule, by_plan = view.member(entry.keep), view.member(row.keep)
    assert entry.apply
    assert by_rule is not None
    assert by_plan is not None
    return {name(suggested), name(by_rule), name(by_plan)}


@pytest.mark.parametrize("share", [0.03, 0.08])
def test_a_border_adds_no_pixels(archive: Archive, tmp_path: Path, share: float) -> None:
    plain = photo("astronaut")

    view = seen(archive, tmp_path / "in", plain=plain, border=bordered(plain, share))

    assert name(view.members[0]) == "border"  # it has more pixels
    assert kept(archive, view) == {"plain"}
    assert view.suggestion.words.startswith("Keep 2: as large without the border")
    assert "one with a border" in view.sentence
    (entry,) = plan_resolution(archive).plan.entries
    assert entry.reason == "as large without the border."


def test_one_of_double_resolution_is_kept_with_its_border(archive: Archive, tmp_path: Path) -> None:
    view = seen(archive, tmp_path / "in", plain=whole(), border=bordered(whole(2.0), 0.05))

    assert kept(archive, view) == {"border"}
    assert "x the pixels, border not counted" in view.suggestion.words
    assert "border not counted" in view.sentence
    (entry,) = plan_resolution(archive).plan.entries
    assert entry.reason.endswith("x the pixels, border not counted.")
    assert float(entry.reason.partition("x")[0]) == pytest.approx(4.0, abs=0.15)


def test_copies_of_the_bordered_one_have_its_border(archive: Archive, tmp_path: Path) -> None:
    edged = bordered(whole(), 0.05)
    small = edged.resize((edged.width // 2, edged.height // 2))

    view = seen(archive, tmp_path / "in", plain=whole(), border=edged, small=small)

    assert kept(archive, view) == {"plain"}
    assert {name(one): one.part.around for one in view.members} == {
        "border": "border", "small": "border", "plain": "",
    }  # fmt: skip


def test_a_crop_loses_to_the_whole(archive: Archive, tmp_path: Path) -> None:
    view = seen(archive, tmp_path / "in", whole=whole(), crop=cropped(whole(), 0.05))

    assert kept(archive, view) == {"whole"}
    assert view.suggestion.words.startswith("Keep 1: ")
    assert "one cropped" in view.sentence


def test_a_crop_brought_to_the_old_size_loses_too(archive: Archive, tmp_path: Path) -> None:
    crop = cropped(whole(), 0.05).resize((SIZE[0] + 2, SIZE[1] + 1))

    view = seen(archive, tmp_path / "in", whole=whole(), crop=crop)

    assert kept(archive, view) == {"whole"}
    assert MORE in view.suggestion.words


def test_a_crop_that_is_larger_is_for_the_eye(archive: Archive, tmp_path: Path) -> None:
    view = seen(archive, tmp_path / "in", whole=whole(), crop=cropped(whole(2.0), 0.05))

    assert view.suggestion.keep is None
    assert view.suggestion.words == "Your eye decides: 1 is larger; 1 is cropped."
    (entry,) = plan_resolution(archive).plan.entries
    assert entry.reason.endswith("x the pixels, cropped.")


def test_a_caption_is_not_counted_and_is_for_the_eye(archive: Archive, tmp_path: Path) -> None:
    view = seen(archive, tmp_path / "in", plain=whole(), words=captioned(whole()))

    (entry,) = plan_resolution(archive).plan.entries
    by_rule = view.member(entry.keep)
    assert by_rule is not None
    assert name(by_rule) == "plain"
    assert entry.reason == "as large without the caption."


def test_of_words_over_one_of_two_no_rule_decides_unless_it_says_so(
    archive: Archive, tmp_path: Path
) -> None:
    plain = photo("astronaut")
    seen(archive, tmp_path / "in", plain=plain, words=marked(plain))

    apply_automatic(archive)

    asked = plan_resolution(archive)
    assert dict(asked.left) == {"the rule may not hide words or marks": 1}
    assert not asked.plan.entries
    set_rules(archive, {"rules": [RULE | {"tie": "smaller digest", "may_hide": [Spared.WRITTEN]}]})
    (entry,) = plan_resolution(archive).plan.entries
    assert apply_resolution(archive, replace(asked.plan, entries=(entry,))).pictures == 1
    archive.undo()
    report = apply_resolution(archive, replace(asked.plan, entries=(replace(entry, may_hide=()),)))
    ((_, why),) = report.left
    assert why == "it may not hide words or marks; `may_hide` says what it may"


def test_of_what_nobody_looked_at_nothing_is_known() -> None:
    assert shared_parts(Kept()) == {}
    assert shared_parts(Kept(digest(1), {digest(2): ToKeeper("", None)})) == {}


def test_what_was_said_before_borders_were_told_counts_as_picture() -> None:
    wider = Placement(zoom_x=1.1, zoom_y=1.1)
    said = ToKeeper("same picture, with a border or caption", 0.97, lies=wider)

    assert set(shared_parts(Kept(digest(1), {digest(2): said})).values()) == {WHOLE}
