import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fapfav import tags as tree
from fapfav.errors import DamagedArchive, UsageError
from fapfav.model import Digest, Tag, Tagged

PICTURE = Digest(b"p" * 32)

#   1 Places      4 Animals
#     2 sea         5 cat
#       3 Beach
#     6 Alps
TREE = {
    tag.number: tag
    for tag in (
        Tag(1, "Places"),
        Tag(2, "sea", 1),
        Tag(3, "Beach", 2),
        Tag(4, "Animals"),
        Tag(5, "cat", 4),
        Tag(6, "Alps", 1),
    )
}


def merged(tags: tree.Tags, change: tree.Merge) -> dict[int, Tag]:
    left = {**tags, **{tag.number: tag for tag in change.put}}
    del left[change.gone]
    return left


def test_children_come_by_name_whatever_the_case() -> None:
    assert [tag.name for tag in tree.children(TREE, tree.ROOT)] == ["Animals", "Places"]
    assert [tag.name for tag in tree.children(TREE, 1)] == ["Alps", "sea"]
    assert tree.children(TREE, 3) == []


def test_walking_goes_depth_first() -> None:
    assert [(depth, tag.name) for depth, tag in tree.walk(TREE)] == [
        (0, "Animals"),
        (1, "cat"),
        (0, "Places"),
        (1, "Alps"),
        (1, "sea"),
        (2, "Beach"),
    ]
    assert [tag.number for _, tag in tree.walk(TREE, 2)] == [3]


def test_a_tag_is_shown_with_its_lineage() -> None:
    assert tree.path_of(TREE, 3) == "Places/sea/Beach"
    assert tree.lineage_text(TREE, 3) == "Places/sea/Beach (3)"
    assert [tag.number for tag in tree.lineage(TREE, 3)] == [1, 2, 3]


def test_descendants_hold_the_tag_itself() -> None:
    assert tree.descendants(TREE, 1) == {1, 2, 3, 6}
    assert tree.descendants(TREE, 5) == {5}
    assert tree.descendants(TREE, tree.ROOT) == set(TREE)


@pytest.mark.parametrize(
    "text",
    ["3", " 3 ", "beach", "BEACH", "Places/sea/Beach", "places/SEA/beach", "/Places/sea/Beach/"],
)
def test_a_tag_is_found_by_number_name_and_path(text: str) -> None:
    assert tree.find(TREE, text) == TREE[3]


@pytest.mark.parametrize("text", ["7", "0", "", "/", "Mountains", "Beach/sea", "9" * 5000])
def test_what_is_no_tag_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="there is no tag"):
        tree.find(TREE, text)


def test_a_path_that_is_nearly_right_says_the_right_one() -> None:
    with pytest.raises(UsageError, match=r"did you mean Places/sea/Beach \(3\)"):
        tree.find(TREE, "sea/Beach")


def test_names_are_composed_and_stripped() -> None:
    assert tree.clean_name("  Cafe\u0301 ") == "Café"
    assert tree.clean_name("family \U0001f468\u200d\U0001f469\u200d\U0001f467").endswith(
        "\U0001f467"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "blank"),
        (" \t ", "blank"),
        ("a/b", "slashes"),
        ("a\\b", "slashes"),
        ("a\nb", "nobody can see"),
        ("a\x1fb", "nobody can see"),
        ("a\u202eb", "nobody can see"),
        ("a\u200bb", "nobody can see"),
        ("a\udcffb", "nobody can see"),
        (".", "directory"),
        ("..", "directory"),
        ("2019", "tag's number"),
        ("x" * 201, "too long"),
        ("写" * 86, "too long"),
        ("young", "never keeps"),
        ("my lolis", "never keeps"),
    ],
)
def test_names_that_cannot_be_are_refused(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        tree.clean_name(name)


@pytest.mark.parametrize(
    "name", ["x" * 200, "写" * 85, "year 2019", ".hidden", "a...", "young forest"]
)
def test_names_that_can_just_be_are_kept(name: str) -> None:
    assert tree.clean_name(name) == name


def test_adding_gives_the_new_tag() -> None:
    assert tree.add(TREE, " Dog ", 4, 7) == Tag(7, "Dog", 4)
    assert tree.add({}, "Dog", tree.ROOT, 1) == Tag(1, "Dog")


@pytest.mark.parametrize(
    ("name", "parent", "number", "words"),
    [
        ("BEACH", 4, 7, r"taken by Places/sea/Beach \(3\)"),
        ("Dog", 9, 7, "no tag number 9"),
        ("Dog", 4, 3, "3 cannot be a new tag's number"),
        ("Dog", 4, 0, "0 cannot be a new tag's number"),
        ("Dog/Cat", 4, 7, "slashes"),
    ],
)
def test_adding_what_cannot_be_is_refused(name: str, parent: int, number: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        tree.add(TREE, name, parent, number)


@pytest.mark.parametrize(("old", "new"), [("Straße", "STRASSE"), ("Café", "CAFE\u0301")])
def test_names_alike_but_for_case_and_composition_are_one(old: str, new: str) -> None:
    with pytest.raises(UsageError, match="is taken by"):
        tree.add({1: Tag(1, old)}, new, tree.ROOT, 2)


def test_renaming_keeps_all_but_the_name() -> None:
    tag = Tag(1, "Places", 0, "artist", ("spots",), (4,))

    assert tree.rename({1: tag}, 1, "PLACES") == Tag(1, "PLACES", 0, "artist", ("spots",), (4,))
    with pytest.raises(UsageError, match=r"taken by Animals/cat \(5\)"):
        tree.rename(TREE, 1, "Cat")
    with pytest.raises(UsageError, match="no tag number 9"):
        tree.rename(TREE, 9, "Dog")


def test_moving_takes_what_is_below_along() -> None:
    moved = {**TREE, 2: tree.move(TREE, 2, 4)}

    assert tree.path_of(moved, 3) == "Animals/sea/Beach"
    assert tree.move(TREE, 3, tree.ROOT) == Tag(3, "Beach")


@pytest.mark.parametrize(("number", "parent"), [(1, 1), (1, 2), (1, 3)])
def test_a_tag_cannot_move_below_itself(number: int, parent: int) -> None:
    with pytest.raises(UsageError, match=r"Places \(1\) cannot move to Places"):
        tree.move(TREE, number, parent)


def test_moving_to_what_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no tag number 9"):
        tree.move(TREE, 1, 9)


def test_merging_moves_the_children() -> None:
    left = merged(TREE, tree.merge(TREE, 1, 4))

    assert {tag.name for tag in tree.children(left, 4)} == {"cat", "sea", "Alps"}
    assert 1 not in left


@pytest.mark.parametrize(("into", "path"), [(2, "sea"), (3, "Beach")])
def test_a_tag_merged_into_one_below_is_replaced_by_it(into: int, path: str) -> None:
    left = merged(TREE, tree.merge(TREE, 1, into))

    assert tree.path_of(left, into) == path
    assert tree.descendants(left, tree.ROOT) == set(left)


def test_merging_a_tag_with_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="into itself"):
        tree.merge(TREE, 3, 3)


def test_only_a_tag_without_children_is_removed() -> None:
    assert tree.remove(TREE, 3) == TREE[3]
    with pytest.raises(UsageError, match=r"Places \(1\) has tags below it: 'Alps', 'sea'; move"):
        tree.remove(TREE, 1)
    many = {n: Tag(n, f"t{n}", 1 if n > 1 else 0) for n in range(1, 7)}
    with pytest.raises(UsageError, match="'t2', 't3', 't4' and 2 more"):
        tree.remove(many, 1)


@pytest.mark.parametrize("parents", [{1: 2, 2: 1}, {1: 1}, {1: 9}], ids=["loop", "self", "lost"])
def test_a_tree_that_is_none_is_damage_and_no_endless_walk(parents: dict[int, int]) -> None:
    broken = {n: Tag(n, f"t{n}", parent) for n, parent in parents.items()}

    assert list(tree.walk(broken)) == []
    assert len(list(tree.walk(broken, 1))) <= len(broken)
    with pytest.raises(DamagedArchive, match="tag 1"):
        tree.path_of(broken, 1)


def test_walking_is_no_recursion() -> None:
    deep = {n: Tag(n, f"t{n}", n - 1) for n in range(1, 5000)}

    assert sum(1 for _ in tree.walk(deep)) == 4999
    assert len(tree.lineage(deep, 4999)) == 4999


def test_tags_are_applied_once_and_in_order() -> None:
    first = tree.apply(None, PICTURE, (5, 3), 10)
    assert first == Tagged(PICTURE, "user", (3, 5), at=10)

    assert tree.apply(first, PICTURE, (4, 5), 20) == Tagged(PICTURE, "user", (3, 4, 5), at=20)
    assert tree.apply(first, PICTURE, (3,), 20) is first


def test_applying_a_rejected_tag_takes_the_rejection_back() -> None:
    before = Tagged(PICTURE, "user", (3,), rejected=(4, 5), at=1)

    assert tree.apply(before, PICTURE, (4,), 2) == Tagged(
        PICTURE, "user", (3, 4), rejected=(5,), at=2
    )


def test_clearing_takes_tags_off() -> None:
    before = Tagged(PICTURE, "user", (3, 4, 5), rejected=(6,), at=1)

    assert tree.clear(before, (3, 5, 9), 2) == Tagged(PICTURE, "user", (4,), rejected=(6,), at=2)
    assert tree.clear(before, (9,), 2) is before


def test_a_removed_tag_is_neither_given_nor_rejected() -> None:
    before = Tagged(PICTURE, "user", (3, 4), rejected=(5,), at=1)

    assert tree.without(before, 5, 2) == Tagged(PICTURE, "user", (3, 4), at=2)
    assert tree.without(before, 3, 2) == Tagged(PICTURE, "user", (4,), rejected=(5,), at=2)
    assert tree.without(before, 9, 2) is before


def test_a_merged_tag_is_replaced() -> None:
    before = Tagged(PICTURE, "user", (3, 4), rejected=(5,), at=1)

    assert tree.renumbered(before, 3, 4, 2) == Tagged(PICTURE, "user", (4,), rejected=(5,), at=2)
    assert tree.renumbered(before, 4, 1, 2).tags == (1, 3)
    assert tree.renumbered(before, 5, 6, 2).rejected == (6,)
    assert tree.renumbered(before, 5, 4, 2) == Tagged(PICTURE, "user", (3, 4), at=2)
    assert tree.renumbered(before, 9, 4, 2) is before


def test_confidences_stay_beside_their_tags() -> None:
    model = Tagged(PICTURE, "model:1", (3, 4, 6), confidence=(0.3, 0.4, 0.6))

    assert tree.apply(model, PICTURE, (5,), 1).confidence == (0.3, 0.4, 1.0, 0.6)
    assert tree.clear(model, (4,), 1).confidence == (0.3, 0.6)
    assert tree.renumbered(model, 6, 3, 1) == Tagged(
        PICTURE, "model:1", (3, 4), confidence=(0.6, 0.4), at=1
    )


@given(st.text(max_size=220))
@settings(deadline=None)
def test_a_clean_name_is_clean(name: str) -> None:
    try:
        clean = tree.clean_name(name)
    except UsageError:
        return
    assert tree.clean_name(clean) == clean
    assert clean == unicodedata.normalize("NFC", clean).strip()
    assert tree.find({1: Tag(1, clean)}, clean).number == 1


class Gardening(RuleBasedStateMachine):
    """Anything done to a tree in any order leaves a tree."""

    names = st.sampled_from(
        ["Sea", "sea", "SEA", "Alps", "cat", "Café", "cafe\u0301", "dog", "a", "b"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[int, Tag] = {}
        self.next = 1

    def pick(self, choice: int, root: bool = False) -> int:
        numbers = [tree.ROOT] * root + sorted(self.tags)
        return numbers[choice % len(numbers)]

    def attempt(self, change: Callable[[], Tag]) -> None:
        try:
            tag = change()
        except UsageError:
            return
        self.tags[tag.number] = tag

    @rule(name=names, parent=st.integers(0, 20))
    def add(self, name: str, parent: int) -> None:
        self.attempt(lambda: tree.add(self.tags, name, self.pick(parent, root=True), self.next))
        self.next += 1

    @precondition(lambda self: self.tags)
    @rule(number=st.integers(0, 20), name=names)
    def rename(self, number: int, name: str) -> None:
        self.attempt(lambda: tree.rename(self.tags, self.pick(number), name))

    @precondition(lambda self: self.tags)
    @rule(number=st.integers(0, 20), parent=st.integers(0, 20))
    def move(self, number: int, parent: int) -> None:
        self.attempt(lambda: tree.move(self.tags, self.pick(number), self.pick(parent, root=True)))

    @precondition(lambda self: len(self.tags) > 1)
    @rule(source=st.integers(0, 20), into=st.integers(0, 20))
    def merge(self, source: int, into: int) -> None:
        one, other = self.pick(source), self.pick(into)
        if one != other:
            self.tags = merged(self.tags, tree.merge(self.tags, one, other))

    @precondition(lambda self: self.tags)
    @rule(number=st.integers(0, 20))
    def remove(self, number: int) -> None:
        picked = self.pick(number)
        if not tree.children(self.tags, picked):
            del self.tags[tree.remove(self.tags, picked).number]

    @invariant()
    def every_tag_hangs_on_the_root_once(self) -> None:
        reached = [tag.number for _, tag in tree.walk(self.tags)]
        assert sorted(reached) == sorted(self.tags)
        assert all(tree.lineage(self.tags, number) for number in self.tags)

    @invariant()
    def names_are_unique(self) -> None:
        assert len({tree.key_of(tag.name) for tag in self.tags.values()}) == len(self.tags)

    @invariant()
    def every_tag_is_found_by_what_it_is_shown_as(self) -> None:
        for number, tag in self.tags.items():
            for text in (str(number), tag.name, tree.path_of(self.tags, number)):
                assert tree.find(self.tags, text) == tag


Gardening.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestGardening = Gardening.TestCase
