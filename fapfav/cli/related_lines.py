"""Why pictures are in a group, and what to see beside it, as lines and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fapfav.model import Digest
from fapfav.text import SHORT, many

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive
    from fapfav.jobs.see_also import SeeAlso
    from fapfav.jobs.to_keeper import Kept


def reasons(kept: Kept) -> dict[Digest, str]:
    """By member what it is to the keeper, and how sure that is."""
    found = {one: _said(each.reason, each.probability) for one, each in kept.others.items()}
    return found if kept.keeper is None else found | {kept.keeper: "the keeper"}


def _said(reason: str, probability: float | None) -> str:
    from fapfav.jobs.reasons import sure

    return reason if probability is None else f"{reason} ({sure(probability)})"


def as_json(kept: Kept, also: SeeAlso) -> dict[str, Any]:
    """The keeper, what each member is to it, and what to see besides."""
    return {
        "keeper": kept.keeper.hex() if kept.keeper is not None else None,
        "to_keeper": {
            one.hex(): {"reason": e.reason, "probability": e.probability, "said": e.said}
            for one, e in kept.others.items()
        },
        "see_also": {"count": also.count, "pictures": [one.to_json() for one in also.others]},
    }


def also_lines(archive: Archive, also: SeeAlso) -> Iterator[str]:
    """What to see besides, a picture a line."""
    from fapfav.cli.render import names_of, picture_of

    for other in also.others:
        blob, member = other.blob, other.member.hex()[:SHORT]
        names = names_of(picture_of(archive, blob.digest).places)
        yield (
            f"see also {blob.digest.hex()[:SHORT]} {names}, {other.standing.value} to {member}: "
            f"{_said(other.reason, other.probability)}; {blob.width}x{blob.height}"
        )
    if also.more:
        yield f"and {many(also.more, 'more picture')} to see"


def pairs_apart(archive: Archive) -> list[dict[str, Any]]:
    """All pairs that are in no group and worth seeing: of each the better picture is `member`.

    `names` are what the two are called at their places, the better one first.
    """
    from fapfav.cli.render import names_of, picture_of
    from fapfav.jobs.see_also import Apart, other_of

    order, found = archive.order(), []
    for standing, pairs in archive.kept(Apart).now().items():
        for pair in pairs:
            better, worse = sorted(pair, key=order)
            names = [names_of(picture_of(archive, one).places) for one in (better, worse)]
            other = other_of(archive, better, worse, standing)
            found.append(other.to_json() | {"names": names})
    return found


def pair_lines(pairs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A pair a line."""
    none = True
    for pair in pairs:
        none = False
        digests = (pair["member"][:SHORT], pair["digest"][:SHORT])
        named = zip(digests, pair["names"], strict=True)
        first, second = (f"{digest} {name}" for digest, name in named)
        reason = _said(pair["reason"], pair["probability"])
        yield f"{pair['label']}: {first} - {second}: {reason}"
    if none:
        yield "NO RELATED PICTURES"
