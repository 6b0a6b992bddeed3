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
from fapfav.duplicates.candidates import FRAMED, FRAMED_COSINE, TURNED, WIDE
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


def candidates_table(labelled: Labelled, traits: Traits) -> Table:
    """What the searches find, and what of it the second stage may be asked about."""
    count = len(labelled.entries)
    relatives = labelled.relatives()
    codes, same = _codes(relatives, count), labelled.are_same(relatives)
    rows = []
    for name, pairs in (
        ("found by a wide search", methods.wide(traits)),
        ("likely, turned or framed", methods.candidates(traits)),
    ):
        inside = np.isin(codes, _codes(pairs, count))
        shares = [
            f"{int((chosen & inside).sum()) / max(int(chosen.sum()), 1):.4f}"
            for chosen in (same, ~same)
        ]
        different = len(pairs) - int(inside.sum())
        per_picture = (len(pairs) / max(count, 1), different / max(count, 1))
        rows.append([name, *shares, *(f"{each:.2f}" for each in per_picture)])
    note = f"Limits: {WIDE}; turned {TURNED} and framed {FRAMED} bits of the first hash, "
    note += f"the latter with a cosine of {FRAMED_COSINE}. "
    note += "Shares of all pairs of the same and of related pictures, and pairs a picture."
    head = ("candidates", "same found", "related found", "pairs a picture", "different ones")
    return Table("Candidates for a second stage", note, head, rows)


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
    pairs = methods.candidates(traits)
    peers = methods.peers(dataset, say)
    notes = [machine(), *peers.missing]
    tables = [candidates_table(labelled, traits)]
    results = [scored(labelled, way) for way in chain(methods.single(traits), peers.accepted)]
    results.append(scored(labelled, methods.default(traits), keep=True))
    say(f"asking the second stage, {len(pairs):,} candidates")
    second = stage.second_stage()
    results.append(scored(labelled, methods.ours(dataset, traits, pairs, second), keep=True))
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
        f"The second stage: {each:.2f} ms of one core a tested pair, {many:.2f} pairs a picture.",
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
    chosen = results[-1]  # the second stage
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
