"""fapfav/browse/filters.py: what a gallery shows, in which order, and what it says of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.browse.filters import (
    Allow,
    Facts,
    Filter,
    Note,
    Sort,
    Wanted,
    filtered,
    is_landscape,
    is_portrait,
    natural,
    notes_of,
)
from fapfav.model import Digest, PlaceKey, Verdict

HERE = PlaceKey("imagefap", "1", "2", "3")
ELSEWHERE = PlaceKey("imagefap", "1", "9", "3")


def facts(number: int, **changes: object) -> Facts:
    made = Facts(
        Digest(bytes([number % 8]) * 32),
        PlaceKey("imagefap", "1", "2", str(number)),
        f"picture {number}",
        300,
        200,
        1000,
        0,
        frozenset(),
    )
    return made._replace(**changes)  # type: ignore[arg-type]


sides = st.sampled_from((100, 105, 110, 111, 120, 200))
pictures = st.lists(
    st.builds(
        facts,
        st.integers(0, 30),
        name=st.text(max_size=5),
        width=sides,
        height=sides,
        size=st.integers(0, 5),
        date=st.integers(0, 5),
        tags=st.frozensets(st.integers(1, 4)),
        is_skipped=st.booleans(),
    ),
    max_size=12,
)
allows = st.sampled_from(Allow)
wanted_views = st.builds(
    Wanted,
    duplicates=st.booleans(),
    portrait=allows,
    landscape=allows,
    tags=st.lists(st.tuples(allows, st.frozensets(st.integers(1, 4))), max_size=2).map(tuple),
    sort=st.sampled_from(Sort),
)


def passes(allow: Allow, is_so: bool) -> bool:
    """What one filter of three positions lets through."""
    return allow is Allow.ALLOW or is_so == (allow is Allow.ONLY)


def is_shown(one: Facts, wanted: Wanted) -> bool:
    """Whether the filters let a picture through, all but that of duplicates; said plainly."""
    tall, wide = one.height > 1.1 * one.width, one.width > 1.1 * one.height
    both = wanted.portrait is wanted.landscape is Allow.ONLY
    if not both and not passes(wanted.portrait, tall):
        return False
    if not passes(wanted.landscape, wide):
        return False
    return all(passes(a, bool(one.tags & numbers)) for a, numbers in wanted.tags if numbers)


@settings(deadline=None)
@given(pictures, wanted_views)
def test_filters_show_what_a_plain_reading_of_them_shows(some: list[Facts], wanted: Wanted) -> None:
    kept: list[Facts] = []
    for one in some:
        again = any(one.digest == other.digest for other in kept)
        if wanted.duplicates or not (one.is_skipped or again):
            kept.append(one)

    found = filtered(some, wanted)

    assert sorted(map(id, found.shown)) == sorted(id(o) for o in kept if is_shown(o, wanted))
    assert found.total == len(some)


@settings(deadline=None)
@given(pictures, wanted_views)
def test_each_filter_says_what_it_hides_by_itself(some: list[Facts], wanted: Wanted) -> None:
    alone = {
        Filter.PORTRAIT: Wanted(True, portrait=wanted.portrait),
        Filter.LANDSCAPE: Wanted(True, landscape=wanted.landscape),
        Filter.FIRST_TAG: Wanted(True, tags=wanted.tags[:1]),
        Filter.SECOND_TAG: Wanted(True, tags=wanted.tags[1:]),
        Filter.DUPLICATES: Wanted(wanted.duplicates),
    }

    for name, count in filtered(some, wanted).hidden.items():
        if name is Filter.PORTRAIT and wanted.portrait is wanted.landscape is Allow.ONLY:
            continue
        assert count == len(some) - len(filtered(some, alone[name]).shown), name


@settings(deadline=None)
@given(pictures, st.sampled_from(Sort))
def test_an_order_loses_nothing_and_keeps_the_album_s_among_equals(
    some: list[Facts], sort: Sort
) -> None:
    keys: dict[Sort, Callable[[Facts], Any]] = {
        Sort.ALBUM: lambda one: 0,
        Sort.DATE: lambda one: -one.date,
        Sort.PIXELS: lambda one: -one.width * one.height,
        Sort.BYTES: lambda one: -one.size,
        Sort.NAME: lambda one: natural(one.name),
    }

    shown = filtered(some, Wanted(True, sort=sort)).shown

    expected = sorted(enumerate(some), key=lambda pair: (keys[sort](pair[1]), pair[0]))
    assert [id(one) for one in shown] == [id(one) for _, one in expected]


@pytest.mark.parametrize(
    ("width", "height", "portrait", "landscape"),
    [
        (100, 100, False, False),
        (100, 110, False, False),
        (100, 111, True, False),
        (110, 100, False, False),
        (111, 100, False, True),
        (0, 0, False, False),
    ],
)
def test_sides_have_to_differ_by_more_than_a_tenth(
    width: int, height: int, portrait: bool, landscape: bool
) -> None:
    assert is_portrait(width, height) is portrait
    assert is_landscape(width, height) is landscape


def test_landscape_wins_when_both_are_wanted_only() -> None:
    wide, tall = facts(1, width=400), facts(2, height=900)

    found = filtered([wide, tall], Wanted(portrait=Allow.ONLY, landscape=Allow.ONLY))

    assert found.shown == (wide,)


def test_a_repeat_is_shown_where_it_is_not_skipped() -> None:
    skipped, kept = facts(1, is_skipped=True), facts(9)

    assert skipped.digest == kept.digest
    assert filtered([skipped, kept], Wanted()).shown == (kept,)


def test_names_sort_by_their_numbers() -> None:
    some = [facts(n, name=name) for n, name in enumerate(("b 10", "A 2", "b 9", "a 10"))]

    shown = filtered(some, Wanted(sort=Sort.NAME)).shown

    assert [one.name for one in shown] == ["A 2", "a 10", "b 9", "b 10"]


@pytest.mark.parametrize(
    ("places", "verdict", "is_gone", "notes"),
    [
        ([HERE], None, False, []),
        ([HERE, HERE._replace(image="4")], None, False, [Note.HERE]),
        ([HERE, ELSEWHERE], None, False, [Note.ELSEWHERE]),
        ([HERE], Verdict.FALSE, False, []),
        ([HERE], Verdict.NEW, True, [Note.SIMILAR, Note.GONE]),
        (
            [HERE, ELSEWHERE, HERE._replace(image="4")],
            Verdict.SKIP,
            True,
            [Note.HERE, Note.ELSEWHERE, Note.SIMILAR, Note.GONE],
        ),
    ],
)
def test_notes_come_the_weightiest_first(
    places: list[PlaceKey], verdict: Verdict | None, is_gone: bool, notes: list[Note]
) -> None:
    assert list(notes_of(HERE, places, verdict, is_gone=is_gone)) == notes
