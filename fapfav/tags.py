"""The tag tree, as pure functions over its records: what to put, never how it is stored.

A tag is known by its number, which comes from a counter of the archive and is never used again;
number 0 is the root, which is no tag. Names are unique over the whole tree whatever their case, so
that one name always means one tag. UsageError names what is refused and why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from fapfav import floor
from fapfav.errors import DamagedArchive, UsageError
from fapfav.model import Digest, Tag, Tagged

ROOT = 0
"""The parent of the topmost tags."""

LONGEST = 200
"""Characters of the longest name."""

_LONGEST_BYTES = 255  # of a directory's name on every file system we know: export makes one
_JOINERS = "\u200c\u200d"  # invisible, but part of Persian words and of composed emoji

Tags = Mapping[int, Tag]


@dataclass(frozen=True, slots=True)
class Merge:
    """What merging a tag into another takes: records to put, and the number that goes."""

    put: tuple[Tag, ...]
    gone: int
    into: int


def key_of(name: str) -> str:
    """What two names share that are the same but for case and composition."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", folded)


def children(tags: Tags, parent: int) -> list[Tag]:
    """The tags directly below one, by name."""
    return sorted((tag for tag in tags.values() if tag.parent == parent), key=_order)


def walk(tags: Tags, start: int = ROOT) -> Iterator[tuple[int, Tag]]:
    """Every tag below `start`, depth first and siblings by name, with its depth (0: the topmost).

    Tags whose parents are missing, or lie in a loop, are not reached: `verify` is what finds them.
    """
    below: dict[int, list[Tag]] = {}
    for tag in sorted(tags.values(), key=_order, reverse=True):
        below.setdefault(tag.parent, []).append(tag)
    waiting = [(0, tag) for tag in below.pop(start, [])]
    while waiting:
        depth, tag = waiting.pop()
        yield depth, tag
        # Taken out as it is gone through, so that a loop which holds `start` ends as well.
        waiting.extend((depth + 1, child) for child in below.pop(tag.number, []))


def lineage(tags: Tags, number: int) -> tuple[Tag, ...]:
    """A tag and those above it, the topmost first."""
    found = [known(tags, number)]
    while found[-1].parent != ROOT:
        above = tags.get(found[-1].parent)
        if above is None or len(found) > len(tags):
            raise DamagedArchive(
                f"tag {number} ({found[0].name!r}) does not hang on the tree: repair the archive"
            )
        found.append(above)
    return tuple(reversed(found))


def path_of(tags: Tags, number: int) -> str:
    """`A/B/C`, from the topmost tag down."""
    return "/".join(tag.name for tag in lineage(tags, number))


def lineage_text(tags: Tags, number: int) -> str:
    """`A/B/C (id)`, as tags are shown."""
    return f"{path_of(tags, number)} ({number})"


def descendants(tags: Tags, number: int) -> frozenset[int]:
    """The numbers of a tag and of all below it; of ROOT those of the whole tree, without itself."""
    itself = () if number == ROOT else (known(tags, number).number,)
    return frozenset(itself) | {tag.number for _, tag in walk(tags, number)}


def known(tags: Tags, number: int) -> Tag:
    """The tag of a number."""
    if (tag := tags.get(number)) is None:
        raise UsageError(f"there is no tag number {number}; list the tags to see which there are")
    return tag


def find(tags: Tags, text: str) -> Tag:
    """The tag a user means: by number, by name whatever the case, or by path `A/B/C`."""
    wanted = text.strip().strip("/")
    if wanted.isdecimal() and len(wanted) < 20:  # longer ones no counter reaches, and int refuses
        return known(tags, int(wanted))
    parts = [key_of(part.strip()) for part in wanted.split("/")]
    tag = _named(tags, parts[-1])
    if tag is None:
        raise UsageError(f"there is no tag {text!r}; list the tags to see which there are")
    if len(parts) > 1 and [key_of(above.name) for above in lineage(tags, tag.number)] != parts:
        raise UsageError(f"there is no tag {text!r}; did you mean {lineage_text(tags, tag.number)}")
    return tag


def problems(tags: Tags) -> list[str]:
    """What a tree has against its rules, in words; what the verbs here make has nothing."""
    reached = {tag.number for _, tag in walk(tags)}
    lost = [tag for tag in tags.values() if tag.number not in reached]
    found = [f"tag {tag.number} ({tag.name!r}) would hang on nothing" for tag in lost]
    first: dict[str, Tag] = {}
    for tag in tags.values():
        other = first.setdefault(key_of(tag.name), tag)
        if other is not tag:
            found.append(f"tags {other.number} and {tag.number} would both be {tag.name!r}")
    return found


def clean_name(name: str) -> str:
    """A name as it is kept: composed, without blanks at its ends.

    UsageError for what cannot be a name everywhere one is used: in a path, on a command line, in
    one line of a page, as a directory of an export.
    """
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean:
        raise UsageError("a tag's name cannot be blank")
    if "/" in clean or "\\" in clean:
        raise UsageError(f"{clean!r} cannot be a tag's name: slashes are kept for paths of tags")
    if not all(_is_visible(c) for c in clean):
        raise UsageError(f"{clean!r} cannot be a tag's name: it has characters nobody can see")
    if clean in {".", ".."}:
        raise UsageError(f"{clean!r} cannot be a tag's name: to a file system it is a directory")
    if clean.isdecimal():
        raise UsageError(
            f"{clean!r} cannot be a tag's name: it would be taken for a tag's number; add a word"
        )
    if len(clean) > LONGEST or len(clean.encode()) > _LONGEST_BYTES:
        raise UsageError(
            f"{clean[:20] + '…'!r} is too long for a tag: at most {LONGEST} characters "
            f"and {_LONGEST_BYTES} bytes"
        )
    floor.refuse(clean)
    return clean


def add(tags: Tags, name: str, parent: int, number: int) -> Tag:
    """A new tag below another or ROOT; `number` is the next of the archive's counter."""
    if number <= ROOT or number in tags:
        raise UsageError(f"{number} cannot be a new tag's number: it is taken or not positive")
    if parent != ROOT:
        known(tags, parent)
    return Tag(number, _free_name(tags, name, number), parent)


def rename(tags: Tags, number: int, name: str) -> Tag:
    """A tag under another name, which may be its own in other letters."""
    return replace(known(tags, number), name=_free_name(tags, name, number))


def move(tags: Tags, number: int, parent: int) -> Tag:
    """A tag, and with it all below, under another parent or ROOT."""
    tag = known(tags, number)
    if parent != ROOT:
        known(tags, parent)
        if parent in descendants(tags, number):
            raise UsageError(
                f"{lineage_text(tags, number)} cannot move to {lineage_text(tags, parent)}: "
                "that is the tag itself or below it"
            )
    return replace(tag, parent=parent)


def merge(tags: Tags, source: int, into: int) -> Merge:
    """Two tags as one: the children of `source` move to `into`, and `source` goes.

    If `into` lies below `source` it takes its place first, so that nothing loses its way to the
    root. What carried `source` is the caller's to change, by `renumbered`.
    """
    old, kept = known(tags, source), known(tags, into)
    if source == into:
        raise UsageError(f"{lineage_text(tags, source)} cannot be merged into itself")
    put = [replace(tag, parent=into) for tag in children(tags, source) if tag.number != into]
    if into in descendants(tags, source):
        put.append(replace(kept, parent=old.parent))
    return Merge(tuple(put), source, into)


def remove(tags: Tags, number: int) -> Tag:
    """The tag to delete, which must have none below it."""
    tag = known(tags, number)
    if below := children(tags, number):
        names = ", ".join(repr(child.name) for child in below[:3])
        more = f" and {len(below) - 3} more" if len(below) > 3 else ""
        raise UsageError(
            f"{lineage_text(tags, number)} has tags below it: {names}{more}; "
            "move, merge or remove them first"
        )
    return tag


def apply(tagged: Tagged | None, digest: Digest, numbers: Collection[int], at: int) -> Tagged:
    """A picture's tags with these besides; what was rejected before no longer is.

    The very record given when nothing changes, so that the caller can tell.
    """
    before = tagged or Tagged(digest, "user", ())
    added = set(numbers) - set(before.tags)
    if tagged and not added and not set(numbers) & set(before.rejected):
        return tagged
    # A tag the user gives is certain; a record without confidence has none to keep in step.
    certain = dict(_confidences(before)) | dict.fromkeys(added, 1.0)
    rejected = tuple(n for n in before.rejected if n not in set(numbers))
    return _with_tags(replace(before, rejected=rejected, at=at), certain)


def clear(tagged: Tagged, numbers: Collection[int], at: int) -> Tagged:
    """A picture's tags less these; the very record given when it carries none of them."""
    left = {n: c for n, c in _confidences(tagged) if n not in set(numbers)}
    return tagged if len(left) == len(tagged.tags) else _with_tags(replace(tagged, at=at), left)


def without(tagged: Tagged, number: int, at: int) -> Tagged:
    """A picture's record once a tag was removed: neither given nor rejected."""
    if number in tagged.rejected:
        rejected = tuple(n for n in tagged.rejected if n != number)
        tagged = replace(tagged, rejected=rejected, at=at)
    return clear(tagged, (number,), at)


def renumbered(tagged: Tagged, source: int, into: int, at: int) -> Tagged:
    """A picture's record once `source` was merged into `into`, the higher confidence kept."""
    if source not in tagged.tags and source not in tagged.rejected:
        return tagged
    certain: dict[int, float] = {}
    for number, confidence in _confidences(tagged):
        target = into if number == source else number
        certain[target] = max(confidence, certain.get(target, 0.0))
    # Given wins over rejected: merging is no reason to take a tag away.
    rejected = {into if n == source else n for n in tagged.rejected} - certain.keys()
    return _with_tags(replace(tagged, rejected=tuple(sorted(rejected)), at=at), certain)


def _with_tags(tagged: Tagged, certain: Mapping[int, float]) -> Tagged:
    numbers = tuple(sorted(certain))
    kept = None if tagged.confidence is None else tuple(certain[n] for n in numbers)
    return replace(tagged, tags=numbers, confidence=kept)


def _confidences(tagged: Tagged) -> Iterator[tuple[int, float]]:
    return zip(tagged.tags, tagged.confidence or (1.0,) * len(tagged.tags), strict=True)


def _named(tags: Tags, key: str) -> Tag | None:
    return next((tag for tag in tags.values() if key_of(tag.name) == key), None)


def _free_name(tags: Tags, name: str, number: int) -> str:
    clean = clean_name(name)
    taken = _named(tags, key_of(clean))
    if taken is not None and taken.number != number:
        raise UsageError(
            f"the name {clean!r} is taken by {lineage_text(tags, taken.number)}: "
            "a name is used once in the whole tree"
        )
    return clean


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return character in _JOINERS or category not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _order(tag: Tag) -> tuple[str, int]:
    return key_of(tag.name), tag.number
