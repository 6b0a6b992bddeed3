"""Pictures for the tests of relations: photographs from a package, and what is done to them."""

from __future__ import annotations

import io
from functools import cache
from random import Random

from PIL import Image, ImageDraw, ImageFont

from fapfav.relation.picture import traits_of
from fapfav.relation.traits import FRAMES, Traits
from tests.images.golden_pictures import photograph

NAMES = ("chelsea", "coffee", "astronaut", "motorcycle_left", "ihc")


@cache
def photo(name: str) -> Image.Image:
    """A photograph in RGB, 400 pixels at most."""
    picture = Image.fromarray(photograph(f"skimage/{name}.png"))
    picture.thumbnail((400, 400))
    return picture


@cache
def traits(name: str) -> Traits:
    return traits_of(photo(name))


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """What a JPEG leaves of it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)))


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """Without a share of each side, more of it at the left and above."""
    width, height = picture.size
    left, top = round(width * share * 0.7), round(height * share * 0.7)
    box = left, top, left + round(width * (1 - share)), top + round(height * (1 - share))
    return picture.crop(box)


def bordered(picture: Image.Image, share: float, colour: str = "black") -> Image.Image:
    edge = round(max(picture.size) * share)
    size = picture.width + 2 * edge, picture.height + 2 * edge
    result = Image.new("RGB", size, colour)
    result.paste(picture, (edge, edge))
    return result


def captioned(picture: Image.Image) -> Image.Image:
    """With a line of words on white below it."""
    strip = picture.height // 14
    result = Image.new("RGB", (picture.width, picture.height + strip), "white")
    result.paste(picture)
    at = strip, picture.height + strip // 8
    ImageDraw.Draw(result).text(at, "a line of words below it", "black", font(strip * 0.6))
    return result


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def marked(picture: Image.Image, part: int = 18) -> Image.Image:
    """A name in the lower right corner, a `part`th of the height."""
    result = picture.copy()
    at = picture.width - 8, picture.height - 8
    face = font(picture.height / part)
    draw = ImageDraw.Draw(result)
    draw.text(at, "a.example", "white", face, anchor="rb", stroke_width=1, stroke_fill="black")
    return result


def template(picture: Image.Image, above: str, below: str) -> Image.Image:
    """Large words over a picture."""
    result = picture.copy()
    draw = ImageDraw.Draw(result)
    for y, text in ((0.12, above), (0.88, below)):
        at, face = (picture.width / 2, picture.height * y), font(picture.height / 8)
        draw.text(at, text, "white", face, anchor="mm", stroke_width=3, stroke_fill="black")
    return result


def framed(picture: Image.Image) -> Image.Image:
    """A window of a program around it."""
    size = round(picture.width * 1.35), round(picture.height * 1.4)
    result = Image.new("RGB", size, (236, 236, 240))
    draw = ImageDraw.Draw(result)
    draw.rectangle((0, 0, size[0], size[1] // 12), (70, 90, 130))
    draw.text((12, 6), "a picture - a viewer", "white", font(size[1] / 24))
    result.paste(picture, (round(picture.width * 0.2), round(picture.height * 0.25)))
    return result


def on_a_phone(picture: Image.Image) -> Image.Image:
    """Dark bars above and below it, with a name and buttons."""
    bar = round(picture.height * 0.22)
    result = Image.new("RGB", (picture.width, picture.height + 2 * bar), (18, 18, 20))
    result.paste(picture, (0, bar))
    draw = ImageDraw.Draw(result)
    draw.text((bar // 3, bar // 3), "a name", (235, 235, 235), font(bar * 0.33))
    for number in range(4):
        x, y = round((number + 0.5) * picture.width / 4), result.height - bar // 2
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), outline=(235, 235, 235))
    return result


def text_page(seed: int) -> Image.Image:
    """A page of words without meaning, of one layout."""
    chance = Random(seed)
    page = Image.new("RGB", (480, 640), "white")
    draw = ImageDraw.Draw(page)
    for row in range(24):
        words = ["".join(chance.choices("aeiomnrstul", k=chance.randint(2, 9))) for _ in range(7)]
        draw.text((40, 30 + row * 24), " ".join(words)[:48], (20, 20, 20), font(16))
    return page


def printed(seed: int, rows: int) -> Image.Image:
    """A page full of lines of words without meaning, now and then an empty one."""
    chance = Random(seed)
    page = Image.new("RGB", (480, 660), "white")
    draw = ImageDraw.Draw(page)
    face = font(450 / rows)
    for row in range(rows):
        if chance.random() < 0.18:
            continue
        letters = (chance.choices("abdeimnorstu", k=chance.randint(3, 8)) for _ in range(30))
        words = " ".join(map("".join, letters))
        width = 440 if chance.random() < 0.75 else chance.randint(100, 440)
        while draw.textlength(words, face) > width:
            words = words.rsplit(" ", 1)[0]
        draw.text((20, 20 + row * 600 / rows), words, "black", face)
    return page


def card(words: str) -> Image.Image:
    """A plain card with three lines of large words."""
    result = Image.new("RGB", (480, 480), (60, 90, 110))
    draw = ImageDraw.Draw(result)
    draw.rectangle((20, 20, 460, 460), outline="white", width=3)
    for row, line in enumerate(words.split("/")):
        draw.text((240, 140 + row * 90), line, "white", font(44), anchor="mm")
    return result


def gradient(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((320, 240))
    above, below = (Image.new("RGB", ramp.size, colour) for colour in (top, bottom))
    return Image.composite(below, above, ramp)


def ball_frames(start: float, step: float, ground: str = "chelsea") -> list[Image.Image]:
    """A ball that crosses a photograph: `start` and `step` are shares of the width."""
    frames = []
    for number in range(FRAMES):
        frame = photo(ground).copy()
        x = (start + step * number) % 1 * frame.width
        ImageDraw.Draw(frame).ellipse((x - 40, 90, x + 40, 170), "white", "black", 4)
        frames.append(frame)
    return frames


def animation(frames: list[Image.Image], duration: int = 1200) -> Traits:
    return traits_of(frames[0], None, frames, duration)
