"""Pictures that are alike and not the same: families of them, each a group that members are of.

No member's picture is also a base that is varied, so nothing is a copy here but what says so. Two
members of a group are `different`; in groups of colour variants they are `related`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from benchmarks.quality import drawn, marks
from benchmarks.quality.changes import has_colour, hue_turned, is_uniform
from fapfav.model import Label


@dataclass(frozen=True, slots=True)
class Group:
    """The members of one group of a family, and what two of them are to each other."""

    family: str
    name: str
    within: Label
    members: tuple[Image.Image, ...]


Pictures = Sequence[Image.Image]
"""RGB."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Real pictures that nothing else is made of; `series` are pictures alike by their design."""

    photographs: Pictures
    drawings: Pictures
    series: Sequence[Pictures] = ()


def groups(reserve: Reserve, seed: str, count: int, members: int) -> Iterator[Group]:
    """At most `count` groups of every family, of at most so many members each."""
    step = len(ON_PHOTOGRAPHS)
    for start, (family, make) in enumerate(ON_PHOTOGRAPHS.items()):
        # No photograph serves two groups: whether those are the same picture would be arguable.
        for number, image in enumerate(reserve.photographs[start::step][:count]):
            name, chance = _named(family, number, seed)
            yield Group(family, name, Label.DIFFERENT, tuple(make(image, chance, members)))
    for family, draw in DRAWN.items():
        for number in range(count):
            name, chance = _named(family, number, seed)
            yield Group(family, name, Label.DIFFERENT, tuple(draw(chance, number, members)))
    yield from _on_drawings(reserve.drawings, seed, count, members)
    for number, pictures in enumerate(reserve.series):
        name, chance = _named("series", number, seed)
        few = chance.sample(list(pictures), min(members, len(pictures)))
        yield Group("series", name, Label.DIFFERENT, tuple(few))


def _named(family: str, number: int, seed: str) -> tuple[str, Random]:
    name = f"{family} {number}"
    return name, Random(f"{seed} {name}")


def _on_drawings(drawings: Pictures, seed: str, count: int, members: int) -> Iterator[Group]:
    """Colour variants take one drawing a group, logos on white one a member."""
    drawings = [drawing for drawing in drawings if not is_uniform(drawing)]
    coloured = [drawing for drawing in drawings if has_colour(drawing)]
    for number, drawing in enumerate(coloured[:count]):
        name, chance = _named("colour variants", number, seed)
        variants = _coloured(drawing, chance, min(members, 4))
        yield Group("colour variants", name, Label.RELATED, tuple(variants))
    rest = coloured[count:] + [drawing for drawing in drawings if not has_colour(drawing)]
    for number in range(min(count, len(rest) // members)):
        name, _ = _named("logos on white", number, seed)
        few = rest[number * members : (number + 1) * members]
        logos = tuple(_on_white(drawing) for drawing in few)
        yield Group("logos on white", name, Label.DIFFERENT, logos)


def _burst(image: Image.Image, chance: Random, members: int) -> Iterator[Image.Image]:
    """Frames a moment apart: the camera moved by up to 3 %, and something passes through."""
    width, height = (round(side * 0.94) for side in image.size)
    size = round(min(width, height) * chance.uniform(0.16, 0.22))
    thing = drawn.moving_object(chance, size)
    for number in range(members):
        left = chance.randint(0, image.width - width)
        top = chance.randint(0, image.height - height)
        frame = image.crop((left, top, left + width, top + height))
        x = round((number + 0.5) / members * (width - size))
        frame.paste(thing, (x, round(height * chance.uniform(0.35, 0.6))), thing)
        yield frame


def _template(image: Image.Image, chance: Random, members: int) -> Iterator[Image.Image]:
    """One picture with other large words above and below each time."""
    for _ in range(members):
        result = image.copy()
        draw = ImageDraw.Draw(result)
        for y in (0.1, 0.88):
            text = marks.words(chance, chance.randint(2, 3)).upper()
            size = min(image.height * 0.13, image.width * 1.5 / len(text))
            at = (image.width / 2, image.height * y)
            edge = max(2, round(size / 14))
            face = marks.font(size)
            draw.text(at, text, "white", face, anchor="mm", stroke_width=edge, stroke_fill="black")
        yield result


def _news(image: Image.Image, chance: Random, members: int) -> Iterator[Image.Image]:
    """One picture beside a panel of text, another text each time."""
    for _ in range(members):
        panel = Image.new("RGB", (round(image.width * 1.6), image.height), (248, 248, 245))
        panel.paste(image)
        draw = ImageDraw.Draw(panel)
        size = image.height / 16
        for row in range(9):
            text = marks.words(chance, 3)
            while draw.textlength(text, marks.font(size)) > image.width * 0.55:
                text = text[:-1]
            at = (image.width * 1.03, image.height * (0.08 + row * 0.1))
            draw.text(at, text, (30, 30, 30), marks.font(size))
        yield panel


def _coloured(image: Image.Image, chance: Random, members: int) -> Iterator[Image.Image]:
    """The same drawing in other hues, evenly spread."""
    start = chance.uniform(0, 360)
    for number in range(members):
        yield hue_turned(image, start + 360 * number / members)


def _on_white(image: Image.Image) -> Image.Image:
    """A small picture in the middle of much white."""
    small = image.copy()
    small.thumbnail((180, 180))
    result = Image.new("RGB", (600, 450), "white")
    result.paste(small, ((600 - small.width) // 2, (450 - small.height) // 2))
    return result


def _screens(draw: drawn.Draw, chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    """Screens of one kind, other words in each."""
    for _number in range(members):
        yield draw(chance)


def _pages(chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    """Pages of one book: the same title, paper and lines, other words."""
    title = marks.words(chance, 3).title()
    for _number in range(members):
        yield drawn.page(chance, title)


def _cards(chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    """One plain card with a few large words, other ones each time."""
    ground = drawn.colour(chance, 0.2, 0.6)
    for _number in range(members):
        card = Image.new("RGB", (640, 640), ground)
        draw = ImageDraw.Draw(card)
        draw.rectangle((30, 30, 610, 610), outline="white", width=3)
        for row in range(3):
            text = marks.words(chance, 2)
            draw.text((320, 200 + row * 110), text, "white", marks.font(52), anchor="mm")
        yield card


_LEVELS: Final = (14, 88, 164, 240)


def _flats(chance: Random, number: int, members: int) -> Iterator[Image.Image]:
    """Plain colours at least 58 of 255 apart in some channel, no two of all groups alike."""
    lattice = [(red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS]
    Random("flat colours").shuffle(lattice)
    for place in range(number * members, (number + 1) * members):
        near = (level + chance.randint(-8, 8) for level in lattice[place % len(lattice)])
        red, green, blue = near
        yield Image.new("RGB", (480 + 8 * place, 400), (red, green, blue))


def _gradients(chance: Random, number: int, members: int) -> Iterator[Image.Image]:
    """Gradients from above to below: groups differ in the colour above, members in that below."""
    ramp = Image.linear_gradient("L").resize((640, 480))
    turn = 45 * number + chance.uniform(-10, 10)
    above = hue_turned(Image.new("RGB", ramp.size, (230, 190, 90)), turn)
    for place in range(members):
        below = hue_turned(Image.new("RGB", ramp.size, (30, 60, 120)), 360 * place / members)
        yield Image.composite(below, above, ramp)


def _dialogs(chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    """Windows of one program on one desktop."""
    ground = drawn.colour(chance, 0.3, 0.6)
    for _number in range(members):
        yield drawn.dialog(chance, ground)


def _skies(chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    for _number in range(members):
        yield drawn.sky(chance)


def _comics(chance: Random, number: int, members: int) -> Iterator[Image.Image]:
    for _number in range(members):
        yield drawn.comic(chance, number)


def _shapes(chance: Random, _: int, members: int) -> Iterator[Image.Image]:
    for _number in range(members):
        sheet = Image.new("RGB", (420, 320), "white")
        sheet.paste(drawn.shape(chance), (110, 60))
        yield sheet


def _dice(chance: Random, number: int, members: int) -> Iterator[Image.Image]:
    """Faces of one die, or of one clock."""
    ground = drawn.colour(chance, 0.75, 1.0)
    first = chance.randrange(720)
    for place in range(min(members, 6)):
        yield (
            drawn.die(place + 1, ground)
            if number % 2 == 0
            else drawn.clock((place * 137 + first) % 720, ground)
        )


_Make = Callable[[Image.Image, Random, int], Iterator[Image.Image]]
_Drawn = Callable[[Random, int, int], Iterator[Image.Image]]

ON_PHOTOGRAPHS: Final[dict[str, _Make]] = {
    "burst": _burst,
    "template": _template,
    "panel of text": _news,
}
DRAWN: Final[dict[str, _Drawn]] = {
    "pages of a book": _pages,
    "cards with text": _cards,
    "code": partial(_screens, drawn.code),
    "tables": partial(_screens, drawn.table),
    "dialogs": _dialogs,
    "flat": _flats,
    "gradients": _gradients,
    "skies": _skies,
    "comic pages": _comics,
    "shapes on white": _shapes,
    "dice and clocks": _dice,
}
FAMILIES: Final = (*ON_PHOTOGRAPHS, *DRAWN, "colour variants", "logos on white", "series")
"""Every family there is."""
