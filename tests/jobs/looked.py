"""Archives of made-up rows in which it is known what a closer look found of every pair."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fapfav.duplicates.keepers import BLIND
from fapfav.jobs.library import SEARCHED
from fapfav.model import Config, Decision, Digest, Judged, Label, Pair, pair_of
from tests.jobs.alike import Alike, digest

SAME, RELATED, DIFFERENT = Label.SAME, Label.RELATED, Label.DIFFERENT


class Looked(Alike):
    """An archive whose pairs were looked at closely; pictures are told by their numbers.

    The smaller the number, the more pixels: 1 is the keeper of what it is the same as.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self.archive.write("read") as tx:
            tx.put(Config(SEARCHED, {"look": 1}))

    def pictures(self, *numbers: int) -> list[Digest]:
        """Pictures that have no hash in common."""
        return [
            self.picture(one, 1000 + one, width=2000 - 100 * one, height=1000) for one in numbers
        ]

    def found(
        self,
        one: int,
        other: int,
        label: Label | None,
        probability: float = 0.97,
        *,
        reason: str = "",
        scores: Mapping[str, float] | None = None,
    ) -> None:
        """What a look found the second of two to be to the first; None: nobody could look."""
        first, second = digest(one), digest(other)
        pair = pair_of(first, second)
        assert not reason or pair.first == first, "say it from the other side"
        words = reason or f"{label} for {probability}"
        judged = Judged(label or RELATED, probability, words, {}, BLIND if label is None else 1)
        with self.archive.write("duplicates find") as tx:
            tx.put(Pair(*pair, dict(scores or {}), judged))

    def say(self, one: int, other: int, label: Label) -> None:
        """What the user says of two."""
        with self.archive.write("duplicates verdict") as tx:
            tx.put(Decision(*pair_of(digest(one), digest(other)), label, tx.now, tx.number))
