"""What pages rest on, made before the first of them is asked for: later it only follows."""

from __future__ import annotations

from collections.abc import Callable

from fapfav.jobs.charts import saving
from fapfav.jobs.following import Following
from fapfav.jobs.holdings import Holdings
from fapfav.jobs.library import Archive
from fapfav.jobs.set_lines import some_set_lines
from fapfav.jobs.shapes import Posted, Shapes
from fapfav.jobs.standing import Standing
from fapfav.jobs.tag_tally import TagTally
from fapfav.store import lookups

Step = Callable[[Archive], object]
"""Some of the work; gives True when there is more of it, and is called again."""

LINES = 1_000


STEPS: tuple[Step, ...] = (
    lambda archive: archive.groups,
    lambda archive: archive.kept(Following).the(Shapes, Shapes),
    lambda archive: archive.kept(Following).the(Holdings, Holdings),
    lambda archive: archive.kept(Following).the(Standing, Standing),
    lambda archive: archive.kept(Following).the(Posted, Posted),
    lambda archive: saving(archive, archive.groups),
    lambda archive: archive.index("places", lookups.album_of_place),
    lambda archive: archive.index("tagged", lookups.blob_of_tagged),
    lambda archive: archive.kept(Following).the(TagTally, TagTally),
    lambda archive: archive.index("tagged", lookups.tags_of_row),
    lambda archive: some_set_lines(archive, LINES),
    lambda archive: archive.index("places", lookups.served_at_place),
)
"""In the order in which pages need them, each short: pages wait for one of them at most."""
