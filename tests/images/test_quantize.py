from __future__ import annotations

import numpy as np
import onnxruntime
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.images.network import INPUT, Activation, Add, Conv, Floats, Layer, Network, Norm, Pool
from fapfav.images.onnx_float import float_model
from fapfav.images.onnx_int8 import int8_model
from fapfav.images.quantize import Ranges, equalised, expected_means, integer_conv, trunks
from tests.images.torch_files import made_up, made_up_pixels

NORM = Norm(np.zeros(8, np.float32), np.ones(8, np.float32))


def _conv(name: str, source: str, shape: tuple[int, ...], seed: int, groups: int = 1) -> Conv:
    weight = made_up(shape, seed)
    bias = made_up(shape[:1], seed + 100)
    kind = Activation.NONE if name.startswith("linear") else Activation.RELU6
    return Conv(name, source, weight, bias, 1, (1, 1), groups, kind, NORM)


def _network() -> Network:
    layers: tuple[Layer, ...] = (
        _conv("stem", INPUT, (8, 3, 3, 3), 1),
        _conv("linear-one", "stem", (8, 8, 3, 3), 2),
        _conv("wide", "linear-one", (8, 8, 3, 3), 3),
        _conv("deep", "wide", (8, 1, 3, 3), 4, groups=8),
        _conv("linear-two", "deep", (8, 8, 3, 3), 5),
        Add("sum", "linear-two", "linear-one"),
        Pool("pool", "sum"),
    )
    return Network("small", 224, 8, (127,) * 3, (128,) * 3, layers)


def _values(model: bytes, *outputs: str) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    pixels = np.stack([made_up_pixels(1), made_up_pixels(2)])
    return list(session.run(list(outputs) or None, {INPUT: pixels}))


def _ranges(network: Network) -> Ranges:
    names = ("linear-one", "linear-two", "sum")
    found = _values(float_model(network, names), *names)
    largest: Floats = np.max([np.abs(values).max(axis=(0, 2, 3)) for values in found], axis=0)
    return Ranges({"sum": largest}, dict.fromkeys(names, (-1.0, 1.0)))


def test_layers_that_are_added_up_share_a_trunk() -> None:
    assert trunks(_network()) == {"linear-one": "sum", "linear-two": "sum", "sum": "sum"}


def test_equal_reach_changes_nothing_but_the_scale_of_the_trunk() -> None:
    network = _network()
    reach = _ranges(network).reach

    (before,) = _values(float_model(network))
    (after,) = _values(float_model(equalised(network, reach)))

    np.testing.assert_allclose(after * reach["sum"], before, rtol=1e-4, atol=1e-4)


def test_integers_give_nearly_the_embedding_of_the_float_network() -> None:
    network = _network()
    ranges = _ranges(network)

    (real,) = _values(float_model(equalised(network, ranges.reach)))
    (whole,) = _values(int8_model(network, ranges, "wide"))

    cosines = (real * whole).sum(1) / np.linalg.norm(real, axis=1) / np.linalg.norm(whole, axis=1)
    assert cosines.min() > 0.999


def test_the_same_network_gives_the_same_bytes() -> None:
    network = _network()
    ranges = _ranges(network)

    assert int8_model(network, ranges, "wide") == int8_model(network, ranges, "wide")


@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0.01, 1.0, 50.0]))
@settings(deadline=None, max_examples=50)
def test_no_two_neighbouring_weights_can_overflow_sixteen_bits(
    seed: int, channels: int, size: float
) -> None:
    weight = made_up((5, channels, 1, 1), seed) ** 3 * np.float32(size)
    layer = Conv("one", INPUT, weight, made_up((5,), seed))

    whole = integer_conv(layer, 6 / 255, np.ones(channels)).weight.astype(np.int64)

    padded = np.pad(whole[:, :, 0, 0], ((0, 0), (0, channels % 2)))
    sums = 255 * np.stack([padded[:, 0::2], padded[:, 1::2], padded[:, 0::2] + padded[:, 1::2]])
    assert -(2**15) <= sums.min() <= sums.max() < 2**15


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=50)
def test_a_filter_does_to_flat_areas_what_it_did_before_rounding(seed: int) -> None:
    layer = Conv("one", INPUT, made_up((6, 1, 3, 3), seed), np.zeros(6, np.float32), groups=6)

    whole = integer_conv(layer, 1.0, np.zeros(6))

    sums = whole.weight.sum(axis=(1, 2, 3)) * whole.steps
    assert (np.abs(sums - layer.weight.sum(axis=(1, 2, 3))) <= 0.51 * whole.steps).all()


def test_the_bias_makes_up_for_what_rounding_shifts_on_average() -> None:
    layer = Conv("one", INPUT, made_up((4, 16, 1, 1), 3), made_up((4,), 4))
    means = np.linspace(0, 6, 16)

    whole = integer_conv(layer, 6 / 255, means)

    rounded = whole.weight[:, :, 0, 0] * whole.steps[:, None]
    average = rounded @ means + whole.bias * whole.bias_steps
    np.testing.assert_allclose(average, layer.weight[:, :, 0, 0] @ means + layer.bias, atol=1e-3)


def test_a_channel_without_weights_keeps_its_bias() -> None:
    bias = np.array([3.0, -2.0], np.float32)
    layer = Conv("one", INPUT, np.zeros((2, 4, 1, 1), np.float32), bias)

    whole = integer_conv(layer, 6 / 255, np.ones(4))

    np.testing.assert_allclose(whole.bias * whole.bias_steps, bias, rtol=1e-6)


def test_the_mean_behind_a_relu6_is_that_of_a_clipped_normal() -> None:
    centre = np.array([-4, 0, 3, 9, 5.5], np.float32)
    spread = np.array([1, 2, 0.1, 1, 3], np.float32)
    layer = Conv(
        "one", INPUT, np.zeros((5, 3, 1, 1), np.float32), centre,
        activation=Activation.RELU6, norm=Norm(centre, spread),
    )  # fmt: skip
    network = Network("small", 224, 5, (0,) * 3, (1,) * 3, (layer,))

    drawn = np.random.default_rng(1).normal(centre, spread, (200_000, 5)).clip(0, 6).mean(0)

    np.testing.assert_allclose(expected_means(network)["one"], drawn, atol=0.02)
