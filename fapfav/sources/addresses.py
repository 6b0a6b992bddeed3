"""Which addresses may be asked: those of one site, and nothing else.

Pure: texts in, texts or errors out. What is asked is put together again from the parts that were
checked, so no later reader of an address can find another host in it than this one did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from fapfav.errors import SourceError, UsageError

LONGEST = 8192
"""Characters of the longest address that is sent."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?|[0-9a-f:.]{2,45}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A percent sign stays: what a page gives is percent-encoded already.
_KEPT = "!$%&'()*+,/:;=?@~"
_SECRET = re.compile(r"//[^/?#]*@")
_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 as a network of IPv6 alone shows it, RFC 6052

_Ip = IPv4Address | IPv6Address


class _Bad(ValueError):
    """What is wrong with an address."""


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def text(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Base:
    """Where a site's paths start: `prefix` is "" or starts with "/" and does not end so."""

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def text(self) -> str:
        """The one spelling of this base."""
        return _Parts(self.scheme, self.host, self.port, self.prefix).text

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this computer."""
        return is_loopback(self.host)

    @property
    def is_private(self) -> bool:
        """Whether it is said to be an address, or this computer, that the internet cannot see."""
        return self.is_loopback or _is_private_literal(self.host)


def parse_base(text: str) -> Base:
    """A base from a setting; raises UsageError."""
    try:
        parts = _split(text.strip())
        if "?" in parts.path or "#" in text:
            raise _Bad("has more than a path after its host")
    except _Bad as wrong:
        raise UsageError(
            f"the site's address {shown(text)} {wrong}; give one like https://HOST or "
            "http://localhost:PORT/PATH"
        ) from None
    return Base(parts.scheme, parts.host, parts.port, parts.path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Places:
    """What belongs to a site: its base, and `hosts` in lower case."""

    base: Base
    hosts: frozenset[str]

    def locate(self, address: str) -> str:
        """The whole of an address: a path below the base, or one on the site's hosts.

        Raises SourceError, which names the address and what is wrong with it.
        """
        try:
            if address.startswith("/") and not address.startswith("//"):
                address = self.base.text + address
            elif address.startswith("//"):
                address = f"{self.base.scheme}:{address}"
            return self._checked(address).text
        except _Bad as wrong:
            raise SourceError(f"{shown(address)} {wrong}; it was not asked for") from None

    def follow(self, here: str, location: str) -> str:
        """Where a redirect leads; raises SourceError that names both addresses."""
        try:
            _refuse_odd(location)
            return self._checked(urljoin(here, location)).text
        except ValueError as wrong:
            raise SourceError(
                f"{shown(here)} leads to {shown(location)}, which {_said(wrong)}; "
                "it was not followed"
            ) from None

    def is_own(self, host: str) -> bool:
        """Whether a host is the base's own; on loopback all names of loopback are."""
        return plain_host(host) == self.base.host or (self.base.is_loopback and is_loopback(host))

    def may_reach(self, host: str, peer: str) -> bool:
        """Whether the address that a host turned out to have may be talked to."""
        if self.base.is_private and self.is_own(host):
            return True
        try:
            return is_public(ip_address(peer))
        except ValueError:
            return False

    def _checked(self, address: str) -> _Parts:
        parts = _split(address)
        own = self.is_own(parts.host)
        if not own and parts.host not in self.hosts:
            raise _Bad(
                f"is on another host than {', '.join(sorted(self.hosts | {self.base.host}))}"
            )
        if self.base.scheme == "https" and parts.scheme != "https":
            raise _Bad("is not encrypted as the site is")
        anywhere = own and self.base.is_loopback
        if not anywhere and parts.port not in {_PORTS[parts.scheme], self.base.port}:
            raise _Bad(f"has port {parts.port}, which is not the site's")
        return parts


def plain_host(host: str) -> str:
    """A host name as names are compared: lower case, no dot at its end."""
    return host.lower().removesuffix(".")


def host_of(url: str) -> str:
    """The host of an address that was checked."""
    return urlsplit(url).hostname or ""


def is_loopback(host: str) -> bool:
    """Whether a name or literal address always means this computer."""
    host = plain_host(host)
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address in _embedded(address) and address.is_loopback


def is_public(address: _Ip) -> bool:
    """Whether an address, and any it carries inside, is one of the internet's."""
    return all(
        ip.is_global
        and not (
            ip.is_private
            or ip.is_loopback
            or ip.is_link_local
            or ip.is_multicast
            or ip.is_reserved
            or ip.is_unspecified
        )
        for ip in _embedded(address)
    )


def shown(address: str) -> str:
    """An address as messages show it: short, without control characters or a password."""
    address = _SECRET.sub("//…@", address)
    return repr(address if len(address) <= 200 else f"{address[:200]}…")


def _embedded(address: _Ip) -> list[_Ip]:
    """The addresses that decide: those inside another, where it has any, else itself."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour:
        return [address, address.sixtofour]
    return [address, *(address.teredo or ())]


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return False


def _split(address: str) -> _Parts:
    """The parts of a whole address, checked and spelled in one way; raises _Bad."""
    _refuse_odd(address)
    try:
        found = urlsplit(address)
        port, host = found.port, plain_host(found.hostname or "")
    except ValueError:
        raise _Bad("cannot be understood") from None
    if found.scheme not in _PORTS:
        raise _Bad("does not start with http:// or https://")
    if "@" in found.netloc:
        raise _Bad("has a user name in it")
    if not _HOST.fullmatch(host) or (":" in host) != ("[" in found.netloc) or ".." in host:
        raise _Bad("has no host name that can be used")
    if ":" in host:
        host = _literal(host)
    if port == 0:
        raise _Bad("has port 0")
    query = f"?{found.query}" if found.query else ""
    path = quote(found.path, safe=_KEPT) + quote(query, safe=_KEPT)
    parts = _Parts(found.scheme, host, port or _PORTS[found.scheme], path)
    if len(parts.text) > LONGEST:
        raise _Bad(f"has more than {LONGEST} characters")
    return parts


def _literal(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        raise _Bad("has no host name that can be used") from None


def _refuse_odd(address: str) -> None:
    if len(address) > LONGEST:
        raise _Bad(f"has more than {LONGEST} characters")
    if _CONTROL.search(address):
        raise _Bad("has control characters in it")
    if not address.isascii():
        try:
            address.encode()
        except UnicodeEncodeError:
            raise _Bad("is no text that can be sent") from None


def _said(wrong: ValueError) -> str:
    return str(wrong) if isinstance(wrong, _Bad) else "cannot be understood"
