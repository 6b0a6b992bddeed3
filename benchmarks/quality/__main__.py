"""How right the duplicates are on labelled real pictures: --half A|B --scale small|full.

Makes the pictures of a half if need be, fingerprints them, scores every method at its limits and
writes a page with the worst pairs. Limits are tuned on half A; half B is for published figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import chain
from typing import Final

import numpy as np

from benchmarks.quality import methods, report, stage
from benchmarks.quality.dataset import CACHE, Dataset, build
from benchmarks.quality.methods import Accepted, Traits
from benchmarks.quality.report import Result, Shown, Table
from benchmarks.quality.score import (
    Ints,
    Labelled,
    PairsOf,
    false_related,
    related_scores,
    transitive,
)
from benchmarks.report import machine
from fapfav.jobs.model_in_use import cache_folder
from fapfav.model import Label

_MOST_SHOWN: Final = 30
_MOST_OF_A_UNIT: Final = 2


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def scored(labelled: Labelled, accepted: Accepted, keep: bool = False) -> Result:
    """The sets of a method and how right they are; its pairs, often millions, only if kept."""
    sets = transitive(len(labelled.entries), accepted.pairs)
    related = None
    if accepted.related is not None:
        related = related_scores(labelled.entries, sets, accepted.related)
    kept = accepted if keep else replace(accepted, pairs=accepted.pairs[:0])
    return Result(kept, sets, labelled.score(sets), related)


def candidates_table(dataset: Dataset, labelled: Labelled, pairs: PairsOf) -> Table:
    """How many pairs the second stage is asked about, and how many it should be and is not."""
    count = len(dataset.entries)
    rows = []
    relatives = labelled.relatives()
    inside = np.isin(_codes(relatives, count), _codes(pairs, count))
    same = labelled.are_same(relatives)
    for name, chosen in (("same", same), ("related", ~same)):
        total, found = int(chosen.sum()), int((chosen & inside).sum())
        rows.append([name, f"{total:,}", f"{found / max(total, 1):.4f}"])
    different = len(pairs) - int(inside.sum())
    rows.append(["candidates a picture", "", f"{len(pairs) / max(count, 1):.2f}"])
    rows.append(["of them different ones", "", f"{different / max(count, 1):.2f}"])
    note = f"Within {methods.WIDE} bits, a cosine of {methods.WIDE_COSINE} or, turned, "
    note += f"{methods.WIDE_TURNED} bits of the first hash."
    return Table("Candidates for a second stage", note, ("pairs", "there are", "found"), rows)


def _codes(pairs: PairsOf, count: int) -> Ints:
    return np.asarray(pairs[:, 0] * count + pairs[:, 1])


def worst(dataset: Dataset, result: Result, traits: Traits) -> list[tuple[str, list[Shown]]]:
    """Misses that look most alike, by the first hash; false pairs, those named directly first."""
    sets, entries = result.sets, dataset.entries
    bits = traits.hashes[:, 0]
    missed = []
    originals = {e.base: n for n, e in enumerate(entries) if e.change == "original"}
    for number, entry in enumerate(entries):
        home = originals[entry.base]
        if entry.truth is Label.SAME and sets[number] != sets[home]:
            bit = int(np.bitwise_count(bits[number] ^ bits[home]))
            missed.append((bit, home, number))
    shown = [("Missed: same, and not in one set", _few(dataset, sorted(missed), "bits apart"))]
    false = []
    for i, j in result.accepted.pairs.tolist():
        if dataset.truth(i, j) is not Label.SAME:
            false.append((int(np.bitwise_count(bits[i] ^ bits[j])), i, j))
    false.sort(reverse=True)
    shown.append(("False: taken for the same", _few(dataset, false, "bits apart")))
    if result.accepted.related is not None:
        pairs = [(0, i, j) for i, j in false_related(dataset.truth, result.accepted.related)]
        shown.append(("Called related, and different", _few(dataset, pairs, "")))
    return shown


def _few(dataset: Dataset, found: Sequence[tuple[int, int, int]], words: str) -> list[Shown]:
    """The first ones, at most two of any base."""
    seen: dict[str, int] = {}
    shown: list[Shown] = []
    for bits, i, j in found:
        units = {dataset.entries[i].unit, dataset.entries[j].unit}
        if len(shown) < _MOST_SHOWN and all(seen.get(u, 0) < _MOST_OF_A_UNIT for u in units):
            seen.update({unit: seen.get(unit, 0) + 1 for unit in units})
            told = dataset.truth(i, j).value
            shown.append(Shown(i, j, f"{told}, {bits} {words}" if words else told))
    return shown


def measured(dataset: Dataset, traits: Traits) -> tuple[list[Result], list[str], list[Table]]:
    """Every method scored, what could not be measured, tables of the second stage."""
    labelled = Labelled(dataset.entries)
    wide = methods.candidates(traits)
    peers = methods.peers(dataset, say)
    notes = [machine(), *peers.missing]
    tables = [candidates_table(dataset, labelled, wide)]
    results = [scored(labelled, way) for way in chain(methods.single(traits), peers.accepted)]
    results.append(scored(labelled, methods.default(traits), keep=True))
    second = stage.second_stage()
    if second is None:
        notes.append("ours: fapfav.relation is not there, so no second stage was measured")
    else:
        say(f"asking the second stage, {len(wide):,} candidates")
        results.append(scored(labelled, methods.ours(dataset, traits, wide, second), keep=True))
        tables.append(report.related_table(results[-1]))
        notes += stage_notes(dataset, results[-1].accepted)
    return results, notes, tables


def stage_notes(dataset: Dataset, stage_says: Accepted) -> list[str]:
    """What the second stage costs, and how many pairs it called related that are not."""
    each = 1000 * stage_says.seconds / max(stage_says.tested, 1)
    many = stage_says.tested / max(len(dataset.entries), 1)
    called = stage_says.related if stage_says.related is not None else stage_says.pairs[:0]
    wrong = len(false_related(dataset.truth, called))
    return [
        f"{len(called):,} pairs were called related; {wrong:,} of them are different.",
        f"The second stage: {each:.2f} ms a tested pair, {many:.2f} pairs a picture.",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures one half, prints the tables and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--half", choices=["A", "B"], default="A")
    parser.add_argument("--scale", choices=["small", "full"], default="small")
    parser.add_argument("--bases", type=int, default=0, help="so many of each kind instead")
    parser.add_argument("--processes", type=int, choices=[1, 2], default=2)
    options = parser.parse_args(arguments)
    started = time.time()
    dataset = build(options.half, options.scale, CACHE, options.processes, options.bases)
    bases = len({entry.base for entry in dataset.entries})
    say(f"{len(dataset.entries):,} pictures of {bases:,} bases, {time.time() - started:.0f} s")
    traits = methods.traits_of(dataset, cache_folder(), say)
    results, notes, more = measured(dataset, traits)
    best = report.best_of_each(results)
    tables = [report.limits_table(results), report.kinds_table(best)]
    tables += report.family_tables(best)
    tables += [report.merged_table(best), report.negatives_table(best), *more]
    for table in tables:
        print(report.as_text(table))
    for note in notes:
        print(f"Note: {note}")
    chosen = results[-1]  # the second stage, or the default limits where there is none
    title = f"Duplicates on half {options.half}, {options.scale}: {len(dataset.entries):,} pictures"
    pairs = [(f"{heading} ({chosen.name})", few) for heading, few in worst(dataset, chosen, traits)]
    page = dataset.folder.with_suffix(".html")
    page.write_text(report.page(title, notes, tables, pairs, dataset))
    rows = [
        {"method": one.accepted.method, "setting": one.accepted.setting} | asdict(one.score)
        for one in results
    ]
    dataset.folder.with_suffix(".json").write_text(json.dumps(rows, indent=1))
    print(f"The page is {page}; {time.time() - started:.0f} s")


if __name__ == "__main__":
    main()
