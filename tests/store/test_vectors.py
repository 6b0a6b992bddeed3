"""fapfav/store/vectors.py: embeddings come back as they went in, the last of each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedArchive
from fapfav.model import Digest, Space
from fapfav.store import values
from fapfav.store.vectors import decode_block, encode_vectors, gather
from tests.store.archives import add_pictures, add_vectors, delete, digest, make, reopened


def named(numbers: list[int]) -> list[Digest]:
    return [digest(number) for number in numbers]


@given(
    writes=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(-128, 127)), max_size=8), max_size=5
    )
)
@settings(deadline=None, max_examples=60)
def test_a_later_embedding_of_a_picture_replaces_an_earlier(
    writes: list[list[tuple[int, int]]],
) -> None:
    blocks, expected = [], {}
    for at, write in enumerate(writes):
        once = dict(write)
        rows = np.array([[value, at] for value in once.values()], np.int8).reshape(-1, 2)
        scales = np.array([value / 4 for value in once.values()], np.float32)
        for raw in encode_vectors("s", named(list(once)), scales, rows):
            blocks.append((at, decode_block(raw)))
        expected.update({digest(n): (value / 4, [value, at]) for n, value in once.items()})
    expected.pop(digest(0), None)  # which is not alive

    found = gather("s", 2, blocks, lambda one: one != digest(0))

    assert found.rows.dtype.str + found.scales.dtype.str == "|i1<f4"
    assert found.rows.shape == (len(expected), 2)
    assert {
        key: (float(scale), row.tolist())
        for key, scale, row in zip(found.digests, found.scales, found.rows, strict=True)
    } == expected


def test_many_or_wide_embeddings_are_spread_over_frames() -> None:
    rng = np.random.default_rng(1)
    for count, width in ((9000, 8), (300, 65_536)):
        digests = [Digest(n.to_bytes(32, "big")) for n in range(count)]
        rows = rng.integers(-128, 128, (count, width), np.int8)
        scales = rng.random(count, np.float32)
        raws = list(encode_vectors("s", digests, scales, rows))
        assert len(raws) == 3
        assert max(map(len, raws)) < 9 * 2**20
        found = gather("s", width, enumerate(map(decode_block, raws)), lambda _: True)
        assert found.digests == tuple(digests)
        assert np.array_equal(found.rows, rows)
        assert np.array_equal(found.scales, scales)


def test_an_archive_gives_the_embeddings_of_its_pictures_and_its_trash(tmp_path: Path) -> None:
    archive = make(tmp_path, sealed=True)
    add_pictures(archive, 1, 2, 3)
    with archive.write("fingerprint") as tx:
        add_vectors(tx, {1: (1, -1, 1, -1), 2: (2, 2, 2, 2), 3: (3, 3, 3, 3), 7: (7, 7, 7, 7)})
        tx.put(Space("other", "vector", 2, "int8", "m", "p", "12", 1))
        tx.add_vectors("other", [digest(1)], np.ones(1, np.float32), np.ones((1, 2), np.int8))
        tx.add_vectors("other", [], np.empty(0, np.float32), np.empty((0, 2), np.int8))
    with archive.write("trash") as tx:
        delete(tx, 2, 3)
    with archive.write("trash empty") as tx:
        tx.delete("trash", digest(3))
    for one in (archive, reopened(tmp_path, sealed=True)):
        found = one.vectors("cnn")
        assert found.digests == (digest(1), digest(2))
        assert found.scales.tolist() == [0.5, 1.0]
        assert found.rows.tolist() == [[1, -1, 1, -1], [2, 2, 2, 2]]
        assert one.vectors("other").rows.tolist() == [[1, 1]]


GOOD = {"space": "s", "width": 2, "digests": bytes(64), "scales": bytes(8), "rows": bytes(4)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 3},
        {"width": 0},
        {"width": True},
        {"width": 70_000},
        {"space": 1},
        {"digests": bytes(63)},
        {"digests": bytes(32)},
        {"scales": bytes(4)},
        {"scales": b"\0\0\xc0\x7f" * 2},
        {"scales": [1.0, 2.0]},
        {"rows": bytes(5)},
        {"more": 1},
    ],
)
def test_embeddings_that_do_not_fit_together_are_refused(wrong: dict[str, object]) -> None:
    assert decode_block(values.encode(GOOD)).rows.shape == (2, 2)
    with pytest.raises(DamagedArchive):
        decode_block(values.encode(GOOD | wrong))
    with pytest.raises(DamagedArchive):
        decode_block(values.encode([]))


def test_two_widths_in_one_space_are_damage() -> None:
    blocks = [decode_block(values.encode(GOOD))]
    with pytest.raises(DamagedArchive, match="two widths"):
        gather("s", 3, enumerate(blocks), lambda _: True)
