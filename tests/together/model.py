"""What an archive must hold after a number of changes, told by what was asked for and nothing else.

A change is applied whole or not at all; which were, and in which order, the archive's log says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Cell = tuple[str, int]
"""One thing that changes: of a picture where it `is`, its tags, choice, name and place; of a tag
its name; of two pictures what was said of them."""

HERE, TRASH, GONE = "here", "trash", "destroyed"
NO_TAGS: tuple[int, ...] = ()
NOTHING = (None, NO_TAGS)


@dataclass(slots=True)
class Applied:
    """A change as it was applied: each cell as it was before."""

    verb: str
    before: dict[Cell, Any]
    by: dict[int, int] = field(default_factory=dict)
    """For a picture that it took out of the trash the change that had brought it there."""
    undone: bool = False
    final: bool = False
    undoes: int = 0


@dataclass(slots=True)
class Model:
    """The state, and the changes that led to it by their numbers."""

    cells: dict[Cell, Any] = field(default_factory=dict)
    changes: dict[int, Applied] = field(default_factory=dict)
    went: dict[int, int] = field(default_factory=dict)
    """For a picture in the trash the change that brought it there."""

    def apply(self, number: int, asked: Mapping[str, Any], undoes: int = 0) -> None:
        """Does what was asked for, as change `number`."""
        change = Applied(asked["op"], {}, undoes=undoes)
        self.changes[number] = change
        getattr(self, f"_{asked['op']}")(number, change, asked)

    def state(self) -> dict[Cell, Any]:
        """Every cell that holds something."""
        return {cell: held for cell, held in self.cells.items() if held not in NOTHING}

    def states(self) -> dict[int, str]:
        """What may still be taken back, by the numbers of the changes; emptying never may."""
        return {
            number: "final" if one.final else "undone" if one.undone else "done"
            for number, one in self.changes.items()
            if one.verb != "empty"
        }

    def pictures(self, where: str) -> set[int]:
        """The numbers of the pictures that are there."""
        return {n for (what, n), held in self.cells.items() if what == "is" and held == where}

    def _put(self, change: Applied, cell: Cell, value: Any) -> None:
        before = self.cells.get(cell)
        if before == value or (before in NOTHING and value in NOTHING):
            return  # what changes nothing is not written, and stands in nobody's way
        change.before.setdefault(cell, before)
        if cell[0] == "is" and before == TRASH:
            change.by[cell[1]] = self.went[cell[1]]
        self.cells[cell] = value

    def _add(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        for n in asked["n"]:
            assert ("is", n) not in self.cells
            self._put(change, ("is", n), HERE)
            self._put(change, ("place", n), n)
            self._put(change, ("name", n), f"{n}.jpg")

    def _tag(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        for n in asked["n"]:
            assert self.cells["is", n] == HERE
            tags = self.cells.get(("tags", n)) or NO_TAGS
            if asked["tag"] not in tags:
                self._put(change, ("tags", n), tuple(sorted((*tags, asked["tag"]))))

    def _clear(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        for n in asked["n"]:
            tags = self.cells.get(("tags", n)) or NO_TAGS
            if asked["tag"] in tags:
                rest = tuple(tag for tag in tags if tag != asked["tag"])
                self._put(change, ("tags", n), rest)

    def _rename(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        self._put(change, ("tag", asked["tag"]), asked["name"])

    def _name(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        self._put(change, ("name", asked["n"]), asked["name"])

    def _judge(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        for n, choice in zip(asked["n"], asked["choices"], strict=True):
            assert self.cells["is", n] == HERE
            self._put(change, ("choice", n), choice)
        self._put(change, ("said", min(asked["n"])), "same")

    def _remove(self, number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        # All that is cleared is judged by how it was before: the pictures go at once.
        cleared = set()
        for n in asked["n"]:
            other = n ^ 1
            same = self.cells.get(("said", min(n, other))) == "same"
            if self.cells.get(("choice", n)) and same:
                cleared.add(other)
        for n in asked["n"]:
            assert self.cells["is", n] == HERE
            self._put(change, ("is", n), TRASH)
            self._put(change, ("place", n), None)
            self._put(change, ("tags", n), NO_TAGS)
            self.went[n] = number
        for n in {*asked["n"], *cleared}:
            self._put(change, ("choice", n), None)

    def _restore(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        for n in asked["n"]:
            assert self.cells["is", n] == TRASH
            self._put(change, ("is", n), HERE)
            self._put(change, ("place", n), n)
            before = self.changes[self.went[n]].before.get(("tags", n))
            if before:
                self._put(change, ("tags", n), before)

    def _empty(self, _number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        del asked
        change.final = True
        for n in self.pictures(TRASH):
            self.cells["is", n] = GONE
            for what in ("tags", "choice"):
                self.cells.pop((what, n), None)
            self.changes[self.went[n]].final = True

    def _undo(self, number: int, change: Applied, asked: Mapping[str, Any]) -> None:
        del asked
        target = self.changes[change.undoes]
        assert not target.undone, f"{change.undoes} was undone twice"
        assert not target.final, f"{change.undoes} could not be undone"
        for later, other in self.changes.items():
            stands = not (other.undoes or other.undone or other.final)
            if change.undoes < later < number and stands:
                both = other.before.keys() & target.before.keys()
                assert not both, f"change {later} stood in the way of undoing {change.undoes}"
        for (what, n), before in target.before.items():
            if what == "is" and self.cells[what, n] == GONE:
                continue
            if what == "is" and before == TRASH:
                first = target.by[n]  # whose values before are kept, unless it became final
                self.went[n] = number if self.changes[first].final else first
            self._put(change, (what, n), before)
        for what, n in target.before:
            if what in ("tags", "choice") and self.cells.get(("is", n)) == GONE:
                self.cells.pop((what, n), None)
        one: Applied | None = target
        undone = True
        while one is not None:
            one.undone, undone = undone, not undone
            one = self.changes.get(one.undoes)
