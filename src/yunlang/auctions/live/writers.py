"""Threads that decide bids: what arrives while one transaction runs goes into the next (group commit)."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog
from django.db import close_old_connections, connection
from prometheus_client import Counter, Histogram

from yunlang.auctions.live.batches import BidAsk, Reply
from yunlang.kit.api.problems import DATABASE_FAILURES
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

log = structlog.get_logger("yunlang.auctions")
THREADS = 2
LONGEST_QUEUE = 1_000
MOST_AT_ONCE = 200
_IDLE_SECONDS = 1.0
Decide = Callable[[Sequence[BidAsk]], list[Reply | None]]

BIDS = Counter("yunlang_bids_total", "Bids answered before Django.", ["status"])
BATCHES = Histogram(
    "yunlang_bids_together", "Bids decided in one transaction.", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)


class TooBusyError(DomainError):
    """More bids wait than can be answered in time."""

    code = "too_busy"
    message = Bilingual(
        "出价过于密集，本次未受理，请用同一编号重发。",
        "Too many bids at once; this one was not taken. Send it again under the same key.",
    )
    status = 503
    seconds: ClassVar[int] = 1


class NotDecidedError(DomainError):
    """The database did not answer, so it is not known whether the bid was taken."""

    code = "not_decided"
    message = Bilingual(
        "数据库暂时没有响应，不能确定本次出价是否受理，请用同一编号重发。",
        "The database did not answer, so it is not known whether this was taken. Send it again under the same key.",
    )
    status = 503
    seconds: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A bid that waits for its turn, and who waits for its answer."""

    ask: BidAsk
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[Reply | None]


class Writers:
    """A few threads with a bounded queue each; one lot's bids always go to the same one."""

    def __init__(self, decide: Decide, *, threads: int = THREADS, longest: int = LONGEST_QUEUE) -> None:
        self._decide = decide
        self._is_closed = False
        self._queues: list[queue.Queue[_Waiting | None]] = [queue.Queue(longest) for _ in range(threads)]
        self._threads = [
            threading.Thread(target=self._run, args=(one,), name=f"bids-{number}", daemon=True)
            for number, one in enumerate(self._queues, start=1)
        ]
        for thread in self._threads:
            thread.start()

    async def answer(self, ask: BidAsk) -> Reply | None:
        """Return the answer to a bid; None where Django has to give it."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(ask, loop, loop.create_future())
        try:
            if self._is_closed:
                raise queue.Full
            self._queues[hash(ask.lot) % len(self._queues)].put_nowait(waiting)
        except queue.Full:
            return ask.asked.problem(TooBusyError())
        return await waiting.answered

    def close(self) -> None:
        """Answer what was taken, and take nothing more."""
        self._is_closed = True
        for one in self._queues:
            one.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, waiting: queue.Queue[_Waiting | None]) -> None:
        while (batch := _next_batch(waiting)) is not None:
            replies = self._answered([one.ask for one in batch])
            BATCHES.observe(len(batch))
            _hand_back(batch, replies)
        connection.close()

    def _answered(self, asks: Sequence[BidAsk]) -> list[Reply | None]:
        try:
            return self._decided(asks)
        except DATABASE_FAILURES as error:
            log.warning("bids_not_decided", count=len(asks), error=str(error).strip()[:200])
            return [ask.asked.problem(NotDecidedError()) for ask in asks]
        except Exception:
            if len(asks) == 1:
                log.exception("bid_failed", lot=str(asks[0].lot))
                return [None]
            # One that cannot be decided must not take the others with it.
            return [reply for ask in asks for reply in self._answered([ask])]

    def _decided(self, asks: Sequence[BidAsk]) -> list[Reply | None]:
        try:
            return self._decide(asks)
        except DATABASE_FAILURES:
            # The server may have come back since; keys make it safe to ask twice.
            connection.close()
            return self._decide(asks)


def _next_batch(waiting: queue.Queue[_Waiting | None]) -> list[_Waiting] | None:
    """Wait for a bid, and return it with all that wait behind it; None at the end."""
    while True:
        try:
            first = waiting.get(timeout=_IDLE_SECONDS)
            break
        except queue.Empty:
            close_old_connections()
    batch: list[_Waiting] = []
    while first is not None:
        batch.append(first)
        if len(batch) == MOST_AT_ONCE:
            return batch
        try:
            first = waiting.get_nowait()
        except queue.Empty:
            return batch
    if batch:
        waiting.put(None)  # the end comes after what was taken
    return batch or None


def _hand_back(batch: Sequence[_Waiting], replies: Sequence[Reply | None]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Reply | None], Reply | None]]] = {}
    for one, reply in zip(batch, replies, strict=True):
        by_loop.setdefault(one.loop, []).append((one.answered, reply))
        BIDS.labels("django" if reply is None else reply[0]).inc()
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: Sequence[tuple[asyncio.Future[Reply | None], Reply | None]]) -> None:
    for answered, reply in answers:
        if not answered.done():
            answered.set_result(reply)
