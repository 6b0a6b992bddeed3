from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import PIL
import pytest

from fapfav.images.examine import examine
from fapfav.images.hashes import hex_form
from fapfav.model import HASHES
from tests.images.golden_pictures import PHOTOGRAPHS, RECIPES, golden_pictures, photograph

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


def exact(file: bytes) -> list[str]:
    fingerprint = examine(file, "exact", thumbnail=False).fingerprint
    return [hex_form(getattr(fingerprint, method)) for method in HASHES]


def of_recipe(number: int) -> Iterator[tuple[str, bytes]]:
    recipe = RECIPES[number]
    for position, source in enumerate(PHOTOGRAPHS):
        yield (
            f"{Path(source).stem}/{recipe.__name__.strip('_')}",
            recipe(photograph(source), position),
        )


@pytest.mark.parametrize(
    "number", range(len(RECIPES)), ids=[recipe.__name__.strip("_") for recipe in RECIPES]
)
def test_exact_hashes_are_those_imagededup_made(number: int) -> None:
    ours = {name: exact(file) for name, file in of_recipe(number)}

    assert ours == {name: GOLDEN["hashes"][name] for name in ours}


def test_there_are_three_hundred_golden_pictures_with_different_names() -> None:
    names = [name for name, _ in of_recipe(0)]

    assert len(GOLDEN["hashes"]) == 300
    assert len(names) * len(RECIPES) == 300


def test_the_pictures_are_the_same_each_time() -> None:
    once, again = (list(islice(golden_pictures(), 6)) for _ in range(2))

    assert once == again


def test_golden_hashes_were_made_with_the_pillow_that_is_installed() -> None:
    assert GOLDEN["made_with"]["pillow"] == PIL.__version__
    assert GOLDEN["made_with"]["imagededup"].startswith("0.3.")
