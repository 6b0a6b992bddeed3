"""Any other ONNX model: a file of the user's, with a small TOML file beside it that explains it.

side = 224                        # pixels, square
resize = 256                      # optional: squashed to this first, then the middle cut out
mean = [123.7, 116.3, 103.5]      # RGB, in steps of 0 to 255
deviation = [58.4, 57.1, 57.4]
layout = "NCHW"                   # or "NHWC"
channels = "RGB"                  # or "BGR"
output = "embedding"
limit_regular = 0.95              # smallest cosine at which pictures count as alike
limit_animated = 0.97
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from PIL import Image

from fapfav.images.embedder import Embedder, ModelInfo, ModelUnavailable, Preparation, Session

_LARGEST_MODEL = 1 << 30
_LARGEST_TOML = 1 << 16
_LARGEST_SIDE = 2048
_WIDEST = 65_536  # values a row may have on disk

_NEEDED = {"side", "mean", "deviation", "layout", "channels", "output", "limit_regular"}
_KNOWN = _NEEDED | {"resize", "limit_animated"}


def own_model(path: Path, threads: int) -> Embedder:
    """The model in a `.onnx` file. Raises ModelUnavailable."""
    beside = path.with_suffix(".toml")
    model = read_bounded(path, _LARGEST_MODEL)
    text = read_bounded(beside, _LARGEST_TOML)
    try:
        told = tomllib.loads(text.decode())
        preparation, limits, output = _preparation(told), _limits(told), told["output"]
        if not isinstance(output, str) or not output:
            raise ValueError("output must be the name of one of the model's outputs")
    except ValueError as error:
        raise ModelUnavailable(f"{beside}: {error}") from error
    session = Session(model, threads, output)
    width = _width(path, session, preparation)
    # The name is part of a space's name: plain characters only.
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem)[:40] or "model"
    recipe = f"{preparation} {output}"
    sha256 = hashlib.sha256(model).hexdigest()
    return Embedder(ModelInfo(name, width, sha256, recipe, *limits), preparation, session)


def read_bounded(path: Path, largest: int) -> bytes:
    """A file's bytes. Raises ModelUnavailable when it cannot be read or is too large."""
    try:
        if path.stat().st_size > largest:
            raise ModelUnavailable(f"{path} is larger than {largest} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}") from error


def _preparation(told: dict[str, Any]) -> Preparation:
    if unknown := sorted(told.keys() - _KNOWN):
        raise ValueError(f"it names {unknown[0]}, which is not known")
    if missing := sorted(_NEEDED - told.keys()):
        raise ValueError(f"it lacks {missing[0]}")
    side = _whole(told, "side", 1, _LARGEST_SIDE)
    resize = _whole({"resize": side, **told}, "resize", side, _LARGEST_SIDE)
    deviations = _three(told, "deviation")
    if min(deviations) <= 0:
        raise ValueError("deviation must be above 0")
    return Preparation(
        side,
        resize,
        _three(told, "mean"),
        deviations,
        channels_first=_one_of(told, "layout", ("NHWC", "NCHW")) == "NCHW",
        blue_first=_one_of(told, "channels", ("RGB", "BGR")) == "BGR",
    )


def _limits(told: dict[str, Any]) -> tuple[float, float]:
    regular = _number(told["limit_regular"])
    animated = _number(told.get("limit_animated", regular))
    if not 0.5 <= regular <= animated < 1:
        raise ValueError("limits must be .5 or more and below 1, the animated one not the smaller")
    return regular, animated


def _whole(told: dict[str, Any], key: str, least: int, largest: int) -> int:
    value = told[key]
    if type(value) is not int or not least <= value <= largest:
        raise ValueError(f"{key} must be a whole number from {least} to {largest}")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) < 1e6:
        raise ValueError(f"{value!r} is not a plain number")
    return float(value)


def _three(told: dict[str, Any], key: str) -> tuple[float, ...]:
    values = told[key]
    if not isinstance(values, list) or len(values) != 3:
        raise ValueError(f"{key} must be three numbers")
    return tuple(_number(value) for value in values)


def _one_of(told: dict[str, Any], key: str, choices: tuple[str, ...]) -> str:
    value = told[key]
    if value not in choices:
        raise ValueError(f"{key} must be {' or '.join(choices)}")
    return str(value)


def _width(path: Path, session: Session, preparation: Preparation) -> int:
    """How many values the model gives, found by running it once."""
    grey = Image.new("RGB", (preparation.side, preparation.side), "grey")
    try:
        values = session.run(preparation.batch(grey))
    except Exception as error:  # ONNX Runtime's errors share no base class but Exception
        raise ModelUnavailable(f"{path} does not run as its TOML file says: {error}") from error
    if not 1 < values.size <= _WIDEST or values.dtype.kind != "f":
        raise ModelUnavailable(f"{path} gives {values.size} values of {values.dtype}, no embedding")
    return int(values.size)
