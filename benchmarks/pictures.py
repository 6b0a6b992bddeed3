"""Real pictures to measure with: many different parts of large photographs.

The photographs come from packages of wallpapers, fetched with `apt-get download` and unpacked into
a folder of ours without being installed. A picture is a part of one of them, at a place, a size and
a scale that its number alone decides, saved as an ordinary JPEG: so a set of 5,000 begins with the
set of 1,000, and another machine gets the same pictures. Where no packages can be fetched the much
smaller photographs of scikit-image take their place, enlarged, and the output says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageOps

# Photographs and a few paintings, each looked at; what is flat or drawn by a program is left out,
# because it decodes and hashes faster than what people collect.
WALLPAPERS = {
    "lomiri-wallpapers-16.04": [
        "Bridge_by_Sander_Klootwijk.jpg",
        "Dragonfly_by_Bolly.jpg",
        "Picture_0B_by_freespace.jpg",
        "Wine_by_Jakkub_Mede.jpg",
        "aitzgorri_by_Aitzol_Berasategi.jpg",
        "life_by_Aitzol_Berasategi.jpg",
        "friends_by_Aitzol_Berasategi.jpg",
        "greentock_by_Peter_Nerlich.jpg",
        "picosdeeuropa_by_Aitzol_Berasategi.jpg",
        "seeding_by_Clements_Engelhardt.jpg",
        "sunset_by_Aitzol_Berasategi.jpg",
    ],
    "lxqt-themes": [
        "after-the-rain.jpg",
        "appleflower.png",
        "beam.png",
        "butterfly.png",
        "cloud.png",
        "flowers.png",
        "fog.jpg",
        "this-is-not-windows.jpg",
    ],
    "mate-backgrounds": [
        "Aqua.jpg",
        "Elephants_5640x3172.jpg",
        "Garden.jpg",
        "LadyBird.jpg",
        "TwoWings.jpg",
        "Wood.jpg",
        "YellowFlower.jpg",
    ],
    "plasma-workspace-wallpapers": [
        "Autumn/contents/images/2560x1600.jpg",
        "BytheWater/contents/images/2560x1600.jpg",
        "ColdRipple/contents/images/2560x1600.jpg",
        "ColorfulCups/contents/images/2560x1600.jpg",
        "EveningGlow/contents/images/2560x1600.jpg",
        "FallenLeaf/contents/images/2560x1600.jpg",
        "Grey/contents/images/2560x1600.jpg",
        "Kite/contents/images/2560x1600.jpg",
        "OneStandsOut/contents/images/2560x1600.jpg",
        "Path/contents/images/2560x1600.jpg",
        "SafeLanding/contents/images/5120x2880.jpg",
    ],
}
"""By Debian package, how the paths of its photographs end."""

SMALL = (
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
)
FEWEST = 10  # with fewer photographs than this the pictures would be too much alike

AREA = (1.0e6, 2.5e6)  # pixels
SHAPES = ((4, 3), (3, 2), (16, 9), (1, 1), (3, 4), (2, 3))
QUALITY = (85, 92)
DEFAULT_TO = Path(".bench/pictures")


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What lies in a folder of pictures; `source` says where they come from."""

    folder: str
    source: str
    pictures: int
    bytes: int
    megapixels: float  # mean


@dataclass(frozen=True, slots=True)
class Part:
    """One picture to make: which, of which photograph, the window in that, and how it is saved."""

    number: int
    photograph: int
    window: tuple[int, int, int, int]
    size: tuple[int, int]
    mirrored: bool
    quality: int


def plan(number: int, sizes: Sequence[tuple[int, int]]) -> Part:
    """What picture `number` is, given the sizes of all photographs; depends on nothing else.

    Most windows have more pixels than their picture, and none is the whole of a large photograph:
    pictures of one photograph show different things.
    """
    chance = random.Random(f"picture {number}")
    photograph = number % len(sizes)
    full_width, full_height = sizes[photograph]
    across, down = chance.choice(SHAPES)
    area = chance.uniform(*AREA)
    width, height = round((area * across / down) ** 0.5), round((area * down / across) ** 0.5)
    # How much of the photograph the window could take: 1 is one pixel for each of the picture's.
    most = min(full_width / width, full_height / height)
    scale = min(most, chance.uniform(1.0, max(1.0, 0.75 * most)))
    inner_width, inner_height = int(width * scale), int(height * scale)
    left = chance.randint(0, full_width - inner_width)
    top = chance.randint(0, full_height - inner_height)
    window = (left, top, left + inner_width, top + inner_height)
    mirrored = chance.random() < 0.5
    return Part(number, photograph, window, (width, height), mirrored, chance.randint(*QUALITY))


def name_of(part: Part) -> str:
    """The file of a picture, in folders of a hundred as albums are."""
    return f"{part.number // 100:03}/picture {part.number:05}.jpg"


def make(photograph: Path, parts: Sequence[Part], to: Path) -> int:
    """Saves all pictures of one photograph that are not there yet; returns how many it saved."""
    missing = [part for part in parts if not (to / name_of(part)).exists()]
    if not missing:
        return 0
    with Image.open(photograph) as opened:
        image = opened.convert("RGB")
    for part in missing:
        picture = image.resize(part.size, Image.Resampling.BICUBIC, box=part.window, reducing_gap=2)
        if part.mirrored:
            picture = ImageOps.mirror(picture)
        path = to / name_of(part)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under its own name only when it is whole: a run that was broken off goes on.
        half = path.with_suffix(".part")
        picture.save(half, "JPEG", quality=part.quality)
        half.replace(path)
    return len(missing)


def fetched(cache: Path) -> list[Path]:
    """The photographs of all packages, downloaded and unpacked into `cache` if need be.

    Empty when too few packages can be had.
    """
    found: list[Path] = []
    for package, endings in WALLPAPERS.items():
        folder = cache / package
        if not folder.exists():
            unpack(package, cache)
        if folder.exists():
            files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
            for ending in endings:
                found += [path for path in files if path.as_posix().endswith(f"/{ending}")][:1]
    return found if len(found) >= FEWEST else []


def unpack(package: str, cache: Path) -> None:
    """Downloads one package and unpacks it into a folder of its name; says so when that fails."""
    loading = cache / f"{package}.loading"
    loading.mkdir(parents=True, exist_ok=True)
    try:
        quietly(loading, "apt-get", "download", package)
        (archive,) = loading.glob("*.deb")
        quietly(loading, "dpkg", "-x", archive.name, "unpacked")
        (loading / "unpacked").rename(cache / package)
        archive.unlink()
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        print(f"{package} cannot be had ({error}); try: apt-get update", file=sys.stderr)


def quietly(folder: Path, *command: str) -> None:
    """Runs a command in a folder; raises CalledProcessError when it fails."""
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def small() -> list[Path]:
    """The photographs of scikit-image, found without importing it."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("no wallpapers can be fetched and scikit-image is not installed")
    return [Path(spec.submodule_search_locations[0]) / "data" / name for name in SMALL]


def sizes_of(photographs: Sequence[Path]) -> Iterator[tuple[int, int]]:
    """The width and height of each photograph, from its header."""
    for path in photographs:
        with Image.open(path) as image:
            yield image.size


def build(count: int, to: Path, processes: int = 2) -> PictureSet:
    """Makes the first `count` pictures in `to`, or those that are missing, and measures them."""
    photographs = fetched(to.parent / "packages")
    source = f"{len(photographs)} photographs of {len(WALLPAPERS)} packages of wallpapers"
    if not photographs:
        photographs = small()
        source = f"FALLBACK: {len(photographs)} small photographs of scikit-image, enlarged"
        to = to.with_name(f"{to.name}-fallback")
    sizes = list(sizes_of(photographs))
    parts = [plan(number, sizes) for number in range(count)]
    with ProcessPoolExecutor(processes) as executor:
        futures = [
            executor.submit(make, path, [part for part in parts if part.photograph == number], to)
            for number, path in enumerate(photographs)
        ]
        for future in futures:
            future.result()
    size = sum((to / name_of(part)).stat().st_size for part in parts)
    pixels = sum(part.size[0] * part.size[1] for part in parts)
    return PictureSet(str(to), source, count, size, round(pixels / 1e6 / max(1, count), 3))


def main(arguments: Sequence[str] | None = None) -> None:
    """Builds a set and prints what it is as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--to", type=Path, default=DEFAULT_TO)
    options = parser.parse_args(arguments)
    print(json.dumps(asdict(build(options.count, options.to))))


if __name__ == "__main__":
    main()
