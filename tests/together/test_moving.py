"""Files that others move at the very moment they are looked for, or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fapfav.errors import ArchiveChanged
from fapfav.jobs import convert
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.verify import verify
from fapfav.store.blobs import Kind
from fapfav.store.folder import BLOBS, TRASH_BLOBS, Folder, Staged
from fapfav.store.opening import unlock
from tests.bad_input.trouble import kept, opened
from tests.jobs.holding import Shelves, digest, picture
from tests.support import CHEAP, PASSWORD


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def shelves(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shelves]:
    made = Shelves(tmp_path / "archive", sealed=request.param)
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"))
    yield made
    made.archive.close()


@pytest.mark.parametrize(
    "look",
    [
        lambda one: one.blob_bytes(digest(1)) == picture(1),
        lambda one: one.files.read_range(digest(1), "jpg", len(picture(1)), 0, 9) == picture(1)[:9],
        lambda one: one.files.present(Kind.BLOB, digest(1), "jpg", len(picture(1))),
    ],
    ids=["whole", "range", "present"],
)
def test_a_picture_that_comes_back_between_two_looks_is_found(
    shelves: Shelves, look: Callable[[object], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shelves.archive
    with opened(archive.path, PASSWORD if archive.sealed else None) as other:
        remove_picture(other, digest(1).hex())
        looked: list[str] = []

        def meanwhile(real: Callable[..., object]) -> Callable[..., object]:
            def called(self: Folder, sub: str, *rest: object) -> object:
                if sub == TRASH_BLOBS and BLOBS in looked and "undone" not in looked:
                    looked.append("undone")
                    other.undo()
                elif sub == BLOBS:
                    looked.append(sub)
                return real(self, sub, *rest)

            return called

        for name in ("open_read", "stat"):
            monkeypatch.setattr(Folder, name, meanwhile(getattr(Folder, name)))

        assert look(archive)
        assert "undone" in looked


def test_a_picture_that_another_wrote_is_not_taken_away_as_ones_own(tmp_path: Path) -> None:
    made = Shelves(tmp_path / "archive", sealed=False)
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"))
    late = opened(made.archive.path)
    staged = late.files.stage(Kind.BLOB, digest(1), "jpg", picture(1))
    publish = Staged.publish

    def just_before(self: Staged) -> None:
        patch.undo()
        convert.encrypt(made.archive, PASSWORD, cost=CHEAP, stop=lambda: True)
        publish(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Staged, "publish", just_before)
        with pytest.raises(ArchiveChanged):
            late.files.publish([staged])
    with opened(tmp_path / "archive", PASSWORD) as again:
        convert.encrypt(again, None)

    assert kept(tmp_path / "archive", PASSWORD) == {digest(1), digest(2)}
    assert verify(unlock(tmp_path / "archive", PASSWORD)).found == []
