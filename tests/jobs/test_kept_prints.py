"""The prints that are kept are those that would be made of the rows anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fapfav import model
from fapfav.duplicates.find import Prints
from fapfav.duplicates.turned import TURNS
from fapfav.errors import DamagedFile, UsageError
from fapfav.jobs.kept_prints import KeptPrints
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Digest
from fapfav.store.blobs import Kind
from fapfav.store.transaction import Transaction
from tests.support import new_archive

HASHES = ("hashes/scaled/1", "hashes/scaled/2", "hashes/exact/1")
TURNED = ("turned/scaled/1", "turned/scaled/2", "turned/exact/1")
VECTORS = ("cnn/one", "cnn/two")
NUMBERS = st.integers(0, 9)


def digest(number: int) -> Digest:
    """Several begin alike, so that the first bytes do not tell them apart."""
    return Digest(bytes([number // 3]) * 31 + bytes([number]))


def blob(number: int, *, moving: bool = False) -> model.Blob:
    facts = (1000, "gif" if moving else "jpg", 10, 10, moving, 2, 100, 1, 90)
    return model.Blob(digest(number), *facts, b"m" * 16, 10, "jpg", 1, 1)


def hashes(number: int) -> bytes:
    return b"".join((1000 * at + number).to_bytes(8) for at in range(4))


def ways(number: int) -> bytes:
    turned = b"".join((number << at).to_bytes(8) for at in range(1, TURNS + 2))
    return turned + bytes([number, 2, 3])


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        with made.write("read") as tx:
            tx.put(model.Config("preparation", "scaled"), model.Config("vector_space", VECTORS[0]))
            for name in VECTORS:
                tx.put(model.Space(name, "vector", 2, "i1", "", "scaled", "", 1))
            for number in range(0, 8, 2):
                tx.put(blob(number), model.Print(HASHES[0], digest(number), hashes(number)))
        kinds = (Kind.BLOB, "jpg", 1000), (Kind.BLOB, "gif", 1000), (Kind.THUMB, "jpg", 10)
        for number in range(10):  # an undo brings nothing back that has no file
            made.files.publish(
                made.files.stage(kind, digest(number), ext, bytes(size))
                for kind, ext, size in kinds
            )
        yield made


def act(tx: Transaction, kind: str, one: int, two: int) -> None:
    """One change of some rows, of the kinds that happen."""
    if kind == "read":
        tx.put(blob(one), model.Print(HASHES[0], digest(one), hashes(two)))
        tx.put(model.Fresh(digest(one), two))
    elif kind == "remove":
        tx.delete("blobs", digest(one))
        tx.put(model.Trashed(digest(one), 1, 1, 1000, "jpg", 0, ""))
        tx.delete("fresh", digest(one))
    elif kind == "return":
        tx.put(blob(one, moving=two % 2 == 0))
        tx.delete("trash", digest(one))
    elif kind == "destroy":
        tx.delete("blobs", digest(one))
        for space in (*HASHES, *TURNED):
            tx.delete("prints", (space, digest(one)))
    elif kind == "print":
        tx.put(model.Print(HASHES[two % 3], digest(one), hashes(two)))
    elif kind == "turn":
        space = TURNED[two % 3]
        tx.put(model.Space(space, "turned", 8, "u8", "", "scaled", "", 1))
        value = ways(two) if two % 4 else b"too short"
        tx.put(model.Print(space, digest(one), value))
    elif kind == "embed":
        rows = np.full((1, 2), two, np.int8)
        tx.add_vectors(VECTORS[two % 2], [digest(one)], np.ones(1, np.float32), rows)
    elif kind == "prepare":
        tx.put(model.Config("preparation", "exact" if two == 0 else "scaled"))


KINDS = ["read", "read", "read", "remove", "return", "return", "destroy", "print", "print", "turn"]
KINDS += ["turn", "embed", "prepare"]
HOW = ["here", "here", "here", "other", "undo", "compact", "other compacts", "nobody asks"]
ACTS = st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS)
STEPS = st.lists(st.tuples(st.sampled_from(HOW), st.lists(ACTS, max_size=4)), max_size=12)


def step(archive: Archive, how: str, acts: list[Any]) -> None:
    """Some changes, made here or elsewhere."""
    if how.startswith("other"):
        with open_archive(archive.path) as other:
            with other.write("test") as tx:
                for each in acts:
                    act(tx, *each)
            if how == "other compacts":
                other.compact()
        archive.refresh()
        return
    with archive.write("test") as tx:
        for each in acts:
            act(tx, *each)
    if how == "undo":
        with suppress(UsageError, DamagedFile):
            archive.undo()
    elif how == "compact":
        archive.compact()


def naive(archive: Archive) -> list[Any]:
    """Digest, hashes, animated, what is inside, colours and embedding, picture by picture."""
    found = []
    prefix = f"hashes/{archive.preparation}/"
    rows = sorted(archive.prints.records(), key=lambda row: row.space)
    known = {row.digest: row.value for row in rows if row.space.startswith(prefix)}
    spaces = sorted(
        name for name in archive.spaces if name.startswith(f"turned/{archive.preparation}/")
    )
    turned = {row.digest: row.value for row in rows if row.space in spaces and len(row.value) == 67}
    vectors = archive.vectors(archive.vector_space)
    embedded = dict(zip(vectors.digests, vectors.rows.tolist(), strict=True))
    for one in sorted(archive.blobs):
        if one in known:
            values = tuple(int.from_bytes(known[one][at : at + 8]) for at in range(0, 32, 8))
            way = turned.get(one)
            inner = values[0] if way is None else int.from_bytes(way[56:64])
            colours = (0, 0, 0) if way is None else tuple(way[64:])
            around = [values[0]] * TURNS
            if way is not None:
                around = [int.from_bytes(way[at : at + 8]) for at in range(0, 56, 8)]
            facts = archive.blobs[one].animated, inner, colours, tuple(around)
            found.append((one, values, *facts, embedded.get(one)))
    return found


def told(prints: Prints) -> list[Any]:
    """The same of prints."""
    parts = prints.inner, prints.colours, prints.turned, prints.rows, prints.has_vector
    inner, colours, turned, rows, has = parts
    assert inner is not None
    assert colours is not None
    assert turned is not None
    assert rows is not None
    assert has is not None
    return [
        (
            one,
            tuple(prints.hashes[at].tolist()),
            bool(prints.animated[at]),
            int(inner[at]),
            tuple(colours[at].tolist()),
            tuple(turned[at].tolist()),
            rows[at].tolist() if has[at] else None,
        )
        for at, one in enumerate(prints.digests)
    ]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_prints_are_those_made_anew(archive: Archive, steps: list[Any]) -> None:
    for how, acts in steps:
        before = archive.prints_now()
        copy = [*before.digests], before.hashes.copy(), before.animated.copy()
        step(archive, how, acts)
        if how == "nobody asks":
            continue
        kept, anew = archive.kept(KeptPrints).now(), KeptPrints(archive).now()

        for field in fields(Prints):
            assert np.array_equal(getattr(kept, field.name), getattr(anew, field.name))
        assert copy[0] == before.digests, "what was given out stays as it was"
        assert np.array_equal(copy[1], before.hashes)
        assert np.array_equal(copy[2], before.animated)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_prints_say_what_the_rows_say(archive: Archive, steps: list[Any]) -> None:
    for how, acts in steps:
        step(archive, how, acts)
    prints = archive.prints_now(vectors=True)

    whole = archive.with_turned(prints, np.ones(len(prints.digests), np.bool_))

    assert told(whole) == naive(archive)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_what_no_search_has_seen_is_left_out_where_asked(
    archive: Archive, steps: list[Any]
) -> None:
    for how, acts in steps:
        step(archive, how, acts)

    prints, every = archive.prints_now(compared=True), archive.prints_now()

    unseen = {row.digest for row in archive.fresh.records() if row.at}
    assert [*prints.digests] == [one for one in every.digests if one not in unseen]
    places = [[*every.digests].index(one) for one in prints.digests]
    assert np.array_equal(prints.hashes, every.hashes[places])
    assert np.array_equal(prints.animated, every.animated[places])


def test_what_did_not_change_is_the_very_same(archive: Archive) -> None:
    before = archive.kept(KeptPrints).now()
    with archive.write("tag") as tx:
        tx.put(model.Tag(1, "tag"), blob(2), model.Fresh(digest(4), 1))

    assert archive.kept(KeptPrints).now() is before


def test_one_picture_more_copies_no_digest(archive: Archive) -> None:
    before = archive.prints_now().digests
    with archive.write("read") as tx:
        act(tx, "read", 3, 3)

    after = archive.prints_now().digests

    assert [one for one in after if one in before] == [*before]
    assert all(any(one is other for other in after) for one in before)


def test_only_those_turned_are_looked_up_that_are_asked_for(archive: Archive) -> None:
    with archive.write("read") as tx:
        for number in (0, 2):
            act(tx, "turn", number, 1)
            tx.put(model.Print(TURNED[1], digest(number), ways(5)))
    prints = archive.prints_now()

    new = np.array([one == digest(2) for one in prints.digests], np.bool_)
    turned = archive.with_turned(prints, new).turned

    assert turned is not None
    assert turned[~new].tolist() == [[value] * TURNS for value in prints.hashes[~new, 0].tolist()]
    assert turned[new].tolist() == [[5 << at for at in range(1, TURNS + 1)]]


def test_prints_begin_again_after_a_failure_half_way(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert archive.prints_now().digests
    with archive.write("read") as tx:
        act(tx, "read", 3, 3)
    with monkeypatch.context() as broken:
        broken.setattr(Archive, "rows_of", None)
        with pytest.raises(TypeError):
            archive.kept(KeptPrints).now()

    assert digest(3) in archive.prints_now().digests
