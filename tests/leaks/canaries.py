"""What must not be found, and the search for it: every run of bytes, at every offset."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard
from PIL import Image

WINDOW = 16
_VARIED = 6  # different bytes in a window: with fewer it may be anything
_MAGIC = zstandard.MAGIC_NUMBER.to_bytes(4, "little")


def noise(seed: int, width: int = 120, height: int = 90, kind: str = "PNG") -> bytes:
    """A picture of random bytes: no two windows of it are alike."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


class Canaries:
    """Words, secrets, digests and pictures that are to be found nowhere."""

    def __init__(self, words: Iterable[str]) -> None:
        self._sought: dict[str, list[bytes]] = {}
        self._runs: dict[bytes, str] = {}
        self._heads = np.zeros(1 << 24, bool)  # the first three bytes of runs: most bytes are none
        self._seen: dict[bytes, frozenset[str]] = {}
        for word in words:
            self.hide(word, "name")

    def hide(self, word: str, kind: str) -> None:
        """A word that nobody may write down, in any of the ways that programs write words."""
        forms = (word, word.lower(), word.upper())
        self._add(kind, (form.encode(code) for form in forms for code in ("utf-8", "utf-16-le")))

    def hide_key(self, key: bytes, kind: str = "key") -> None:
        """Bytes that nobody may write down, in any of the ways that programs write bytes."""
        self._add(kind, written(key))

    def hide_picture(self, raw: bytes, *, step: int = 1) -> None:
        """A picture, with its digests; of a large one every `step`th window is enough."""
        self._hide_runs(raw, "picture", step)
        self._add("digest", written(hashlib.sha256(raw).digest()))
        self._add("md5", written(hashlib.md5(raw).digest()))

    def hide_thumbnail(self, raw: bytes) -> None:
        """A thumbnail."""
        self._hide_runs(raw, "thumbnail", 1)

    def _hide_runs(self, raw: bytes, kind: str, step: int) -> None:
        # What every picture of a type begins with is left out.
        runs = (raw[at : at + WINDOW] for at in range(700, len(raw) - WINDOW, step))
        varied = {run: kind for run in runs if len(set(run)) >= _VARIED}
        self._runs |= varied
        self._heads[heads_of(b"".join(varied))[::WINDOW]] = True
        self._seen.clear()

    def _add(self, kind: str, forms: Iterable[bytes]) -> None:
        self._sought.setdefault(kind, []).extend(forms)
        self._seen.clear()

    def found(self, raw: bytes) -> frozenset[str]:
        """The kinds of what these bytes hold, also where they are merely compressed."""
        mark = hashlib.blake2b(raw).digest()
        if mark not in self._seen:
            self._seen[mark] = frozenset(self._find(b"\n".join((raw, *unpacked(raw)))))
        return self._seen[mark]

    def _find(self, text: bytes) -> Iterator[str]:
        for kind, sought in self._sought.items():
            if any(each in text for each in sought):
                yield kind
        for at in np.flatnonzero(self._heads[heads_of(text)]).tolist():
            if (run := text[at : at + WINDOW]) in self._runs:
                yield self._runs[run]


def heads_of(raw: bytes) -> npt.NDArray[np.integer[Any]]:
    """The first three bytes at every offset, as one number."""
    found = np.frombuffer(raw, np.uint8).astype(np.uint32)
    return found[:-2] << 16 | found[1:-1] << 8 | found[2:]


def written(digest: bytes) -> Iterator[bytes]:
    """Bytes as programs write them. Half of them are enough to tell."""
    half = digest[: len(digest) // 2]
    text = base64.b64encode(digest)
    yield from (half, half[::-1], half.hex().encode(), half.hex().upper().encode())
    yield from (text[:20], base64.urlsafe_b64encode(digest)[:20], base64.b32encode(digest)[:24])
    yield repr(half)[2:-1].encode()


def unpacked(raw: bytes) -> Iterator[bytes]:
    """What is merely compressed in these bytes, and not encrypted."""
    at = raw.find(_MAGIC)
    while at >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(raw[at:])
        at = raw.find(_MAGIC, at + 1)
