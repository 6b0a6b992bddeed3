"""Recovery codes: 32 random bytes as a person writes them down and types them in again.

Crockford's base 32 has no letters that look like digits. Four characters of check tell a slip of
the pen from the wrong code, and are enough to put one slip right.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fapfav.errors import UsageError

CODE_SIZE = 32

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
_BODY, _CHECK, _GROUP = 52, 4, 4
_LENGTH = _BODY + _CHECK
_SPARE = _BODY * 5 - CODE_SIZE * 8  # bits of the last body character that say nothing: zero
_LABEL = b"fapfav/1/recovery"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed code may mean; `shown` is it as it should have been typed."""

    code: bytes = field(repr=False)
    shown: str = field(repr=False)
    corrected: bool


def new_code() -> bytes:
    """A recovery code nobody has."""
    return os.urandom(CODE_SIZE)


def show_code(code: bytes) -> str:
    """The code as 14 groups of four characters, the last of them the check."""
    number = int.from_bytes(code) << _SPARE
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_BODY)))
    text += _check(code)
    return "-".join(text[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def read_code(text: str) -> list[Reading]:
    """The codes this text may mean: the one it says, or else all that are one slip away.

    A slip is a wrong character or two neighbours swapped. Raises UsageError, which shows nothing
    of the text, when there is none.
    """
    plain = _plain(text)
    if len(plain) != _LENGTH:
        raise UsageError(
            f"a recovery code has {_LENGTH} characters, this has {len(plain)}; compare them"
        )
    if (code := _decode(plain)) is not None:
        return [Reading(code, show_code(code), corrected=False)]
    near = {code for slip in _slips(plain) if (code := _decode(slip)) is not None}
    if not near:
        raise UsageError("the recovery code has more than one wrong character; compare it again")
    return [Reading(code, show_code(code), corrected=True) for code in sorted(near)]


def difference(text: str, shown: str) -> str:
    """Where a typed code was read otherwise than it was typed: `group 3 as 7K3M`.

    No more of it than that: what is said may stay on a screen.
    """
    typed = _plain(text)
    return " and ".join(
        f"group {number} as {group}"
        for number, group in enumerate(shown.split("-"), 1)
        if typed[(number - 1) * _GROUP : number * _GROUP] != group
    )


def _plain(text: str) -> str:
    """A typed code without what does not count."""
    plain = re.sub(r"[\s\u2010-\u2015-]", "", text)
    return plain.upper().translate(_LOOKALIKES) if plain.isascii() else plain


def _check(code: bytes) -> str:
    number = int.from_bytes(hashlib.sha256(_LABEL + code).digest()[:3]) >> 4
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CHECK)))


def _decode(plain: str) -> bytes | None:
    """The code of 56 characters if all of them, the spare bits and the check are right."""
    number = 0
    for character in plain[:_BODY]:
        if (value := _VALUES.get(character)) is None:
            return None
        number = number << 5 | value
    if number & ((1 << _SPARE) - 1):
        return None
    code = (number >> _SPARE).to_bytes(CODE_SIZE)
    return code if plain[_BODY:] == _check(code) else None


def _slips(plain: str) -> Iterator[str]:
    """Every text that one slip could have turned into this one (some 1,800)."""
    for at in range(_LENGTH):
        for character in _ALPHABET:
            yield plain[:at] + character + plain[at + 1 :]
    for at in range(_LENGTH - 1):
        yield plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
