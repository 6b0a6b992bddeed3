"""What is drawn onto and around pictures: words, captions, watermarks, frames of windows."""

from __future__ import annotations

from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

_SYLLABLES: Final = [start + end for start in "bdfgklmnprstv" for end in "aeio"]


def word(chance: Random, least: int = 1, most: int = 4) -> str:
    """A word that can be spoken and means nothing."""
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(least, most)))


def words(chance: Random, count: int) -> str:
    """So many words."""
    return " ".join(word(chance) for _ in range(count))


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow brings along, so the same on every machine; size in pixels."""
    return ImageFont.load_default(max(size, 6))


def captioned(image: Image.Image, chance: Random) -> Image.Image:
    """A strip below with a line of text, a fifteenth of the height."""
    strip = max(14, image.height // 15)
    result = Image.new("RGB", (image.width, image.height + strip), "white")
    result.paste(image)
    draw = ImageDraw.Draw(result)
    text = words(chance, 4)
    draw.text((strip // 3, image.height + strip // 6), text, (20, 20, 20), font(strip * 0.6))
    return result


def subtitled(image: Image.Image, chance: Random) -> Image.Image:
    """A line of white text with a dark edge over the lower part."""
    result = image.copy()
    height = max(9, image.height // 18)
    at = (image.width // 2, image.height - 2 * height)
    draw = ImageDraw.Draw(result)
    draw.text(
        at,
        words(chance, 3),
        "white",
        font(height),
        anchor="mm",
        stroke_width=2,
        stroke_fill="black",
    )
    return result


def logo_marked(image: Image.Image, chance: Random) -> Image.Image:
    """A small half-transparent name in a corner, a fifth of the width."""
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    height = max(8, min(image.size) // 18)
    at = (image.width - height, image.height - height)
    text = f"{word(chance, 2)}.example"
    draw.text(
        at,
        text,
        (255, 255, 255, 170),
        font(height),
        anchor="rb",
        stroke_width=1,
        stroke_fill=(0, 0, 0, 170),
    )
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def watermarked(image: Image.Image, chance: Random) -> Image.Image:
    """A pale name from the lower left to the upper right, seven tenths of the width."""
    text = word(chance, 3, 4).upper()
    size = image.width * 0.7 / (0.62 * len(text))
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    middle = (image.width // 2, image.height // 2)
    draw.text(middle, text, (255, 255, 255, 70), font(size), anchor="mm", stroke_width=0)
    draw.text((middle[0] + 2, middle[1] + 2), text, (0, 0, 0, 40), font(size), anchor="mm")
    layer = layer.rotate(25, Image.Resampling.BICUBIC)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def bordered(image: Image.Image, share: float, colour: Colour) -> Image.Image:
    """A border of a share of the shorter side all around."""
    edge = max(1, round(min(image.size) * share))
    result = Image.new("RGB", (image.width + 2 * edge, image.height + 2 * edge), colour)
    result.paste(image, (edge, edge))
    return result


def in_browser(image: Image.Image, chance: Random) -> Image.Image:
    """A screenshot of a browser that shows the picture, with bars, text and room around it."""
    width, height = image.size
    unit = max(8, min(width, height) // 24)
    result = Image.new("RGB", (round(width * 1.4), height + 8 * unit), (246, 246, 244))
    draw = ImageDraw.Draw(result)
    draw.rectangle((0, 0, result.width, 2 * unit), (222, 225, 230))
    draw.rounded_rectangle((unit, unit // 3, unit * 9, 2 * unit), unit // 2, "white")
    draw.text((unit * 1.5, unit // 2), word(chance, 3), (60, 60, 60), font(unit))
    draw.rectangle((0, 2 * unit, result.width, 4 * unit), "white")
    bar = (4 * unit, 2.4 * unit, result.width - 2 * unit, 3.6 * unit)
    draw.rounded_rectangle(bar, unit // 2, (238, 240, 243))
    draw.text((5 * unit, 2.5 * unit), f"{word(chance, 3)}.example/", (90, 90, 90), font(unit * 0.9))
    result.paste(image, (unit, 5 * unit))
    left = width + 2 * unit
    for row in range(5 * unit, result.height - 2 * unit, round(unit * 1.6)):
        draw.text((left, row), words(chance, 2), (70, 70, 80), font(unit * 0.8))
    return result


def in_phone(image: Image.Image, chance: Random) -> Image.Image:
    """A screenshot of a phone: dark bars, a name above, buttons below.

    Bars so high that a copy with a black border is not nearly this.
    """
    bar = round(image.height * 0.22)
    result = Image.new("RGB", (image.width, image.height + 2 * bar), (18, 18, 20))
    result.paste(image, (0, bar))
    draw = ImageDraw.Draw(result)
    draw.text((bar // 3, bar // 3), words(chance, 2), (235, 235, 235), font(bar * 0.33))
    for number in range(4):
        x = round((number + 0.5) * image.width / 4)
        y = result.height - bar // 2
        draw.ellipse((x - bar / 5, y - bar / 5, x + bar / 5, y + bar / 5), outline=(235, 235, 235))
    return result
