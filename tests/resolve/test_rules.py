"""fapfav/resolve/rules.py: what is read is what was written, and errors say where and what."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.resolve.example import EXAMPLE
from fapfav.resolve.rules import (
    By,
    Conditions,
    Criterion,
    Mode,
    Related,
    Rule,
    Spared,
    Tie,
    from_json,
    to_json,
)
from tests.resolve import made
from tests.resolve.made import EXAMPLES

PLAIN = {"name": "larger", "mode": "auto", "keep": ["pixels"]}


def refused(value: Any) -> str:
    with pytest.raises(UsageError) as caught:
        from_json(value)
    return str(caught.value)


def refused_rule(**parts: Any) -> str:
    """What is wrong with the third of three rules."""
    first, second = PLAIN | {"name": "first"}, PLAIN | {"name": "second"}
    return refused({"rules": [first, second, PLAIN | parts]})


@settings(max_examples=EXAMPLES)
@given(made.rules)
def test_reading_undoes_writing(rules: tuple[Rule, ...]) -> None:
    assert from_json(json.loads(json.dumps(to_json(rules)))) == rules


@settings(max_examples=EXAMPLES)
@given(made.rules.filter(len), made.anything, st.data())
def test_whatever_is_written_over_is_read_or_refused_with_where(
    rules: tuple[Rule, ...], junk: Any, data: st.DataObject
) -> None:
    value = copy.deepcopy(to_json(rules))
    holder, key = data.draw(st.sampled_from(made.places_in(value)))
    holder[key] = junk

    words = made.refusal(from_json, value)

    if words:
        assert words.startswith(("rules", "the file: "))
    else:
        read = from_json(value)
        assert from_json(to_json(read)) == read


def test_a_rule_in_full() -> None:
    whole = PLAIN | {
        "mode": "ask",
        "about": ["one line", "another"],
        "when": {"relation": "any", "certainty_at_least": 0.9, "posted_before": "1970-01-03"},
        "keep": [{"format": ["png", "jpg"]}, "album"],
        "tie": "smaller digest",
        "may_hide": ["only copies"],
    }

    (rule,) = from_json({"rules": [whole]})

    assert rule == Rule(
        name="larger",
        mode=Mode.ASK,
        keep=(Criterion(By.FORMAT, ("png", "jpg")), Criterion(By.ALBUM)),
        when=Conditions(Related.ANY, 0.9, posted_before=172_800),
        tie=Tie.DIGEST,
        may_hide=(Spared.ONLY_COPY,),
        about="one line\nanother",
    )
    assert to_json([rule]) == {"rules": [whole]}


def test_what_is_left_out_asks_nothing() -> None:
    (rule,) = from_json({"rules": [PLAIN]})

    assert (rule.when, rule.tie, rule.may_hide) == (Conditions(), Tie.ASK, ())
    assert rule.when.relation is Related.SAME


def test_the_example_is_taken_as_it_is_and_names_every_field() -> None:
    rules = from_json(json.loads(json.dumps(EXAMPLE)))

    assert [rule.mode for rule in rules] == [Mode.AUTO, Mode.ASK, Mode.OFF]
    said = json.dumps(EXAMPLE)
    words = [*Conditions.__dataclass_fields__, *By, *Spared, *Tie]
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"keep": ["pixel"]},
            "rules[2].keep[0]: 'pixel' is no criterion: pixels, quality, format, age, album,"
            " source, tagged, bytes",
        ),
        ({"keep": []}, "rules[2].keep: a rule takes one criterion at least: pixels, quality,"),
        ({"keep": ["bytes", "bytes"]}, "rules[2].keep[1]: 'bytes' is there twice"),
        ({"keep": "pixels"}, "rules[2].keep: 'pixels' is no list"),
        (
            {"keep": ["format"]},
            "rules[2].keep[0]: 'format' takes a list, the best first: {'format': [\"png\",",
        ),
        ({"keep": [{"format": ["jpeg"]}]}, "rules[2].keep[0].format[0]: 'jpeg' is no format: jpg,"),
        ({"keep": [{"pixels": ["x"]}]}, "rules[2].keep[0]: 'pixels' takes no list"),
        ({"keep": [{}]}, "rules[2].keep[0]: {} is no criterion: one name with its list"),
        ({"mode": "always"}, "rules[2].mode: 'always' is no mode: off, ask, auto"),
        ({"tie": "largest"}, "rules[2].tie: 'largest' is no answer to a tie: ask, smaller digest"),
        ({"name": "two\nlines"}, "rules[2].name: 'two\\nlines' is no name: one line of 60"),
        ({"name": "second"}, "rules[2].name: 'second' is the name of rules[1]"),
        ({"color": 1}, "rules[2]: there is no 'color' here: about, keep, may_hide, mode, name,"),
        (
            {"may_hide": ["all"]},
            "rules[2].may_hide[0]: 'all' is no reason to spare: protected albums, only copies",
        ),
        ({"when": {"tags": True}}, "rules[2].when: there is no 'tags' here: added_after,"),
        ({"when": {"tagged": "yes"}}, "rules[2].when.tagged: 'yes' is neither true nor false"),
        (
            {"when": {"certainty_at_least": 95}},
            "rules[2].when.certainty_at_least: 95 is no number from 0 to 1",
        ),
        (
            {"when": {"certainty_at_least": float("nan")}},
            "rules[2].when.certainty_at_least: nan is no number from 0 to 1",
        ),
        (
            {"when": {"pixels_ratio_at_least": 3, "pixels_ratio_at_most": 2}},
            "rules[2].when.pixels_ratio_at_least: 3 is more than pixels_ratio_at_most: never met",
        ),
        (
            {"when": {"bytes_at_least": 1.5}},
            "rules[2].when.bytes_at_least: 1.5 is no whole number, 0 or more",
        ),
        (
            {"when": {"posted_after": "2024-02-30"}},
            "rules[2].when.posted_after: '2024-02-30' is no day; write it as 2024-12-31",
        ),
        (
            {"when": {"added_after": "2024-02-02", "added_before": "2024-02-02"}},
            "rules[2].when.added_after: it is not before added_before: never met",
        ),
        ({"when": {"albums": []}}, "rules[2].when.albums: it is an empty list; leave it out"),
        ({"when": {"formats": ["jpg", "jpg"]}}, "rules[2].when.formats[1]: 'jpg' is there twice"),
        ({"when": None}, "rules[2].when: None is no object with named fields"),
    ],
)
def test_an_error_names_where_and_what_is_allowed(parts: dict[str, Any], words: str) -> None:
    assert refused_rule(**parts).startswith(words)


def test_what_is_missing_is_named() -> None:
    assert (
        refused({"rules": [{"mode": "ask", "keep": ["pixels"]}]}) == "rules[0]: 'name' is missing"
    )
    assert refused([PLAIN]).startswith("the file: [{'name': 'larger'")
    assert refused({}) == "the file: 'rules' is missing"
    assert refused({"rules": [PLAIN] * 101}) == "rules: 101 are too many: 100 at most"
