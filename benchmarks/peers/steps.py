"""One step with one engine, each in a process of its own, so that none warms or disturbs another."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from peers.asked import Asked, kept
from peers.engines import ENGINES, Search

CORES = 2
WARMING = 20  # queries, other than those timed
LEAST = 5
PATIENCE = 60.0  # seconds of queries, after which the least number is enough


@dataclass(frozen=True, slots=True)
class Built:
    """Seconds of building, bytes on disk and the engine's version."""

    seconds: float
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds of each query, the hits of each, and the bytes resident beyond those of an idle process."""

    spent: list[float]
    hits: list[list[int]]
    memory: int

    def percentile(self, share: int) -> float:
        """Return the milliseconds within which so many percent of queries are answered."""
        return float(np.percentile(self.spent, share))


def alone(step: Callable[..., Any], *arguments: object) -> Any:
    """Return what a step returns in a new process, once that process has ended."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(step, *arguments).result()


def build(name: str, home: Path) -> Built:
    """Build an engine's index of the corpus."""
    _stay_on_two_cores()
    engine, corpus = ENGINES[name], kept(home, "corpus")
    folder = home / name.replace(" ", "-")
    folder.mkdir(mode=0o755)
    engine.load(folder)
    began = time.perf_counter()
    engine.build(folder, corpus)
    seconds = time.perf_counter() - began
    return Built(seconds, engine.size(folder), engine.version(folder))


def answer(name: str, home: Path) -> Answered:
    """Ask an engine what is to be asked."""
    _stay_on_two_cores()
    engine, asked, warming = ENGINES[name], kept(home, "asked"), kept(home, "warming")
    before = _resident(())
    folder = home / name.replace(" ", "-")
    engine.load(folder)
    search = engine.open(folder)
    _timed(search, warming[:WARMING], 1, PATIENCE / 6)
    spent, hits = _timed(search, asked, LEAST, PATIENCE)
    return Answered(spent, hits, _resident(engine.processes(folder)) - before)


def _timed(search: Search, asked: Sequence[Asked], least: int, patience: float) -> tuple[list[float], list[list[int]]]:
    spent: list[float] = []
    hits = []
    for one in asked:
        if len(spent) >= least and sum(spent) > 1000 * patience:
            break
        began = time.perf_counter()
        found = search(one)
        spent.append(1000 * (time.perf_counter() - began))
        hits.append(found)
    return spent, hits


def _stay_on_two_cores() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def _resident(others: Sequence[int]) -> int:
    """Return the memory of this process and others, what they share counted once where the system can tell."""
    every = [psutil.Process().memory_full_info(), *(psutil.Process(one).memory_full_info() for one in others)]
    return sum(getattr(one, "pss", one.rss) for one in every)
