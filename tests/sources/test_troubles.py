import errno
import os

import pytest

from fapfav.errors import SourceError
from fapfav.sources.replies import Trouble
from fapfav.sources.troubles import is_a, proxy_trouble, root, said


def wrapped(inner: Exception) -> Exception:
    """An error as it comes: raised from another, handed to a third, named as a reason."""
    middle = OSError("no connection")
    middle.__cause__ = inner
    outer = RuntimeError("no answer")
    outer.reason = middle  # type: ignore[attr-defined]
    return ValueError("no page", outer)


def test_the_innermost_error_tells() -> None:
    inner = ConnectionRefusedError()

    assert root(wrapped(inner)) is inner
    assert root(inner) is inner
    assert is_a(inner, "OSError")
    assert not is_a(inner, "ValueError")


def test_errors_that_hold_each_other_come_to_an_end() -> None:
    one, two = ValueError(), ValueError()
    one.args, two.args = (two,), (one,)

    assert root(one) in (one, two)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(), "it refused the connection"),
        (ConnectionAbortedError(errno.ECONNABORTED, "Gone"), "Gone"),
        (OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH)), "Network is unreachable"),
        (OSError(1, "a\x1b[31mb"), "a [31mb"),
        (TimeoutError(), "it did not answer in time"),
        (KeyError("secret"), "KeyError"),
    ],
)
def test_an_error_is_said_in_words_without_harm(error: Exception, words: str) -> None:
    assert said(error) == words


def test_a_proxys_password_is_not_said() -> None:
    for error in (ValueError(), OSError("Tunnel connection failed: 403 No"), OSError()):
        trouble = proxy_trouble("http://me:secret@proxy.example:8080", error, error)

        assert isinstance(trouble, SourceError | Trouble)
        assert "'http://proxy.example:8080'" in str(trouble)
