"""Work on several threads at once, its results in order: what is found depends on no thread.

numpy lets go of the interpreter's lock in everything that takes long here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def products_alone() -> Iterator[None]:
    """Matrix products take one thread each meanwhile, in all of the process.

    Threads of ours that multiply keep the cores busy; those of the library besides would spin while
    they wait for a core, which made a search take seven times the processor time.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


def cores() -> int:
    """How many threads this process may keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int = 0
) -> Generator[Result, None, None]:
    """The result for each item, in their order; 0 threads are as many as there are cores.

    No more than one result a thread waits to be taken. Closing it, or an exception, lets what is
    running end and starts nothing else.
    """
    many = threads or cores()
    if many == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(many) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > many:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()
