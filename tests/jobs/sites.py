"""A practice site to read, over real HTTP, and what it was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from fapfav.jobs.base import never_stop
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import ReadReport, Settings, read
from fapfav.model import Place, PlaceState, User
from fapfav.practice.site import Account, Folder, Item, PracticeSite
from fapfav.sources.http import open_session
from fapfav.sources.imagefap import RULES, Imagefap
from tests.support import encoded, landscape

ALICE = "100001"
BOB = "100002"


@cache
def hills(seed: int) -> bytes:
    """A small picture that is like no other."""
    return encoded(landscape(seed), "JPEG", quality=90)


def item(number: int, name: str = "") -> Item:
    """The picture of that number, which is its id's end and its seed."""
    return Item(f"{1500000000 + number}", name or f"hill-{number:04d}.jpg", hills(number))


def image(number: int) -> str:
    """The id of `item(number)`."""
    return f"{1500000000 + number}"


EVERYTHING = [image(number) for number in range(12)]
"""What the folders of `ACCOUNT` hold, by their names."""


def shelf(ident: str, name: str, numbers: Sequence[int]) -> Folder:
    """A folder of such pictures."""
    return Folder(ident, name, tuple(item(number) for number in numbers))


LAKES = shelf("20001", "Lakes & rivers", range(5))
PEAKS = shelf("20002", "Peaks", range(5, 12))
GALLERIES = Folder("20003", "All of it", (Item("7000001", "One", b""),), kind="galleries")
EMPTY = Folder("20004", "Nothing yet")
ACCOUNT = Account(ALICE, "Alice", (PEAKS, LAKES, GALLERIES, EMPTY))


@contextmanager
def source(site: PracticeSite, known: tuple[User, ...] = ()) -> Iterator[Imagefap]:
    """The client of a practice site, in no hurry to be polite."""
    with open_session(RULES, base=site.url, pace=(0, 0)) as web:
        yield Imagefap(web, known)


def read_site(
    archive: Archive,
    site: PracticeSite,
    name: str = "alice",
    *,
    stop: Callable[[], bool] = never_stop,
    job: Callable[..., ReadReport] = read,
    force: bool = False,
    folder: str = "",
) -> ReadReport:
    """Reads a user of the site; one that the archive knows is not asked for."""
    known = [u for u in archive.users.records() if u.name.casefold() == name.casefold()]
    with source(site) as client:
        accounts = tuple(known) or (client.account(name),)
        chosen = Settings(ModelInUse(), force=force, accounts=accounts, folder=folder)
        return job(archive, client, chosen, stop=stop)


def age(archive: Archive, hours: int) -> None:
    """Sets back what was done, as if so many hours had passed since."""
    seconds = hours * 3600
    with archive.change("age") as change, change.transaction() as tx:
        for user in list(tx.users.records()):
            tx.put(
                replace(
                    user,
                    date_albums=max(0, user.date_albums - seconds),
                    date_finished=max(0, user.date_finished - seconds),
                )
            )
        for album in list(tx.albums.records()):
            tx.put(
                replace(
                    album,
                    cursor=_aged(album.cursor, seconds),
                    date_listed=max(0, album.date_listed - seconds),
                    date_blobs=max(0, album.date_blobs - seconds),
                )
            )


def _aged(cursor: str, seconds: int) -> str:
    """A cursor names the time its page was read, in seconds: ten digits, as no image id here."""
    return re.sub(r"\b1[6-9]\d{8}\b", lambda found: str(int(found[0]) - seconds), cursor)


def asked(site: PracticeSite, pattern: str = "") -> list[str]:
    """The paths that were asked for, in order."""
    return [one.path for one in site.log if re.search(pattern, one.path)]


def listings(site: PracticeSite, ident: str) -> list[int]:
    """The page numbers of a folder that were asked for."""
    pages = asked(site, rf"folderid={ident}\b")
    return [int(re.findall(r"page=(\d+)", path)[0]) for path in pages]


def photos(site: PracticeSite) -> list[str]:
    """The images whose pages were asked for."""
    return [re.findall(r"/photo/(\d+)", path)[0] for path in asked(site, "/photo/")]


def files(site: PracticeSite) -> list[str]:
    """The images whose files were asked for."""
    return [re.findall(r"/(\d+)\.\w+", path)[0] for path in asked(site, "/images/full/")]


def places(archive: Archive, ident: str, user: str = ALICE) -> list[Place]:
    """An album's places in their order."""
    found = [p for p in archive.places.records() if p.key[:3] == ("imagefap", user, ident)]
    return sorted(found, key=lambda place: place.position)


def images(archive: Archive, ident: str, state: PlaceState = PlaceState.STORED) -> list[str]:
    """The ids of an album's pictures in that state, in their order."""
    return [place.image for place in places(archive, ident) if place.state is state]


def total(report: ReadReport) -> tuple[int, int, int, int]:
    """The counts that say most: saved, known, existing, failed."""
    return report.saved, report.known, report.existing, report.failed
