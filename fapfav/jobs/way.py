"""The way to a site, as the environment says; read here and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fapfav.errors import UsageError
from fapfav.text import short

if TYPE_CHECKING:
    from fapfav.model import User
    from fapfav.sources.base import Site

BASE = "FAPFAV_IMAGEFAP_URL"
PACE = "FAPFAV_PACE"
CONTACT = "FAPFAV_CONTACT"

_SWITCH = 0.0005  # seconds


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the site: its address if another, pace if another, and who asks."""

    base: str = ""
    pace: tuple[float, float] | None = None
    contact: str = ""
    turns: Path | None = None


def way(environ: Mapping[str, str]) -> Way:
    """The way as the environment says. Raises UsageError for what it says wrongly."""
    from fapfav.store.seen import state_folder

    state = state_folder(environ)
    return Way(
        base=environ.get(BASE, "").strip(),
        pace=_pace(environ.get(PACE, "").strip()),
        contact=environ.get(CONTACT, "").strip(),
        turns=state and state / "turns",
    )


def _pace(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        least, most = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"{PACE} is {short(text, 40)!r}: it takes the least and the most seconds between two "
            "requests, such as 2,4; unset it for the site's own pace"
        ) from None
    return least, most


@contextmanager
def imagefap(known: tuple[User, ...] = ()) -> Iterator[Site]:
    """Imagefap, asked as the environment says; what is under way when it is left ends at once.

    Accounts of its own among the `known` it need not be asked for. Raises UsageError for a setting
    that makes no sense.
    """
    from fapfav.sources import reach

    chosen = way(os.environ)
    interval = sys.getswitchinterval()
    # The thread that asks needs the interpreter often and for little; at 5 ms a turn it would
    # wait for those that work on pictures, and they in the end for it.
    sys.setswitchinterval(_SWITCH)
    try:
        with reach.imagefap(known, **asdict(chosen)) as source:
            yield source
    finally:
        sys.setswitchinterval(interval)
