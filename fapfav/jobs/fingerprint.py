"""`fingerprint`: prints made anew from the pictures in the archive, with this or another model."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fapfav.errors import BadPicture, DamagedFile, UsageError
from fapfav.images.examine import Examined, examine
from fapfav.images.vectors import quantize
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.batch import hash_bytes, hashes_space
from fapfav.jobs.find import find_into
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.pipeline import in_order
from fapfav.model import Digest, Fresh, Print
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
    model: ModelInUse,
    *,
    missing: bool = True,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> FingerprintReport:
    """Makes prints: with `missing` only those a picture lacks, else all, then searches again.

    Another model than the archive's becomes the archive's own. Raises UsageError when there is no
    usable model.
    """
    began = time.monotonic()
    if model.embed is None and model.warnings:
        raise UsageError(model.warnings[0])
    archive.refresh()
    wanted = lacking(archive, model, missing)
    pace = Pace(tell, "fingerprinting", total=len(wanted))
    with archive.change("fingerprint", by=by, what=model.space or "hashes") as change:
        failures = print_anew(archive, change, model, wanted, pace=pace, stop=stop)
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
    model: ModelInUse,
    wanted: list[Digest],
    *,
    pace: Pace,
    stop: Stop,
) -> list[tuple[str, str]]:
    """Commits the prints batch by batch; returns the pictures that have none, with the reason."""
    preparation: Any = archive.preparation or "scaled"
    workers = os.cpu_count() or 1

    def work(digest: Digest) -> _Printed:
        try:
            data = archive.blob_bytes(digest)
            return _Printed(digest, examine(data, preparation, model.embed, thumbnail=False))
        except (BadPicture, DamagedFile) as error:
            return _Printed(digest, None, str(error))

    def until_stopped() -> Iterator[Digest]:
        for digest in wanted:
            if stop():
                return
            yield digest

    failures: list[tuple[str, str]] = []
    batch: list[_Printed] = []
    with ThreadPoolExecutor(workers) as pool:
        for printed in in_order(pool, work, until_stopped(), 4 * workers):
            if printed.facts is None:
                failures.append((printed.digest.hex(), printed.problem))
            else:
                batch.append(printed)
            pace.step(failed=int(printed.facts is None))
            if len(batch) == _BATCH:
                _commit(change, batch, model, preparation)
                batch = []
    _commit(change, batch, model, preparation)
    return failures


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


def _commit(change: Change, batch: list[_Printed], model: ModelInUse, preparation: str) -> None:
    if not batch:
        return
    space = hashes_space(preparation)
    with change.transaction() as tx:
        kept = [printed for printed in batch if printed.digest in tx.blobs]
        tx.put(space)
        for printed in kept:
            assert printed.facts is not None
            tx.put(Print(space.name, printed.digest, hash_bytes(printed.facts.fingerprint)))
            tx.put(Fresh(printed.digest, tx.now))
        vectors = [p.facts.fingerprint.cnn for p in kept if p.facts is not None]
        if model.embed is not None and vectors:
            model.settle(tx)
            scales, rows = quantize(np.stack([vector for vector in vectors if vector is not None]))
            tx.add_vectors(model.space, [p.digest for p in kept], scales, rows)
