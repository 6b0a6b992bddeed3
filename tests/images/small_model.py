"""An ONNX model small enough for tests, of the kind a user might bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

TOML = """
side = 16
mean = [127, 127, 127]
deviation = [64, 64, 64]
layout = "NCHW"
channels = "RGB"
output = "embedding"
limit_regular = 0.9
limit_animated = 0.95
"""


def small_model(layout: str = "NCHW", kind: int = TensorProto.FLOAT) -> bytes:
    """The mean of each channel and the values of the first row, as `embedding`."""
    planes: list[str | int | None] = ["N", 3, 16, 16]
    pixels: list[str | int | None] = ["N", 16, 16, 3]
    shape = planes if layout == "NCHW" else pixels
    axes = [2, 3] if layout == "NCHW" else [1, 2]
    zero = numpy_helper.from_array(np.zeros(1, np.float32), "zero")
    nodes = [
        helper.make_node("Cast", ["input"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real"], ["means"], axes=axes, keepdims=0),
        helper.make_node("Add", ["means", "zero"], ["embedding"]),
        helper.make_node("ReduceMax", ["real"], ["largest"], axes=[1, 2, 3], keepdims=1),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("input", kind, shape)],
        [
            helper.make_tensor_value_info("largest", TensorProto.FLOAT, ["N", 1, 1, 1]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 3]),
        ],
        [zero],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


def placed(folder: Path, toml: str = TOML, model: bytes | None = None) -> Path:
    """The model and its TOML file in a folder; the path of the model."""
    path = folder / "my model.onnx"
    path.write_bytes(small_model() if model is None else model)
    path.with_suffix(".toml").write_text(toml, "utf-8")
    return path
