from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.sources.names import LONGEST, LONGEST_BYTES, clean, shown

# Every character, lone surrogates too, and often those that make trouble.
TROUBLE = '/\\:*?"<>|.\0\x7f\n\t \u202e\u2067\u061c\u200f\ud800\uff0f\uff3c\ufdfa\u0301\u200d'
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(TROUBLE)), max_size=300)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_a_clean_name_is_fit_to_be_a_file(text: str) -> None:
    name = clean(text, "17")

    assert name
    assert name not in (".", "..")
    assert not set('/\\\0:*?"<>|') & set(name)
    assert len(name) <= LONGEST
    assert len(name.encode()) <= LONGEST_BYTES
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in name}


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_cleaning_a_clean_name_changes_nothing(text: str) -> None:
    for names in (clean, shown):
        name = names(text, "17")

        assert names(name, "18") == name
        assert unicodedata.is_normalized("NFC", name)


@settings(deadline=None, max_examples=100)
@given(st.text(min_size=1, max_size=3000), st.sampled_from(["jpg", "jpeg", "gif", "png", "avif"]))
def test_a_long_name_keeps_its_extension(text: str, extension: str) -> None:
    name = clean(f"a{text}z.{extension}", "17")

    assert name.endswith(f".{extension}")
    assert name.startswith("a")


@pytest.mark.parametrize(
    "name",
    [
        "boat-at-dawn.jpg", "Straße & Söhne.jpeg", "山と川 ❄.png", "мост.gif", "شاطئ.jpg",
        "ไทย.jpg", "नमस्ते.jpg", "한국어.jpg", "👩‍👩‍👧 park.jpg", "½ ﬁn ①.jpg", "a.b.c",
        ".hidden.jpg", "no extension",
    ],
)  # fmt: skip
def test_ordinary_names_of_any_script_stay_as_they_are(name: str) -> None:
    assert clean(name, "17") == name
    assert shown(name, "17") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a/b\\c.jpg", "a-b-c.jpg"),
        ("../../etc/passwd", "..-..-etc-passwd"),
        ("gpj.\u202etfird.exe", "gpj.tfird.exe"),
        ("cafe\u0301.jpg", "café.jpg"),
        ("what? no: really*.jpg", "what no really.jpg"),
        ("two\r\nlines\x07.jpg", "two  lines.jpg"),
        ("\uff0fa\uff0fb.jpg", "ab.jpg"),
        ("lone \ud800 half.jpg", "lone  half.jpg"),
        ("  around .jpg  ", "around .jpg"),
    ],
)
def test_what_a_name_must_not_have_goes(text: str, name: str) -> None:
    assert clean(text, "17") == name


@pytest.mark.parametrize("text", ["", " ", ".", "..", "...", "???", "\u200b\u202e", "\n", "\x00"])
def test_a_name_that_says_nothing_is_the_fallback(text: str) -> None:
    assert clean(text, "17") == "17"


def test_the_names_of_albums_keep_their_signs_and_are_one_line() -> None:
    assert shown(" AC/DC: live?\n\u202e(2019) ", "17") == "AC/DC: live? (2019)"
    assert shown("..", "17") == ".."
    assert shown("\u200b \u202e", "17") == "17"


def test_a_name_without_end_is_cut() -> None:
    assert clean("x" * 10_000_000 + ".jpg", "17") == "x" * 196 + ".jpg"
    assert clean("雪" * 10_000 + ".jpg", "17") == "雪" * 78 + ".jpg"
    assert shown("ab " * 10_000, "17") == "ab " * 66 + "ab"
