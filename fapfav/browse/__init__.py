"""Which pictures, in which order, and how many: what pages, exports and statistics all ask.

Pure functions over records and plain mappings; nothing here knows an archive or a screen. Sizes are
bytes, times seconds UTC with 0 for never, shares fractions of 1.
"""

from fapfav.browse.numbers import (
    AlbumNumbers,
    Contents,
    Statistics,
    TagNumbers,
    only_copies,
    per_album,
    per_tag,
    share,
    statistics,
)
from fapfav.browse.order import (
    Names,
    Shown,
    in_album,
    in_order,
    name_of,
    preferred,
    tags_of,
    with_tags,
)
from fapfav.browse.sums import Spread

__all__ = [
    "AlbumNumbers",
    "Contents",
    "Names",
    "Shown",
    "Spread",
    "Statistics",
    "TagNumbers",
    "in_album",
    "in_order",
    "name_of",
    "only_copies",
    "per_album",
    "per_tag",
    "preferred",
    "share",
    "statistics",
    "tags_of",
    "with_tags",
]
