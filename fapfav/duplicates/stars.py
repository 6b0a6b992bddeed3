"""Sets with a keeper: every picture of a set was found the same as its best one, without chains.

Leader clustering in a fixed order, from the best picture down: each is tested against the keepers
of the sets that its candidates are in, joins the first that is the same, and is a keeper itself
where none is. A~B~C with A unlike C is the set of A and B, and C alone. Since the order and the
candidates are facts of the pictures, the same pictures make the same sets however they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

MOST = 64
"""The most keepers that one picture is tested against; of a crowd of flat pictures all are alike by
their hashes and few are the same, and each against each of them would never end."""

MOST_OF_A_CROWD = 8
"""The most of one crowd, which nothing but an equal hash speaks for."""

MOST_PASSED_OVER = 4
"""The most keepers that a picture in no set is tested against afterwards."""

T = TypeVar("T")

_Same = Callable[[T, T], bool]


def stars(
    ordered: Iterable[T],
    near: Mapping[T, Sequence[T]],
    is_same: Callable[[T, T], bool],
    *,
    crowds: Iterable[Sequence[T]] = (),
    told: Iterable[tuple[T, T]] = (),
    apart: Callable[[T, T], bool] = lambda _one, _other: False,
) -> dict[T, T]:
    """The keeper of each picture that is in a set, keepers among them; the others are left out.

    `ordered` are all pictures, the best first; `near` has the candidates of each, the most alike
    first; `crowds` are pictures that are all candidates of each other. `told` are pairs that the
    user called the same, which are in one set whatever else holds, and with them whatever is the
    same as any of them, unless it is `apart` from one by the user's word. `is_same(keeper, other)`
    is asked at most once of two pictures, and of no more than MOST for one picture.
    """
    order = list(ordered)
    place = {one: at for at, one in enumerate(order)}
    units = _units(order, place, told)
    within = _crowds_of(crowds)
    keeper: dict[T, T] = {}
    seen: dict[int, dict[T, None]] = {}
    for one in order:
        unit = units.get(one, (one,))
        if unit[0] != one:
            continue  # taken in with the best of its unit
        so_far = _SoFar(keeper, units, apart)
        own = _taken(_options(unit, near, within, seen, so_far), is_same)
        found = one if own is None else own
        for member in unit:
            keeper[member] = found
            for number in within.get(member, ()):
                seen.setdefault(number, {})[found] = None
    return _of_two_or_more(keeper)


def passed_over(
    ordered: Sequence[T], near: Mapping[T, Sequence[T]], keeper: Mapping[T, T]
) -> Iterator[tuple[T, T]]:
    """Pictures in no set, with keepers of sets that candidates of theirs came into later.

    Nobody has tested these against each other: a picture in a frame often has more pixels than most
    copies of it without, and is near some of the copies only. `ordered` and `near` are as they were
    given to `stars`, `keeper` is what it returned.
    """
    place = {one: at for at, one in enumerate(ordered)}
    for one in ordered:
        if one in keeper:
            continue
        others = [other for other in near.get(one, ()) if other in keeper]
        before = {keeper[other] for other in others if place[other] < place[one]}
        found = dict.fromkeys(keeper[other] for other in others if place[other] > place[one])
        untested = (each for each in found if each not in before and each not in others)
        yield from ((one, each) for each in islice(untested, MOST_PASSED_OVER))


def _units(
    order: Sequence[T], place: Mapping[T, int], told: Iterable[tuple[T, T]]
) -> dict[T, tuple[T, ...]]:
    """By picture those it hangs together with by what the user said, the best first."""
    parents: dict[T, T] = {}

    def root(one: T) -> T:
        parents.setdefault(one, one)
        while (above := parents[one]) != one:
            parents[one] = one = parents[above]
        return one

    for first, second in told:
        if first in place and second in place:
            a, b = root(first), root(second)
            if a != b:
                better, worse = (a, b) if place[a] < place[b] else (b, a)
                parents[worse] = better
    members: dict[T, list[T]] = {}
    for one in order:
        if one in parents:
            members.setdefault(root(one), []).append(one)
    return {one: tuple(unit) for unit in members.values() for one in unit}


def _crowds_of(crowds: Iterable[Sequence[T]]) -> dict[T, list[int]]:
    """By picture the numbers of the crowds it is in."""
    found: dict[T, list[int]] = {}
    for number, crowd in enumerate(crowds):
        for one in crowd:
            found.setdefault(one, []).append(number)
    return found


@dataclass(frozen=True, slots=True)
class _SoFar(Generic[T]):
    """Who is in which set by now, and what the user said."""

    keeper: Mapping[T, T]
    units: Mapping[T, tuple[T, ...]]
    apart: Callable[[T, T], bool]

    def may_speak(self, one: T, member: T) -> bool:
        """Whether one is put with others by the user, of whom none is apart from the member."""
        unit = self.units.get(one, ())
        return bool(unit) and not any(self.apart(each, member) for each in unit)


def _options(
    unit: Sequence[T],
    near: Mapping[T, Sequence[T]],
    within: Mapping[T, Sequence[int]],
    seen: Mapping[int, Mapping[T, None]],
    so_far: _SoFar[T],
) -> Iterator[tuple[T, T, T]]:
    """Keepers to test a unit against, what speaks for each, and the member near it; may repeat.

    A keeper speaks for itself, and so does a picture that the user called the same as others.
    """
    keeper = so_far.keeper
    for member in unit:
        for other in near.get(member, ()):
            if other in keeper:
                yield keeper[other], keeper[other], member
                if so_far.may_speak(other, member):
                    yield keeper[other], other, member
        for number in within.get(member, ()):
            for each in islice(seen.get(number, ()), MOST_OF_A_CROWD):
                yield each, each, member


def _taken(options: Iterable[tuple[T, T, T]], is_same: _Same[T]) -> T | None:
    """The first keeper that a member is the same as, if any is."""
    tested: dict[T, set[T]] = {}
    for found, speaker, member in options:
        asked = tested.setdefault(member, set())
        if speaker in asked or len(asked) >= MOST:
            continue
        asked.add(speaker)
        if is_same(speaker, member):
            return found
    return None


def _of_two_or_more(keeper: Mapping[T, T]) -> dict[T, T]:
    """Without those that are a keeper of nobody else."""
    followed = {found for one, found in keeper.items() if one != found}
    return {one: found for one, found in keeper.items() if found in followed}
