"""Archives whose sets rules resolve, looked at closely or not; and plans applied, to be killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fapfav.duplicates.keepers import BLIND
from fapfav.jobs import resolving
from fapfav.jobs.closer_look import VERSION
from fapfav.jobs.find import searched
from fapfav.jobs.library import SEARCHED, Archive, open_archive
from fapfav.jobs.resolving import ResolvedReport, apply_resolution, plan_resolution
from fapfav.jobs.rules import set_rules
from fapfav.model import Config, Digest, Judged, Label, Pair, pair_of
from tests.jobs.alike import Alike
from tests.support import PASSWORD

LARGER: dict[str, Any] = {"name": "larger", "mode": "auto", "keep": ["pixels", "quality"]}


def given(archive: Archive, *rules: dict[str, Any]) -> None:
    """These rules, and no others."""
    set_rules(archive, {"rules": list(rules)})


def pairs(path: Path, kinds: int = 3) -> Alike:
    """So many pairs in the album 1, of which the second ones are in the album 2 as well; tagged."""
    made = Alike(path)
    for kind in range(1, kinds + 1):
        made.pair(kind, flips=(kind - 1,), albums="12", tags=(2,))
    given(made.archive, LARGER)
    return made


def looked(archive: Archive) -> None:
    """As after a search that looked closely, for what needs no look."""
    with archive.write("find") as tx:
        tx.put(Config(SEARCHED, searched(archive)))


def judged(
    archive: Archive, one: Digest, other: Digest, probability: float, label: Label = Label.SAME
) -> None:
    """What a closer look found of two."""
    pair = pair_of(one, other)
    words = Judged(label, probability, f"{label.value} picture", {}, VERSION)
    with archive.write("find") as tx:
        tx.put(Pair(*pair, {"percept": 1.0}, words))


def unseen(archive: Archive, one: Digest, other: Digest) -> None:
    """Two that prints find alike and that could not be looked at."""
    pair = pair_of(one, other)
    with archive.write("find") as tx:
        tx.put(Pair(*pair, {"percept": 0.0}, Judged(Label.RELATED, 0.0, "", {}, BLIND)))


def apply_all(path: Path) -> ResolvedReport:
    """Applies what the rules come to, a hundred sets a transaction."""
    with open_archive(path, PASSWORD) as archive:
        return apply_resolution(archive, plan_resolution(archive).plan)


def apply_by_twos(path: Path) -> ResolvedReport:
    """The same, two sets a transaction."""
    resolving._BATCH = 2  # in a process of its own
    return apply_all(path)
