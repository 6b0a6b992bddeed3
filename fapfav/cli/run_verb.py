"""The verb that serves an archive as pages on this computer, until it is stopped."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav.cli import passwords
from fapfav.cli.options import verb
from fapfav.cli.session import Session

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive
    from viewer.serve import Server
    from viewer.state import Viewer

PORT = 8000
_RELOADED = "RUN_MAIN"  # set by Django's reloader for the process that serves
_PATIENCE = 0.3


@click.command(
    "run",
    epilog="""Examples:

    \b
    process.py run
    process.py run --dir ~/some-dir/ --port 8001 --no-open
    """,
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="P",
    help="Where on this computer it is served; 0 takes any free port.",
)
@click.option("--no-open", is_flag=True, help="Only print the link, open no browser.")
@click.option(
    "--lock-after",
    type=click.FloatRange(min=0),
    metavar="MINUTES",
    help="Lock when nobody was there for so long; 0 for never. "
    "[default: 15; never if it is not encrypted]",
)
@click.option("--development", is_flag=True, help="Start again whenever the code changes.")
@verb
def run_verb(
    session: Session, *, port: int, no_open: bool, lock_after: float | None, development: bool
) -> None:
    """Shows the archive in your browser.

    It prints a link that lets your browser in, and serves this computer only. Ctrl-C ends it.
    Without a terminal to ask for the password at, the first page asks.
    """
    if development and os.environ.get(_RELOADED) != "true":
        _reload(session)
        return
    from fapfav.store import opening
    from fapfav.store.seen import state_folder
    from viewer import alone, serve

    path = session.given.directory
    is_sealed = opening.is_sealed(path)
    with (
        alone.only_viewer(path, state_folder(os.environ)) as note,
        serve.listen(port) as listening,
    ):
        viewer = _viewer(session, is_sealed=is_sealed, lock_after=lock_after)
        serve.quiet(session.console.warn, debug=session.given.debug)
        server = serve.Server(viewer, listening)
        note(server.effective_port)
        # Before anybody knows that it is there to be stopped.
        stopped = nullcontext() if development else serve.stopped_by_signals(server.close)
        try:
            with stopped:
                _announce(session, viewer, server)
                if not (no_open or development) and has_display(os.environ, sys.platform):
                    _open(f"{server.url}/viewer/?code={viewer.one_time_code()}")
                if development:
                    _serve_reloading(server)
                else:
                    server.run()
        finally:
            viewer.end(_PATIENCE)
    session.console.say("the viewer was stopped")


def _viewer(session: Session, *, is_sealed: bool, lock_after: float | None) -> Viewer:
    """What is served: opened with the password asked here, or locked until a page has asked."""
    from viewer.state import LOCK_AFTER, Viewer

    asking = session.passwords
    is_given = asking.file is not None or asking.environment is not None
    first = session.archive() if is_given or asking.ask or not is_sealed else None
    usual = LOCK_AFTER if is_sealed else 0.0
    viewer = Viewer(
        session.given.directory,
        lambda password: _opened(session, password),
        is_sealed=is_sealed,
        lock_after=usual if lock_after is None else lock_after * 60.0,
    )
    if first is not None:
        viewer.adopt(first)
    # What is asked for once is not kept: the next time a page asks.
    session.passwords = replace(asking, environment=None)
    return viewer


def _opened(session: Session, password: str | None) -> Archive:
    """Opens the archive once more, as the command would."""
    from fapfav.jobs.library import open_archive
    from fapfav.store.seen import Seen, state_folder

    return open_archive(
        session.given.directory,
        password,
        seen=Seen(state_folder(os.environ)),
        accept_older=session.given.accept_older,
    )


def _announce(session: Session, viewer: Viewer, server: Server) -> None:
    link = f"{server.url}/viewer/?code={viewer.code}"
    state = "" if viewer.is_open else " (locked: the page asks for the password)"
    found: dict[str, Any] = {
        "url": f"{server.url}/viewer/",
        "link": link,
        "port": server.effective_port,
        "locked": not viewer.is_open,
    }
    session.show(found, [f"open {link}{state}", "Ctrl-C ends it"])
    session.console.flush()


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would have a screen: one in the terminal would take that over."""
    if platform in ("darwin", "win32"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _open(link: str) -> None:
    """Opens the browser, which may take its time to start or to end."""
    threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()


def _reload(session: Session) -> None:
    """Starts this command once more, and again after each change of the code."""
    from django.utils import autoreload

    given = session.passwords.environment
    if given is not None:
        os.environ[passwords.VARIABLE] = given
    autoreload.run_with_reloader(lambda: None)


def _serve_reloading(server: Server) -> None:
    """Serves from another thread while this one watches the files of the viewer."""
    from django.utils import autoreload

    import viewer

    folder = Path(viewer.__file__).parent

    def watch(sender: Any, **_: Any) -> None:
        for name in ("templates", "static"):
            sender.watch_dir(folder / name, "**/*")

    autoreload.autoreload_started.connect(watch, weak=False)
    autoreload.run_with_reloader(server.run)
