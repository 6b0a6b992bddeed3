import hashlib
import os
import shutil
from pathlib import Path

import pytest

from fapfav.errors import BadPicture, SourceError, UsageError
from fapfav.model import AlbumKey, ImageRef, Place, PlaceState
from fapfav.sources.local import LocalFolder
from tests.sources.contract import SourceContract
from tests.sources.pictures import DISK, albums, names, picture, put, refs


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "pics"
    put(root / "b.jpg", picture(1))
    put(root / "A.PNG", picture(2, "PNG"))
    put(root / "summer" / "lake" / "c.gif", picture(3, "GIF"))
    put(root / "summer" / "lake" / "copy of c.gif", picture(3, "GIF"))
    put(root / "summer" / "lake" / "x\x1fy\x07.gif", picture(4, "GIF"))
    put(os.fsencode(root / "winter") + b"/caf\xe9.jpg", picture(5))
    put(root / "winter" / "notes.txt", b"no picture")
    return root


class TestLocalFolder(SourceContract):
    @pytest.fixture
    def source(self, tree: Path) -> LocalFolder:
        return LocalFolder(tree)

    @pytest.fixture
    def lost(self, tree: Path, source: LocalFolder) -> ImageRef:
        (ref, *_) = refs(source, "pics")
        (tree / ref.name).unlink()
        return ref

    @pytest.fixture
    def troubled(self, tree: Path) -> LocalFolder:
        folder = LocalFolder(tree)
        shutil.rmtree(tree)
        return folder


def test_every_directory_that_holds_pictures_is_an_album(tree: Path) -> None:
    found = albums(LocalFolder(tree))

    assert list(found) == ["pics", "pics/summer/lake", "pics/winter"]
    assert {album.kind for album in found.values()} == {"directory"}
    assert all(len(album.album) == 32 for album in found.values())


def test_pictures_come_by_name_whatever_the_case(tmp_path: Path) -> None:
    for name in ("b.jpg", "A.jpg", "a.jpg", "C.jpg", "10.jpg", "9.jpg"):
        put(tmp_path / "pics" / name)

    found = names(LocalFolder(tmp_path / "pics"), "pics")

    assert found == ["10.jpg", "9.jpg", "A.jpg", "a.jpg", "b.jpg", "C.jpg"]


def test_a_moved_tree_keeps_its_ids(tree: Path, tmp_path: Path) -> None:
    before = LocalFolder(tree)
    ids = [before.fetch(ref).place for ref in refs(before, "pics/summer/lake")]
    moved = tmp_path / "other disk" / "pics"
    moved.parent.mkdir()
    tree.rename(moved)
    after = LocalFolder(moved)

    assert [after.fetch(ref).place for ref in refs(after, "pics/summer/lake")] == ids


def test_a_linked_folder_has_the_ids_of_the_folder_itself(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(tree)

    assert albums(LocalFolder(tmp_path / "shortcut")) == albums(LocalFolder(tree))


def test_ids_are_made_of_paths_and_bytes(tree: Path) -> None:
    folder = LocalFolder(tree)
    (ref, *_) = refs(folder, "pics/summer/lake")
    data = picture(3, "GIF")
    picture_id = hashlib.sha256(b"summer/lake/c.gif" + hashlib.sha256(data).digest()).hexdigest()

    assert ref.place.album == hashlib.sha256(b"pics/summer/lake").hexdigest()[:32]
    assert folder.fetch(ref).place.image == picture_id[:32]


def test_a_file_edited_in_place_becomes_a_new_place(tree: Path) -> None:
    folder = LocalFolder(tree)
    before = refs(folder, "pics")[0]
    place = folder.fetch(before).place
    put(tree / "A.PNG", picture(99, "PNG") + b"longer")
    after = refs(folder, "pics")[0]

    assert before.place == after.place
    assert before.stamp != after.stamp
    assert folder.fetch(after).place != place


def test_a_touched_file_stays_the_same_place(tree: Path) -> None:
    folder = LocalFolder(tree)
    before = refs(folder, "pics")[0]
    place = folder.fetch(before).place
    os.utime(tree / "A.PNG", (1_000_000_000, 1_000_000_000))
    after = refs(folder, "pics")[0]

    assert before.stamp != after.stamp
    assert folder.fetch(after).place == place
    assert folder.fetch(after).posted == 1_000_000_000


def test_the_stamp_is_size_and_time(tree: Path) -> None:
    os.utime(tree / "A.PNG", ns=(5, 1_000_000_000_000_000_007))

    ref = refs(LocalFolder(tree), "pics")[0]

    assert ref.stamp == f"{(tree / 'A.PNG').stat().st_size}:1000000000000000007"


def test_a_time_before_1970_is_no_time(tree: Path) -> None:
    os.utime(tree / "A.PNG", (-100, -100))
    folder = LocalFolder(tree)

    assert folder.fetch(refs(folder, "pics")[0]).posted == 0


def test_names_in_other_encodings_keep_their_bytes(tree: Path) -> None:
    folder = LocalFolder(tree)
    (ref,) = refs(folder, "pics/winter")

    assert ref.name == "caf\ufffd.jpg"
    assert ref.raw == b"caf\xe9.jpg"
    assert folder.fetch(ref).data == picture(5)


def test_names_that_text_can_say_need_no_bytes(tmp_path: Path) -> None:
    for name in ("été.jpg", "ｆｕｌｌ.jpg", "ﬁ ½.jpg", "写真.jpg"):
        put(tmp_path / "pics" / name)

    found = refs(LocalFolder(tmp_path / "pics"), "pics")

    assert {ref.name for ref in found} == {"été.jpg", "ｆｕｌｌ.jpg", "ﬁ ½.jpg", "写真.jpg"}
    assert {ref.raw for ref in found} == {b""}


def test_two_names_that_show_alike_are_two_pictures(tmp_path: Path) -> None:
    for raw in (b"a\xe9.jpg", b"a\xe8.jpg", b"b?.jpg", b"b.jpg", b"b\n.jpg"):
        put(os.fsencode(tmp_path) + b"/pics/" + raw)
    folder = LocalFolder(tmp_path / "pics")
    found = refs(folder, "pics")

    assert len({ref.name for ref in found}) == 2
    assert len({(ref.name, ref.raw) for ref in found}) == 5
    assert len({folder.fetch(ref).place for ref in found}) == 5


def test_directories_in_other_encodings_are_albums(tmp_path: Path) -> None:
    for raw in (b"\xe9", b"\xe8", b"tab\there"):
        put(os.fsencode(tmp_path) + b"/pics/" + raw + b"/x.jpg")

    found = list(LocalFolder(tmp_path / "pics").albums(DISK))

    assert [a.name for a in found] == ["pics/tabhere", "pics/\ufffd", "pics/\ufffd"]
    assert len({a.album for a in found}) == 3


def test_files_without_a_suffix_are_told_by_their_first_bytes(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    kinds = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF")
    for kind in kinds:
        put(root / kind, picture(1, kind))
    put(root / "README", b"BMW and RIFF are words")
    put(root / "empty", b"")

    assert names(LocalFolder(root), "pics") == sorted(kinds)


def test_a_pictures_suffix_needs_no_look_at_the_bytes(tmp_path: Path) -> None:
    put(tmp_path / "pics" / "page.jpg", b"<html>no picture</html>")
    put(tmp_path / "pics" / "picture.txt", picture())

    folder = LocalFolder(tmp_path / "pics")

    assert names(folder, "pics") == ["page.jpg"]
    assert folder.fetch(refs(folder, "pics")[0]).data == b"<html>no picture</html>"


def test_hidden_directories_and_companion_files_are_skipped(tmp_path: Path) -> None:
    root = tmp_path / "pics"
    for name in (".thumbnails/a.jpg", ".git/b.jpg", "._c.jpg", ".hidden.jpg", "d.jpg"):
        put(root / name)

    folder = LocalFolder(root)

    assert list(albums(folder)) == ["pics"]
    assert names(folder, "pics") == [".hidden.jpg", "d.jpg"]


def test_a_hidden_folder_that_is_asked_for_is_read(tmp_path: Path) -> None:
    put(tmp_path / ".private" / "a.jpg")

    assert list(albums(LocalFolder(tmp_path / ".private"))) == [".private"]


def test_a_folder_without_pictures_has_no_albums(tmp_path: Path) -> None:
    put(tmp_path / "notes.txt", b"words")

    folder = LocalFolder(tmp_path)

    assert list(folder.albums(DISK)) == []
    assert folder.problems == ()


def test_an_album_is_found_without_listing_albums_first(tree: Path) -> None:
    key = AlbumKey(*DISK, albums(LocalFolder(tree))["pics/winter"].album)

    assert len(list(LocalFolder(tree).images(key, ""))) == 1


def test_a_reference_cannot_leave_the_folder(tree: Path) -> None:
    put(tree.parent / "private.jpg")
    folder = LocalFolder(tree)
    (ref, *_) = refs(folder, "pics")

    for address in ("../private.jpg", "summer/../../private.jpg", str(tree.parent), "", "a//b"):
        with pytest.raises(SourceError, match="no file below pics"):
            folder.fetch(ImageRef(ref.place, ref.name, address=address))


@pytest.mark.parametrize(
    ("size", "reason"), [(0, "empty file"), (1001, "too large: 1001 bytes, at most 1000")]
)
def test_sizes_out_of_bounds_are_bad_pictures(tmp_path: Path, size: int, reason: str) -> None:
    put(tmp_path / "pics" / "a.jpg", b"x" * size)
    put(tmp_path / "pics" / "b.jpg", b"x" * 1000)
    folder = LocalFolder(tmp_path / "pics", largest=1000)
    one, other = refs(folder, "pics")

    with pytest.raises(BadPicture, match=reason):
        folder.fetch(one)
    assert len(folder.fetch(other).data) == 1000


def test_checking_says_how_far_it_came(tree: Path, tmp_path: Path) -> None:
    folder = LocalFolder(tree)
    picture_found = folder.fetch(refs(folder, "pics/winter")[0])
    place = Place(
        *picture_found.place,
        position=0,
        name=picture_found.name,
        state=PlaceState.STORED,
        served_size=len(picture_found.data),
        raw=b"caf\xe9.jpg",
    )
    file = os.fsencode(tree / "winter") + b"/caf\xe9.jpg"

    level, address = folder.check(place)
    assert (level, address.rpartition("/")[2]) == (0, "caf%E9.jpg")
    put(file, b"another")
    assert folder.check(place)[0] == 3
    os.unlink(file)
    assert folder.check(place)[0] == 2
    shutil.rmtree(tree / "winter")
    assert LocalFolder(tree).check(place)[0] == 1


def test_users_and_albums_of_other_sources_are_refused(tree: Path) -> None:
    folder = LocalFolder(tree)
    (album, *_) = albums(folder).values()

    with pytest.raises(UsageError, match="not below pics"):
        list(folder.images(AlbumKey("imagefap", "1", album.album), ""))
