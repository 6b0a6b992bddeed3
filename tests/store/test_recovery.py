"""fapfav/store/recovery.py: codes survive paper, pens and people."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.store.recovery import new_code, read_code, show_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = bytes(range(7, 39))
SHOWN = show_code(CODE)
CODES = st.binary(min_size=32, max_size=32)


def crockford(raw: bytes) -> str:
    """Base 32 of the standard library in Crockford's letters."""
    standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return base64.b32encode(raw).decode().rstrip("=").translate(str.maketrans(standard, ALPHABET))


@settings(deadline=None)
@given(CODES)
def test_a_code_is_shown_in_base_32_with_a_check(code: bytes) -> None:
    check = hashlib.sha256(b"fapfav/1/recovery" + code).digest()

    assert show_code(code).replace("-", "") == crockford(code) + crockford(check)[:4]


def test_a_code_is_fourteen_groups_of_four_without_letters_like_digits() -> None:
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){13}", SHOWN)


def test_new_codes_are_random() -> None:
    assert len({new_code() for _ in range(20)}) == 20
    assert len(new_code()) == 32


@settings(deadline=None)
@given(CODES)
def test_reading_undoes_showing(code: bytes) -> None:
    (reading,) = read_code(show_code(code))

    assert (reading.code, reading.shown, reading.corrected) == (code, show_code(code), False)


@pytest.mark.parametrize(
    "typed",
    [
        SHOWN.lower(),
        SHOWN.replace("-", ""),
        SHOWN.replace("-", " "),
        f"\n {SHOWN.replace('-', ' - ')}\t",
        SHOWN.replace("-", "\u2011"),
        SHOWN.replace("0", "o").replace("1", "l"),
        SHOWN.replace("0", "O").replace("1", "I"),
    ],
    ids=["lower", "bare", "spaces", "loose", "unbroken", "look-alikes", "capitals"],
)
def test_case_spaces_hyphens_and_look_alikes_do_not_matter(typed: str) -> None:
    (reading,) = read_code(typed)

    assert reading.code == CODE
    assert not reading.corrected


@settings(max_examples=30, deadline=None)
@given(CODES, st.integers(0, 55), st.sampled_from(ALPHABET + "U?"))
def test_one_wrong_character_is_put_right(code: bytes, at: int, wrong: str) -> None:
    plain = show_code(code).replace("-", "")
    readings = read_code(plain[:at] + wrong + plain[at + 1 :])

    assert show_code(code) in [reading.shown for reading in readings]
    assert all(reading.corrected == (plain[at] != wrong) for reading in readings)


@settings(max_examples=30, deadline=None)
@given(CODES, st.integers(0, 54))
def test_two_swapped_neighbours_are_put_right(code: bytes, at: int) -> None:
    plain = show_code(code).replace("-", "")
    swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]

    assert code in [reading.code for reading in read_code(swapped)]


def test_spare_bits_that_are_set_are_not_taken_for_another_spelling() -> None:
    plain = SHOWN.replace("-", "")
    bent = plain[:51] + ALPHABET[ALPHABET.index(plain[51]) + 1] + plain[52:]
    (reading,) = read_code(bent)

    assert (reading.shown, reading.corrected) == (SHOWN, True)


@pytest.mark.parametrize(
    "typed",
    ["", SHOWN[:-1], SHOWN + "0", "??" + SHOWN[2:], "\u0130" * 56],
    ids=["nothing", "short", "long", "two wrong", "foreign"],
)
def test_a_text_more_than_one_slip_away_is_refused_and_not_shown(typed: str) -> None:
    with pytest.raises(UsageError, match="recovery code") as caught:
        read_code(typed)

    assert SHOWN[5:15] not in str(caught.value)


def test_a_reading_shows_no_code_in_its_repr() -> None:
    (reading,) = read_code(SHOWN)

    assert SHOWN[:9] not in repr(reading)
    assert repr(CODE)[2:12] not in repr(reading)
