"""Pictures examined by an executor: the bytes of one go out, what they tell comes back.

Threads of this process fetch, open, seal and write, and wait for the executor meanwhile; nothing
but a picture's bytes and the name of a model leaves them. Whether the executor has threads,
processes or a cluster makes no difference here.
"""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fapfav.errors import BadPicture, UsageError
from fapfav.images.cnn import NAMED, ModelUnavailable, load_embedder
from fapfav.images.examine import Embedder, Examined, Preparation, examine
from fapfav.jobs.fitness import trial, unlike
from fapfav.jobs.line import ticking
from fapfav.jobs.model_in_use import ModelInUse, cache_folder
from fapfav.jobs.parcels import Call, ElsewhereError, Parcels, Undone

MOST = 256
"""Pictures under way at once: their bytes are in memory here, each with a thread that waits."""

T = TypeVar("T")
_loading = threading.Lock()


class NamedModel:
    """A model that goes to another process by its name, and is loaded there when first asked."""

    def __init__(self, setting: str, embed: Embedder) -> None:
        self._setting = setting
        self.space, self.width = embed.space, embed.width
        self._model: Embedder | None = embed

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None}

    def __call__(self, rgb: Image.Image) -> NDArray[np.float32]:
        """The vector of one picture. Raises ElsewhereError where the model is missing, or another.

        The name of a space follows from the weights and all that was done to them.
        """
        if self._model is None:
            with _loading:  # several threads of a process come here at once
                model = _loaded(self._setting, cache_folder())
            if model.space != self.space:
                raise ElsewhereError(
                    f"the model {self._setting} is another there: its vectors are of "
                    f"{model.space}, not {self.space}; install the same version of fapfav"
                )
            self._model = model
        return self._model(rgb)


@cache
def _loaded(setting: str, folder: Path) -> Embedder:
    """A model of this process. Raises ElsewhereError with what is missing."""
    try:
        return load_embedder(setting, folder)
    except ModelUnavailable as error:
        raise ElsewhereError(f"there is no model {setting} where pictures go: {error}") from error


class Elsewhere:
    """A model, and the executor by which pictures are examined with it.

    Raises UsageError for a model that is a file of this computer: those stay here.
    """

    def __init__(self, model: ModelInUse, executor: Executor) -> None:
        if model.embed is not None and model.setting not in NAMED:
            raise UsageError(
                f"a model file is not sent elsewhere: choose one of {', '.join(NAMED)}, or work on "
                "this computer alone"
            )
        self.model = model
        self._executor = executor
        workers = getattr(executor, "workers", None) or getattr(executor, "_max_workers", None)
        self._workers = int(workers or 1)
        self._parcels = Parcels(executor, self._workers)
        self._left = False

    def check(self, preparation: Preparation) -> None:
        """Has each worker of a cluster examine one and the same picture, which loads the model too.

        Raises ElsewhereError where that gives other prints than here.
        """
        everywhere = getattr(self._executor, "everywhere", None)
        if everywhere is None:
            return  # threads and processes of this computer
        embed, picture = self.model.embed, trial()
        here = examine(picture, preparation, embed, thumbnail=False).fingerprint
        asked = everywhere(examine, picture, preparation, self._named(embed), False)
        for address, future in asked.items():
            if problem := unlike(here, self._awaited(future).fingerprint):
                raise ElsewhereError(f"the worker {address} is refused: {problem}")

    @property
    def at_once(self) -> int:
        """How many pictures are under way at once: as many as fill the parcels of all workers."""
        return min(Parcels.AHEAD * Parcels.MOST * self._workers, MOST)

    def examine(
        self,
        data: bytes,
        preparation: Preparation = "scaled",
        embed: Embedder | None = None,
        thumbnail: bool = True,
    ) -> Examined:
        """As `images.examine.examine`, by the executor.

        Raises BadPicture besides when whoever worked on it ended each time: then it is the
        picture, or it cannot be told from that. Raises ElsewhereError for all else that is no
        picture's fault.
        """
        call = Call(data, preparation, self._named(embed), thumbnail)
        try:
            return self._awaited(self._parcels.send(call))
        except Undone as error:
            raise BadPicture(str(error)) from error

    def pool(self, threads: int) -> ThreadPoolExecutor:
        """Threads that call `examine`. When a job breaks off they wait for no answer any more."""
        return _Threads(self, threads)

    def leave(self) -> None:
        """Nobody waits any more."""
        self._left = True

    def _named(self, embed: Embedder | None) -> NamedModel | None:
        """A model that may be sent."""
        return None if embed is None else NamedModel(self.model.setting, embed)

    def _awaited(self, future: Future[T]) -> T:
        def tick() -> None:
            if self._left:
                raise CancelledError

        return ticking(future, tick)


class _Threads(ThreadPoolExecutor):
    """Threads that are let go of what they wait for when their job breaks off."""

    def __init__(self, elsewhere: Elsewhere, threads: int) -> None:
        super().__init__(threads)
        self._elsewhere = elsewhere

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._elsewhere.leave()
        super().__exit__(kind, error, trace)
