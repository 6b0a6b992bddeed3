"""Why pictures are in a set, and what to see beside it, as parts of a page: pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from fapfav.duplicates.comparison import format_name
from fapfav.jobs.reasons import sure
from fapfav.jobs.see_also import Other, SeeAlso
from fapfav.jobs.set_views import SetView
from fapfav.text import SHORT, many, shown, size


def reason(words: str, probability: float | None) -> str:
    """What a picture is to the keeper of its set, and how sure that is."""
    return f"<p>{_said(words, probability)}</p>\n"


def see_also(at: int, view: SetView, also: SeeAlso) -> Iterator[str]:
    """The pictures to see beside a set, in words; `at` numbers the set."""
    if not also.others:
        return
    yield f"<details><summary>See also, set {at}: {many(also.count, 'picture')}</summary>\n<ul>\n"
    numbers = {member.blob.digest: member.number for member in view.members}
    for other in also.others:
        yield f"<li>{_other(other, numbers.get(other.member, 1))}</li>\n"
    yield "</ul>\n"
    if also.more:
        yield f"<p>{many(also.more, 'more picture')}.</p>\n"
    yield "</details>\n"


def _other(other: Other, number: int) -> str:
    blob, digits = other.blob, other.blob.digest.hex()
    about = f"{blob.width} x {blob.height} {format_name(blob)}, {size(blob.size)}"
    return (
        f"{escape(other.standing.value)} to picture {number}: "
        f"{_said(other.reason, other.probability)}; {escape(about)}, "
        f'<code title="{digits}">{digits[:SHORT]}</code>'
    )


def _said(words: str, probability: float | None) -> str:
    sureness = "" if probability is None else f" ({sure(probability)})"
    return escape(shown(words)) + sureness
