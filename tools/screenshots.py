"""Takes pictures of every page of the viewer, at three sizes, from the practice archive.

    python -m tools.screenshots [--only NAME] [--to docs/screenshots] [--dark]

Takes Chromium, which is found where the system has it. The archive is made by the same commands as
`make demo` types, from the same pictures.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from fapfav.cli.demo import PASSWORD, from_site
from fapfav.jobs import removal, tagging
from fapfav.jobs.library import Archive, open_archive
from fapfav.practice.pictures import gather
from viewer.serve import make_server
from viewer.state import Viewer

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
SIZES = {"phone": (360, 780), "desk": (1280, 800), "4k": (3840, 2160)}
QUALITY = 60


@dataclass(frozen=True, slots=True)
class Stop:
    """One page: how to get there, beginning at the home page."""

    name: str
    go: Callable[[Page, str], None]


def at(path: str) -> Callable[[Page, str], None]:
    """Goes to an address."""

    def go(page: Page, base: str) -> None:
        page.goto(base + path)

    return go


def by(*selectors: str, start: str = "/viewer/") -> Callable[[Page, str], None]:
    """Goes to an address and clicks on."""

    def go(page: Page, base: str) -> None:
        page.goto(base + start)
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")

    return go


ALBUM = 'a[href*="/favorite/"]'
STOPS = (
    Stop("home", at("/viewer/")),
    Stop("users", at("/viewer/users/")),
    Stop("albums", by('main a[href*="/favorites/"]', start="/viewer/users/")),
    Stop("album", by('main a[href*="/favorites/"]', f"main {ALBUM}", start="/viewer/users/")),
    Stop("tags", at("/viewer/tag/0/")),
    Stop("tag", at("/viewer/tag/2/")),
    Stop("tagging", at("/viewer/tag/2/?lock=1")),
    Stop("picture", by('main a[href*="/picture/"]', start="/viewer/tag/2/")),
    Stop("duplicates", at("/viewer/duplicates/")),
    Stop("review-start", at("/viewer/review/")),
    Stop("review", at("/viewer/review/?go=1&order=certain")),
    Stop("review-exact", at("/viewer/review/?go=1&scope=exact")),
    Stop("plan", at("/viewer/review/plan/")),
    Stop("summary", at("/viewer/review/summary/")),
    Stop("history", at("/viewer/history/")),
    Stop("trash", at("/viewer/trash/")),
    Stop("export", at("/viewer/export/")),
    Stop("jobs", at("/viewer/jobs/")),
    Stop("archive", at("/viewer/archive/")),
    Stop("keys", at("/viewer/archive/keys/")),
    Stop("settings", at("/viewer/settings/")),
)


def furnish(archive: Archive) -> None:
    """Gives it tags and something in the trash, so that no page is empty."""
    digests = sorted(archive.blobs)
    tagging.add(archive, "Outdoors")
    tagging.add(archive, "Sky", "Outdoors")
    tagging.add(archive, "Things")
    tagging.apply(archive, "Outdoors", digests[:60])
    tagging.apply(archive, "Sky", digests[20:50])
    tagging.apply(archive, "Things", digests[60:80])
    removal.remove_picture(archive, *(digest.hex() for digest in digests[-3:]))


@contextmanager
def served(where: Path) -> Iterator[tuple[str, Viewer]]:
    """Serves an archive until the end of the block."""
    viewer = Viewer(where, lambda password: open_archive(where, password), is_sealed=True)
    viewer.unlock(PASSWORD)
    with viewer.archive() as archive:
        furnish(archive)
    server = make_server(viewer, 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}", viewer
    finally:
        server.close()
        viewer.lock()


def shoot(browser: Browser, base: str, code: str, stop: Stop, options: Options) -> None:
    """One page at every size."""
    for size, (width, height) in SIZES.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if options.dark else "light",
            has_touch=size == "phone",
        )
        page = context.new_page()
        page.goto(f"{base}/viewer/?code={code}")
        stop.go(page, base)
        page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(page.screenshot()))
        suffix = "-dark" if options.dark else ""
        picture.save(options.to / f"{stop.name}-{size}{suffix}.webp", quality=QUALITY, method=3)
        context.close()


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    to: Path
    only: str
    dark: bool


def main() -> None:
    """Makes the archive, serves it, visits every page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--only", default="")
    parser.add_argument("--dark", action="store_true")
    options = Options(**vars(parser.parse_args()))
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        report = gather(home / "pictures")
        from_site(home / "pictures", report.files[0].path, home)
        path = shutil.which("chromium") or "chromium"
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        with served(home / "archive") as (base, viewer):
            for stop in STOPS:
                if options.only in stop.name:
                    shoot(browser, base, viewer.code, stop, options)
        browser.close()


if __name__ == "__main__":
    main()
