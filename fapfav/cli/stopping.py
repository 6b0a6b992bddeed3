"""Ctrl-C while a job runs: the first lets it finish what is in hand, the second stops at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self


class Stopper:
    """Listens while it is entered; `asked` tells whether Ctrl-C came, and stays so after.

    Elsewhere, as at a prompt, Ctrl-C is the KeyboardInterrupt it always is.
    """

    def __init__(self, notice: Callable[[], None]) -> None:
        self.asked = False
        self._notice: Callable[[], None] | None = notice
        self._before: Any = None
        self._hook = sys.unraisablehook

    def __enter__(self) -> Self:
        # Only the main thread may set handlers; elsewhere there is no Ctrl-C to listen to.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._heard)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._swallowed
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            sys.unraisablehook = self._hook

    def stop(self) -> bool:
        """Whether to finish early; says so the first time it is.

        Not the handler says it: that may run in the midst of another write to the same stream.
        """
        if self.asked and self._notice is not None:
            notice, self._notice = self._notice, None
            notice()
        return self.asked

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def _swallowed(self, found: sys.UnraisableHookArgs) -> None:
        """Raises once more what came in the midst of a finalizer, where nothing can be raised."""
        if found.exc_type is KeyboardInterrupt:
            # From another thread and a little later: here it would only be swallowed again.
            main = threading.main_thread().ident
            threading.Timer(0.01, signal.pthread_kill, (main, signal.SIGINT)).start()
        else:
            self._hook(found)
