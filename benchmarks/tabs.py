"""What a browser makes of the viewer's pages, and of one page with every picture on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from benchmarks import large, one_page
from benchmarks.report import median, percentile
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Group
from fapfav.store.blobs import Kind

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
SECONDS = 3
VISITS = 5

PATIENCE = 20
"""Seconds that anything may take; then it is said that it did not come."""

Row = tuple[str, str, str]

# How long until every picture in the window is painted, from the start of the navigation. What is
# folded away has a place in the window as well, and is never loaded.
_PAINTED = """patience => new Promise((resolve, reject) => {
  const end = performance.now() + 1000 * patience;
  const look = () => {
    const seen = [...document.images].filter(img => {
      const box = img.getBoundingClientRect();
      return box.width && box.bottom > 0 && box.top < innerHeight && img.checkVisibility();
    });
    const done = seen.filter(img => img.complete && img.naturalWidth);
    if (seen.length > 3 && done.length === seen.length) {
      requestAnimationFrame(() => resolve(performance.now()));
    } else if (performance.now() > end) {
      reject(new Error(`${done.length} of ${seen.length} pictures in view were painted`));
    } else {
      setTimeout(look, 5);
    }
  };
  look();
})"""

# Milliseconds between frames, and how wide the second picture was at least and at most.
_FRAMES = """seconds => new Promise(resolve => {
  const pane = document.querySelector('#picture-1');
  const other = document.querySelector('#picture-2 .shot');
  const box = pane.querySelector('.frame').getBoundingClientRect();
  const times = [];
  const widths = [];
  const end = performance.now() + 1000 * seconds;
  let last = performance.now();
  let step = 0;
  const frame = now => {
    times.push(now - last);
    last = now;
    step += 1;
    widths.push(other.getBoundingClientRect().width);
    pane.querySelector('.frame').dispatchEvent(new WheelEvent('wheel', {
      deltaY: Math.floor(step / 20) % 2 ? 60 : -60, bubbles: true, cancelable: true,
      clientX: box.left + box.width * 0.4, clientY: box.top + box.height * 0.4,
    }));
    if (now < end) requestAnimationFrame(frame);
    else resolve([times.slice(5), Math.min(...widths), Math.max(...widths)]);
  };
  requestAnimationFrame(frame);
})"""


class NotInTime(RuntimeError):
    """Something did not come to its end; says what."""


@dataclass(frozen=True, slots=True)
class View:
    """Seconds until what is in the window was painted; nodes; thumbnails that came by then."""

    seconds: float
    nodes: int
    thumbnails: int

    @property
    def words(self) -> str:
        """What there is on the page."""
        return f"{self.nodes:,}, {self.thumbnails:,}"


def rows(link: str, album: str, archive: Path) -> Iterator[Row]:
    """What to print, each as soon as it is known; nothing but a word where there is no browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        yield "no Chromium here", "", ""
        return
    address = "http://" + urlsplit(link).netloc + album
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield from _said("album of 10,000", lambda: _views(browser, link, address, archive))
        yield from _said("zooming two pictures", lambda: _zoomed(browser, link, archive))
        browser.close()


def _said(what: str, work: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Its rows, or why there are none."""
    try:
        yield from work()
    except (Error, NotInTime) as error:
        yield what, str(error).splitlines()[0], f"an end within {PATIENCE} s"


def _views(browser: Browser, link: str, address: str, archive: Path) -> Iterator[Row]:
    ours = [_first_view(browser, link, address) for _ in range(VISITS)]
    every = [each.seconds for each in ours]
    seconds = median(every)
    spread = f"{seconds:.2f} s ({min(every):.2f} to {max(every):.2f})"
    yield "album of 10,000: pictures in view", spread, "under 1 s"
    yield "the same: nodes, thumbnails by then", ours[0].words, ""
    with one_page.served(archive) as peer:
        theirs = [_first_view(browser, "", peer) for _ in range(2)]
    slow = median([each.seconds for each in theirs])
    yield "one page with all 10,000", f"{slow:.2f} s", ""
    yield (
        "the same: nodes, thumbnails by then",
        f"{theirs[0].nodes:,}, {theirs[0].thumbnails:,}",
        "",
    )
    yield "their time / ours", f"{slow / seconds:.1f} times", ""


def _first_view(browser: Browser, link: str, address: str) -> View:
    """What a browser with nothing of it kept shows first. Raises Error, NotInTime."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = _page(context, link)
        page.add_init_script("performance.setResourceTimingBufferSize(20000)")
        page.goto(address, wait_until="commit")
        seconds = float(page.evaluate(_PAINTED, PATIENCE)) / 1000
        nodes, thumbnails = page.evaluate(
            """() => [document.querySelectorAll('*').length,
               performance.getEntriesByType('resource').filter(
                 one => one.name.includes('/thumb/')).length]"""
        )
        return View(seconds, int(nodes), int(thumbnails))


def _page(context: BrowserContext, link: str) -> Page:
    """A tab that was let in, and waits for nothing longer than it may take."""
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    if link:
        page.goto(link)
    return page


def _zoomed(browser: Browser, link: str, archive: Path) -> Iterator[Row]:
    """Frames while the wheel turns over a pair of real pictures."""
    with open_archive(archive, large.PASSWORD) as opened:
        pair = _real_pair(opened)
    if pair is None:
        raise NotInTime("no two real pictures in this archive are alike")
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = _page(context, link)
        page.goto(link.split("?", maxsplit=1)[0] + f"duplicate/{pair}/?view=side")
        page.wait_for_selector(".stage[data-painted]")
        frames, least, most = page.evaluate(_FRAMES, SECONDS)
    if most < 1.5 * least:
        raise NotInTime(f"the wheel zoomed from {least:.0f} to {most:.0f} pixels only")
    yield (
        "zooming two pictures: a frame",
        f"median {median(frames):.1f} ms, p95 {percentile(frames, 95):.1f} ms",
        "median 17 ms, p95 34 ms",
    )
    yield "the same: of pictures so wide", f"{least:,.0f} to {most:,.0f} pixels", ""


def _real_pair(archive: Archive) -> str | None:
    """The digest of a set of two whose pictures have files, the one with the most pixels."""

    def pixels(group: Group) -> int:
        blobs = [archive.blobs[one] for one in group.members]
        have = (archive.files.present(Kind.BLOB, b.digest, b.ext, b.size) for b in blobs)
        return sum(b.width * b.height for b in blobs) if all(have) else 0

    pairs = (group for group in archive.groups if len(group.members) == 2)
    best = max(pairs, key=pixels, default=None)
    return best.members[0].hex() if best is not None and pixels(best) else None
