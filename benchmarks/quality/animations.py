"""How the web varies an animation: other times, sizes, formats, less of it, one frame alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from random import Random
from typing import Any, Final

from PIL import Image, ImageOps, ImageSequence

from benchmarks.quality.changes import Family, File
from fapfav.model import Label


@dataclass(frozen=True, slots=True)
class Animation:
    """RGB frames of one size, and for how many milliseconds each is shown."""

    frames: tuple[Image.Image, ...]
    durations: tuple[int, ...]

    def each(self, change: Callable[[Image.Image], Image.Image]) -> Animation:
        """Every frame changed in the same way."""
        return Animation(tuple(change(frame) for frame in self.frames), self.durations)


@dataclass(frozen=True, slots=True)
class AnimationChange:
    """A name, a family, what a changed copy is to its original, and how its file is made."""

    name: str
    family: Family
    truth: Label
    make: Callable[[Animation, Random], File]


def read(image: Image.Image, scale: int = 1) -> Animation:
    """The frames of an opened file on white, enlarged by a whole factor."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(max(20, int(frame.info.get("duration", 100))))
        full = frame.convert("RGBA")
        ground = Image.new("RGBA", full.size, "white")
        ground.alpha_composite(full)
        size = full.width * scale, full.height * scale
        frames.append(ground.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    return Animation(tuple(frames), tuple(durations))


def saved(animation: Animation, kind: str = "GIF", colours: int = 256, **options: Any) -> File:
    """A GIF with one palette a frame, or a WebP; it repeats for ever."""
    frames = list(animation.frames)
    if kind == "GIF":
        frames = [frame.quantize(colours) for frame in frames]
        options["disposal"] = 1
    out = io.BytesIO()
    frames[0].save(
        out,
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=list(animation.durations),
        loop=0,
        **options,
    )
    return File(out.getvalue(), kind.lower())


def _original(animation: Animation, _: Random) -> File:
    return saved(animation)


def _webp(animation: Animation, _: Random) -> File:
    return saved(animation, "WEBP", quality=75, method=1)


def _few_colours(animation: Animation, _: Random) -> File:
    return saved(animation, colours=48)


def _retimed(factor: float, animation: Animation, _: Random) -> File:
    """Slower by a factor; GIFs count hundredths of a second, so the ends are rounded."""
    ends = [round(end * factor / 10) for end in accumulate(animation.durations)]
    durations = tuple(max(20, 10 * (end - start)) for start, end in pairwise([0, *ends]))
    return saved(Animation(animation.frames, durations))


def _resized(scale: float, animation: Animation, _: Random) -> File:
    width, height = animation.frames[0].size
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return saved(animation.each(lambda frame: frame.resize(size, Image.Resampling.LANCZOS)))


def _cropped(animation: Animation, _: Random) -> File:
    width, height = animation.frames[0].size
    across, down = round(width * 0.025), round(height * 0.025)
    return saved(
        animation.each(lambda one: one.crop((across, down, width - across, height - down)))
    )


def _cut(first: float, last: float, animation: Animation, _: Random) -> File:
    """Only the frames from one share of their number to another."""
    count = len(animation.frames)
    part = slice(round(count * first), max(2, round(count * last)))
    return saved(Animation(animation.frames[part], animation.durations[part]))


def frame_at(animation: Animation, share: float) -> Image.Image:
    """The frame at a share of their number."""
    return animation.frames[round((len(animation.frames) - 1) * share)]


def _still(share: float, animation: Animation, _: Random) -> File:
    out = io.BytesIO()
    frame_at(animation, share).save(out, "PNG")
    return File(out.getvalue(), "png")


def _mirrored(animation: Animation, _: Random) -> File:
    return saved(animation.each(ImageOps.mirror))


LATER_FRAME: Final = "later frame"
LATER: Final = 0.6
"""A still of this name, and at which share of the frames; only where it is unlike the first."""
_SAME, _RELATED = Label.SAME, Label.RELATED

CHANGES: Final = (
    AnimationChange("original", "original", _SAME, _original),
    AnimationChange("as webp", "animation", _SAME, _webp),
    AnimationChange("48 colours", "animation", _SAME, _few_colours),
    AnimationChange("re-timed 1.1", "animation", _SAME, partial(_retimed, 1.1)),
    AnimationChange("re-timed 1.7", "speed", _RELATED, partial(_retimed, 1.7)),
    AnimationChange("animation resized 0.5", "animation", _SAME, partial(_resized, 0.5)),
    AnimationChange("animation resized 1.6", "animation", _SAME, partial(_resized, 1.6)),
    AnimationChange("animation cropped", "animation", _SAME, _cropped),
    AnimationChange("first half", "cut animation", _RELATED, partial(_cut, 0, 0.5)),
    AnimationChange("last two thirds", "cut animation", _RELATED, partial(_cut, 0.34, 1)),
    AnimationChange("first frame", "still of animation", _RELATED, partial(_still, 0)),
    AnimationChange(LATER_FRAME, "still of animation", _RELATED, partial(_still, LATER)),
    AnimationChange("animation mirrored", "geometry", _RELATED, _mirrored),
)
"""What is done to every animation; one that looks the same mirrored is not mirrored."""
