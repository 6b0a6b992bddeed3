"""Pictures that differ in a few words or numbers alone, in one place: other memes of one picture.

Every member carries something, so none of them is the original with a mark, and two of a group are
`different`. The other negatives are in `benchmarks.quality.negatives`; these have a group of files
of their own, so that those stay what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.quality import drawn, marks
from benchmarks.quality.negatives import Group, Pictures
from benchmarks.quality.numbered import NUMBERED, Pen, others
from fapfav.model import Label

Style = Literal["outlined", "plain", "plate"]
STYLES: Final[tuple[Style, ...]] = ("outlined", "plain", "plate")

Place = Literal["top", "middle", "bottom", "corner"]
PLACES: Final[tuple[Place, ...]] = ("bottom", "top", "corner", "middle")

Write = Callable[[Image.Image, Random, int, int, Pen], Iterator[Image.Image]]

_CAPITALS: Final = 0.72
"""Height of capitals by the size of a font, about the same in all that are used."""


@dataclass(frozen=True, slots=True)
class Material:
    """RGB photographs that nothing else is made of, and files of fonts; either may be missing."""

    photographs: Pictures
    fonts: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words are put on a picture: `height` is of capitals, as a share of the picture's."""

    style: Style
    place: Place
    height: float
    pen: Pen
    left: bool = False
    dark: bool = False


def groups(material: Material, seed: str, count: int, members: int) -> Iterator[Group]:
    """`count` groups of every family, of so many members each."""
    scenes = _scenes(material.photographs, seed)
    for family, write in WRITTEN.items():
        for number in range(count):
            name = f"{family} {number}"
            chance = Random(f"{seed} {name}")
            pen = pen_of(material.fonts, chance)
            made = write(next(scenes), chance, number, members, pen)
            yield Group(family, name, Label.DIFFERENT, tuple(made))
    for family, draw in NUMBERED.items():
        for number in range(count):
            name = f"{family} {number}"
            chance = Random(f"{seed} {name}")
            made = draw(chance, number, members, pen_of(material.fonts, chance))
            yield Group(family, name, Label.DIFFERENT, tuple(made))


def _scenes(photographs: Pictures, seed: str) -> Iterator[Image.Image]:
    """Both halves of each photograph, which show nothing in common, and then skies without end."""
    for image in photographs:
        yield from halves(image)
    number = 0
    while True:
        yield drawn.sky(Random(f"{seed} scene {number}"))
        number += 1


def halves(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The left and the right one of a picture, or the upper and the lower one if it is upright."""
    width, height = image.size
    if width >= height:
        return image.crop((0, 0, width // 2, height)), image.crop((width // 2, 0, width, height))
    return image.crop((0, 0, width, height // 2)), image.crop((0, height // 2, width, height))


def pen_of(fonts: Sequence[Path], chance: Random) -> Pen:
    """One of the fonts, or Pillow's own where there are none."""
    return partial(ImageFont.truetype, chance.choice(fonts)) if fonts else marks.font


def lettering(style: Style, number: int, chance: Random, pen: Pen) -> Lettering:
    """Of one group: places by turns, 4 to 12 % high."""
    place = PLACES[(number + STYLES.index(style)) % len(PLACES)]
    height = chance.uniform(0.04, 0.12)
    return Lettering(style, place, height, pen, chance.random() < 0.5, chance.random() < 0.5)


def _with_words(style: Style) -> Write:
    """One scene with one to four other words each time."""

    def write(
        scene: Image.Image, chance: Random, number: int, members: int, pen: Pen
    ) -> Iterator[Image.Image]:
        how = lettering(style, number, chance, pen)
        for text in others(lambda: fitting(chance, scene, how), members):
            yield lettered(scene, text, how)

    return write


def fitting(chance: Random, scene: Image.Image, how: Lettering) -> str:
    """As many of one to four words as there is room for, shorter ones in a corner."""
    room = scene.width * (0.55 if how.place == "corner" else 0.92)
    face = how.pen(_size(scene, how))
    text = marks.words(chance, chance.randint(1, 4)).upper()
    while face.getlength(text) > room:
        shorter = text.rpartition(" ")[0]
        text = shorter or marks.word(chance, 1, 2).upper()
    return text


def _size(scene: Image.Image, how: Lettering) -> float:
    # Two syllables have to find room in a narrow picture.
    return min(scene.height * how.height / _CAPITALS, scene.width * 0.16)


def lettered(scene: Image.Image, text: str, how: Lettering) -> Image.Image:
    """The scene with words over it."""
    result = scene.copy()
    draw = ImageDraw.Draw(result)
    size = _size(scene, how)
    face, edge = how.pen(size), size * 0.4
    down = {"top": edge + size / 2, "middle": scene.height / 2}.get(
        how.place, scene.height - edge - size / 2
    )
    across, anchor = scene.width / 2, "mm"
    if how.place == "corner":
        across, anchor = (edge, "lm") if how.left else (scene.width - edge, "rm")
    at = across, down
    box = draw.textbbox(at, text, face, anchor=anchor)
    if how.style == "outlined":
        width = max(1, round(size / 14))
        draw.text(at, text, "white", face, anchor, stroke_width=width, stroke_fill="black")
        return result
    ink = "white" if _is_dark(scene, (down - size / 2, down + size / 2)) else (16, 16, 18)
    if how.style == "plate":
        plate, ink = ("white", (16, 16, 18)) if how.dark else ("black", "white")
        margin = size * 0.25
        draw.rectangle((box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin), plate)
    draw.text(at, text, ink, face, anchor)
    return result


def _is_dark(scene: Image.Image, rows: tuple[float, float]) -> bool:
    """Whether white words can be read there sooner than dark ones, the same for all words."""
    top, bottom = (max(0, round(edge)) for edge in rows)
    band = np.asarray(scene.convert("L"))[top : bottom + 1]
    return bool((band > 190).mean() <= (band < 60).mean() + 0.1)


def captions(
    scene: Image.Image, chance: Random, number: int, members: int, pen: Pen
) -> Iterator[Image.Image]:
    """One scene above a strip with another caption of one or two lines, by turns."""
    size = max(12.0, scene.height * chance.uniform(0.06, 0.08))
    dark = chance.random() < 0.4
    for text in others(
        lambda: caption_text(chance, scene.width, size, number % 2 + 1, pen), members
    ):
        yield with_caption(scene, text, size, dark, pen)


def caption_text(chance: Random, width: int, size: float, lines: int, pen: Pen) -> str:
    """Lines that each fill most of the width."""
    found = []
    for _ in range(lines):
        text = marks.words(chance, 6).capitalize()
        while " " in text and pen(size).getlength(text) > width * 0.92:
            text = text.rpartition(" ")[0]
        found.append(text)
    return "\n".join(found)


def with_caption(scene: Image.Image, text: str, size: float, dark: bool, pen: Pen) -> Image.Image:
    """The scene above a strip that holds the lines."""
    lines = text.split("\n")
    strip = round(size * (1.3 * len(lines) + 0.5))
    behind, ink = ((20, 20, 22), "white") if dark else ((255, 255, 255), (20, 20, 20))
    result = Image.new("RGB", (scene.width, scene.height + strip), behind)
    result.paste(scene)
    draw = ImageDraw.Draw(result)
    for row, line in enumerate(lines):
        at = scene.width * 0.04, scene.height + size * (0.9 + 1.3 * row)
        draw.text(at, line, ink, pen(size), anchor="lm")
    return result


WRITTEN: Final[dict[str, Write]] = {
    "words with an outline": _with_words("outlined"),
    "plain words": _with_words("plain"),
    "words on a plate": _with_words("plate"),
    "captions below": captions,
}
FAMILIES: Final = (*WRITTEN, *NUMBERED)
"""Every family there is."""
