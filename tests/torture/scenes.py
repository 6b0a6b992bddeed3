"""What is done while the disk fails: each verb on a small archive, and what it amounts to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.jobs import backup, find, removal, review, tagging, trash
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Verdict
from tests.support import PASSWORD, album, encoded, landscape, new_archive, read_folder
from tests.torture import care

Act = Callable[[Path], None]


@dataclass(frozen=True)
class Scene:
    """`prepare` makes a folder with `archive` in it, `act` does the verb there.

    `again` is what the user does after a crash: the same, unless it says otherwise.
    `archives` are the folders that must hold a whole archive before that already.
    """

    prepare: Act
    act: Act
    again: Act | None = None
    archives: tuple[str, ...] = ("archive",)
    passwords: tuple[str | None, ...] = (PASSWORD,)


@contextmanager
def opened(
    folder: Path, name: str = "archive", password: str | None = PASSWORD
) -> Iterator[Archive]:
    """The archive of a scene."""
    with open_archive(folder / name, password) as archive:
        yield archive


def filled(folder: Path, count: int = 4, *, sealed: bool = True) -> None:
    """An archive of a few pictures, two of them alike, with a tag."""
    album(folder / "pictures", count)
    twin = landscape(0).resize((72, 48))
    (folder / "pictures" / "twin.jpg").write_bytes(encoded(twin, "JPEG", quality=80))
    with new_archive(folder / "archive", sealed=sealed) as archive:
        read_folder(archive, folder / "pictures")
        assert archive.groups
        tagging.add(archive, "Hills")
        tagging.apply(archive, "Hills", sorted(archive.blobs)[:2])


def empty(folder: Path) -> None:
    """A new archive and a folder to read."""
    album(folder / "pictures", 3)
    new_archive(folder / "archive").close()


def trashed(folder: Path) -> None:
    """An archive with two pictures in the trash."""
    filled(folder)
    with opened(folder) as archive:
        removal.remove_picture(archive, *(each.hex() for each in sorted(archive.blobs)[:2]))


def removed(folder: Path) -> None:
    """An archive whose albums were removed."""
    filled(folder)
    remove(folder)


def backed_up(folder: Path) -> None:
    """An archive, its backup, and what came since."""
    filled(folder, 2)
    backup.backup(folder / "archive", folder / "copy")
    album(folder / "pictures", 2, start=10)
    read(folder)


def read(folder: Path) -> None:
    """Reads the folder of pictures."""
    with opened(folder) as archive:
        report = read_folder(archive, folder / "pictures")
        assert report.failed == 0


def tag(folder: Path) -> None:
    """Makes a tag and gives it to everything."""
    with opened(folder) as archive:
        if not any(each.name == "Skies" for each in archive.tags.records()):
            tagging.add(archive, "Skies", "Hills")
        tagging.apply(archive, "Skies", sorted(archive.blobs))


def judge(folder: Path) -> None:
    """Keeps one of two alike."""
    with opened(folder) as archive:
        first, *rest = archive.groups[0].members
        review.judge(archive, first, {first: Verdict.KEEP} | dict.fromkeys(rest, Verdict.SKIP))


def search(folder: Path) -> None:
    """Looks for duplicates among all."""
    with opened(folder) as archive:
        find.find_duplicates(archive, again=True)


def remove(folder: Path) -> None:
    """Removes an album."""
    with opened(folder) as archive:
        for each in list(archive.albums.records()):
            removal.remove_album(archive, each.album)


def undo(folder: Path) -> None:
    """Takes back the removal, unless that was done."""
    with opened(folder) as archive:
        last = max(archive.changes.records(), key=lambda change: change.number)
        if last.verb != "undo":
            archive.undo(last.number)


def restore_trash(folder: Path) -> None:
    """Brings back what was removed."""
    with opened(folder) as archive:
        trash.trash_restore(archive)


def empty_trash(folder: Path) -> None:
    """Destroys what was removed."""
    with opened(folder) as archive:
        trash.trash_empty(archive)


def compact(folder: Path) -> None:
    """Writes the database anew."""
    with opened(folder) as archive:
        archive.compact()


def back_up(folder: Path) -> None:
    """Brings the backup up to date."""
    backup.backup(folder / "archive", folder / "copy")


def restore(folder: Path) -> None:
    """Makes an archive of the backup, unless that was done."""
    if not (folder / "new" / "imagefap.database").exists():
        backup.restore(folder / "copy", folder / "new")


def create(folder: Path) -> None:
    """Makes an archive, unless that was done."""
    if not (folder / "archive" / "imagefap.database").exists():
        new_archive(folder / "archive").close()


EITHER_PASSWORD = (PASSWORD, care.NEW_PASSWORD)

SCENES: dict[str, Scene] = {
    "create": Scene(lambda _folder: None, create, archives=()),
    "read": Scene(empty, read),
    "tag": Scene(filled, tag),
    "judge": Scene(filled, judge),
    "find": Scene(filled, search),
    "remove": Scene(filled, remove),
    "undo": Scene(removed, undo),
    "trash restore": Scene(trashed, restore_trash),
    "trash empty": Scene(trashed, empty_trash),
    "compact": Scene(filled, compact),
    "backup": Scene(backed_up, back_up, archives=("archive", "copy")),
    "restore": Scene(backed_up, restore, archives=("archive", "copy")),
    "audit": Scene(care.known, care.audit, passwords=(None,)),
    "key change": Scene(care.locked, care.change_password, passwords=EITHER_PASSWORD),
    "key add-recovery": Scene(care.locked, care.add_code),
    "key remove": Scene(care.two_keys, care.remove_code),
    "encrypt": Scene(care.readable, care.encrypt, passwords=(None, PASSWORD)),
    "decrypt": Scene(care.sealed, care.decrypt, passwords=(None, PASSWORD)),
    "repair": Scene(care.damaged, care.mend, archives=()),
}


def state(archive: Archive) -> dict[str, Any]:
    """What an archive amounts to, without what differs from run to run: times and numbers."""
    groups = sorted(
        sorted((member.hex(), str(verdict)) for member, verdict in group.verdicts.items())
        for group in archive.groups
    )
    return {
        "blobs": sorted(digest.hex() for digest in archive.blobs),
        "places": sorted(
            (place.album, place.image, place.name, str(place.state), str(place.holds))
            for place in archive.places.records()
        ),
        "tags": sorted((each.name, each.parent) for each in archive.tags.records()),
        "tagged": sorted((row.digest.hex(), row.tags) for row in archive.tagged.records()),
        "trash": sorted(row.digest.hex() for row in archive.trash.records()),
        "removed": sorted(row.digest.hex() for row in archive.removed.records()),
        "decisions": sorted(
            (str(row.first), str(row.second), str(row.label)) for row in archive.decisions.records()
        ),
        "groups": groups,
        "albums": sorted(each.album for each in archive.albums.records()),
        "checks": sorted(
            (each.image, [sighting.level for sighting in each.history])
            for each in archive.checks.records()
        ),
        "prints": sorted((each.space, each.digest.hex()) for each in archive.prints.records()),
    }


def copied(prepared: Path, folder: Path) -> Path:
    """A prepared scene, in a folder of its own."""
    shutil.copytree(prepared, folder)
    return folder
