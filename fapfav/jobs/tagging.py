"""The tag tree and what pictures carry, as verbs: each one change that `undo` takes back.

Rules are the pure functions of `tags`; here they meet the rows. A tag is meant by number, by name
whatever the case, or by path `A/B/C`. What is refused raises UsageError and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fapfav import browse, tags
from fapfav.errors import UsageError
from fapfav.jobs.base import Report
from fapfav.model import Digest, Tag, Tagged
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.change import Change
from fapfav.store.tables import TABLES
from fapfav.store.transaction import Transaction

USER = "user"
"""Who tags by these verbs."""


@dataclass(frozen=True, slots=True)
class TagReport(Report):
    """What became of a tag: its number and its path `A/B/C` now, or last if it is gone.

    `pictures` counts those that were changed, `already` those that were as asked.
    """

    change: int
    number: int
    path: str
    pictures: int = 0
    already: int = 0


@dataclass(frozen=True, slots=True)
class TagLine:
    """One tag of the tree: what carries itself, and what carries it or one below it.

    Sizes are bytes; `depth` is 0 for the topmost.
    """

    number: int
    name: str
    path: str
    parent: int
    depth: int
    images: int
    size: int
    images_below: int
    size_below: int


@dataclass(frozen=True, slots=True)
class TagListing(Report):
    """The tree, depth first and siblings by name; `images` carry any tag at all."""

    tags: tuple[TagLine, ...]
    images: int
    size: int


def add(archive: Archive, name: str, parent: str | None = None, *, by: str = "cli") -> TagReport:
    """Makes a tag, at the top or below another."""
    with _change(archive, "tag add", by) as (change, tx):
        tree = dict(tx.tags.items())
        above = tags.ROOT if parent is None else tags.find(tree, parent).number
        tag = tags.add(tree, name, above, tx.next_tag())
        tx.put(tag)
        path = change.what = tags.path_of(tree | {tag.number: tag}, tag.number)
    return TagReport(change.number, tag.number, path)


def rename(archive: Archive, tag: str, name: str, *, by: str = "cli") -> TagReport:
    """Gives a tag another name."""
    return _edit(archive, "tag rename", by, tag, lambda tree, old: tags.rename(tree, old, name))


def move(archive: Archive, tag: str, parent: str | None, *, by: str = "cli") -> TagReport:
    """Hangs a tag, with all below it, under another one or at the top."""

    def moved(tree: tags.Tags, number: int) -> Tag:
        above = tags.ROOT if parent is None else tags.find(tree, parent).number
        return tags.move(tree, number, above)

    return _edit(archive, "tag move", by, tag, moved)


def _edit(
    archive: Archive, verb: str, by: str, text: str, edited: Callable[[tags.Tags, int], Tag]
) -> TagReport:
    with _change(archive, verb, by) as (change, tx):
        tree = dict(tx.tags.items())
        number = tags.find(tree, text).number
        new = edited(tree, number)
        tx.put(new)
        path = tags.path_of(tree | {number: new}, number)
        change.what = f"{tags.path_of(tree, number)} to {path}"
    return TagReport(change.number, number, path)


def merge(archive: Archive, tag: str, into: str, *, by: str = "cli") -> TagReport:
    """Makes two tags one: pictures and the tags below go over, and the first tag is gone."""
    with _change(archive, "tag merge", by) as (change, tx):
        tree = dict(tx.tags.items())
        merged = tags.merge(tree, tags.find(tree, tag).number, tags.find(tree, into).number)
        tx.put(*merged.put)
        tx.delete("tags", merged.gone)
        pictures = _rewrite(tx, lambda row: tags.renumbered(row, merged.gone, merged.into, tx.now))
        path = tags.path_of(dict(tx.tags.items()), merged.into)
        change.what = f"{tags.path_of(tree, merged.gone)} into {path}, on {pictures} pictures"
    return TagReport(change.number, merged.into, path, pictures)


def remove(archive: Archive, tag: str, *, by: str = "cli") -> TagReport:
    """Deletes a tag that has none below it, and takes it off every picture."""
    with _change(archive, "tag remove", by) as (change, tx):
        tree = dict(tx.tags.items())
        gone = tags.remove(tree, tags.find(tree, tag).number)
        tx.delete("tags", gone.number)
        pictures = _rewrite(tx, lambda row: tags.without(row, gone.number, tx.now))
        path = tags.path_of(tree, gone.number)
        change.what = f"{path}, off {pictures} pictures"
    return TagReport(change.number, gone.number, path, pictures)


def apply(archive: Archive, tag: str, digests: Iterable[Digest], *, by: str = "cli") -> TagReport:
    """Gives pictures a tag. Raises UsageError when one of them is not here."""
    with _change(archive, "tag apply", by) as (change, tx):
        tree = dict(tx.tags.items())
        number = tags.find(tree, tag).number
        wanted = list(dict.fromkeys(digests))
        changed = 0
        for digest in wanted:
            if digest not in tx.blobs:
                raise UsageError(f"no picture {digest.hex()} is in this archive; nothing is tagged")
            before = tx.tagged.get((digest, USER))
            after = tags.apply(before, digest, (number,), tx.now)
            if after is not before:
                tx.put(after)
                changed += 1
        path = tags.path_of(tree, number)
        change.what = f"{path} on {changed} pictures"
    return TagReport(change.number, number, path, changed, len(wanted) - changed)


def clear(
    archive: Archive,
    tag: str,
    digests: Iterable[Digest] | None,
    *,
    below: bool = False,
    by: str = "cli",
) -> TagReport:
    """Takes a tag, and with `below` those below it, off pictures; None is off all of them."""
    with _change(archive, "tag clear", by) as (change, tx):
        tree = dict(tx.tags.items())
        number = tags.find(tree, tag).number
        numbers = tags.descendants(tree, number) if below else frozenset((number,))
        wanted = _carrying(archive, numbers) if digests is None else list(dict.fromkeys(digests))
        changed = 0
        for digest in wanted:
            before = tx.tagged.get((digest, USER))
            if before is not None:
                changed += _replace(tx, before, tags.clear(before, numbers, tx.now))
        path = tags.path_of(tree, number)
        change.what = f"{path} off {changed} pictures"
    return TagReport(change.number, number, path, changed, len(wanted) - changed)


def listing(archive: Archive) -> TagListing:
    """The tag tree with counts and bytes."""
    archive.refresh()
    tree = dict(archive.tags.items())
    blobs = archive.blobs
    itself = carriers(archive)
    with_below = _gathered(tree, itself)
    everything = set[Digest]().union(*itself.values())
    sizes = {digest: blobs[digest].size for digest in everything}

    def bytes_of(digests: Iterable[Digest]) -> int:
        return sum(sizes[digest] for digest in digests)

    paths: dict[int, str] = {}
    lines = []
    for depth, tag in tags.walk(tree):
        above = paths.get(tag.parent)
        paths[tag.number] = tag.name if above is None else f"{above}/{tag.name}"
        own, all_below = itself.get(tag.number, set()), with_below[tag.number]
        lines.append(
            TagLine(
                number=tag.number,
                name=tag.name,
                path=paths[tag.number],
                parent=tag.parent,
                depth=depth,
                images=len(own),
                size=bytes_of(own),
                images_below=len(all_below),
                size_below=bytes_of(all_below),
            )
        )
    return TagListing(tuple(lines), len(everything), bytes_of(everything))


def carriers(archive: Archive) -> dict[int, set[Digest]]:
    """By tag number, the pictures that carry the very tag, whoever gave it."""
    blobs = archive.rows_of("blobs")
    records: dict[Digest, list[Tagged]] = {}
    for record in archive.tagged.records():
        if record.digest in blobs:
            records.setdefault(record.digest, []).append(record)
    found: dict[int, set[Digest]] = {}
    for digest, those in records.items():
        for number in browse.tags_of(those):
            found.setdefault(number, set()).add(digest)
    return found


def _gathered(tree: tags.Tags, itself: dict[int, set[Digest]]) -> dict[int, set[Digest]]:
    """By tag number, the pictures that carry the tag or one below it."""
    found = {tag.number: set(itself.get(tag.number, ())) for _, tag in tags.walk(tree)}
    for number in reversed(found):  # those below a tag come after it in the walk
        above = found.get(tree[number].parent)
        if above is not None:
            above |= found[number]
    return found


@contextmanager
def _change(archive: Archive, verb: str, by: str) -> Iterator[tuple[Change, Transaction]]:
    """A change of one transaction, with the change itself at hand to say what it did."""
    with archive.change(verb, by=by) as change, change.transaction(last=True) as tx:
        yield change, tx


def _rewrite(tx: Transaction, rewritten: Callable[[Tagged], Tagged]) -> int:
    """Puts every picture's rows as they become; returns how many pictures were changed."""
    changed = {row.digest for row in list(tx.tagged.records()) if _replace(tx, row, rewritten(row))}
    return len(changed)


def _replace(tx: Transaction, before: Tagged, after: Tagged) -> bool:
    """Puts a row, or deletes one that says nothing any more; says whether it changed."""
    if after is before:
        return False
    if after.tags or after.rejected:
        tx.put(after)
    else:
        tx.delete("tagged", (before.digest, before.by))
    return True


def _carrying(archive: Archive, numbers: Iterable[int]) -> list[Digest]:
    """The pictures the user gave one of the tags; within a transaction, before it puts any."""
    index = archive.index("tagged", lookups.tags_of_row)
    table = TABLES["tagged"]
    keys = {key for number in numbers for key in index[number.to_bytes(8, "big")]}
    return [Digest(digest) for digest, by in map(table.unpack_key, sorted(keys)) if by == USER]
