"""The way of the classic viewer: one page with every picture of an album, to compare with.

    python -m benchmarks.one_page ARCHIVE

Prints its address and serves until it is ended.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks import large
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import AlbumKey

ACROSS = 4
"""Pictures in a row of its table."""


class Server(ThreadingHTTPServer):
    """As many threads as a browser has connections."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Nothing is said of a browser that went away."""


def page(archive: Archive) -> bytes:
    """Every picture of the big album, four in a row."""
    key = AlbumKey(large.SOURCE, large.USER, large.BIG_ALBUM)
    cells = [
        f'<td><a href="#"><img src="/thumb/{place.holds.hex()}/" title="{place.name}"></a></td>'
        for place in archive.places.records()
        if place.key[:3] == key and place.holds is not None
    ]
    rows = (f"<tr>{''.join(cells[at : at + ACROSS])}</tr>" for at in range(0, len(cells), ACROSS))
    return f"<!doctype html><title>all</title><table>{''.join(rows)}</table>".encode()


def serve(path: Path) -> None:
    """Serves until the process ends."""
    with open_archive(path, large.PASSWORD) as archive:
        server = Server(("127.0.0.1", 0), handler(archive, page(archive)))
        print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.serve_forever()


def handler(archive: Archive, whole: bytes) -> Any:
    """What answers for the page and its thumbnails."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """The page, or a thumbnail."""
            parts = self.path.strip("/").split("/")
            body, kind = whole, "text/html"
            if parts[0] == "thumb":
                body, kind = archive.thumbnail(parts[1]) or b"", "image/jpeg"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


@contextmanager
def served(path: Path) -> Iterator[str]:
    """Its address, while another process serves it."""
    command = [sys.executable, "-m", "benchmarks.one_page", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
