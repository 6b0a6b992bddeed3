"""Names that strangers gave, and the folder that `get` writes to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.practice.site import Account, Folder, PracticeSite
from fapfav.practice.wire import Reply
from tests.bad_input.online import NEW, READ, USER, Visitor
from tests.bad_input.trouble import OFF, digests, refused
from tests.cli.running import LIMIT, ROOT, Home, Ran
from tests.cli.visiting import there
from tests.jobs.sites import ACCOUNT, hills, item, shelf

NAMES = (
    "../../../../etc/passwd.jpg",
    "..",
    "/etc/cron.d/x.jpg",
    "a\\..\\..\\b.jpg",
    "\x1b[2J\x07\x00\x9bbell.jpg",
    "\u202egpj.exe",
    "zero\u200b\u200d\ufeffwidth.jpg",
    "\u2028line\u2029.jpg",
    f"{'long' * 2500}.jpg",
    "\N{SNOW CAPPED MOUNTAIN}\ufe0f \N{WOMAN}\u200d\N{ROCKET}.jpg",
    "   \u00a0\u3000 ",
    "<script>alert(1)</script>.jpg",
    "&lt;b&gt; &amp;amp; </title></script>.jpg",
    "CON.jpg",
    ".hidden.jpg",
    "-rf.jpg",
    "bytes \udcff\udcfe.jpg",
    "",
    "true.exe",
    "%2e%2e%2fx.jpg",
    "a\nb\r\tc.jpg",
)
UNSEEN = set("\x00\x07\x1b\x9b\u202e\u2028\u2029\u2066\udcff")
ITEMS = tuple(item(number, name) for number, name in enumerate(NAMES))
PICTURES = digests(map(hills, range(len(NAMES))))
SHELVES = tuple(
    Folder(f"{30000 + number}", name, (ITEMS[number],)) for number, name in enumerate(NAMES)
)
ODD = Folder("20001", "Odd", ITEMS)
LOW = "My lolicon pictures"
BELOW = shelf("20009", LOW, range(50, 53))


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """A user of odd pictures in folders with odd names, and one whom nobody could mention."""
    nameless = Account(
        "100003", "\u202e\x1b[2J../..\u200b", (shelf("20011", "Hills", range(60, 63)),)
    )
    with PracticeSite([replace(ACCOUNT, folders=(ODD, *SHELVES)), nameless]) as site:
        yield Visitor(home, site)


def unharmed(*runs: Ran) -> None:
    """Asserts that nothing in their outputs can move a terminal's cursor or hide what follows."""
    written = "".join(each.out + each.err for each in runs)
    assert not UNSEEN & set(written)
    assert "Traceback" not in written
    assert max(map(len, written.splitlines())) < 2000


def test_odd_names_are_read_listed_and_printed(visitor: Visitor) -> None:
    listed = visitor.run("list", *USER)
    done = visitor.run(*NEW)
    printed = visitor.home.run("process", "print", "--blobs")

    assert (listed.code, done.code, printed.code) == (0, 0, 0), done.err
    unharmed(listed, done, printed)
    assert visitor.kept() == PICTURES
    assert "\N{SNOW CAPPED MOUNTAIN}" in listed.out
    visitor.site.forget()
    visitor.goes_on("--force", all_of=PICTURES)


def test_a_list_as_json_holds_odd_names_whole(visitor: Visitor) -> None:
    done = visitor.run("list", *USER, "--json")

    folders = {each["album"]: each["name"] for each in done.object["folders"]}
    assert len(folders) == len(NAMES) + 1
    assert folders["30011"] == "<script>alert(1)</script>.jpg"
    assert folders["30012"] == "&lt;b&gt; &amp;amp; </title></script>.jpg"
    assert folders["30000"] == "../../../../etc/passwd.jpg"
    assert folders["30010"] == "30010"  # where a name is only blanks it is the number
    assert not UNSEEN & set("".join(folders.values()))
    assert max(map(len, folders.values())) <= 200
    unharmed(done)


def test_get_writes_odd_names_into_its_folder_and_nowhere_else(visitor: Visitor) -> None:
    before = {path for path in visitor.home.path.parent.rglob("*") if path.is_file()}

    done = visitor.run("get", *USER, "-f", "Odd", "-o", "out/odd", "--json")

    assert done.code == 0, done.err
    assert done.object["saved"] == len(NAMES)
    unharmed(done)
    out = visitor.home.path / "out" / "odd"
    written = {path for path in visitor.home.path.parent.rglob("*") if path.is_file()} - before
    assert {path.parent for path in written} == {out}
    assert digests(path.read_bytes() for path in written) == PICTURES
    for path in written:
        assert not UNSEEN & set(path.name)
        assert not path.name.startswith(".")
        assert path.suffix == ".jpg"
        assert len(path.name.encode()) <= 255


def test_a_user_with_an_odd_name_is_read_by_number(visitor: Visitor) -> None:
    done = visitor.run("read", "-i", "100003", *OFF, "--no-password")
    listed = visitor.run("list", "-i", "100003")

    assert (done.code, listed.code) == (0, 0), done.err
    unharmed(done, listed, visitor.home.run("process", "print"), visitor.run("audit", "-u", "x"))
    assert visitor.kept() == digests(map(hills, range(60, 63)))


@pytest.mark.parametrize("words", [READ, ("list", *USER), ("get", *USER, "-o", "out")])
def test_a_folder_below_the_floor_is_refused_by_its_name(
    home: Home, words: tuple[str, ...]
) -> None:
    with PracticeSite([replace(ACCOUNT, folders=(BELOW,))]) as site:
        visitor = Visitor(home, site)
        more = ("-f", LOW) if words[0] != "list" else ()
        done = visitor.run(*words, *more)

        if more:
            refused(done, 2, LOW, "never keeps")
            assert site.log == ()
            refused(visitor.run(*words, "-f", BELOW.folder), 4, "no folder '20009'")
        else:
            assert done.code == 0
            assert LOW not in done.out
        assert not any("/photo/" in one.path for one in site.log)
        assert visitor.kept() == set()


def test_a_folder_below_the_floor_is_left_out_with_a_warning(home: Home) -> None:
    with PracticeSite([replace(ACCOUNT, folders=(BELOW, *ACCOUNT.folders))]) as site:
        visitor = Visitor(home, site)
        done = visitor.run(*NEW)

        assert done.code == 0, done.err
        assert "folder 20009: its name says content that this program never keeps" in done.err
        assert not any(f"folderid={BELOW.folder}" in one.path for one in site.log)
        visitor.goes_on("--force")


def test_a_folder_that_falls_below_the_floor_later_stops_no_other(home: Home) -> None:
    def renamed(reply: Reply) -> Reply:
        return replace(reply, body=reply.body.replace(b"Lakes &amp; rivers", LOW.encode()))

    with PracticeSite([ACCOUNT]) as site:
        visitor = Visitor(home, site)
        visitor.play(renamed, "folderid=20001")
        done = visitor.run(*NEW)

        assert done.code == 0, done.err
        assert "never keeps" in done.err
        assert visitor.kept() == digests(map(hills, range(5, 12)))
        visitor.goes_on("--force")


@pytest.fixture
def alice(home: Home) -> Iterator[Visitor]:
    with PracticeSite([ACCOUNT]) as site:
        yield Visitor(home, site)


def get(visitor: Visitor, out: object) -> Ran:
    """Gets a folder of five pictures."""
    return visitor.run("get", *USER, "-f", "Lakes & rivers", "-o", out)


def test_get_follows_no_link_in_its_folder(alice: Visitor) -> None:
    out, away = alice.home.path / "out", alice.home.path / "away"
    out.mkdir()
    away.mkdir()
    (out / "hill-0000.jpg").symlink_to(away / "new.jpg")
    (away / "mine.jpg").write_bytes(b"mine")
    (out / "hill-0001.jpg").symlink_to(away / "mine.jpg")
    (out / "hill-0002.jpg").mkdir()
    os.mkfifo(out / "HILL-0003.JPG")

    done = get(alice, "out")

    assert done.code == 0, done.err
    assert [path.name for path in away.iterdir()] == ["mine.jpg"]
    assert (away / "mine.jpg").read_bytes() == b"mine"
    files = [path for path in out.iterdir() if path.is_file() and not path.is_symlink()]
    assert digests(path.read_bytes() for path in files) == digests(map(hills, range(5)))


def test_get_into_a_link_writes_where_the_user_pointed(alice: Visitor) -> None:
    (alice.home.path / "real").mkdir()
    (alice.home.path / "out").symlink_to("real")

    assert get(alice, "out").code == 0

    assert len(list((alice.home.path / "real").iterdir())) == 5


@pytest.mark.parametrize("out", ["file", "file/below", "dangling", "round"])
def test_get_into_what_is_no_folder_is_refused(alice: Visitor, out: str) -> None:
    top = alice.home.path
    (top / "file").write_bytes(b"mine")
    (top / "dangling").symlink_to(top / "file" / "nowhere")
    (top / "round").symlink_to("round")

    refused(get(alice, out), 3, out.partition("/")[0])

    assert (top / "file").read_bytes() == b"mine"
    assert sorted(path.name for path in top.iterdir() if path.name != ".local") == [
        "dangling",
        "file",
        "round",
    ]


def test_get_into_a_folder_that_cannot_be_written_is_refused(alice: Visitor) -> None:
    (alice.home.path / "out").mkdir(mode=0o555)
    words = ("favorites", "get", *USER, "-f", "Lakes & rivers", "-o", alice.home.path / "out")

    done = subprocess.run(
        [sys.executable, "-m", "tests.bad_input.child", "bound", *map(str, words)],
        cwd=ROOT,
        env=alice.home.environment(**there(alice.site)),
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )

    refused(Ran(done.returncode, done.stdout.decode(), done.stderr.decode()), 3, "out")
    assert list(Path(alice.home.path / "out").iterdir()) == []
