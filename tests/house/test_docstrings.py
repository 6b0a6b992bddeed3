"""Every public module, class and function of the library says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import parsed, python_files, short

SOURCES = sorted(python_files("fapfav", "favorites.py", "process.py"))
Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def undocumented(module: ast.Module) -> Iterator[str]:
    """The public names of a module that have no docstring; the module itself is "module"."""
    nodes: list[tuple[str, ast.Module | Named]] = [("module", module)]
    nodes += [
        (node.name, node)
        for node in module.body
        if isinstance(node, Named) and not node.name.startswith("_")
    ]
    for name, node in nodes:
        # A full stop alone is a placeholder: it takes at least a word or two.
        if len((ast.get_docstring(node) or "").split()) < 2:
            yield name


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_public_names_have_a_docstring(path: Path) -> None:
    assert list(undocumented(parsed(path))) == []


def test_a_placeholder_is_no_docstring() -> None:
    module = ast.parse(
        '"""."""\ndef shown(): ...\ndef _hidden(): ...\nclass Kept:\n    "A thing."\n'
    )

    assert list(undocumented(module)) == ["module", "shown"]
