from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.model import AlbumKey, Cursor, ImageRef
from fapfav.sources.imagefap import Imagefap
from fapfav.sources.imagefap_walk import FRESH, LARGEST, REMEMBERED, Mark, Walk, mark_of
from tests.sources.fake_web import FakeSite

KEY = AlbumKey("imagefap", "100001", "5")


def ids(first: int, last: int) -> list[str]:
    """Ids from the first to the last."""
    return [str(number) for number in range(first, last + 1)]


def site(*pages: list[str]) -> FakeSite:
    """A site with one folder of these pages."""
    return FakeSite({"5": list(pages)})


def walk(of: FakeSite, cursor: str = "") -> tuple[list[str], list[Cursor]]:
    """The ids and the cursors a visit gives."""
    items = list(Imagefap(of.web, now=of.now).images(KEY, cursor))
    images = [item.place.image for item in items if isinstance(item, ImageRef)]
    return images, [item for item in items if isinstance(item, Cursor)]


def test_a_first_visit_reads_every_page_and_three_more() -> None:
    of = site(ids(1, 4), ids(5, 8), ids(9, 10))

    images, cursors = walk(of)

    assert images == ids(1, 10)
    assert of.numbers() == [0, 1, 2, 3, 4, 5]
    assert [cursor.pages for cursor in cursors] == [1, 2, 3]


def test_a_short_page_is_not_the_last_one() -> None:
    assert walk(site(ids(1, 1), ids(2, 9), ids(10, 11), ids(12, 12)))[0] == ids(1, 12)


def test_two_empty_pages_are_walked_over_and_three_end_a_folder() -> None:
    of = site([], [], ids(1, 2), [], [], ids(3, 4), [], [], [], ids(5, 6))

    assert walk(of)[0] == ids(1, 4)
    assert of.numbers() == list(range(9))


def test_an_empty_folder_gives_nothing_to_go_on_from() -> None:
    of = site()

    assert walk(of) == ([], [])
    assert of.numbers() == [0, 1, 2]


def test_a_repeated_picture_keeps_its_first_position() -> None:
    assert walk(site(["1", "2", "1"], ["2", "3"], ["3", "1", "4"]))[0] == ids(1, 4)


def test_a_visit_broken_off_goes_on_at_the_next_page() -> None:
    of = site(ids(1, 4), ids(5, 8), ids(9, 12))
    cursors = walk(of)[1]
    of.numbers()

    images, after = walk(of, cursors[1].value)

    assert images == ids(9, 12)
    assert of.numbers() == [2, 3, 4, 5]
    assert after[-1].pages == 3


def test_a_later_visit_asks_for_the_last_page_and_three_more() -> None:
    of = site(*(ids(n, n + 3) for n in range(1, 400, 4)))
    last = walk(of)[1][-1]
    of.numbers()
    of.clock += 10 * FRESH

    assert last.pages == 100
    assert walk(of, last.value) == ([], [])
    assert of.numbers() == [99, 100, 101, 102]


def test_what_was_added_to_the_last_page_is_found_at_once_and_later() -> None:
    for age in (0, FRESH * 100):
        of = site(ids(1, 4), ids(5, 6))
        last = walk(of)[1][-1]
        of.folders["5"] = [ids(1, 4), ids(5, 8), ids(9, 10)]
        of.clock += age

        assert walk(of, last.value)[0] == ids(7, 10)


def test_a_short_page_is_looked_at_again_at_once_and_a_full_one_is_not() -> None:
    of = site(ids(1, 4), ids(5, 8))
    full = walk(of)[1][-1]
    of.numbers()
    of.folders["5"].append(ids(9, 10))
    images, (short,) = walk(of, full.value)

    assert images == ids(9, 10)
    assert of.numbers() == [2, 3, 4, 5]
    of.folders["5"][2:] = [ids(9, 12), ids(13, 13)]
    assert walk(of, short.value)[0] == ids(11, 13)
    assert of.numbers() == [2, 3, 4, 5, 6]


def test_a_broken_off_visit_looks_again_once_its_word_is_old() -> None:
    of = site(ids(1, 4), ids(5, 8), ids(9, 12))
    middle = walk(of)[1][1]
    of.numbers()
    of.clock += FRESH + 1

    assert walk(of, middle.value)[0] == ids(9, 12)
    assert of.numbers() == [1, 2, 3, 4, 5]


def test_after_removals_pages_are_read_back_to_a_known_picture_and_none_twice() -> None:
    of = site(ids(1, 4), ids(5, 8), ids(9, 12), ids(13, 16))
    last = walk(of)[1][-1]
    of.numbers()
    of.clock += 10 * FRESH
    of.folders["5"] = [ids(7, 10), [*ids(11, 13), "20"], ids(21, 22)]

    images, cursors = walk(of, last.value)

    assert images == ids(20, 22)
    assert of.numbers() == [3, 2, 1, 4, 5]
    assert walk(of, cursors[-1].value)[0] == []


def test_when_nothing_known_is_left_everything_is_listed_again() -> None:
    of = site(ids(1, 4), ids(5, 8))
    last = walk(of)[1][-1]
    of.clock += 10 * FRESH
    of.folders["5"] = [ids(101, 104), ids(105, 106)]
    of.numbers()

    assert walk(of, last.value)[0] == ids(101, 106)
    assert of.numbers() == [1, 0, 2, 3, 4]


def test_pictures_that_moved_during_a_long_wait_are_not_lost() -> None:
    of = site(ids(1, 4), ids(5, 8), ids(9, 12), ids(13, 14))
    found = []
    for item in Imagefap(of.web, now=of.now).images(KEY, ""):
        if isinstance(item, ImageRef):
            found.append(item.place.image)
        elif found == ids(1, 8):
            of.clock += 3600
            of.folders["5"] = [ids(3, 6), ids(7, 10), ids(11, 14)]

    assert found == ids(1, 14)
    assert of.numbers() == [0, 1, 2, 1, 3, 4, 5]


def test_a_site_that_repeats_its_last_page_comes_to_an_end() -> None:
    of = site(ids(1, 4), *[ids(5, 8)] * 50)

    images, cursors = walk(of)

    assert images == ids(1, 8)
    assert of.numbers() == [0, 1, 2, 3, 4]
    assert cursors[-1].pages == 2


def test_a_site_that_starts_again_from_the_front_comes_to_an_end() -> None:
    of = site(*[ids(1, 4), ids(5, 8), ids(9, 12)] * 100)

    assert walk(of)[0] == ids(1, 12)
    assert len(of.numbers()) == 3 + 50


def test_a_listing_without_end_is_bounded() -> None:
    steps = Walk(lambda page: (str(page),), lambda: 0.0, None).steps()

    assert sum(len(new) for new, _ in steps) == LARGEST


def test_a_cursor_keeps_the_last_ids_and_reads_as_it_was_written() -> None:
    mark = mark_of(walk(site(ids(1, 100), ids(101, 150)))[1][-1].value)

    assert mark is not None
    assert list(mark.ids) == ids(151 - REMEMBERED, 150)
    assert (mark.page, mark.pages, mark.size, mark.largest) == (1, 2, 50, 100)
    assert mark_of(str(mark)) == mark


@pytest.mark.parametrize(
    "text",
    [
        "2:1:1:1:0:5:1", "1:x:1:1:0:5:1", "1:1:1:1:0:5:", "1:1:1:1:0:5:1,", "1:1:1:1:0:5:a",
        "1:1:1:1:-1:5:1", "1:1:1:1:0:5:1\n", " 1:1:1:1:0:5:1", "1:1:1:1:100000:5:1", "7", "page 3",
        "1:1:1:٣:0:5:1", "1:1:1:1:0:5:" + ",".join("1" * 65), "1:1:1:1:0:5:" + "1" * 21,
        "1:1:1:1:0:" + "9" * 13 + ":1",
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_starts_from_the_first_page(text: str) -> None:
    of = site(ids(1, 4))

    assert mark_of(text) is None
    assert walk(of, text)[0] == ids(1, 4)
    assert of.numbers() == [0, 1, 2, 3]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_visits_together_find_everything_that_is_left(data: st.DataObject) -> None:
    listed = ids(1, data.draw(st.integers(1, 60)))
    size = data.draw(st.integers(1, 9))
    now = [1000.0]
    known: set[str] = set()
    mark: Mark | None = None
    for _ in range(data.draw(st.integers(1, 5))):
        pages = [tuple(listed[at : at + size]) for at in range(0, len(listed), size)]
        read = dict(enumerate(pages))
        stop = data.draw(st.integers(1, 12))
        for at, (new, after) in enumerate(
            Walk(lambda n, read=read: read.get(n, ()), lambda: now[0], mark).steps()  # type: ignore[misc]
        ):
            known.update(new)
            mark = after
            if at == stop:
                break
        else:
            assert known >= set(listed)
        now[0] += FRESH + 1
        gone = data.draw(st.sets(st.integers(0, len(listed) - 1), max_size=10))
        listed = [image for at, image in enumerate(listed) if at not in gone] or listed[:1]
        top = 1 + max(map(int, [*listed, *known]))
        listed += ids(top, top - 1 + data.draw(st.integers(0, 20)))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_nothing_that_stays_is_lost_while_others_go_during_long_waits(data: st.DataObject) -> None:
    listed = ids(1, data.draw(st.integers(1, 40)))
    size = data.draw(st.integers(1, 6))
    now = 0.0

    def read(page: int) -> tuple[str, ...]:
        nonlocal now
        now += 3
        if len(listed) > 1 and now < 1000 and data.draw(st.booleans()):
            now += 100
            del listed[data.draw(st.integers(0, len(listed) - 1))]
        return tuple(listed[page * size : page * size + size])

    found = [image for new, _ in Walk(read, lambda: now, None).steps() for image in new]

    assert set(found) >= set(listed)
    assert len(set(found)) == len(found)
