"""fapfav/jobs/tag_counts.py: the counts of the tag tree, quicker than by going through records."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.tag_counts import near_lines, tree_lines
from fapfav.model import Tagged
from tests.jobs.holding import Shelves, digest


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Six pictures under a tree of five tags, one of them given by a rule and rejected by hand."""
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "album", *((number, f"{number}.jpg") for number in range(1, 7)))
    made = shelves.archive
    for name, parent in (("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("e", None)):
        tagging.add(made, name, parent)
    tagging.apply(made, "a", [digest(1)])
    tagging.apply(made, "b", [digest(1), digest(2)])
    tagging.apply(made, "c", [digest(2), digest(3)])
    tagging.apply(made, "e", [digest(6)])
    with made.write("tag apply") as tx:
        tx.put(Tagged(digest(4), "rule", (4, 5)), Tagged(digest(5), "rule", (4,)))
        tx.put(Tagged(digest(5), "user", (), rejected=(4,)))
    remove_picture(made, digest(6).hex())
    return made


def test_the_tree_is_counted_as_the_listing_counts_it(archive: Archive) -> None:
    found = tree_lines(archive)

    assert found == tagging.listing(archive)
    assert [(line.path, line.images, line.images_below) for line in found.tags] == [
        ("a", 1, 4),
        ("a/b", 2, 3),
        ("a/b/c", 2, 2),
        ("a/d", 1, 1),
        ("e", 1, 1),
    ]
    assert found.images == 4


@pytest.mark.parametrize("number", range(1, 6))
def test_a_tag_and_those_below_it_are_counted_as_in_the_tree(archive: Archive, number: int) -> None:
    every = tree_lines(archive).tags

    line, below = near_lines(archive, number)

    assert line == next(one for one in every if one.number == number)
    assert below == tuple(one for one in every if one.parent == number)


def test_an_archive_without_tags_has_no_lines(tmp_path: Path) -> None:
    found = tree_lines(Shelves(tmp_path / "archive").archive)

    assert (found.tags, found.images, found.size) == ((), 0, 0)


def test_a_tag_that_is_not_there_is_refused(archive: Archive) -> None:
    with pytest.raises(UsageError, match="no tag number 9"):
        near_lines(archive, 9)
