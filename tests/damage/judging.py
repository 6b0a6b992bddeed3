"""What an archive shows after something was done to its database, held against what was written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from fapfav.errors import ArchiveError
from fapfav.store.archive import Archive
from fapfav.store.frames import Kind
from fapfav.store.inspect import Inspection, inspect
from fapfav.store.salvage import salvage
from tests.store.archives import database, reopened, tables
from tests.store.damaging import Sample, whole, without

Tables = dict[str, dict[Any, Any]]


@dataclass(frozen=True)
class State:
    """What an archive held once: the file ended at `end`, its last change began at `begin`."""

    begin: int
    end: int
    tables: Tables
    vectors: Any
    before: Any


def refused(read: Callable[[], Any]) -> Any:
    """What is read, or that it is refused; any other exception is a bug and passes on."""
    try:
        return read()
    except ArchiveError:
        return None


def shown(archive: Archive) -> tuple[Tables, Any, Any]:
    """What an archive tells: its rows, its embeddings, and what two of its changes replaced."""
    vectors = refused(lambda: _plain(archive))
    some = {1, max(archive.changes, default=1)}
    before = {number: refused(partial(archive.values_before, number)) for number in some}
    return tables(archive, "undo"), vectors, before


def _plain(archive: Archive) -> Any:
    found = archive.vectors("cnn")
    return found.digests, found.scales.tobytes(), found.rows.tobytes()


@functools.cache
def states(sealed: bool) -> tuple[State, ...]:
    """Every state that the log goes through, from the file cut behind each change."""
    one = whole(sealed)
    found, begin = [], 0
    for part in one.parts:
        if part.kind in (Kind.END, Kind.COMMIT):
            one.write(one.raw[: part.end])
            archive = reopened(one.path, sealed)
            found.append(State(begin, part.end, *shown(archive)))
            begin = part.end
    one.write(one.raw)
    return tuple(found)


def allowed(one: Sample, sealed: bool, raw: bytes) -> Iterator[State]:
    """The states that bytes may be opened as: all of it, or less by what the end has lost."""
    *_, last, newest = states(sealed)
    if one.raw.startswith(raw):
        yield max((s for s in states(sealed) if s.end <= len(raw)), key=lambda s: s.end)
        return
    yield newest
    if raw[: newest.begin] == one.raw[: newest.begin]:
        yield last


def is_older_state(one: Sample, sealed: bool, raw: bytes) -> bool:
    """Whether these are the bytes of an older state: then nobody can tell from inside."""
    return one.raw.startswith(raw) and any(state.end == len(raw) for state in states(sealed))


def judge(one: Sample, sealed: bool, raw: bytes) -> Inspection | None:
    """Asserts that a harmed file is refused, or shows nothing that was not written; what it is."""
    one.write(raw)
    archive: Archive | None = refused(lambda: reopened(one.path, sealed))
    found: Inspection | None = refused(lambda: inspect(one.folder, one.keys))
    if raw != one.raw and not is_older_state(one, sealed, raw):
        assert found is None or found.findings, "nothing is said of it"
    if archive is None:
        assert found is None or found.is_damaged, "it is refused and not called damaged"
        return found
    assert found is not None, "it opens and cannot be looked at"
    rows, vectors, before = shown(archive)
    if found.is_damaged:
        assert None in (vectors, *before.values()), "all of it is shown and it is called damaged"
    assert any(
        rows == state.tables
        and vectors in (None, state.vectors)
        and all(value in (None, state.before.get(number)) for number, value in before.items())
        for state in allowed(one, sealed, raw)
    ), "it shows what was never written, or less than there is"
    return found


def saved(one: Sample, sealed: bool, raw: bytes) -> None:
    """Asserts that a repair gets back all that is intact, and keeps the bytes as they were."""
    one.write(raw)
    kept = salvage(one.folder, one.keys, one.lock)

    assert without(tables(reopened(one.path, sealed))) == one.left(raw)
    if kept is not None:
        assert (one.path / kept.kept).read_bytes() == raw
        assert inspect(one.folder, one.keys).findings == ()
        for file in one.path.glob("*.damaged-*"):
            file.unlink()
    assert database(one.path).exists()
