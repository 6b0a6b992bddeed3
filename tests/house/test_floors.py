"""Imports go down four floors: edge, job, part, core."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Import, imports, python_files, short

CORE = {"errors", "floor", "model", "text", "words", "work"}
PARTS = {"browse", "duplicates", "images", "relation", "resolve", "sources", "store", "tags"}

ALLOWED = {
    **dict.fromkeys(CORE | PARTS, CORE),
    "jobs": CORE | PARTS,
    "practice": CORE,
    "worker": CORE | PARTS | {"jobs"},
    "looker": CORE | {"jobs"},
    "cli": CORE | PARTS | {"jobs", "practice", "fapfav"},
    "fapfav": CORE | PARTS | {"jobs"},  # fapfav/__init__.py: the public names
    # No network, no network of weights in a page.
    "viewer": CORE | (PARTS - {"sources", "images"}) | {"jobs"},
    "favorites": {"cli"},
    "process": {"cli"},
}
"""By floor, what else it may import from this project; its own files it always may."""

EXCEPTIONS: dict[str, set[str]] = {
    # The one command that serves pages; it is the viewer's only when it runs.
    "fapfav/cli/run_verb.py": {"viewer"},
    # What no browser can show is made displayable in memory, when it is asked for.
    "viewer/pages/media.py": {"images"},
}
"""By file, the floors it may reach besides, each with a comment that says why."""

NARROW = {
    # The store lets plain values through only, and the reader of weights arrays only.
    "pickle": ["fapfav/store/", "fapfav/images/torch_state.py"],
    "socket": ["fapfav/sources/http.py", "viewer/serve.py"],  # the viewer listens on loopback
    "ssl": ["fapfav/sources/http.py"],
    "requests": ["fapfav/sources/http.py"],
    "urllib.request": ["fapfav/sources/http.py"],
    "http": ["fapfav/sources/http.py", "fapfav/practice/"],  # the practice site is a server
}
"""Modules that can run or fetch what nobody asked for, and the only files that import them."""

HEAVY = ["django", "onnxruntime", "torch"]


def floor_of(path: Path) -> str:
    """The floor a file stands on: the folder or module below `fapfav`, or the script."""
    parts = short(path).removesuffix(".py").split("/")
    return parts[1] if parts[0] == "fapfav" and parts[1] != "__init__" else parts[0]


def reached(found: Import) -> str | None:
    """The floor an import reaches, or None when it leaves the project."""
    top, *below = found.name.split(".")
    if top in {"favorites", "process", "viewer", "tests", "benchmarks", "tools"}:
        return top
    if top != "fapfav":
        return None
    # What is no module is a public name of the package itself.
    return below[0] if below and below[0] in ALLOWED else top


SOURCES = sorted(python_files("fapfav", "viewer", "favorites.py", "process.py"))


def test_every_file_stands_on_a_floor_that_is_named_here() -> None:
    assert {short(path) for path in SOURCES if floor_of(path) not in ALLOWED} == set()


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_imports_go_down_only(path: Path) -> None:
    own = floor_of(path)
    allowed = ALLOWED.get(own, set()) | EXCEPTIONS.get(short(path), set()) | {own}

    upward = [
        f"line {found.line}: {found.name}"
        for found in imports(path)
        if (floor := reached(found)) is not None and floor not in allowed
    ]

    assert upward == [], f"{short(path)} is on the floor {own!r}"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_imports_are_absolute(path: Path) -> None:
    assert [found for found in imports(path) if found.name.startswith(".")] == []


@pytest.mark.parametrize("module", NARROW)
def test_what_is_dangerous_is_imported_in_one_place(module: str) -> None:
    importers = {
        short(path)
        for path in SOURCES
        for found in imports(path)
        if f"{found.name}.".startswith(f"{module}.")
    }

    homes = tuple(NARROW[module])
    assert {path for path in importers if not path.startswith(homes)} == set()


def test_every_exception_is_still_needed() -> None:
    for name, floors in EXCEPTIONS.items():
        assert floors <= {reached(found) for found in imports(ROOT / name)}, name


def test_the_test_sees_imports_wherever_they_stand(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "from importlib import import_module\n"
        "from fapfav import jobs\n"
        "def late():\n"
        "    import fapfav.cli.main\n"
        "    from fapfav.store import keys as k\n"
        "    import_module('fapfav.worker')\n"
        "from fapfav import open_archive\n",
        encoding="utf-8",
    )

    floors = [reached(found) for found in imports(sample)]

    assert sorted(floor for floor in floors if floor) == [
        "cli",
        "fapfav",
        "jobs",
        "store",
        "worker",
    ]


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    program = (
        "import importlib, pkgutil, sys, fapfav, fapfav.cli\n"
        "for found in pkgutil.iter_modules(fapfav.cli.__path__):\n"
        "    importlib.import_module(f'fapfav.cli.{found.name}')\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "[]"
