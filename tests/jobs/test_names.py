"""fapfav/jobs/names.py: what files and folders of an export are called."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.jobs.names import LONGEST, file_name, folder_name, sibling_folders
from fapfav.model import EXTENSIONS
from tests.nasty import names

ANY = settings(deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("name", "ext", "wanted"),
    [
        ("sunset.jpg", "jpg", "sunset.jpg"),
        ("SUNSET.JPG", "jpg", "SUNSET.JPG"),
        ("sunset.jpeg", "jpg", "sunset.jpeg"),
        ("sunset.tiff", "tif", "sunset.tiff"),
        ("stereo.jpg", "mpo", "stereo.jpg"),
        ("sunset.png", "jpg", "sunset.jpg"),
        ("sunset.jpg", "webp", "sunset.webp"),
        ("sunset", "gif", "sunset.gif"),
        ("version 1.5", "png", "version 1.5.png"),
        ("two  blanks .jpg", "jpg", "two  blanks.jpg"),
        ("a/b\\c.jpg", "jpg", "a-b-c.jpg"),
        ("../../etc/passwd", "jpg", "-..-etc-passwd.jpg"),
        ('what? <now>: *|".jpg', "jpg", "what_ _now__ ___.jpg"),
        (".hidden.jpg", "jpg", "hidden.jpg"),
        ("...", "jpg", "0123.jpg"),
        ("", "bmp", "0123.bmp"),
        ("con.jpg", "jpg", "_con.jpg"),
        ("LPT1", "jpg", "_LPT1.jpg"),
        ("aux.tar.jpg", "jpg", "_aux.tar.jpg"),
        ("conical.jpg", "jpg", "conical.jpg"),
        ("new\nline\x00\x7f.jpg", "jpg", "newline.jpg"),
        ("exe\u202egpj.jpg", "jpg", "exegpj.jpg"),
        ("写真？.jpg", "jpg", "写真？.jpg"),
        ("slash／wide.jpg", "jpg", "slash／wide.jpg"),
        ("cafe\u0301.jpg", "jpg", "café.jpg"),
    ],
)
def test_a_name_stays_as_it_was_where_it_can(name: str, ext: str, wanted: str) -> None:
    assert file_name(name, ext, "0123") == wanted


def test_a_prefix_counts_towards_the_length() -> None:
    name = file_name("é" * 300 + ".jpeg", "jpg", "0123", "00001-")

    assert name.startswith("00001-é")
    assert name.endswith("é.jpeg")
    assert LONGEST - 2 < len(name.encode()) <= LONGEST


@ANY
@given(names(), st.sampled_from(EXTENSIONS), st.sampled_from(["", "00001-", "0123456789-"]))
def test_every_name_is_one_that_any_disk_takes(name: str, ext: str, prefix: str) -> None:
    made = file_name(name, ext, "0123", prefix)

    assert 0 < len(made.encode()) <= LONGEST
    assert not set(made) & set('/\\<>:"|?*\0')
    assert not made.startswith(".")
    assert not made.endswith((".", " "))
    assert unicodedata.is_normalized("NFC", made)
    assert file_name(made, ext, "0123") == made or prefix


@ANY
@given(names())
def test_every_folder_name_leads_to_a_folder_right_here(name: str) -> None:
    made = folder_name(name, "7")

    assert 0 < len(made.encode()) <= LONGEST
    assert not set(made) & set('/\\<>:"|?*\0')
    assert made not in {".", ".."}
    assert folder_name(made, "7") == made


def test_folders_side_by_side_differ_in_more_than_case() -> None:
    named = {
        1: ("Cats", "1"),
        2: ("cats", "2"),
        3: ("a:b", "3"),
        4: ("a?b", "4"),
        5: ("@Albums", "5"),
        6: ("dogs", "6"),
    }

    assert sibling_folders(named, ("@albums",)) == {
        1: "Cats (1)",
        2: "cats (2)",
        3: "a_b (3)",
        4: "a_b (4)",
        5: "@Albums (5)",
        6: "dogs",
    }


def test_a_reserved_or_empty_folder_name_gets_another() -> None:
    assert folder_name("Con.fig", "7") == "_Con.fig"
    assert folder_name(" ... ", "7") == "7"
