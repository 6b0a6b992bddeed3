"""The server: one archive on one port of loopback, until it is stopped."""

from __future__ import annotations

import os
from typing import Any

import waitress.server

from viewer.state import Viewer, install

HOST = "127.0.0.1"
_IN_MEMORY = 2**40  # bytes: answers and forms never go to temporary files


def application(viewer: Viewer) -> Any:
    """The WSGI application that serves this archive; once in a process."""
    install(viewer)
    os.environ["DJANGO_SETTINGS_MODULE"] = "viewer.settings"
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def make_server(viewer: Viewer, port: int) -> Any:
    """A server that listens already, and serves when its `run` is called."""
    return waitress.server.create_server(
        application(viewer),
        host=HOST,
        port=port,
        threads=8,
        ident="fapfav",
        outbuf_overflow=_IN_MEMORY,
        inbuf_overflow=_IN_MEMORY,
        clear_untrusted_proxy_headers=True,
    )
