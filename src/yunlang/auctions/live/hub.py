"""One process's watchers: what they watch is read once, whenever the database says that it changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError

from yunlang.auctions.clock import Clock, ClockJumpedError, server_time
from yunlang.auctions.clock_incidents import clock_incident_note
from yunlang.auctions.core.events import Event
from yunlang.auctions.decisions import CHANNEL
from yunlang.auctions.live.feed import Feed, Message
from yunlang.auctions.live.listening import SHORTEST, Listener
from yunlang.auctions.live.messages import clock_body, stopped_body
from yunlang.auctions.live.reading import PAGE, Reader, listening_parameters
from yunlang.auctions.live.watching import Watcher
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

log = structlog.get_logger("yunlang.auctions")
HEARTBEAT_SECONDS = 5.0
PATIENCE_SECONDS = 5.0
# A message to one watcher costs about this much of a processor: a hot lot is told to many in fewer, fuller messages.
SECONDS_A_WATCHER = 0.0002
_AT_ONCE = 100
_STRANGERS = 10_000


class NotWatchableError(DomainError):
    """The stream cannot begin because the database does not answer."""

    code = "stream_not_available"
    message = Bilingual("实时数据暂时中断，请稍后重连。", "Live data is interrupted. Connect again shortly.")
    status = 503
    seconds = 5


class Hub:
    """Keeps a feed for each lot that is watched, and wakes its watchers.

    Belongs to one event loop. It listens before it reads, so that nothing happens unseen between the two.
    """

    def __init__(self, *, clock: Clock = server_time, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self._reader = Reader(clock)
        self._heartbeat = heartbeat
        self._feeds: dict[UUID, Feed] = {}
        self._watchers: dict[UUID, set[Watcher]] = {}
        self._sales: dict[UUID, set[Watcher]] = {}
        self._strangers: set[UUID] = set()
        self._is_new_there = False
        self._changed: dict[UUID, float] = {}
        self._told_at: dict[UUID, float] = {}
        self._wake = asyncio.Event()
        self._listener = Listener(
            CHANNEL, parameters=listening_parameters, heard=self._heard, began=self._look_everywhere
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def watch_lot(self, lot: UUID, seen: int | None) -> Watcher | None:
        """Return a watcher of a lot who has seen it up to an event; None where no such lot is listed.

        Raises
        ------
        NotWatchableError
        """
        watcher = Watcher()
        return await self._watched(watcher, self._show(watcher, lot, seen))

    async def watch_sale(self, sale: UUID, seen: dict[int, int]) -> Watcher | None:
        """Return a watcher of all listed lots of a sale; None where there is none yet.

        Parameters
        ----------
        seen
            Up to which event of each lot, by the lot's number.

        Raises
        ------
        NotWatchableError
        """
        watcher = Watcher(sale)
        self._sales.setdefault(sale, set()).add(watcher)
        return await self._watched(watcher, self._show_sale(watcher, seen))

    async def _watched(self, watcher: Watcher, showing: Coroutine[Any, Any, bool]) -> Watcher | None:
        try:
            try:
                await self._begin()
                is_there = await showing
            finally:
                showing.close()
        except BaseException as error:
            self.leave(watcher)
            if isinstance(error, (DatabaseError, InterfaceError)):
                raise NotWatchableError from error
            raise
        if is_there:
            return watcher
        self.leave(watcher)
        return None

    def leave(self, watcher: Watcher) -> None:
        """Forget a watcher, and what nobody watches any more."""
        watcher.close()
        for lot in watcher.lots:
            self._watchers.get(lot, set()).discard(watcher)
            if not self._watchers.get(lot):
                self._forget(lot)
        if watcher.sale is not None and watcher.sale in self._sales:
            self._sales[watcher.sale].discard(watcher)
            if not self._sales[watcher.sale]:
                del self._sales[watcher.sale]

    async def messages(self, watcher: Watcher) -> AsyncIterator[bytes]:
        """Give what a watcher is to be sent, until it is closed."""
        while not watcher.is_closed:
            watcher.rest()
            for lot in list(watcher.lots):
                while (feed := self._feeds.get(lot)) is not None and feed.is_news_to(watcher.lots[lot]):
                    message = feed.message(watcher.lots[lot]) or await self._paged(feed, watcher.lots[lot] or 0)
                    yield watcher.addressed(lot, message)
            if (sign := watcher.take_sign()) is not None:
                yield sign
            await watcher.woken()

    async def close(self) -> None:
        """End all streams and let go of the database."""
        for watchers in [*self._watchers.values(), *self._sales.values()]:
            for watcher in watchers:
                watcher.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._reader.close()

    async def _begin(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(one) for one in (self._listener.run(), self._follow(), self._beat())]
        try:
            await asyncio.wait_for(self._listener.is_listening.wait(), PATIENCE_SECONDS)
        except TimeoutError as error:
            raise NotWatchableError from error

    async def _show(self, watcher: Watcher, lot: UUID, seen: int | None, number: int = 0) -> bool:
        """Add a lot to what somebody watches; tell whether it is listed."""
        watcher.add(lot, seen, number)
        self._watchers.setdefault(lot, set()).add(watcher)
        if lot not in self._feeds:
            state, now = await self._reader.lot(lot)
            if state is None:
                return False
            # Another who came at the same time may have been first, and its feed may have moved on.
            if lot not in self._feeds:
                self._feeds[lot] = Feed(state, now)
                self._heard(str(lot))
        if watcher.is_closed:
            self.leave(watcher)
        watcher.wake()
        return True

    async def _show_sale(self, watcher: Watcher, seen: Mapping[int, int]) -> bool:
        """Add what a watcher of a sale does not see yet of it; tell whether there is anything."""
        if watcher.sale is None:
            return False
        lots = await self._reader.sale(watcher.sale)
        for lot, number in lots.items():
            if lot not in watcher.lots and not watcher.is_closed:
                await self._show(watcher, lot, seen.get(number), number)
        return bool(lots)

    def _forget(self, lot: UUID) -> None:
        self._watchers.pop(lot, None)
        self._feeds.pop(lot, None)
        self._changed.pop(lot, None)
        self._told_at.pop(lot, None)

    async def _paged(self, feed: Feed, after: int) -> Message:
        events = await self._reader.page(feed.lot, after, feed.sequence)
        last = events[-1].sequence if events else feed.sequence
        return feed.message_of(feed.told(events), last)

    def _heard(self, payload: str) -> None:
        lot = UUID(payload)
        if lot in self._feeds:
            self._changed.setdefault(lot, self._soonest(lot))
            self._wake.set()
        elif self._sales and lot not in self._watchers and lot not in self._strangers:
            # A lot that was listed just now may belong to a sale that is watched.
            self._strangers.add(lot)
            self._is_new_there = True
            self._wake.set()

    def _look_everywhere(self) -> None:
        for lot in self._feeds:
            self._changed.setdefault(lot, self._soonest(lot))
        self._is_new_there = bool(self._sales)
        self._wake.set()

    def _soonest(self, lot: UUID) -> float:
        """Return when a lot's watchers may be told again, by the loop's clock."""
        return self._told_at.get(lot, 0.0) + SECONDS_A_WATCHER * len(self._watchers.get(lot, ()))

    async def _follow(self) -> None:
        """Read what changed, and wake who watches it, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._look_for_lots()
                while self._changed:
                    await self._read_due()
            except Exception as error:
                # Whatever it is, what watchers see must not stand still for good.
                log.warning("live_reading_failed", error=repr(error)[:200])
                await asyncio.sleep(SHORTEST)
                self._look_everywhere()

    async def _look_for_lots(self) -> None:
        if not self._is_new_there:
            return
        self._is_new_there = False
        for watcher in [one for watchers in self._sales.values() for one in watchers]:
            await self._show_sale(watcher, {})
        if len(self._strangers) > _STRANGERS:
            self._strangers.clear()

    async def _read_due(self) -> None:
        now = asyncio.get_running_loop().time()
        due = {lot: self._feeds[lot].sequence for lot, at in self._changed.items() if at <= now}
        if not due:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(self._changed.values()) - now)
            self._wake.clear()
            return
        for lot in due:
            # Before the reading: what changes while it runs is heard anew.
            del self._changed[lot]
            self._told_at[lot] = now
        news = await self._reader.since(due)
        for lot, events in news.events.items():
            try:
                await self._tell(lot, events, news.now)
            except Exception:
                # One lot that cannot be followed must not keep the others from being told; who watches it comes back.
                log.exception("live_lot_not_followed", lot=str(lot))
                for watcher in list(self._watchers.get(lot, ())):
                    watcher.close()

    async def _tell(self, lot: UUID, events: Sequence[Event], now: datetime | None) -> None:
        feed = self._feeds.get(lot)
        if feed is None:
            return
        if len(events) == PAGE:
            self._heard(str(lot))
        if feed.advance([event for event in events if event.sequence > feed.sequence], now):
            await _wake(self._watchers[lot])

    async def _beat(self) -> None:
        """Give a sign of life every few seconds, unless it cannot be vouched for."""
        while True:
            await asyncio.sleep(self._heartbeat)
            if not self._listener.is_listening.is_set():
                continue
            try:
                sign = await self._sign()
            except Exception as error:
                log.warning("live_time_not_read", error=repr(error)[:200])
                continue
            await _wake({one for watchers in self._watchers.values() for one in watchers}, sign)

    async def _sign(self) -> bytes:
        try:
            return clock_body(await self._reader.time())
        except ClockJumpedError as error:
            await self._reader.run(clock_incident_note, error)
            return stopped_body(error)


async def _wake(watchers: Iterable[Watcher], sign: bytes | None = None) -> None:
    """Wake watchers, and between some of them let others have their turn: whoever bids must not wait for thousands."""
    for place, watcher in enumerate(list(watchers), start=1):
        if sign is not None:
            watcher.sign = sign
        watcher.wake()
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
