"""MobileNetV3-small: the embedding `imagededup` uses, for those who have its weights.

No package ships them. Source of the shape: Howard et al., "Searching for MobileNetV3", 2019, as
torchvision builds it, whose state dict this reads. Owns the layers, not the file they become.
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
    Gate,
    Layer,
    Network,
    Pool,
    folded,
    tensor,
)

SIDE = 224
WIDTH = 576
_EPSILON = 1e-3
# Of ImageNet, in steps of 0 to 255.
_MEANS = (0.485 * 255, 0.456 * 255, 0.406 * 255)
_DEVIATIONS = (0.229 * 255, 0.224 * 255, 0.225 * 255)

_RELU, _SWISH = Activation.RELU, Activation.HARD_SWISH


class _Block(NamedTuple):
    """Channels within and after a block, its filter, and whether channels are gated."""

    within: int
    channels: int
    kernel: int
    stride: int
    gated: bool
    activation: Activation


_BLOCKS = (
    _Block(16, 16, 3, 2, True, _RELU),
    _Block(72, 24, 3, 2, False, _RELU),
    _Block(88, 24, 3, 1, False, _RELU),
    _Block(96, 40, 5, 2, True, _SWISH),
    _Block(240, 40, 5, 1, True, _SWISH),
    _Block(240, 40, 5, 1, True, _SWISH),
    _Block(120, 48, 5, 1, True, _SWISH),
    _Block(144, 48, 5, 1, True, _SWISH),
    _Block(288, 96, 5, 2, True, _SWISH),
    _Block(576, 96, 5, 1, True, _SWISH),
    _Block(576, 96, 5, 1, True, _SWISH),
)
_STEM = 16


class _Builder:
    """Appends layers, keeping track of the last one's name and channels."""

    def __init__(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.state = state
        self.layers: list[Layer] = []
        self.last, self.channels = INPUT, 3

    def conv(self, key: str, out: int, activation: Activation, size: tuple[int, int]) -> None:
        """A full convolution with its batch-norm; `size` is its kernel and stride."""
        self._append(key, (out, self.channels, *(size[0],) * 2), size[1], 1, activation)

    def depthwise(self, key: str, block: _Block) -> None:
        """A convolution of each channel with itself."""
        shape = (self.channels, 1, block.kernel, block.kernel)
        self._append(key, shape, block.stride, self.channels, block.activation)

    def gate(self, key: str) -> None:
        """Each channel times a factor that all channels' means decide."""
        narrow = _multiple_of_eight(self.channels // 4)
        source = self.last
        self.layers.append(Pool(f"{key}.pool", source))
        first = self._plain(f"{key}.fc1", f"{key}.pool", (narrow, self.channels), _RELU)
        shape = (self.channels, narrow)
        second = self._plain(f"{key}.fc2", first, shape, Activation.HARD_SIGMOID)
        self.layers.append(Gate(f"{key}.gated", source, second))
        self.last = f"{key}.gated"

    def add(self, name: str, other: str) -> None:
        """The residual."""
        self.layers.append(Add(name, self.last, other))
        self.last = name

    def _plain(self, key: str, source: str, shape: tuple[int, int], kind: Activation) -> str:
        weight = tensor(self.state, f"{key}.weight", (*shape, 1, 1))
        bias = tensor(self.state, f"{key}.bias", shape[:1])
        self.layers.append(Conv(key, source, weight, bias, activation=kind))
        return key

    def _append(
        self,
        key: str,
        shape: tuple[int, int, int, int],
        stride: int,
        groups: int,
        activation: Activation,
    ) -> None:
        weight, bias, norm = folded(self.state, f"{key}.0", f"{key}.1", shape, _EPSILON)
        pads = (shape[-1] // 2,) * 2
        self.layers.append(
            Conv(key, self.last, weight, bias, stride, pads, groups, activation, norm)
        )
        self.last, self.channels = key, shape[0]


def mobilenet_v3_small(state: Mapping[str, NDArray[Any]]) -> Network:
    """The network up to the global average pool behind its features.

    Raises UnreadableState when the weights are another network's.
    """
    build = _Builder(state)
    build.conv("features.0", _STEM, _SWISH, (3, 2))
    for number, block in enumerate(_BLOCKS, 1):
        _block(build, f"features.{number}", block)
    build.conv(f"features.{len(_BLOCKS) + 1}", WIDTH, _SWISH, (1, 1))
    build.layers.append(Pool("pool", build.last))
    layers = tuple(build.layers)
    return Network("mobilenet_v3_small", SIDE, WIDTH, _MEANS, _DEVIATIONS, layers)


def _block(build: _Builder, prefix: str, block: _Block) -> None:
    """Widen, filter each channel, gate, narrow; added to what came in when the sizes agree."""
    source, channels = build.last, build.channels
    keys = (f"{prefix}.block.{number}" for number in range(4))
    if block.within != channels:
        build.conv(next(keys), block.within, block.activation, (1, 1))
    build.depthwise(next(keys), block)
    if block.gated:
        build.gate(next(keys))
    build.conv(next(keys), block.channels, Activation.NONE, (1, 1))
    if block.stride == 1 and channels == block.channels:
        build.add(f"{prefix}.add", source)


def _multiple_of_eight(channels: int) -> int:
    """The nearest multiple of eight, at least eight and never less than nine tenths."""
    nearest = max(8, (channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest
