"""What the house rules look at: the files of the project and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

_MADE = {"__pycache__", "build", "htmlcov"}  # by tools, never by hand
_VENDOR = "vendor"  # others' files, kept as they came
_WRITTEN = {".ci", ".gitignore"}  # the hidden ones that are ours
_TEXTS = {".cfg", ".css", ".html", ".js", ".json", ".md", ".py", ".toml", ".txt", ""}


class Import(NamedTuple):
    """One import, wherever it stands: the full dotted name and its line."""

    name: str
    line: int


def text_files() -> Iterator[Path]:
    """Every text file that somebody wrote, whether git knows it yet or not."""
    for top in sorted(ROOT.iterdir()):
        if top.name.startswith(".") and top.name not in _WRITTEN:
            continue
        if top.name not in _MADE and top.suffix != ".egg-info":
            yield from _texts_below(top)


def _texts_below(top: Path) -> Iterator[Path]:
    if top.is_dir():
        for path in sorted(top.iterdir()):
            if path.name not in _MADE | {_VENDOR}:
                yield from _texts_below(path)
    elif top.is_file() and top.suffix in _TEXTS:
        yield top


def python_files(*tops: str) -> Iterator[Path]:
    """The Python files below the named files and folders, or all there are."""
    for path in text_files():
        if path.suffix == ".py" and (not tops or short(path).split("/")[0] in tops):
            yield path


def short(path: Path) -> str:
    """A path as messages name it: below the project, with "/"."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file: at the top, inside functions, for types only, or by name.

    `from fapfav import model` is an import of `fapfav.model`: what is a module and what a name
    inside one is for the caller to say.
    """
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            where = "." * node.level + (node.module or "")
            yield from (Import(f"{where}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_by_name(node.func):
            named = node.args[0] if node.args else None
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield Import(named.value, node.lineno)


def _is_import_by_name(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in {"import_module", "__import__"}
