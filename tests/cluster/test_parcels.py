"""fapfav/jobs/parcels.py: what waits goes together, and nobody waits for company."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from fapfav.errors import BadPicture
from fapfav.images.examine import Examined
from fapfav.jobs.parcels import Call, ElsewhereError, Parcels, Undone
from tests.support import encoded, landscape


class ByHand(Executor):
    """Keeps what it was sent until it is told to do it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Future[Any], Callable[[], Any], list[Call]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.sent.append((future, lambda: fn(*args), args[0]))
        return future

    @property
    def sizes(self) -> list[int]:
        """How many pictures are in each parcel under way."""
        return [len(calls) for _, _, calls in self.sent]

    def do(self, error: Exception | None = None) -> None:
        """The first of them."""
        future, work, _ = self.sent.pop(0)
        if error is None:
            future.set_result(work())
        else:
            future.set_exception(error)


def call(seed: int) -> Call:
    return Call(encoded(landscape(seed, 24, 16)), "scaled", None, False)


def test_the_first_go_at_once_and_the_next_when_they_fill_a_parcel() -> None:
    way = ByHand()
    parcels = Parcels(way, workers=2)

    futures = [parcels.send(call(seed)) for seed in range(2 + 2 * Parcels.MOST + 3)]

    assert way.sizes == [1, 1, Parcels.MOST, Parcels.MOST]
    way.do()
    way.do()
    way.do()
    assert way.sizes == [Parcels.MOST, 3]  # somebody had nothing to do
    way.do()
    way.do()
    assert [type(future.result(0)) for future in futures] == [Examined] * len(futures)
    assert way.sent == []


def test_each_gets_its_own_answer_and_its_own_error() -> None:
    way = ByHand()
    parcels = Parcels(way, workers=1)
    calls = [call(1), call(2), Call(b"no picture", "scaled", None, False), call(3)]

    futures = [parcels.send(each) for each in calls]
    way.do()
    way.do()

    hashes = [futures[at].result(0).fingerprint.percept for at in (0, 1, 3)]
    assert len(set(hashes)) == 3
    with pytest.raises(BadPicture):
        futures[2].result(0)


def test_a_parcel_that_ends_each_worker_goes_again_picture_by_picture() -> None:
    way = ByHand()
    parcels = Parcels(way, workers=1)
    futures = [parcels.send(call(seed)) for seed in range(5)]
    way.do()
    assert way.sizes == [4]

    way.do(Undone("ended"))
    assert way.sizes == [1]
    way.do(Undone("ended"))
    for _ in range(3):
        assert way.sizes == [1]
        way.do()

    assert isinstance(futures[1].exception(0), Undone)
    assert [futures[at].exception(0) for at in (0, 2, 3, 4)] == [None] * 4


def test_what_cannot_be_sent_and_what_is_lost_is_told_to_all_who_wait() -> None:
    class Gone(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise ElsewhereError("gone")

    way = ByHand()
    parcels = Parcels(way, workers=1)
    futures = [parcels.send(call(seed)) for seed in range(4)]
    way.do()
    way.do(ElsewhereError("lost"))

    assert isinstance(Parcels(Gone(), 1).send(call(1)).exception(0), ElsewhereError)
    assert [type(each.exception(0)) for each in futures] == [type(None)] + [ElsewhereError] * 3


def test_large_pictures_go_with_fewer_others() -> None:
    way = ByHand()
    parcels = Parcels(way, workers=1)
    large = Call(bytes(Parcels.BYTES // 3), "scaled", None, False)

    for _ in range(1 + Parcels.MOST):
        parcels.send(large)

    assert way.sizes == [1, 3]


def test_a_call_shows_nothing_of_its_picture() -> None:
    assert "\\x" not in repr(call(1))
