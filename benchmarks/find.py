"""From an opened archive to committed sets: a whole search, part by part, and one for a few more.

    python -m benchmarks.find [--pictures 100000] [--add 100] [--no-vectors] [--known] [--check]
    python -m benchmarks.find --pictures 1000000 --embeddings

The archive is made up (`find_archive.py`). With `--known` its pictures count as searched, so that
only searches for the few more are measured: the first with nothing kept from before, as a command
makes it, the second as a viewer does that is open. With `--no-vectors` there are hashes alone. With
`--check` what was added bit by bit is held against a search among all of it anew. With
`--embeddings` only these are searched, each against each, for cosines of .9 and more.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.find_archive import PASSWORD, Maker, archive_of, pictures
from benchmarks.report import machine
from fapfav import model
from fapfav.duplicates.search import similar_vectors
from fapfav.jobs import closer_look, find
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.library import SEARCHED, Archive, open_archive

_ORDINALS = ("first time", "second time", "third time")
_TIMES = len(_ORDINALS)
_LIMIT = 0.9  # cosine


@dataclass(slots=True)
class Clock:
    """Seconds that calls took, on the wall and of the processor, by what they are."""

    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same, and noted."""

        def run(*given: Any, **more: Any) -> Any:
            started, worked = time.perf_counter(), _processors()
            try:
                return call(*given, **more)
            finally:
                wall, work = self.seconds.get(name, (0.0, 0.0))
                wall += time.perf_counter() - started
                self.seconds[name] = wall, work + _processors() - worked

        return run


def _processors() -> float:
    """Seconds of processors so far, those of processes that have ended among them."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured; see above."""

    pictures: int = 100_000
    add: int = 100
    vectors: bool = True
    known: bool = False
    check: bool = False
    embeddings: bool = False


def embeddings_searched(options: Options) -> Iterator[tuple[str, str]]:
    """What a search among the embeddings alone takes, line by line."""
    with open_archive(archive_of(options.pictures, known=options.known), PASSWORD) as archive:
        prints = archive.prints_now(vectors=True)
    assert prints.rows is not None
    assert prints.scales is not None
    yield "memory with all of them", f"{_memory():,.0f} MiB"
    started, worked = time.perf_counter(), _processors()
    found, _, _ = similar_vectors(
        prints.rows, prints.scales, _LIMIT, np.ones(len(prints.rows), np.bool_)
    )
    wall, work = time.perf_counter() - started, _processors() - worked
    yield f"{len(prints.rows):,} embeddings, each against each", f"{wall:.1f} s, {work:.1f} s"
    yield "pairs", f"{len(found):,}"
    yield "memory at its highest", f"{_memory():,.0f} MiB"


def searched(archive: Archive, *, again: bool = False) -> tuple[Clock, Any]:
    """What a search and its parts took, with its report."""
    clock = Clock()
    whole = clock.timed("whole search, to committed sets", find.find_duplicates)
    parts = {
        "hashes from rows": (Archive, "prints_now"),
        "embeddings from frames": (Archive, "with_vectors"),
        "candidates by all methods": (find, "find_pairs"),
        "writing pairs": (find, "_record"),
        "what hangs together": (closer_look, "hanging_together"),
        "the closer look, with that": (find, "look_closer"),
        "sets": (Grouping, "now"),
    }
    before = {name: getattr(where, attribute) for name, (where, attribute) in parts.items()}
    for name, (where, attribute) in parts.items():
        setattr(where, attribute, clock.timed(name, before[name]))
    try:
        report = whole(archive, again=again)
    finally:
        for name, (where, attribute) in parts.items():
            setattr(where, attribute, before[name])
    return clock, report


def measures(options: Options) -> Iterator[tuple[str, str]]:
    """What is said of the searches, line by line."""
    path = archive_of(options.pictures, known=options.known)
    seen = pictures()
    work = path.with_name(f"{path.name}-work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(path, work)
    try:
        _prepare(work, options)
        started = time.perf_counter()
        with open_archive(work, PASSWORD) as archive:
            yield "opening the archive", f"{time.perf_counter() - started:.2f} s"
            yield "memory then", f"{_memory():,.0f} MiB"
            if not options.known:
                yield from _said(archive, f"{options.pictures:,} new", *searched(archive))
            maker = Maker(archive, seen, options.pictures)
            for time_of in range(_TIMES):
                maker.put(options.pictures + time_of * options.add, options.add)
                what = f"{options.add:,} more, {_ORDINALS[time_of]}"
                yield from _said(archive, what, *searched(archive))
            if options.check:
                yield "sets are those of a search anew", _same_anew(archive)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    yield "memory at its highest", f"{_memory():,.0f} MiB"


def _prepare(work: Path, options: Options) -> None:
    """Makes the archive one without embeddings, or one that was searched."""
    with open_archive(work, PASSWORD) as archive, archive.write("settings") as tx:
        if not options.vectors:
            tx.delete("configs", "vector_space")
    with open_archive(work, PASSWORD) as archive, archive.write("settings") as tx:
        if options.known:
            tx.put(model.Config(SEARCHED, find.searched(archive)))


def _same_anew(archive: Archive) -> str:
    """Whether a search among all finds the sets that there are; says how many."""
    before = [group.members for group in archive.groups]
    pairs = len(archive.pairs)
    find.find_duplicates(archive, again=True)
    after = [group.members for group in archive.groups]
    apart = len({*before} ^ {*after})
    more = len(archive.pairs) - pairs
    return f"{len(after):,} sets, {apart} of them others; {more} more pairs"


def _memory() -> float:
    """The most this process had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _said(archive: Archive, what: str, clock: Clock, report: Any) -> Iterator[tuple[str, str]]:
    for name, (wall, work) in sorted(clock.seconds.items(), key=lambda each: -each[1][0]):
        yield f"{what}: {name}", f"{wall:.2f} s, {work:.2f} s of processors"
    looked = sum(row.judged is not None for row in archive.pairs.records())
    yield f"{what}: pairs looked at so far", f"{looked:,}"
    yield f"{what}: sets", f"{report.groups:,} of {report.pictures_in_groups:,} pictures"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.find", description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--add", type=int, default=100)
    parser.add_argument("--no-vectors", dest="vectors", action="store_false")
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--embeddings", action="store_true")
    options = Options(**vars(parser.parse_args()))
    print(machine())
    print(f"version {closer_look.VERSION} of the closer look")
    for name, value in (embeddings_searched if options.embeddings else measures)(options):
        print(f"{name:60} {value}", flush=True)


if __name__ == "__main__":
    main()
