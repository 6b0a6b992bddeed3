"""What a browser's profile on the disk still tells of an archive: words, digests, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fapfav.jobs.library import Archive

CHUNK = 32
"""Of 64 consecutive bytes of a picture, 32 stand where one of its chunks begins."""

_VARIED = 12  # different bytes in a chunk: fewer may be anything
_HEAD = 8


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is not to be found: words in any writing, digests, and pieces of pictures."""

    words: tuple[str, ...]
    """As people and addresses write them."""
    short: dict[bytes, str]
    needles: dict[bytes, dict[bytes, str]]
    """What each is a part of, by their first bytes."""

    @classmethod
    def of(cls, archive: Archive, words: Iterable[str]) -> Secrets:
        """Those of an archive, and words that only it knows."""
        named = [*words, *(digest.hex() for digest in archive.blobs)]
        found = {form: word for word in named for form in _written(word)}
        for digest in archive.blobs:
            found[bytes(digest)] = digest.hex()
            for raw in (archive.blob_bytes(digest), archive.thumbnail(digest) or b""):
                found |= dict.fromkeys(_chunks(raw), "a picture")
        needles: dict[bytes, dict[bytes, str]] = {}
        for form, what in found.items():
            needles.setdefault(form[:_HEAD], {})[form] = what
        short = {form: what for form, what in found.items() if len(form) < _HEAD}
        long = {head: each for head, each in sorted(needles.items()) if len(head) == _HEAD}
        return cls(tuple(named), short, long)

    def in_text(self, text: str) -> list[str]:
        """The words and digests that a text has."""
        return [word for word in self.words if word.lower() in text.lower()]

    def in_bytes(self, raw: bytes) -> set[str]:
        """What of all this some bytes have."""
        found = {what for form, what in self.short.items() if form in raw}
        heads = np.frombuffer(b"".join(self.needles), ">u8").astype("u8")  # they are sorted
        for start in range(_HEAD):
            whole = raw[start : len(raw) - (len(raw) - start) % _HEAD]
            words = np.frombuffer(whole, ">u8").astype("u8")
            nearest = heads[np.searchsorted(heads, words).clip(max=len(heads) - 1)]
            for at in np.flatnonzero(nearest == words):
                place = start + int(at) * _HEAD
                known = self.needles[raw[place : place + _HEAD]]
                found |= {what for form, what in known.items() if raw.startswith(form, place)}
        return found


def _written(word: str) -> tuple[bytes, ...]:
    """As files and addresses of browsers write it."""
    forms = {word, word.lower(), word.upper(), word.replace(" ", "%20"), word.replace(" ", "+")}
    return tuple(form.encode(code) for form in forms for code in ("utf-8", "utf-16-le"))


def _chunks(raw: bytes) -> Iterator[bytes]:
    for at in range(0, len(raw) - CHUNK, CHUNK):
        chunk = raw[at : at + CHUNK]
        if len(set(chunk)) >= _VARIED:
            yield chunk


def left_in(profile: Path, secrets: Secrets) -> list[str]:
    """What a profile has of an archive, as `file: what`."""
    return [
        f"{path.relative_to(profile)}: {what}"
        for path in sorted(profile.rglob("*"))
        if path.is_file()
        for what in secrets.in_bytes(path.read_bytes())
    ]
