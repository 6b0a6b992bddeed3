"""What this computer remembers of an archive, while other processes go on with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fapfav.model import Config
from fapfav.store.opening import create_archive, open_archive
from fapfav.store.seen import Record, Seen


class Meanwhile(Seen):
    """A memory that another process writes to just before it is asked."""

    act: Callable[[], None] | None = None

    def recall(self, archive_id: bytes, path: Path) -> Record | None:
        """What is remembered, once the other is done."""
        act, self.act = self.act, None
        if act:
            act()
        return super().recall(archive_id, path)


def test_what_others_commit_while_it_is_opened_is_no_older_archive(tmp_path: Path) -> None:
    path, seen = tmp_path / "archive", Meanwhile(tmp_path / "state")
    create_archive(path, None, plain=True, seen=seen).close()

    def other() -> None:
        again = Seen(tmp_path / "state")
        with open_archive(path, seen=again) as archive, archive.write("tag") as tx:
            tx.put(Config("value", 7))

    seen.act = other
    with open_archive(path, seen=seen) as archive:
        assert archive.config("value", 0) == 7
