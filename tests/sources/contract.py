"""What every source promises, as tests: a source's own tests inherit `SourceContract`.

They give it the fixtures `source` (with at least one album of at least two pictures), `lost` (a
reference to a picture that is no longer there) and `troubled` (a source whose site or folder went
away after it was opened).
"""

from __future__ import annotations

import pytest

from fapfav.errors import BadPicture, FapfavError, SourceError, UsageError
from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Place, PlaceState, UserKey
from fapfav.sources.base import Source


def key_of(album: Album) -> AlbumKey:
    """The key an album is asked for by."""
    return AlbumKey(album.source, album.user, album.album)


def all_albums(source: Source) -> list[Album]:
    """The albums of all users."""
    users = [UserKey(user.source, user.user) for user in source.users()]
    return [album for user in users for album in source.albums(user)]


def all_images(source: Source) -> list[ImageRef]:
    """The pictures of all albums."""
    found = (item for album in all_albums(source) for item in source.images(key_of(album), ""))
    return [item for item in found if isinstance(item, ImageRef)]


class SourceContract:
    """One suite for every source."""

    def test_users_are_the_sources_own(self, source: Source) -> None:
        users = list(source.users())

        assert users
        assert {user.source for user in users} == {source.name}
        assert all(user.user and user.name for user in users)

    def test_albums_belong_to_their_user_and_come_once(self, source: Source) -> None:
        for user in source.users():
            albums = list(source.albums(UserKey(user.source, user.user)))

            assert albums
            assert {(a.source, a.user) for a in albums} == {(user.source, user.user)}
            assert len({a.album for a in albums}) == len(albums)
            assert all(a.name.strip() for a in albums)

    def test_images_belong_to_their_album(self, source: Source) -> None:
        for album in all_albums(source):
            items = list(source.images(key_of(album), ""))

            assert any(isinstance(item, ImageRef) for item in items)
            for item in items:
                owner = item.album if isinstance(item, Cursor) else AlbumKey(*item.place[:3])
                assert owner == key_of(album)

    def test_listing_twice_gives_the_same(self, source: Source) -> None:
        assert all_albums(source) == all_albums(source)
        assert all_images(source) == all_images(source)

    def test_ids_and_names_can_be_stored(self, source: Source) -> None:
        for ref in all_images(source):
            key = source.fetch(ref).place

            assert not any(ord(c) < 32 or ord(c) == 127 for part in key for c in part)
            assert all(ord(c) >= 32 for c in ref.name)
            ref.name.encode()

    def test_a_cursor_goes_on_where_it_was_given(self, source: Source) -> None:
        for album in all_albums(source):
            items = list(source.images(key_of(album), ""))
            cursors = {i: c.value for i, c in enumerate(items) if isinstance(c, Cursor)}
            for at, value in {-1: "", **cursors}.items():
                rest = [item for item in items[at + 1 :] if isinstance(item, ImageRef)]
                again = source.images(key_of(album), value)
                # A site can show a picture twice: what came before the cursor may come once more.
                new = [item for item in again if item not in items[: at + 1]]

                assert [item for item in new if isinstance(item, ImageRef)] == rest

    def test_a_picture_has_bytes_and_its_place(self, source: Source) -> None:
        for ref in all_images(source):
            picture = source.fetch(ref)

            assert picture.data
            assert picture.place[:3] == ref.place[:3]
            assert picture.place.image
            assert ref.place.image in ("", picture.place.image)
            assert picture.posted >= 0

    def test_every_picture_has_a_place_of_its_own(self, source: Source) -> None:
        places = [source.fetch(ref).place for ref in all_images(source)]

        assert len(set(places)) == len(places)

    def test_fetching_twice_gives_the_same(self, source: Source) -> None:
        ref = all_images(source)[0]

        assert source.fetch(ref) == source.fetch(ref)

    def test_the_stamp_of_a_reference_is_that_of_its_picture(self, source: Source) -> None:
        for ref in all_images(source):
            assert ref.stamp in ("", source.fetch(ref).stamp)

    def test_a_lost_picture_is_a_bad_one_with_a_reason(
        self, source: Source, lost: ImageRef
    ) -> None:
        with pytest.raises(BadPicture, match=r"\w"):
            source.fetch(lost)

    def test_strangers_are_refused(self, source: Source) -> None:
        with pytest.raises(UsageError):
            list(source.albums(UserKey(source.name, "nobody")))
        with pytest.raises(FapfavError):
            list(source.images(AlbumKey(source.name, "nobody", "nothing"), ""))

    def test_what_is_there_checks_as_there(self, source: Source) -> None:
        for ref in all_images(source):
            picture = source.fetch(ref)
            place = Place(
                *picture.place,
                position=0,
                name=picture.name,
                state=PlaceState.STORED,
                served_size=len(picture.data),
                stamp=picture.stamp,
                raw=ref.raw,
            )

            level, address = source.check(place)

            assert level == 0
            assert ":" in address

    def test_a_troubled_source_is_no_empty_one(self, troubled: Source) -> None:
        with pytest.raises(SourceError):
            all_images(troubled)
