"""Files of pictures harmed, exchanged and put there from elsewhere: the error names the picture."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.errors import DamagedFile
from fapfav.jobs.verify import verify
from fapfav.model import Digest
from fapfav.store.archive import Archive
from fapfav.store.blobs import Kind
from fapfav.store.sealing import SEGMENT, TAG
from tests.damage.regions import WAYS, Region, replaced
from tests.store.archives import blob, digest, make, picture

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
LARGE = 3 * SEGMENT - 5000
SIZES = {1: LARGE, 2: LARGE, 3: 300, 4: 300}
HEAD = 32
STEP = SEGMENT + TAG


def filled(path: Path, sealed: bool) -> Archive:
    """Two pictures of three segments and two small ones, with thumbnails of different lengths."""
    archive = make(path, sealed)
    staged = []
    for number, size in SIZES.items():
        name = digest(number, size)
        staged.append(archive.files.stage(Kind.BLOB, name, "jpg", picture(number, size)))
        staged.append(archive.files.stage(Kind.THUMB, name, "webp", thumb(number)))
    archive.files.publish(staged)
    with archive.write("read") as tx:
        for number, size in SIZES.items():
            length = len(thumb(number))
            tx.put(dataclasses.replace(blob(number, size, thumb=True), thumb_size=length))
    return archive


def thumb(number: int) -> bytes:
    return picture(number + 1000, 300 + number)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "sealed"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return filled(tmp_path_factory.mktemp("files"), request.param)


@pytest.fixture
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return filled(tmp_path_factory.mktemp("sealed"), True)


def where(archive: Archive, number: int, kind: Kind = Kind.BLOB) -> Path:
    name = digest(number, SIZES[number])
    sub, ext = ("blobs", "jpg") if kind is Kind.BLOB else ("thumbs", "webp")
    return archive.path / sub / archive.files.name(kind, name, ext)


def regions(raw: bytes, sealed: bool) -> list[Region]:
    """The fields of a picture's file; its padding is sealed and stands in the last segment."""
    if not sealed:
        return [Region("first byte", 0, 1), Region("middle", 1000, 5000), Region("end", -9, -1)]
    fields = [("magic", 0, 4), ("version", 4, 5), ("kind", 5, 6), ("reserved", 6, 8)]
    fields += [("salt", 8, HEAD), ("stated length", HEAD, HEAD + 8)]
    for number, at in enumerate(range(HEAD, len(raw), STEP)):
        end = min(at + STEP, len(raw))
        fields.append((f"segment {number}", at + 8, end - TAG))
        fields.append((f"tag {number}", end - TAG, end))
    fields.append(("padding", len(raw) - TAG - 2, len(raw) - TAG))
    return [Region(*field) for field in fields]


def assert_only_this_one_is_refused(archive: Archive, number: int, kind: Kind) -> None:
    """Reading the picture, or its thumbnail, raises what names it; all else is as it was."""
    for other, size in SIZES.items():
        one = digest(other, size)
        reads: dict[Kind, Callable[[Digest], bytes | None]] = {
            Kind.BLOB: archive.blob_bytes,
            Kind.THUMB: archive.thumbnail,
        }
        for what, read in reads.items():
            if (other, what) == (number, kind):
                with pytest.raises(DamagedFile, match=one.hex()):
                    read(one)
            else:
                right = picture(other, size) if what is Kind.BLOB else thumb(other)
                assert read(one) == right
    problems = {(p.wanted.digest, p.wanted.kind) for p in verify(archive).problems}
    assert (digest(number, SIZES[number]), kind) in problems


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("number", [1, 3])
def test_a_harmed_region_of_a_file_names_its_picture(
    archive: Archive, number: int, kind: Kind
) -> None:
    file = where(archive, number, kind)
    raw = file.read_bytes()
    for count, region in enumerate(regions(raw, archive.sealed)):
        begin, end = region.begin % len(raw), region.end % len(raw) or len(raw)
        for way in ("first bit", sorted(WAYS)[count % len(WAYS)]):
            place = Region(region.name, begin, end)
            harmed = replaced(raw, place, WAYS[way](raw[begin:end]))
            if harmed == raw or (not archive.sealed and kind is Kind.THUMB):
                continue
            file.write_bytes(harmed)
            read = archive.blob_bytes if kind is Kind.BLOB else archive.thumbnail
            with pytest.raises(DamagedFile, match=digest(number, SIZES[number]).hex()):
                read(digest(number, SIZES[number]))
    file.write_bytes(raw[:-1])
    assert_only_this_one_is_refused(archive, number, kind)
    file.write_bytes(raw)
    assert archive.blob_bytes(digest(number, SIZES[number])) == picture(number, SIZES[number])


def test_of_two_files_exchanged_both_are_named(archive: Archive) -> None:
    for a, b, kind in ((1, 2, Kind.BLOB), (3, 4, Kind.BLOB), (3, 4, Kind.THUMB)):
        first, second = where(archive, a, kind), where(archive, b, kind)
        raws = first.read_bytes(), second.read_bytes()
        first.write_bytes(raws[1])
        second.write_bytes(raws[0])
        for number in (a, b):
            name = digest(number, SIZES[number])
            with pytest.raises(DamagedFile, match=name.hex()):
                archive.blob_bytes(name) if kind is Kind.BLOB else archive.thumbnail(name)
        first.write_bytes(raws[0])
        second.write_bytes(raws[1])


@pytest.mark.parametrize(("kind", "other"), [(Kind.BLOB, Kind.THUMB), (Kind.THUMB, Kind.BLOB)])
def test_a_thumbnail_is_no_picture_and_a_picture_no_thumbnail(
    archive: Archive, kind: Kind, other: Kind
) -> None:
    file = where(archive, 3, kind)
    raw = file.read_bytes()
    file.write_bytes(where(archive, 3, other).read_bytes())
    assert_only_this_one_is_refused(archive, 3, kind)
    file.write_bytes(raw)


SEGMENTS: dict[str, Callable[[bytes, list[bytes]], bytes]] = {
    "last one dropped": lambda head, parts: head + b"".join(parts[:-1]),
    "first one dropped": lambda head, parts: head + b"".join(parts[1:]),
    "exchanged": lambda head, parts: head + parts[1] + parts[0] + parts[2],
    "the last first": lambda head, parts: head + parts[2] + parts[0] + parts[1],
    "doubled": lambda head, parts: head + parts[0] + b"".join(parts),
    "none": lambda head, _parts: head,
    "of the next version": lambda head, parts: head[:4] + b"\2" + head[5:] + b"".join(parts),
    "of the other kind": lambda head, parts: head[:5] + b"\2" + head[6:] + b"".join(parts),
    "of an unknown kind": lambda head, parts: head[:5] + b"\3" + head[6:] + b"".join(parts),
}


@pytest.mark.parametrize("way", SEGMENTS)
def test_segments_and_headers_are_those_that_were_written(sealed: Archive, way: str) -> None:
    file = where(sealed, 1)
    raw = file.read_bytes()
    parts = [raw[at : at + STEP] for at in range(HEAD, len(raw), STEP)]
    assert len(parts) == 3
    file.write_bytes(SEGMENTS[way](raw[:HEAD], parts))

    assert_only_this_one_is_refused(sealed, 1, Kind.BLOB)


def test_segments_of_another_picture_are_not_taken(sealed: Archive) -> None:
    file, raw, other = where(sealed, 1), *(where(sealed, n).read_bytes() for n in (1, 2))
    for begin, end in ((0, HEAD), (HEAD, HEAD + STEP), (HEAD + 2 * STEP, len(raw))):
        file.write_bytes(replaced(raw, Region("", begin, end), other[begin:end]))
        assert_only_this_one_is_refused(sealed, 1, Kind.BLOB)


@pytest.mark.parametrize("kind", Kind)
def test_the_same_pictures_file_of_another_archive_does_not_open(
    sealed: Archive, tmp_path: Path, kind: Kind
) -> None:
    other = filled(tmp_path, True)
    assert where(other, 1, kind).name != where(sealed, 1, kind).name
    for number in (1, 3):
        file = where(sealed, number, kind)
        raw = file.read_bytes()
        file.write_bytes(where(other, number, kind).read_bytes())

        assert_only_this_one_is_refused(sealed, number, kind)
        file.write_bytes(raw)


def test_an_older_thumbnail_of_the_same_picture_is_authentic_and_all_that_can_be_put_back(
    sealed: Archive,
) -> None:
    file, name = where(sealed, 3, Kind.THUMB), digest(3, SIZES[3])
    older = file.read_bytes()
    sealed.files.publish([sealed.files.stage(Kind.THUMB, name, "webp", thumb(3))])
    assert file.read_bytes() != older
    file.write_bytes(older)

    assert sealed.thumbnail(name) == thumb(3)


@BOTH
def test_a_file_longer_than_any_picture_is_not_read_to_its_end(
    tmp_path: Path, sealed: bool
) -> None:
    archive = filled(tmp_path, sealed)
    name, huge = digest(3, SIZES[3]), 2**38
    with archive.write("read") as tx:
        tx.put(dataclasses.replace(blob(3, thumb=True), size=huge))
    with where(archive, 3).open("r+b") as file:
        file.truncate(archive.files.stored_size(Kind.BLOB, huge))

    with pytest.raises(DamagedFile, match="is the limit"):
        archive.blob_bytes(name)
    problems = {p.wanted.digest for p in verify(archive).problems if p.wanted.kind is Kind.BLOB}
    assert problems == {name}
    assert hashlib.sha256(picture(3)).digest() == name
