"""What happens to an archive when its disk fills up: run by test_disks.py, on a small disk if it
can mount one, else under a limit of bytes a file.

`python -m tests.bad_input.full FOLDER PICTURES` prints the steps as JSON: exit code and messages.
`FOLDER/archive` is the archive, made and still without pictures when this begins.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from fapfav.errors import ArchiveError
from tests.bad_input.trouble import OFF, handicapped, opened
from tests.cli.running import Home, Ran


def main() -> None:
    """Reads a little, fills the disk, tries to go on, makes room, goes on."""
    folder, pictures, real = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "disk"
    archive = folder / "archive"
    home = Home(pictures.parent / "home")

    def run(script: str, *arguments: object, full: bool = False) -> Ran:
        if full and not real:
            size = (archive / "imagefap.database").stat().st_size
            return handicapped(home, f"limit={size}", script, *arguments, "-d", archive)
        return home.run(script, *arguments, "-d", archive)

    steps = [run("favorites", "read", "-l", pictures / "small", *OFF)]
    if real:
        fill(folder / "filling")
        use_up(archive)
    steps.append(run("process", "tag", "add", "Hills", full=True))
    steps.append(run("favorites", "read", "-l", pictures / "large", *OFF, full=True))
    steps.append(run("process", "stats", "--json"))
    (folder / "filling").unlink(missing_ok=True)
    steps.append(run("favorites", "read", "-l", pictures / "large", *OFF))
    steps.append(run("process", "tag", "add", "Hills"))
    steps.append(run("process", "print", "--json", "--blobs"))
    print(json.dumps([[step.code, step.out, step.err] for step in steps]))


def fill(file: Path) -> None:
    """Takes all room that a disk has left."""
    with file.open("wb", buffering=0) as filling:
        for step in (65536, 4096, 1):
            try:
                while filling.write(bytes(step)) == step:
                    pass
            except OSError:
                continue
        os.fsync(filling.fileno())


def use_up(archive: Path) -> None:
    """Changes an archive until there is no room left in the last page of its database either."""
    with opened(archive) as changed, contextlib.suppress(ArchiveError):
        while True:
            with changed.write("tag add") as tx:
                tx.next_tag()


if __name__ == "__main__":
    main()
