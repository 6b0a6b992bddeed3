"""Small pieces: nothing grows past what one person reads in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import parsed, python_files, short

FILE_LINES = 400
FUNCTION_LINES = 50
CLASS_LINES = 250
PUBLIC_METHODS = 15
PARAMETERS = 6

EXCEPTIONS: dict[str, str] = {
    "fapfav/store/views.py::TableViews": "one property for each table, and nothing else",
}
"""By "file", or "file::name", why it is larger: a refactoring to do, not a permission."""

FILES = sorted(python_files())
CODE = [path for path in FILES if not short(path).startswith("tests/")]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines(node: Function | ast.ClassDef) -> int:
    """From its first line to its last, without decorators."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def parameters(function: Function) -> int:
    """How many there are, options by keyword too; `self` and `cls` are none."""
    given = function.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def too_large(path: Path) -> Iterator[tuple[str, str]]:
    """The names in a file that are past a limit, each with what is too much."""
    where = short(path)
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            if lines(node) > FUNCTION_LINES:
                yield f"{where}::{node.name}", f"{lines(node)} lines"
            if parameters(node) > PARAMETERS:
                yield f"{where}::{node.name}", f"{parameters(node)} parameters"
        elif isinstance(node, ast.ClassDef):
            public = [
                part.name
                for part in node.body
                if isinstance(part, Function) and not part.name.startswith("_")
            ]
            if lines(node) > CLASS_LINES:
                yield f"{where}::{node.name}", f"{lines(node)} lines"
            if len(public) > PUBLIC_METHODS:
                yield f"{where}::{node.name}", f"{len(public)} public methods"


def too_long(path: Path) -> int:
    """The lines of a file that has more than it may, or 0."""
    count = len(path.read_text(encoding="utf-8").splitlines())
    return count if count > FILE_LINES else 0


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_is_short(path: Path) -> None:
    assert short(path) in EXCEPTIONS or not too_long(path)


@pytest.mark.parametrize("path", CODE, ids=short)
def test_functions_and_classes_are_small(path: Path) -> None:
    assert [found for found in too_large(path) if found[0] not in EXCEPTIONS] == []


def test_exceptions_are_few_give_a_reason_and_are_still_needed() -> None:
    needed = {name for path in CODE for name, _ in too_large(path)}
    needed |= {short(path) for path in FILES if too_long(path)}

    assert set(EXCEPTIONS) <= needed
    assert all(len(reason.split()) >= 5 for reason in EXCEPTIONS.values())
    assert len(EXCEPTIONS) <= 5


def test_parameters_are_counted_as_people_count_them() -> None:
    source = "class A:\n    def f(self, a, /, b, *rest, c=1, **more): ...\n"
    function = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))

    assert parameters(function) == 3
