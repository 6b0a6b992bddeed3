"""What went wrong on the way to a site, in words.

Errors of the network come wrapped several times over; what tells is the innermost one. They are
known here by the names of their classes, so that this module needs nothing that opens a socket.
"""

from __future__ import annotations

import re

from fapfav.errors import SourceError
from fapfav.sources.replies import Trouble

_DEEPEST = 12
_WORDS = {
    "gaierror": "its name leads nowhere: there is no such host, or no network",
    "UnicodeError": "its name leads nowhere: it is no host name",
    "SSLCertVerificationError": "its certificate is not trusted",
    "SSLError": "no secure connection could be made",
    "TimeoutError": "it did not answer in time",
    "ConnectTimeoutError": "it did not answer in time",
    "ReadTimeoutError": "it did not answer in time",
    "ConnectionRefusedError": "it refused the connection",
    "ConnectionResetError": "it broke off the connection",
    "BrokenPipeError": "it broke off the connection",
    "IncompleteRead": "its answer was cut short",
    "HTTPException": "it did not answer in the words of HTTP",
    "ProtocolError": "it did not answer in the words of HTTP",
}
_ODD = re.compile(r"[^ -~]+")


def root(error: BaseException) -> BaseException:
    """The error that the others were made of."""
    for _ in range(_DEEPEST):
        inner = _inner(error)
        if inner is None:
            break
        error = inner
    return error


def is_a(error: BaseException, name: str) -> bool:
    """Whether an error is of the class of that name, or of one below it."""
    return any(kind.__name__ == name for kind in type(error).__mro__)


def said(error: BaseException) -> str:
    """What an innermost error means, in words of ours: a server's own may do harm on a screen."""
    for kind in type(error).__mro__:
        if kind.__name__ in _WORDS:
            return _WORDS[kind.__name__]
    words = getattr(error, "strerror", None) or type(error).__name__
    return _ODD.sub(" ", str(words))[:200]


def proxy_trouble(proxy: str, error: Exception, inner: BaseException) -> Exception:
    """What an error on the way through a proxy means; its password is not shown."""
    shown = repr(re.sub(r"//[^/@]*@", "//", proxy)[:200])
    change = "change or unset the variables that end in _PROXY"
    if is_a(error, "InvalidSchema"):
        return SourceError(
            f"the proxy {shown} is a SOCKS proxy, which takes the package PySocks; "
            f"install it, or {change}"
        )
    if isinstance(error, ValueError) or is_a(error, "URLSchemeUnknown"):
        return SourceError(f"the proxy {shown} cannot be understood; {change}")
    if "Tunnel connection failed: 40" in str(inner):
        return SourceError(f"the proxy {shown} refuses to be used for this; {change}")
    return Trouble(f"the proxy {shown} is in the way: {said(inner)}", answered=False)


def _inner(error: BaseException) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    wrapped = [arg for arg in error.args if isinstance(arg, BaseException)]
    return wrapped[-1] if wrapped else error.__cause__
