"""fapfav/store/archive.py: pictures are read checked, and what is not there is said."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from fapfav.errors import DamagedFile, UsageError
from fapfav.model import Config
from fapfav.store.archive import Archive
from tests.store.archives import add_pictures, delete, digest, make, picture, reopened, tables

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


@BOTH
def test_pictures_and_thumbnails_are_read_by_digest(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, thumb=True)
    add_pictures(archive, 2)
    assert archive.blob_bytes(digest(1)) == archive.blob_bytes(digest(1).hex()) == picture(1)
    assert archive.thumbnail(digest(1)) == picture(1001)
    assert archive.thumbnail(digest(2)) is None


def test_a_picture_that_is_not_here_or_is_no_digest_is_named(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1)
    with archive.write("trash") as tx:
        delete(tx, 1)
    for one in (digest(1), digest(2)):
        with pytest.raises(DamagedFile, match=one.hex()):
            archive.blob_bytes(one)
    with pytest.raises(UsageError, match="is no digest"):
        archive.thumbnail("12ab")


@BOTH
def test_a_damaged_picture_is_never_given_out(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, 2)
    one, two = sorted((tmp_path / "blobs").iterdir())
    raw = one.read_bytes()
    for bad in (two.read_bytes(), raw[:-1], raw + b"\0", b"", raw[:40] + b"\xff" + raw[41:]):
        one.write_bytes(bad)
        found = 0
        for number in (1, 2):
            with suppress(DamagedFile):
                assert archive.blob_bytes(digest(number)) == picture(number)
                found += 1
        assert found == 1


def test_the_archive_knows_where_it_ends(tmp_path: Path) -> None:
    archive = make(tmp_path)
    tags = {}
    for value in range(5):
        with archive.write("tag") as tx:
            tx.put(Config("value", value))
        sequence, tag = archive.last
        tags[sequence] = tag
    for one in (archive, reopened(tmp_path)):
        assert {sequence: one.tag_of(sequence) for sequence in tags} == tags
        assert one.tag_of(max(tags) + 1) is None
        assert one.last == (max(tags), tags[max(tags)])
    archive.compact()
    assert archive.tag_of(min(tags)) is None
    assert archive.tag_of(max(tags)) == tags[max(tags)]
    assert archive.database_size == (tmp_path / "imagefap.database").stat().st_size


def test_settings_have_a_default_until_they_have_a_value(tmp_path: Path) -> None:
    archive = make(tmp_path)
    assert archive.config("limit", 7) == 7
    with archive.write("tag") as tx:
        tx.put(Config("limit", None))
    assert archive.config("limit", 7) is None


def test_an_archive_of_a_class_of_its_own_is_made_and_opened(tmp_path: Path) -> None:
    from fapfav.store.opening import create_archive, open_archive

    class Mine(Archive):
        pass

    with create_archive(tmp_path, None, plain=True, kind=Mine) as archive:
        assert type(archive) is Mine
    assert type(open_archive(tmp_path, kind=Mine)) is Mine
    assert repr(archive) == f"<Archive {str(tmp_path)!r}>"


def test_opening_reading_and_closing_write_nothing(tmp_path: Path) -> None:
    made = make(tmp_path, sealed=True)
    add_pictures(made, 1)
    before = {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]}
    with reopened(tmp_path, sealed=True) as archive:
        archive.refresh()
        archive.blob_bytes(digest(1))
        archive.values_before(1)
        assert tables(archive) == tables(made)
    assert before == {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]}
