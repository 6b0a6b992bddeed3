"""How fast imagededup reads the same pictures on the same cores: its four hashes and its network.

Runs in the virtual environment of `make .venv-parity`. What is timed is what its users call:
`encode_image` of each hash on every file, in as many processes as there are cores, then
`CNN.encode_images` on the folder with as many threads. Its weights would have to be downloaded, so
the same network runs with random ones, which takes the same time. Starting up and loading modules
is not timed.

In the same run, for ratios: how fast the cores decode those files at all. `--only decode` measures
that alone and needs nothing but Pillow.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

CORES = 2
HASHES = ("PHash", "AHash", "DHash", "WHash")


def load_imagededup() -> Any:
    """The module `imagededup.methods`.

    The torchvision that fits a torch for CPUs may carry operators built for GPUs, which do not
    load; it describes them nevertheless and fails as torch does not know them. No operator of
    torchvision is needed here, so while it is imported its descriptions go nowhere.
    """
    import torch

    def deaf(register: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(operator: Any, *rest: Any, **options: Any) -> Any:
            if str(operator).startswith("torchvision::"):
                return lambda function: function
            return register(operator, *rest, **options)

        return wrapper

    heard = {name: getattr(torch.library, name) for name in ("register_fake", "register_autograd")}
    for name, register in heard.items():
        setattr(torch.library, name, deaf(register))
    try:
        import imagededup.methods
    finally:
        for name, register in heard.items():
            setattr(torch.library, name, register)
    return imagededup.methods


@cache
def encoders() -> list[Any]:
    """The four hashes, one set a process."""
    methods = load_imagededup()
    return [getattr(methods, name)(verbose=False) for name in HASHES]


def hash_four_times(path: Path) -> int:
    """The four hashes of one file; returns how many succeeded."""
    return sum(encoder.encode_image(image_file=path) is not None for encoder in encoders())


def decode(path: Path) -> int:
    """Decodes every pixel of one file; returns their number."""
    with Image.open(path) as image:
        image.load()
        return image.width * image.height


def seconds_of(work: Callable[[Path], int], files: Sequence[Path]) -> float:
    """How long all cores take for some work on every file, each file read from memory."""
    with ProcessPoolExecutor(CORES, mp_context=get_context("forkserver")) as executor:
        # A second's worth in each process first: modules, and the disk's cache.
        list(executor.map(work, [files[0]] * 4 * CORES))
        for path in files:
            path.read_bytes()
        started = time.perf_counter()
        results = list(executor.map(work, files, chunksize=4))
        seconds = time.perf_counter() - started
    if not all(results):
        raise SystemExit(f"{results.count(0)} of {len(files)} files failed")
    return seconds


@contextmanager
def folder_of(files: Sequence[Path]) -> Iterator[Path]:
    """A folder with links to just these files, as the network takes folders only."""
    with tempfile.TemporaryDirectory() as made:
        for number, path in enumerate(files):
            (Path(made) / f"{number:06}{path.suffix}").symlink_to(path.resolve())
        yield Path(made)


def seconds_of_network(files: Sequence[Path], workers: int) -> float:
    """How long `CNN.encode_images` takes, reading pictures with some workers of its own."""
    methods = load_imagededup()
    import torch
    from imagededup.utils.models import CustomModel, MobilenetV3
    from torchvision.models import mobilenet_v3_small

    torch.set_num_threads(CORES)
    plain = mobilenet_v3_small(weights=None).eval()
    model = torch.nn.Sequential(plain.features, plain.avgpool, torch.nn.Flatten())
    config = CustomModel(name="mobilenet_v3_small", model=model, transform=MobilenetV3.transform)
    network = methods.CNN(verbose=False, model_config=config)
    with folder_of(files[:8]) as few:
        network.encode_images(image_dir=few, num_enc_workers=workers)
    with folder_of(files) as folder:
        started = time.perf_counter()
        found = network.encode_images(image_dir=folder, num_enc_workers=workers)
        seconds = time.perf_counter() - started
    if len(found) != len(files):
        raise SystemExit(f"{len(files) - len(found)} of {len(files)} files failed")
    return seconds


def measure(files: Sequence[Path], only: str = "") -> dict[str, Any]:
    """The figures of one run; rates are pictures a second."""
    result: dict[str, Any] = {"pictures": len(files), "cores": CORES}
    decoding = seconds_of(decode, files)
    result |= {"seconds_decode": decoding, "rate_decode": len(files) / decoding}
    if only != "decode":
        hashing = seconds_of(hash_four_times, files)
        # With and without processes that read ahead: the faster way is the peer's.
        network = {str(workers): seconds_of_network(files, workers) for workers in (0, CORES)}
        fastest = min(network.values())
        result |= {
            "seconds_hashes": hashing,
            "rate_hashes": len(files) / hashing,
            "seconds_cnn": fastest,
            "seconds_cnn_by_workers": network,
            "rate": len(files) / (hashing + fastest),
        }
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures a folder of pictures and prints one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imagededup_peer")
    parser.add_argument("folder", type=Path, help="JPEG files, in folders or not")
    parser.add_argument("--limit", type=int, default=200, help="take the first so many")
    parser.add_argument("--only", choices=["decode"], default="", help="measure nothing else")
    options = parser.parse_args(arguments)
    files = list(islice(sorted(options.folder.rglob("*.jpg")), options.limit))
    if not files:
        sys.exit(f"{options.folder} has no .jpg files; make some: python -m benchmarks.pictures")
    print(json.dumps(measure(files, options.only), default=float))


if __name__ == "__main__":
    main()
