"""viewer/params.py: what an address says of a gallery."""

from __future__ import annotations

from dataclasses import fields
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.browse.filters import Sort
from viewer.params import Size, ViewParams

NAMES = [each.name for each in fields(ViewParams)]
queries = st.dictionaries(
    st.sampled_from([*NAMES, "other"]), st.text(max_size=8) | st.integers().map(str)
)


@settings(deadline=None)
@given(queries)
def test_anything_is_parsed_and_comes_out_in_one_spelling(query: dict[str, str]) -> None:
    params = ViewParams.parse(query)

    again = dict(parse_qsl(params.query().removeprefix("?"), keep_blank_values=True))
    assert ViewParams.parse(again) == params
    assert set(again) <= set(NAMES)


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("dup=9", "dup", 1),
        ("dup=-1", "dup", 0),
        ("portrait=3", "portrait", 2),
        ("landscape=-5", "landscape", 0),
        ("tf1=x", "tf1", 1),
        ("tv1=99999999999999999999", "tv1", 2**63 - 1),
        ("tv2=-4", "tv2", 0),
        ("lock=2", "lock", 1),
        ("page=0", "page", 1),
        ("sort=colour", "sort", Sort.ALBUM),
        ("size=xl", "size", Size.MEDIUM),
        ("at=a%0Ab", "at", ""),
        ("page=%C2%B2", "page", 1),
    ],
)
def test_what_is_out_of_range_is_clamped(query: str, field: str, value: object) -> None:
    assert getattr(ViewParams.parse(dict(parse_qsl(query))), field) == value


def test_what_is_as_it_would_be_anyway_is_left_out() -> None:
    assert ViewParams().query() == ""
    assert ViewParams(dup=1, page=3).query() == "?dup=1&page=3"
    assert ViewParams(dup=1, page=3).query(page=1, lock=1) == "?dup=1&lock=1"


def test_order_size_and_page_are_no_filters() -> None:
    assert ViewParams(sort=Sort.NAME, size=Size.LARGE, page=7, lock=1).filters == (
        ViewParams().filters
    )
    assert ViewParams(tv1=3).filters != ViewParams().filters
