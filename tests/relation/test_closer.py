from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from fapfav.relation.closer import closer
from fapfav.relation.finding import Relation
from fapfav.relation.judge import relation
from fapfav.relation.picture import close_luma, traits_of
from fapfav.words import Label
from tests.relation.pictures import NAMES, bordered, card, cropped, jpeg, marked, photo, scaled


def looked_at(one: Image.Image, other: Image.Image, before: Relation | None = None) -> Relation:
    before = before or relation(traits_of(one), traits_of(other))
    return closer(close_luma(one), close_luma(other), before)


@pytest.mark.parametrize("name", NAMES[:4])
def test_changed_copies_are_still_the_same(name: str) -> None:
    one = photo(name)
    for other in (marked(one), jpeg(scaled(cropped(one, 0.05), 0.6), 60), bordered(one, 0.04)):
        found = looked_at(one, other)

        assert found.kind is Label.SAME
        assert not found.doubtful


def test_words_on_a_card_tell_two_apart() -> None:
    one, other = card("the quick/brown fox/jumps"), card("the quiet/brave cat/sleeps")
    alike = relation(traits_of(one), traits_of(one))

    there, back = looked_at(one, other, alike), looked_at(other, one, alike)

    assert there == back
    assert there.kind is Label.DIFFERENT
    assert there.reason in ("other text or objects in places", "alike, but other details")


def test_a_pair_that_is_not_the_same_stays_what_it_is() -> None:
    one = photo("chelsea")
    before = relation(traits_of(one), traits_of(one.rotate(180)))

    assert looked_at(one, one.rotate(180), before) is before


def test_a_closer_look_makes_nothing_more_likely() -> None:
    one = photo("coffee")
    before = relation(traits_of(one), traits_of(marked(one)))
    unsure = replace(before, probability=0.6, doubtful=True)

    assert looked_at(one, marked(one), unsure).probability <= 0.6
