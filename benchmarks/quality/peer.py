"""The hashes that imagededup and imagehash give for some files, as one JSON object.

Runs in the virtual environment of `make .venv-parity`, by `methods`. Standard input is a JSON list
of paths. The answer has a list a hash, in hex or null where the library takes no such file; one
that cannot be imported stands under "missing" with the reason.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.imagededup_peer import load_imagededup

_IMAGEDEDUP = {"percept": "PHash", "average": "AHash", "diff": "DHash", "wavelet": "WHash"}
_IMAGEHASH = {"percept": "phash", "average": "average_hash", "diff": "dhash", "wavelet": "whash"}
# By name: only some machines have it, and nothing of ours depends on it.
_OTHER = "imagehash"

Hasher = Callable[[Path], str | None]


def hashers() -> tuple[dict[str, Hasher], dict[str, str]]:
    """What can be run, as "library hash", and why the rest cannot."""
    found: dict[str, Hasher] = {}
    missing: dict[str, str] = {}
    try:
        methods = load_imagededup()
        for name, kind in _IMAGEDEDUP.items():
            encoder = getattr(methods, kind)(verbose=False)
            found[f"imagededup {name}"] = _of_imagededup(encoder)
    except ImportError as error:
        missing["imagededup"] = str(error)
    try:
        library = import_module(_OTHER)
        for name, kind in _IMAGEHASH.items():
            found[f"imagehash {name}"] = _of_imagehash(getattr(library, kind))
    except ImportError as error:
        missing["imagehash"] = str(error)
    return found, missing


def _of_imagededup(encoder: Any) -> Hasher:
    def hashed(path: Path) -> str | None:
        found: str | None = encoder.encode_image(path)
        return found

    return hashed


def _of_imagehash(function: Any) -> Hasher:
    def hashed(path: Path) -> str | None:
        with Image.open(path) as image:
            return str(function(image))

    return hashed


def encoded(hasher: Hasher, path: Path) -> str | None:
    """The hash of one file; none where the library fails on it, in whatever way it does."""
    try:
        return hasher(path)
    except Exception:
        return None


def main(paths: Sequence[str]) -> None:
    """Hashes the files and prints the object."""
    logging.disable()
    found, missing = hashers()
    result: dict[str, Any] = {
        name: [encoded(hasher, Path(path)) for path in paths] for name, hasher in found.items()
    }
    print(json.dumps({"hashes": result, "missing": missing}))


if __name__ == "__main__":
    main(json.load(sys.stdin))
