"""Nothing but `trash empty` destroys a picture: every place that deletes a file is known here."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.cli.running import ROOT

DELETES = {"unlink", "purge", "rmtree", "rmdir", "remove_file", "_drop_second"}

WHY = {
    "cli/demo.py:from_site": "a file in the folder the demo made itself",
    "images/model_cache.py": "a converted model, made again when it is asked for",
    "jobs/folders.py": "an exported file's temporary name, and one that gets its new name",
    "jobs/new_file.py": "its temporary name, where it was not finished or is not wanted",
    "jobs/trash.py:_purge": "what `trash empty` was asked for",
    "store/backing_log.py:keep": "the eleventh database of a backup",
    "store/blobs.py:_drop_second": "a second copy, once the one in its place was read to its end",
    "store/blobs.py:from_trash": "calls the above",
    "store/blobs.py:purge": "for `trash empty`",
    "store/both_kinds.py:publish": "what was written plain while others encrypted; no row names it",
    "store/both_kinds.py:purge": "for `trash empty`",
    "store/converting.py": "the other kind of a picture, once the new one was read back",
    "store/disk.py:unlink": "the call itself",
    "store/folder.py": "the way to it; temporary files",
    "store/strays.py": "the other kind of a file nobody names, once the new one was read back",
}
"""By module, or module and function: what is deleted there."""


def deleting(path: Path) -> set[str]:
    """Where a module deletes: its path and the function."""
    tree = ast.parse(path.read_text())
    where = str(path.relative_to(ROOT / "fapfav")) if "fapfav" in path.parts else str(path)
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            names = {c.attr for c in calls if isinstance(c, ast.Attribute)}
            if names & DELETES:
                found.add(f"{where}:{function.name}")
    return found


def test_every_place_that_deletes_a_file_is_known() -> None:
    modules = [*(ROOT / "fapfav").rglob("*.py"), *(ROOT / "viewer").rglob("*.py")]
    found = set().union(*(deleting(path) for path in modules))
    unknown = {one for one in found if one not in WHY and one.partition(":")[0] not in WHY}
    unused = {one for one in WHY if not any(each.startswith(one) for each in found)}

    assert unknown == set()
    assert unused == set()


def test_only_emptying_the_trash_asks_the_store_to_destroy_pictures() -> None:
    callers = set()
    for path in [*(ROOT / "fapfav" / "jobs").rglob("*.py"), *(ROOT / "viewer").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "purge":
                callers.add(path.name)
    assert callers == {"trash.py"}
