"""fapfav/__init__.py: every public name is there, and is loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fapfav

ROOT = Path(__file__).parents[1]


def test_every_public_name_has_a_home_and_every_home_a_public_name() -> None:
    homes = fapfav._HOME_OF

    assert sorted(homes) == sorted(fapfav.__all__)
    for name, module in homes.items():
        assert getattr(fapfav, name) is getattr(sys.modules[module], name)


def test_public_names_are_listed_before_they_are_asked_for() -> None:
    done = run("import fapfav; print(set(fapfav.__all__) <= set(dir(fapfav)))")

    assert done == "True"


def test_all_names_come_with_a_star() -> None:
    names: dict[str, object] = {}

    exec("from fapfav import *", names)

    assert set(fapfav.__all__) <= set(names)


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="'fapfav' has no attribute 'nothing'"):
        getattr(fapfav, "nothing")  # noqa: B009 - typed, it could not be asked for


def test_one_name_loads_no_more_than_its_home_takes() -> None:
    loaded = run(
        "import sys, fapfav; fapfav.UsageError;"
        "print([name for name in ('numpy', 'PIL', 'lxml', 'cryptography') if name in sys.modules])"
    )

    assert loaded == "[]"


@pytest.mark.parametrize("script", ["favorites", "process"])
def test_a_scripts_help_waits_for_no_library_of_numbers_or_pictures(script: str) -> None:
    loaded = run(
        f"import sys, fapfav.cli.{script};"
        "print([name for name in ('numpy', 'PIL', 'lxml', 'cryptography') if name in sys.modules])"
    )

    assert loaded == "[]"


def run(program: str) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
