"""What a browser makes of the viewer's pages, and of one page with every picture on it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import large
from benchmarks.report import median, percentile
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import AlbumKey
from fapfav.store.blobs import Kind

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
SECONDS = 3

# How long until every picture in the window is painted, from the start of the navigation.
_PAINTED = """() => new Promise(resolve => {
  const look = () => {
    const seen = [...document.images].filter(img => {
      const box = img.getBoundingClientRect();
      return box.width && box.bottom > 0 && box.top < innerHeight;
    });
    if (seen.length > 3 && seen.every(img => img.complete && img.naturalWidth)) {
      requestAnimationFrame(() => resolve(performance.now()));
    } else {
      setTimeout(look, 5);
    }
  };
  look();
})"""

_FRAMES = """seconds => new Promise(resolve => {
  const stage = document.querySelector('[data-module="stage"]');
  const pane = stage.querySelector('.pane');
  const box = pane.getBoundingClientRect();
  const times = [];
  const end = performance.now() + 1000 * seconds;
  let last = performance.now();
  let step = 0;
  const frame = now => {
    times.push(now - last);
    last = now;
    step += 1;
    pane.dispatchEvent(new WheelEvent('wheel', {
      deltaY: Math.floor(step / 20) % 2 ? 60 : -60, bubbles: true, cancelable: true,
      clientX: box.left + box.width * 0.4, clientY: box.top + box.height * 0.4,
    }));
    if (now < end) requestAnimationFrame(frame); else resolve(times.slice(5));
  };
  requestAnimationFrame(frame);
})"""


def rows(link: str, album: str, archive: Path) -> Iterator[tuple[str, str, str]]:
    """What to print; nothing but a word where there is no browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        yield "no Chromium here", "", ""
        return
    base = link.split("/viewer/", maxsplit=1)[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        ours = [_first_view(browser, link, base + album) for _ in range(5)]
        seconds = median([each[0] for each in ours])
        yield "album of 10,000: pictures in view", f"{seconds:.2f} s", "under 1 s"
        yield "the same: nodes, thumbnails asked", f"{ours[0][1]:,}, {ours[0][2]:,}", ""
        with _one_page(archive) as peer:
            theirs = [_first_view(browser, "", peer) for _ in range(2)]
        yield "one page with all 10,000", f"{median([each[0] for each in theirs]):.2f} s", ""
        yield "the same: nodes, thumbnails asked", f"{theirs[0][1]:,}, {theirs[0][2]:,}", ""
        yield "their time / ours", f"{median([each[0] for each in theirs]) / seconds:.1f} times", ""
        frames = _zoom(browser, link, archive)
        if frames:
            yield (
                "zooming two pictures: a frame",
                f"{median(frames):.1f} ms, p95 {percentile(frames, 95):.1f} ms",
                "median 17 ms",
            )
        browser.close()


def _first_view(browser: Browser, link: str, address: str) -> tuple[float, int, int]:
    """Seconds until what is in view is painted, nodes, and thumbnails asked for by then."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(180_000)
    if link:
        page.goto(link)
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "/thumb/" in each.url else None)
    page.goto(address, wait_until="commit")
    seconds = float(page.evaluate(_PAINTED)) / 1000
    page.wait_for_load_state("load")
    nodes = int(page.evaluate("document.querySelectorAll('*').length"))
    context.close()
    return seconds, nodes, len(asked)


def _zoom(browser: Browser, link: str, archive: Path) -> list[float]:
    """Milliseconds between frames while the wheel turns over a pair of real pictures."""
    with open_archive(archive, large.PASSWORD) as opened:
        pair = _real_pair(opened)
    if pair is None:
        return []
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(link)
    page.goto(link.split("?", maxsplit=1)[0] + f"duplicate/{pair}/")
    page.wait_for_load_state("networkidle")
    _decoded(page)
    return [float(each) for each in page.evaluate(_FRAMES, SECONDS)]


def _decoded(page: Page) -> None:
    page.evaluate("Promise.all([...document.querySelectorAll('.pane img')].map(i => i.decode()))")


def _real_pair(archive: Archive) -> str | None:
    """The digest of a set of two whose pictures have files, the one with the most pixels."""
    best: tuple[int, str] | None = None
    for group in archive.groups:
        blobs = [archive.blobs[one] for one in group.members]
        if len(blobs) == 2 and all(
            archive.files.present(Kind.BLOB, blob.digest, blob.ext, blob.size) for blob in blobs
        ):
            pixels = sum(blob.width * blob.height for blob in blobs)
            if best is None or pixels > best[0]:
                best = pixels, blobs[0].digest.hex()
    return best[1] if best else None


@contextmanager
def _one_page(archive: Path) -> Iterator[str]:
    """The classic way: every picture of the album on one page, four in a row."""
    with open_archive(archive, large.PASSWORD) as opened:
        key = AlbumKey(large.SOURCE, large.USER, large.BIG_ALBUM)
        places = [place for place in opened.places.records() if place.key[:3] == key]
        cells = [
            f'<td><a href="#"><img src="/thumb/{place.holds.hex()}/" title="{place.name}"></a></td>'
            for place in places
            if place.holds is not None
        ]
        body = "".join(f"<tr>{''.join(cells[at : at + 4])}</tr>" for at in range(0, len(cells), 4))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(opened, f"<table>{body}</table>"))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            server.server_close()


def _handler(archive: Archive, page: str) -> Any:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """The page, or a thumbnail."""
            parts = self.path.strip("/").split("/")
            if parts[0] == "thumb":
                body, kind = archive.thumbnail(parts[1]) or b"", "image/jpeg"
            else:
                body, kind = f"<!doctype html><title>all</title>{page}".encode(), "text/html"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler
