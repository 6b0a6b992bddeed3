"""A picture asked for again at the places it came from: by its digest, or it is another one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from fapfav.errors import BadPicture, SourceError, Stopped, UsageError
from fapfav.jobs.base import Pace, Stop
from fapfav.jobs.library import Archive
from fapfav.jobs.line import Line
from fapfav.jobs.watch import Watch
from fapfav.model import AlbumKey, Digest, ImageRef, Place
from fapfav.sources.base import Site, Source
from fapfav.store import lookups


def places_of(archive: Archive, digest: Digest) -> list[Place]:
    """Where a picture came from, each image once: first what served it, then what holds it."""
    found: dict[tuple[str, str], Place] = {}
    for key_of in (lookups.served_at_place, lookups.blob_of_place):
        keys = sorted(archive.index("places", key_of)[digest])
        for place in archive.places.picked(keys):
            if place.served in (None, digest):
                found.setdefault((place.source, place.image), place)
    return list(found.values())


@dataclass(slots=True)
class Refetch:
    """Asks sources again. `problems` are words about each source that is in trouble."""

    archive: Archive
    sources: Sequence[Source]
    line: Line
    stop: Stop
    problems: list[str] = field(default_factory=list)
    _broken: set[int] = field(default_factory=set)
    _albums: dict[tuple[int, AlbumKey], dict[tuple[str, bytes], ImageRef]] = field(
        default_factory=dict
    )

    def fetch(self, digest: Digest) -> tuple[bytes | None, str]:
        """The bytes of a picture; where there are none, why, in words.

        Raises Stopped when asked to end meanwhile.
        """
        why: list[str] = []
        for place in places_of(self.archive, digest):
            for source in self.sources:
                if source.name != place.source or id(source) in self._broken:
                    continue
                if self.stop():
                    raise Stopped("asked to end")
                try:
                    data = self._data(source, place)
                except (BadPicture, UsageError) as error:
                    why.append(f"{source.name}: {error}")
                    continue
                except SourceError as error:
                    self._broken.add(id(source))
                    self.problems.append(f"{source.name}: {error}")
                    why.append(f"{source.name}: {error}")
                    continue
                if hashlib.sha256(data).digest() == digest:
                    return data, ""
                why.append(f"{source.name} has another picture there now")
        return None, "; ".join(dict.fromkeys(why)) or "no source that is asked has it"

    def _data(self, source: Source, place: Place) -> bytes:
        if isinstance(source, Site):
            ref = ImageRef(place.key, place.name)
            return self.line.call(lambda: source.fetch(ref)).data
        return source.fetch(self._listed(source, place)).data

    def _listed(self, source: Source, place: Place) -> ImageRef:
        """A local picture as its folder lists it: by name, since its id takes in its bytes."""
        album = AlbumKey(*place.key[:3])
        known = self._albums.get((id(source), album))
        if known is None:
            items = source.images(album, "")
            refs = [item for item in items if isinstance(item, ImageRef)]
            known = {(ref.name, ref.raw): ref for ref in refs}
            self._albums[id(source), album] = known
        ref = known.get((place.name, place.raw))
        if ref is None:
            raise BadPicture(f"there is no {place.name!r} in its folder any more")
        return ref


@contextmanager
def asking(
    archive: Archive, sources: Sequence[Source], pace: Pace, stop: Stop
) -> Iterator[Refetch]:
    """A Refetch whose waits are told and can be ended."""
    watches = [Watch(source, pace, stop) for source in sources if isinstance(source, Site)]

    def tick() -> None:
        for watch in watches:
            watch.tick()

    with ExitStack() as stack:
        line = stack.enter_context(Line(tick))
        yield Refetch(archive, sources, line, stop)
        pace.waiting = ""
