"""tests/together/model.py: the state it tells of is the one an archive comes to."""

from __future__ import annotations

from pathlib import Path

from fapfav.jobs import tagging
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.model import Tag
from tests.jobs.holding import Shelves, digest
from tests.together.model import HERE, Model


def test_what_was_emptied_after_a_restore_was_undone_stands_in_nobodys_way(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "All", *((n, f"{n}.jpg") for n in range(3)))
    archive, model = shelves.archive, Model({("is", n): HERE for n in range(3)})
    with archive.write("settings") as tx:
        tx.put(Tag(1, "one"))

    tagged = tagging.apply(archive, "1", [digest(1)]).change
    model.apply(tagged, {"op": "tag", "n": [1], "tag": 1})
    removed = remove_picture(archive, digest(1).hex(), digest(2).hex()).change
    model.apply(removed, {"op": "remove", "n": [1, 2]})
    restored = trash_restore(archive, [digest(1).hex(), digest(2).hex()]).change
    model.apply(restored, {"op": "restore", "n": [1, 2]})
    model.apply(archive.undo(restored).redo, {"op": "undo"}, undoes=restored)
    model.apply(trash_empty(archive, {digest(1), digest(2)}).change, {"op": "empty"})
    again = archive.undo(tagged)
    model.apply(again.redo, {"op": "undo"}, undoes=tagged)

    assert again.conflicts == ()
    assert archive.changes[removed].state == "final"
    assert model.changes[removed].final
    archive.close()
