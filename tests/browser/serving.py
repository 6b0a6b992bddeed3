"""A real server on loopback, in this process, for a browser to visit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fapfav.jobs.library import open_archive
from tests.support import PASSWORD
from viewer.serve import make_server
from viewer.state import Viewer, install

PATIENCE = 30_000
"""Milliseconds until something that never comes fails a test; whatever comes ends the waiting."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: where, and the archive's folder."""

    url: str
    viewer: Viewer
    where: Path
    sealed: bool

    @property
    def link(self) -> str:
        """The address that lets a browser in."""
        return f"{self.url}/viewer/?code={self.viewer.code}"


@contextmanager
def serving(where: Path, *, sealed: bool) -> Iterator[Served]:
    """Serves an archive until the end of the block."""
    viewer = Viewer(where, lambda password: open_archive(where, password), is_sealed=sealed)
    viewer.unlock(PASSWORD if sealed else None)
    server = make_server(viewer, 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", viewer, where, sealed)
    finally:
        server.close()
        thread.join(10)
        viewer.lock()
        install(None)
