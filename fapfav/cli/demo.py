"""`make demo`: the main job on real pictures, by the same commands a user would type.

    python -m fapfav.cli.demo [FOLDER]

Without a folder it gathers a hundred or so practice pictures first, offers them as the favourites
of a user on a site of this computer, and reads that. Everything it makes is in one temporary
folder, which it names at the end; a folder of one's own is only read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from fapfav.errors import FapfavError
from fapfav.jobs import way
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import AlbumKey, Digest, Group, PlaceState
from fapfav.practice.accounts import PRACTICE_NAME
from fapfav.practice.child import serve_in_child
from fapfav.practice.pictures import gather
from fapfav.text import many, shown

PASSWORD = "a demo, not a secret"  # noqa: S105 - it is printed below
_TAG = "Practice"
_FEW = 6


@dataclass(frozen=True, slots=True)
class _Shell:
    """Where commands are typed, with what was exported there."""

    exported: Mapping[str, str] = field(default_factory=dict)

    def run(self, script: str, *words: str, may_fail: bool = False) -> None:
        """Runs one of the two scripts as a user would; `may_fail` where pictures may be broken."""
        _say(" ".join((f"./{script}", *(f'"{word}"' if " " in word else word for word in words))))
        module = f"fapfav.cli.{script.removesuffix('.py')}"
        done = subprocess.run(
            [sys.executable, "-c", f"from {module} import main; main()", *words],
            env={**os.environ, **self.exported, "FAPFAV_PASSWORD": PASSWORD},
            check=False,
        )
        if done.returncode != 0 and not (may_fail and done.returncode == 1):
            raise SystemExit(done.returncode)


def main() -> None:
    """Runs the demo; exits as the first command that failed."""
    try:
        _run(Path(sys.argv[1]).expanduser() if len(sys.argv) > 1 else None)
    except FapfavError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from None


def _run(own: Path | None) -> None:
    home = Path(tempfile.mkdtemp(prefix="fapfav-demo-"))
    archive = home / "archive"
    if own is None:
        pictures = home / "pictures"
        _say("Gathering practice pictures: copies, crops, other formats, two broken files")
        report = gather(pictures)
        click.echo(f"{len(report.files)} pictures, {report.size / 1e6:.0f} MB, in {pictures}")
        from_site(pictures, report.files[0].path, home)
    else:
        shell = _Shell()
        shell.run("favorites.py", "read", "--local", str(own), *_into(archive), may_fail=True)
        _look_at(archive, shell)
    _say("What there is now")
    click.echo(f"the archive, encrypted: {archive}\nits password: {PASSWORD}")
    click.echo(f"look at it in the browser: {_prefix()}process.py run --dir {archive}")
    click.echo(f"and when done: rm -r {home}")


def from_site(pictures: Path, lost: str, home: Path) -> None:
    """Reads a folder by way of a site into an archive in `home`; `lost` vanishes there later."""
    archive = home / "archive"
    with serve_in_child(pictures) as site:
        there = {way.BASE: site.url, way.PACE: "0,0"}
        _say(f"Offering them as favourites of the user {PRACTICE_NAME}, on a site of this computer")
        click.echo("It is asked in place of the real one, and without pauses, where this is set:")
        click.echo(f"export {' '.join(f'{name}={value}' for name, value in there.items())}")
        # Such a site has an address of its own each time: what is remembered of it goes with it.
        shell = _Shell({**there, "XDG_STATE_HOME": str(home / "state")})
        user = ("--user", PRACTICE_NAME)
        shell.run("favorites.py", "list", *user)
        shell.run("favorites.py", "read", *user, *_into(archive), may_fail=True)
        _look_at(archive, shell)
        _say(f"{lost} vanishes from the site, and stays in the archive")
        (pictures / lost).unlink()
        shell.run("favorites.py", "audit", *user, *_into(archive))


def _into(archive: Path) -> tuple[str, str]:
    return "--output", str(archive)


def _look_at(archive: Path, shell: _Shell) -> None:
    """What was found, and what can be done with it."""
    with open_archive(archive, PASSWORD) as opened:
        _groups(opened)
        album = _largest_album(opened)
    place = ("--dir", str(archive))
    shell.run("process.py", "stats", *place)
    if album:
        shell.run("process.py", "tag", "add", _TAG, *place)
        shell.run("process.py", "tag", "apply", _TAG, "--album", album, *place)
        shell.run("process.py", "export", "--tag", _TAG, "--renumber", *place)


def _prefix() -> str:
    """How the scripts are run with the interpreter that has what they need."""
    return f"{os.path.relpath(sys.executable)} "


def _say(text: str) -> None:
    click.echo(f"\n== {shown(text)}")  # it may quote the name of an album


def _groups(archive: Archive) -> None:
    """The groups found: names, methods, and the best score of each."""
    groups = sorted(archive.groups, key=lambda group: -len(group.members))
    _say(f"{many(len(groups), 'group')} of duplicates")
    names = _names(archive)
    for group in groups[:_FEW]:
        click.echo(f"{len(group.members)} pictures alike by {_scores(group)}")
        for digest in group.members:
            blob = archive.blobs[digest]
            called = shown(", ".join(names.get(digest, [digest.hex()])))
            click.echo(f"    {blob.width}x{blob.height}, {blob.size:,} bytes  {called}")
    if len(groups) > _FEW:
        click.echo(f"... and {len(groups) - _FEW} more")


def _names(archive: Archive) -> dict[Digest, list[str]]:
    names: dict[Digest, list[str]] = {}
    for place in archive.places.records():
        if place.holds is not None and place.state is PlaceState.STORED:
            names.setdefault(place.holds, []).append(place.name)
    return names


def _scores(group: Group) -> str:
    """Each method with its least and greatest score."""
    return ", ".join(
        f"{method.value} {_range(sorted(scores.values()))}"
        for method, scores in group.sources.items()
    )


def _range(scores: Sequence[float]) -> str:
    low, high = f"{scores[0]:g}", f"{scores[-1]:g}"
    return low if low == high else f"{low} to {high}"


def _largest_album(archive: Archive) -> str:
    """The name of the album with the most pictures; empty where there is none."""
    counts = Counter(place.key[:3] for place in archive.places.records() if place.holds)
    return archive.albums[AlbumKey(*counts.most_common(1)[0][0])].name if counts else ""


if __name__ == "__main__":
    main()
