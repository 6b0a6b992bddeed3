"""Rows that contradict each other, each with what puts it right: thinking only, nothing is written.

Whatever is known of a picture is kept where it can be: what names an album that is lost gets the
album again, and a picture that is at no place gets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fapfav import tags, text
from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    Config,
    Digest,
    Failure,
    Place,
    PlaceState,
    Space,
    Tag,
    Tagged,
    User,
    UserKey,
)
from fapfav.store import lookups
from fapfav.store.rows import Op
from fapfav.store.tables import SEPARATOR, TABLES, Key, Row

Tables = Mapping[str, Mapping[Key, Row]]

FOUND = AlbumKey("local", "1", "recovered")
"""The album of pictures of which it is not known where they were seen."""

_FOUND_NAME = "recovered by repair"
_LOCAL = User("local", "1", "LOCAL DISK")
LOST = "its picture was lost from the archive"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What is wrong, how it is corrected, both in words; and what that writes.

    `lost` is the picture that a place names and the archive does not know.
    """

    wrong: str
    corrected: str
    ops: tuple[Op, ...]
    lost: Digest | None = None


def contradictions(tables: Tables, now: int) -> list[Contradiction]:
    """All there are; each is looked for in the tables as those before it leave them."""
    return _Look(tables, now).everything()


def _column(table: str, name: str) -> int:
    return [column.name for column in TABLES[table].columns].index(name)


_STATE, _HOLDS = _column("places", "state"), _column("places", "holds")
_SERVED = _column("places", "served")
_TAGS, _REJECTED = _column("tagged", "tags"), _column("tagged", "rejected")
_PER_PICTURE = (
    ("fresh", "a note that it was not compared", lambda key: (key,)),
    ("choices", "a choice", lambda key: (key,)),
    ("tagged", "tags", lambda key: (key[:32],)),
    ("prints", "a fingerprint", lambda key: (key[:32],)),
    ("pairs", "evidence", lambda key: (key[:32], key[32:])),
)
"""Tables whose rows are about pictures, what they are called, and which pictures a key names."""


class _Look:
    """Goes through the tables once, and notes what is wrong."""

    def __init__(self, tables: Tables, now: int) -> None:
        self._tables = tables
        self._now = now
        self._found: list[Contradiction] = []
        self._users: set[Key] = set(tables["users"])
        self._albums: set[Key] = set(tables["albums"])
        self._homes: set[Key] = set()  # pictures that a place holds, or was served

    def everything(self) -> list[Contradiction]:
        """In an order in which one correction does not make another wrong."""
        self._twice()
        self._places()
        self._homeless()
        self._parents()
        self._about_nothing()
        self._checks()
        self._tags()
        self._counters()
        self._settings()
        return self._found

    def _note(self, wrong: str, corrected: str, *ops: Op, lost: Digest | None = None) -> None:
        self._found.append(Contradiction(wrong, corrected, ops, lost))

    def _twice(self) -> None:
        """Pictures that are in the archive and in the trash, or destroyed."""
        for name, words in (("trash", "in the trash"), ("removed", "destroyed")):
            for key in self._tables[name].keys() & self._tables["blobs"].keys():
                wrong = f"picture {_short(key)} is in the archive and noted as {words}"
                self._note(wrong, "it is in the archive only", (name, key, None))
        both = self._tables["trash"].keys() & self._tables["removed"].keys()
        for key in both - self._tables["blobs"].keys():
            wrong = f"picture {_short(key)} is in the trash and noted as destroyed"
            self._note(wrong, "it is in the trash only", ("removed", key, None))

    def _places(self) -> None:
        blobs, trash = self._tables["blobs"], self._tables["trash"]
        failed: list[Key] = []
        images: dict[Key, Key] = {}
        for key, row in self._tables["places"].items():
            held, state = row[_HOLDS], row[_STATE]
            if held in blobs and state is PlaceState.STORED:
                self._homes.add(held)
                if row[_SERVED] is not None:  # a duplicate that shows another one in its place
                    self._homes.add(row[_SERVED])
                images.setdefault(_image(key), key)
            elif state is PlaceState.FAILED and held is None:
                failed.append(key)
            elif held is not None or state is PlaceState.STORED:
                self._wrong_place(key, row, in_trash=held in trash)
        for key in failed:
            twin = images.get(_image(key))
            if twin is not None:
                self._found_after_all(key, twin)

    def _wrong_place(self, key: Key, row: Row, *, in_trash: bool) -> None:
        place: Place = TABLES["places"].record_of(key, row)
        words, held = f"{_named(place)} holds", place.holds
        if held is not None and place.state is not PlaceState.STORED:
            wrong = f"{words} picture {_short(held)} and is {place.state}"
            here = replace(place, state=PlaceState.STORED, failure=None)
            if held in self._tables["blobs"]:
                self._homes.add(held)
                self._note(wrong, "it is stored", _put(here))
            else:
                self._note(wrong, "it holds nothing", _put(replace(place, holds=None)))
        elif in_trash:
            gone = replace(place, state=PlaceState.REMOVED, holds=None)
            assert held is not None
            wrong = f"{words} picture {_short(held)}, which is in the trash"
            self._note(wrong, "it holds nothing and is removed", _put(gone))
        else:
            what = "no picture" if held is None else f"picture {_short(held)}, which is not there"
            failure = Failure(self._now, 1, LOST, None)
            # Without its stamp a file counts as new when its folder is read again.
            lost = replace(
                place, state=PlaceState.FAILED, holds=None, stamp="", failure=failure
            )  # fmt: skip
            self._note(f"{words} {what}", "it counts as failed", _put(lost), lost=held)

    def _found_after_all(self, key: Key, twin: Key) -> None:
        table = TABLES["places"]
        failed: Place = table.record_of(key, self._tables["places"][key])
        stored: Place = table.record_of(twin, self._tables["places"][twin])
        wrong = f"{_named(failed)} counts as failed, and the same image is stored elsewhere"
        better = replace(
            failed,
            state=PlaceState.STORED,
            holds=stored.holds,
            served=stored.served,
            served_size=stored.served_size,
            failure=None,
        )
        self._note(wrong, "it holds that picture", _put(better))

    def _homeless(self) -> None:
        """Pictures that are at no place get one, so that they are seen."""
        here = sum(_above(key) == (SEPARATOR.join(FOUND),) for key in self._tables["places"])
        lost = sorted(self._tables["blobs"].keys() - self._homes)
        for position, key in enumerate(lost, here):
            blob: Blob = TABLES["blobs"].record_of(key, self._tables["blobs"][key])
            name = f"{blob.digest.hex()}.{blob.ext}"
            place = Place(
                *FOUND,
                image=blob.digest.hex()[:32],
                position=position,
                name=name,
                state=PlaceState.STORED,
                holds=blob.digest,
                served=blob.digest,
                served_size=blob.size,
                added=self._now,
            )
            wrong = f"picture {_short(key)} is at no place"
            self._note(wrong, f"it is in the album {_FOUND_NAME!r}", _put(place), *self._home())

    def _home(self) -> Iterator[Op]:
        """The album of such pictures, where it is missing."""
        album = Album(*FOUND, _FOUND_NAME, kind="directory")
        if SEPARATOR.join(FOUND) not in self._albums:
            self._albums.add(SEPARATOR.join(FOUND))
            yield _put(album)
        if SEPARATOR.join(FOUND[:2]) not in self._users:
            self._users.add(SEPARATOR.join(FOUND[:2]))
            yield _put(_LOCAL)

    def _parents(self) -> None:
        """Albums of places, and users of albums: what is named and not there comes back bare."""
        for key in sorted({k for p in self._tables["places"] for k in _above(p)} - self._albums):
            names = AlbumKey(*str(key).split(SEPARATOR))
            kind = "directory" if names.source == _LOCAL.source else "favourites"
            wrong = f"album {text.shown(names.album)!r} of {names.source} is lost; it has pictures"
            album = Album(*names, name=names.album, kind=kind)
            self._albums.add(key)
            self._note(wrong, "it is there again, with its number for a name", _put(album))
        for key in sorted({k for a in self._albums for k in _above(a)} - self._users):
            owner = UserKey(*str(key).split(SEPARATOR))
            wrong = f"user {text.shown(owner.user)!r} of {owner.source} is lost and has albums"
            user = _LOCAL if owner == ("local", "1") else User(*owner, name=owner.user)
            self._note(wrong, "the user is there again, with the number for a name", _put(user))

    def _about_nothing(self) -> None:
        """What is said of pictures that are neither here nor in the trash."""
        known = self._tables["blobs"].keys() | self._tables["trash"].keys()
        for name, words, of in _PER_PICTURE:
            for key in self._tables[name]:
                unknown = [digest for digest in of(key) if digest not in known]
                if unknown:
                    wrong = f"there is {words} of picture {_short(unknown[0])}, which is not there"
                    self._note(wrong, "it is gone", (name, key, None))

    def _checks(self) -> None:
        for key in self._tables["checks"].keys() - self._tables["places"].keys():
            words = text.shown(str(key).replace(SEPARATOR, "/"))
            wrong = f"there is a check of {words}, which is no place"
            self._note(wrong, "it is gone", ("checks", key, None))

    def _tags(self) -> None:
        table = TABLES["tags"]
        tree: dict[int, Tag] = {
            table.unpack_key(key)[0]: table.record_of(key, row)
            for key, row in self._tables["tags"].items()
        }
        for tag in list(self._wrong_tags(tree)):
            name = f"tag {tag.number} ({text.shown(tree[tag.number].name)!r})"
            tree[tag.number] = tag
            wrong = f"{name} hangs on nothing, implies what is not there, or has another's name"
            corrected = f"it is {text.shown(tags.path_of(tree, tag.number))!r}"
            self._note(wrong, corrected, _put(tag))
        for key, row in self._tables["tagged"].items():
            if any(number not in tree for number in (*row[_TAGS], *row[_REJECTED])):
                self._unknown_tags(TABLES["tagged"].record_of(key, row), key, tree)

    def _wrong_tags(self, tree: Mapping[int, Tag]) -> Iterator[Tag]:
        taken: set[str] = set()
        hung = _hung(tree)
        for number, tag in sorted(tree.items()):
            implies = tuple(other for other in tag.implies if other in tree)
            name = tag.name
            while tags.key_of(name) in taken:
                name += f" ({number})"
            taken.add(tags.key_of(name))
            better = replace(hung[number], implies=implies, name=name)
            if better != tag:
                yield better

    def _unknown_tags(self, tagged: Tagged, key: Key, tree: Mapping[int, Tag]) -> None:
        sure = tagged.confidence
        if sure is not None and len(sure) == len(tagged.tags):
            kept = zip(tagged.tags, sure, strict=True)
            sure = tuple(each for number, each in kept if number in tree)
        numbers = tuple(number for number in tagged.tags if number in tree)
        rejected = tuple(number for number in tagged.rejected if number in tree)
        better = replace(tagged, tags=numbers, rejected=rejected, confidence=sure)
        wrong = f"picture {_short(tagged.digest)} has tags that are not there"
        op = _put(better) if numbers or rejected else ("tagged", key, None)
        self._note(wrong, "they are off it", op)

    def _counters(self) -> None:
        """Numbers are never given twice."""
        given = {name: _numbers(self._tables[name]) for name in ("changes", "tags")}
        for counter, name in (("next_change", "changes"), ("next_tag", "tags")):
            row = self._tables["configs"].get(counter)
            used = max(given[name], default=0)
            if used and (row is None or type(row[0]) is not int or row[0] <= used):
                wrong = f"the counter {counter} would give a number again"
                self._note(wrong, f"it goes on at {used + 1}", _put(Config(counter, used + 1)))

    def _settings(self) -> None:
        """What the prints that there are were made with."""
        spaces: list[Space] = [
            TABLES["spaces"].record_of(key, row) for key, row in self._tables["spaces"].items()
        ]
        for setting, values in (
            ("preparation", {space.preparation for space in spaces if space.kind == "bits"}),
            ("vector_space", {space.name for space in spaces if space.kind == "vector"}),
        ):
            if setting not in self._tables["configs"] and len(values) == 1:
                (value,) = values
                wrong = f"the setting {setting} is lost"
                self._note(
                    wrong, f"it is {text.shown(value)!r} again", _put(Config(setting, value))
                )


def _hung(tree: Mapping[int, Tag]) -> dict[int, Tag]:
    """The tags with as few as possible hung on the root so that all hang on something."""
    hung = dict(tree)
    while lost := hung.keys() - {tag.number for _, tag in tags.walk(hung)}:
        orphans = {number for number in lost if hung[number].parent not in hung}
        for number in orphans or {min(lost)}:
            hung[number] = replace(hung[number], parent=tags.ROOT)
    return hung


def _put(record: Any) -> Op:
    table = _TABLE_OF[type(record)]
    key, row = table.row_of(record)
    return table.name, key, row


_TABLE_OF = {table.record: table for table in TABLES.values()}


def _above(key: Key) -> Iterable[Key]:
    return (str(key).rpartition(SEPARATOR)[0],)


def _image(place: Key) -> Key:
    (image,) = lookups.image_of_place(place, ())
    return image


def _numbers(keys: Iterable[Key]) -> list[int]:
    return [int.from_bytes(key, "big") for key in keys if isinstance(key, bytes)]


def _short(key: Key) -> str:
    assert isinstance(key, bytes)
    return key.hex()[: text.SHORT]


def _named(place: Place) -> str:
    name = text.shown(place.name or place.image)
    return f"the place of {name!r} in album {text.shown(place.album)!r} of {place.source}"
