"""Somebody's computer: a home, a folder for temporary files, pictures, a site, and an archive; all
that is said or shown there is a canary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fapfav.practice.site import Account, Folder, Item, PracticeSite
from fapfav.store.archive import Archive
from fapfav.store.keyring import KeyRing, open_keyring
from fapfav.store.opening import open_archive
from tests.bad_input.trouble import OFF, secret
from tests.cli.running import Home, Ran
from tests.cli.visiting import there
from tests.leaks.canaries import Canaries, noise
from tests.support import encoded, landscape

PASSWORD, NEW_PASSWORD = "quagga-saddle-opens", "thylacine-ladder-opens"
LOCAL, ALBUM, TAG, LABEL = "quollfeather", "wombatlantern", "numbatvelvet", "bilbyharbour"
MEMBER, SHELF, AUTHOR = "potoroobasket", "bettongmarble", "kowarithimble"
PREFIX, PICTURE = "dibblerorchard", "antechinusreed"
NUMBER = "8361947250"
WORDS = LOCAL, ALBUM, TAG, LABEL, MEMBER, SHELF, PICTURE, AUTHOR
ADDRESS = PREFIX, NUMBER[:-1]
"""What stands in addresses of the site only."""

LOCALS = {f"{PICTURE}-{seed}.png": noise(seed) for seed in range(3)}
ALIKE = {
    f"{PICTURE}-hill.jpg": encoded(landscape(1, 320, 240), "JPEG", quality=92),
    f"{PICTURE}-hill2.jpg": encoded(landscape(1, 320, 240), "JPEG", quality=70),
}
LARGE = noise(77, 800, 760)
"""More than a server keeps in memory unless it is told to."""
THERE = {f"{NUMBER[:-1]}{seed}": noise(10 + seed) for seed in range(1, 4)}


@dataclass
class World:
    """Commands, what they are given, and what they leave behind."""

    top: Path
    site: PracticeSite
    sealed: bool = True
    canaries: Canaries = field(default_factory=lambda: Canaries(WORDS))

    def __post_init__(self) -> None:
        self.home = Home(self.top / "home")
        self.temporary = self.top / "temporary"
        self.archive = self.top / "archive"
        self.copies = self.top / "copies"
        self.pictures = self.top / "given" / LOCAL / ALBUM
        for folder in (self.home.path, self.temporary, self.archive, self.copies, self.pictures):
            folder.mkdir(parents=True)
        for name, raw in {**LOCALS, **ALIKE, f"{PICTURE}-large.png": LARGE}.items():
            (self.pictures / name).write_bytes(raw)
        for raw in (*LOCALS.values(), *ALIKE.values(), *THERE.values()):
            self.canaries.hide_picture(raw)
        self.canaries.hide_picture(LARGE, step=16)
        for word in ADDRESS:
            self.canaries.hide(word, "address")
        for word in (PASSWORD, NEW_PASSWORD):
            self.canaries.hide(word, "password")
        self.password = secret(self.top, PASSWORD)

    def give(self, name: str, raw: bytes) -> None:
        """One more picture to be read."""
        (self.pictures / name).write_bytes(raw)
        self.canaries.hide_picture(raw)

    @property
    def watched(self) -> tuple[Path, ...]:
        """All that a command may write to."""
        return self.temporary, self.home.path, self.archive, self.copies

    @property
    def environment(self) -> dict[str, str]:
        """What commands inherit besides their home."""
        return {name: str(self.temporary) for name in ("TMPDIR", "TMP", "TEMP")} | there(self.site)

    def words(self, script: str, *arguments: object, where: Path | None = None) -> list[object]:
        """The words of a command with this archive."""
        given = self.sealed and arguments[0] not in ("backup", "restore")
        return [
            *(script, *arguments, "--dir", where or self.archive),
            *(("--password-file", self.password) if given else ()),
        ]

    def run(self, script: str, *arguments: object, where: Path | None = None) -> Ran:
        """Runs a command with this archive."""
        done = self.home.run_anew(
            *self.words(script, *arguments, where=where),  # type: ignore[arg-type]
            **self.environment,
        )
        assert "Traceback" not in done.err
        return done

    def fill(self) -> None:
        """Reads the pictures and the site; from then on their thumbnails and keys are canaries."""
        made = () if self.sealed else ("--no-password",)
        local = ("-l", self.pictures.parent, *OFF, *made)
        assert self.run("favorites", "read", *local).code == 0
        assert self.run("favorites", "read", "-u", MEMBER, *OFF).code == 0
        self.hide_inside()

    def hide_inside(self, password: str = PASSWORD) -> None:
        """Makes canaries of what is in the archive: thumbnails and keys."""
        if self.sealed:
            with open_keyring(self.archive, password) as ring:
                self._hide_thumbnails(ring.archive)
                for key in keys_of(ring):
                    self.canaries.hide_key(key)
        else:
            with open_archive(self.archive, None) as archive:
                self._hide_thumbnails(archive)

    def _hide_thumbnails(self, archive: Archive) -> None:
        for digest in archive.blobs:
            self.canaries.hide_thumbnail(archive.thumbnail(digest) or b"")

    def left(self) -> dict[Path, frozenset[str]]:
        """Where anything can be found by now: in a file, or in its name."""
        found = {}
        for path in (path for top in self.watched for path in top.rglob("*") if path.is_file()):
            name = os.fsencode(path.relative_to(self.top))
            if here := self.canaries.found(path.read_bytes()) | self.canaries.found(name):
                found[path] = here
        return found

    def kinds(self) -> set[str]:
        """What can be found by now."""
        return {kind for here in self.left().values() for kind in here}


def keys_of(ring: KeyRing) -> list[bytes]:
    """The root key, and all that come from it now."""
    log = ring._keys.log_keys(ring.archive._database.now.codec.header.log_id)
    of_uses = [getattr(ring._keys, use) for use in ("header", "database", "blob", "name", "salt")]
    return [ring._root.secret, *of_uses, log.log, log.nonce]


@contextmanager
def practising() -> Iterator[PracticeSite]:
    """The site of somebody with a folder of pictures, each address of which is a canary."""
    items = tuple(
        Item(number, f"{PICTURE} {number}", raw, AUTHOR, ext="png") for number, raw in THERE.items()
    )
    account = Account("7391846", MEMBER, (Folder("5518273", SHELF, items),))
    with PracticeSite([account], prefix=PREFIX) as site:
        yield site
