"""Which pictures the benchmark starts from, and the half that each package belongs to.

Limits and tuning see half A alone; published figures are of half B. The halves share no package and
no seed. Debian packages are fetched with `apt-get download` and unpacked with `dpkg -x` into a
folder of the benchmark's cache; nothing is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

from PIL import Image

from benchmarks.pictures import unpack
from fapfav.model import Label

Half = Literal["A", "B"]
Kind = Literal["photograph", "drawing", "game art", "text screen", "gradient", "animation"]
KINDS: Final[tuple[Kind, ...]] = (
    "photograph",
    "drawing",
    "game art",
    "text screen",
    "gradient",
    "animation",
)

_MOST_PIXELS: Final = 40_000_000
_LEAST_SIDE: Final = 96  # pixels of the shorter side, before anything is done to it
_LEAST_BYTES: Final = 2500
_FEWEST_FRAMES: Final = 7
_MOST_ALIKE: Final = 12
_KEPT: Final[tuple[tuple[Kind, int], ...]] = (("photograph", 3), ("drawing", 4))
"""Of how many one is kept for negatives."""
_DRAWN: Final[tuple[tuple[Kind, float], ...]] = (("text screen", 0.7), ("gradient", 0.5))
"""What our own code draws, as shares of how many there are of other kinds."""


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one kind in one package: files whose path below it matches a pattern.

    `wheel` packages are Python's, found where they are installed. Series are numbered files that
    are the frames of an animation.
    """

    package: str
    half: Half
    kind: Kind
    pattern: str
    wheel: bool = False
    series: bool = False


_CLIPART: Final = (
    "animals|buildings|education|food|geography|household|music|office|people/s|plants|recreation/(?!"
    "games/cards)|special/holidays|tools|toys|transportation/(?!roadsigns)"
)
# The others begin with one of three plain faces, so that their first frames alone are the same.
_FACES: Final = "aa|af|ar|at|aw|az|ba|bc|bd|bj|bp|bt|cg|ch|cj|cq|cv|cx|cy|dd|de|di|dj|dl|dm|dv"
_PAINTED: Final = "Autumn|Flow|Honeywave|PastelHills|SafeLanding|Shell|Volna"
_STAMPS: Final = (
    "animals|clothes|food|hobbies|household|plants|seasonal|space|sports|vehicles|town/m"
)

SOURCES: Final = (
    Source(
        "scikit-image",
        "A",
        "photograph",
        r"data/(brick|cell|chelsea|clock_motion|coffee|coins|grass|gravel|hubble_deep_field|ihc|moon"
        r"|motorcycle_left|retina|rocket)\.(png|jpg)",
        wheel=True,
    ),
    Source("scikit-image", "A", "text screen", r"data/(page|text)\.png", wheel=True),
    Source("mate-backgrounds", "A", "photograph", r"nature/.*"),
    Source(
        "mate-backgrounds",
        "A",
        "drawing",
        r"abstract/(?!Elephants_).*|desktop/(F.*|Green.*|MATE-Stripes-Dark.*|Ubuntu-Mate-Cold.*)",
    ),
    Source("ukui-wallpapers", "A", "drawing", r"backgrounds/.*\.(jpg|png)"),
    Source("gnome-backgrounds", "A", "drawing", r"gnome/\w+-l\.webp"),
    Source("openclipart-png", "A", "drawing", rf"png/({_CLIPART}).*\.png"),
    Source(
        "freeorion-data",
        "A",
        "game art",
        r"art/(encyclopedia/planet_environments|icons/(building|monsters|tech)|nebulae|species|"
        r"planets)/\w+\.png|art/(splash|logo|gp_\w+)\.png",
    ),
    Source("renpy-thequestion", "A", "game art", r"images/(bg .*|sylvie blue normal)\.(jpg|png)"),
    Source("pidgin-themes", "A", "animation", rf"QIP-pidgin/({_FACES})\.gif"),
    Source("freeorion-data", "A", "animation", r"planets/asteroids/.*\.png", series=True),
    Source("scikit-learn", "B", "photograph", r"images/(china|flower)\.jpg", wheel=True),
    Source(
        "lxqt-themes",
        "B",
        "photograph",
        r"(after-the-rain|appleflower|beam|butterfly|cloud|drop|flowers|fog|this-is-not-windows)\..*",
    ),
    Source(
        "lxqt-themes",
        "B",
        "drawing",
        r"(Butterfly.*|Valendas|kde-plasma|lxqt-origami-green|plasma-logo-bright|"
        r"plasma_arch|simple_blue.*|triangles|waves-logo)\..*",
    ),
    Source("lomiri-wallpapers-16.04", "B", "photograph", r"backgrounds/.*\.jpg"),
    Source(
        "plasma-workspace-wallpapers",
        "B",
        "photograph",
        rf"wallpapers/(?!{_PAINTED})\w+/contents/images/\d+x\d+\.jpg",
    ),
    Source(
        "plasma-workspace-wallpapers",
        "B",
        "drawing",
        rf"wallpapers/(({_PAINTED})/contents/images/\d+x\d+\.jpg|.*/images/\d+x\d+\.png)",
    ),
    Source("tuxpaint-stamps-default", "B", "drawing", rf"stamps/({_STAMPS}).*\.png"),
    Source("endless-sky-data", "B", "photograph", r"images/land/.*\.jpg"),
    Source(
        "endless-sky-data",
        "B",
        "game art",
        r"images/(outfit|ship|scene)/(?!.*( hai|-\d))[^+~=^]*\.(jpg|png)",
    ),
    Source(
        "endless-sky-data",
        "B",
        "animation",
        r"images/(asteroid/.*|effect/(box|explosion/(huge|nuke)|plasma explosion|proton impact"
        r"|smoke).*|projectile/(grab-strike|seeker|thrasher).*)\.png",
        series=True,
    ),
)
"""The split, fixed before anything was tuned."""

_CARDS, _ROADS = "openclipart-png", "tuxpaint-stamps-default"
ALIKE: Final = (
    Source(_CARDS, "A", "drawing", r"cards/ornamental/.*\.png"),
    Source(_CARDS, "A", "drawing", r"transportation/roadsigns/(?!quay).*\.png"),
    Source(_CARDS, "A", "drawing", r"signs_and_symbols/flags/semaphore/.*\.png"),
    Source(_CARDS, "A", "drawing", r"signs_and_symbols/map_symbols/.*\.png"),
    Source("freeorion-data", "A", "game art", r"art/icons/species/\w+\.png"),
    Source("freeorion-data", "A", "game art", r"art/icons/ship_hulls/\w+\.png"),
    Source(_ROADS, "B", "drawing", r"alphabets/english/filled/uppercase/.*\.png"),
    Source(_ROADS, "B", "drawing", r"town/roadsigns/.*\.png"),
    Source(_ROADS, "B", "drawing", r"symbols/chess/.*\.png"),
    Source(_ROADS, "B", "drawing", r"alphabets/asl/asl_[a-np-z]\.png"),
    Source(_ROADS, "B", "drawing", r"symbols/money/.*/coins/.*\.png"),
    Source(_ROADS, "B", "drawing", r"town/houses/cartoon/.*\.png"),
)
"""Series of pictures that are alike by design and all different."""

_FACES_A: Final = r"truetype/dejavu/DejaVu(Sans|Serif)(-Bold)?\.ttf"
_FACES_B: Final = r"truetype/liberation/Liberation(Sans|SansNarrow|Serif)-(Regular|Bold)\.ttf"
FONTS: Final = (
    Source("fonts-dejavu-core", "A", "text screen", _FACES_A),
    Source("fonts-liberation", "B", "text screen", _FACES_B),
)
"""What words are set in where pictures differ in them alone."""


@dataclass(frozen=True, slots=True)
class Base:
    """A picture to vary. `frames` are the files of a series, else none; `drawn` ones have no file.

    `others` are more files of the same wallpaper, each with what it is to the first.
    """

    name: str
    package: str
    kind: Kind
    path: Path | None
    frames: tuple[Path, ...] = ()
    others: tuple[tuple[Path, Label], ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a half gives: bases to vary, and what negatives are made of, no base among it.

    `series` are files alike by their design, such as playing cards; `fonts` are files too.
    """

    varied: tuple[Base, ...]
    photographs: tuple[Base, ...]
    drawings: tuple[Base, ...]
    series: tuple[tuple[Path, ...], ...]
    fonts: tuple[Path, ...] = ()


def choose(half: Half, most: int, cache: Path) -> Chosen:
    """At most `most` bases of each kind, text screens and gradients drawn to make up for few.

    A third of the photographs and a quarter of the drawings are kept for negatives in any case.
    """
    by_kind: dict[Kind, dict[str, list[Base]]] = {kind: {} for kind in KINDS}
    for source in SOURCES:
        if source.half == half:
            by_kind[source.kind].setdefault(source.package, []).extend(_of(source, cache))
    ordered = {kind: _by_turns(packages.values()) for kind, packages in by_kind.items()}
    kept: dict[Kind, list[Base]] = {}
    for kind, every in _KEPT:
        kept[kind] = [base for base in ordered[kind] if _rank(base.name)[1] % every == 0]
        ordered[kind] = [base for base in ordered[kind] if _rank(base.name)[1] % every]
    varied = [base for found in ordered.values() for base in found[:most]]
    for made, share in _DRAWN:
        few = round(most * share) - len(ordered[made])
        varied += [Base(f"drawn/{half} {made} {n:03}", "drawn", made, None) for n in range(few)]
    photographs, drawings = kept["photograph"], kept["drawing"]
    kept_still = tuple(photographs), tuple(drawings), _alike(half, cache)
    return Chosen(tuple(varied), *kept_still, _fonts(half, cache))


def _by_turns(packages: Iterable[Sequence[Base]]) -> list[Base]:
    """From each package in turn, by an order that only names decide."""
    shuffled = [sorted(each, key=lambda base: _rank(base.name)) for each in packages]
    return [base for turn in zip_longest(*shuffled) for base in turn if base is not None]


def _alike(half: Half, cache: Path) -> tuple[tuple[Path, ...], ...]:
    """Some files of each series that is there."""
    found = []
    for source in ALIKE:
        if source.half == half:
            _, files = _files(source, cache)
            files = [path for path in files if _is_large_enough(path, least_bytes=0)]
            files.sort(key=lambda path: _rank(path.name))
            found.append(tuple(files[:_MOST_ALIKE]))
    return tuple(files for files in found if files)


def _fonts(half: Half, cache: Path) -> tuple[Path, ...]:
    return tuple(path for one in FONTS if one.half == half for path in _files(one, cache)[1])


def _rank(name: str) -> bytes:
    return hashlib.sha256(f"choice {name}".encode()).digest()


def folder_of(source: Source, cache: Path) -> Path | None:
    """Where a package's files lie, fetched if need be; None when it cannot be had."""
    if source.wheel:
        name = {"scikit-image": "skimage", "scikit-learn": "sklearn"}[source.package]
        spec = importlib.util.find_spec(name)
        found = spec.submodule_search_locations if spec is not None else None
        return Path(found[0]) if found else None
    folder = cache / source.package
    if not folder.exists():
        unpack(source.package, cache)
    return folder if folder.exists() else None


def _of(source: Source, cache: Path) -> list[Base]:
    folder, files = _files(source, cache)
    if folder is None:
        return []
    return _series(source, folder, files) if source.series else _stills(source, folder, files)


def _files(source: Source, cache: Path) -> tuple[Path | None, list[Path]]:
    """The files that a source's pattern matches, sorted."""
    folder = folder_of(source, cache)
    if folder is None:
        return None, []
    wanted = re.compile(rf"(?:.*/)?(?:{source.pattern})")
    return folder, [
        path
        for path in sorted(folder.rglob("*"))
        if wanted.fullmatch(path.relative_to(folder).as_posix())
        and path.is_file()
        and not path.is_symlink()
    ]


def _stills(source: Source, folder: Path, files: Sequence[Path]) -> list[Base]:
    wallpapers: dict[str, list[Path]] = {}
    for path in files:
        if source.kind == "animation" or _is_large_enough(path):
            wallpapers.setdefault(_title(source.package, path, folder), []).append(path)
    found = []
    for title, paths in wallpapers.items():
        if title in TWINS or (source.kind == "animation" and not _moves(paths[0])):
            continue
        # The largest file is the picture; the others are its other sizes.
        paths.sort(key=lambda path: (-path.stat().st_size, path))
        more = tuple(_others(source.package, paths[0]))
        found.append(Base(title, source.package, source.kind, paths[0], others=more))
    return found


def _title(package: str, path: Path, folder: Path) -> str:
    """What a picture is called: wallpapers in several sizes have one name."""
    below = path.relative_to(folder)
    if package == "plasma-workspace-wallpapers":
        return f"{package}/{below.parts[below.parts.index('wallpapers') + 1]}"
    return f"{package}/{'/'.join(below.parts[-3:])}"


def _is_large_enough(path: Path, least_bytes: int = _LEAST_BYTES) -> bool:
    if path.stat().st_size < least_bytes:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as image:
                width, height = image.size
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            return False
    return min(width, height) >= _LEAST_SIDE and width * height <= _MOST_PIXELS


def _moves(path: Path) -> bool:
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1) >= _FEWEST_FRAMES and min(image.size) >= 18


def _series(source: Source, folder: Path, files: Sequence[Path]) -> list[Base]:
    """One base for each run of numbered files that is long enough."""
    runs: dict[str, list[tuple[int, Path]]] = {}
    for path in files:
        if match := re.fullmatch(r"(.*?)[-+~=^_]?(\d+)\.png", path.relative_to(folder).as_posix()):
            runs.setdefault(match[1], []).append((int(match[2]), path))
    found = []
    for stem, numbered in runs.items():
        name = f"{source.package}/{'/'.join(Path(stem).parts[-2:])}"
        with Image.open(numbered[0][1]) as image:
            small = min(image.size) < 24
        if len(numbered) < _FEWEST_FRAMES or small or name in TWINS:
            continue
        frames = [path for _, path in sorted(numbered)]
        step = max(1, len(frames) // 24)
        found.append(Base(name, source.package, source.kind, None, tuple(frames[::step][:32])))
    return found


TWINS: Final = frozenset(
    {
        "freeorion-data/icons/building/autolab_control_centre.png",
        "lxqt-themes/lxqt/wallpapers/waves-logo.png",  # a wallpaper that is there, with a logo
    }
)
"""Names left out because they show what another one shows, found by eye."""

OTHER_FILES: Final[tuple[tuple[str, int, str, Label], ...]] = (
    ("mate-backgrounds", 0, "Elephants_*.jpg", Label.SAME),
    ("plasma-workspace-wallpapers", 2, "contents/screenshot.*", Label.SAME),
    ("plasma-workspace-wallpapers", 2, "contents/images/1080x1920.*", Label.RELATED),
    ("plasma-workspace-wallpapers", 2, "contents/images/1622x2880.*", Label.RELATED),
    ("plasma-workspace-wallpapers", 2, "contents/images/720x1440.*", Label.RELATED),
    ("plasma-workspace-wallpapers", 2, "contents/images_dark/*", Label.RELATED),
)
"""Further files of a wallpaper, each looked at: the package, how many folders above the largest
file, a pattern below that one, and what it is. Upright ones are other cuts, dark ones repainted."""


def _others(package: str, path: Path) -> Iterator[tuple[Path, Label]]:
    for one, above, pattern, told in OTHER_FILES:
        beside = pattern.partition("_*")[0] in path.name or above
        if one == package and beside:
            for found in sorted(path.parents[above].glob(pattern)):
                yield found, told
