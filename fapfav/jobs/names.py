"""Names of exported files and folders: as original as every file system takes them.

What a site or a disk once called a picture is a stranger's text: it may lead elsewhere, be no name
at all, or promise another type than the picture has. Names stay composed Unicode; nothing is
transliterated, so that names in any script keep their looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from typing import TypeVar

from fapfav.tags import key_of

K = TypeVar("K")

LONGEST = 255
"""Bytes of the longest name that common file systems take."""

_SLASHES = str.maketrans({"/": "-", "\\": "-"})
_REFUSED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # by Windows, and so by many disks
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # invisible, but part of Persian words and of composed emoji

_SPELLINGS = {
    "jpg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png", "apng"),
    "gif": ("gif",),
    "bmp": ("bmp", "dib"),
    "tif": ("tif", "tiff"),
    "webp": ("webp",),
    "avif": ("avif",),
    "mpo": ("mpo", "jpg", "jpeg"),  # a camera's stereo pictures, which cameras call jpg
}
_IMAGE = frozenset(spelling for those in _SPELLINGS.values() for spelling in those)


def file_name(name: str, ext: str, fallback: str, prefix: str = "") -> str:
    """A picture's name with the extension of its true type, behind a prefix of ours.

    An extension of another picture type is replaced, any other text behind a dot is kept and the
    right one added. `fallback` is the name where nothing of the original can stay.
    """
    clean = _clean(name)
    stem, dot, given = clean.rpartition(".")
    if not dot or given.casefold() not in _IMAGE:
        stem, given = clean, ext
    elif given.casefold() not in _SPELLINGS[ext]:
        given = ext
    stem = stem.strip(". ") or fallback
    if not prefix and _RESERVED.fullmatch(stem.partition(".")[0].rstrip()):
        stem = f"_{stem}"
    room = LONGEST - len(f"{prefix}.{given}".encode())
    return f"{prefix}{_cut(stem, room)}.{given}"


def folder_name(name: str, fallback: str, suffix: str = "") -> str:
    """A folder's name; `fallback` where nothing of the original can stay."""
    clean = _clean(name) or fallback
    if _RESERVED.fullmatch(clean.partition(".")[0].rstrip()):
        clean = f"_{clean}"
    return _cut(clean, LONGEST - len(suffix.encode())) + suffix


def sibling_folders(
    named: Mapping[K, tuple[str, str]], reserved: Collection[str] = ()
) -> dict[K, str]:
    """Folders that stand side by side, each of a (name, mark): distinct in whatever case.

    Where names are alike, or reserved for others, all of them bear their marks, so that no folder
    passes from one to another when a third comes or goes.
    """
    plain = {key: folder_name(name, mark) for key, (name, mark) in named.items()}
    counts = Counter(key_of(name) for name in (*plain.values(), *reserved))
    return {
        key: plain[key]
        if counts[key_of(plain[key])] == 1
        else folder_name(name, mark, f" ({mark})")
        for key, (name, mark) in named.items()
    }


def _clean(name: str) -> str:
    """Without what no file system, or no reader of a listing, should meet."""
    composed = unicodedata.normalize("NFC", name).translate(_SLASHES).translate(_REFUSED)
    visible = "".join(c for c in composed if _is_visible(c))
    return visible.strip(". ")


def _is_visible(character: str) -> bool:
    # Characters that turn the direction of text make `gpj.exe` look like `exe.jpg`.
    category = unicodedata.category(character)
    return character in _JOINERS or category not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _cut(text: str, room: int) -> str:
    """At most `room` bytes of it, whole characters, without a dot or blank at the end."""
    return text.encode()[:room].decode(errors="ignore").rstrip(". ")
