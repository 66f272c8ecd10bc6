"""Who simulates: this process, all cores, or a cluster. The results are the same bits."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Protocol, TypeVar

from acd.errors import Refused

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
#: Tasks in the hands of each worker at once: enough to keep it busy, few enough for the memory.
_AHEAD = 2
#: Fewer calls than these are done before other processes have started.
SMALL_CALLS = 300_000
#: Many small rounds are one large one: after so long the other processes are started for the rest.
LONG_S = 10.0


class Job(Protocol[R_co]):
    """Some days to simulate. It is sent to other processes and machines as it is."""

    @property
    def calls(self) -> float:
        """How much work it is, in calls of a study that keeps all figures."""
        ...

    def play(self) -> R_co:
        """Simulate them. The same job gives the same result on any machine."""
        ...


class Workers(Protocol):
    """Simulates jobs and hands back each one's result with its place among them, in whatever order
    they are done."""

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        """Every job once."""
        ...


def in_order(workers: Workers, jobs: Sequence[Job[R]]) -> list[R]:
    """The results of all jobs, in the jobs' order."""
    found = dict(workers.each(jobs))
    return [found[place] for place in range(len(jobs))]


class Here:
    """This process alone."""

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        """In order."""
        for place, job in enumerate(jobs):
            yield place, job.play()


class Cores(AbstractContextManager["Cores"]):
    """All cores of this machine. Small studies stay in this process, which starts at once; so do
    the first rounds of a search, until they have taken so long that others are worth starting, and
    until those are ready."""

    def __init__(
        self, number: int | None = None, small_calls: float = SMALL_CALLS, long_s: float = LONG_S
    ) -> None:
        self.number = number or len(os.sched_getaffinity(0))
        self._small_calls, self._long_s = small_calls, long_s
        #: How many jobs other processes have done.
        self.elsewhere = 0
        self._spent_s = 0.0
        self._pool: ProcessPoolExecutor | None = None
        self._starting: list[Future[Any]] = []

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        """As they are done."""
        pool = self._others(jobs) if self.number > 1 and len(jobs) > 1 else None
        if pool is not None:
            ahead = self.number * _AHEAD
            for found in _flowing(lambda job: pool.submit(_played, job), jobs, ahead):
                self.elsewhere += 1
                yield found
            return
        for place, job in enumerate(jobs):
            began = time.perf_counter()
            result = job.play()
            self._spent_s += time.perf_counter() - began
            yield place, result

    def _others(self, jobs: Sequence[Job[R]]) -> ProcessPoolExecutor | None:
        """The other processes, if these jobs are worth theirs."""
        large = sum(job.calls for job in jobs) >= self._small_calls
        if self._pool is None and (large or self._spent_s >= self._long_s):
            # A fresh interpreter each: nothing of this process (threads, locks) is copied.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.number, mp_context=context, initializer=_leave_stopping_to_the_first
            )
            if not large:
                # They load what such jobs need while this process goes on with its own.
                self._starting = [self._pool.submit(_played, job) for job in jobs[: self.number]]
        ready = all(each.done() for each in self._starting)
        return self._pool if large or ready else None

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

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        """As they are done."""
        import distributed

        as_completed: Any = distributed.as_completed
        futures = {self._client.submit(_play, job, pure=False): at for at, job in enumerate(jobs)}
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


def _play(job: Job[R]) -> R:
    return job.play()


def _played(job: Job[R]) -> R:
    """A job in a process that does nothing else. What the first one loaded (the compiler) stays
    for ever: unless told so the collector looks at all of it again and again, which takes two
    fifths of the time."""
    result = job.play()
    if not gc.get_freeze_count():
        gc.freeze()
    return result


def _flowing(
    submit: Callable[[Job[R]], Future[R]], jobs: Sequence[Job[R]], ahead: int
) -> Iterator[tuple[int, R]]:
    """Hand out a few jobs at a time, so that what is cancelled was not begun."""
    running: dict[Future[R], int] = {}
    for place, job in enumerate(jobs):
        running[submit(job)] = place
        if len(running) < ahead:
            continue
        yield from _done(running)
    while running:
        yield from _done(running)


def _done(running: dict[Future[R], int]) -> Iterator[tuple[int, R]]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        yield running.pop(future), future.result()
