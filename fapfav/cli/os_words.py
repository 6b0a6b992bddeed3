"""What the system says of a file, in words for people: no numbers and no repeated path."""

from __future__ import annotations

import errno


def os_words(error: Exception) -> str:
    """`Permission denied`; what has no words of the system's says what it is itself."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def unexpected(error: Exception) -> str:
    """What ended a command though nobody expected it."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "there is no room left on the disk that was written to: make some, then run it again"
    if isinstance(error, OSError) and error.strerror:
        where = f" {error.filename}:" if isinstance(error.filename, str) else ""
        return f"unexpected error:{where} {error.strerror}"
    return f"unexpected error: {type(error).__name__}: {error}"
