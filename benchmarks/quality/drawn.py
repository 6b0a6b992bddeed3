"""Pictures drawn by our own code: pages and screens of text, gradients, skies, comic pages, icons.

Each takes a source of chance and gives an RGB picture. Halves have seeds of their own, so none of
their pictures is in both.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.quality.marks import Colour, font, word, words

Draw = Callable[[Random], Image.Image]
_INK: Final = (25, 25, 30)


def colour(chance: Random, low: float = 0.25, high: float = 1.0) -> Colour:
    """Any hue; `low` and `high` bound its lightness."""
    value = chance.uniform(low, high)
    red, green, blue = colorsys.hsv_to_rgb(chance.random(), chance.uniform(0.25, 0.95), value)
    return round(red * 255), round(green * 255), round(blue * 255)


def page(chance: Random, title: str = "") -> Image.Image:
    """A page of a book: a title, paragraphs, a number."""
    image = Image.new("RGB", (620, 860), chance.choice([(255, 255, 255), (250, 246, 235)]))
    draw = ImageDraw.Draw(image)
    draw.text((310, 70), title or words(chance, 3).title(), _INK, font(30), anchor="mm")
    y = 120
    while y < 780:
        for line in range(chance.randint(3, 8)):
            indent = 24 if line == 0 else 0
            _line(draw, chance, (60 + indent, y), 500 - indent, 15)
            y += 21
            if y > 790:
                break
        y += 12
    draw.text((310, 825), str(chance.randint(1, 400)), _INK, font(14), anchor="mm")
    return image


def _line(
    draw: ImageDraw.ImageDraw, chance: Random, at: tuple[int, int], width: int, size: int
) -> None:
    """Words until the width is filled, the last line of a paragraph or not."""
    text = words(chance, chance.randint(7, 14))
    face = font(size)
    while draw.textlength(text, face) > width:
        text = text.rsplit(" ", 1)[0]
    draw.text(at, text, _INK, face)


def code(chance: Random) -> Image.Image:
    """A window of source code on a dark ground, with line numbers."""
    image = Image.new("RGB", (900, 620), (30, 32, 40))
    draw = ImageDraw.Draw(image)
    colours = [(200, 120, 220), (120, 200, 140), (220, 200, 120), (130, 170, 240), (210, 210, 210)]
    depth = 0
    first = chance.randint(1, 900)
    for row in range(28):
        depth = max(0, min(5, depth + chance.choice((-1, 0, 0, 1))))
        draw.text((12, 10 + row * 21), str(first + row), (95, 100, 115), font(14))
        x = 64 + depth * 26
        for _ in range(chance.randint(0, 6)):
            part = word(chance, 1, 4) + chance.choice((" ", "(", ") ", ": ", " = ", ".", ", "))
            draw.text((x, 10 + row * 21), part, chance.choice(colours), font(14))
            x += round(draw.textlength(part, font(14))) + 4
    return image


def chat(chance: Random) -> Image.Image:
    """A conversation: bubbles left and right on a pale ground."""
    image = Image.new("RGB", (480, 860), (232, 236, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 480, 64), (70, 110, 150))
    draw.ellipse((14, 12, 54, 52), colour(chance))
    draw.text((68, 20), word(chance, 3).title(), "white", font(20))
    y = 84.0
    while y < 780:
        lines = [words(chance, chance.randint(2, 5)) for _ in range(chance.randint(1, 3))]
        width = max(draw.textlength(line, font(16)) for line in lines) + 28
        mine = chance.random() < 0.5
        left = 466 - width if mine else 14
        ground = (205, 235, 200) if mine else (255, 255, 255)
        draw.rounded_rectangle((left, y, left + width, y + 22 * len(lines) + 16), 12, ground)
        for number, line in enumerate(lines):
            draw.text((left + 14, y + 8 + 22 * number), line, _INK, font(16))
        y += 22 * len(lines) + 32
    return image


def table(chance: Random) -> Image.Image:
    """A spreadsheet: a grid, headings, numbers."""
    image = Image.new("RGB", (900, 560), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 900, 34), (225, 232, 240))
    for column in range(7):
        draw.line((column * 130, 0, column * 130, 560), (190, 195, 200))
        draw.text((column * 130 + 8, 8), word(chance, 2).title(), _INK, font(16))
    for row in range(1, 17):
        draw.line((0, row * 34, 900, row * 34), (210, 214, 218))
        draw.text((8, row * 34 + 8), words(chance, 2), _INK, font(14))
        for column in range(1, 7):
            if chance.random() < 0.85:
                number = f"{chance.uniform(0, 10 ** chance.randint(1, 5)):.2f}"
                at = (column * 130 + 120, row * 34 + 8)
                draw.text(at, number, _INK, font(14), anchor="ra")
    return image


def dialog(chance: Random, ground: Colour | None = None) -> Image.Image:
    """A window of a program over a plain desktop: labels, fields, buttons."""
    image = Image.new("RGB", (760, 560), ground or colour(chance, 0.3, 0.6))
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 50, 700, 510), (240, 240, 240), (120, 120, 120))
    draw.rectangle((60, 50, 700, 84), (60, 80, 120))
    draw.text((72, 58), words(chance, 3).title(), "white", font(17))
    for row in range(6):
        y = 110 + row * 52
        draw.text((90, y + 6), words(chance, 2).capitalize(), _INK, font(16))
        draw.rectangle((300, y, 660, y + 32), "white", (150, 150, 150))
        draw.text((308, y + 6), words(chance, chance.randint(1, 4)), (60, 60, 60), font(16))
    for x in (440, 560):
        draw.rounded_rectangle((x, 450, x + 100, 486), 5, (215, 220, 228), (130, 130, 130))
        draw.text((x + 50, 468), word(chance, 2).title(), _INK, font(16), anchor="mm")
    return image


SCREENS: Final[tuple[Draw, ...]] = (page, code, chat, table, dialog)


def screen(number: int, chance: Random) -> Image.Image:
    """A text screen: the kinds by turns."""
    return SCREENS[number % len(SCREENS)](chance)


def gradient(number: int, chance: Random) -> Image.Image:
    """One colour, a gradient between two or a glow, by turns."""
    size = chance.choice(((640, 480), (800, 600), (512, 512), (480, 800)))
    first, second = colour(chance, 0.6, 1.0), colour(chance, 0.1, 0.5)
    if number % 3 == 0:
        # Near a lattice between that of the plain negatives, so that none of those is the same.
        place = number // 3 * 7 % 27
        levels = [(51, 126, 202)[place // 3**power % 3] for power in range(3)]
        red, green, blue = (level + chance.randint(-9, 9) for level in levels)
        return Image.new("RGB", size, (red, green, blue))
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    if number % 3 == 1:
        angle = chance.uniform(0, 2 * math.pi)
        share = across / size[0] * math.cos(angle) + down / size[1] * math.sin(angle)
    else:
        middle = chance.uniform(0.2, 0.8) * size[0], chance.uniform(0.2, 0.8) * size[1]
        share = np.hypot(across - middle[0], down - middle[1])
    share = (share - share.min()) / (share.max() - share.min())
    values = np.array(first) + share[..., None] * (np.array(second) - np.array(first))
    return Image.fromarray(np.rint(values).astype(np.uint8))


def noise(size: tuple[int, int], chance: Random, least: int = 4) -> NDArray[np.float64]:
    """Clouds by summing noise of doubling fineness, float64 (height, width) from 0 to 1."""
    rng = np.random.default_rng(chance.getrandbits(32))
    total = np.zeros((size[1], size[0]))
    cells, weight = least, 1.0
    while cells < max(size) // 3:
        coarse = Image.fromarray(rng.random((cells, cells)).astype(np.float32))
        total += weight * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))
        cells, weight = cells * 2, weight * 0.55
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def sky(chance: Random) -> Image.Image:
    """Clouds before blue, dark land below: all alike in their colours, no two in their clouds."""
    size = (800, 533)
    height = np.linspace(0, 1, size[1])[:, None]
    cloud = np.clip((noise(size, chance, 3) - 0.45) * 2.6, 0, 1)[..., None]
    blue = np.array([70.0, 125, 200]) + height[..., None] * np.array([110.0, 90, 40])
    values = blue * (1 - cloud) + 244 * cloud
    ridge = 0.86 + 0.06 * noise((size[0], 8), chance, 5)[4]
    values = np.where((height > ridge)[..., None], (38, 46, 34), values)
    return Image.fromarray(values.astype(np.uint8))


def comic(chance: Random, grid: int = 0) -> Image.Image:
    """A page of six panels: a ground, figures, words in bubbles.

    `grid` is the layout of the pages; those of odd ones have white panels and no colours behind.
    """
    image = Image.new("RGB", (640, 900), "white")
    draw = ImageDraw.Draw(image)
    layout = Random(f"comic layout {grid}")
    top = 24
    for height in (260, 300, 260):
        middle = layout.randint(220, 420)
        for left, right in ((24, middle - 6), (middle + 6, 616)):
            _panel(image, (left, top, right, top + height), chance, grid % 2 == 1)
            draw.rectangle((left, top, right, top + height), outline="black", width=4)
        top += height + 14
    return image


def _panel(image: Image.Image, box: tuple[int, int, int, int], chance: Random, plain: bool) -> None:
    left, top, right, bottom = box
    behind = (255, 255, 255) if plain else colour(chance, 0.7, 1.0)
    panel = Image.new("RGB", (right - left, bottom - top), behind)
    draw = ImageDraw.Draw(panel)
    ground = round(panel.height * (0.78 if plain else chance.uniform(0.7, 0.85)))
    below = (205, 205, 205) if plain else colour(chance, 0.4, 0.7)
    draw.rectangle((0, ground, panel.width, panel.height), below)
    for _ in range(chance.randint(1, 2)):
        _figure(draw, (chance.uniform(0.2, 0.8) * panel.width, ground), panel.height / 2, chance)
    text = words(chance, 2)
    width = draw.textlength(text, font(15)) + 22
    x = chance.uniform(6, max(7, panel.width - width - 6))
    draw.ellipse((x, 10, x + width, 52), "white", "black", 2)
    draw.text((x + width / 2, 31), text, "black", font(15), anchor="mm")
    image.paste(panel, (left, top))


def _figure(
    draw: ImageDraw.ImageDraw, foot: tuple[float, float], height: float, chance: Random
) -> None:
    x, ground = foot
    height *= chance.uniform(0.6, 1.1)
    head = height * chance.uniform(0.14, 0.22)
    shirt = colour(chance)
    hips, neck = ground - height * 0.4, ground - height * 0.8
    for side in (-1, 1):
        step = side * height * chance.uniform(0.05, 0.2)
        draw.line((x, hips, x + step, ground), "black", 6)
        reach = x + side * height * chance.uniform(0.1, 0.35)
        draw.line((x, neck + 8, reach, hips - height * chance.uniform(-0.1, 0.4)), "black", 5)
    draw.rounded_rectangle((x - head * 0.8, neck, x + head * 0.8, hips), 8, shirt, "black", 3)
    skin = (240, 210, 180)
    draw.ellipse((x - head, neck - 2 * head, x + head, neck), skin, "black", 3)
    for eye in (x - 0.35 * head, x + 0.35 * head):
        draw.ellipse((eye - 3, neck - head - 4, eye + 3, neck - head + 2), "black")
    smile = chance.choice(((20, 160), (200, 340)))
    draw.arc((x - head / 2, neck - head, x + head / 2, neck - head / 4), *smile, "black", 2)


def shape(chance: Random, size: int = 200) -> Image.Image:
    """A mark as a firm might have: a few plain shapes of two colours on white."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    colours = colour(chance, 0.3, 0.9), colour(chance, 0.3, 0.9)
    for number in range(chance.randint(2, 4)):
        x, y = chance.uniform(0.25, 0.75) * size, chance.uniform(0.25, 0.75) * size
        r = chance.uniform(0.12, 0.25) * size
        fill = colours[number % 2]
        form = chance.randrange(4)
        if form == 0:
            draw.ellipse((x - r, y - r, x + r, y + r), fill)
        elif form == 1:
            draw.regular_polygon((x, y, r), chance.randint(3, 6), chance.randrange(90), fill)
        elif form == 2:
            draw.rounded_rectangle((x - r, y - r / 2, x + r, y + r / 2), r / 4, fill)
        else:
            draw.arc((x - r, y - r, x + r, y + r), 40, 320, fill, max(4, int(r / 2)))
    return image


def die(pips: int, ground: Colour, size: int = 240) -> Image.Image:
    """The face of a die."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    edge = size // 12
    draw.rounded_rectangle((edge, edge, size - edge, size - edge), size // 8, ground, "black", 4)
    low, middle, high = size * 0.28, size * 0.5, size * 0.72
    places = [(low, low), (high, high), (high, low), (low, high), (low, middle), (high, middle)]
    dots = places[: pips - pips % 2] + [(middle, middle)] * (pips % 2)
    r = size * 0.075
    for x, y in dots:
        draw.ellipse((x - r, y - r, x + r, y + r), "black")
    return image


def clock(minutes: int, ground: Colour, size: int = 240) -> Image.Image:
    """A clock's face at a time of day."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    half = size / 2
    draw.ellipse((10, 10, size - 10, size - 10), ground, "black", 5)
    for hand, reach, width in ((minutes / 720, 0.24, 9), (minutes / 60, 0.38, 5)):
        angle = 2 * math.pi * hand - math.pi / 2
        end = half + size * reach * math.cos(angle), half + size * reach * math.sin(angle)
        draw.line((half, half, *end), "black", width)
    return image


def moving_object(chance: Random, size: int) -> Image.Image:
    """Something that could pass before a camera: a shaded ball with a shadow's softness, RGBA."""
    down, across = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    round_ = np.hypot(across, down)
    light = np.clip(1.1 - np.hypot(across + 0.35, down + 0.35) * 0.6, 0.1, 1)
    values = light[..., None] * np.array(colour(chance, 0.6, 1.0))
    alpha = np.where(round_ < 0.95, 255, 0)[..., None]
    whole = np.concatenate([np.clip(values, 0, 255), alpha], axis=2)
    return Image.fromarray(whole.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))
