"""Whether two installations make the same prints: versions of what decides it, a picture to try.

Versions are told before any picture goes elsewhere; a picture of no meaning then shows whether the
model and the processor there give the same as here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata

import numpy as np
from PIL import Image, features

from fapfav.model import HASHES, Fingerprint

_CODECS = ("jpg", "zlib", "libtiff")
_LIBRARIES = ("libjpeg_turbo", "webp", "avif")

LEAST_COSINE = 0.999
"""Between the vectors of two computers for the picture to try. Kernels for 8-bit integers round
otherwise on other processors; a recompressed copy is farther away than this."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Each as its maker writes it, "none" where it is missing.

    `decoders` are the libraries that Pillow was built with: they decide what pixels a JPEG has.
    """

    fapfav: str
    Pillow: str
    numpy: str
    onnxruntime: str
    decoders: str


@cache
def own_versions() -> Versions:
    """Those of this process."""
    return Versions(
        fapfav=_version("fapfav"),
        Pillow=_version("pillow"),
        numpy=_version("numpy"),
        onnxruntime=_version("onnxruntime"),
        decoders=_decoders(),
    )


def differences(here: Versions, there: Versions) -> str:
    """What differs, in words, or ""."""
    found = [
        f"{field.name} is {other} there and {own} here"
        for field in fields(Versions)
        if (own := getattr(here, field.name)) != (other := getattr(there, field.name))
    ]
    if not found:
        return ""
    return f"it would make other prints: {', '.join(found)}; install the same versions"


@cache
def trial() -> bytes:
    """The picture to try: coloured waves, the same each time, as a JPEG of 40 kB or so."""
    y, x = np.mgrid[0:384, 0:512] / 64.0
    waves = [
        np.sin(x * (1.1 + 0.7 * k) + k) + np.cos(y * (2.3 - 0.5 * k) * x / 4) for k in range(3)
    ]
    pixels = np.clip(127.5 + 60.0 * np.stack(waves, axis=2), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def unlike(here: Fingerprint, there: Fingerprint) -> str:
    """What is otherwise in the prints of one and the same picture, in words, or ""."""
    other = [m.value for m in HASHES if getattr(here, m.value) != getattr(there, m.value)]
    if other:
        return f"it makes other hashes of one and the same picture: {', '.join(other)}"
    if here.cnn is None or there.cnn is None:
        return "" if here.cnn is there.cnn else "it makes no embeddings"
    cosine = float(here.cnn @ there.cnn)
    if not cosine >= LEAST_COSINE:
        return (
            f"it makes other embeddings of one and the same picture: cosine {cosine:.4f}, as "
            "another kind of processor may; use workers of this computer's kind"
        )
    return ""


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _decoders() -> str:
    built = {name: features.version_codec(name) for name in _CODECS}
    built |= {name: features.version(name) for name in _LIBRARIES}
    return " ".join(f"{name}-{version or 'none'}" for name, version in built.items())
