"""Facts of pictures for tests of comparing: made one by one, or drawn at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from fapfav.duplicates.comparison import Facts
from fapfav.model import Blob
from tests.duplicates.making import name

DAY = 86_400


def blob(number: int = 1, **changes: Any) -> Blob:
    """A JPEG of 1200 x 800."""
    plain = Blob(
        digest=name(number),
        size=400_000,
        ext="jpg",
        width=1200,
        height=800,
        animated=False,
        frames=1,
        duration=0,
        orientation=1,
        quality=90,
        md5=bytes(16),
        thumb_size=0,
        thumb_ext="",
        added=5,
        date=5,
    )
    return replace(plain, **changes)


def facts(number: int = 1, **changes: Any) -> Facts:
    """Facts of such a picture; what belongs to its file goes into the file."""
    own = {field: changes.pop(field) for field in list(changes) if field in Facts.__slots__}
    return Facts(blob(number, **changes), **own)


@st.composite
def some_facts(draw: st.DrawFn, number: int = 1) -> Facts:
    """Any picture that another could be a copy of."""
    ext = draw(st.sampled_from(["jpg", "png", "gif"]))
    frames = draw(st.integers(2, 40)) if ext == "gif" and draw(st.booleans()) else 1
    around = draw(st.sampled_from(["", "", "border", "caption"]))
    scale = draw(st.sampled_from([1.0, 1.005, 1.01, 1.02, 1.5, 2.0, 2.1]))
    return facts(
        number,
        ext=ext,
        frames=frames,
        animated=frames > 1,
        duration=frames * draw(st.sampled_from([40, 41, 100])) if frames > 1 else 0,
        width=round(300 * scale),
        height=round(draw(st.sampled_from([200, 210, 300])) * scale),
        orientation=draw(st.sampled_from([1, 6])),
        quality=draw(st.integers(60, 95)) if ext == "jpg" else 0,
        size=draw(st.integers(1, 2_000_000)),
        tags=draw(st.integers(0, 2)),
        places=draw(st.integers(1, 3)),
        posted=draw(st.sampled_from([0, 1, DAY, DAY + 1, 9 * DAY])),
        priority=draw(st.integers(0, 2)),
        is_only_copy=draw(st.booleans()),
        is_protected=draw(st.booleans()),
        around=around,
        share=draw(st.sampled_from([0.98, 0.9, 0.5])) if around else 1.0,
        cropped=draw(st.sampled_from([False, False, True])),
    )


def several() -> st.SearchStrategy[list[Facts]]:
    """Two to five pictures."""
    return st.integers(2, 5).flatmap(
        lambda count: st.tuples(*(some_facts(number) for number in range(1, count + 1))).map(list)
    )
