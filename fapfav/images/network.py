"""A convolutional network as a plain list of layers: what all our models are written down in.

Owns the layers and the folding of batch-norms into convolutions. Leaves to others which layers a
model has (`lite0`, `mobilenet`) and how they become a file (`onnx_float`, `onnx_int8`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fapfav.images.torch_state import UnreadableState

Floats = NDArray[np.float32]

INPUT = "pixels"
"""Name of a network's input: uint8 (N, side, side, 3), RGB as Pillow lays it out."""

OUTPUT = "embedding"
"""Name of a network's output: float32 (N, width), not normalised."""


class Activation(StrEnum):
    """What follows a convolution."""

    NONE = ""
    RELU = "relu"
    RELU6 = "relu6"
    HARD_SWISH = "hard-swish"
    HARD_SIGMOID = "hard-sigmoid"


class Norm(NamedTuple):
    """Mean and deviation of each channel over the pictures of the training, (channels,)."""

    centre: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution: weight (out, in / groups, k, k), bias (out,); pixels padded before and after.

    `norm` is what the batch-norm folded into it made of its values, before the activation.
    """

    name: str
    source: str
    weight: Floats
    bias: Floats
    stride: int = 1
    pads: tuple[int, int] = (0, 0)
    groups: int = 1
    activation: Activation = Activation.NONE
    norm: Norm | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of two layers' values."""

    name: str
    source: str
    other: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A layer's values, each channel times the gate's single value for it."""

    name: str
    source: str
    gate: str


@dataclass(frozen=True, slots=True)
class Pool:
    """The mean over all places of each channel, as (N, channels, 1, 1)."""

    name: str
    source: str


Layer = Conv | Add | Gate | Pool


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in an order that can be run; the last is a Pool, and its value the embedding.

    `means` and `deviations` (RGB, in steps of 0 to 255) make of pixels what the first layer takes.
    """

    name: str
    side: int
    width: int
    means: tuple[float, float, float]
    deviations: tuple[float, float, float]
    layers: tuple[Layer, ...]


def tensor(state: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> Floats:
    """One tensor of a state dict, which must have this shape and be finite."""
    found = state.get(name)
    if found is None:
        raise UnreadableState(f"it lacks {name}; these are the weights of another network")
    if found.shape != shape or found.dtype.kind != "f":
        raise UnreadableState(f"{name} has shape {found.shape} where {shape} is needed")
    if not np.isfinite(found).all():
        raise UnreadableState(f"{name} holds values that are no numbers")
    return found.astype(np.float32)


def folded(
    state: Mapping[str, NDArray[Any]],
    conv: str,
    norm: str,
    shape: tuple[int, int, int, int],
    epsilon: float,
) -> tuple[Floats, Floats, Norm]:
    """Weight and bias of a convolution without bias and the batch-norm behind it, as one.

    y = (w * x - mean) / sqrt(variance + epsilon) * gamma + beta, in double precision.
    """
    channels = shape[:1]
    weight = tensor(state, f"{conv}.weight", shape).astype(np.float64)
    gamma, beta, mean, variance = (
        tensor(state, f"{norm}.{part}", channels).astype(np.float64)
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    if (variance < 0).any():
        raise UnreadableState(f"{norm}.running_var is negative")
    factor = gamma / np.sqrt(variance + epsilon)
    bias = beta - mean * factor
    scaled = (weight * factor[:, None, None, None]).astype(np.float32)
    kept = Norm(beta.astype(np.float32), np.abs(gamma).astype(np.float32))
    return scaled, bias.astype(np.float32), kept


def same_pads(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's padding: pixels before and after, so that the output has ceil(side / stride)."""
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2
