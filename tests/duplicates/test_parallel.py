from __future__ import annotations

import threading

import pytest

from fapfav.duplicates.parallel import cores, in_order


@pytest.mark.parametrize("threads", [0, 1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    assert list(in_order(lambda item: item * item, range(40), threads)) == [
        item * item for item in range(40)
    ]


def test_work_is_done_at_once_on_as_many_threads_as_asked() -> None:
    meeting = threading.Barrier(3, timeout=30)

    assert len(list(in_order(lambda _: meeting.wait(), range(3), 3))) == 3


def test_no_more_than_one_result_a_thread_waits_to_be_taken() -> None:
    begun: list[int] = []

    def begin(item: int) -> int:
        begun.append(item)
        return item

    results = in_order(begin, range(100), 2)

    assert next(results) == 0
    results.close()
    assert len(begun) <= 4


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, [1, 0, 1], 2))


def test_there_is_a_core() -> None:
    assert cores() >= 1
