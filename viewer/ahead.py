"""Work done before it is asked for: from the opening on, beside the pages and after them.

The first page after the opening would have to wait for numbers of every picture. So they are made
at once, in a thread of their own, in steps: a page that is asked for waits for one of them at most.
"""

from __future__ import annotations

import re
import threading
import time
from importlib import import_module
from pathlib import Path

from fapfav.duplicates.queue import Order, Scope
from fapfav.errors import FapfavError
from fapfav.jobs.ahead import STEPS, Step
from viewer.state import Viewer

NAME = "ahead"
"""What its thread is called."""

PAUSE = 0.005
"""Seconds between two steps, in which a page that waits gets its turn."""

_TEMPLATES = Path(__file__).parent / "templates"
_ICON = re.compile(r"{% lucide \"([a-z0-9-]+)\"")


def start(viewer: Viewer) -> None:
    """Works ahead now, if the archive is open, and whenever it is opened."""
    viewer.on_open.append(lambda: _begin(viewer))
    if viewer.is_open:
        _begin(viewer)


def _begin(viewer: Viewer) -> None:
    threading.Thread(target=work, args=[viewer], name=NAME, daemon=True).start()


def work(viewer: Viewer) -> None:
    """Does all steps; ends early when the archive is locked, or cannot be read any more.

    Nothing is said of that: the page that needs it says what is wrong.
    """
    epoch = viewer.epoch
    _load()
    try:
        for step in (*STEPS, *_ours()):
            is_done = False
            while not is_done and viewer.epoch == epoch:
                with viewer.archive(refresh=False) as archive:
                    is_done = step(archive) is not True
                time.sleep(PAUSE)
    except FapfavError:
        return
    _draw_icons()


def _ours() -> tuple[Step, ...]:
    """What pages need besides what follows from the archive alone."""
    from viewer import sets
    from viewer.addresses import learn_names

    return learn_names, lambda archive: sets.Sorted.of(archive, Order.CERTAIN, Scope.ALL)


def _load() -> None:
    """The pages' own code and templates: each would be read when it is first asked for."""
    from django.template.loader import get_template

    import_module("viewer.urls")
    for each in sorted(_TEMPLATES.rglob("*.html")):
        get_template(each.relative_to(_TEMPLATES).as_posix())


def _draw_icons() -> None:
    """Each is looked for in a large file when it is first drawn."""
    from lucide.templatetags.lucide import lucide

    for each in sorted(_TEMPLATES.rglob("*.html")):
        for name in _ICON.findall(each.read_text()):
            lucide(name)
