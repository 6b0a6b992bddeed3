"""The server: one archive on one port of loopback, until it is stopped."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import waitress.channel
import waitress.server
from waitress import wasyncore

from fapfav.errors import UsageError
from viewer import ahead
from viewer.peers import STRANGERS, is_strangers
from viewer.state import Viewer, install

HOST = "127.0.0.1"

_IN_MEMORY = 2**40  # bytes: answers and forms never go to temporary files
_AHEAD = 2**20  # bytes of an answer that wait for a slow reader; then its thread does
_UNREAD = 2**17  # bytes of earlier answers from which on a reader's next request waits
_LARGEST_FORM = 8 * 2**20 + 2**16
_LARGEST_HEADER = 2**16

THREADS = 16
"""Browsers ask for six pictures at once; one that hangs keeps its thread until it is dropped."""

CONNECTIONS = 160
"""Connections that are held at the same time; from there on nobody new is heard."""

_CROWDED = 120  # of these; from there on the oldest that ask for nothing have to go

STALLED = 30.0
"""Seconds without a byte being taken of what was asked for."""

LOOK = 5.0
"""Seconds between looks at who stalls, and whether it is time to lock."""

_PATIENCE = 0.4  # seconds that pages get to end when the server does

# Everything is UTF-8. Whoever may choose gets a codec that makes no text of bytes, or takes ages.
_CHARSET = re.compile(r";\s*charset[^;]*", re.IGNORECASE)

_LOGS = ("django", "waitress")


def listen(port: int, host: str = HOST) -> socket.socket:
    """A socket on loopback; port 0 is any free one. Raises UsageError where there is none to have.

    Who listens elsewhere shows the archive to the network: that is refused whoever asks.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise UsageError(f"the viewer is for this computer only: it does not listen on {host}")
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise UsageError(
            f"port {port} cannot be had: {error.strerror}; `--port` names another, 0 any free one"
        ) from None
    return found


def quiet(tell: Callable[[str], None], *, debug: bool = False) -> None:
    """Sends what the viewer has to say to `tell`, and what its parts say nowhere.

    That is full of addresses and of what a request sent; with `debug` it is told all the same.
    """
    handler = _Teller(tell)
    for name in _LOGS:
        log = logging.getLogger(name)
        log.handlers = [handler if debug else logging.NullHandler()]
        log.propagate = False
    log = logging.getLogger("viewer")
    log.handlers, log.propagate = [handler], False


class _Teller(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        for line in self.format(record).splitlines():
            self._tell(line)


def application(viewer: Viewer) -> Any:
    """The WSGI application that serves this archive; one archive in a process."""
    install(viewer)
    os.environ["DJANGO_SETTINGS_MODULE"] = "viewer.settings"
    from django.core.wsgi import get_wsgi_application

    pages = get_wsgi_application()

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        environ[STRANGERS] = environ["waitress.client_disconnected"].__self__.is_strangers(environ)
        environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return pages(environ, start_response)

    return answer


class _Channel(waitress.channel.HTTPChannel):  # type: ignore[misc]  # it has no types
    """A connection whose next request waits without a thread until the answers are taken.

    Many requests may come in one piece. Answered one after the other they would pile up to
    `_AHEAD`, and whoever takes none of it would hold a thread there: sixteen of them all threads.
    """

    _waits = False
    _strangers: bool | None = None

    def is_strangers(self, environ: dict[str, Any]) -> bool:
        """Whether another user's program is at the other end; looked up once, which takes 6 ms."""
        if self._strangers is None:
            self._strangers = is_strangers(environ)
        return self._strangers

    def service(self) -> None:
        with self.outbuf_lock:
            if self.connected and self.total_outbufs_len > _UNREAD:
                self._waits = True
                return
        super().service()

    def handle_write(self) -> None:
        super().handle_write()
        if not self._waits:
            return
        with self.outbuf_lock:
            self._waits = self.total_outbufs_len > _UNREAD
        if self.connected and not self._waits:
            self.server.add_task(self)


class Server:
    """Listens already, serves while `run` does; `close` ends that from any thread or handler."""

    def __init__(self, viewer: Viewer, listening: socket.socket) -> None:
        self._viewer = viewer
        self._map: dict[int, Any] = {}
        self._server = waitress.server.create_server(
            application(viewer),
            map=self._map,
            sockets=[listening],
            threads=THREADS,
            ident="fapfav",
            outbuf_overflow=_IN_MEMORY,
            inbuf_overflow=_IN_MEMORY,
            outbuf_high_watermark=_AHEAD,
            max_request_body_size=_LARGEST_FORM,
            max_request_header_size=_LARGEST_HEADER,
            connection_limit=CONNECTIONS,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=True,
        )
        self._server.channel_class = _Channel
        self.effective_port = int(self._server.effective_port)
        _name_cookie(self.effective_port)
        self._state = threading.RLock()  # a signal may come to who holds it
        self._running = False
        self._ending = False
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://{HOST}:{self.effective_port}"

    def channels(self) -> list[Any]:
        """The connections there are."""
        return list(self._server.active_channels.values())

    def run(self) -> None:
        """Serves until it is closed."""
        with self._state:
            if self._ending:
                return
            self._running = True
        watch = threading.Thread(target=self._lock_when_idle, name="auto-lock", daemon=True)
        watch.start()
        ahead.start(self._viewer)
        try:
            looked = time.monotonic()
            while not self._ending:
                wasyncore.loop(timeout=LOOK, use_poll=True, map=self._map, count=1)
                if len(self._server.active_channels) > _CROWDED:
                    self._make_room()
                if time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    self._drop_stalled()
        finally:
            self._end()

    def close(self) -> None:
        """Ends it, within a second whoever hangs on it."""
        with self._state:
            self._ending = True
            if self._running:
                if not self._ended.is_set():
                    self._server.pull_trigger()
                return
        self._end()

    def _lock_when_idle(self) -> None:
        while not self._ended.wait(min(LOOK, max(0.05, self._viewer.seconds_left or LOOK))):
            self._viewer.lock_if_idle()

    def _drop_stalled(self) -> None:
        """Gives back the threads of readers that take nothing any more."""
        before = time.time() - STALLED
        for channel in self.channels():
            if channel.total_outbufs_len and channel.last_activity < before:
                channel.handle_close()

    def _make_room(self) -> None:
        """Drops the oldest of those who never finish asking, so that others are heard."""
        silent = [c for c in self.channels() if not (c.requests or c.total_outbufs_len)]
        silent.sort(key=lambda channel: channel.creation_time)
        for channel in silent[: _CROWDED // 4]:
            channel.handle_close()

    def _end(self) -> None:
        self._ending = True
        # Whoever outlives this pulls nothing: the trigger's number may be another file's then.
        self._server.pull_trigger = _nothing
        wasyncore.dispatcher.close(self._server)
        for channel in self.channels():
            channel.handle_close()  # wakes the thread that waits to write
        self._server.task_dispatcher.shutdown(timeout=_PATIENCE)
        with self._state:
            self._server.trigger.close()
            self._ended.set()


def _nothing() -> None:
    """Wakes nobody."""


def _name_cookie(port: int) -> None:
    """Cookies know no port: two viewers on one computer need two names."""
    from django.conf import settings

    settings.SESSION_COOKIE_NAME = f"fapfav-{port}"


def make_server(viewer: Viewer, port: int) -> Server:
    """A server that listens already, and serves when its `run` is called."""
    return Server(viewer, listen(port))


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C, or being asked to end, calls `stop`; a second Ctrl-C interrupts as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may; elsewhere somebody else listens
        return
    default = signal.default_int_handler

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, default)
        stop()

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
