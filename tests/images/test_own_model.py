from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto
from PIL import Image

from fapfav.images.embedder import ModelUnavailable
from fapfav.images.own_model import own_model
from tests.images.small_model import TOML, placed, small_model

ORANGE = Image.new("RGB", (40, 30), (255, 127, 0))
ORANGE.paste((127, 127, 127), (0, 0, 40, 6))
MEANS = np.array([0.8 * 128, 0, 0.8 * -127]) / 64


def _unit(values: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values / np.linalg.norm(values))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("channels", ["RGB", "BGR"])
def test_the_picture_reaches_the_model_as_its_toml_file_says(
    tmp_path: Path, layout: str, channels: str
) -> None:
    toml = TOML.replace("NCHW", layout).replace("RGB", channels)
    embed = own_model(placed(tmp_path, toml, small_model(layout)), 1)

    expected = _unit(MEANS if channels == "RGB" else MEANS[::-1])
    np.testing.assert_allclose(embed(ORANGE), expected, atol=0.03)


def test_width_limits_and_name_are_known(tmp_path: Path) -> None:
    embed = own_model(placed(tmp_path), 1)

    assert embed.width == embed.info.width == 3
    assert (embed.info.limit_regular, embed.info.limit_animated) == (0.9, 0.95)
    assert embed.space.startswith("cnn/my-model/")


def test_the_animated_limit_is_the_regular_one_unless_given(tmp_path: Path) -> None:
    embed = own_model(placed(tmp_path, TOML.replace("limit_animated = 0.95", "")), 1)

    assert embed.info.limit_animated == 0.9


def test_the_middle_is_cut_out_when_it_is_resized_to_more(tmp_path: Path) -> None:
    framed = Image.new("RGB", (64, 64), (0, 0, 0))
    framed.paste((255, 127, 60), (16, 16, 48, 48))
    framed.paste((250, 127, 60), (16, 16, 48, 20))

    embed = own_model(placed(tmp_path, TOML + "resize = 32\n"), 1)

    np.testing.assert_allclose(embed(framed), _unit(np.array([128, 0, -67])), atol=0.05)


def test_another_preparation_is_another_space(tmp_path: Path) -> None:
    first = own_model(placed(tmp_path), 1).space

    assert own_model(placed(tmp_path), 1).space == first
    assert own_model(placed(tmp_path, TOML.replace("64, 64, 64", "64, 64, 65")), 1).space != first
    assert own_model(placed(tmp_path, TOML + "resize = 20\n"), 1).space != first


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("side = 16", "", "lacks side"),
        ("side = 16", "side = 0", "side must be"),
        ("side = 16", 'side = "16"', "side must be"),
        ("side = 16", "side = true", "side must be"),
        ("side = 16", "side = 100000", "side must be"),
        ("side = 16", "side = 16\nresize = 15", "resize must be"),
        ("side = 16", "side = 16\nsize = 16", "size, which is not known"),
        ("mean = [127, 127, 127]", "mean = [127, 127]", "mean must be three"),
        ("mean = [127, 127, 127]", "mean = [127, 127, nan]", "no.*plain number|not a plain number"),
        ("deviation = [64, 64, 64]", "deviation = [64, 64, 0]", "deviation must be above 0"),
        ('layout = "NCHW"', 'layout = "CHW"', "layout must be NHWC or NCHW"),
        ('channels = "RGB"', "channels = 3", "channels must be RGB or BGR"),
        ('output = "embedding"', 'output = "logits"', "no output 'logits'; it has largest, embed"),
        ('output = "embedding"', "output = 3", "output must be"),
        ('output = "embedding"', 'output = "largest"', "1 values"),
        ("limit_regular = 0.9", "limit_regular = 0.4", "limits must be"),
        ("limit_regular = 0.9", "limit_regular = 0.96", "limits must be"),
        ("limit_regular = 0.9", "limit_regular", "toml"),
        ("limit_animated = 0.95", "limit_animated = 1", "limits must be"),
    ],
)
def test_a_toml_file_that_makes_no_sense_says_where(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = placed(tmp_path, TOML.replace(old, new))

    with pytest.raises(ModelUnavailable, match=said):
        own_model(path, 1)


def test_a_toml_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = placed(tmp_path)
    path.with_suffix(".toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ModelUnavailable, match="toml"):
        own_model(path, 1)


@pytest.mark.parametrize("ending", [".onnx", ".toml"])
def test_a_missing_file_is_named(tmp_path: Path, ending: str) -> None:
    path = placed(tmp_path)
    path.with_suffix(ending).unlink()

    with pytest.raises(ModelUnavailable, match=rf"my model\{ending} cannot be read"):
        own_model(path, 1)


def test_a_toml_file_of_any_length_is_not_read(tmp_path: Path) -> None:
    path = placed(tmp_path, TOML + "#" * (1 << 17))

    with pytest.raises(ModelUnavailable, match="larger than"):
        own_model(path, 1)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="does not load"):
        own_model(placed(tmp_path, model=b"not a model"), 1)


def test_a_model_for_another_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="does not run"):
        own_model(placed(tmp_path, model=small_model("NHWC")), 1)
    with pytest.raises(ModelUnavailable, match="does not run"):
        own_model(placed(tmp_path, model=small_model(kind=TensorProto.INT64)), 1)
