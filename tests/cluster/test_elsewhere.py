"""fapfav/jobs/elsewhere.py: what leaves this process for an executor, and what comes back."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fapfav.errors import UsageError
from fapfav.jobs import elsewhere
from fapfav.jobs.elsewhere import Elsewhere, NamedModel
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.parcels import ElsewhereError, Parcels, Undone
from fapfav.jobs.read import Settings, read
from fapfav.model import Progress
from fapfav.sources.local import LocalFolder
from tests.cluster.local import holdings
from tests.support import PASSWORD, album, new_archive, read_folder


class Model:
    """Eight numbers for a picture: the mean colours of its corners."""

    space = "cnn/eight/1"
    width = 8

    def __call__(self, rgb: Image.Image) -> NDArray[np.float32]:
        small = np.asarray(rgb.convert("L").resize((4, 2)), np.float32).reshape(-1) + 1
        return small / np.float32(np.linalg.norm(small))


class LookedAt(Executor):
    """Does the work here, of what was pickled and unpickled as it would be on the way."""

    def __init__(self) -> None:
        self.sent = b""
        self.came = b""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        call = pickle.dumps((fn, args))
        self.sent += call
        future: Future[Any] = Future()
        work, given = pickle.loads(call)
        try:
            answer = pickle.dumps(work(*given))
        except Exception as error:
            future.set_exception(error)
        else:
            self.came += answer
            future.set_result(pickle.loads(answer))
        return future


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "pictures" / "a secret name", 6)
    return tmp_path / "pictures"


def test_any_executor_makes_the_archive_that_none_makes(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "here") as here, new_archive(tmp_path / "there") as there:
        read_folder(here, folder)
        with ThreadPoolExecutor(2) as pool:
            report = read_folder(there, folder, elsewhere=pool)

        assert report.saved == 6
        assert holdings(there) == holdings(here)


def test_bytes_of_pictures_leave_and_nothing_else_of_an_archive(
    tmp_path: Path, folder: Path
) -> None:
    way = LookedAt()
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder, elsewhere=way)
        keys = archive._keys

    pictures = [path.read_bytes() for path in folder.rglob("*.jpg")]
    assert all(raw in way.sent for raw in pictures)
    private = [PASSWORD, "a secret name", "hill-0000", "archive", str(tmp_path)]
    assert keys is not None
    private_bytes = [*(word.encode() for word in private), keys.blob, keys.name, keys.database]
    private_bytes += [hashlib.sha256(raw).digest() for raw in pictures]
    assert [word for word in private_bytes if word in way.sent + way.came] == []
    assert len(way.sent) < sum(map(len, pictures)) + 6 * 300


def test_a_model_goes_by_its_name_and_is_loaded_there(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    elsewhere._loaded.cache_clear()

    def load(setting: str, _folder: Path) -> Model:
        loaded.append(setting)
        return Model()

    monkeypatch.setattr(elsewhere, "load_embedder", load)
    here = NamedModel("lite0", Model())
    picture = Image.new("RGB", (8, 8), (10, 200, 30))

    sent = pickle.dumps(here)
    there = [pickle.loads(sent) for _ in range(2)]

    assert len(sent) < 300
    assert loaded == []
    assert all(np.array_equal(one(picture), here(picture)) for one in there)
    assert loaded == ["lite0"]
    assert (there[0].space, there[0].width) == (Model.space, Model.width)


def test_another_model_of_that_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(Model):
        space = "cnn/eight/2"

    elsewhere._loaded.cache_clear()
    monkeypatch.setattr(elsewhere, "load_embedder", lambda *_: Other())
    there = pickle.loads(pickle.dumps(NamedModel("lite0", Model())))

    with pytest.raises(ElsewhereError, match="cnn/eight/2, not cnn/eight/1"):
        there(Image.new("RGB", (8, 8)))


def test_a_model_that_is_a_file_stays_here() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(UsageError, match="is not sent elsewhere"):
        Elsewhere(ModelInUse("/home/me/mine.onnx", Model()), pool)


class Giving(Executor):
    """Does a piece of work when it is told that it may, by the bytes of each of its pictures."""

    def __init__(self, may: Callable[[bytes], bool], workers: int = 1) -> None:
        self.workers = workers
        self.pieces: list[int] = []
        self._may = may

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        (calls,) = args
        self.pieces.append(len(calls))
        allowed = [self._may(call.picture) for call in calls]
        if all(allowed):
            return done(fn(calls))
        return failed(Undone("each worker ended"))


def failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def test_the_picture_that_ends_every_worker_fails_and_the_others_come_in(
    tmp_path: Path, folder: Path
) -> None:
    bad = sorted(folder.rglob("*.jpg"))[2].read_bytes()
    way = Giving(lambda raw: raw != bad)

    with new_archive(tmp_path / "archive") as archive:
        report = read_folder(archive, folder, elsewhere=way)

    assert (report.saved, report.failed) == (5, 1)
    assert report.failures[0][1:] == ("hill-0002.jpg", "each worker ended")


class Silent(Executor):
    """Never answers."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_who_interrupts_waits_for_no_answer(tmp_path: Path, folder: Path) -> None:
    waited: list[str] = []

    def interrupt(progress: Progress) -> None:
        waited.append(progress.doing)
        raise KeyboardInterrupt

    settings = Settings(ModelInUse(), elsewhere=Silent())
    with new_archive(tmp_path / "archive") as archive:
        with pytest.raises(KeyboardInterrupt):
            read(archive, LocalFolder(folder), settings, tell=interrupt)

        assert waited == ["reading"]
        assert read_folder(archive, folder).saved == 6


def test_a_read_asked_to_stop_finishes_what_it_began_and_goes_on_later(
    tmp_path: Path, folder: Path
) -> None:
    album(tmp_path / "pictures", 24, start=10)
    begun: list[int] = []
    asked = threading.Event()

    def may(raw: bytes) -> bool:
        begun.append(len(raw))
        return len(begun) <= 13 or asked.wait(60)

    def stop() -> bool:
        if len(begun) >= 13:
            asked.set()
        return asked.is_set()

    settings = Settings(ModelInUse(), elsewhere=Giving(may), workers=2)
    with new_archive(tmp_path / "archive") as archive:
        first = read(archive, LocalFolder(tmp_path / "pictures"), settings, stop=stop)
        second = read_folder(archive, tmp_path / "pictures")

    assert first.stopped
    assert first.failed == 0
    assert 13 <= first.saved <= len(begun) < 30
    assert first.saved + second.saved == 30


class Everywhere(Silent):
    """One worker, which gives the prints of another picture."""

    def __init__(self, other: bytes) -> None:
        self._other = other

    def everywhere(self, fn: Callable[..., Any], *args: Any) -> dict[str, Future[Any]]:
        return {"tls://one:1": done(fn(self._other, *args[1:]))}


def test_a_worker_with_other_prints_of_one_picture_is_refused(tmp_path: Path, folder: Path) -> None:
    other = Everywhere(next(folder.rglob("*.jpg")).read_bytes())

    with (
        new_archive(tmp_path / "archive") as archive,
        pytest.raises(ElsewhereError, match="tls://one:1 is refused: it makes other hashes"),
    ):
        read_folder(archive, folder, elsewhere=other)


def test_pictures_under_way_fill_the_parcels_of_all_workers_and_are_bounded() -> None:
    with ThreadPoolExecutor(3) as few, ThreadPoolExecutor(500) as many:
        assert Elsewhere(ModelInUse(), few).at_once == 3 * Parcels.AHEAD * Parcels.MOST
        assert Elsewhere(ModelInUse(), many).at_once == elsewhere.MOST
