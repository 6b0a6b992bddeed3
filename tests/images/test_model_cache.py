from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.images.model_cache import cached_model


def _never() -> bytes:
    raise AssertionError("made a second time")


def test_a_model_is_made_once_and_read_afterwards(tmp_path: Path) -> None:
    cache = tmp_path / "a" / "fapfav"

    assert cached_model(cache, "small-1", lambda: b"model") == b"model"
    assert cached_model(cache, "small-1", _never) == b"model"
    assert len(list(cache.iterdir())) == 1


def test_another_name_is_another_model(tmp_path: Path) -> None:
    cached_model(tmp_path, "small-1", lambda: b"one")

    assert cached_model(tmp_path, "small-2", lambda: b"two") == b"two"
    assert cached_model(tmp_path, "small-1", _never) == b"one"


@pytest.mark.parametrize("content", [b"", b"modeL", b"model and more"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    cached_model(tmp_path, "small-1", lambda: b"model")
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)

    assert cached_model(tmp_path, "small-1", lambda: b"model") == b"model"
    assert path.read_bytes() == b"model"


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not a folder")

    assert cached_model(tmp_path / "file" / "fapfav", "small-1", lambda: b"model") == b"model"


def test_a_folder_in_place_of_the_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / f"small-1.{'0' * 64}.onnx").mkdir()

    assert cached_model(tmp_path, "small-1", lambda: b"model") == b"model"


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached_model(tmp_path, "small-1", lambda: b"model")

    assert not list(tmp_path.iterdir())


def test_only_the_user_may_enter_the_cache(tmp_path: Path) -> None:
    cached_model(tmp_path / "fapfav", "small-1", lambda: b"model")

    assert (tmp_path / "fapfav").stat().st_mode & 0o777 == 0o700
