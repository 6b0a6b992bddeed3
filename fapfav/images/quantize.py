"""The arithmetic of turning a network's weights into 8-bit integers, without any file format.

Owns three steps that cost nothing at run time and together take the cosine with the float
embedding from .92 to .999 (5th percentile .998): equal reach for the channels of a trunk, rounding
that keeps what a filter does to flat areas, and biases that make up for what rounding shifts on
average. Sources: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction", 2019, for the first and the last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fapfav.images.network import Activation, Add, Conv, Floats, Network

Doubles = NDArray[np.float64]

SIX = 6.0  # where ReLU6 cuts off
_LARGEST = 127
# x86 without VNNI adds the products of two neighbouring input channels, each an activation up to
# 255 times a weight, in 16 bits and saturates: 255 * 128 still fits. So no two neighbours of one
# sign may exceed this together, and every processor gives the same sums.
_LARGEST_PAIR = 128
_LARGEST_BIAS = 1 << 30
_FACTORS = tuple(1 + 0.008 * number for number in range(13))


class Ranges(NamedTuple):
    """What was measured on pictures, of the values that no activation bounds.

    `reach`: for each trunk, by its last layer's name, the largest magnitude of each channel.
    `spans`: for each layer, smallest and largest value when every channel is divided by its reach.
    """

    reach: Mapping[str, Floats]
    spans: Mapping[str, tuple[float, float]]


def trunks(network: Network) -> dict[str, str]:
    """For each linear layer, the name of the last layer its values are added up into.

    All layers of one trunk must share a scale per channel, since they are added.
    """
    trunk: dict[str, str] = {}
    for layer in network.layers:
        if isinstance(layer, Conv) and layer.activation is Activation.NONE:
            trunk[layer.name] = layer.name
        elif isinstance(layer, Add):
            joined = {trunk[layer.source], trunk[layer.other]}
            trunk = {name: layer.name if end in joined else end for name, end in trunk.items()}
            trunk[layer.name] = layer.name
    return trunk


def equalised(network: Network, reach: Mapping[str, Floats]) -> Network:
    """The same function, with every channel of a trunk divided by its reach.

    One scale for a whole tensor then serves all its channels: what a trunk's convolutions write is
    divided, and what others read from it multiplied again, both in the weights.
    """
    trunk = trunks(network)

    def scaled(layer: Conv) -> Conv:
        weight, bias, norm = layer.weight.astype(np.float64), layer.bias, layer.norm
        if layer.source in trunk:
            weight = weight * reach[trunk[layer.source]].astype(np.float64)[None, :, None, None]
        if layer.name in trunk:
            own = reach[trunk[layer.name]]
            weight, bias = weight / own[:, None, None, None], bias / own
            norm = norm and type(norm)(norm.centre / own, norm.spread / own)
        return replace(layer, weight=weight.astype(np.float32), bias=bias, norm=norm)

    layers = tuple(scaled(one) if isinstance(one, Conv) else one for one in network.layers)
    return replace(network, layers=layers)


def expected_means(network: Network) -> dict[str, Doubles]:
    """The mean of each channel of each layer, (channels,), as the batch-norms imply it.

    Takes a channel before its ReLU6 for a normal distribution around the batch-norm's centre.
    """
    means: dict[str, Doubles] = {}
    for layer in network.layers:
        if isinstance(layer, Add):
            means[layer.name] = means[layer.source] + means[layer.other]
        elif isinstance(layer, Conv) and layer.norm is not None:
            centre = layer.norm.centre.astype(np.float64)
            clipped = layer.activation is Activation.RELU6
            means[layer.name] = (
                _clipped_mean(centre, layer.norm.spread.astype(np.float64)) if clipped else centre
            )
    return means


def _clipped_mean(centre: Doubles, spread: Doubles) -> Doubles:
    """E[min(max(x, 0), 6)] for normal x."""
    spread = np.maximum(spread, 1e-6)
    low, high = -centre / spread, (SIX - centre) / spread
    below, above = _normal_cdf(low), _normal_cdf(high)
    inside = centre * (above - below) + spread * (_normal_density(low) - _normal_density(high))
    return np.asarray(inside + SIX * (1 - above))


def _normal_density(at: Doubles) -> Doubles:
    return np.asarray(np.exp(-at * at / 2) / math.sqrt(2 * math.pi))


def _normal_cdf(at: Doubles) -> Doubles:
    return np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in at])


class IntegerConv(NamedTuple):
    """weight = steps * integers (out, in / groups, k, k); bias likewise, in steps of its own."""

    weight: NDArray[np.int8]
    steps: Floats
    bias: NDArray[np.int32]
    bias_steps: Floats


def integer_conv(layer: Conv, source_step: float, source_means: Doubles) -> IntegerConv:
    """A convolution in integers, for a source whose values are integers times `source_step`."""
    weight = layer.weight.astype(np.float64)
    depthwise = layer.groups > 1
    steps = _best_steps(weight, _least_steps(layer, source_step), depthwise=depthwise)
    integers = _rounded(weight, steps, keep_sums=depthwise)
    error = integers * steps[:, None, None, None] - weight
    shift = error.sum(axis=(2, 3))
    shift = shift[:, 0] * source_means if depthwise else shift @ source_means
    bias_steps = (steps * source_step).astype(np.float32)
    bias = np.round((layer.bias - shift) / bias_steps).astype(np.int32)
    return IntegerConv(integers.astype(np.int8), steps.astype(np.float32), bias, bias_steps)


def _least_steps(layer: Conv, source_step: float) -> Doubles:
    """The finest step each output can have, (out,)."""
    weight = layer.weight.astype(np.float64)
    steps = np.abs(weight).max(axis=(1, 2, 3)) / _LARGEST
    if layer.groups == 1:
        steps = np.maximum(steps, _pair_sums(weight) / _LARGEST_PAIR)
    # A dead channel has a bias and no weights; its step must let the bias fit 32 bits.
    least = np.maximum(np.abs(layer.bias) / source_step / _LARGEST_BIAS, 1e-30)
    return np.asarray(np.maximum(steps, least))


def _best_steps(weight: Doubles, least: Doubles, *, depthwise: bool) -> Doubles:
    """Of some steps a little above the finest, the one each output's weights are nearest to."""
    best, smallest = least * _FACTORS[-1], np.full(len(least), np.inf)
    for factor in _FACTORS:
        steps = least * factor
        integers = _rounded(weight, steps, keep_sums=depthwise)
        error = ((integers * steps[:, None, None, None] - weight) ** 2).sum(axis=(1, 2, 3))
        if not depthwise:  # rounding up both of a pair may pass the limit by one
            error[_pair_sums(integers) > _LARGEST_PAIR] = np.inf
        better = error < smallest
        best[better], smallest[better] = steps[better], error[better]
    return best


def _pair_sums(weight: Doubles) -> Doubles:
    """For each output, the largest |a + b| of neighbouring inputs of one sign, (out,)."""
    if weight.shape[1] % 2:
        weight = np.pad(weight, ((0, 0), (0, 1), (0, 0), (0, 0)))
    one, other = weight[:, 0::2], weight[:, 1::2]
    return np.asarray(np.where(one * other > 0, np.abs(one + other), 0).max(axis=(1, 2, 3)))


def _rounded(weight: Doubles, steps: Doubles, *, keep_sums: bool) -> Doubles:
    """Weights in steps, as whole numbers.

    With `keep_sums` those nearest to one half go the other way, until a filter's sum is kept as
    well as a whole number can: else an edge filter (sum 0) starts to see flat areas.
    """
    exact = weight / steps[:, None, None, None]
    whole = np.round(exact)
    if keep_sums:
        flat, left = whole.reshape(len(whole), -1), (exact - whole).reshape(len(whole), -1)
        for row, rest in zip(flat, left, strict=True):
            missing = round(float(rest.sum()))
            turned = np.argsort(-math.copysign(1, missing) * rest, kind="stable")[: abs(missing)]
            row[turned] += math.copysign(1, missing)
    return np.asarray(np.clip(whole, -_LARGEST, _LARGEST))
