"""The archive as programs use it: the store's tables and files, with the groups they amount to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fapfav import tags
from fapfav.duplicates.find import Prints, SortedDigests
from fapfav.duplicates.keepers import Order
from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR, Rule
from fapfav.duplicates.parallel import in_order
from fapfav.errors import DamagedArchive, UsageError
from fapfav.jobs.grouping import Grouping, Moving
from fapfav.jobs.kept_prints import KeptPrints
from fapfav.jobs.placed_vectors import Placer
from fapfav.model import ChangeRecord, Digest, Group, Limits, Method, Trashed
from fapfav.store import archive as store
from fapfav.store import opening
from fapfav.store.rows import Op
from fapfav.store.seen import Seen
from fapfav.store.tables import TABLES, Key
from fapfav.store.undo import READS, After

K = TypeVar("K")

HASHES_SPACE = "hashes/"
"""Begins the name of every space of hashes; then the preparation, then the version of Pillow."""

CLOSER = "closer_look"
"""The setting of whether searches look closely."""

SEARCHED = "searched"
"""The setting that holds what the last search depended on."""

_WIDTH, _HEIGHT, _SIZE = (
    [column.name for column in TABLES["blobs"].columns].index(name)
    for name in ("width", "height", "size")
)


class Archive(store.Archive):
    """An opened archive. Views: `blobs`, `albums`, `tags`, ...; computed: `groups`."""

    _kept: dict[type, Any] | None = None

    def kept(self, kind: Callable[[Archive], K]) -> K:
        """What follows from the archive and keeps up with it by itself: one of each class."""
        assert isinstance(kind, type)
        if self._kept is None:
            self._kept = {}
        if kind not in self._kept:
            self._kept[kind] = kind(self)
        return self._kept[kind]  # type: ignore[no-any-return]

    @property
    def preparation(self) -> str:
        """How pictures are prepared for hashing; empty while nothing was read."""
        return str(self.config("preparation", ""))

    @property
    def hashes_space(self) -> bytes:
        """What the names of the spaces of hashes in use begin with."""
        return f"{HASHES_SPACE}{self.preparation}/".encode()

    @property
    def vector_space(self) -> str:
        """The space of the embeddings in use; empty while there are none."""
        return str(self.config("vector_space", ""))

    def limits(self) -> tuple[Limits, Limits]:
        """How alike counts as alike: for still pictures, and for pairs with an animation."""
        regular, animated = self.config("limits_regular", {}), self.config("limits_animated", {})
        space = self.vector_space
        return _limits(regular, REGULAR, space), _limits(animated, ANIMATED, space)

    def rule(self) -> Rule:
        """What makes a tie between two pictures, as the archive is set."""
        regular, animated = self.limits()
        agree = int(self.config("agree", 1))
        return Rule(regular, animated, self.animations(), agree, self.keeper_order())

    @property
    def looks_closer(self) -> bool:
        """Whether searches look at pairs closely before they are a set; on unless switched off."""
        return self.config(CLOSER, True) is not False

    def order(self) -> Order:
        """What pictures are sorted by, the best first: pixels, then bytes."""
        rows = self.rows_of("blobs")

        def key(digest: Digest) -> tuple[int, int, bytes]:
            row = rows[digest]
            return -row[_WIDTH] * row[_HEIGHT], -row[_SIZE], digest

        return key

    def keeper_order(self) -> Order | None:
        """The same, where sets have keepers: once a search has looked closely."""
        searched = self.config(SEARCHED, None)
        has_looked = isinstance(searched, Mapping) and bool(searched.get("look"))
        return self.order() if self.looks_closer and has_looked else None

    def animations(self) -> Collection[Digest]:
        """The pictures that move; as the rows are, also later."""
        return Moving(self.rows_of("blobs"))

    def _tree_problems(self, ops: Sequence[Op]) -> list[str]:
        if not any(name == "tags" for name, _, _ in ops):
            return []
        changed = {(name, key): row for name, key, row in ops}
        return tags.problems(After(self._database.rows, changed).tags())

    @property
    def groups(self) -> tuple[Group, ...]:
        """The duplicates, computed from pairs, equal hashes and decisions as they are now."""
        return self.kept(Grouping).now()

    def group_of(self, digest: Digest) -> Group:
        """The duplicates a picture is among. Raises UsageError when it has none."""
        group = self.kept(Grouping).of(digest)
        if group is None:
            raise UsageError(f"{digest.hex()} has no duplicates; `duplicates list` shows what has")
        return group

    def prints_now(self, *, vectors: bool = False, compared: bool = False) -> Prints:
        """The prints of every picture that has hashes, sorted by digest.

        Vectors only if asked; with `compared` without the pictures that no search has seen yet.
        """
        prints = replace(self.kept(KeptPrints).now(), inner=None, colours=None)
        fresh = self.rows_of("fresh") if compared else {}
        if fresh:
            stays = ~prints.among([Digest(_raw(key)) for key, row in fresh.items() if row[0]])
            digests = SortedDigests(compress(prints.digests, stays.tolist()))
            prints = Prints(digests, prints.hashes[stays], prints.animated[stays])
        return self.with_vectors(prints) if vectors and self.vector_space else prints

    def with_turned(self, prints: Prints, new: NDArray[np.bool_]) -> Prints:
        """The prints of now with the first hash of what is inside frames, of new ones (n,) turned,
        and with mean colours.

        Where that is not known, it is the hash as it is, and black.
        """
        kept = self.kept(KeptPrints)
        now = kept.now()
        assert prints.digests is now.digests
        turned = kept.turned(now, new)
        return replace(prints, turned=turned, inner=now.inner, colours=now.colours)

    def with_vectors(self, prints: Prints) -> Prints:
        """The same with the embeddings in use; there have to be some."""
        space, count = self.spaces[self.vector_space], len(prints.digests)
        placer = Placer(prints)

        def placed() -> Prints:
            rows = np.zeros((count, space.width), np.int8)
            scales, has = np.zeros(count, np.float32), np.zeros(count, np.bool_)
            with (
                self._database.vector_reads() as reads,
                # Closed before the file is: threads may still read from it.
                closing(in_order(lambda read: placer.placed(read()), reads)) as blocks,
            ):
                for block in blocks:
                    if block.space != space.name:
                        continue
                    if block.rows.shape[1] != space.width:
                        raise DamagedArchive(f"embeddings of two widths are in {space.name}")
                    rows[block.places], scales[block.places] = block.rows, block.scales
                    has[block.places] = True
            return replace(prints, rows=rows, scales=scales, has_vector=has)

        return self._retry(placed)


def _raw(key: Key) -> bytes:
    """A key that is made of a digest."""
    assert isinstance(key, bytes)
    return key


def _limits(stored: dict[str, Any], default: Limits, space: str) -> Limits:
    cosines = stored.get("cnn", {})
    named = {
        method.value: stored.get(method.value, getattr(default, method.value))
        for method in Method
        if method is not Method.CNN
    }
    return Limits(**named, cnn=cosines.get(space, OFF))


def is_only_unread(changes: Mapping[int, ChangeRecord], trashed: Trashed) -> bool:
    """Whether a picture is in the trash because the read that brought it was undone."""
    record = changes.get(trashed.change)
    undone = changes.get(record.undoes) if record is not None and record.verb == "undo" else None
    return undone is not None and undone.verb in READS


def open_archive(
    path: str | Path,
    password: str | None = None,
    create: bool = False,
    *,
    plain: bool = False,
    seen: Seen | None = None,
    accept_older: bool = False,
) -> Archive:
    """Opens the archive in a folder; with `create`, makes one there if there is none.

    A new archive takes a password, or `plain=True` for none. `seen` is the memory of this computer
    that notices when an older copy was put back: `Seen(state_folder(os.environ))`, or none.
    Raises NoArchive, WrongPassword, NewerVersion, DamagedArchive, OlderArchive, UsageError.
    """
    where = Path(path).expanduser()
    if create and not opening.exists(where):
        if password is None and not plain:
            raise UsageError("a new archive takes a password, or plain=True for none")
        return opening.create_archive(where, password, plain=plain, seen=seen, kind=Archive)
    return opening.open_archive(where, password, seen=seen, accept_older=accept_older, kind=Archive)
