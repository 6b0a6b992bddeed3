"""Work handed to the workers of a Dask cluster, as futures that say in our own words what happened.

Owns what a worker does before it begins, and how trouble there becomes an error here. That there is
a cluster to be trusted is looked at by `cluster`, before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from fapfav.errors import FapfavError, UsageError
from fapfav.jobs.fitness import Versions, differences, own_versions
from fapfav.jobs.parcels import ElsewhereError, Undone

P = ParamSpec("P")
T = TypeVar("T")

LOOK_SECONDS = 1.0
PATIENCE = 60.0
"""Seconds without a single worker after which nobody waits for one any more."""

MEMORY = ("target", "spill", "pause")
"""What of a worker's settings of memory has to be off where it must not write to its disk."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker has to be like; `sealed` where nothing may come to its disk."""

    versions: Versions
    sealed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back: what the work returned or raised, or why it was not begun."""

    value: Any = None
    error: FapfavError | None = None
    unfit: str = ""


def on_worker(terms: Terms, work: Callable[..., Any], *given: Any) -> Answer:
    """Does the work on a worker, unless that is not as it has to be.

    Never raises: a worker writes what raised to its log, with a part of what it was given, and the
    scheduler keeps it.
    """
    unfit = differences(terms.versions, own_versions())
    if terms.sealed and not unfit:
        from distributed import get_worker

        unfit = spilling(get_worker())
    if unfit:
        return Answer(unfit=unfit)
    try:
        return Answer(work(*given))
    except FapfavError as error:
        return Answer(error=error)
    except Exception as error:
        return Answer(error=ElsewhereError(f"unexpected error: {type(error).__name__}: {error}"))


def spilling(dask_worker: Any) -> str:
    """Why a worker may write what it holds to its disk, or ""."""
    manager = dask_worker.memory_manager
    on = {name: getattr(manager, f"memory_{name}_fraction") for name in MEMORY}
    on = {name: share for name, share in on.items() if share is not False}
    if type(manager.data) is dict and (not on or not manager.memory_limit):
        return ""
    said = ", ".join(f"memory.{name} is {share}" for name, share in on.items())
    return f"it may write pictures to its disk ({said or 'it keeps them in no plain memory'})"


def shown(terms: Terms, dask_worker: Any) -> str:
    """What is wrong with a worker, or ""; asked of each before anything else goes there."""
    return differences(terms.versions, own_versions()) or (
        spilling(dask_worker) if terms.sealed else ""
    )


class ClusterExecutor(Executor):
    """Hands work to a cluster; its futures say in our own errors what went wrong there.

    Work whose worker dies is done by another; only with the scheduler, or the last worker for
    longer than `patience` seconds, is everything lost. Functions are sent by name and have to be
    those of a module.
    """

    def __init__(self, client: Any, terms: Terms, patience: float = PATIENCE) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False)
        self._terms = terms
        self._patience = patience
        self._alone = 0.0
        self._lock = threading.Lock()
        self._waiting: set[Future[Any]] = set()
        self._lost: ElsewhereError | None = None
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="cluster", daemon=True)
        self._watch.start()

    @property
    def workers(self) -> int:
        """How much the cluster does at once: the threads of all its workers."""
        return sum(int(worker["nthreads"]) for worker in self._workers().values())

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The function's result, done there. Raises ElsewhereError once the cluster is lost."""
        if kwargs:
            raise TypeError("work for a cluster takes its values by position")
        return self._submit(fn, args, {})

    def everywhere(self, fn: Callable[..., T], *args: Any) -> dict[str, Future[T]]:
        """The function's result on each worker, by the worker's address."""
        return {
            address: self._submit(fn, args, {"workers": [address], "allow_other_workers": True})
            for address in sorted(self._workers())
        }

    def _submit(self, fn: Callable[..., T], args: Any, where: dict[str, Any]) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            if self._lost is not None:
                raise self._lost
            if self._ended.is_set():
                raise RuntimeError("this cluster was left")
            self._waiting.add(future)
        try:
            inner = self._inner.submit(on_worker, self._terms, fn, *args, **where)
        except Exception as error:
            self._forget(future)
            raise ElsewhereError(f"the cluster takes no work: {error}") from error
        inner.add_done_callback(lambda done: self._came(future, done))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster. What is still under way is dropped, whether to be waited for or not:
        who called for it has ended."""
        del wait, cancel_futures
        self._ended.set()
        self._fail(None)
        leave(self._client)
        self._watch.join(timeout=5)

    def _came(self, future: Future[Any], done: Future[Answer]) -> None:
        self._forget(future)
        with suppress(InvalidStateError):  # nobody waits any more
            try:
                answer = done.result()
            except CancelledError:
                future.set_exception(self._lost or lost())
            except Exception as error:
                # Where a connection ends just now, distributed may stumble over its own state.
                ended = self._lost or (None if self._client.status == "running" else lost())
                future.set_exception(ended or _told(error))
            else:
                if answer.unfit:
                    future.set_exception(ElsewhereError(f"a worker was refused: {answer.unfit}"))
                elif answer.error is not None:
                    future.set_exception(answer.error)
                else:
                    future.set_result(answer.value)

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._waiting.discard(future)

    def _fail(self, error: ElsewhereError | None) -> None:
        """Ends everything that is waited for; without an error as dropped."""
        with self._lock:
            self._lost = self._lost or error
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            with suppress(InvalidStateError):
                future.set_exception(error or CancelledError())

    def _watching(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._look(LOOK_SECONDS)

    def _look(self, passed: float) -> None:
        """Whether the cluster is still what it was, `passed` seconds after the last look."""
        try:
            if self._client.status != "running":
                raise lost()
            workers = self._workers()
            self._alone = 0.0 if workers else self._alone + passed
            if self._alone > self._patience:
                raise ElsewhereError(
                    f"the cluster has no worker any more, for {self._patience:.0f} seconds now; "
                    "what was done is kept, and the same command goes on with the rest"
                )
            check_addresses(workers, sealed=self._terms.sealed)
        except FapfavError as error:
            if not self._ended.is_set():
                self._fail(ElsewhereError(str(error)))

    def _workers(self) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", self._client.scheduler_info(n_workers=-1)["workers"])
        except Exception as error:  # of a connection that breaks just now
            raise lost() from error


def check_addresses(workers: dict[str, Any], *, sealed: bool) -> None:
    """Raises UsageError when one of the workers is not reached by TLS and has to be."""
    bare = sorted(address for address in workers if not address.startswith("tls://"))
    if sealed and bare:
        raise UsageError(
            f"the scheduler reaches the worker {bare[0]} without TLS, which the pictures of an "
            "encrypted archive do not take: let it listen at tls:// alone"
        )


def leave(client: Any) -> None:
    """Closes a connection, whatever has become of the other end."""
    with suppress(OSError, TimeoutError):
        client.close(timeout=5)


def lost() -> ElsewhereError:
    """The error of a connection that is no more."""
    return ElsewhereError(
        "the connection to the cluster's scheduler is lost; what was done is kept, and the same "
        "command goes on with the rest"
    )


def _told(error: Exception) -> ElsewhereError:
    if type(error).__name__ == "KilledWorker":
        return Undone("each worker of the cluster that began it ended before it was done")
    return ElsewhereError(f"the cluster did not do it: {type(error).__name__}: {error}")
