"""What a process asks of the system before it holds a key: that its memory stays its own."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def harden() -> None:
    """Forbids core dumps, and on Linux lets no other process of this user read our memory.

    Where a system has no such switch it works without it.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            # The limit alone does not reach a core dump that is piped to a program.
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
