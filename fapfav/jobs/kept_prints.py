"""The prints of an archive's pictures as arrays, kept between looks.

Made of the rows when first asked for; from then on only rows that changed are looked at. Kept are
54 bytes a picture: arrays, and a list of digests that the rows hold already. What was given out
stays as it was: a change makes other arrays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.find import Prints, SortedDigests
from fapfav.duplicates.turned import TURNS
from fapfav.model import HASHES, Digest
from fapfav.store.tables import TABLES, Key, Row

Bytes = NDArray[np.uint8]

TURNED_SPACE = "turned/"
"""Begins the name of every space of the first hash turned, of what is inside frames, of colours."""

_ANIMATED = [column.name for column in TABLES["blobs"].columns].index("animated")
_HASHES = 8 * len(HASHES)  # bytes
_TURNED = 8 * TURNS
_WAYS = _TURNED + 8 + 3  # turned, then what is inside of frames, then colours


class Known(Protocol):
    """What this needs of an archive."""

    @property
    def stamp(self) -> int:
        """A number that is another one after every change."""

    def changed_since(self, stamp: int) -> set[tuple[str, Key]] | None:
        """The rows that changed after a stamp."""

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table as it lies in memory."""

    @property
    def hashes_space(self) -> bytes:
        """What the names of the spaces of hashes in use begin with."""

    @property
    def preparation(self) -> str:
        """How pictures are prepared for hashing."""


@dataclass(frozen=True, slots=True)
class _One:
    """What is kept of one picture."""

    hashes: NDArray[np.uint64]
    animated: bool
    inner: np.uint64
    colours: Bytes


class KeptPrints:
    """The prints of every picture that has hashes."""

    def __init__(self, archive: Known) -> None:
        self._archive = archive
        self._stamp = -1
        self._prefix = b""
        self._spaces: list[bytes] = []
        self._turned: list[bytes] = []  # of several the last counts, here and above
        self._prints: Prints | None = None

    def now(self) -> Prints:
        """Sorted by digest; without embeddings and `turned`, with `inner` and `colours`."""
        archive = self._archive
        if self._prints is not None and self._stamp == archive.stamp:
            return self._prints
        changed = None if self._prints is None else archive.changed_since(self._stamp)
        self._stamp = -1  # whatever goes wrong half way, nobody goes on from there
        prefix = f"{TURNED_SPACE}{archive.preparation}/"
        spaces = sorted(str(name) for name in archive.rows_of("spaces"))
        turned = [name.encode() for name in spaces if name.startswith(prefix)]
        settings = archive.hashes_space, turned
        if changed is None or settings != (self._prefix, self._turned):
            self._prefix, self._turned = settings
            self._prints = self._begun()
        else:
            self._prints = self._followed(changed)
        self._stamp = archive.stamp
        return self._prints

    def turned(self, prints: Prints, new: Flags) -> NDArray[np.uint64]:
        """The first hash turned (n, TURNS), of new ones (n,); of others, and where it is not
        known, the hash as it is."""
        turned = np.repeat(prints.hashes[:, :1], TURNS, axis=1)
        places = np.flatnonzero(new)
        picked = [prints.digests[at] for at in places.tolist()]
        known, raw = _last(self._archive.rows_of("prints"), picked, self._turned, _WAYS)
        turned[places[known]] = _numbers(raw[:, :_TURNED])
        return turned

    def spaces(self) -> Sequence[bytes]:
        """The spaces that there are of hashes in use, sorted: of several the last counts."""
        self.now()
        return self._spaces

    # From all rows

    def _begun(self) -> Prints:
        rows, prefix = self._archive.rows_of("prints"), self._prefix
        self._spaces = sorted({key[32:] for key in map(_raw, rows) if key.startswith(prefix, 32)})
        moving = {_raw(key): row[_ANIMATED] for key, row in self._archive.rows_of("blobs").items()}
        here = [*moving]
        known, raw = _last(rows, here, self._spaces, _HASHES)
        found = [here[at] for at in np.flatnonzero(known).tolist()]
        order = _sorted(found)
        digests = SortedDigests(Digest(found[at]) for at in order.tolist())
        hashes = _numbers(raw)[order]
        animated = np.fromiter(moving.values(), np.bool_, len(moving))[known][order]
        inner, colours = self._ways(found, _numbers(raw[:, :8])[:, 0])
        return Prints(digests, hashes, animated, inner=inner[order], colours=colours[order])

    def _ways(
        self, digests: Sequence[bytes], whole: NDArray[np.uint64]
    ) -> tuple[NDArray[np.uint64], Bytes]:
        """The hash of what is inside of frames (n,), and mean colours (n, 3)."""
        inner, colours = whole.copy(), np.zeros((len(digests), 3), np.uint8)
        known, raw = _last(self._archive.rows_of("prints"), digests, self._turned, _WAYS)
        inner[known] = _numbers(raw[:, _TURNED : _TURNED + 8])[:, 0]
        colours[known] = raw[:, _TURNED + 8 :]
        return inner, colours

    # From rows that changed

    def _followed(self, changed: Iterable[tuple[str, Key]]) -> Prints:
        looked: set[bytes] = set()
        for table, key in changed:
            if table == "blobs":
                looked.add(_raw(key))
            elif table == "prints":
                looked.add(_raw(key)[:32])
                self._know(_raw(key)[32:])
        assert self._prints is not None
        prints, digests = self._prints, self._prints.digests
        gone: list[int] = []
        stay: dict[int, _One] = {}
        came: dict[Digest, _One] = {}
        for digest in sorted(map(Digest, looked)):
            now, at = self._one(digest), bisect_left(digests, digest)
            is_here = at < len(digests) and digests[at] == digest
            if is_here and now is None:
                gone.append(at)
            elif is_here and now is not None:
                stay[at] = now
            elif now is not None:
                came[digest] = now
        if stay:
            prints = _written(prints, [*stay], [*stay.values()])
        return _moved(prints, gone, came) if gone or came else prints

    def _know(self, space: bytes) -> None:
        if space.startswith(self._prefix) and space not in self._spaces:
            self._spaces = sorted((space, *self._spaces))

    def _one(self, digest: Digest) -> _One | None:
        blob = self._archive.rows_of("blobs").get(digest)
        _, raw = _last(self._archive.rows_of("prints"), [digest], self._spaces, _HASHES)
        if blob is None or not len(raw):
            return None
        hashes = _numbers(raw)
        inner, colours = self._ways([digest], hashes[:, 0])
        return _One(hashes[0], bool(blob[_ANIMATED]), inner[0], colours[0])


def _written(prints: Prints, places: Sequence[int], ones: Sequence[_One]) -> Prints:
    """The same with other values at some places; the very same where none is another."""
    assert prints.inner is not None
    assert prints.colours is not None
    hashes, animated, inner, colours = _columns(ones)
    same = (
        (prints.hashes[places] == hashes).all()
        and (prints.animated[places] == animated).all()
        and (prints.inner[places] == inner).all()
        and (prints.colours[places] == colours).all()
    )
    if same:
        return prints
    now = replace(
        prints,
        hashes=prints.hashes.copy(),
        animated=prints.animated.copy(),
        inner=prints.inner.copy(),
        colours=prints.colours.copy(),
    )
    assert now.inner is not None
    assert now.colours is not None
    now.hashes[places], now.animated[places] = hashes, animated
    now.inner[places], now.colours[places] = inner, colours
    return now


def _moved(prints: Prints, gone: Sequence[int], came: Mapping[Digest, _One]) -> Prints:
    """Without those at some places, and with others, which are sorted."""
    assert prints.inner is not None
    assert prints.colours is not None
    digests = prints.digests
    before = np.array([bisect_left(digests, one) for one in came], np.int64)
    ends = sorted((*((at, at + 1, None) for at in gone), *_slots(before, came)), key=_by_place)
    merged = SortedDigests()
    start = 0
    for at, after, one in ends:
        merged.extend(digests[start:at])
        if one is not None:
            merged.append(one)
        start = after
    merged.extend(digests[start:])
    before -= np.searchsorted(gone, before)  # as many of those before it are gone
    hashes, animated, inner, colours = _columns([*came.values()])

    def moved(column: NDArray[np.generic], values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.insert(np.delete(column, gone, 0) if gone else column, before, values, 0)

    return Prints(
        merged,
        moved(prints.hashes, hashes),  # type: ignore[arg-type]
        moved(prints.animated, animated),  # type: ignore[arg-type]
        inner=moved(prints.inner, inner),  # type: ignore[arg-type]
        colours=moved(prints.colours, colours),  # type: ignore[arg-type]
    )


_Slot = tuple[int, int, Digest | None]  # up to where, from where on again, and who comes between


def _slots(before: Indices, came: Iterable[Digest]) -> Iterable[_Slot]:
    return ((at, at, one) for at, one in zip(before.tolist(), came, strict=True))


def _by_place(slot: _Slot) -> tuple[int, bool]:
    """Who comes to a place comes before who is gone from it."""
    return slot[0], slot[2] is None


def _columns(
    ones: Sequence[_One],
) -> tuple[NDArray[np.uint64], Flags, NDArray[np.uint64], Bytes]:
    """Hashes (n, 4), animated (n,), inner (n,) and colours (n, 3) of pictures."""
    return (
        np.array([one.hashes for one in ones], np.uint64).reshape(-1, len(HASHES)),
        np.array([one.animated for one in ones], np.bool_),
        np.array([one.inner for one in ones], np.uint64),
        np.array([one.colours for one in ones], np.uint8).reshape(-1, 3),
    )


def _last(
    rows: Mapping[Key, Row], digests: Collection[bytes], spaces: Iterable[bytes], length: int
) -> tuple[Flags, Bytes]:
    """Which of n pictures have a print of that many bytes, and the prints of those (k, length).

    Of several spaces the last counts.
    """
    found: list[bytes] = [b""] * len(digests)
    get = rows.get
    for space in spaces:
        for at, row in enumerate([get(digest + space) for digest in digests]):
            if row is not None and len(row[0]) == length:
                found[at] = row[0]
    known = np.fromiter(map(bool, found), np.bool_, len(found))
    return known, np.frombuffer(b"".join(found), np.uint8).reshape(-1, length)


def _numbers(raw: Bytes) -> NDArray[np.uint64]:
    """Numbers of eight bytes each, the first the highest: (n, k) of (n, 8 * k)."""
    return np.ascontiguousarray(raw).view(">u8").astype(np.uint64)


def _sorted(digests: Sequence[bytes]) -> Indices:
    """The numbers of digests in the order of these: mostly the first bytes tell."""
    parts = _numbers(np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32))
    order = np.argsort(parts[:, 0])
    first = parts[order, 0]
    if (first[1:] == first[:-1]).any():
        order = np.lexsort(parts.T[::-1])
    return order


def _raw(key: Key) -> bytes:
    """A key that is made of a digest."""
    assert isinstance(key, bytes)
    return key
