from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fapfav.images.embedder import Embedder, ModelInfo, ModelUnavailable, Preparation, Session
from fapfav.images.own_model import own_model
from tests.images.small_model import placed, small_model
from tests.images.torch_files import made_up_pixels


@pytest.fixture
def embed(tmp_path: Path) -> Embedder:
    return own_model(placed(tmp_path), 1)


def _picture(seed: int) -> Image.Image:
    return Image.fromarray(made_up_pixels(seed))


def test_an_embedding_has_length_one(embed: Embedder) -> None:
    vector = embed(_picture(1))

    assert vector.dtype == np.float32
    assert vector.shape == (3,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 60)])
def test_a_picture_of_one_colour_is_like_nothing(
    embed: Embedder, colour: tuple[int, int, int]
) -> None:
    assert not embed(Image.new("RGB", (300, 200), colour)).any()


def test_a_picture_with_a_small_mark_is_not_of_one_colour(embed: Embedder) -> None:
    picture = Image.new("RGB", (160, 160), "white")
    picture.paste((0, 0, 0), (70, 70, 90, 90))

    assert embed(picture).any()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_other_modes_are_taken_as_rgb(embed: Embedder, mode: str) -> None:
    picture = _picture(1).convert(mode)

    np.testing.assert_array_equal(embed(picture), embed(picture.convert("RGB")))


def test_threads_share_one_embedder(embed: Embedder) -> None:
    pictures = [_picture(seed) for seed in range(12)]
    alone = [embed(picture) for picture in pictures]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(embed, pictures * 5))

    np.testing.assert_array_equal(np.stack(together), np.stack(alone * 5))


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (5, 3), (2000, 16)])
def test_any_shape_becomes_a_square(size: tuple[int, int]) -> None:
    assert Preparation(16, 20).pixels(Image.new("RGB", size)).size == (16, 16)


def test_one_change_of_weights_or_recipe_is_another_space() -> None:
    info = ModelInfo("small", 3, "00" * 32, "as it is", 0.9, 0.95)

    spaces = {
        info.space,
        ModelInfo("small", 3, "01" * 32, "as it is", 0.9, 0.95).space,
        ModelInfo("small", 3, "00" * 32, "otherwise", 0.9, 0.95).space,
        ModelInfo("other", 3, "00" * 32, "as it is", 0.9, 0.95).space,
    }

    assert len(spaces) == 4
    assert ModelInfo("small", 3, "00" * 32, "as it is", 0.8, 0.85).space == info.space


class _NoNumbers(Session):
    def run(self, batch: NDArray[Any]) -> NDArray[Any]:
        return super().run(batch) * np.nan


def test_a_model_that_gives_no_numbers_finds_nothing_alike() -> None:
    session = _NoNumbers(small_model(), 1, "embedding")
    how = Preparation(16, 16, (127,) * 3, (64,) * 3, channels_first=True)
    embed = Embedder(ModelInfo("small", 3, "", "", 0.9, 0.95), how, session)

    assert not embed(_picture(1)).any()


def test_without_onnx_runtime_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ModelUnavailable, match="pip install onnxruntime"):
        Session(small_model(), 1)
