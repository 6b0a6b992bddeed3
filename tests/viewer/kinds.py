"""An archive of one picture of each kind, served over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fapfav.jobs.library import Archive
from fapfav.model import Digest
from tests.support import encoded, landscape, new_archive, read_folder
from tests.viewer.archives import copied
from tests.viewer.wire import Wire, wired
from viewer.addresses import name_of

FILES = {
    "still.jpg": ("jpg", "JPEG"),
    "still.png": ("png", "PNG"),
    "still.webp": ("webp", "WEBP"),
    "still.bmp": ("bmp", "BMP"),
    "scan.tif": ("tif", "TIFF"),
}


def noise(side: int) -> bytes:
    """A PNG that nothing makes smaller: three bytes a pixel."""
    pixels = np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels), "PNG", compress_level=1)


def write(folder: Path) -> None:
    """The pictures."""
    folder.mkdir()
    for seed, (name, (_, kind)) in enumerate(FILES.items()):
        (folder / name).write_bytes(encoded(landscape(seed, 320, 240), kind))
    frames = [landscape(40 + turn, 160, 120) for turn in range(3)]
    frames[0].save(
        folder / "waves.gif", save_all=True, append_images=frames[1:], duration=200, loop=0
    )
    (folder / "large.png").write_bytes(noise(1300))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """By whether it is sealed, an archive of one picture of each kind."""
    base = tmp_path_factory.mktemp("shown")
    write(base / "pictures")
    found = {}
    for sealed in (False, True):
        found[sealed] = base / ("sealed" if sealed else "plain")
        with new_archive(found[sealed], sealed=sealed) as archive:
            read_folder(archive, base / "pictures")
    return found


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def wire(request: pytest.FixtureRequest, shown: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    """Who was let in to a server of it."""
    with wired(copied(shown[request.param], tmp_path / "archive"), sealed=request.param) as found:
        yield found


def archive_of(wire: Wire) -> Archive:
    """The archive that is served."""
    return wire.viewer.peek()


def one(wire: Wire, ext: str, *, large: bool = False) -> tuple[Digest, str, bytes]:
    """A picture of that type: digest, name in addresses, bytes."""
    archive = archive_of(wire)
    for blob in archive.blobs.records():
        if blob.ext == ext and (blob.size > 2**20) == large:
            return blob.digest, name_of(archive, blob.digest), archive.blob_bytes(blob.digest)
    raise AssertionError(ext)
