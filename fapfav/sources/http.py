"""The one way to the network: sockets, connections and bytes, for a session that knows when.

One request at a time goes out, only to a peer that may be talked to, and a watch shuts its socket
when the whole answer takes too long. Nothing is kept between requests but the connection: no
cookies, no passwords of `.netrc`.
"""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import HTTPResponse, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from fapfav.errors import SourceError, UsageError
from fapfav.sources.addresses import Places, host_of, is_loopback, parse_base
from fapfav.sources.bodies import BadBody, TooMuch, length_of, read_body
from fapfav.sources.replies import Bounds, Kind, Reply, Trouble
from fapfav.sources.session import Session, give_up
from fapfav.sources.troubles import is_a, proxy_trouble, root, said
from fapfav.sources.watch import Watch
from fapfav.sources.web import Rules, Seconds

_QUIET = 2**20  # bytes of a body that tells nothing, read so that its connection can be kept
_ODD = re.compile(r"[^ -~]")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def open_session(
    rules: Rules,
    *,
    base: str = "",
    pace: Seconds | None = None,
    contact: str = "",
    turns: Path | None = None,
    bounds: Bounds | None = None,
) -> Session:
    """A polite session with a site.

    `base` is where its paths start instead of where the rules say. `pace` is the least and the most
    between any two requests; below the rules' own only on this computer. `contact` is shown to the
    site. In `turns`, a folder, programs of one user share whose turn it is. Raises UsageError.
    """
    places = Places(parse_base(base or rules.base), rules.hosts)
    wire = HttpWire(places, bounds or Bounds(), user_agent(contact))
    return Session(rules, places, wire, pace=pace, turns=turns)


def user_agent(contact: str = "") -> str:
    """What this program calls itself."""
    try:
        number = version("fapfav")
    except PackageNotFoundError:
        number = "0"
    known = re.sub(r"[^ -~]|[()]", "", contact)[:200].strip()
    ending = f"; {known}" if known else ""
    return f"fapfav/{number} (private archive of favourites; one request at a time{ending})"


class HttpWire:
    """Sends requests over HTTP, one at a time, and reads their answers within bounds."""

    def __init__(self, places: Places, bounds: Bounds, agent: str) -> None:
        self._places, self._bounds = places, bounds
        self._watch = Watch()
        self._adapter = _Adapter(self._watch, places)
        self._headers = {"User-Agent": agent, "Accept": "*/*"}
        self._verify = _certificates() if places.base.scheme == "https" else True
        self._proxies: dict[str, dict[str, str]] = {}

    def ask(self, kind: Kind, url: str) -> Reply:
        """The answer of an address that was checked; raises as `Wire` says."""
        seconds = self._bounds.page_seconds if kind is Kind.PAGE else self._bounds.file_seconds
        with self._watch.over(seconds):
            raw = self._sent(kind, url)
            try:
                return self._read(kind, url, raw)
            except BaseException:
                raw.close()  # what is left in it would be taken for the next answer
                raise

    def close(self) -> None:
        """Shuts the socket of a request under way; no later one is sent."""
        self._watch.close()
        self._adapter.close()

    def _sent(self, kind: Kind, url: str) -> HTTPResponse:
        try:
            return self._send(kind, url)
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
            stale = self._watch.reused and isinstance(root(error), ConnectionError)
            if not stale or self._watch.is_late or self._watch.is_closed:
                raise self._judged(url, error) from None
        # A kept connection that the server closed meanwhile says nothing about the site.
        try:
            return self._send(kind, url)
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
            raise self._judged(url, error) from None

    def _send(self, kind: Kind, url: str) -> HTTPResponse:
        # Not through a requests.Session: it would add cookies, .netrc and redirects of its own.
        request = requests.PreparedRequest()
        request.method = "HEAD" if kind is Kind.HEAD else "GET"
        request.url = url
        encoding = "gzip" if kind is Kind.PAGE else "identity"
        request.headers = CaseInsensitiveDict({**self._headers, "Accept-Encoding": encoding})
        response = self._adapter.send(
            request,
            stream=True,
            timeout=(self._bounds.connect, self._bounds.between),
            verify=self._verify,
            proxies=self._proxies_for(url),
        )
        raw: HTTPResponse = response.raw
        return raw

    def _read(self, kind: Kind, url: str, raw: HTTPResponse) -> Reply:
        reply = Reply(
            raw.status,
            content_type=_ODD.sub("", raw.headers.get("Content-Type", ""))[:200],
            # Headers come as Latin-1; where bytes stand for letters they are those of UTF-8.
            location=raw.headers.get("Location", "").encode("latin-1").decode(errors="replace"),
            retry_after=tuple(raw.headers.getlist("Retry-After")),
            date=raw.headers.get("Date", ""),
        )
        if kind is Kind.HEAD:
            raw.read1(1)
            raw.release_conn()
            return reply._replace(length=_stated(raw))
        if raw.status != 200:
            return reply._replace(body=self._quietly(raw))
        limit = self._bounds.page_bytes if kind is Kind.PAGE else self._bounds.file_bytes
        try:
            body = self._body(raw, limit)
        except TooMuch as error:
            raise give_up(url, f"its body {error}", answered=True) from None
        except BadBody as error:
            raise Trouble(f"its body {error}", answered=True) from None
        except (HTTPError, http.client.HTTPException, OSError) as error:
            raise self._broken(error) from None
        return reply._replace(body=body, length=len(body))

    def _body(self, raw: HTTPResponse, limit: int) -> bytes:
        length = length_of(raw.headers.getlist("Content-Length"))
        encoding = raw.headers.get("Content-Encoding", "")
        chunked = "chunked" in raw.headers.get("Transfer-Encoding", "").lower()
        read = partial(_some, raw)
        body = read_body(read, limit, length=None if chunked else length, encoding=encoding)
        if self._watch.is_late or self._watch.is_closed:  # a shut socket looks like an end
            raise TimeoutError
        if self._watch.surplus:
            raise BadBody(f"has more than the {length} bytes it announced")
        raw.release_conn()
        return body

    def _quietly(self, raw: HTTPResponse) -> bytes:
        """The body of an answer that says enough without it; b"" where it is not whole."""
        try:
            return self._body(raw, _QUIET)
        except (BadBody, TooMuch, HTTPError, http.client.HTTPException, OSError):
            raw.close()
            self._watch.refuse()
            return b""

    def _broken(self, error: Exception) -> Trouble:
        """The trouble of a body that stopped coming."""
        self._watch.refuse()
        why = said(root(error))
        if self._watch.is_late:
            why = f"its answer took longer than {self._watch.seconds:g} s"
        return Trouble(why, answered=True)

    def _judged(self, url: str, error: Exception) -> Exception:
        """What an error before any headers means."""
        self._watch.refuse()
        inner, proxy = root(error), select_proxy(url, self._proxies_for(url))
        if self._watch.is_late:
            return Trouble(f"no answer within {self._watch.seconds:g} s", answered=False)
        if is_a(inner, "SSLCertVerificationError"):
            return give_up(url, said(inner), answered=False)
        if proxy:
            return proxy_trouble(proxy, error, inner)
        if isinstance(error, requests.exceptions.InvalidHeader):
            return Trouble("its headers contradict each other", answered=True)
        # Who hangs up was reached: it is this question that has no good answer.
        reached = isinstance(inner, ConnectionResetError | BrokenPipeError)
        spoke = is_a(inner, "HTTPException") and not isinstance(inner, OSError)
        return Trouble(said(inner), answered=spoke or reached)

    def _proxies_for(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc
        if host not in self._proxies:
            local = is_loopback(host_of(url))
            self._proxies[host] = {} if local else dict(get_environ_proxies(url, no_proxy=None))
        return self._proxies[host]


class _Lines(io.BufferedReader):
    """A reader that remembers the last line it read."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line with its end, b"" where nothing came any more."""
        self.last = super().readline(size)
        return self.last


class _Answer(http.client.HTTPResponse):
    """An answer that notices headers that are cut, and what comes after its announced end."""

    def __init__(self, watch: Watch, sock: socket.socket, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self._watch, self._sock = watch, sock
        self.fp = self._lines = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Reads the headers; cut or odd ones would hide what follows them, as the length."""
        super().begin()
        if not self._lines.last:
            raise http.client.IncompleteRead(b"")
        if self.msg.get_payload():
            raise http.client.HTTPException("a header that is none")

    def close(self) -> None:
        """Called as soon as the last announced byte is read."""
        if self.fp is not None and self.length == 0 and self.status == 200:
            self._watch.surplus = self._has_more()
        super().close()

    def _has_more(self) -> bool:
        before = self._sock.gettimeout()
        try:
            self._sock.settimeout(0)
            return bool(self.fp.peek(1))
        except (OSError, ValueError):
            return False
        finally:
            with suppress(OSError):
                self._sock.settimeout(before)


if TYPE_CHECKING:
    _Half = HTTPConnection
else:
    _Half = object


class _Watched(_Half):
    """A connection that tells its watch what it does; the other half is one of urllib3's."""

    watch: Watch
    places: Places | None  # None behind a proxy, which then is the peer
    _answers = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.response_class = partial(_Answer, self.watch)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        found: socket.socket = super()._new_conn()
        self._answers = 0
        if self.places is not None:
            _admit(self.places, self.host, found)
        self.watch.hold(partial(found.shutdown, socket.SHUT_RDWR))
        return found

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The headers of an answer."""
        self.watch.reused = self._answers > 0
        self.watch.hold(partial(self.sock.shutdown, socket.SHUT_RDWR))
        found: HTTPResponse = super().getresponse()
        self._answers += 1
        return found


def _admit(places: Places, host: str, found: socket.socket) -> None:
    """Raises SourceError for a peer that must not be talked to; nothing was sent yet."""
    peer = found.getpeername()[0]
    if not places.may_reach(host, peer):
        found.close()
        raise SourceError(
            f"{host} leads to {peer}, which is no address of the internet; if it is meant, give "
            "that address itself as the site's"
        )


class _Adapter(HTTPAdapter):
    """One kept connection a host, each watched."""

    def __init__(self, watch: Watch, places: Places) -> None:
        self._watch, self._places = watch, places
        super().__init__(pool_connections=8, pool_maxsize=1)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """Called by the constructor."""
        super().init_poolmanager(*given, **named)
        _watch_over(self.poolmanager, self._watch, self._places)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """The connections of a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **named)
        if not known:
            _watch_over(manager, self._watch, None)
        return manager


def _watch_over(manager: PoolManager, watch: Watch, places: Places | None) -> None:
    """Makes all connections of a manager watched ones, whatever kind they are."""
    more = {"watch": watch, "places": places}
    pools: dict[str, type[Any]] = dict(manager.pool_classes_by_scheme)
    for scheme, pool in pools.items():
        kind = type("Watched", (_Watched, pool.ConnectionCls), more)
        pools[scheme] = type("WatchedPool", (pool,), {"ConnectionCls": kind})
    manager.pool_classes_by_scheme = pools


def _some(raw: HTTPResponse, count: int) -> bytes:
    return raw.read1(count, decode_content=False) or b""


def _stated(raw: HTTPResponse) -> int | None:
    """The length of a file as the headers alone say it."""
    if raw.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        return None
    try:
        return length_of(raw.headers.getlist("Content-Length"))
    except BadBody:
        return None


def _certificates() -> str | bool:
    """Whose certificates are trusted: True for those that come with requests."""
    for name in _CERTIFICATES:
        if path := os.environ.get(name):
            if not os.path.exists(path):
                raise UsageError(f"{name} names {path!r}, which is not there; change or unset it")
            return path
    return True
