"""fapfav/resolve/plan_file.py: an edited plan is read whole or refused, entry by entry."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.resolve.plan_file import PlanFile, from_json, to_json
from fapfav.resolve.rules import Spared
from tests.resolve import made
from tests.resolve.made import EXAMPLES, digest, entry


def refused(edit: Callable[[list[dict[str, Any]]], None]) -> str:
    """What is said of a plan of three sets after an edit of them."""
    value = to_json(PlanFile("now", tuple(entry(10 * at, 10 * at + 1) for at in range(3))))
    edit(value["sets"])
    with pytest.raises(UsageError) as caught:
        from_json(value)
    return str(caught.value)


@settings(max_examples=EXAMPLES)
@given(made.plans)
def test_reading_undoes_writing(plan: PlanFile) -> None:
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


@settings(max_examples=EXAMPLES)
@given(made.plans, made.anything, st.data())
def test_whatever_is_written_over_is_read_or_refused_with_where(
    plan: PlanFile, junk: Any, data: st.DataObject
) -> None:
    value = copy.deepcopy(to_json(plan))
    holder, key = data.draw(st.sampled_from(made.places_in(value)))
    holder[key] = junk

    words = made.refusal(from_json, value)

    if words:
        assert words.startswith(("sets", "the plan"))
    else:
        read = from_json(value)
        assert from_json(to_json(read)) == read


@settings(max_examples=EXAMPLES)
@given(made.plans, st.data())
def test_sets_may_be_taken_out(plan: PlanFile, data: st.DataObject) -> None:
    value = to_json(plan)
    rows = value["sets"]
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(rows))))) if rows else ())
    value["sets"] = [rows[at] for at in kept]

    assert from_json(value).entries == tuple(plan.entries[at] for at in kept)


def test_what_may_be_edited_is_read_as_it_is_then() -> None:
    value = to_json(PlanFile("now", (entry(1, 2, 3),)))
    (row,) = value["sets"]
    row |= {"apply": False, "keep": row["copies"][0].upper(), "copies": [row["keep"]]}
    row["may_hide"] = ["only copies"]

    (read,) = from_json(value).entries

    assert (read.apply, read.keep, read.copies) == (False, digest(2), (digest(1),))
    assert read.may_hide == (Spared.ONLY_COPY,)


def _put(at: int, **parts: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda sets: sets[at].update(parts)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            _put(1, keep=digest(0).hex()),
            f"sets[1].keep: {digest(0).hex()[:12]} is no picture of this set; it has"
            f" {digest(10).hex()[:12]}, {digest(11).hex()[:12]}",
        ),
        (
            _put(2, copies=[digest(21).hex(), digest(99).hex()]),
            f"sets[2].copies[1]: {digest(99).hex()[:12]} is no picture of this set",
        ),
        (
            _put(2, copies=[digest(20).hex()]),
            f"sets[2].copies[0]: {digest(20).hex()[:12]} is kept: it cannot be a copy as well",
        ),
        (_put(0, copies=[digest(1).hex()] * 2), "sets[0].copies[1]: "),
        (_put(0, copies=[]), "sets[0].copies: it is an empty list"),
        (_put(0, keep="abc"), "sets[0].keep: 'abc' is no digest: it takes 64 hex digits"),
        (_put(0, apply="yes"), "sets[0].apply: 'yes' is neither true nor false"),
        (_put(0, may_hide=["x"]), "sets[0].may_hide[0]: 'x' is no reason to spare: protected"),
        (_put(0, Keep="x"), "sets[0]: there is no 'Keep' here: apply, certainty, copies, is_"),
        (
            lambda sets: sets.append(dict(sets[1])),
            f"sets[3]: {digest(10).hex()[:12]} is in sets[1] already; take one out",
        ),
        (lambda sets: sets.insert(0, 7), "sets[0]: 7 is no object with named fields"),
    ],
)
def test_an_error_names_the_entry(edit: Callable[[list[dict[str, Any]]], None], words: str) -> None:
    assert refused(edit).startswith(words)


def test_all_errors_are_named_at_once_and_not_more_than_one_reads() -> None:
    def edit(sets: list[dict[str, Any]]) -> None:
        _put(0, apply=1)(sets)
        _put(2, keep="?")(sets)

    assert [line.partition(":")[0] for line in refused(edit).split("; ")] == [
        "sets[0].apply",
        "sets[2].keep",
    ]
    assert refused(lambda sets: sets.extend([{}] * 30)).endswith("; and 20 more")


def test_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match="version 2, this program reads 1"):
        from_json(to_json(PlanFile("now", ())) | {"plan": 2})
