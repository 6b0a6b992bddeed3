"""What a file's own structure says of its frames, read without decoding any of them.

Pillow learns the length of an animation by decoding all of it; here one walk over block headers
does, in time linear in the file whatever it claims. A walk that runs past the end of the bytes
raises BadPicture: the file is truncated, though its first frame may decode.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from fapfav.errors import BadPicture

Durations = tuple[int, ...]
"""How long each frame is shown, in milliseconds."""

_MAX_PAGES: Final = 10_000  # of a TIFF; more are not counted


def gif_durations(data: bytes) -> Durations:
    """One a frame. A missing trailer is no fault: many encoders forget it and nothing is lost."""
    at = 13 + _colours(data[10:11])
    found: list[int] = []
    delay = 0
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            break
        if kind == 0x21:
            if data[at + 1 : at + 2] == b"\xf9" and len(data) >= at + 6:
                delay = 10 * int.from_bytes(data[at + 4 : at + 6], "little")
            at = _past_gif_blocks(data, at + 2)
        elif kind == 0x2C:
            # Nine bytes of place and flags, perhaps a colour table, one of code size, the blocks.
            at = _past_gif_blocks(data, at + 11 + _colours(data[at + 9 : at + 10]))
            found.append(delay)
            delay = 0
        else:
            at += 1  # as Pillow does: what is no block is passed over
    return tuple(found)


def png_durations(data: bytes) -> Durations:
    """One a frame of the animation, or none; a default picture outside it is not counted."""
    found: list[int] = []
    promised = 0
    for kind, start, end in _png_chunks(data):
        if kind == b"fcTL" and end - start >= 24:
            part, whole = struct.unpack_from(">HH", data, start + 20)
            found.append(round(1000 * part / (whole or 100)))
        elif kind == b"acTL":
            promised = int.from_bytes(data[start : start + 4], "big")
    if len(found) < promised:
        raise BadPicture(f"the PNG is damaged: {len(found)} of {promised} frames are there")
    return tuple(found)


def has_default_picture(data: bytes) -> bool:
    """Whether an animated PNG opens with a picture that is not part of the animation."""
    for kind, _, _ in _png_chunks(data):
        if kind in (b"fcTL", b"IDAT"):
            return kind == b"IDAT"
    return False


def webp_durations(data: bytes) -> Durations:
    """One a frame of the animation, or none."""
    found: list[int] = []
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise _truncated("WebP")
        if data[at : at + 4] == b"ANMF":
            found.append(int.from_bytes(data[at + 20 : at + 23], "little"))
        at += 8 + size + size % 2
    return tuple(found)


def avif_duration(data: bytes) -> int:
    """The playing time of the longest track in milliseconds, 0 for a still."""
    longest = 0
    for name, start, end in _boxes(data, 0, len(data)):
        if name != b"moov":
            continue
        for track, inner, stop in _boxes(data, start, end):
            if track == b"trak":
                longest = max(longest, _track_duration(data, inner, stop))
    return longest


def tiff_pages(data: bytes) -> int:
    """How many pictures a TIFF's chain of directories leads to, at least 1."""
    order = "<" if data[:1] == b"I" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    count_of, link_of, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
    at = struct.unpack_from(order + link_of, data, 8 if big else 4)[0]
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _MAX_PAGES:
        seen.add(at)
        try:
            entries = struct.unpack_from(order + count_of, data, at)[0]
            link = at + struct.calcsize("=" + count_of) + entry * entries
            at = struct.unpack_from(order + link_of, data, link)[0]
        except struct.error:
            break  # what the first page needs is Pillow's to judge
    return max(1, len(seen))


def _colours(flags: bytes) -> int:
    """Bytes of the colour table that a GIF's flags announce."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _past_gif_blocks(data: bytes, at: int) -> int:
    while at < len(data):
        size = data[at]
        at += 1 + size
        if not size:
            return at
    raise _truncated("GIF")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of every chunk's content, up to the one that ends the file."""
    at, kind = 8, b""
    while kind != b"IEND":
        start = at + 8
        end = start + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : start]
        at = end + 4  # past the checksum
        if at > len(data):
            raise _truncated("PNG")
        yield kind, start, end


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of every box's content between two places."""
    while at + 8 <= end:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise _truncated("AVIF")
        yield name, at + head, at + size
        at += size


def _track_duration(data: bytes, start: int, end: int) -> int:
    for media, inner, stop in _boxes(data, start, end):
        if media != b"mdia":
            continue
        for header, at, last in _boxes(data, inner, stop):
            long = data[at : at + 1] == b"\1"
            shape, skip = (">IQ", 20) if long else (">II", 12)
            if header == b"mdhd" and at + skip + struct.calcsize(shape) <= last:
                scale, ticks = struct.unpack_from(shape, data, at + skip)
                return round(1000 * ticks / scale) if scale else 0
    return 0


def _truncated(kind: str) -> BadPicture:
    return BadPicture(f"the {kind} is truncated: it ends inside a block")
