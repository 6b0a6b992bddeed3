"""Whose program it is that asks, where the system tells.

Browsers send the cookies of 127.0.0.1 to every port of it, so another user of this computer who has
a server there may come to see ours. Linux knows the owner of both ends of a connection within the
computer: what another user's program asks is refused, cookie or not.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STRANGERS = "fapfav.strangers"
"""Where a request says that it is such a program's."""

_TABLE = Path("/proc/net/tcp")
_ROOT = 0  # may read our memory anyway, and is who forwards connections for others


def is_strangers(environ: Mapping[str, Any]) -> bool:
    """Whether a request comes from a program of another user; False where nobody can tell."""
    try:
        peer = _spelled(environ["REMOTE_ADDR"], int(environ["REMOTE_PORT"]))
        own = int(environ["SERVER_PORT"])
        table = _TABLE.read_text(encoding="ascii")
    except (KeyError, ValueError, OSError):
        return False
    for line in table.splitlines()[1:]:
        # Ours is the same connection seen from the other end.
        _, local, remote, _, _, _, _, owner, *_ = line.split()
        if local == peer and int(remote.rpartition(":")[2], 16) == own:
            return int(owner) not in (os.geteuid(), _ROOT)
    return False


def _spelled(address: str, port: int) -> str:
    """As the table has it: the address as a number of this machine."""
    number = int.from_bytes(ipaddress.IPv4Address(address).packed, sys.byteorder)
    return f"{number:08X}:{port:04X}"
