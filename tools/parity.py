"""Compares the exact hashes with imagededup's own, and writes the golden ones anew.

    python -m tools.parity                 the golden pictures, then pictures of Debian packages
    python -m tools.parity --no-packages   the golden pictures only

Takes an environment with imagededup, torch and torchvision (`make parity` makes one). Writes
tests/images/golden.json; exits with 1 where a hash of ours differs.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fapfav.errors import BadPicture
from fapfav.images.examine import examine
from fapfav.images.hashes import hex_form
from fapfav.model import HASHES
from tests.images.golden_pictures import golden_pictures

GOLDEN = Path(__file__).parents[1] / "tests" / "images" / "golden.json"
PACKAGES = (
    "mate-backgrounds",
    "lxqt-themes",
    "lomiri-wallpapers-16.04",
    "gnome-backgrounds",
    "tuxpaint-stamps-default",
    "pidgin-themes",
)
A_PACKAGE = 40
"""Pictures compared of each package, spread over it."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

Hashes = list[str]


def hashers() -> list[Any]:
    """imagededup's four, in the order of HASHES.

    A torchvision built for GPUs cannot load its operators beside a torch for CPUs, and then its
    Python part fails over their missing names; the hashes need none of them. So the names are
    declared first, with a signature that is never used.
    """
    import torch

    spec = importlib.util.find_spec("torchvision")
    assert spec is not None
    assert spec.submodule_search_locations
    registrations = Path(spec.submodule_search_locations[0]) / "_meta_registrations.py"
    library = torch.library.Library("torchvision", "DEF")
    for name in re.findall(r'"torchvision::(\w+)"', registrations.read_text()):
        try:
            library.define(f"{name}(Tensor pixels) -> Tensor")
        except RuntimeError:
            continue  # declared already
    hashers.library = library  # type: ignore[attr-defined]  # what it declares dies with it
    from imagededup.methods import AHash, DHash, PHash, WHash

    return [method(verbose=False) for method in (PHash, AHash, DHash, WHash)]


def theirs(methods: list[Any], path: Path) -> Hashes | None:
    """What imagededup makes of a file; None where it takes none of it."""
    found = [method.encode_image(image_file=str(path)) for method in methods]
    return None if None in found else found


def ours(file: bytes) -> Hashes | str:
    """Our exact hashes, or why there are none."""
    try:
        fingerprint = examine(file, "exact", thumbnail=False).fingerprint
    except BadPicture as error:
        return str(error)
    return [hex_form(getattr(fingerprint, method)) for method in HASHES]


def make_golden(methods: list[Any], folder: Path) -> int:
    """Writes the golden hashes; returns how many pictures differ from ours."""
    golden: dict[str, Hashes | None] = {}
    wrong = 0
    for name, file in golden_pictures():
        path = folder / "picture"
        path.write_bytes(file)
        golden[name] = theirs(methods, path)
        if golden[name] != ours(file):
            wrong += 1
            say(f"  {name}: imagededup {golden[name]}, ours {ours(file)}")
    told = {name: version(name) for name in ("imagededup", "pillow", "numpy", "scipy")}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(golden[name])}" for name in golden)
    GOLDEN.write_text(f'{{"made_with": {json.dumps(told)},\n "hashes": {{\n{lines}\n}}}}\n')
    say(f"{len(golden)} golden pictures, {wrong} differ")
    return wrong


def compare_packages(methods: list[Any], folder: Path) -> int:
    """Compares pictures of Debian packages, unpacked without installing."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        say("no apt-get here: the Debian pictures are left out")
        return 0
    wrong = compared = 0
    for package in PACKAGES:
        for path in pictures_of(package, folder):
            expected = theirs(methods, path)
            if expected is None:
                continue
            compared += 1
            if expected != (got := ours(path.read_bytes())):
                wrong += 1
                say(f"  {package}/{path.name}: imagededup {expected}, ours {got}")
    say(f"{compared} pictures of Debian packages, {wrong} differ")
    return wrong


def pictures_of(package: str, folder: Path) -> Iterator[Path]:
    """Some of the pictures in a package; none where it cannot be had."""
    place = folder / package
    place.mkdir()
    done = subprocess.run(
        ["apt-get", "download", package], cwd=place, capture_output=True, text=True, check=False
    )
    files = sorted(place.glob("*.deb"))
    if done.returncode or not files:
        say(f"  {package} cannot be had: {done.stderr.strip()[:200]}")
        return
    subprocess.run(["dpkg", "-x", files[0].name, "unpacked"], cwd=place, check=True)
    found = sorted(
        path
        for path in (place / "unpacked").rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
    )
    yield from found[:: max(1, -(-len(found) // A_PACKAGE))]
    shutil.rmtree(place)


def say(line: str) -> None:
    """One line on the screen."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--no-packages", action="store_true", help="leave out the Debian pictures")
    asked = parser.parse_args()
    methods = hashers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wrong = make_golden(methods, folder)
        if not asked.no_packages:
            wrong += compare_packages(methods, folder)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
