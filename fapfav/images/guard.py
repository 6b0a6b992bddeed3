"""The border to Pillow: whatever a hostile file makes it raise becomes one error with a reason.

Pillow's decoders raise some twenty kinds of exception on bad bytes, RecursionError and struct.error
among them, and say the rest as warnings. Owns how these are caught, hushed and put into words.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, UnidentifiedImageError

from fapfav.errors import BadPicture

MAX_PIXELS: Final = 89_478_485
"""The largest picture taken: 256 MB at three bytes a pixel, the bound Pillow itself warns at."""

_START: Final = 4096  # bytes looked at to tell what something is
_QUOTED: Final = 60  # characters of it that a reason shows

_WEB_PAGE: Final = re.compile(rb"<(!doctype\s+html|html|head|body|title)\b", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)

# Where a magic stands, what it is, what that is called. The first that fits is taken.
_TAKEN: Final = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG", "PNG"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (8, b"WEBP", "WebP"),
    (4, b"ftypavi", "AVIF"),
)
_REFUSED: Final = (
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftyp", "video"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (8, b"AVI ", "video"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cjP", "JPEG 2000"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "icon"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\3\4", "ZIP"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"<svg", "SVG"),
)


@contextmanager
def reading(data: bytes) -> Iterator[None]:
    """Whatever Pillow raises inside on these bytes leaves as BadPicture."""
    try:
        yield
    except BadPicture:
        raise
    # The narrowest type that holds: Pillow and the libraries below share no base but Exception.
    except Exception as error:
        raise BadPicture(reason_of(error, data)) from error


def reason_of(error: Exception, data: bytes) -> str:
    """Why these bytes gave no picture, in words."""
    if isinstance(error, UnidentifiedImageError):
        return what_it_is(data)
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"the picture is too large: more than {MAX_PIXELS:,} pixels"
    if isinstance(error, MemoryError):
        return "the picture takes more memory than there is"
    kind = _magic(data, _TAKEN) or "file"
    said = shown(str(error)) or type(error).__name__
    if "truncated" in said.lower():
        return f"the {kind} is truncated: it ends before the picture does"
    return f"the {kind} is damaged: {said}"


def what_it_is(data: bytes) -> str:
    """What bytes are that no decoder knows: nothing, a page, text, another type, a bad header."""
    start = data[:_START]
    if not data:
        return "the file is empty"
    if _WEB_PAGE.search(start[:1024]):
        title = _TITLE.search(start)
        named = shown(title[1].decode("utf-8", "replace")) if title else ""
        return "it is a web page, not a picture" + (f": {named!r}" if named else "")
    if kind := _magic(data, _TAKEN):
        return f"the {kind}'s header cannot be read: the file is truncated or damaged"
    if kind := _magic(start.lstrip(), _REFUSED):
        return f"it is a {kind} file; these are not kept"
    text = start.decode("utf-8", "replace")
    if _is_text(text):
        return f"it is text, not a picture: {shown(text)!r}"
    return "it is no picture of a known type"


def shown(text: str) -> str:
    """The beginning of a text from outside, on one line and free of control characters."""
    plain = "".join(c if c.isprintable() else " " for c in text[: 4 * _QUOTED])
    words = " ".join(plain.split())
    return words if len(words) <= _QUOTED else words[: _QUOTED - 1] + "…"


def _magic(data: bytes, known: tuple[tuple[int, bytes, str], ...]) -> str:
    for at, magic, name in known:
        if data.startswith(magic, at):
            return name
    return ""


def _is_text(text: str) -> bool:
    odd = sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in text)
    return odd * 20 < len(text)


class _Hush:
    """Keeps Pillow's warnings from the screen while any thread is inside.

    `warnings.catch_warnings` alone is not for threads: it saves and restores one list for all, and
    two that overlap leave it wrong. So the first one in saves, and the last one out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved: warnings.catch_warnings[None] | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._saved is None:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._saved is not None:
                self._saved.__exit__(None, None, None)
                self._saved = None


hushed: Final = _Hush()
"""`with hushed:` around everything that calls Pillow on bytes from outside."""
