"""EfficientNet-Lite0 in 8-bit integers: which layers, and over which ranges.

The ranges were measured by tools/calibrate_lite0.py and ship beside this file. Against the float
model, on 462 photographs and drawings that were not used for them, the cosine is .995 at least,
.998 at the 5th percentile and .999 at the median.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np

from fapfav.images.network import Network
from fapfav.images.quantize import Ranges

# The layers before it take as long in float as in integers, and lose most: with all in integers the
# 5th percentile of that cosine is .90.
FIRST_INTEGER_LAYER = "block.4.expand_conv"

_RANGES = Path(__file__).with_name("lite0_ranges.json")


def lite0_int8(network: Network) -> bytes:
    """The ONNX model of the network `lite0` makes of its weights."""
    from fapfav.images.onnx_int8 import int8_model

    return int8_model(network, lite0_ranges(), FIRST_INTEGER_LAYER)


@cache
def ranges_sha256() -> str:
    """The SHA-256 of the ranges: part of what names the space of the embeddings."""
    return hashlib.sha256(_RANGES.read_bytes()).hexdigest()


def lite0_ranges() -> Ranges:
    """The ranges that ship with this version."""
    stored = json.loads(_RANGES.read_text("utf-8"))
    reach = {name: np.array(values, np.float32) for name, values in stored["reach"].items()}
    return Ranges(reach, {name: (low, high) for name, (low, high) in stored["spans"].items()})
