"""The files that pages are made of: compressed for who takes them so, and nothing else there."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.viewer.archives import copied
from tests.viewer.wire import Wire, wired
from viewer import assets

NAMES = ("viewer.css", "js/main.js", "js/stage.js", "js/htmx.js", "icon.svg")


@pytest.fixture(scope="module")
def wire(made: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A server of a plain archive, which nothing here changes."""
    with wired(copied(made[False], tmp_path_factory.mktemp("assets") / "a"), sealed=False) as found:
        yield found


def address(name: str) -> str:
    return assets.ADDRESS + name


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_compressed_for_who_takes_it_so(wire: Wire, name: str) -> None:
    plain = wire.get(address(name))
    packed = wire.get(address(name), Accept_Encoding="br, gzip, zstd")

    assert (plain.status, packed.status) == (200, 200)
    assert not plain.header("Content-Encoding")
    assert packed.header("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.header("Content-Length")) == len(packed.body) < len(plain.body)
    assert packed.header("Vary") == plain.header("Vary") == "Accept-Encoding"


def test_files_say_what_they_are(wire: Wire) -> None:
    kinds = [wire.get(address(name)).header("Content-Type") for name in NAMES]

    assert kinds == [
        "text/css; charset=utf-8",
        *["text/javascript; charset=utf-8"] * 3,
        "image/svg+xml",
    ]


def test_head_has_no_body_and_forms_are_refused(wire: Wire) -> None:
    head = wire.send("HEAD", address("viewer.css"))

    assert (head.status, head.body) == (200, b"")
    assert int(head.header("Content-Length")) > 0
    assert wire.post(address("viewer.css")).status == 405


@pytest.mark.parametrize("name", ["", "js/", "js/none.js", "../settings.py", "js/../viewer.css"])
def test_nothing_else_is_there(wire: Wire, name: str) -> None:
    assert wire.get(address(name)).status == 404


def test_files_are_at_another_address_once_one_of_them_changed(wire: Wire) -> None:
    before = assets.gathered()
    after = before | {"viewer.css": assets.Asset("text/css", b"a{}", b"")}
    swapped = before | {"home.css": before["jobs.css"], "jobs.css": before["home.css"]}

    found = {assets.fingerprint(each) for each in (before, after, swapped)}

    assert len(found) == 3
    assert wire.get(re.sub(r"[0-9a-f]{16}", "0" * 16, address("viewer.css"))).status == 404
