"""Writes a network as an ONNX model that computes in 8-bit integers.

Every convolution stands between DequantizeLinear and QuantizeLinear, which ONNX Runtime melts into
one integer operation; any other runtime may run the file as it stands. The layers before `first`
stay in float: they take as long there, and lose most in integers. ReLU6 needs no node of its own:
it is where the unsigned integers end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fapfav.images.network import INPUT, OUTPUT, Activation, Add, Conv, Network, Pool
from fapfav.images.onnx_float import GraphWriter, conv_attributes, scaled_input, write_layer
from fapfav.images.quantize import (
    SIX,
    Ranges,
    equalised,
    expected_means,
    integer_conv,
)

_LEVELS = 255


def int8_model(network: Network, ranges: Ranges, first: str) -> bytes:
    """An ONNX model whose layers from the one called `first` on are in integers."""
    names = [layer.name for layer in network.layers]
    return _Writer(equalised(network, ranges.reach), ranges, names.index(first)).write()


class _Writer:
    """Knows, for each layer written, the name of its real values and the size of its steps."""

    def __init__(self, network: Network, ranges: Ranges, first: int) -> None:
        self._network, self._ranges, self._first = network, ranges, first
        self._graph = GraphWriter()
        self._means = expected_means(network)
        self._real: dict[str, str] = {}
        self._step: dict[str, float] = {}

    def write(self) -> bytes:
        """The model's bytes."""
        network, first = self._network, self._first
        real = self._real
        real[INPUT] = scaled_input(self._graph, network)
        for layer in network.layers[:first]:
            real[layer.name] = write_layer(self._graph, layer, real.__getitem__)
        for name in self._crossing():
            self._quantise(name, real[name])
        for layer in network.layers[first:]:
            self._layer(layer)
        self._graph.node("Flatten", [real[network.layers[-1].name]], OUTPUT, axis=1)
        return self._graph.finish(network)

    def _crossing(self) -> list[str]:
        """The float layers that integer layers read."""
        before = [layer.name for layer in self._network.layers[: self._first]]
        read: set[str] = set()
        for layer in self._network.layers[self._first :]:
            read |= {layer.source} | ({layer.other} if isinstance(layer, Add) else set())
        return [name for name in before if name in read]

    def _layer(self, layer: Any) -> None:
        match layer:
            case Conv():
                self._quantise(layer.name, self._conv(layer), layer.activation)
            case Add():
                sources = [self._real[layer.source], self._real[layer.other]]
                total = self._graph.node("Add", sources, f"{layer.name}.sum")
                self._quantise(layer.name, total)
            case Pool():
                # A mean over 49 places in float: the embedding itself is not rounded.
                self._real[layer.name] = write_layer(self._graph, layer, self._real.__getitem__)
            case _:
                raise TypeError(f"a network has no layer of the kind of {layer.name}")

    def _conv(self, layer: Conv) -> str:
        name, graph = layer.name, self._graph
        whole = integer_conv(layer, self._step[layer.source], self._means[layer.source])
        weight = self._constant(f"{name}.weight", whole.weight, whole.steps)
        bias = self._constant(f"{name}.bias", whole.bias, whole.bias_steps)
        inputs = [self._real[layer.source], weight, bias]
        return graph.node("Conv", inputs, f"{name}.linear", **conv_attributes(layer))

    def _constant(self, name: str, whole: NDArray[Any], steps: NDArray[np.float32]) -> str:
        """Integers with a step for each output channel, as the real numbers they stand for."""
        inputs = [
            self._graph.constant(f"{name}.whole", whole),
            self._graph.constant(f"{name}.steps", steps),
            self._graph.constant(f"{name}.zeros", np.zeros(len(steps), whole.dtype)),
        ]
        return self._graph.node("DequantizeLinear", inputs, name, axis=0)

    def _quantise(self, name: str, real: str, activation: Activation = Activation.NONE) -> None:
        """Appends the rounding of a layer's values to unsigned 8-bit steps over their span."""
        if activation is Activation.RELU6:
            low, high = 0.0, SIX
        else:
            low, high = self._ranges.spans[name]
            low, high = min(low, 0.0), max(high, 0.0)  # zero, which pads, must be a whole step
        step = np.float32((high - low) / _LEVELS)
        graph = self._graph
        how = [
            graph.constant(f"{name}.step", np.array(step)),
            graph.constant(f"{name}.zero", np.array(round(-low / step), np.uint8)),
        ]
        whole = graph.node("QuantizeLinear", [real, *how], f"{name}.whole")
        self._real[name] = graph.node("DequantizeLinear", [whole, *how], f"{name}.real")
        self._step[name] = float(step)
