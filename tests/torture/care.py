"""What is done for an archive's own sake while the disk fails: audit, keys, encrypt, repair."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from fapfav.errors import WrongPassword
from fapfav.jobs import convert, keys, tagging
from fapfav.jobs.library import open_archive
from fapfav.jobs.repair import repair
from fapfav.store.opening import is_sealed, unlock
from tests.jobs.audited import ANNA, Audited, shared
from tests.jobs.broken import Broken, flip
from tests.support import CHEAP, PASSWORD, album, new_archive, read_folder

NEW_PASSWORD = "battery staple"
CODE = bytes(range(32))


def known(folder: Path) -> None:
    """Pictures of a site, to be asked about."""
    shared(folder / "archive").archive.close()


def audit(folder: Path) -> None:
    """Asks about all pictures of a user: one is gone."""
    world = Audited(folder / "archive", is_new=False)
    with world.archive:
        world.site.levels["i2"] = 2
        world.audit(ANNA, force=True)


def locked(folder: Path) -> None:
    """An encrypted archive of a picture."""
    album(folder / "pictures", 1)
    with new_archive(folder / "archive") as archive:
        read_folder(archive, folder / "pictures")


def two_keys(folder: Path) -> None:
    """The same with a recovery code."""
    locked(folder)
    add_code(folder)


def change_password(folder: Path) -> None:
    """Puts a new password in the old one's place, unless that was done."""
    with suppress(WrongPassword), keys.open_keys(folder / "archive", PASSWORD) as ring:
        keys.key_change(ring, NEW_PASSWORD, cost=CHEAP)


def add_code(folder: Path) -> None:
    """Adds a recovery code, unless that was done."""
    with keys.open_keys(folder / "archive", PASSWORD) as ring:
        if len(ring.slots()) == 1:
            keys.key_add_recovery(ring, CODE)


def remove_code(folder: Path) -> None:
    """Takes it away, unless that was done."""
    with keys.open_keys(folder / "archive", PASSWORD) as ring:
        for key in keys.key_list(ring).keys:
            if key.kind != "password":
                keys.key_remove(ring, key.id)


def readable(folder: Path) -> None:
    """A plain archive of three pictures, with a file that no row names."""
    album(folder / "pictures", 3)
    with new_archive(folder / "archive", sealed=False) as archive:
        read_folder(archive, folder / "pictures")
        tagging.add(archive, "Hills")
    (folder / "archive" / "quarantine" / "tail-7-01234567").write_bytes(b"of nobody " * 9)


def sealed(folder: Path) -> None:
    """The same, encrypted."""
    readable(folder)
    encrypt(folder)


def encrypt(folder: Path) -> None:
    """Encrypts it, or goes on with that, unless it was done."""
    path = folder / "archive"
    with open_archive(path, PASSWORD if is_sealed(path) else None) as archive:
        if not archive.sealed or convert.under_way(archive):
            password = None if archive.sealed else PASSWORD
            assert convert.encrypt(archive, password, cost=CHEAP).finished


def decrypt(folder: Path) -> None:
    """Decrypts it, or goes on with that, unless it was done."""
    path = folder / "archive"
    with open_archive(path, PASSWORD if is_sealed(path) else None) as archive:
        if archive.sealed:
            assert convert.decrypt(archive).finished


def damaged(folder: Path) -> None:
    """An archive with something wrong in every part."""
    broken = Broken(folder, sealed=True)
    database = broken.path / "imagefap.database"
    tagging_row = database.stat().st_size
    with broken.opened() as archive:
        tagging.add(archive, "Late")
        tagging.apply(archive, "Late", sorted(archive.blobs)[:2])
    flip(database, 100)
    flip(database, tagging_row + 80)
    with database.open("ab") as file:
        file.write(b"\xf5FRM and no more")
    broken.thumb(0).unlink()
    flip(broken.thumb(1), 60)
    blob = broken.blob(2)
    blob.rename(broken.path / "trash" / "blobs" / blob.name)
    (broken.path / "blobs" / "of-nobody").write_bytes(b"of nobody")


def mend(folder: Path) -> None:
    """Repairs it."""
    repair(unlock(folder / "archive", PASSWORD))
