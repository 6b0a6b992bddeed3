"""A file and those that only it uses, as one file: a page then asks for one, not for ten.

What is joined stays as it was written. Each module becomes a function that runs once, in the order
of the imports, and answers with what it exports; its names stay its own. Modules that others use
as well are not joined but imported, since what they remember is there once in a page.

Modules are written so that this can be done by reading lines: an import stands on one line and
names what it takes, what is exported is a function, a class or a constant, and none imports, by
way of whom ever, what imports it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter

_IMPORT = re.compile(r'^import \{([^{}]*)\} from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_SHEET = re.compile(r'^@import "\./([\w-]+\.css)";$', re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b(?!\().*", re.MULTILINE)


def used(text: str) -> list[str]:
    """The modules that one imports, in its order."""
    return [name for _, name in _IMPORT.findall(text)]


def reached(modules: Mapping[str, str], first: str) -> list[str]:
    """A module and what it imports by way of whom ever, in the order they run.

    Raises `graphlib.CycleError` where one imports itself.
    """
    found: TopologicalSorter[str] = TopologicalSorter()
    todo, seen = [first], {first}
    while todo:
        name = todo.pop()
        within = used(modules[name])
        found.add(name, *within)
        todo += [each for each in within if each not in seen]
        seen.update(within)
    return list(found.static_order())


def joined(modules: Mapping[str, str], first: str, shared: Collection[str]) -> str:
    """The text of a module with those that it uses, but for the shared ones.

    Raises ValueError for a module that is written in another way.
    """
    every = reached(modules, first)
    own = [name for name in every if name == first or name not in shared]
    if len(own) == 1:
        return modules[first]
    beside = {each for name in own for each in used(modules[name])}.difference(own)
    lines = [f'import * as {_name(each)} from "./{each}";' for each in sorted(beside)]
    lines += [_as_function(name, modules[name]) for name in own]
    lines.append(f"export const {{ {_exports(modules[first])} }} = {_name(first)};")
    return "\n".join(lines) + "\n"


def joined_sheet(sheets: Mapping[str, str], first: str) -> str:
    """The text of a style sheet with those that it imports in their places."""
    return _SHEET.sub(lambda found: joined_sheet(sheets, found[1]), sheets[first])


def _as_function(name: str, text: str) -> str:
    body = _IMPORT.sub(_taken, _EXPORT.sub("", text))
    other = _OTHER.search(body)
    if other is not None:
        raise ValueError(f"{name} cannot be joined: {other[0]}")
    return (
        f"const {_name(name)} = (() => {{ // {name}\n{body}\nreturn {{ {_exports(text)} }};\n}})();"
    )


def _taken(found: re.Match[str]) -> str:
    return f"const {{{found[1].replace(' as ', ': ')}}} = {_name(found[2])};"


def _exports(text: str) -> str:
    return ", ".join(_EXPORT.findall(text))


def _name(module: str) -> str:
    return "$" + module.removesuffix(".js").replace("-", "_")
