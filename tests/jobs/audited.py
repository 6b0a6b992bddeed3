"""Archives of a plain site's pictures, and a clock that tests set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fapfav.jobs.audit import AuditReport, AuditSettings, audit
from fapfav.jobs.base import Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Album, AlbumKey, Check, PlaceKey, PlaceState, User, UserKey
from fapfav.store.blobs import Kind
from tests.jobs.holding import blob, digest, picture, place
from tests.jobs.plain_site import PlainSite
from tests.support import new_archive

NOW = 1_700_000_000
ANNA, BEN = "11", "22"


def address(image: str) -> str:
    """What the site says of an image that is gone."""
    return f"https://plain.example/photo/{image}/"


class Audited:
    """An archive whose users anna and ben were read from a plain site to their end."""

    def __init__(self, path: Path | str, *, is_new: bool = True) -> None:
        self.now = NOW
        self.site = PlainSite()
        self.archive: Archive = (
            new_archive(Path(path), sealed=False) if is_new else open_archive(path)
        )
        self.archive._clock = lambda: self.now
        if is_new:
            self.user(ANNA, "anna")
            self.user(BEN, "ben")

    def user(self, user: str, name: str, finished: int = 5) -> None:
        """Another user."""
        with self.archive.write("read") as tx:
            tx.put(User("plain", user, name, date_finished=finished))

    def album(self, user: str, album: str, name: str, *pictures: tuple[int, str]) -> None:
        """An album of pictures, each a (number, image id)."""
        key = AlbumKey("plain", user, album)
        files = self.archive.files
        for number, _ in pictures:
            raw = picture(number)
            files.publish([files.stage(kind, digest(number), "jpg", raw) for kind in Kind])
        with self.archive.write("read") as tx:
            tx.put(Album(*key, name))
            for position, (number, image) in enumerate(pictures):
                called = f"{name.lower()} {image}.jpg"
                held = place(key, position, number, called)
                tx.put(blob(number), replace(held, image=image))

    def state(self, key: PlaceKey, state: PlaceState) -> None:
        """A place that has no picture."""
        with self.archive.write("read") as tx:
            tx.put(replace(tx.places[key], state=state, holds=None))

    def audit(
        self,
        user: str = ANNA,
        *,
        force: bool = False,
        tell: Tell = tell_nobody,
        stop: Stop = never_stop,
    ) -> AuditReport:
        """One run."""
        wanted = AuditSettings(UserKey("plain", user), force)
        return audit(self.archive, self.site, wanted, tell=tell, stop=stop)

    def on_disk(self) -> list[PlaceKey]:
        """The checks that another process would find now."""
        with open_archive(self.archive.path) as other:
            return [check.key for check in other.checks.records()]

    def row(self, user: str, album: str, image: str) -> Check:
        """The check of a place."""
        return self.archive.checks[PlaceKey("plain", user, album, image)]


def shared(path: Path) -> Audited:
    """Anna has 1, 2 and 3 in Bay, 4 and again 1 in Alps; Ben has image i1 too, and 2 as i20."""
    made = Audited(path)
    made.album(ANNA, "b", "Bay", (1, "i1"), (2, "i2"), (3, "i3"))
    made.album(ANNA, "a", "Alps", (4, "i4"), (1, "i1"))
    made.album(BEN, "z", "Zoo", (1, "i1"), (2, "i20"), (7, "i7"))
    return made
