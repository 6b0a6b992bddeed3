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


def also_lines(also: SeeAlso) -> Iterator[str]:
    """What to see besides, a picture a line."""
    for other in also.others:
        blob, member = other.blob, other.member.hex()[:SHORT]
        yield (
            f"see also {blob.digest.hex()[:SHORT]}, {other.standing.value} to {member}: "
            f"{_said(other.reason, other.probability)}; {blob.width}x{blob.height}"
        )
    if also.more:
        yield f"and {many(also.more, 'more picture')} to see"


def pairs_apart(archive: Archive) -> list[dict[str, Any]]:
    """All pairs that are in no group and worth seeing: of each the better picture is `member`."""
    from fapfav.jobs.see_also import Apart, other_of

    order, found = archive.order(), []
    for standing, pairs in archive.kept(Apart).now().items():
        for pair in pairs:
            better, worse = sorted(pair, key=order)
            found.append(other_of(archive, better, worse, standing).to_json())
    return found


def pair_lines(pairs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A pair a line."""
    none = True
    for pair in pairs:
        none = False
        first, second = pair["member"][:SHORT], pair["digest"][:SHORT]
        reason = _said(pair["reason"], pair["probability"])
        yield f"{pair['label']}: {first} - {second}: {reason}"
    if none:
        yield "NO RELATED PICTURES"
