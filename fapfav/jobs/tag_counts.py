"""How many pictures carry tags, from the index and rows as they lie in memory.

The same numbers as `tagging.listing` in a part of its time, and for one tag and those directly
below it without counting the rest of the tree: pages ask after every change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fapfav import tags
from fapfav.jobs.tagging import USER, TagLine, TagListing
from fapfav.model import Tag
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.tables import TABLES, Key

_TAGGED = TABLES["tagged"]
_REJECTED = [column.name for column in _TAGGED.columns].index("rejected")
_SIZE = [column.name for column in TABLES["blobs"].columns].index("size")


def tree_lines(archive: Archive) -> TagListing:
    """The whole tree, depth first and siblings by name."""
    tree = dict(archive.tags.items())
    own = {number: _carrying(archive, number) for number in tree}
    below = {tag.number: set(own[tag.number]) for _, tag in tags.walk(tree)}
    for number in reversed(below):  # those below a tag come after it in the walk
        if (above := below.get(tree[number].parent)) is not None:
            above |= below[number]
    paths = {number: tags.path_of(tree, number) for number in below}
    lines = tuple(
        _line(archive, paths[tag.number], tag, own[tag.number], below[tag.number])
        for _, tag in tags.walk(tree)
    )
    everything = set[Key]().union(*own.values())
    return TagListing(lines, len(everything), _bytes(archive, everything))


def near_lines(archive: Archive, number: int) -> tuple[TagLine, tuple[TagLine, ...]]:
    """A tag, and the tags directly below it by name. Raises UsageError when it is not there."""
    tree = dict(archive.tags.items())
    path = tags.path_of(tree, number)
    children = tags.children(tree, number)
    under = [_with_below(archive, tree, child.number) for child in children]
    own = _carrying(archive, number)
    line = _line(archive, path, tree[number], own, own.union(*under))
    lines = (
        _line(archive, f"{path}/{child.name}", child, _carrying(archive, child.number), below)
        for child, below in zip(children, under, strict=True)
    )
    return line, tuple(lines)


def _line(archive: Archive, path: str, tag: Tag, own: set[Key], below: set[Key]) -> TagLine:
    return TagLine(
        number=tag.number,
        name=tag.name,
        path=path,
        parent=tag.parent,
        depth=path.count("/"),
        images=len(own),
        size=_bytes(archive, own),
        images_below=len(below),
        size_below=_bytes(archive, below),
    )


def _with_below(archive: Archive, tree: Mapping[int, Tag], number: int) -> set[Key]:
    found: set[Key] = set()
    for each in tags.descendants(tree, number):
        found |= _carrying(archive, each)
    return found


def _carrying(archive: Archive, number: int) -> set[Key]:
    """The pictures that carry the very tag, less those whose user rejected it."""
    blobs, rows = archive.rows_of("blobs"), archive.rows_of("tagged")
    found: set[Key] = set()
    for key in archive.index("tagged", lookups.tags_of_row)[number.to_bytes(8, "big")]:
        digest, by = _TAGGED.unpack_key(key)
        if digest not in blobs:
            continue
        said = rows[key] if by == USER else rows.get(_TAGGED.pack_key((digest, USER)))
        if said is None or number not in said[_REJECTED]:
            found.add(digest)
    return found


def _bytes(archive: Archive, digests: Iterable[Key]) -> int:
    blobs = archive.rows_of("blobs")
    return sum(blobs[digest][_SIZE] for digest in digests)
