"""The practice pictures: what is in the folder, and whether the truth told about it is true."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from fapfav.errors import UsageError
from fapfav.practice.pictures import GatherReport, gather


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> GatherReport:
    return gather(tmp_path_factory.mktemp("practice") / "pictures")


def test_a_hundred_or_so_pictures_lie_in_named_folders(gathered: GatherReport) -> None:
    assert 100 <= len(gathered.files) <= 140
    folders = {made.path.split("/")[0] for made in gathered.files}
    assert {"Landscapes", "Objects", "Backup", "Animations"} <= folders
    assert len(folders) >= 10


def test_the_report_names_every_file_and_no_other(gathered: GatherReport) -> None:
    found = {
        path.relative_to(gathered.target).as_posix()
        for path in gathered.target.rglob("*")
        if path.is_file()
    }

    assert found == {made.path for made in gathered.files} | set(gathered.broken)
    assert gathered.size == sum((gathered.target / path).stat().st_size for path in found)


def test_every_picture_decodes_and_every_broken_file_does_not(gathered: GatherReport) -> None:
    for made in gathered.files:
        with Image.open(gathered.target / made.path) as image:
            image.load()
    for path in gathered.broken:
        with (
            pytest.raises(OSError, match=r"identify|truncated"),
            Image.open(gathered.target / path) as image,
        ):
            image.load()


def test_formats_are_varied_and_names_tell_them(gathered: GatherReport) -> None:
    formats = Counter[str]()
    for made in gathered.files:
        with Image.open(gathered.target / made.path) as image:
            formats[str(image.format)] += 1
            assert Image.registered_extensions()[Path(made.path).suffix] == image.format

    assert {"JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"} <= set(formats)


def test_animations_have_frames_and_everything_else_has_one(gathered: GatherReport) -> None:
    for made in gathered.files:
        with Image.open(gathered.target / made.path) as image:
            moving = getattr(image, "n_frames", 1) > 1
        assert moving == made.path.startswith("Animations/")


def test_only_copies_share_their_bytes_with_another_file(gathered: GatherReport) -> None:
    by_digest: dict[bytes, list[str]] = {}
    for made in gathered.files:
        digest = hashlib.sha256((gathered.target / made.path).read_bytes()).digest()
        by_digest.setdefault(digest, []).append(made.change)

    shared = [sorted(changes) for changes in by_digest.values() if len(changes) > 1]
    assert len(shared) >= 8
    assert all(changes == ["copy", "original"] for changes in shared)


def face(path: Path) -> list[float]:
    """Eight by eight grey values of all but the edges, free of brightness and contrast."""
    with Image.open(path) as image:
        grey = image.convert("RGB").convert("L")
    inner = (grey.width * 0.08, grey.height * 0.08, grey.width * 0.92, grey.height * 0.92)
    values = grey.resize((8, 8), Image.Resampling.BOX, box=inner).tobytes()
    mean = sum(values) / len(values)
    length = sum((value - mean) ** 2 for value in values) ** 0.5
    return [(value - mean) / length for value in values]


def test_every_variant_looks_like_its_own_photograph_and_most_like_that(
    gathered: GatherReport,
) -> None:
    faces = {made.path: face(gathered.target / made.path) for made in gathered.files}
    originals = {made.base: made.path for made in gathered.files if made.change == "original"}
    for made in gathered.files:
        if made.base not in originals:  # a pan is a picture of its own
            continue
        likeness = {
            base: sum(a * b for a, b in zip(faces[made.path], faces[path], strict=True))
            for base, path in originals.items()
        }
        assert likeness[made.base] > 0.9, made
        closest = max(likeness, key=lambda base: likeness[base])
        # The two motorcycles are seen by two eyes: to this eye they are one.
        assert closest.split("_")[0] == made.base.split("_")[0], made


def test_every_base_has_at_least_three_files(gathered: GatherReport) -> None:
    assert min(Counter(gathered.bases.values()).values()) >= 3
    assert len(set(gathered.bases.values())) >= 20


def test_two_runs_over_one_package_make_equal_folders(tmp_path: Path) -> None:
    first, second = (gather(tmp_path / name, ["sklearn"]) for name in ("first", "second"))

    assert first.files == second.files
    for made in first.files:
        assert (first.target / made.path).read_bytes() == (second.target / made.path).read_bytes()


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="not an empty folder"):
        gather(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_package_without_known_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'json'.*skimage, sklearn"):
        gather(tmp_path / "new", ["json"])


def test_a_missing_package_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing but the standard library and this project stays where packages are looked for.
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "site-packages" not in entry])
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:3])

    with pytest.raises(UsageError, match="pip install --no-deps scikit-learn"):
        gather(tmp_path / "new", ["sklearn"])


def test_a_package_that_lost_a_picture_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skimage" / "data").mkdir(parents=True)
    (tmp_path / "skimage" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(UsageError, match="install the pinned one"):
        gather(tmp_path / "new", ["skimage"])


def test_finding_the_pictures_imports_none_of_the_packages(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from fapfav.practice.pictures import gather\n"
        "gather(Path(sys.argv[1]), ['sklearn'])\n"
        "print(sorted({'skimage', 'sklearn', 'scipy'} & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "new")],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == "[]"
