"""Converted models in the user's cache folder: made once, checked at each use.

A file is named after what it is and the SHA-256 of its bytes, and appears whole or not at all, so
two processes may make it at once. A cache that cannot be written costs time only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_LARGEST = 1 << 30


def cached_model(cache: Path, name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes of model `name`, from the cache or by `make`, which is then kept there."""
    found = _read(cache, name)
    if found is not None:
        return found
    model = make()
    with contextlib.suppress(OSError):
        _write(cache, name, model)
    return model


def _read(cache: Path, name: str) -> bytes | None:
    """The first file of this name whose bytes are what its name says."""
    try:
        paths = sorted(cache.glob(f"{name}.*.onnx"))
        for path in paths:
            if path.stat().st_size <= _LARGEST:
                model = path.read_bytes()
                if path.name == _file_name(name, model):
                    return model
    except OSError:
        pass  # unreadable is as good as absent
    return None


def _write(cache: Path, name: str, model: bytes) -> None:
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=cache)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(model)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, cache / _file_name(name, model))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _file_name(name: str, model: bytes) -> str:
    return f"{name}.{hashlib.sha256(model).hexdigest()}.onnx"
