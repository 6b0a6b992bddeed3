"""`fingerprint`: prints made anew from the pictures in the archive, with this or another model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fapfav.errors import BadPicture, DamagedFile, UsageError
from fapfav.images.examine import Examined, examine
from fapfav.images.vectors import quantize
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.batch import prints_of
from fapfav.jobs.elsewhere import Elsewhere
from fapfav.jobs.find import find_into
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.pipeline import in_order
from fapfav.model import Digest, Fresh
from fapfav.store.change import Change

_BATCH = 64


@dataclass(frozen=True, slots=True)
class FingerprintReport(Report):
    """What was printed anew; `space` is the vectors' space in use now."""

    change: int
    done: int
    failed: int
    space: str
    new_pairs: int
    seconds: float
    failures: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Printed:
    digest: Digest
    facts: Examined | None
    problem: str = ""


def fingerprint(
    archive: Archive,
    model: ModelInUse | Elsewhere,
    *,
    missing: bool = True,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> FingerprintReport:
    """Makes prints: with `missing` only those a picture lacks, else all, then searches again.

    Another model than the archive's becomes the archive's own. With `Elsewhere` in place of a model
    it is its executor that examines the pictures. Raises UsageError when there is no usable model.
    """
    began = time.monotonic()
    elsewhere, model = _by(model)
    if model.embed is None and model.warnings:
        raise UsageError(model.warnings[0])
    archive.refresh()
    wanted = lacking(archive, model, missing)
    pace = Pace(tell, "fingerprinting", total=len(wanted))
    with archive.change("fingerprint", by=by, what=model.space or "hashes") as change:
        failures = print_anew(archive, change, elsewhere or model, wanted, pace=pace, stop=stop)
        pairs = find_into(archive, change, tell=tell, stop=stop)
    return FingerprintReport(
        change=change.number,
        done=pace.done - len(failures),
        failed=len(failures),
        space=archive.vector_space,
        new_pairs=pairs,
        seconds=round(time.monotonic() - began, 3),
        failures=tuple(failures),
        warnings=model.warnings,
    )


def print_anew(
    archive: Archive,
    change: Change,
    model: ModelInUse | Elsewhere,
    wanted: list[Digest],
    *,
    pace: Pace,
    stop: Stop,
) -> list[tuple[str, str]]:
    """Commits the prints batch by batch; returns the pictures that have none, with the reason.

    Whatever ends it, what came is committed.
    """
    elsewhere, model = _by(model)
    printing = _Printing(archive, change, model)
    if elsewhere is not None and wanted:
        elsewhere.check(printing.preparation)
    threads = (os.cpu_count() or 1) if elsewhere is None else elsewhere.at_once
    ahead = 4 * threads if elsewhere is None else 2 * threads
    examined = examine if elsewhere is None else elsewhere.examine
    make: Callable[[int], Executor] = ThreadPoolExecutor if elsewhere is None else elsewhere.pool

    def work(digest: Digest) -> _Printed:
        try:
            data = archive.blob_bytes(digest)
            facts = examined(data, printing.preparation, model.embed, thumbnail=False)
        except (BadPicture, DamagedFile) as error:
            return _Printed(digest, None, str(error))
        return _Printed(digest, facts)

    def until_stopped() -> Iterator[Digest]:
        for digest in wanted:
            if stop():
                return
            yield digest

    try:
        with make(threads) as pool:
            for printed in in_order(pool, work, until_stopped(), ahead):
                printing.take(printed)
                pace.step(failed=int(printed.facts is None))
    finally:
        printing.commit()
    return printing.failures


def _by(model: ModelInUse | Elsewhere) -> tuple[Elsewhere | None, ModelInUse]:
    """Who examines the pictures if not this process, and with which model."""
    return (model, model.model) if isinstance(model, Elsewhere) else (None, model)


def lacking(archive: Archive, model: ModelInUse, missing: bool) -> list[Digest]:
    """The pictures to print, in an order that does not change."""
    everything = sorted(archive.blobs)
    if not missing:
        return everything
    has: set[Digest] = set(archive.prints_now().digests)
    if model.space:
        vectors = archive.vectors(model.space).digests if model.space in archive.spaces else ()
        has &= set(vectors)
    return [digest for digest in everything if digest not in has]


class _Printing:
    """What was printed and waits for its commit, and what could not be."""

    def __init__(self, archive: Archive, change: Change, model: ModelInUse) -> None:
        self.preparation: Any = archive.preparation or "scaled"
        self.failures: list[tuple[str, str]] = []
        self._change = change
        self._model = model
        self._batch: list[_Printed] = []

    def take(self, printed: _Printed) -> None:
        """Commits with the others once they are enough."""
        if printed.facts is None:
            self.failures.append((printed.digest.hex(), printed.problem))
            return
        self._batch.append(printed)
        if len(self._batch) == _BATCH:
            self.commit()

    def commit(self) -> None:
        """Writes what waits, for pictures that are still there."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        model = self._model
        with self._change.transaction() as tx:
            kept = [printed for printed in batch if printed.digest in tx.blobs]
            for printed in kept:
                assert printed.facts is not None
                tx.put(*prints_of(printed.digest, printed.facts, self.preparation))
                tx.put(Fresh(printed.digest, tx.now))
            vectors = [p.facts.fingerprint.cnn for p in kept if p.facts is not None]
            if model.embed is not None and vectors:
                model.settle(tx)
                found = np.stack([vector for vector in vectors if vector is not None])
                scales, rows = quantize(found)
                tx.add_vectors(model.space, [p.digest for p in kept], scales, rows)
