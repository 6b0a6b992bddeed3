"""Folders that hold anything: what cannot be read says so, the rest is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import Settings, read
from fapfav.model import AlbumKey, Cursor, ImageRef
from fapfav.sources.local import LocalFolder
from tests.bad_input.trouble import OFF, OPEN, digests, handicapped, kept, opened, refused
from tests.cli.running import ROOT, Home
from tests.support import album, encoded, landscape, new_archive

MANY = 100_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none", "does not exist; name a folder with pictures"),
        ("file", "is not a folder; name the folder it lies in"),
        ("loop", "cannot be read"),
        ("n" * 300, "cannot be read: file name too long"),
    ],
    ids=["missing", "file", "loop", "long"],
)
def test_a_folder_that_is_none_is_named_before_anything_is_made(
    home: Home, name: str, words: str
) -> None:
    (home.path / "file").write_bytes(b"")
    (home.path / "loop").symlink_to("loop")

    done = home.run("favorites", "read", "-l", name, "-o", "archive", *OPEN)

    refused(done, 2, name, words)
    assert not (home.path / "archive").exists()


def test_an_archive_is_not_read_into_itself(home: Home, plain: Path) -> None:
    refused(
        home.run("favorites", "read", "-l", plain / "blobs", "-o", plain, *OFF),
        2,
        "lies within the archive itself; name a folder outside of it",
    )


def test_an_empty_folder_is_no_error(home: Home) -> None:
    (home.path / "empty").mkdir()

    done = home.run("favorites", "read", "-l", "empty", "-o", "archive", *OPEN, "--json")

    assert done.code == 0, done.err
    assert (done.object["saved"], done.object["failed"]) == (0, 0)


def test_a_hundred_thousand_other_files_are_passed_by(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "crowd"
    made = album(folder, 3)
    (folder / "other").mkdir()
    for number in range(MANY):
        os.close(os.open(f"{folder}/other/{number}.txt", os.O_CREAT | os.O_WRONLY))

    done = home.run("favorites", "read", "-l", folder, "-o", "archive", *OPEN, "--json")

    shutil.rmtree(folder / "other")
    assert done.code == 0, done.err
    assert (done.object["saved"], done.object["failed"], done.object["warnings"]) == (3, 0, [])
    assert kept(home.path / "archive") == digests(made)


def test_links_that_lead_round_in_circles_are_not_followed(home: Home, tmp_path: Path) -> None:
    made = album(tmp_path / "round" / "below", 2)
    (tmp_path / "round" / "below" / "up").symlink_to("..")
    (tmp_path / "round" / "self").symlink_to(".")
    (tmp_path / "round" / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "round" / "gone.jpg").symlink_to("nowhere.jpg")

    done = home.run("favorites", "read", "-l", tmp_path / "round", "-o", "archive", *OPEN, "--json")

    assert done.code == 0, done.err
    assert done.object["saved"] == 2
    warnings = "\n".join(done.object["warnings"])
    assert "round/loop.jpg: cannot be read: too many levels of symbolic links" in warnings
    assert "round/gone.jpg: cannot be read: no such file" in warnings
    assert kept(home.path / "archive") == digests(made)


def test_what_may_not_be_read_is_named_and_the_rest_is_kept(home: Home, tmp_path: Path) -> None:
    made = album(tmp_path / "pictures" / "open", 2)
    album(tmp_path / "pictures" / "shut", 1, start=10)
    album(tmp_path / "pictures", 1, start=20)
    (tmp_path / "pictures" / "shut").chmod(0)
    (tmp_path / "pictures" / "hill-0020.jpg").chmod(0)

    done = handicapped(
        home,
        "bound",
        *("favorites", "read", "-l", tmp_path / "pictures", "-o", tmp_path / "archive", *OPEN),
    )

    (tmp_path / "pictures" / "shut").chmod(0o700)
    refused(done, 1, "1 picture could not be kept")
    assert "failed: pictures/hill-0020.jpg: cannot be read: permission denied" in done.out
    assert "warning: pictures/shut: cannot be read: permission denied" in done.err
    assert kept(tmp_path / "archive") == digests(made)


NAMES = [
    b"\xe9t\xe9.jpg",
    b"new\nline\r.jpg",
    b"\x1b[31;1mred\x1b]0;title\x07.jpg",
    "\u202egpj.exe\u2066.jpg".encode(),
    "caf\u00e9 \U0001f600.jpg".encode(),
    b"--force.jpg",
    b"'; rm -rf ~;.jpg",
    b"[red]markup[bold].jpg",
    b"%s{0}.jpg",
    b"\x7f\x9b\xc2\x9b.jpg",
]


def strange(folder: bytes) -> list[bytes]:
    """A picture and a failure under every strange name."""
    os.makedirs(folder)
    made = [encoded(landscape(n), "JPEG") for n in range(len(NAMES))]
    for name, raw in zip(NAMES, made, strict=True):
        for path, content in ((name, raw), (b"not-" + name, b"no picture " + name)):
            with open(folder + b"/" + path, "wb") as file:
                file.write(content)
    return made


def harmless(text: str) -> bool:
    """Whether text cannot do anything to a terminal but fill its lines."""
    return all(c == "\n" or c.isprintable() for c in text)


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_no_name_does_anything_to_a_terminal(home: Home, tmp_path: Path, locale: str) -> None:
    folder = os.fsencode(tmp_path) + b"/al\xe9\n\x1b[1mbum\xe2\x80\xae"
    made = strange(folder)
    here = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    read = home.run("favorites", "read", "-l", os.fsdecode(folder), "-o", "a", *OPEN, **here)
    runs = [
        home.run("process", *verb, "-d", "a", **here)
        for verb in (("print", "--blobs"), ("print", "--json"), ("log",), ("duplicates", "list"))
    ]

    refused(read, 1, f"{len(NAMES)} pictures could not be kept")
    assert harmless(read.out + read.err)
    for ran in runs:
        assert ran.code == 0, ran.err
        assert harmless(ran.out + ran.err)
    assert kept(home.path / "a") == digests(made)


def test_no_exported_name_does_anything_to_a_terminal(home: Home, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/names"
    made = strange(folder)
    assert home.run("favorites", "read", "-l", folder.decode(), "-o", "a", *OPEN).code == 1

    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    without = home.run("process", "export", "--all", "-d", "a", **ascii_only)
    done = home.run("process", "export", "--all", "-d", "a")

    refused(without, 3, "file names are ascii here", "set PYTHONUTF8=1, then run it again")
    assert done.code == 0, done.err
    exported = [path for path in (home.path / "a/tag_export").rglob("*") if path.is_file()]
    assert digests(path.read_bytes() for path in exported) == digests(made)
    assert all(path.name.isprintable() for path in exported)


def test_names_in_json_are_escaped_too(home: Home, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/names"
    strange(folder)

    done = home.run("favorites", "read", "-l", os.fsdecode(folder), "-o", "a", *OPEN, "--json")

    assert done.code == 1
    assert done.out.isascii()
    assert harmless(done.out + done.err)
    assert len(done.object["failures"]) == len(NAMES)


def test_every_name_of_bytes_is_known_again(home: Home, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/names"
    strange(folder)
    given = ("favorites", "read", "-l", os.fsdecode(folder), "-o", "a", *OFF, "--json")
    assert home.run(*given, "--no-password").code == 1

    again = home.run(*given)

    assert again.code == 0, again.err
    counts = again.object["known"], again.object["left_alone"], again.object["change"]
    assert counts == (len(NAMES), len(NAMES), 0)


def test_a_file_that_changes_while_it_is_read_is_whole_or_a_failure(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    steady = album(folder, 30)
    states = [encoded(landscape(n, 900, 600), "BMP") for n in (100, 101)]
    done = threading.Event()

    def rewrite() -> None:
        while not done.is_set():
            for raw in states:
                (folder / "hill-restless.bmp").write_bytes(raw)

    (folder / "hill-restless.bmp").write_bytes(states[0])
    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        ran = home.run("favorites", "read", "-l", folder, "-o", "a", *OPEN, "--json")
    finally:
        done.set()
        writer.join()

    report = ran.object
    assert ran.code == int(report["failed"] > 0), ran.err
    assert report["saved"] + report["failed"] == 31
    assert digests(steady) <= kept(home.path / "a") <= digests([*steady, *states])
    for _, name, reason in report["failures"]:
        assert name == "hill-restless.bmp"
        # Who wrote half of it may rest as long as the half is read.
        half = "the BMP is truncated: it ends before the picture does"
        assert reason in ("changed while being read", "empty file", half)
    again = home.run("favorites", "read", "-l", folder, "-o", "a", *OFF)
    assert again.code == 0, again.err
    assert kept(home.path / "a") & digests(states)


class Vanishing(LocalFolder):
    """A folder whose files go between being listed and being read."""

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:
        """The pictures, each gone once it was named, but for the first."""
        for number, ref in enumerate(super().images(album, cursor)):
            if isinstance(ref, ImageRef) and number:
                os.unlink(os.path.join(self._root, os.fsencode(ref.address)))
            yield ref


def test_files_that_vanish_before_they_are_read_are_failures(tmp_path: Path) -> None:
    made = album(tmp_path / "pictures", 5)

    with new_archive(tmp_path / "archive", sealed=False) as archive:
        report = read(archive, Vanishing(tmp_path / "pictures"), Settings(ModelInUse()))

    assert (report.saved, report.failed) == (1, 4)
    assert {reason for _, _, reason in report.failures} == {
        "cannot be read: no such file or directory"
    }
    assert kept(tmp_path / "archive") == digests(made[:1])


def test_a_tree_deeper_than_a_path_may_be_long_is_read_as_far_as_it_goes(
    home: Home, tmp_path: Path
) -> None:
    made = album(tmp_path / "deep", 1)
    make = (
        "import os, sys\nos.chdir(sys.argv[1])\n"
        "for _ in range(40):\n    os.mkdir('d' * 120)\n    os.chdir('d' * 120)\n"
        "open('x.jpg', 'wb').close()"
    )
    subprocess.run([sys.executable, "-c", make, tmp_path / "deep"], cwd=ROOT, check=True)

    done = home.run("favorites", "read", "-l", tmp_path / "deep", "-o", "a", *OPEN)

    subprocess.run(["rm", "-r", tmp_path / "deep"], check=True)
    assert done.code == 0, done.err
    assert "cannot be read: file name too long" in done.err
    assert kept(home.path / "a") == digests(made)


def test_two_reads_of_one_folder_at_once_keep_every_picture_once(
    home: Home, tmp_path: Path
) -> None:
    made = album(tmp_path / "pictures", 150)
    new_archive(home.path / "a", sealed=False).close()
    given = ("favorites", "read", "-l", tmp_path / "pictures", "-o", "a", *OFF, "--json")
    runs = []

    threads = [threading.Thread(target=lambda: runs.append(home.run(*given))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ran.code for ran in runs] == [0, 0], [ran.err for ran in runs]
    assert sum(ran.object["saved"] for ran in runs) == 150
    assert kept(home.path / "a") == digests(made)
    with opened(home.path / "a") as archive:
        assert len(list(archive.places.records())) == 150


def test_two_reads_of_two_folders_at_once_keep_all(home: Home, tmp_path: Path) -> None:
    made = album(tmp_path / "one", 80) + album(tmp_path / "two", 80, start=40)
    new_archive(home.path / "a", sealed=False).close()
    runs = []

    def read(name: str) -> None:
        given = ("favorites", "read", "-l", tmp_path / name, "-o", "a", *OFF)
        runs.append(home.run(*given))

    threads = [threading.Thread(target=read, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ran.code for ran in runs] == [0, 0], [ran.err for ran in runs]
    assert kept(home.path / "a") == digests(made)
    with opened(home.path / "a") as archive:
        assert len(list(archive.places.records())) == 160
