"""Names from sites, made fit to be stored, shown and used as file names.

They are text somebody typed on a page: any script is kept, and nothing that moves, hides or
reorders what stands beside it. HTML is unescaped before it gets here.
"""

from __future__ import annotations

import unicodedata

from sanitize_filename import sanitize

LONGEST = 200
"""Characters a name has at most."""

LONGEST_BYTES = 240
"""Bytes of UTF-8 a name has at most; file systems take 255, a prefix has to fit beside it."""

_LONGEST_EXTENSION = 12
_LONGEST_RAW = 4000  # what is looked at of a name without end, half of it from either side
# Marks that turn the direction of what follows: a name's end could pass for something else.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean(text: str, fallback: str) -> str:
    """A file name that says what `text` says; `fallback` where it says nothing.

    Slashes of both kinds become hyphens. A name that is too long loses its middle, never its
    extension. Cleaning a clean name changes nothing.
    """
    plain = _plain(text).replace("/", "-").replace("\\", "-")
    name = _cut(_sanitized(_cut(plain)))
    return name if _is_seen(name) and name.strip("._ ") else fallback


def shown(text: str, fallback: str) -> str:
    """The name of an album or a user, on one line; `fallback` where nothing is to be seen."""
    name = _cut(" ".join(_plain(text).split()))
    return name if _is_seen(name) else fallback


def _plain(text: str) -> str:
    """The text without what cannot be seen, composed (NFC)."""
    if len(text) > _LONGEST_RAW:
        text = text[: _LONGEST_RAW // 2] + text[-_LONGEST_RAW // 2 :]
    spaced = "".join(" " if c in "\t\n\r" else c for c in text)
    kept = (c for c in spaced if c not in _TURNS and unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_seen(name: str) -> bool:
    """Whether there is more to it than blanks, joiners and the like."""
    return any(unicodedata.category(c)[0] not in "CZ" for c in name)


def _sanitized(plain: str) -> str:
    """Without what a file system should not see; what needs none of it stays as it is."""
    # Twice, because its own normalisation makes ASCII slashes of full-width ones; and it
    # decomposes what it returns, so that alone is no reason to take it.
    safe: str = sanitize(sanitize(plain))
    if safe == unicodedata.normalize("NFKD", plain):
        return plain
    return unicodedata.normalize("NFC", safe)


def _cut(name: str) -> str:
    """At most so many characters and bytes, with the extension."""
    if len(name) <= LONGEST and len(name.encode()) <= LONGEST_BYTES:
        return name.strip()
    stem, dot, extension = name.rpartition(".")
    if not stem or not extension.isalnum() or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    end = dot + extension
    stem = stem[: LONGEST - len(end)]
    room = LONGEST_BYTES - len(end.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore")
    return stem.rstrip(". ").strip() + end
