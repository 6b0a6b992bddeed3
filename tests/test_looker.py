"""fapfav/looker.py and fapfav/jobs/look_wire.py: what is said about pairs, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.jobs import look_wire as wire
from fapfav.jobs.look_wire import Broken, Known
from fapfav.jobs.looks import Look, Material, look_of
from fapfav.jobs.two_looks import judged
from fapfav.looker import answer
from fapfav.model import Digest, Judged, Label, PairKey
from tests.support import encoded, landscape

FIRST, SECOND = Digest(b"1" * 32), Digest(b"2" * 32)
PAIR = PairKey(FIRST, SECOND)
FACTS = Known(480, 320, 1, False, 0)


def material(seed: int, width: int = 480) -> Material:
    return Material(encoded(landscape(seed, 480, 320).resize((width, width * 2 // 3))), FACTS)


def look(one: Material) -> Look:
    return look_of(one.data, one.facts)


def reading(raw: bytes) -> wire.Read:
    file = io.BytesIO(raw)

    def read(count: int) -> bytes:
        found = file.read(count)
        if len(found) < count:
            raise EOFError
        return found

    return read


def said(*messages: bytes) -> list[dict[str, Any]]:
    """What is answered to messages, in their headers."""
    written: list[bytes] = []
    answer(reading(b"".join(messages)), written.append)
    return [dict(wire.taken(reading(each)).header) for each in written]


def needs(one: Digest) -> dict[str, str]:
    return {"need": one.hex()}


def test_each_picture_is_needed_once() -> None:
    one, other = material(1), material(1, 240)
    heard = said(
        wire.asking(PAIR),
        wire.giving(one),
        wire.giving(other),
        wire.asking(PAIR),
        wire.asking(PAIR),
    )

    found = list(judged(look(one), look(other)))
    assert found[0] is Label.SAME
    assert heard == [needs(FIRST), needs(SECOND), *[{"judged": found}] * 3]


def test_what_does_not_decode_is_asked_for_again_until_there_is_nothing_more() -> None:
    bad = Material(b"no picture", FACTS)
    heard = said(
        wire.asking(PAIR), wire.giving(bad), wire.giving(bad), wire.giving(None),
        wire.giving(bad), wire.giving(material(1)),
    )  # fmt: skip

    assert heard[:-1] == [*[needs(FIRST)] * 3, *[needs(SECOND)] * 2]
    assert heard[-1] == {"judged": list(judged(None, None))}


@pytest.mark.parametrize("at", [0, 1, 7, 8, 20, -1])
def test_the_end_in_the_midst_of_a_message_is_the_end(at: int) -> None:
    assert said(wire.asking(PAIR)[:at]) == []


@pytest.mark.parametrize(
    "header",
    [{}, {"pair": 1}, {"pair": ["00", "11"]}, {"pair": [FIRST.hex()]}, {"pair": [3, 4]}],
)
def test_a_question_that_makes_no_sense_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        said(wire.packed(header))


@pytest.mark.parametrize("header", [{}, {"facts": 3}, {"facts": [1, 2]}])
def test_a_picture_that_makes_no_sense_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        said(wire.asking(PAIR), wire.packed(header))


def test_a_message_too_long_is_neither_written_nor_read() -> None:
    with pytest.raises(Broken):
        wire.packed({"pair": "x" * 20_000})
    with pytest.raises(Broken):
        wire.taken(reading(wire.packed({}, b"12345")), 4)


transforms = st.dictionaries(
    st.text(max_size=20), st.floats(allow_nan=False) | st.text(max_size=20), max_size=9
)
judgements = st.builds(
    Judged, st.sampled_from(Label), st.floats(0, 1), st.text(), transforms, st.sampled_from((0, 1))
)


@given(judgements)
def test_an_answer_arrives_as_it_is(found: Judged) -> None:
    assert repr(wire.answered(wire.taken(reading(wire.answering(found))))) == repr(found)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(raw: bytes) -> None:
    for text in (raw, wire._LENGTHS.pack(len(raw), 0) + raw):
        with pytest.raises((Broken, EOFError)):
            wire.answered(wire.taken(reading(text)))


def headers() -> Iterator[dict[str, Any]]:
    good = ["same", 0.5, "", {}, 1]
    for at, bad in ((0, None), (0, []), (1, 1), (1, True), (2, None), (3, []), (4, 1.0), (4, True)):
        yield {"judged": [*good[:at], bad, *good[at + 1 :]]}


@pytest.mark.parametrize("header", [*headers()], ids=str)
def test_an_answer_of_other_types_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        wire.answered(wire.taken(reading(wire.packed(header))))
