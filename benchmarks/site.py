"""Reading a site: how fast beside a folder, how exactly it pauses, how little it asks again.

    python -m benchmarks.site [--pictures 1000] [--rounds 2] [--part rate|pause|second|once]

The site is the practice site, on this machine and its cores; the client is `favorites.py read`, in
a process of its own, over real HTTP. What was asked is what the site's own log says. In `rate` the
site runs in a child process, and both ways of reading get the same pictures of
`benchmarks.pictures` in turn; of several rounds the best counts, of each alike. `pause` takes the
pauses of the real site, about two minutes of them; the other parts take none.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
from PIL import Image

from benchmarks.client import PASSWORD, Client, Ran, cpu_of
from benchmarks.read import pictures
from benchmarks.report import show
from fapfav.jobs.library import open_archive
from fapfav.practice.accounts import PRACTICE_NAME, PRACTICE_USER
from fapfav.practice.kinds import status
from fapfav.practice.log import Request
from fapfav.practice.site import Account, Folder, Item, PracticeSite, Trouble, serve_in_child
from tests.jobs.sites import age

PAUSED = 20  # pictures read at the site's own pace
ALBUMS, EACH = 10, 500  # of a user that is read twice
STALE = 73  # hours after which albums are looked at again
WAIT = 3  # seconds that the site asks for
BREAKS = (1, 6, 20, 31)  # requests of a run before its Ctrl-C
PAGE_SIZE = 24

KINDS = {
    "profile": r"/profile",
    "folder lists": r"/showfavorites\.php\?(?!.*folderid=)",
    "folder pages": r"folderid=",
    "photo pages": r"/photo/",
    "files": r"/images/full/",
}
"""What is asked for, by its address."""


def account(albums: Mapping[str, Sequence[bytes | Path]]) -> Account:
    """The practice user with these folders of pictures."""
    number = 1_000_000_000
    folders = []
    for at, (name, files) in enumerate(albums.items()):
        items = [Item(str(number + n), f"{name} {n}.jpg", file) for n, file in enumerate(files)]
        folders.append(Folder(str(20001 + at), name, tuple(items)))
        number += len(items)
    return Account(PRACTICE_USER, PRACTICE_NAME, tuple(folders))


def tiny(seed: int) -> bytes:
    """A small JPEG that is like no other seed's."""
    squares = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(squares).resize((48, 48), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def tiny_albums(albums: int, each: int) -> dict[str, list[bytes | Path]]:
    """So many albums of so many pictures."""
    return {
        f"Album {at}": [tiny(at * each + number) for number in range(each)] for at in range(albums)
    }


def by_kind(log: Sequence[Request]) -> Counter[str]:
    """How often each kind was asked for; what is of none is "other"."""
    return Counter(kind_of(one.path) for one in log)


def kind_of(path: str) -> str:
    """What an address is of."""
    return next((kind for kind, seen in KINDS.items() if re.search(seen, path)), "other")


def twice(log: Sequence[Request], kind: str) -> int:
    """How many were answered well more than once."""
    paths = (one.path.split("?")[0] for one in log if one.status == 200)
    asked = Counter(path for path in paths if kind_of(path) == kind)
    return sum(times > 1 for times in asked.values())


def within_waits(log: Sequence[Request], wait: float) -> int:
    """Requests that came while the site, having answered 503, wanted none for `wait` seconds."""
    busy = [one.started for one in log if one.status == 503]
    return sum(any(said < one.started < said + wait for said in busy) for one in log)


def earlier_pages(log: Sequence[Request], pages: int) -> int:
    """Pages of folders that were asked for although they come before the last of so many."""
    asked = [parse_qs(one.path) for one in log if kind_of(one.path) == "folder pages"]
    return sum(int(query["page"][0]) < pages - 1 for query in asked)


def rate(folder: Path, count: int, rounds: int, home: Path) -> None:
    """A folder, and the same pictures on a site."""
    empty = home / "empty"
    empty.mkdir(parents=True)
    Client(home / "warm").local(empty)  # converts the model once
    local: list[Ran] = []
    site: list[Ran] = []
    with serve_in_child(folder, page_size=PAGE_SIZE) as child:
        before = cpu_of(child.pid)
        for number in range(rounds):
            local.append(Client(home / f"local {number}").local(folder))
            site.append(Client(home / f"site {number}", child.url).site())
        served = (cpu_of(child.pid) - before) / rounds
    for run in (*local, *site):
        if run.report["saved"] != count:
            raise SystemExit(f"{run.report['saved']} pictures were saved, not all {count}")
    rates = [count / min(run.seconds for run in runs) for runs in (local, site)]
    cpu = [min(run.cpu for run in runs) for runs in (local, site)]
    peaks = [max(run.peak for run in runs) / 1e6 for runs in (local, site)]
    show(
        f"Reading {count:,} pictures from a folder, and from a site without pauses",
        [
            ("from the folder", f"{rates[0]:.0f} pictures/s", ""),
            ("from the site", f"{rates[1]:.0f} pictures/s", ""),
            ("site / folder", f"{100 * rates[1] / rates[0]:.0f} %", "at least 80 %"),
            ("processor time, folder", f"{cpu[0]:.1f} s", ""),
            ("the same, site", f"{cpu[1]:.1f} s", ""),
            ("and of the practice site itself", f"{served:.1f} s", ""),
            ("memory, folder", f"{peaks[0]:.0f} MB", ""),
            ("memory, site", f"{peaks[1]:.0f} MB", "under 800 MB"),
        ],
    )


def pause(files: Sequence[Path], home: Path, pace: str = "") -> None:
    """What a run at the site's own pace takes beside its pauses."""
    draws = home / "draws"
    with PracticeSite([account({"Slowly": files})], page_size=PAGE_SIZE) as site:
        ran = Client(home / "paused", site.url, pace).site_noted(draws)
        log = site.log
    drawn = [float(line) for line in draws.read_text().split()]
    if len(drawn) != len(log):
        raise SystemExit(f"{len(drawn)} pauses were drawn for {len(log)} requests")
    first, last = log[0].started, log[-1].started
    paused = sum(drawn[1:])  # none before the first request
    gaps = {
        is_file: [
            after.started - before.started
            for before, after in pairwise(log)
            if (kind_of(after.path) == "files") is is_file
        ]
        for is_file in (False, True)
    }
    over = 100 * (last - first - paused) / paused if paused else 0.0
    pages, of_files = min(gaps[False]), min(gaps[True])
    named = f"at the pace {pace}" if pace else "at the site's own pace"
    show(
        f"Reading {len(files)} pictures {named}",
        [
            ("requests", f"{len(log)}", ""),
            ("pauses drawn, together", f"{paused:.1f} s", ""),
            ("from the first request to the last", f"{last - first:.1f} s", ""),
            ("more than the pauses", f"{over:.2f} %", "within 5 %"),
            ("shortest time to a page", f"{pages:.3f} s", "" if pace else "at least 2 s"),
            ("shortest time to a file", f"{of_files:.3f} s", "" if pace else "at least 1 s"),
            ("of one core meanwhile", f"{100 * ran.busy(first, last):.1f} %", "a few %"),
            ("processor time of the whole run", f"{ran.cpu:.1f} s of {ran.seconds:.1f} s", ""),
        ],
    )


def second(home: Path, albums: int = ALBUMS, each: int = EACH) -> None:
    """A user that did not change, read again after three days."""
    last = -(-each // PAGE_SIZE)
    with PracticeSite([account(tiny_albums(albums, each))], page_size=PAGE_SIZE) as site:
        client = Client(home / "second", site.url)
        before = client.site("--model", "off")
        asked = by_kind(site.log)
        with open_archive(client.archive, PASSWORD) as archive:
            age(archive, STALE)
        site.forget()
        after = client.site()
        log = site.log
    if (before.report["saved"], after.report["saved"]) != (albums * each, 0):
        raise SystemExit(f"saved {before.report['saved']}, then {after.report['saved']}")
    again = by_kind(log)
    wanted = {"folder pages": f"{albums} last ones, and what follows", "files": "0"}
    wanted |= {"photo pages": "0"}
    show(
        f"Reading a user of {albums} albums and {albums * each:,} pictures again, unchanged",
        [
            ("the first time", f"{before.seconds:.1f} s, {asked.total():,} requests", ""),
            ("the second time, the whole command", f"{after.seconds:.2f} s", "under 2 s"),
            ("without opening the archive", f"{after.report['seconds']:.2f} s", ""),
            *((kind, f"{asked[kind]:,}, then {again[kind]:,}", wanted.get(kind, ""))
              for kind in (*KINDS, "other")),
            ("pages before the last ones", f"{earlier_pages(log, last)}", "0"),
        ],
    )  # fmt: skip


def once(home: Path, albums: int = 3, each: int = 30, wait: int = WAIT) -> None:
    """What is asked twice when a read is broken off again and again, and the site wants a rest."""
    count = albums * each
    broken_off = 0
    with PracticeSite([account(tiny_albums(albums, each))], page_size=PAGE_SIZE) as site:
        client = Client(home / "once", site.url)

        def is_busy() -> bool:
            return any(one.status == 503 for one in site.log)

        for requests in BREAKS:
            due = len(site.log) + requests
            run = client.site("--model", "off", until=lambda due=due: len(site.log) >= due)  # type: ignore[misc]
            broken_off += run.code == 130
        site.troubles.add(Trouble(status(503, wait), "/photo/", after=5, times=1))
        in_wait = client.site("--model", "off", until=is_busy).code == 130
        client.site("--model", "off")
        log = site.log
    with open_archive(client.archive, PASSWORD) as archive:
        held = len(archive.blobs)
    said = next(one.started for one in log if one.status == 503)
    rest = min(one.started for one in log if one.started > said) - said
    show(
        f"Reading {count} pictures, broken off and told to wait {wait} s",
        [
            ("broken off by Ctrl-C", f"{broken_off + in_wait} times", f"{len(BREAKS) + 1}"),
            ("of those during the wait", f"{int(in_wait)}", "1"),
            ("requests", f"{len(log)}", ""),
            ("pictures in the archive at last", f"{held}", f"{count}"),
            ("pictures fetched twice", f"{twice(log, 'files')}", "0"),
            ("their pages asked for twice", f"{twice(log, 'photo pages')}", "0"),
            ("requests during the wait", f"{within_waits(log, wait)}", "0"),
            ("from the 503 to the next request", f"{rest:.2f} s", f"at least {wait} s"),
        ],
    )


def main() -> None:
    """Measures the parts that are asked for, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--part", choices=("rate", "pause", "second", "once"))
    options = parser.parse_args()
    parts: dict[str, Callable[[Path], None]] = {
        "rate": lambda home: rate(
            pictures(options.pictures), options.pictures, options.rounds, home
        ),
        "pause": lambda home: pause(
            sorted(pictures(options.pictures).rglob("*.jpg"))[:PAUSED], home
        ),
        "second": second,
        "once": once,
    }
    Path(".bench").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=".bench") as home:
        for part in [options.part] if options.part else parts:
            parts[part](Path(home))


if __name__ == "__main__":
    main()
