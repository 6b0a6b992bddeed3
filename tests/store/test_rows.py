"""fapfav/store/rows.py and lookups.py: indexes follow every change, views show what will be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.model import Config, Pair, PlaceState, Tag, Tagged, pair_of
from fapfav.store import lookups
from fapfav.store.rows import Index, Rows, View
from fapfav.store.tables import SEPARATOR, TABLES, Key, Row
from tests.store.archives import digest, make, place

INDEXES = [
    ("places", lookups.album_of_place),
    ("places", lookups.image_of_place),
    ("places", lookups.blob_of_place),
    ("places", lookups.served_at_place),
]
PLACES = st.builds(
    lambda n, album, holds, served: replace(
        place(n, album),
        holds=None if holds is None else digest(holds),
        served=None if served is None else digest(served),
        state=PlaceState.STORED,
    ),
    st.integers(0, 3),
    st.sampled_from("ab"),
    st.none() | st.integers(0, 2),
    st.none() | st.integers(0, 2),
)


@given(batches=st.lists(st.lists(st.tuples(PLACES, st.booleans()), max_size=4), max_size=6))
@settings(deadline=None, max_examples=60)
def test_an_index_that_followed_equals_one_made_anew(
    batches: list[list[tuple[object, bool]]],
) -> None:
    rows, table = Rows(), TABLES["places"]
    kept = [rows.index(name, key_of) for name, key_of in INDEXES]
    for batch in batches:
        ops: list[tuple[str, Key, Row | None]] = []
        for record, goes in batch:
            key, row = table.row_of(record)
            ops.append(("places", key, None if goes else row))
        rows.apply(ops)
        for index, (name, key_of) in zip(kept, INDEXES, strict=True):
            anew = Index(key_of, rows.tables[name])
            assert {key: index[key] for key in index} == {key: anew[key] for key in anew}
            assert rows.index(name, key_of) is index


def test_the_lookups_find_what_they_are_named_after(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(place(1), place(1, "b"), replace(place(2), holds=None, served=digest(1)))
        tx.put(Tag(1, "a"), Tag(2, "b", parent=1), Tagged(digest(1), "user", (1, 2)))
        tx.put(Pair(*pair_of(digest(1), digest(2)), {"percept": 1}))

    def keys(name: str, key_of: object, derived: Key) -> list[Key]:
        return sorted(archive.index(name, key_of)[derived], key=repr)  # type: ignore[arg-type]

    def joined(*parts: str) -> str:
        return SEPARATOR.join(parts)

    one, other = joined("s", "u", "a", "i1"), joined("s", "u", "b", "i1")
    assert keys("places", lookups.image_of_place, joined("s", "i1")) == [one, other]
    assert keys("places", lookups.blob_of_place, digest(1)) == [one, other]
    assert keys("places", lookups.album_of_place, joined("s", "u", "b")) == [other]
    assert keys("places", lookups.served_at_place, digest(1)) == [joined("s", "u", "a", "i2")]
    number = (1).to_bytes(8, "big")
    assert keys("tagged", lookups.tags_of_row, number) == [digest(1) + b"user"]
    assert keys("tags", lookups.parent_of_tag, number) == [(2).to_bytes(8, "big")]
    pair = b"".join(sorted((digest(1), digest(2))))
    assert keys("pairs", lookups.blobs_of_pair, digest(2)) == [pair]
    assert keys("places", lookups.blob_of_place, digest(9)) == []


def view(overlay: dict[Key, Row | None] | None = None) -> View[str, Config]:
    return View(TABLES["configs"], {"a": (1,), "b": (2,)}, overlay)


def test_a_view_is_a_mapping_of_records() -> None:
    assert dict(view()) == {"a": Config("a", 1), "b": Config("b", 2)}
    assert list(view().records()) == [Config("a", 1), Config("b", 2)]
    assert list(view().picked(["b", "gone"])) == [Config("b", 2)]
    assert view().get("c") is None
    with pytest.raises(KeyError):
        view()["c"]


def test_a_view_shows_what_lies_over_its_rows() -> None:
    over = view({"a": None, "b": (3,), "c": (4,)})
    assert dict(over) == {"b": Config("b", 3), "c": Config("c", 4)}
    assert len(over) == 2
    assert "a" not in over
    assert list(over.picked(["a", "b"])) == [Config("b", 3)]


def test_keys_of_several_parts_are_tuples(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(place(1), Tagged(digest(1), "user", (1,)), Tag(7, "a"))
    assert list(archive.places) == [("s", "u", "a", "i1")]
    assert archive.places["s", "u", "a", "i1"] == place(1)  # type: ignore[index]
    assert list(archive.tagged) == [(digest(1), "user")]
    assert list(archive.tags) == [7]
