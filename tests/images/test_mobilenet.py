from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fapfav.images.mobilenet import WIDTH, mobilenet_v3_small
from fapfav.images.onnx_float import float_model
from fapfav.images.torch_state import UnreadableState, read_state
from tests.images.goldens import GOLDENS, embeddings, golden
from tests.images.torch_files import made_up_state, zip_file


@pytest.fixture(scope="module")
def state() -> dict[str, NDArray[Any]]:
    return made_up_state(GOLDENS["mobilenet_shapes"])


def test_it_gives_what_torchvisions_network_gives(state: dict[str, NDArray[Any]]) -> None:
    network = mobilenet_v3_small(read_state(zip_file(state)))

    found = embeddings(float_model(network))

    assert found.shape == (2, WIDTH)
    np.testing.assert_allclose(found, golden("mobilenet_v3_small"), rtol=1e-4, atol=1e-5)


def test_every_weight_of_the_features_is_used(state: dict[str, NDArray[Any]]) -> None:
    asked: set[str] = set()

    class Asked(dict[str, NDArray[Any]]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return super().get(key, default)

    mobilenet_v3_small(Asked(state))

    assert asked == {name for name in state if not name.endswith("num_batches_tracked")}


def test_weights_that_lack_a_tensor_are_refused_and_it_is_named(
    state: dict[str, NDArray[Any]],
) -> None:
    less = {name: one for name, one in state.items() if name != "features.4.block.2.fc1.bias"}

    with pytest.raises(UnreadableState, match=r"features\.4\.block\.2\.fc1\.bias"):
        mobilenet_v3_small(less)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(
    state: dict[str, NDArray[Any]], value: float
) -> None:
    broken = {**state, "features.0.0.weight": state["features.0.0.weight"] * np.float32(value)}

    with pytest.raises(UnreadableState, match="no numbers"):
        mobilenet_v3_small(broken)


def test_weights_of_another_shape_are_refused(state: dict[str, NDArray[Any]]) -> None:
    other = {**state, "features.1.block.0.0.weight": np.zeros((16, 1, 5, 5), np.float32)}

    with pytest.raises(UnreadableState, match="shape"):
        mobilenet_v3_small(other)
