"""Who simulates: this process, all cores, or a cluster. The results are the same bits."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Protocol

from acd.errors import Refused
from sim.experiment.chunk import Chunk
from sim.experiment.days import Task, calls_of, played

#: Tasks in the hands of each worker at once: enough to keep it busy, few enough for the memory.
_AHEAD = 2
#: Fewer calls than these are done before other processes have started.
SMALL_CALLS = 300_000


class Workers(Protocol):
    """Simulates tasks and hands back each with its chunk, in whatever order they are done."""

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Chunk]]:
        """Every task once."""
        ...


class Here:
    """This process alone."""

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Chunk]]:
        """In order."""
        for task in tasks:
            yield task, played(task)


class Cores(AbstractContextManager["Cores"]):
    """All cores of this machine; small studies stay in this process, which starts at once."""

    def __init__(self, number: int | None = None, small_calls: float = SMALL_CALLS) -> None:
        self.number = number or len(os.sched_getaffinity(0))
        self._small_calls = small_calls
        self._pool: ProcessPoolExecutor | None = None

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Chunk]]:
        """As they are done."""
        if self._pool is None and (self.number == 1 or self._small(tasks)):
            yield from Here().each(tasks)
            return
        if self._pool is None:
            # A fresh interpreter each: nothing of this process (threads, locks) is copied.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.number, mp_context=context, initializer=_leave_stopping_to_the_first
            )
        pool = self._pool
        yield from _flowing(lambda task: pool.submit(_played, task), tasks, self.number * _AHEAD)

    def _small(self, tasks: Sequence[Task]) -> bool:
        """Whether starting processes would take longer than the work."""
        calls = sum(calls_of(task.scenario, task.stop - task.start) for task in tasks)
        return calls < self._small_calls or len(tasks) <= 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class Cluster(AbstractContextManager["Cluster"]):
    """A Dask cluster that is there already (extra ``cluster``): ``tcp://10.0.0.5:8786``."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._closing = ExitStack()
        self._client: Any = None

    def __enter__(self) -> Cluster:
        try:
            import distributed
        except ImportError:
            raise Refused(
                "a cluster needs the extra: pip install 'madoguchi[cluster]'",
                code="no_cluster",
                ja="クラスターを使うには pip install 'madoguchi[cluster]' が要ります。",
            ) from None
        client: Any = distributed.Client
        try:
            self._client = self._closing.enter_context(client(self._address, timeout="10s"))
        except (OSError, TimeoutError, ValueError) as error:
            raise Refused(
                f"the cluster at {self._address[:200]} does not answer: {error}",
                code="no_cluster",
                ja=f"クラスター {self._address[:200]} が応答しません。",
            ) from None
        return self

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Chunk]]:
        """As they are done."""
        import distributed

        as_completed: Any = distributed.as_completed
        futures = {self._client.submit(played, task, pure=False): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
                future.release()
        finally:
            self._client.cancel(list(futures))

    def __exit__(self, *_: object) -> None:
        self._closing.close()


def _leave_stopping_to_the_first() -> None:
    """Ctrl-C reaches every process of a terminal; the one that asked ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _played(task: Task) -> Chunk:
    """A task in a process that does nothing else. What the first one loaded (the compiler) stays
    for ever: unless told so the collector looks at all of it again and again, which takes two
    fifths of the time."""
    chunk = played(task)
    if not gc.get_freeze_count():
        gc.freeze()
    return chunk


def _flowing(
    submit: Callable[[Task], Future[Chunk]], tasks: Sequence[Task], ahead: int
) -> Iterator[tuple[Task, Chunk]]:
    """Hand out a few tasks at a time, so that what is cancelled was not begun."""
    left = iter(tasks)
    running: dict[Future[Chunk], Task] = {}
    for task in left:
        running[submit(task)] = task
        if len(running) < ahead:
            continue
        yield from _done(running)
    while running:
        yield from _done(running)


def _done(running: dict[Future[Chunk], Task]) -> Iterator[tuple[Task, Chunk]]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        yield running.pop(future), future.result()
