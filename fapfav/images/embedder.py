"""Runs a model on pictures: from decoded pixels to a vector of length 1.

Owns how a picture becomes a model's input, and the session. ONNX Runtime is imported only here, and
only when a model is opened. Where models come from is left to `cnn`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fapfav.errors import FapfavError

Vector = NDArray[np.float32]

_FLAT = 2  # of 255: what a flat picture's pixels may differ by after lossy coding


class ModelUnavailable(FapfavError):
    """There is no usable model; `str()` says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a picture becomes a model's input: squashed to `resize` pixels square, then its middle.

    The remaining fields are how the numbers are laid out; a model without `means` takes bytes.
    """

    side: int
    resize: int
    means: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()
    channels_first: bool = False
    blue_first: bool = False

    def pixels(self, picture: Image.Image) -> Image.Image:
        """The picture as RGB, side x side pixels.

        Bilinear, after whole pixels are averaged while it is at least twice too large. For 1.6
        megapixels that takes 1.9 ms against 7.7 for Lanczos, and a copy shrunk to .4 stays nearer:
        5th percentile of the cosine .88 against .85.
        """
        if picture.mode != "RGB":
            picture = picture.convert("RGB")
        size = (self.resize, self.resize)
        small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        edge = (self.resize - self.side) // 2
        if edge:
            small = small.crop((edge, edge, edge + self.side, edge + self.side))
        return small

    def batch(self, squashed: Image.Image) -> NDArray[Any]:
        """The model's input for one picture, of what `pixels` made of it."""
        pixels = np.asarray(squashed)
        if not self.means:
            return pixels[None]
        means, deviations = np.array(self.means, np.float32), np.array(self.deviations, np.float32)
        real = (pixels.astype(np.float32) - means) / deviations
        if self.blue_first:
            real = real[:, :, ::-1]
        if self.channels_first:
            real = real.transpose(2, 0, 1)
        return np.ascontiguousarray(real[None])


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model: `sha256` is of its weights, `recipe` all that was done to them.

    The limits are the smallest cosines at which still and animated pictures count as alike.
    """

    name: str
    width: int
    sha256: str
    recipe: str
    limit_regular: float
    limit_animated: float

    @property
    def space(self) -> str:
        """The name its rows are kept under: of one weights file, precision and preparation."""
        told = hashlib.sha256(f"{self.sha256}\n{self.recipe}".encode()).hexdigest()
        return f"cnn/{self.name}/{told[:12]}"


class Embedder:
    """A model ready to run. Calls from several threads at once are fine.

    One picture a call: batches of 4 and 8 took 10 to 30 % longer a picture, being less in cache.
    """

    def __init__(self, info: ModelInfo, preparation: Preparation, session: Session) -> None:
        self.info = info
        self._preparation = preparation
        self._session = session

    @property
    def space(self) -> str:
        """The name its rows are kept under."""
        return self.info.space

    @property
    def width(self) -> int:
        """How many values a vector has."""
        return self.info.width

    def __call__(self, rgb: Image.Image) -> Vector:
        """The embedding of a decoded picture, float32 (width,), of length 1.

        All zeros, which is like nothing, for a picture of one colour: all of those would be like
        each other, and their hashes say so already. Likewise where the model gives no number.
        """
        pixels = self._preparation.pixels(rgb)
        if _is_flat(pixels):
            return np.zeros(self.width, np.float32)
        vector = self._session.run(self._preparation.batch(pixels))
        length = float(np.linalg.norm(vector.astype(np.float64)))
        if not 0 < length < np.inf:
            return np.zeros(self.width, np.float32)
        return (vector / length).astype(np.float32)


def _is_flat(picture: Image.Image) -> bool:
    """Whether an RGB picture is of one colour."""
    extremes = cast(tuple[tuple[int, int], ...], picture.getextrema())
    return all(high - low <= _FLAT for low, high in extremes)


class Session:
    """An ONNX model loaded into ONNX Runtime, with one input and one output used."""

    def __init__(self, model: bytes, threads: int, output: str = "") -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised; nothing is printed
        # A waiting thread sleeps: the cores have pictures to decode.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        try:
            # From bytes, so that the model cannot name other files as holding its weights.
            self._session = runtime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors share no base class but Exception
            raise ModelUnavailable(f"ONNX Runtime does not load the model: {error}") from error
        self._input = self._session.get_inputs()[0].name
        outputs = [one.name for one in self._session.get_outputs()]
        if output and output not in outputs:
            raise ModelUnavailable(
                f"the model has no output {output!r}; it has {', '.join(outputs)}"
            )
        self._output = output or outputs[0]

    def run(self, batch: NDArray[Any]) -> NDArray[Any]:
        """The values (width,) for a batch of one picture."""
        (values,) = self._session.run([self._output], {self._input: batch})
        return np.asarray(values).reshape(-1)


def _runtime() -> Any:
    # Official builds from 1.29 on otherwise write a device id to the user's cache folder and send
    # names and hashes of models to their maker. It is read when the library is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelUnavailable(
            f"ONNX Runtime cannot be imported ({error}); `pip install onnxruntime` provides it"
        ) from error
    return onnxruntime
