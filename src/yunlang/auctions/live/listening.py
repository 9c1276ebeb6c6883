"""Hearing of lots that changed: one connection that waits for PostgreSQL's notifications, renewed when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from psycopg import sql

log = structlog.get_logger("yunlang.auctions")
SHORTEST, LONGEST = 0.2, 5.0
_QUIET = 5.0


class Listener:
    """Calls `heard` with every payload on a channel, and `began` each time it has begun to listen.

    What was told while nobody listened is not heard again: `began` is the time to look for oneself.
    """

    def __init__(
        self, channel: str, *, parameters: Callable[[], dict[str, Any]], heard: Callable[[str], None],
        began: Callable[[], None],
    ) -> None:  # fmt: skip
        self._channel = channel
        self._parameters = parameters
        self._heard = heard
        self._began = began
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = SHORTEST
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self._parameters(), autocommit=True) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    pause = SHORTEST
                    await self._listen(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("live_listening_broken", error=str(error).strip()[:200])
            finally:
                self.is_listening.clear()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.is_listening.set()
        self._began()
        while True:
            async for told in connection.notifies(timeout=_QUIET):
                self._heard(told.payload)
            # A connection that died without a word is found out by asking.
            await connection.execute("SELECT 1")
