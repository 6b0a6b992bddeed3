from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fapfav.images.cnn import lite0_weights, load_embedder
from fapfav.images.lite0 import WIDTH, lite0
from fapfav.images.lite0_int8 import lite0_int8, lite0_ranges
from fapfav.images.network import Network
from fapfav.images.onnx_float import float_model
from fapfav.images.quantize import trunks
from fapfav.images.torch_state import UnreadableState, read_state
from tests.images.goldens import embeddings, golden


@pytest.fixture(scope="module")
def network() -> Network:
    return lite0(read_state(lite0_weights()))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_it_gives_what_torch_gives(network: Network) -> None:
    found = embeddings(float_model(network))

    assert found.shape == (2, WIDTH)
    np.testing.assert_allclose(found, golden("lite0"), rtol=1e-3, atol=5e-5)


def test_the_shipped_ranges_cover_every_trunk(network: Network) -> None:
    trunk, ranges = trunks(network), lite0_ranges()

    assert set(ranges.reach) == set(trunk.values())
    assert set(ranges.spans) == set(trunk)
    assert all((reach > 0).all() for reach in ranges.reach.values())
    assert all(low < 0 < high for low, high in ranges.spans.values())


def test_the_integer_model_is_a_third_of_the_float_one(network: Network) -> None:
    assert len(lite0_int8(network)) < len(float_model(network)) / 3


def _photographs() -> Iterator[Image.Image]:
    """Photographs out of scikit-image, whole and in parts."""
    spec = importlib.util.find_spec("skimage")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "data"
    for name in ("coffee.png", "chelsea.png", "astronaut.png", "rocket.jpg", "brick.png"):
        with Image.open(folder / name) as picture:
            whole = picture.convert("RGB")
        width, height = whole.size
        yield whole
        yield whole.crop((0, 0, width * 2 // 3, height * 2 // 3))
        yield whole.crop((width // 2, height // 3, width, height))


def test_integer_embeddings_of_real_photographs_are_near_the_float_ones(cache: Path) -> None:
    integer, real = load_embedder("lite0", cache), load_embedder("lite0-float", cache)

    cosines = [float(integer(picture) @ real(picture)) for picture in _photographs()]

    assert len(cosines) == 15
    assert min(cosines) > 0.995


def test_a_smaller_copy_is_alike_and_another_picture_is_not(cache: Path) -> None:
    embed = load_embedder("lite0", cache)
    wholes = list(_photographs())[::3]

    vectors = np.stack([embed(whole) for whole in wholes])
    smaller = [whole.resize((320, 320), Image.Resampling.LANCZOS) for whole in wholes]
    cosines = vectors @ np.stack([embed(copy) for copy in smaller]).T

    assert np.diag(cosines).min() >= embed.info.limit_regular
    assert cosines[~np.eye(len(wholes), dtype=bool)].max() < embed.info.limit_regular


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(UnreadableState, match="another network"):
        lite0({"features.0.0.weight": np.zeros((16, 3, 3, 3), np.float32)})
