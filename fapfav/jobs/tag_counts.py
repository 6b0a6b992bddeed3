"""How many pictures carry tags, counted once and then kept: pages ask after every change."""

from __future__ import annotations

from fapfav import tags
from fapfav.jobs.following import Following
from fapfav.jobs.library import Archive
from fapfav.jobs.tag_tally import TagTally
from fapfav.jobs.tagging import TagLine, TagListing
from fapfav.model import Tag


def tree_lines(archive: Archive) -> TagListing:
    """The whole tree, depth first and siblings by name: as `tagging.listing` has it."""
    tree = dict(archive.tags.items())
    tally = archive.kept(Following).the(TagTally, TagTally)
    paths: dict[int, str] = {}
    lines = []
    for _, tag in tags.walk(tree):
        above = paths.get(tag.parent)
        paths[tag.number] = tag.name if above is None else f"{above}/{tag.name}"
        lines.append(_line(tally, paths[tag.number], tag))
    return TagListing(tuple(lines), tally.own.pictures[0], tally.own.bytes[0])


def near_lines(archive: Archive, number: int) -> tuple[TagLine, tuple[TagLine, ...]]:
    """A tag, and the tags directly below it by name. Raises UsageError when it is not there."""
    tree = dict(archive.tags.items())
    path = tags.path_of(tree, number)
    tally = archive.kept(Following).the(TagTally, TagTally)
    children = tags.children(tree, number)
    below = (_line(tally, f"{path}/{child.name}", child) for child in children)
    return _line(tally, path, tree[number]), tuple(below)


def _line(tally: TagTally, path: str, tag: Tag) -> TagLine:
    number, below = tag.number, tally.below
    return TagLine(
        number=number,
        name=tag.name,
        path=path,
        parent=tag.parent,
        depth=path.count("/"),
        images=tally.own.pictures[number],
        size=tally.own.bytes[number],
        images_below=below.pictures[number],
        size_below=below.bytes[number],
    )
