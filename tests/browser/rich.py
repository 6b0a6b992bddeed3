"""An archive that has a bit of everything a page can show, under names found nowhere else."""

from __future__ import annotations

from pathlib import Path

from fapfav.jobs import journal, tagging
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.rules import set_rules
from fapfav.jobs.sets import Kind, judge_set, quick, set_lines, set_view
from fapfav.model import Check, Sighting
from fapfav.resolve.example import EXAMPLE
from tests.browser.sets import mosaic
from tests.support import encoded, landscape, new_archive, read_folder

ALBUMS = ("Zanderbucht", "Quarzgrund", "Nebelkamm")
TAGS = ("Quitte", "Quellmoos", "Distelfeld")
WORD = "ulmenhain"
"""The beginning of each picture's name."""

NAMES = (*ALBUMS, *TAGS, WORD, "LOCAL DISK")
"""What nobody but who opened the archive is to read."""

MANY = 104
"""Pictures of the album that has a second page."""

_COPIES = {100: 1, 101: 1, 102: 1, 103: 1, 104: 1, 110: 2, 120: 4}
"""How many copies of each there are: five pairs, one set of three, one of five."""


def write_rich_pictures(folder: Path) -> None:
    """Pairs and larger sets, exact copies, an animation, a damaged file, and a long album."""
    bay, ground, ridge = (folder / name for name in ALBUMS)
    for each in (bay, ground, ridge):
        each.mkdir(parents=True)
    for seed in range(8):
        wide, high = ((480, 320), (320, 480), (320, 320))[seed % 3]
        picture = mosaic(seed, wide, high)
        (bay / f"{WORD} {seed}.jpg").write_bytes(encoded(picture, "JPEG", quality=90))
    once = (bay / f"{WORD} 3.jpg").read_bytes()
    (ground / f"{WORD} borrowed <b>.jpg").write_bytes(once)
    twice = (bay / f"{WORD} 4.jpg").read_bytes()
    (bay / f"{WORD} 4 again.jpg").write_bytes(twice)
    for seed, copies in _COPIES.items():
        picture = mosaic(seed)
        (ground / f"{WORD} {seed}.jpg").write_bytes(encoded(picture, "JPEG", quality=93))
        for copy in range(1, copies + 1):
            small = picture.resize((420 - 40 * copy, 280 - 80 * copy // 3))
            quality = 80 - 5 * copy
            name = f"{WORD} {seed} copy {copy}.jpg"
            (bay / name).write_bytes(encoded(small, "JPEG", quality=quality))
    frames = [landscape(40 + turn, 160, 120) for turn in range(3)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=200)
    (bay / f"{WORD} waves.gif").write_bytes(moving)
    (bay / f"{WORD} broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    for seed in range(1000, 1000 + MANY):
        small = mosaic(seed, 90 + seed % 7 * 10, 90)
        (ridge / f"{WORD} {seed}.jpg").write_bytes(encoded(small, "JPEG", quality=85))


def make_rich_archive(where: Path, pictures: Path, *, sealed: bool) -> None:
    """Reads the pictures, finds, tags, decides, throws away, and notes three jobs."""
    with new_archive(where, sealed=sealed) as archive:
        read_folder(archive, pictures)
        find_duplicates(archive)
        tagging.add(archive, TAGS[0])
        tagging.add(archive, TAGS[1], TAGS[0])
        tagging.add(archive, TAGS[2])
        digests = sorted(archive.blobs)
        tagging.apply(archive, TAGS[0], digests[:9])
        tagging.apply(archive, TAGS[1], digests[5:20])
        tagging.rename(archive, TAGS[2], f"{TAGS[2]} alt", by="viewer")
        tagging.rename(archive, f"{TAGS[2]} alt", TAGS[2], by="viewer")
        _miss_one(archive)
        _decide_one(archive)
        _throw_away(archive)
        set_rules(archive, EXAMPLE)
        number = journal.begin(archive, "find", {"again": True})
        journal.finish(archive, number, "done", {"pairs": 12, "groups": 7, "warnings": ["slow"]})
        number = journal.begin(archive, "read", {"local": "/gone"})
        journal.finish(archive, number, "failed", {"error": "the folder /gone cannot be read"})
        number = journal.begin(archive, "repair_plan", {"fetch": True})
        steps = [["a thumbnail has no file", "it is made anew from its picture"]]
        journal.finish(archive, number, "done", {"steps": steps, "steps_in_all": 1, "left": 0})


def _miss_one(archive: Archive) -> None:
    """A picture of the first album was gone when it was last looked for."""
    place = min(
        (p for p in archive.places.values() if p.name == f"{WORD} 0.jpg"), key=lambda p: p.key
    )
    with archive.write("audit") as tx:
        tx.put(Check(*place.key, tx.now, (Sighting(tx.now, 1, ""),)))


def _decide_one(archive: Archive) -> None:
    line = next(
        one for one in set_lines(archive) if one.members == 2 and one.kind is Kind.PERCEPTUAL
    )
    view = set_view(archive, line.key)
    verdicts, places = quick(view, "keep-all")
    judge_set(archive, line.key, view.revision, verdicts, places, by="viewer")


def _throw_away(archive: Archive) -> None:
    places = [p for p in archive.places.values() if p.name in (f"{WORD} 1000.jpg",)]
    remove_picture(archive, *(p.holds.hex() for p in places if p.holds), by="viewer")


def stale_change(archive: Archive) -> int:
    """The number of a change that cannot be taken back: the same tag was renamed again since."""
    renamed = [number for number, change in archive.changes.items() if "rename" in change.verb]
    return min(renamed)
