"""Writes the files torch leaves behind, without torch, and fills networks with made-up weights."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STORAGES = {"f": "FloatStorage", "i": "LongStorage"}


def made_up(shape: Sequence[int], seed: int) -> NDArray[np.float32]:
    """Numbers from -1 to 1, the same on every computer: a mixed counter, no library's random."""
    count = int(np.prod(shape, dtype=np.int64))
    mixed = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B1 % 2**32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return (mixed / 2**31 - 1).astype(np.float32).reshape(tuple(shape))


def made_up_state(shapes: Mapping[str, Sequence[int]]) -> dict[str, NDArray[Any]]:
    """A state dict of these shapes whose values neither die out nor grow from layer to layer."""
    state: dict[str, NDArray[Any]] = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        values = made_up(shape, seed)
        if name.endswith("num_batches_tracked"):
            state[name] = np.zeros((), np.int64)
        elif name.endswith("running_var"):
            state[name] = 1 + values / 2
        elif len(shape) == 4:
            state[name] = values * np.float32(2 / np.sqrt(np.prod(shape[1:])))
        elif name.endswith("weight"):
            state[name] = 1 + values / 4
        else:
            state[name] = values / 4
    return state


def made_up_pixels(seed: int) -> NDArray[np.uint8]:
    """A picture (224, 224, 3): coarse noise over a slope, with something at every scale."""
    total = np.zeros((224, 224, 3))
    for number, cells in enumerate((4, 14, 56)):
        noise = made_up((cells, cells, 3), seed * 10 + number)
        total += np.kron(noise, np.ones((224 // cells, 224 // cells, 1))) / (1 + number)
    total += np.linspace(-1, 1, 224)[:, None, None]
    return np.clip(128 + total * 50, 0, 255).astype(np.uint8)


class _Name:
    """Something the file names by module and name."""

    def __init__(self, module: str, name: str) -> None:
        self.text = f"c{module}\n{name}\n".encode()


class _Call:
    """A named function called with arguments."""

    def __init__(self, name: _Name, *arguments: Any) -> None:
        self.name, self.arguments = name, arguments


class _Reference:
    """What torch calls a persistent id."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts


def _opcodes(value: Any) -> bytes:
    """A value as opcodes of the pickle machine, as torch's writer of protocol 2 gives them."""
    if isinstance(value, _Name):
        return value.text
    if isinstance(value, _Call):
        return _opcodes(value.name) + _opcodes(value.arguments) + b"R"
    if isinstance(value, _Reference):
        return _opcodes(value.parts) + b"Q"
    return _plain(value)


def _plain(value: Any) -> bytes:
    match value:
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int() if 0 <= value < 256:
            return b"K" + struct.pack("<B", value)
        case int():
            return b"J" + struct.pack("<i", value)
        case str():
            return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
        case tuple():
            return b"(" + b"".join(map(_opcodes, value)) + b"t"
        case dict():
            pairs = b"".join(_opcodes(key) + _opcodes(item) for key, item in value.items())
            return b"ccollections\nOrderedDict\n)R(" + pairs + b"u"
        case _:
            raise TypeError(type(value))


def pickled(value: Any) -> bytes:
    """One pickle of protocol 2."""
    return b"\x80\x02" + _opcodes(value) + b"."


Lay = Callable[[NDArray[Any]], tuple[NDArray[Any], tuple[int, ...]]]


def contiguous(tensor: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, ...]]:
    """A tensor's numbers in the order they are stored, and its strides in elements."""
    strides = tuple(int(np.prod(tensor.shape[at + 1 :])) for at in range(tensor.ndim))
    return tensor.reshape(-1), strides


def channels_last(tensor: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, ...]]:
    """The same with the second axis stored last, as torch may leave convolutions."""
    if tensor.ndim != 4:
        return contiguous(tensor)
    _, channels, rows, columns = tensor.shape
    strides = (rows * columns * channels, 1, columns * channels, channels)
    return tensor.transpose(0, 2, 3, 1).reshape(-1), strides


def described(
    state: Mapping[str, NDArray[Any]], lay: Lay, *more: Any
) -> tuple[dict[str, _Call], dict[str, NDArray[Any]]]:
    """Tensors as calls, and their storages by key."""
    calls, storages = {}, {}
    for number, (name, tensor) in enumerate(state.items()):
        numbers, strides = lay(tensor)
        key = str(number)
        storages[key] = numbers
        kind = _Name("torch", _STORAGES[tensor.dtype.kind])
        storage = _Reference("storage", kind, key, "cpu", len(numbers), *more)
        rebuild = _Name("torch._utils", "_rebuild_tensor_v2")
        calls[name] = _Call(rebuild, storage, 0, tensor.shape, strides, False, {})
    return calls, storages


def zip_file(state: Mapping[str, NDArray[Any]], lay: Lay = contiguous) -> bytes:
    """A state dict as torch has saved it since 1.6."""
    calls, storages = described(state, lay)
    return zip_of(pickled(calls), {key: numbers.tobytes() for key, numbers in storages.items()})


def zip_of(pickle_bytes: bytes, storages: Mapping[str, bytes], method: int = 0) -> bytes:
    """The zip with this pickle and these storages."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("archive/data.pkl", pickle_bytes)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/version", "3\n")
        for key, content in storages.items():
            archive.writestr(f"archive/data/{key}", content)
    return file.getvalue()


def legacy_file(state: Mapping[str, NDArray[Any]], lay: Lay = contiguous) -> bytes:
    """A state dict as torch saved it before 1.6."""
    calls, storages = described(state, lay, None)  # a view of the storage: never one
    beginning: tuple[Any, ...] = (0x1950A86A20F9469CFC6C, 1001, {})
    head = b"".join(pickle.dumps(value, 2) for value in beginning)
    body = b"".join(
        struct.pack("<q", len(numbers)) + numbers.tobytes() for numbers in storages.values()
    )
    return head + pickled(calls) + pickle.dumps(list(storages), 2) + body
