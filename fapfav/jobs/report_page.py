"""Sets of duplicates as one page that needs nothing but itself: pure, written piece by piece.

Pictures are part of it as `data:` addresses. It has no script, leads nowhere, and its policy lets
it fetch nothing. Whatever comes out of an archive goes through `_text` or `_name`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from fapfav.duplicates.comparison import Chip, format_name
from fapfav.duplicates.limits import OFF
from fapfav.duplicates.queue import Kind
from fapfav.jobs.report_evidence import evidence
from fapfav.jobs.report_see_also import reason, see_also
from fapfav.jobs.report_style import STYLE
from fapfav.jobs.see_also import SeeAlso
from fapfav.jobs.set_facts import Spot
from fapfav.jobs.set_views import Member, SetView
from fapfav.model import Blob, Limits, Method, Verdict
from fapfav.text import SHORT, date, duration, many, short, shown, size

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What the page lets itself do: show the pictures and styles that are in it."""

ROOM = 240
"""Characters of a name that are shown: sites allow any number."""

MANY = 3
"""From so many pictures on a set has the whole width to itself."""

VERDICTS = {
    Verdict.NEW: "new",
    Verdict.FALSE: "no duplicate",
    Verdict.KEEP: "keep",
    Verdict.SKIP: "skip (hide)",
}
"""Verdicts as they are called."""

TYPES = {"jpg": "jpeg", "png": "png", "webp": "webp"}
"""What thumbnails are, by extension."""

_MARKS = {
    "better": ("\N{BLACK UP-POINTING TRIANGLE}", "better: "),
    "worse": ("\N{BLACK DOWN-POINTING TRIANGLE}", "worse: "),
    "warning": ("!", "warning: "),
}
_STATED = {"pixels", "bytes", "quality", "format", "tags", "places"}
"""Facts that stand below each picture anyway: a chip of them is for what is better or worse."""


class Image(NamedTuple):
    """A small picture as a file, and its type by extension."""

    data: bytes
    ext: str


@dataclass(frozen=True, slots=True)
class Thumb:
    """What is shown of a picture, what moves of it, or why there is nothing to show."""

    still: Image | None
    moving: Image | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says at its top; times are seconds since 1970, `saves` is in bytes.

    `pictures` counts those of sets that are alike, `places` those of exact copies; `left_out` sets
    are of the kind that was asked for, and `others` are all further ones. `limits` are the regular
    and the animated ones, of which `agree` methods have to agree.
    """

    made: int
    which: str
    sets: int
    pictures: int
    places: int
    saves: int
    left_out: int
    others: int
    limits: tuple[Limits, Limits]
    agree: int = 1


def page(
    head: Head, views: Iterable[tuple[SetView, SeeAlso]], thumb_of: Callable[[Blob], Thumb]
) -> Iterator[str]:
    """The whole page in pieces, none of them larger than what one picture takes.

    Each set comes with what to see besides.
    """
    yield from _begin(head)
    for at, (view, also) in enumerate(views, 1):
        yield from _set(head, at, view, thumb_of)
        yield from see_also(at, view, also)
        yield "</article>\n"
    yield "</main>\n</body>\n</html>\n"


def _begin(head: Head) -> Iterator[str]:
    sets = many(head.sets, "set")
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Duplicates, {sets}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    yield (
        "<header>\n<h1>Duplicates</h1>\n"
        '<p class="note"><strong>This page is not encrypted.</strong> Whoever can read the file '
        "sees the pictures and names in it.</p>\n"
        f"<p>{_counts(head)} Sets on this page: {escape(head.which)}. Made {date(head.made)}.</p>\n"
    )
    if head.left_out:
        yield (
            f"<p><strong>{many(head.left_out, 'more set')}</strong> like these "
            f"{'was' if head.left_out == 1 else 'were'} left out.</p>\n"
        )
    yield _limits(head)
    yield "</header>\n<main>\n"


def _counts(head: Head) -> str:
    if not head.sets:
        if not head.others:
            return "There are no duplicates."
        is_are = "is" if head.others == 1 else "are"
        return f"No set is like that; there {is_are} {many(head.others, 'other set')}."
    parts = []
    if head.pictures:
        parts.append(f"{many(head.pictures, 'picture')} that look alike")
    if head.places:
        parts.append(f"exact copies at {many(head.places, 'place')}")
    saves = f" {size(head.saves)} could be saved." if head.saves else ""
    return f"<strong>{many(head.sets, 'set')}</strong>: {' and '.join(parts)}.{saves}"


def _limits(head: Head) -> str:
    columns = "".join(f'<th scope="col" class="num">{method.value}</th>' for method in Method)
    rows = ""
    for name, limits in zip(("still pictures", "with an animation"), head.limits, strict=True):
        cells = "".join(f'<td class="num">{_limit(limits, method)}</td>' for method in Method)
        rows += f'<tr><th scope="row">{name}</th>{cells}</tr>\n'
    agree = f"<p>Of these methods {head.agree} have to agree.</p>\n" if head.agree > 1 else ""
    return (
        "<details><summary>What counts as alike</summary>\n"
        '<div class="table-scroll" tabindex="0" role="group" aria-label="Limits by method">'
        "<table>\n"
        "<caption>How many bits of a hash may differ, and the least cosine (cnn).</caption>\n"
        f'<thead><tr><th scope="col">Pairs</th>{columns}</tr></thead>\n<tbody>\n{rows}</tbody>\n'
        f"</table></div>\n{agree}</details>\n"
    )


def _limit(limits: Limits, method: Method) -> str:
    limit = limits.of(method)
    return "off" if limit == OFF else f"{limit:g}"


def _set(head: Head, at: int, view: SetView, thumb_of: Callable[[Blob], Thumb]) -> Iterator[str]:
    noun, held = "picture", len(view.members)
    if view.kind is Kind.EXACT:
        noun, held = "place", len(view.members[0].spots)
    classes = f"set {view.kind.value}{' many' if len(view.members) >= MANY else ''}"
    state = '<span class="badge">decided</span>'
    if view.needs_action:
        state = '<span class="badge act">needs action</span>'
    saves = f' <span class="muted">could save {size(view.saves)}</span>' if view.saves else ""
    same = f' <span class="muted">The same: {_text(view.same)}.</span>' if view.same else ""
    advice = f" <strong>{_text(view.suggestion.words)}</strong>" if view.suggestion.words else ""
    yield (
        f'<article class="{classes}" aria-labelledby="set-{at}">\n'
        f'<h2 id="set-{at}">Set {at} of {head.sets}, {many(held, noun)}</h2>\n'
        f"<p>{state}{saves}</p>\n"
        f'<p class="sentence">{_text(view.sentence)}{advice}{same}</p>\n<ol class="pictures">\n'
    )
    for member in view.members:
        yield from _picture(at, view, member, thumb_of(member.blob))
    yield "</ol>\n"
    yield from evidence(at, view)


def _picture(at: int, view: SetView, member: Member, thumb: Thumb) -> Iterator[str]:
    blob = member.blob
    yield '<li><figure>\n<div class="frame">'
    if thumb.still is None:
        yield f"<p>{_text(thumb.missing)}</p>"
    else:
        words = f"Picture {member.number} of set {at}: {_sides(blob)}, {format_name(blob)}"
        yield _image(thumb.still, words)
    yield "</div>\n<figcaption>\n"
    yield _title(view, member)
    if member.to_keeper is not None:
        yield reason(member.to_keeper.reason, member.to_keeper.probability)
    if thumb.moving is not None:
        yield f'<details class="moving"><summary>Play picture {member.number}</summary>'
        yield _image(thumb.moving, f"Picture {member.number} of set {at}, moving")
        yield "</details>\n"
    chips = [chip for chip in member.chips if chip.trend != "fact" or chip.fact not in _STATED]
    if chips:
        words = f"Picture {member.number} compared with the others"
        yield f'<ul class="chips" aria-label="{words}">{"".join(map(_chip, chips))}</ul>\n'
    yield _facts(member)
    yield from _places(view, member)
    yield "</figcaption>\n</figure></li>\n"


def _image(image: Image, words: str) -> str:
    kind = TYPES[image.ext]
    data = base64.b64encode(image.data).decode("ascii")
    return f'<img alt="{_text(words)}" decoding="async" src="data:image/{kind};base64,{data}">'


def _title(view: SetView, member: Member) -> str:
    if view.kind is Kind.EXACT:
        return "<h3>The picture</h3>\n"
    badges = _verdict(member.verdict)
    if member.number == view.suggestion.keep:
        badges += ' <span class="badge advice">suggested</span>'
    if member.number == view.keeper:
        badges += ' <span class="badge">keeper</span>'
    if member.locked:
        badges += ' <span class="badge">decided before</span>'
    return f"<h3>Picture {member.number} {badges}</h3>\n"


def _verdict(verdict: Verdict) -> str:
    return f'<span class="badge {verdict.value}">{VERDICTS[verdict]}</span>'


def _chip(chip: Chip) -> str:
    mark, words = _MARKS.get(chip.trend, ("", ""))
    said = f'<span aria-hidden="true">{mark}</span> <span class="hidden">{words}</span>'
    return f'<li class="{chip.trend}">{said if mark else ""}{_text(chip.words)}</li>'


def _facts(member: Member) -> str:
    blob, digits = member.blob, member.blob.digest.hex()
    facts = [("Size", _sides(blob)), ("Format", format_name(blob)), ("Bytes", size(blob.size))]
    if blob.quality:
        facts.append(("Quality", str(blob.quality)))
    if blob.frames > 1:
        facts.append(("Moves", f"{blob.frames} frames, {duration(blob.duration / 1000)}"))
    rows = [f"<dt>{word}</dt><dd>{_text(fact)}</dd>" for word, fact in facts]
    if member.tags:
        tags = ", ".join(_name(path) for _, path in member.tags)
        rows.append(f"<dt>Tags</dt><dd>{tags}</dd>")
    digest = f'<code title="{digits}">{digits[:SHORT]}</code>'
    return f"<dl>{''.join(rows)}<dt>Digest</dt><dd>{digest}</dd></dl>\n"


def _places(view: SetView, member: Member) -> Iterator[str]:
    if not member.spots:
        return
    yield f'<ul class="places" aria-label="{many(len(member.spots), "place")}">\n'
    for at, spot in enumerate(member.spots, 1):
        yield f"<li>{_place(view, at, spot)}</li>\n"
    yield "</ul>\n"


def _place(view: SetView, at: int, spot: Spot) -> str:
    name = spot.place.name.strip() or spot.place.image
    where = (
        f"{_name(spot.user_name)} \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
        f'{_name(spot.album_name)} <span class="muted">{_name(name)}</span>'
    )
    gone = (
        f' <span class="gone">gone since {date(spot.since)} (level {spot.level})</span>'
        if spot.level
        else ""
    )
    if view.kind is Kind.EXACT:
        kept = ' <span class="badge advice">suggested</span>' if at == view.suggestion.keep else ""
        return f"<strong>{at}</strong> {where}{gone} {_verdict(spot.place.verdict)}{kept}"
    said = "" if spot.place.verdict is Verdict.NEW else f" {_verdict(spot.place.verdict)}"
    return f"{where}{gone}{said}"


def _sides(blob: Blob) -> str:
    """Width and height as it is shown, turned as it says."""
    width, height = blob.width, blob.height
    return f"{height} x {width}" if blob.orientation > 4 else f"{width} x {height}"


def _text(words: str) -> str:
    """Words as they can stand anywhere in the page: in it and in attributes."""
    return escape(shown(words))


def _name(words: str) -> str:
    """A name that somebody chose: it is cut if it has no end, and turns no neighbour around."""
    return f"<bdi>{_text(short(words, ROOM))}</bdi>"
