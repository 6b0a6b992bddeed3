"""A script run as a child under a handicap: few bytes a file, no powers of root, a package gone.

`python -m tests.bad_input.child HANDICAP SCRIPT ARGUMENTS...`; a handicap is `limit=BYTES`,
`bound` or `hide=PACKAGE`. The limit holds while the script runs and not for what reports coverage
afterwards.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import resource
import sys
from collections.abc import Iterator

_VERSION = 0x20080522
_PASSES_PERMISSIONS = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


@contextlib.contextmanager
def limited(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def without_powers() -> None:
    """Gives up what lets root pass by permissions; for others they bind anyway.

    Not by becoming somebody else, who might not even be let at the interpreter's own modules.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then the upper halves
    for call in (libc.capget, libc.capset):
        if call(header, sets) != 0:
            raise OSError(ctypes.get_errno(), "capabilities cannot be changed")
        sets[0] &= ~_PASSES_PERMISSIONS
        sets[1] &= ~_PASSES_PERMISSIONS


def main() -> None:
    """Runs the script; exits as it does."""
    handicap, _, value = sys.argv[1].partition("=")
    script = importlib.import_module(f"fapfav.cli.{sys.argv[2]}")
    sys.argv[1:] = sys.argv[3:]
    if handicap == "hide":
        sys.modules[value] = None  # type: ignore[assignment]
    if handicap == "bound":
        without_powers()
    with limited(int(value)) if handicap == "limit" else contextlib.nullcontext():
        script.main()


if __name__ == "__main__":
    main()
