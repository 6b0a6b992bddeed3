"""Writes a network as an ONNX model in float32.

The input is `pixels`, uint8 (N, side, side, 3): scaling and transposing are part of the model, so
that no caller can do them otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fapfav.images.network import (
    INPUT,
    OUTPUT,
    Activation,
    Add,
    Conv,
    Gate,
    Layer,
    Network,
    Pool,
)

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

OPSET = 14  # the first with HardSwish
_IR_VERSION = 8


class GraphWriter:
    """Collects nodes and constants; `taps` names layers to give out beside the embedding."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Its name; the same name is written once."""
        from onnx import numpy_helper

        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Appends one node and gives its output's name."""
        from onnx import helper

        # Named after its output: the file must be the same bytes each time it is made.
        node = helper.make_node(kind, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return output

    def finish(self, network: Network, taps: tuple[str, ...] = ()) -> bytes:
        """The model's bytes, checked by onnx itself."""
        from onnx import TensorProto, checker, helper

        side = network.side
        source = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", side, side, 3])
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", network.width])
        places = ["N", "channels", "rows", "columns"]
        tapped = [helper.make_tensor_value_info(tap, TensorProto.FLOAT, places) for tap in taps]
        graph = helper.make_graph(
            self.nodes, network.name, [source], [output, *tapped], list(self.constants.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = _IR_VERSION
        checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def conv_attributes(layer: Conv) -> dict[str, object]:
    """ONNX's attributes of a convolution."""
    before, after = layer.pads
    return {
        "kernel_shape": list(layer.weight.shape[2:]),
        "strides": [layer.stride] * 2,
        "pads": [before, before, after, after],
        "group": layer.groups,
    }


def float_model(network: Network, taps: tuple[str, ...] = ()) -> bytes:
    """An ONNX model of the network; `taps` are layers it gives out too, for calibration."""
    graph = GraphWriter()
    names = {INPUT: scaled_input(graph, network)}
    for layer in network.layers:
        names[layer.name] = write_layer(graph, layer, names.__getitem__)
    graph.node("Flatten", [names[network.layers[-1].name]], OUTPUT, axis=1)
    return graph.finish(network, taps)


def scaled_input(graph: GraphWriter, network: Network) -> str:
    """Appends what turns pixels into real numbers, channels first, and names them."""
    means = np.array(network.means, np.float32).reshape(3, 1, 1)
    factors = (1 / np.array(network.deviations)).astype(np.float32).reshape(3, 1, 1)
    # Transposed while they are bytes, scaled plane by plane: 0.8 ms less than the other way round.
    planes = graph.node("Transpose", [INPUT], "pixels.planes", perm=[0, 3, 1, 2])
    real = graph.node("Cast", [planes], "pixels.real", to=1)  # TensorProto.FLOAT
    centred = graph.node("Sub", [real, graph.constant("means", means)], "pixels.centred")
    return graph.node("Mul", [centred, graph.constant("factors", factors)], "pixels.scaled")


def write_layer(graph: GraphWriter, layer: Layer, value: Callable[[str], str]) -> str:
    """Appends one layer in float32; `value` names a layer's output in the graph."""
    match layer:
        case Conv():
            weight = graph.constant(f"{layer.name}.weight", layer.weight)
            bias = graph.constant(f"{layer.name}.bias", layer.bias)
            inputs = [value(layer.source), weight, bias]
            if layer.activation is Activation.NONE:
                return graph.node("Conv", inputs, layer.name, **conv_attributes(layer))
            linear = graph.node("Conv", inputs, f"{layer.name}.linear", **conv_attributes(layer))
            return write_activation(graph, layer.activation, linear, layer.name)
        case Add():
            return graph.node("Add", [value(layer.source), value(layer.other)], layer.name)
        case Gate():
            return graph.node("Mul", [value(layer.source), value(layer.gate)], layer.name)
        case Pool():
            return graph.node("GlobalAveragePool", [value(layer.source)], layer.name)


def write_activation(graph: GraphWriter, kind: Activation, source: str, name: str) -> str:
    """Appends what follows a convolution."""
    match kind:
        case Activation.RELU:
            return graph.node("Relu", [source], name)
        case Activation.HARD_SWISH:
            return graph.node("HardSwish", [source], name)
        case Activation.HARD_SIGMOID:
            return graph.node("HardSigmoid", [source], name, alpha=1 / 6, beta=0.5)
        case _:
            zero = graph.constant("zero", np.array(0, np.float32))
            six = graph.constant("six", np.array(6, np.float32))
            return graph.node("Clip", [source, zero, six], name)
