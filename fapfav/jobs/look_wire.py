"""What a search and the processes that look for it say to each other, and how it is written.

A message is two lengths, a header in JSON and bytes. The search asks about a pair; the process
answers, or says first whose picture it needs, as often as it needs one:

    -> {"pair": [hex, hex]}
    <- {"need": hex}
    -> {"facts": [width, height, orientation, animated, duration]} and the bytes,
       or {"facts": null} when there is nothing more of that picture
    <- {"judged": [label, probability, reason, transform, version]}
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fapfav.duplicates.keepers import BLIND
from fapfav.errors import UsageError
from fapfav.jobs.looks import Facts, Material
from fapfav.jobs.two_looks import VERSION
from fapfav.model import Digest, Judged, Label, PairKey, digest_of, pair_of

_LENGTHS: Final = struct.Struct("<II")
_LARGEST_HEADER: Final = 1 << 14
LARGEST_BODY: Final = 1 << 30
"""Bytes of a picture's file; what has more is judged where it is."""

_LONGEST: Final = 1000  # characters of a reason
_MOST: Final = 32  # parts of a transform

Read = Callable[[int], bytes]
"""Gives so many bytes and no fewer. Raises Broken or EOFError."""


class Broken(Exception):
    """The other side is no more, or said something that makes no sense."""


class Message(NamedTuple):
    """What was said."""

    header: Mapping[str, Any]
    body: bytes


class Known(NamedTuple):
    """The facts of a picture that went over the wire."""

    width: int
    height: int
    orientation: int
    animated: bool
    duration: int


def packed(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """A message. Raises Broken for one that the other side would not take."""
    head = json.dumps(header).encode()
    if len(head) > _LARGEST_HEADER or len(body) > LARGEST_BODY:
        raise Broken("a message is too long")
    return _LENGTHS.pack(len(head), len(body)) + head + body


def taken(read: Read, largest: int = 0) -> Message:
    """The next message, with a body of at most so many bytes. Raises Broken."""
    head, body = _LENGTHS.unpack(read(_LENGTHS.size))
    if head > _LARGEST_HEADER or body > largest:
        raise Broken("a message is too long")
    try:
        header = json.loads(read(head))
    except (ValueError, RecursionError) as error:
        raise Broken("a message cannot be read") from error
    if not isinstance(header, dict):
        raise Broken("a message is of another kind")
    return Message(header, read(body))


def asking(pair: PairKey) -> bytes:
    """What the second of a pair is to the first?"""
    return packed({"pair": [one.hex() for one in pair]})


def asked(message: Message) -> PairKey:
    """The pair that is asked about. Raises Broken."""
    try:
        first, second = message.header["pair"]
        pair = pair_of(digest_of(first), digest_of(second))
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise Broken("no pair is asked about") from error
    return pair


def needing(one: Digest) -> bytes:
    """Something of a picture is needed, or something more."""
    return packed({"need": one.hex()})


def giving(material: Material | None) -> bytes:
    """Something of a picture, or that there is nothing more."""
    if material is None:
        return packed({"facts": None})
    facts = material.facts
    known = [facts.width, facts.height, facts.orientation, facts.animated, facts.duration]
    return packed({"facts": known}, material.data)


def given(message: Message) -> Material | None:
    """What was given. Raises Broken."""
    try:
        facts = message.header["facts"]
        known: Facts | None = None if facts is None else Known(*facts)
    except (KeyError, TypeError) as error:
        raise Broken("no picture is given") from error
    return None if known is None else Material(message.body, known)


def answering(judged: Judged) -> bytes:
    """What the second of the pair is to the first."""
    return packed({"judged": judged})


def answered(message: Message) -> Judged | None:
    """The answer, None where a picture is needed first. Raises Broken."""
    if "need" in message.header:
        return None
    try:
        label, probability, reason, transform, version = message.header["judged"]
        found = Judged(Label(label), probability, reason, transform, version)
    except (KeyError, TypeError, ValueError) as error:
        raise Broken("no answer") from error
    if not _is_sound(found):
        raise Broken("an answer that cannot be")
    return found


def _is_sound(judged: Judged) -> bool:
    """Whether it is of the kinds that `two_looks.judged` returns, by the same rules."""
    transform = judged.transform
    return (
        type(judged.probability) is float
        and 0 <= judged.probability <= 1
        and type(judged.reason) is str
        and len(judged.reason) <= _LONGEST
        and type(judged.version) is int
        and judged.version in (BLIND, VERSION)
        and type(transform) is dict
        and len(transform) <= _MOST
        and all(type(value) in (float, str) for value in transform.values())
    )
