"""Reads a network's weights from the files torch leaves behind, without torch.

Owns both layouts of `torch.save(model.state_dict())`: the legacy one (five pickles, then the raw
storages) and the zip one (`NAME/data.pkl` and `NAME/data/KEY`). Such a file is a program for the
pickle machine, so it is looked through first: only the opcodes a state dict needs, a bounded memo,
three kinds of globals, and tensors that lie inside their storage. What the tensors mean is left to
the modules that build networks of them.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fapfav.errors import FapfavError

State = dict[str, NDArray[Any]]

LARGEST_FILE = 1 << 30
_LARGEST_PICKLE = 8 << 20
_MOST_TENSORS = 20_000
_MOST_DIMENSIONS = 8
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001

_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}

# Everything torch writes for a state dict of protocol 2. Left out on purpose: what imports by a
# computed name, makes objects of a class, or allocates before it reads (BYTEARRAY8).
_OPCODES = frozenset(
    """
    PROTO STOP MARK GLOBAL REDUCE BUILD BINPERSID NONE NEWTRUE NEWFALSE BININT BININT1 BININT2
    LONG1 BINFLOAT BINUNICODE EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 APPEND
    APPENDS SETITEM SETITEMS BINGET LONG_BINGET BINPUT LONG_BINPUT
    """.split()  # noqa: SIM905 - one a line would hide the few that matter
)
# The pickle machine sizes its memo by the largest number put: unbounded, one opcode takes 64 GB.
_LARGEST_MEMO = 1 << 20


class UnreadableState(FapfavError):
    """A file that is no state dict this reader accepts; `str()` says why."""


class _Storage(NamedTuple):
    """A run of numbers that tensors are views of."""

    dtype: str
    key: str
    length: int


class _Tensor(NamedTuple):
    """A view of a storage; offset and strides count elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Dict(dict[Any, Any]):
    """Stands for OrderedDict, and takes no attributes from the file."""

    def __setstate__(self, state: object) -> None:
        """Torch hangs versions of its layers here; nothing of them is needed."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Stands for one of torch's storage classes; cannot be called."""

    dtype: str


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """Stands for torch._utils._rebuild_tensor_v2, and only notes what it was told."""
    numbers = (offset, *shape, *strides)
    if not isinstance(storage, _Storage) or any(type(number) is not int for number in numbers):
        raise UnreadableState("a tensor is described by something else than numbers")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Unpickler(pickle.Unpickler):
    """Knows the names a state dict needs and refuses every other."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """The stand-in for one name in the file."""
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return _Dict
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module_name == "torch" and global_name in _DTYPES:
            return _Kind(_DTYPES[global_name])
        raise UnreadableState(f"it asks for {module_name}.{global_name}, which is not weights")

    def persistent_load(self, pid: Any, /) -> _Storage:
        """A storage by its key; its numbers lie elsewhere in the file."""
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
            raise UnreadableState("it holds a reference that is no storage")
        kind, key, count = pid[1], pid[2], pid[4]
        if not isinstance(kind, _Kind) or type(key) is not str or type(count) is not int:
            raise UnreadableState("a storage is described wrongly")
        return _Storage(kind.dtype, key, count)


def _opcodes(file: io.BytesIO) -> Iterator[tuple[pickletools.OpcodeInfo, object, int | None]]:
    """The opcodes of a pickle; text in it that only Python would warn of is read without a word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield from pickletools.genops(file)


def _load(file: io.BytesIO) -> Any:
    """The next pickle of the file, after every opcode of it was looked at."""
    start = file.tell()
    for opcode, argument, _ in _opcodes(file):
        if opcode.name not in _OPCODES:
            raise UnreadableState(f"its pickle uses {opcode.name}, which no state dict needs")
        if opcode.name.endswith("BINPUT") and cast(int, argument) > _LARGEST_MEMO:
            raise UnreadableState("its pickle's memo is too large")
        if file.tell() - start > _LARGEST_PICKLE:
            raise UnreadableState("its pickle is too large")
    file.seek(start)
    return _Unpickler(file).load()


def read_state(content: bytes) -> State:
    """The tensors by name from the bytes of a `.pth` file, contiguous and copied.

    Raises UnreadableState, whatever the bytes are.
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableState("it is too large to be the weights of a network we run")
    read = _read_zip if content[:2] == b"PK" else _read_legacy
    try:
        return read(content)
    except UnreadableState:
        raise
    except _TROUBLE as error:
        raise UnreadableState(f"it is damaged or no state dict: {error}") from error


# What the pickle machine, zipfile and numpy raise for bytes that are not what they should be.
_TROUBLE = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    struct.error,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
)


def _read_legacy(content: bytes) -> State:
    file = io.BytesIO(content)
    if _load(file) != _MAGIC or _load(file) != _PROTOCOL:
        raise UnreadableState("it does not begin like a state dict")
    _load(file)  # the writer's sizes of C integers
    named = _load(file)
    keys = _load(file)
    described = _described(named)
    storages: dict[str, NDArray[Any]] = {}
    for key in keys:
        storage = described[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != storage.length:
            raise UnreadableState(f"storage {key} says {count} and {storage.length} numbers")
        storages[key] = _numbers(storage, file.read(_byte_count(storage)))
    return _views(named, storages.__getitem__)


def _read_zip(content: bytes) -> State:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename.partition("/")[2]: info for info in archive.infolist()}

        def member(name: str, limit: int) -> bytes:
            info = members[name]
            # Torch stores, never compresses: so nothing here can be larger than the file itself.
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > limit:
                raise UnreadableState(f"{name} is compressed or too large")
            return archive.read(info)

        if "byteorder" in members and member("byteorder", 16) != b"little":
            raise UnreadableState("its numbers are big-endian")
        named = _load(io.BytesIO(member("data.pkl", _LARGEST_PICKLE)))
        storages = {
            key: _numbers(storage, member(f"data/{key}", _byte_count(storage)))
            for key, storage in _described(named).items()
        }
    return _views(named, storages.__getitem__)


def _described(named: object) -> dict[str, _Storage]:
    """Every storage the tensors name, by key."""
    if not isinstance(named, _Dict) or len(named) > _MOST_TENSORS:
        raise UnreadableState("it does not hold a state dict")
    return {
        tensor.storage.key: tensor.storage
        for tensor in named.values()
        if isinstance(tensor, _Tensor)
    }


def _byte_count(storage: _Storage) -> int:
    size = storage.length * np.dtype(storage.dtype).itemsize
    if not 0 <= size <= LARGEST_FILE:
        raise UnreadableState(f"storage {storage.key} claims {storage.length} numbers")
    return size


def _numbers(storage: _Storage, content: bytes) -> NDArray[Any]:
    numbers = np.frombuffer(content, storage.dtype)
    if len(numbers) != storage.length:
        raise UnreadableState(f"storage {storage.key} is cut short")
    return numbers


def _views(named: Mapping[Any, Any], storage: Callable[[str], NDArray[Any]]) -> State:
    """The tensors copied out of their storages."""
    state: State = {}
    total = 0
    for name, tensor in named.items():
        if not isinstance(name, str) or not isinstance(tensor, _Tensor):
            raise UnreadableState("it holds something else than named tensors")
        state[name] = _view(name, tensor, storage(tensor.storage.key))
        total += state[name].nbytes
        # Many tensors may share a storage, so the sum is bounded too.
        if total > LARGEST_FILE:
            raise UnreadableState("its tensors are too large together")
    return state


def _view(name: str, tensor: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    """One tensor. Strides are honoured: convolutions may lie channels-last in the file."""
    shape, strides, offset = tensor.shape, tensor.strides, tensor.offset
    if len(shape) != len(strides) or len(shape) > _MOST_DIMENSIONS:
        raise UnreadableState(f"{name} has {len(shape)} sizes and {len(strides)} strides")
    if offset < 0 or min(shape, default=1) < 0 or min(strides, default=0) < 0:
        raise UnreadableState(f"{name} has a negative size, stride or offset")
    if storage.dtype.str != np.dtype(tensor.storage.dtype).str:
        raise UnreadableState(f"{name} reads its storage as another type")
    count = math.prod(shape)
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if count and last >= len(storage):
        raise UnreadableState(f"{name} reaches outside its storage")
    if count * storage.itemsize > LARGEST_FILE:  # a stride of 0 repeats
        raise UnreadableState(f"{name} is too large")
    if not count:
        return np.zeros(shape, storage.dtype)
    steps = [stride * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps, writeable=False).copy()
