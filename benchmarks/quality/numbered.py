"""Things that are one form with another number, date, name or rank in it, drawn by our own code.

Each takes a source of chance, the number of its group, how many members to make and a pen, and
gives RGB pictures that agree in everything but what was filled in. That is 4 to 12 % of the
picture's height, and never the same in two members.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from benchmarks.quality import drawn
from benchmarks.quality.marks import Colour, word, words

Pen = Callable[[float], ImageFont.FreeTypeFont | ImageFont.ImageFont]
"""A font by its size in pixels."""

Draw = Callable[[Random, int, int, Pen], Iterator[Image.Image]]

_INK: Final = (25, 25, 30)
_GREY: Final = (110, 110, 116)


def others(make: Callable[[], str], count: int) -> list[str]:
    """So many texts of `make`, no two alike."""
    found: list[str] = []
    while len(found) < count:
        text = make()
        if text not in found:
            found.append(text)
    return found


def _amount(chance: Random) -> str:
    return f"{chance.randint(1, 999)}.{chance.randint(0, 99):02}"


def _date(chance: Random) -> str:
    return f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(1950, 2030)}"


def _name(chance: Random) -> str:
    return f"{word(chance, 1, 3)} {word(chance, 2, 3)}".title()


_FIELDS: Final = (_amount, _date, _name)


def forms(chance: Random, number: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A filled-in form of which one field is another: a total, a date or a name, by turns."""
    paper = chance.choice(((255, 255, 255), (250, 247, 236), (236, 243, 250)))
    title, rows = words(chance, 2).title(), chance.randint(5, 8)
    size = 780 * chance.uniform(0.045, 0.06)
    labels = [word(chance, 2, 3).capitalize() for _ in range(rows)]
    values = [chance.choice(_FIELDS)(chance) for _ in range(rows)]
    at, make = chance.randrange(rows), _FIELDS[number % len(_FIELDS)]
    for other in others(lambda: make(chance), members):
        image = Image.new("RGB", (640, 780), paper)
        draw = ImageDraw.Draw(image)
        draw.text((40, 36), title, _INK, pen(44))
        draw.line((40, 100, 600, 100), _INK, 3)
        for row, (label, value) in enumerate(zip(labels, values, strict=True)):
            y = 130 + row * 76
            draw.text((40, y + 14), label, _GREY, pen(24))
            draw.rectangle((240, y, 600, y + 56), "white", _GREY, 2)
            text = other if row == at else value
            draw.text((254, y + 28), text, _INK, pen(size), anchor="lm")
        yield image


def receipts(chance: Random, number: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A receipt on a table with another total or another date, by turns."""
    table = drawn.colour(chance, 0.3, 0.7)
    shop = word(chance, 2, 3).upper()
    goods = [(words(chance, 2), _amount(chance)) for _ in range(chance.randint(5, 9))]
    total, date = _amount(chance), _date(chance)
    make = _FIELDS[number % 2]
    for other in others(lambda: make(chance), members):
        image = Image.new("RGB", (600, 800), table)
        draw = ImageDraw.Draw(image)
        draw.rectangle((90, 40, 510, 760), (250, 250, 246))
        draw.text((300, 84), shop, _INK, pen(46), anchor="mm")
        for row, (name, price) in enumerate(goods):
            y = 140 + row * 46
            draw.text((115, y), name, _INK, pen(24))
            draw.text((485, y), price, _INK, pen(24), anchor="ra")
        draw.line((115, 600, 485, 600), _INK, 2)
        draw.text((115, 636), "SUM", _INK, pen(40), anchor="lm")
        draw.text((485, 636), other if number % 2 == 0 else total, _INK, pen(44), anchor="rm")
        draw.text((300, 715), other if number % 2 else date, _INK, pen(44), anchor="mm")
        yield image


def digital_clocks(chance: Random, _: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A clock with digits on a shelf at another time."""
    wall, case = drawn.colour(chance, 0.5, 0.9), drawn.colour(chance, 0.1, 0.3)
    lit = chance.choice(((255, 70, 50), (90, 255, 120), (235, 235, 235)))
    size = 480 * chance.uniform(0.09, 0.16)
    x = chance.randint(160, 480)
    for time in others(lambda: f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}", members):
        image = Image.new("RGB", (640, 480), wall)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 350, 640, 480), (96, 70, 48))
        half = draw.textlength("00:00", pen(size)) / 2 + 26
        box = (x - half, 350 - size * 2.2, x + half, 350)
        draw.rounded_rectangle(box, 16, case, "black", 4)
        draw.text((x, 350 - size * 1.1), time, lit, pen(size), anchor="mm")
        yield image


def dials(chance: Random, _: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A clock with hands and numerals on a wall at another time."""
    wall, face = drawn.colour(chance, 0.3, 0.9), (250, 248, 240)
    middle = chance.randint(220, 380), chance.randint(200, 280)
    radius = chance.uniform(100, 160)
    for time in others(lambda: str(chance.randrange(0, 720, 5)), members):
        image = Image.new("RGB", (600, 480), wall)
        draw = ImageDraw.Draw(image)
        draw.circle(middle, radius, face, "black", 6)
        for hour in range(1, 13):
            at = _on_dial(middle, radius * 0.82, hour / 12)
            draw.text(at, str(hour), _INK, pen(radius * 0.2), anchor="mm")
        minutes = int(time)
        draw.line((middle, _on_dial(middle, radius * 0.45, minutes / 720)), "black", 9)
        draw.line((middle, _on_dial(middle, radius * 0.68, minutes / 60)), "black", 5)
        yield image


def _on_dial(middle: tuple[int, int], reach: float, turn: float) -> tuple[float, float]:
    """Where a hand of a length ends; turns from above, clockwise."""
    angle = 2 * math.pi * turn
    return middle[0] + reach * math.sin(angle), middle[1] - reach * math.cos(angle)


def scoreboards(chance: Random, _: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """Two names and another score."""
    ground, grass = drawn.colour(chance, 0.1, 0.3), drawn.colour(chance, 0.3, 0.6)
    teams = [word(chance, 2, 3).upper() for _ in range(2)]
    top, size = chance.choice((20, 200, 380)), 480 * chance.uniform(0.08, 0.15)
    most = chance.choice((9, 120))
    for score in others(lambda: f"{chance.randint(0, most)} : {chance.randint(0, most)}", members):
        image = Image.new("RGB", (800, 480), grass)
        draw = ImageDraw.Draw(image)
        for stripe in range(0, 800, 160):
            draw.rectangle((stripe, 0, stripe + 80, 480), _lighter(grass))
        draw.circle((400, 240), 130, outline="white", width=5)
        draw.rectangle((60, top, 740, top + 84), ground, "white", 3)
        draw.text((80, top + 42), teams[0], "white", pen(34), anchor="lm")
        draw.text((720, top + 42), teams[1], "white", pen(34), anchor="rm")
        draw.text((400, top + 42), score, (255, 230, 90), pen(size), anchor="mm")
        yield image


def _lighter(colour: Colour) -> Colour:
    red, green, blue = (min(255, value + 22) for value in colour)
    return red, green, blue


def calendars(chance: Random, number: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A month with a ring about another day, or the sheet of another day, by turns."""
    month, red = word(chance, 2, 3).upper(), (196, 40, 40)
    ground, size = drawn.colour(chance, 0.6, 0.95), chance.uniform(60, 96)
    for day in others(lambda: str(chance.randint(1, 28)), members):
        image = Image.new("RGB", (600, 600), ground)
        draw = ImageDraw.Draw(image)
        draw.rectangle((60, 60, 540, 540), "white", _GREY, 2)
        draw.rectangle((60, 60, 540, 150), red)
        draw.text((300, 105), month, "white", pen(48), anchor="mm")
        if number % 2:
            draw.text((300, 330), day, _INK, pen(size), anchor="mm")
            draw.text((300, 470), month.lower(), _GREY, pen(40), anchor="mm")
        else:
            _month(draw, int(day), pen)
        yield image


def _month(draw: ImageDraw.ImageDraw, ringed: int, pen: Pen) -> None:
    for day in range(1, 29):
        at = 105 + (day - 1) % 7 * 65, 220 + (day - 1) // 7 * 80
        draw.text(at, str(day), _INK, pen(30), anchor="mm")
        if day == ringed:
            draw.circle(at, 30, outline=(196, 40, 40), width=5)


def price_tags(chance: Random, _: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A thing with a tag and another price."""
    thing, size = drawn.shape(chance, 340), 480 * chance.uniform(0.07, 0.13)
    tag, left = drawn.colour(chance, 0.8, 1.0), chance.choice((30, 360))
    top = chance.choice((40, 330))
    for price in others(lambda: _amount(chance), members):
        image = Image.new("RGB", (640, 480), "white")
        image.paste(thing, (150, 70))
        draw = ImageDraw.Draw(image)
        draw.rounded_rectangle((left, top, left + 250, top + 100), 18, tag, "black", 3)
        draw.text((left + 125, top + 50), price, "black", pen(size), anchor="mm")
        yield image


_RANKS: Final = ("2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A")


def ranks(chance: Random, number: int, members: int, pen: Pen) -> Iterator[Image.Image]:
    """A playing card with one sign in its middle and another rank in its corners."""
    ink = chance.choice(((190, 20, 30), (20, 20, 24)))
    size, back = 560 * chance.uniform(0.08, 0.14), drawn.colour(chance, 0.85, 1.0)
    for rank in chance.sample(_RANKS, min(members, len(_RANKS))):
        corner = Image.new("RGB", (400, 560), back)
        draw = ImageDraw.Draw(corner)
        draw.rounded_rectangle((8, 8, 391, 551), 24, "white", "black", 3)
        draw.text((52, 60), rank, ink, pen(size), anchor="mm")
        card = corner.rotate(180)
        card.paste(corner.crop((0, 0, 400, 280)))
        _sign(ImageDraw.Draw(card), number, ink)
        yield card


def _sign(draw: ImageDraw.ImageDraw, number: int, ink: Colour) -> None:
    """One of four suits."""
    if number % 4 == 0:
        draw.polygon(((200, 170), (280, 280), (200, 390), (120, 280)), ink)
    elif number % 4 == 1:
        for at in ((160, 245), (240, 245)):
            draw.circle(at, 48, ink)
        draw.polygon(((118, 268), (282, 268), (200, 385)), ink)
    elif number % 4 == 2:
        for at in ((200, 220), (150, 300), (250, 300)):
            draw.circle(at, 46, ink)
        draw.polygon(((200, 270), (165, 390), (235, 390)), ink)
    else:
        draw.polygon(((200, 165), (290, 320), (110, 320)), ink)
        draw.polygon(((200, 280), (165, 390), (235, 390)), ink)


NUMBERED: Final[dict[str, Draw]] = {
    "forms": forms,
    "receipts": receipts,
    "digital clocks": digital_clocks,
    "dials": dials,
    "scoreboards": scoreboards,
    "calendars": calendars,
    "price tags": price_tags,
    "ranks of cards": ranks,
}
