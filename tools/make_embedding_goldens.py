"""Makes tests/images/embedding_goldens.json with torch: what our models must agree with.

Needs torch, torchvision and efficientnet_lite_pytorch, which nothing else here does.
"""

from __future__ import annotations

import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fapfav.images.cnn import lite0_weights
from tests.images.torch_files import made_up_pixels, made_up_state

_TARGET = Path(__file__).parents[1] / "tests/images/embedding_goldens.json"
_SEEDS = (1, 2)


torch = importlib.import_module("torch")
torchvision = importlib.import_module("torchvision")
reference = importlib.import_module("efficientnet_lite_pytorch")


def _pictures(mean: Any, deviation: Any) -> Any:
    pixels = np.stack([made_up_pixels(seed) for seed in _SEEDS]).astype(np.float32)
    return torch.from_numpy(((pixels - mean) / deviation).astype(np.float32).transpose(0, 3, 1, 2))


def _rounded(features: Any) -> list[list[float]]:
    means = features.mean((2, 3)).numpy().astype(float)
    return [[float(f"{value:.6g}") for value in row] for row in means]


def main() -> None:
    """Writes the file."""
    torch.set_grad_enabled(False)
    with tempfile.NamedTemporaryFile() as weights:
        weights.write(lite0_weights())
        weights.flush()
        load = reference.EfficientNet.from_pretrained
        lite0 = load("efficientnet-lite0", weights_path=weights.name).eval()
    mobilenet = torchvision.models.mobilenet_v3_small(weights=None).eval()
    shapes = {name: list(one.shape) for name, one in mobilenet.state_dict().items()}
    state = {name: torch.from_numpy(one) for name, one in made_up_state(shapes).items()}
    mobilenet.load_state_dict(state)
    mean = np.array([0.485, 0.456, 0.406]) * 255
    deviation = np.array([0.229, 0.224, 0.225]) * 255
    goldens = {
        "lite0": _rounded(lite0.extract_features(_pictures(127, 128))),
        "mobilenet_v3_small": _rounded(mobilenet.features(_pictures(mean, deviation))),
        "mobilenet_shapes": {n: s for n, s in shapes.items() if not n.startswith("classifier")},
    }
    _TARGET.write_text(json.dumps(goldens, separators=(",", ":")).replace("],", "],\n") + "\n")


if __name__ == "__main__":
    main()
