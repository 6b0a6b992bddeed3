"""The plain records every part speaks of, and nothing that acts.

A record carries its key, is frozen, and knows neither disk nor screen. Digests are 32 raw bytes in
memory (hex on screens and in JSON only), ids of sources are `str`, times are whole seconds UTC and
0 means never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fapfav.words import EXTENSIONS as EXTENSIONS
from fapfav.words import HASHES as HASHES
from fapfav.words import AlbumKey as AlbumKey
from fapfav.words import Choice as Choice
from fapfav.words import Digest as Digest
from fapfav.words import Judged as Judged
from fapfav.words import Label as Label
from fapfav.words import Method as Method
from fapfav.words import PairKey as PairKey
from fapfav.words import PlaceKey as PlaceKey
from fapfav.words import PlaceState as PlaceState
from fapfav.words import UserKey as UserKey
from fapfav.words import Verdict as Verdict
from fapfav.words import digest_of as digest_of
from fapfav.words import pair_of as pair_of
from fapfav.work import Job as Job
from fapfav.work import Progress as Progress


@dataclass(frozen=True, slots=True)
class Config:
    """One setting that belongs to the archive."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class User:
    """A source's account, with the times its albums were listed, finished and audited."""

    source: str
    user: str
    name: str
    date_albums: int = 0
    date_finished: int = 0
    date_audit: int = 0
    priority: int = 0
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Album:
    """One favourites folder, or one local directory that holds pictures.

    `date_listed` is when a listing last reached its end, `date_blobs` when nothing was missing.
    """

    source: str
    user: str
    album: str
    name: str
    kind: str = "pictures"
    pages: int = 0
    cursor: str = ""
    date_listed: int = 0
    date_blobs: int = 0
    priority: int = 0
    protected: bool = False


class Failure(NamedTuple):
    """Why a place has no picture: last time, tries so far, reason in words, address if any."""

    time: int
    tries: int
    reason: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """One place a picture was seen at.

    `holds` is the blob the archive keeps for it, `served` the one the source gave; `stamp` is the
    source's cheap token of what it gave (for a local file: size and time), which tells without
    reading it that a file is unchanged; `raw` the bytes of a file name that is no text.
    """

    source: str
    user: str
    album: str
    image: str
    position: int
    name: str
    state: PlaceState
    holds: Digest | None = None
    served: Digest | None = None
    served_size: int = 0
    verdict: Verdict = Verdict.NEW
    added: int = 0
    posted: int = 0
    stamp: str = ""
    raw: bytes = b""
    failure: Failure | None = None

    @property
    def key(self) -> PlaceKey:
        """The place itself."""
        return PlaceKey(self.source, self.user, self.album, self.image)


class Sighting(NamedTuple):
    """What a check found: when, level (0 there, 1 page, 2 address, 3 file gone), address."""

    time: int
    level: int
    url: str


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a place is still there: when that was last looked at, and each time it changed.

    A picture that was always there has no history; the last entry tells how it is now.
    """

    source: str
    user: str
    album: str
    image: str
    checked: int
    history: tuple[Sighting, ...] = ()

    @property
    def key(self) -> PlaceKey:
        """The place that was looked at."""
        return PlaceKey(self.source, self.user, self.album, self.image)

    @property
    def level(self) -> int:
        """How gone it is: 0 not, 1 its page, 2 its file's address, 3 its file."""
        return self.history[-1].level if self.history else 0


@dataclass(frozen=True, slots=True)
class Blob:
    """The facts of one picture: bytes as stored, pixels as the file says, times in seconds.

    `duration` is of a whole animation in milliseconds, `orientation` EXIF's 1 to 8, `quality` the
    JPEG quality estimated from its tables (0: not a JPEG), `thumb_size` 0 when it has none.
    """

    digest: Digest
    size: int
    ext: str
    width: int
    height: int
    animated: bool
    frames: int
    duration: int
    orientation: int
    quality: int
    md5: bytes
    thumb_size: int
    thumb_ext: str
    added: int
    date: int


@dataclass(frozen=True, slots=True)
class Space:
    """What makes prints comparable: only rows of one space are ever compared.

    `kind` is `bits` (the four hashes, 32 bytes a row) or `vector` (int8 and a float32 scale).
    """

    name: str
    kind: str
    width: int
    dtype: str
    model: str
    preparation: str
    pillow: str
    version: int


@dataclass(frozen=True, slots=True)
class Print:
    """One row of a space: for `bits` four big-endian 64-bit hashes in the order of HASHES."""

    space: str
    digest: Digest
    value: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """Two blobs that one or more methods found alike: differing bits, or cosine for the CNN.

    Without scores it passes no limit of its owner's, and was only worth a closer look.
    """

    first: Digest
    second: Digest
    scores: Mapping[str, float]
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """A picture that was not yet compared with the others; with `at` 0 not with all of them."""

    digest: Digest
    at: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user said of a pair; outlives both blobs."""

    first: Digest
    second: Digest
    label: Label
    at: int
    change: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user said of a blob within its duplicates."""

    digest: Digest
    choice: Choice
    at: int
    change: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A node of the tag tree; parent 0 is the root, numbers are never reused."""

    number: int
    name: str
    parent: int = 0
    category: str = "user"
    aliases: tuple[str, ...] = ()
    implies: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tags one party gave a blob: `by` is `user`, or later a site, model or rule."""

    digest: Digest
    by: str
    tags: tuple[int, ...]
    rejected: tuple[int, ...] = ()
    confidence: tuple[float, ...] | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One entry of the log. `state` is open, done, undone or final; `undoes` a number or 0."""

    number: int
    verb: str
    by: str
    page: str
    what: str
    started: int
    ended: int
    state: str
    undoes: int


@dataclass(frozen=True, slots=True)
class Undo:
    """What one transaction of a change replaced, as the store packs it."""

    change: int
    part: int
    ops: bytes


@dataclass(frozen=True, slots=True)
class Trashed:
    """A picture in the trash, with what its files' names and sizes follow from."""

    digest: Digest
    at: int
    change: int
    size: int
    ext: str
    thumb_size: int
    thumb_ext: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A picture the user destroyed: by digest or image it is kept out for good."""

    digest: Digest
    at: int
    change: int
    why: str
    images: tuple[tuple[str, str], ...]
    hashes: bytes
    successor: Digest | None


@dataclass(frozen=True, slots=True)
class Group:
    """Blobs judged alike: members sorted, the pairs among them, and what is shown for each."""

    members: tuple[Digest, ...]
    sources: Mapping[Method, Mapping[PairKey, float]]
    verdicts: Mapping[Digest, Verdict]
    needs_action: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest Hamming distance per hash and smallest cosine; -1 switches a method off."""

    percept: int
    average: int
    diff: int
    wavelet: int
    cnn: float

    def of(self, method: Method) -> float:
        """The limit of one method."""
        return float(getattr(self, method.value))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The four hashes as unsigned 64-bit ints and the L2-normalised embedding, float32 (width,)."""

    percept: int
    average: int
    diff: int
    wavelet: int
    cnn: Any | None = None


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture a source offers; `stamp` as in Place, `address` what the source fetches it by."""

    place: PlaceKey
    name: str
    stamp: str = ""
    address: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far an album was walked; committed together with the places before it."""

    album: AlbumKey
    value: str
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a source gave for an image; `place` may be narrower than what was asked for."""

    data: bytes
    name: str
    place: PlaceKey
    stamp: str = ""
    posted: int = 0
    tags: tuple[str, ...] = ()
    rating: str = ""
