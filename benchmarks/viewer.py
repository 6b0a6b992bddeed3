"""The viewer on a large archive: pages, thumbnails, memory, and what a browser makes of them.

    python -m benchmarks.viewer [--archive FOLDER] [--pictures 100000] [--sets 5000]

Without an archive it makes one (see `benchmarks.large`). The server runs in a process of its own;
the browser, if there is a Chromium, is the system's. The peer is the way of the classic viewer: one
page with every picture of the album.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html

from benchmarks import large, tabs
from benchmarks.report import median, percentile, resident, show, timed
from viewer import ahead

VISITS = 15
CONNECTIONS = 6  # as many as a browser opens to one server
THUMBS = 3_000


@dataclass(slots=True)
class Visitor:
    """One keep-alive connection that was let in."""

    url: str
    cookie: str = ""
    _connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def get(self, path: str) -> bytes:
        """The body of an answer; follows where it is sent on to."""
        for _ in range(5):
            headers = {"Cookie": self.cookie} if self.cookie else {}
            self._connection.request("GET", path, headers=headers)
            answer = self._connection.getresponse()
            body = answer.read()
            if cookie := answer.headers.get("Set-Cookie"):
                self.cookie = cookie.split(";")[0]
            if answer.status not in (301, 302, 303):
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
                return body
            path = answer.headers["Location"]
        raise RuntimeError(f"{path}: sent on and on")

    def links(self, path: str, part: str) -> list[str]:
        """The addresses on a page that have this in them, each once."""
        tree = html.fromstring(self.get(path))
        found = [each.get("href") or each.get("src") or "" for each in tree.cssselect("a, img")]
        return list(dict.fromkeys(each for each in found if part in each))


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own, and the link that lets in."""

    link: str
    process: subprocess.Popen[str]

    def wait_for_work_ahead(self) -> None:
        """Until it has made what it makes without being asked."""
        assert self.process.stdout is not None
        self.process.stdout.readline()


@contextmanager
def served(archive: Path) -> Iterator[Served]:
    """Serves an archive in another process."""
    command = [sys.executable, "-m", "benchmarks.viewer", "--serve", "--archive", str(archive)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Served(process.stdout.readline().strip(), process)
        finally:
            process.terminate()


def serve(archive: Path) -> None:
    """What the other process does."""
    from fapfav.jobs.library import open_archive
    from viewer.serve import make_server
    from viewer.state import Viewer

    viewer = Viewer(archive, lambda password: open_archive(archive, password), is_sealed=True)
    viewer.unlock(large.PASSWORD)
    server = make_server(viewer, 0)
    print(f"http://127.0.0.1:{server.effective_port}/viewer/?code={viewer.code}", flush=True)
    threading.Thread(target=_say_when_done, daemon=True).start()
    server.run()


def _say_when_done() -> None:
    """A line as soon as the work ahead has begun and ended."""
    for is_there in (True, False):
        while any(each.name == ahead.NAME for each in threading.enumerate()) is not is_there:
            time.sleep(0.001)
    print("done", flush=True)


def biggest(visitor: Visitor) -> tuple[str, str]:
    """The pages of the album with the most pictures and of the user that it is of."""
    found = []
    for user in visitor.links("/viewer/users/", "/favorites/"):
        head, *rows = (
            row.cssselect("td, th") for row in html.fromstring(visitor.get(user)).cssselect("tr")
        )
        at = ["".join(map(str, each.itertext())).strip() for each in head].index("Pictures")
        for row in rows:
            links = (link.get("href") for cell in row for link in cell.cssselect("a[href]"))
            albums = [each for each in links if each and "/favorite/" in each]
            if albums:
                pictures = "".join(map(str, row[at].itertext())).replace(",", "")
                found.append((int(pictures), user, albums[0]))
    _, user, album = max(found)
    return user, album


def pages(visitor: Visitor) -> dict[str, str]:
    """By what it is, the address of a page of every kind."""
    user, big = biggest(visitor)
    picture = visitor.links(big, "/picture/")[0]
    return {
        "home": "/viewer/",
        "users": "/viewer/users/",
        "albums of a user": user,
        "album of 10,000, first page": big,
        "album of 10,000, page 50": f"{big}?page=50",
        "album of 10,000, filtered": f"{big}?portrait=0&tf1=2&tv1=3",
        "tag and below": "/viewer/tag/1/",
        "tag tree": "/viewer/tag/0/",
        "picture": picture,
        "duplicates": "/viewer/duplicates/",
        "duplicates, page 20": "/viewer/duplicates/?page=20",
        "review, start": "/viewer/review/",
        "review, a set": "/viewer/review/?go=1",
        "review, plan": "/viewer/review/plan/",
        "history": "/viewer/history/",
        "trash": "/viewer/trash/",
        "export": "/viewer/export/",
        "jobs": "/viewer/jobs/",
        "settings": "/viewer/settings/",
    }


def page_rows(visitor: Visitor, found: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each page's median time and bytes."""
    for name, path in found.items():
        size = len(visitor.get(path))
        first = timed(lambda path=path: visitor.get(path))  # type: ignore[misc]
        times = [timed(lambda path=path: visitor.get(path)) for _ in range(VISITS)]  # type: ignore[misc]
        yield (
            name,
            f"{1e3 * median(times):6.1f} ms, p95 {1e3 * percentile([first, *times], 95):6.1f} ms, "
            f"{size / 1e3:6.1f} kB",
            "under 100 ms",
        )


def thumbnails(url: str, cookie: str, addresses: Sequence[str]) -> float:
    """Thumbnails a second, over as many connections as a browser has."""

    def fetch(some: Sequence[str]) -> int:
        visitor = Visitor(url, cookie)
        return sum(len(visitor.get(address)) > 0 for address in some)

    parts = [addresses[at::CONNECTIONS] for at in range(CONNECTIONS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        count = sum(pool.map(fetch, parts))
    return count / (time.perf_counter() - began)


def measure(archive: Path) -> None:
    """Everything, printed; what a browser makes of it line by line."""
    with served(archive) as server:
        link, pid = server.link, server.process.pid
        visitor = Visitor(link)
        opened = timed(lambda: visitor.get("/viewer/?" + urlsplit(link).query))
        waited = timed(server.wait_for_work_ahead)
        show(
            "Just opened",
            [
                ("home, asked for at once", f"{opened:.2f} s", ""),
                ("the rest of the work ahead", f"{waited:.2f} s", ""),
            ],
        )
        found = pages(visitor)
        show("Pages at the server", list(page_rows(visitor, found)))
        big = found["album of 10,000, first page"]
        addresses: dict[str, None] = {}
        for number in range(1, THUMBS // 100 + 1):
            addresses.update(dict.fromkeys(visitor.links(f"{big}?page={number}", "/thumb/")))
        rate = thumbnails(link, visitor.cookie, list(addresses))
        show(
            "Thumbnails of an encrypted archive",
            [
                ("each a first time", f"{rate:,.0f}/s", "at least 500/s"),
                ("memory of the server", f"{resident(pid) / 2**20:,.0f} MiB", "under 1,536 MiB"),
            ],
        )
        show("In a browser", [])
        for what, figure, wanted in tabs.rows(link, big, archive):
            print(f"| {what} | {figure} | {wanted} |", flush=True)


def main() -> None:
    """Makes an archive unless there is one, and measures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=5_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.archive)
        return
    if options.archive:
        measure(options.archive)
        return
    with tempfile.TemporaryDirectory(dir=os.curdir) as folder:
        path = Path(folder) / "archive"
        large.make(path, options.pictures, options.sets, sealed=True)
        measure(path)


if __name__ == "__main__":
    main()
