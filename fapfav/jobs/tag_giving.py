"""Tags by typing: which ones a few letters may mean, and giving one that may be new.

What is typed means an existing tag as everywhere: its number, its name, its path. A tag that is
made on the way is made in the same change, so that one undo takes back both.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from fapfav import tags
from fapfav.errors import UsageError
from fapfav.jobs.tagging import USER, TagReport
from fapfav.model import Digest, Tag
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.transaction import Transaction

MOST = 12
"""How many tags are offered at most."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A tag that is offered, with those above it, nearest first, and the pictures that carry it."""

    number: int
    name: str
    above: tuple[str, ...]
    path: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered for some letters; `new` is the name of a tag that could be made, or empty."""

    tags: tuple[Offered, ...]
    new: str = ""


def offer(archive: Archive, text: str, most: int = MOST) -> Offer:
    """The tags that a text may mean, the likeliest first; of no text those used most."""
    tree = dict(archive.tags.items())
    wanted = [tags.key_of(part.strip()) for part in text.strip().strip("/").split("/")]
    uses = archive.index("tagged", lookups.tags_of_row)
    ranked = (
        (rank, -len(uses[tag.number.to_bytes(8, "big")]), tags.key_of(tag.name), tag.number)
        for tag in tree.values()
        if (rank := _rank(tree, tag, wanted)) is not None
    )
    best = heapq.nsmallest(most, ranked)
    return Offer(tuple(_offered(archive, tree, number) for *_, number in best), _new(tree, text))


def _rank(tree: tags.Tags, tag: Tag, wanted: list[str]) -> int | None:
    """How well a tag fits, 0 best; None when it does not. Of a path, those above must fit too."""
    *above, last = wanted
    name = tags.key_of(tag.name)
    if not above and last == str(tag.number):
        return 0
    if last not in name:
        return None
    if above:
        lineage = [tags.key_of(each.name) for each in tags.lineage(tree, tag.number)[:-1]]
        if len(lineage) < len(above):
            return None
        nearest = lineage[len(lineage) - len(above) :]
        if not all(part in found for part, found in zip(above, nearest, strict=True)):
            return None
    if name == last:
        return 0
    if name.startswith(last):
        return 1
    return 2 if f" {last}" in name.replace("-", " ").replace("_", " ") else 3


def _offered(archive: Archive, tree: tags.Tags, number: int) -> Offered:
    *above, tag = tags.lineage(tree, number)
    rows = archive.index("tagged", lookups.tags_of_row)[number.to_bytes(8, "big")]
    blobs = archive.rows_of("blobs")
    carrying = {key[:32] for key in rows if isinstance(key, bytes)}
    return Offered(
        number=number,
        name=tag.name,
        above=tuple(each.name for each in reversed(above)),
        path="/".join(each.name for each in (*above, tag)),
        pictures=sum(1 for digest in carrying if digest in blobs),
    )


def _new(tree: tags.Tags, text: str) -> str:
    """The tag that a text could make: nothing when it means one already, or cannot be a name."""
    try:
        tags.find(tree, text)
    except UsageError:
        try:
            return tags.path_of(*_with(tree, text, 2**62))
        except UsageError:
            return ""
    return ""


def _with(tree: tags.Tags, text: str, number: int) -> tuple[dict[int, Tag], int]:
    """The tree with the new tag that a text names: `name`, or `parent/name` below an old one."""
    above, _, name = text.strip().strip("/").rpartition("/")
    parent = tags.find(tree, above).number if above else tags.ROOT
    tag = tags.add(tree, name, parent, number)
    return {**tree, number: tag}, number


def give(
    archive: Archive,
    text: str,
    digests: Iterable[Digest],
    *,
    create: bool = False,
    by: str = "cli",
) -> TagReport:
    """Gives pictures the tag that a text means, which with `create` is made if it is not there.

    Raises UsageError when there is no such tag, it cannot be made, or a picture is not here; then
    nothing is written.
    """
    with (
        archive.change("tag apply", by=by) as change,
        change.transaction(last=True) as tx,
    ):
        tree = dict(tx.tags.items())
        number, made = _meant(tx, tree, text, create=create)
        wanted = list(dict.fromkeys(digests))
        changed = sum(_tagged(tx, digest, number) for digest in wanted)
        path = tags.path_of(tree, number)
        change.what = f"{path}{', a new tag,' if made else ''} on {changed} pictures"
    return TagReport(change.number, number, path, changed, len(wanted) - changed)


def _meant(tx: Transaction, tree: dict[int, Tag], text: str, *, create: bool) -> tuple[int, bool]:
    """The number of the tag, and whether it was made for this."""
    try:
        return tags.find(tree, text).number, False
    except UsageError:
        if not create:
            raise
    grown, number = _with(tree, text, tx.next_tag())
    tx.put(grown[number])
    tree.update(grown)
    return number, True


def _tagged(tx: Transaction, digest: Digest, number: int) -> bool:
    """Tags one picture; says whether it was not."""
    if digest not in tx.blobs:
        raise UsageError(f"no picture {digest.hex()} is in this archive; nothing is tagged")
    before = tx.tagged.get((digest, USER))
    after = tags.apply(before, digest, (number,), tx.now)
    if after is before:
        return False
    tx.put(after)
    return True
