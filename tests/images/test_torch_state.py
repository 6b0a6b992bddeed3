from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.images.torch_state import UnreadableState, read_state
from tests.images.torch_files import (
    Lay,
    _Call,
    _Name,
    _Reference,
    channels_last,
    contiguous,
    legacy_file,
    made_up,
    pickled,
    zip_file,
    zip_of,
)

STATE: dict[str, NDArray[Any]] = {
    "conv.weight": made_up((6, 4, 3, 2), 1),
    "norm.bias": made_up((6,), 2),
    "norm.num_batches_tracked": np.array(7, np.int64),
    "norm.empty": made_up((0, 3), 3),
}
WRITERS = pytest.mark.parametrize("write", [legacy_file, zip_file], ids=["legacy", "zip"])
LAYS = pytest.mark.parametrize("lay", [contiguous, channels_last], ids=["contiguous", "last"])


@WRITERS
@LAYS
def test_every_tensor_is_read_as_it_was_written(write: Callable[..., bytes], lay: Lay) -> None:
    state = read_state(write(STATE, lay))

    assert list(state) == list(STATE)
    for name, tensor in STATE.items():
        np.testing.assert_array_equal(state[name], tensor)
        assert state[name].dtype == tensor.dtype
        assert state[name].flags.c_contiguous


@WRITERS
@given(at=st.integers(0, 2000), cut=st.booleans(), byte=st.integers(0, 255))
@settings(deadline=None, max_examples=150)
def test_a_damaged_file_is_refused_or_read_but_never_crashes(
    write: Callable[..., bytes], at: int, cut: bool, byte: int
) -> None:
    content = bytearray(write(STATE))
    at %= len(content)
    if cut:
        del content[at:]
    else:
        content[at] = byte

    try:
        state = read_state(bytes(content))
    except UnreadableState:
        return
    assert all(isinstance(tensor, np.ndarray) for tensor in state.values())


@WRITERS
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_short_is_refused(write: Callable[..., bytes], share: float) -> None:
    content = write(STATE)

    with pytest.raises(UnreadableState):
        read_state(content[: int(len(content) * share)])


@given(content=st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_bytes_that_are_no_state_dict_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableState):
        read_state(content)


class _Touch:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_a_file_that_would_run_code_is_refused_before_it_does(
    tmp_path: Path, protocol: int
) -> None:
    target = tmp_path / "made"
    hostile = pickle.dumps(OrderedDict(a=_Touch(target)), protocol)

    for content in (hostile, zip_of(hostile, {})):
        with pytest.raises(UnreadableState):
            read_state(content)
    assert not target.exists()


@pytest.mark.parametrize(
    "opcodes",
    [
        b"\x80\x02}r\xff\xff\xff\x7f.",
        b"\x80\x05\x96\xff\xff\xff\xff\xff\x00\x00\x00.",
        b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.",
        b"\x80\x02cbuiltins\ngetattr\n.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02K\x01Q.",
        b"\x80\x02.",
        b"\x80\x02" + b"(" * 100_000 + b"t" * 100_000 + b".",
    ],
    ids=[
        "memo",
        "bytearray",
        "system",
        "getattr",
        "arguments",
        "storage",
        "reference",
        "empty",
        "nested",
    ],
)
def test_a_hostile_pickle_is_refused(opcodes: bytes) -> None:
    with pytest.raises(UnreadableState):
        read_state(zip_of(opcodes, {}))


REBUILD = _Name("torch._utils", "_rebuild_tensor_v2")


def _lying(
    offset: Any = 0, shape: Any = (2, 2), strides: Any = (2, 1), count: Any = 4, kind: str = "Float"
) -> bytes:
    storage = _Reference("storage", _Name("torch", f"{kind}Storage"), "0", "cpu", count)
    call = _Call(REBUILD, storage, offset, shape, strides)
    return zip_of(pickled({"weight": call}), {"0": bytes(16)})


def test_a_tensor_within_its_storage_is_read() -> None:
    assert read_state(_lying())["weight"].shape == (2, 2)


@pytest.mark.parametrize(
    "lie",
    [
        {"offset": 1},
        {"offset": -1},
        {"strides": (2, 2)},
        {"strides": (2**30, 1)},
        {"strides": (-2, 1)},
        {"strides": (1,)},
        {"shape": (-2, 2)},
        {"shape": (2**30, 2**30), "strides": (0, 0)},
        {"shape": (2,) * 20, "strides": (0,) * 20},
        {"shape": ("2", 2)},
        {"offset": "0"},
        {"count": 5},
        {"count": 2**31 - 1},
        {"count": "4"},
        {"kind": "Double"},
        {"kind": "BFloat16"},
    ],
    ids=str,
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(lie: dict[str, Any]) -> None:
    with pytest.raises(UnreadableState):
        read_state(_lying(**lie))


def test_a_compressed_member_is_refused() -> None:
    content = zip_of(pickled({}), {"0": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)

    with pytest.raises(UnreadableState, match="compressed"):
        read_state(content)


def test_something_else_than_tensors_is_refused_and_named() -> None:
    with pytest.raises(UnreadableState, match="named tensors"):
        read_state(zip_of(pickled({"epoch": 3}), {}))
