"""What is known of each browser that was let in: in the viewer's memory, gone once it is locked."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.sessions.backends.base import SessionBase, UpdateError

from viewer.state import the_viewer

MOST = 100
"""Browsers that are let in at the same time; the one let in first goes when another comes."""


class SessionStore(SessionBase):
    """Django's sessions without a database, a cache or a file."""

    def load(self) -> dict[str, Any]:
        """A copy of what is kept; empty for a cookie that nobody gave."""
        found = the_viewer().sessions.get(self.session_key or "")
        if found is None:
            self._session_key = None
            return {}
        return dict(found)

    def exists(self, session_key: str) -> bool:
        """Whether a cookie is in use."""
        return session_key in the_viewer().sessions

    def create(self) -> None:
        """Begins a new one, under a name that nobody had."""
        values = dict(self.items())
        self._session_key = secrets.token_urlsafe(32)
        kept = the_viewer().sessions
        kept[self._session_key] = values
        while len(kept) > MOST:
            kept.popitem(last=False)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Keeps it. Raises UpdateError when the viewer was locked since it was loaded."""
        if self.session_key is None or must_create:
            self.create()
            return
        kept, values = the_viewer().sessions, dict(self.items())
        if self.session_key is None or self.session_key not in kept:
            raise UpdateError
        kept[self.session_key] = values

    def delete(self, session_key: str | None = None) -> None:
        """Ends it."""
        the_viewer().sessions.pop(session_key or self.session_key or "", None)

    @classmethod
    def clear_expired(cls) -> None:
        """They end with the lock or the process, not with time."""
