"""Where partitions of needs are ranked: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.matching.core.batch import OpenNeed, RankedNeed, rank_partition
from yunlang.matching.core.batch_matcher import IndexSource

Partition = Sequence[OpenNeed]
Ranked = Generator[list[RankedNeed], None, None]
# Ranks partitions anywhere and yields what each gave, in any order.
Runner = Callable[[IndexSource, Sequence[Partition], tuple[str, ...]], Ranked]

WAITING_EACH = 2  # partitions handed out per process: the next is there when one is done, and a stop is soon heard


class ClusterMissingError(DomainError):
    """The package for clusters is not installed."""

    code = "cluster_missing"
    message = Bilingual(
        "未安装集群组件，请运行：pip install 'yunlang[cluster]'。",
        "The cluster packages are not installed. Run: pip install 'yunlang[cluster]'.",
    )


class ClusterUnreachableError(DomainError):
    """Nobody answers at the scheduler's address."""

    code = "cluster_unreachable"
    message = Bilingual("无法连接 Dask 集群：{address}。", "The Dask cluster at {address} cannot be reached.")
    status = 503


def here(source: IndexSource, partitions: Sequence[Partition], kinds: tuple[str, ...]) -> Ranked:
    """Rank in this process, one partition after the other."""
    for partition in partitions:
        yield rank_partition(source, partition, kinds)


def in_processes(workers: int) -> Runner:
    """Return what ranks in so many processes: threads would wait for each other, for half of the work is Python."""
    return partial(_in_processes, workers)


def _in_processes(workers: int, source: IndexSource, partitions: Sequence[Partition], kinds: tuple[str, ...]) -> Ranked:
    waiting: deque[Future[list[RankedNeed]]] = deque()
    # Started afresh: a fork would share the parent's connection to the database.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            for partition in partitions:
                waiting.append(pool.submit(rank_partition, source, partition, kinds))
                if len(waiting) >= WAITING_EACH * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def on_dask(address: str) -> Runner:
    """Return what ranks on a Dask cluster whose workers have this package and read the index under the same path.

    Raises
    ------
    ClusterMissingError
        When the package for clusters is not installed.
    """
    if find_spec("distributed") is None:
        raise ClusterMissingError
    return partial(_on_dask, address)


def _on_dask(address: str, source: IndexSource, partitions: Sequence[Partition], kinds: tuple[str, ...]) -> Ranked:
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterUnreachableError(address=address) from error
    with client:
        # Not pure: the index may have changed since the same needs were last asked for.
        futures = [client.submit(rank_partition, source, one, kinds, pure=False) for one in partitions]
        try:
            for future in distributed.as_completed(futures, loop=client.loop):
                yield future.result()
                future.release()
        finally:
            client.cancel(futures)
