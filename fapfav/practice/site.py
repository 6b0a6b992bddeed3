"""The practice site: a real HTTP server on loopback that looks like Imagefap and can misbehave.

    python -m fapfav.practice.site [FOLDER] [--port N] [--page-size N] [--trouble NAME]

A test or a demo reads it with the same client and over the same kind of connection as the real
site. It serves loopback addresses only.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from fapfav.errors import FapfavError
from fapfav.practice import pages
from fapfav.practice.accounts import practice_accounts
from fapfav.practice.changes import Changes
from fapfav.practice.child import serve_in_child
from fapfav.practice.kinds import NAMED
from fapfav.practice.log import Log, Request
from fapfav.practice.pages import Style
from fapfav.practice.routes import Routes
from fapfav.practice.troubles import Trouble, Troubles
from fapfav.practice.wire import Asked, Reply, Server
from fapfav.practice.world import Account, Folder, Item, World

__all__ = [
    "Account",
    "Folder",
    "Item",
    "PracticeSite",
    "Request",
    "Style",
    "Trouble",
    "main",
    "practice_accounts",
    "serve_in_child",
]

_LOOPBACK = "127.0.0.1"


class PracticeSite(Changes):
    """A running site with these accounts; `port` 0 takes any that is free.

    It serves from its making until `close`, or as a context manager until the end of the block.
    `troubles` may be added at any time, and so may every change.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        port: int = 0,
        style: Style | None = None,
        page_size: int = 24,
        folders_a_page: int = 24,
        prefix: str = "",
    ) -> None:
        super().__init__(World(accounts, page_size=page_size, folders_a_page=folders_a_page))
        style = style or Style()
        self.troubles = Troubles()
        self._log = Log()
        self._prefix = f"/{prefix.strip('/')}" if prefix.strip("/") else ""
        self._server = Server((_LOOPBACK, port), self._answer, self._log)
        self._url = f"http://{_LOOPBACK}:{self._server.server_address[1]}{self._prefix}"
        self._routes = Routes(style, self._world, self._url, self._log)
        self._server.start()

    @property
    def url(self) -> str:
        """What all its addresses begin with, without a slash at the end."""
        return self._url

    @property
    def log(self) -> tuple[Request, ...]:
        """What was asked so far."""
        return self._log.all()

    def forget(self) -> None:
        """Begins the log anew."""
        self._log.clear()

    def expire_links(self) -> None:
        """Addresses of files that pages have told so far answer 403."""
        self._routes.links.expire()

    def close(self) -> None:
        """Stops at once, whatever is being sent; a second time is no error."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self, asked: Asked) -> Reply:
        reply = self._routes.answer(asked)
        if self._strange and reply.status == 200 and reply.kind.startswith("text/html"):
            reply = Reply(200, pages.strange("Practice").encode())
        reply = self.troubles.played(asked, reply)
        if reply.leads_to:
            reply = replace(reply, headers=(("Location", self._prefix + reply.leads_to),))
        return reply


def main(words: Sequence[str] | None = None) -> None:
    """Serves a folder, or the practice pictures, until standard input ends or a signal comes.

    The first line it writes is the address of the site.
    """
    parser = argparse.ArgumentParser("fapfav.practice.site", description=main.__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="of pictures; without it some are made"
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any")
    parser.add_argument("--page-size", type=int, default=24, help="pictures a page (default: 24)")
    parser.add_argument("--prefix", default="", help="before every path")
    parser.add_argument("--trouble", action="append", default=[], choices=sorted(NAMED))
    chosen = parser.parse_args(words)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        _serve(chosen)
    except FapfavError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(error.exit_code) from None


def _serve(chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="fapfav-practice-") as made:
        folder = chosen.folder
        if folder is None:
            from fapfav.practice.pictures import gather  # it loads Pillow

            folder = gather(Path(made) / "pictures").target
        accounts = practice_accounts(folder)
        with PracticeSite(
            accounts, port=chosen.port, page_size=chosen.page_size, prefix=chosen.prefix
        ) as site:
            for name in chosen.trouble:
                site.troubles.add(NAMED[name])
            sys.stdout.write(f"{site.url}\n")
            sys.stdout.flush()
            while sys.stdin.buffer.read(4096):
                pass


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
