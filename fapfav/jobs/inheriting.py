"""What two copies are to each other once the picture that both were compared with is out.

Copies are judged against the best of their set only. When that one is removed, or its owner says
that it is no duplicate, those that were the same as it stay a set without another look: the best of
them takes its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fapfav.duplicates.comparison import size_order
from fapfav.duplicates.keepers import BLIND
from fapfav.model import Digest, Judged, Label, Pair, pair_of
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.transaction import Transaction

WHY = "same picture: both are the same as another that is not among them any more"
"""Its reason in words."""


def inherited(
    archive: Archive, tx: Transaction, going: Digest, gone: Collection[Digest]
) -> Iterator[Pair]:
    """The pairs that take the place of those of a picture that goes along with others.

    What the user called something else than the same as it takes over nothing.
    """
    index = archive.index("decisions", lookups.blobs_of_pair)
    apart = {
        one
        for said in tx.decisions.picked(index[going])
        if said.label is not Label.SAME
        for one in (said.first, said.second)
    }
    same: dict[Digest, Judged] = {}
    for row in tx.pairs.picked(archive.index("pairs", lookups.blobs_of_pair)[going]):
        other = row.second if row.first == going else row.first
        if (
            row.judged is not None
            and row.judged.label is Label.SAME
            and other not in apart | set(gone)
        ):
            same[other] = row.judged
    left = sorted(
        (blob for other in same if (blob := tx.blobs.get(other)) is not None), key=size_order
    )
    for blob in left[1:]:
        pair = pair_of(left[0].digest, blob.digest)
        row = tx.pairs.get(pair) or Pair(*pair, scores={})
        if row.judged is None or row.judged.version == BLIND:
            judged = min((same[one] for one in pair), key=lambda each: each.probability)
            judged = judged._replace(reason=WHY, transform={})
            yield Pair(*pair, scores=row.scores, judged=judged)
