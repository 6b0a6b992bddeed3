"""What torch gave for two generated pictures; made by tools/make_embedding_goldens.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from fapfav.images.network import INPUT
from tests.images.torch_files import made_up_pixels

GOLDENS: dict[str, Any] = json.loads(
    Path(__file__).with_name("embedding_goldens.json").read_text("utf-8")
)
PIXELS = np.stack([made_up_pixels(seed) for seed in (1, 2)])


def golden(name: str) -> NDArray[np.float32]:
    """Torch's embeddings of PIXELS, (2, width)."""
    return np.array(GOLDENS[name], np.float32)


def embeddings(model: bytes) -> NDArray[np.float32]:
    """What an ONNX model gives for PIXELS, (2, width)."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {INPUT: PIXELS})[0])
