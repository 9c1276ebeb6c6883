"""What streams read of the database, in threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import close_old_connections, connection

from yunlang.auctions.clock import Clock, ClockJumpedError
from yunlang.auctions.core.events import Event
from yunlang.auctions.lot_states import LOT, Lot, events_of, lot_state
from yunlang.auctions.models import Standing
from yunlang.deals.journal import journal_rows
from yunlang.deals.ledger_models import JournalEntry

T = TypeVar("T")
PAGE = 500
_SINCE = """
SELECT entry.* FROM unnest(%s::uuid[], %s::int[]) AS seen (lot, sequence)
JOIN LATERAL (
    SELECT * FROM deals_journalentry
    WHERE subject_kind = %s AND subject_id = seen.lot AND sequence > seen.sequence ORDER BY sequence LIMIT %s
) AS entry ON true ORDER BY entry.sequence
"""


@dataclass(frozen=True, slots=True)
class News:
    """What happened to lots since, and the server's time after it was read: None while it cannot be relied on."""

    events: Mapping[UUID, list[Event]]
    now: datetime | None


class Reader:
    """Reads for the event loop, a few things at once."""

    def __init__(self, clock: Clock, *, threads: int = 2) -> None:
        self.clock = clock
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="live-reading")

    async def run(self, read: Callable[..., T], *arguments: Any) -> T:
        """Return what `read` returns, called in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _connected, read, *arguments)

    async def lot(self, lot: UUID) -> tuple[Lot | None, datetime | None]:
        """Return where a lot stands, None before its listing, and the time."""
        return await self.run(lambda: (lot_state(lot), self._time()))

    async def since(self, seen: Mapping[UUID, int]) -> News:
        """Return the events that followed the ones named, of several lots: of each a page at most."""
        return await self.run(lambda: News(_events_since(seen), self._time()))

    async def page(self, lot: UUID, after: int, upto: int) -> list[Event]:
        """Return a lot's events after one and up to another, as many as make a page."""
        rows = journal_rows(LOT, lot).filter(sequence__gt=after, sequence__lte=upto)[:PAGE]
        return await self.run(lambda: list(events_of(rows)))

    async def sale(self, sale: UUID) -> dict[UUID, int]:
        """Return the listed lots of a sale with their numbers."""
        rows = Standing.objects.filter(lot__sale=sale).values_list("lot_id", "lot__number")
        return await self.run(lambda: dict(rows))

    async def time(self) -> datetime:
        """Return the server's time.

        Raises
        ------
        ClockJumpedError
        """
        return await self.run(self.clock)

    def close(self) -> None:
        """Let what runs finish, and take nothing more."""
        self._threads.shutdown(wait=False)

    def _time(self) -> datetime | None:
        try:
            return self.clock()
        except ClockJumpedError:
            return None


def _connected(read: Callable[..., T], *arguments: Any) -> T:
    try:
        return read(*arguments)
    finally:
        close_old_connections()


def _events_since(seen: Mapping[UUID, int]) -> dict[UUID, list[Event]]:
    found: dict[UUID, list[Event]] = {lot: [] for lot in seen}
    rows = JournalEntry.objects.raw(_SINCE, [list(seen), list(seen.values()), LOT, PAGE])
    for event in events_of(rows):
        found[UUID(event.lot)].append(event)
    return found


def listening_parameters() -> dict[str, Any]:
    """Return how to reach the database with a connection that belongs to no thread."""
    parameters: dict[str, Any] = connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
