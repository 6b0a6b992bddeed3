"""Pictures, rules and plans made up for tests, by hand and by hypothesis."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.resolve.choosing import Picture, Pictures
from fapfav.resolve.plan_file import Entry, PlanFile
from fapfav.resolve.rules import By, Conditions, Criterion, Mode, Related, Rule, Spared, Tie
from fapfav.words import EXTENSIONS, Digest

DAY = 86_400
EXAMPLES = 25
"""Of each property: what they are about is small, and a set is slow to make up."""


def digest(number: int) -> Digest:
    """What a picture is known by; grows with the number."""
    return Digest(number.to_bytes(4) + hashlib.sha256(b"%d" % number).digest()[:28])


def picture(number: int, **facts: Any) -> Picture:
    """A JPEG of 1200 x 800."""
    plain: dict[str, Any] = {"ext": "jpg", "pixels": 960_000, "size": 400_000, "quality": 90}
    return Picture(digest(number), **(plain | {"added": 7 * DAY} | facts))


def several(*pictures: Picture, same: bool = True, certainty: float = 0.97) -> Pictures:
    """A set of these."""
    return Pictures(pictures, same, certainty)


def rule(*keep: By | Criterion, **parts: Any) -> Rule:
    """A rule that decides by itself."""
    criteria = tuple(one if isinstance(one, Criterion) else Criterion(one) for one in keep)
    return Rule(**({"name": "a rule", "mode": Mode.AUTO, "keep": criteria} | parts))


names = st.text("abcdefgh 0123456789'\"", min_size=1, max_size=12).filter(str.strip)
lines = st.text(st.characters(codec="utf-8"), max_size=20)
_lists = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
_formats = st.lists(st.sampled_from(EXTENSIONS), min_size=1, max_size=4, unique=True).map(tuple)
_days = st.integers(0, 20_000).map(lambda day: day * DAY)
_maybe = st.none() | st.booleans()


def _criterion(by: By) -> st.SearchStrategy[Criterion]:
    if by is By.FORMAT:
        return _formats.map(lambda prefer: Criterion(by, prefer))
    if by is By.SOURCE:
        return _lists.map(lambda prefer: Criterion(by, prefer))
    if by is By.ALBUM:
        return (_lists | st.just(())).map(lambda prefer: Criterion(by, prefer))
    return st.just(Criterion(by))


criteria = st.lists(st.sampled_from(By), min_size=1, max_size=5, unique=True).flatmap(
    lambda each: st.tuples(*map(_criterion, each))
)
conditions = st.builds(
    Conditions,
    relation=st.sampled_from(Related),
    certainty_at_least=st.none() | st.floats(0, 1),
    pixels_ratio_at_least=st.none() | st.floats(1, 3),
    pixels_ratio_at_most=st.none() | st.floats(3, 9),
    bytes_at_least=st.none() | st.integers(0, 400_000),
    bytes_at_most=st.none() | st.integers(400_000, 2**40),
    formats=_formats | st.just(()),
    animated=_maybe,
    posted_before=st.none() | _days.map(lambda day: day + 20_001 * DAY),
    posted_after=st.none() | _days,
    albums=_lists | st.just(()),
    sources=_lists | st.just(()),
    priority_at_least=st.none() | st.integers(-9, 9),
    tagged=_maybe,
    protected=_maybe,
    gone=_maybe,
)


def _rules(when: st.SearchStrategy[Conditions], least: int) -> st.SearchStrategy[tuple[Rule, ...]]:
    return st.lists(
        st.builds(
            Rule,
            name=names,
            mode=st.sampled_from(Mode),
            keep=criteria,
            when=when,
            tie=st.sampled_from(Tie),
            may_hide=st.lists(st.sampled_from(Spared), unique=True).map(tuple),
            about=names | st.just("") | st.just("one line\nand another"),
        ),
        min_size=least,
        max_size=4,
        unique_by=lambda one: one.name,
    ).map(tuple)


rules = _rules(st.just(Conditions()) | conditions, 0)
lax_rules = _rules(st.sampled_from([Conditions(), *[Conditions(Related.ANY)] * 4]) | conditions, 2)
"""Of which one nearly always holds."""

sets = st.builds(
    Pictures,
    pictures=st.lists(
        st.builds(
            Picture,
            digest=st.integers(0, 2**31).map(digest),
            ext=st.sampled_from(EXTENSIONS),
            pixels=st.sampled_from([0, 1, 1000, 1010, 1030, 2000, 9000]),
            size=st.sampled_from([1, 1000, 1040, 1100, 5000]),
            quality=st.sampled_from([0, 70, 74, 78, 95]),
            animated=st.booleans(),
            posted=st.sampled_from([0, DAY, DAY + 9, 5 * DAY]),
            added=st.sampled_from([DAY, 2 * DAY]),
            priority=st.integers(-1, 2),
            albums=st.frozensets(st.sampled_from("abc")),
            sources=st.frozensets(st.sampled_from("de")),
            tagged=st.booleans(),
            protected=st.booleans(),
            gone=st.booleans(),
            only_copy=st.booleans(),
            written=st.integers(0, 3).map(lambda at: at == 3),
            kept=st.sampled_from([False] * 9 + [True]),
            around=st.sampled_from(["", "", "border", "caption"]),
            cropped=st.sampled_from([False, False, True]),
        ),
        min_size=2,
        max_size=6,
        unique_by=lambda one: one.digest,
    ).map(tuple),
    same=st.booleans(),
    certainty=st.floats(0, 1),
)


def entry(*numbers: int, **parts: Any) -> Entry:
    """A set of a plan: the first is kept, the others are copies of it."""
    keep, *copies = map(digest, numbers)
    plain: dict[str, Any] = {
        "apply": True,
        "rule": "a rule",
        "keep": keep,
        "copies": tuple(copies),
        "reason": "2.0x the pixels.",
        "certainty": 0.97,
        "moves": ("2 tags",),
        "saves": 5,
        "may_hide": (),
        "revision": "r",
        "pictures": tuple((one, "a picture") for one in (keep, *copies)),
    }
    return Entry(**(plain | parts))


plans = st.integers(0, 4).flatmap(
    lambda count: st.builds(
        PlanFile,
        made=lines,
        entries=st.tuples(
            *(
                st.builds(
                    entry,
                    *(st.just(10 * at + number) for number in (3, 1, 2)),
                    apply=st.booleans(),
                    rule=names,
                    reason=lines,
                    moves=st.lists(lines, max_size=2).map(tuple),
                    certainty=st.floats(0, 1),
                    is_probability=st.booleans(),
                    saves=st.integers(0, 2**40),
                    may_hide=st.lists(st.sampled_from(Spared), unique=True).map(tuple),
                    revision=names,
                )
                for at in range(count)
            )
        ),
    )
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Whatever JSON may say."""


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every place in JSON that can be written over, as its holder and its key."""
    if not isinstance(value, dict | list):
        return []
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    return [each for key, inner in pairs for each in ((value, key), *places_in(inner))]


def refusal(read: Callable[[Any], Any], value: Any) -> str:
    """What is said against a value; empty if it is read."""
    try:
        read(value)
    except UsageError as error:
        return str(error)
    return ""
