from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.quality import bases
from benchmarks.quality.bases import Base, Chosen
from fapfav.model import Label

NATURE = "mate-backgrounds/usr/share/backgrounds/mate/nature"
ABSTRACT = "mate-backgrounds/usr/share/backgrounds/mate/abstract"
PLASMA = "plasma-workspace-wallpapers/usr/share/wallpapers"
ROCKS = "endless-sky-data/usr/share/games/endless-sky/images/asteroid/rock"
FACES = "usr/share/fonts/truetype"
DEJAVU = [
    f"fonts-dejavu-core/{FACES}/dejavu/DejaVu{name}.ttf" for name in ("Sans", "SansMono", "Serif")
]
LIBERATION = [
    f"fonts-liberation/{FACES}/liberation/Liberation{name}.ttf"
    for name in ("Mono-Regular", "Sans-Italic", "Serif-Bold")
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every package as an unpacked folder, so nothing is fetched; a few of them with pictures."""
    folder = tmp_path_factory.mktemp("packages")
    for source in (*bases.SOURCES, *bases.ALIKE, *bases.FONTS):
        if not source.wheel:
            (folder / source.package).mkdir(exist_ok=True)
    for number in range(30):
        put(folder, f"{NATURE}/{number}.png", 100 + number)
    put(folder, f"{NATURE}/icon.png", 60)
    for name in ("Elephants.jpg", "Elephants_3840x2160.jpg"):
        put(folder, f"{ABSTRACT}/{name}", 120)
    put(folder, f"{PLASMA}/Kite/contents/images/2560x1600.jpg", 300)
    put(folder, f"{PLASMA}/Kite/contents/screenshot.jpg", 100)
    put(folder, f"{PLASMA}/Kay/contents/images/5120x2880.png", 300)
    put(folder, f"{PLASMA}/Kay/contents/images/1080x1920.png", 200)
    put(folder, f"{PLASMA}/Kay/contents/images_dark/5120x2880.png", 200)
    for name in (*DEJAVU, *LIBERATION):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for number in range(9):
        put(folder, f"{ROCKS}/spin-{number:02}.png", 40)
    return folder


def put(folder: Path, name: str, side: int) -> None:
    """A picture of noise, another one for each name."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(list(name.encode()))
    Image.fromarray(rng.integers(0, 255, (side, side, 3), np.uint8)).save(path)


def named(chosen: Chosen, part: str) -> list[Base]:
    return [base for base in chosen.varied if part in base.name]


def test_a_larger_choice_holds_the_smaller_one_and_negatives_keep_theirs(cache: Path) -> None:
    few, many = (bases.choose("A", most, cache) for most in (4, 12))
    kept = {base.name for base in few.photographs}

    assert {base.name for base in few.varied} < {base.name for base in many.varied}
    assert few.photographs == many.photographs
    assert kept
    assert kept.isdisjoint(base.name for base in many.varied)
    assert max(sum(base.kind == kind for base in few.varied) for kind in bases.KINDS) == 4


def test_what_is_small_is_left_out(cache: Path) -> None:
    everything = bases.choose("A", 99, cache)
    names = {base.name for base in (*everything.varied, *everything.photographs)}

    assert sum("/nature/" in name for name in names) == 30
    assert not any("icon" in name for name in names)


def test_sizes_of_one_wallpaper_are_one_base(cache: Path) -> None:
    (elephants,) = named(bases.choose("A", 99, cache), "Elephants")
    chosen = bases.choose("B", 99, cache)
    found = {
        base.name.split("/")[-1]: base
        for base in (*chosen.varied, *chosen.photographs, *chosen.drawings)
        if base.package.startswith("plasma")
    }

    assert [told for _, told in elephants.others] == [Label.SAME]
    assert [told for _, told in found["Kite"].others] == [Label.SAME]
    kay = {path.relative_to(cache / PLASMA).as_posix(): told for path, told in found["Kay"].others}
    assert kay == {
        "Kay/contents/images/1080x1920.png": Label.RELATED,
        "Kay/contents/images_dark/5120x2880.png": Label.RELATED,
    }


def test_numbered_files_are_the_frames_of_one_animation(cache: Path) -> None:
    (rock,) = named(bases.choose("B", 99, cache), "rock/spin")

    assert rock.kind == "animation"
    assert [path.name for path in rock.frames] == [f"spin-{number:02}.png" for number in range(9)]


def test_what_is_drawn_has_names_of_its_half(cache: Path) -> None:
    halves = [
        {base.name for base in bases.choose(half, 10, cache).varied if base.path is None}
        for half in ("A", "B")
    ]

    assert all(halves)
    assert halves[0].isdisjoint(halves[1])


def test_halves_write_with_fonts_of_their_own(cache: Path) -> None:
    names = {
        half: [path.name for path in bases.choose(half, 1, cache).fonts] for half in ("A", "B")
    }

    assert names == {"A": ["DejaVuSans.ttf", "DejaVuSerif.ttf"], "B": ["LiberationSerif-Bold.ttf"]}
