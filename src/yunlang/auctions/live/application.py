"""What stands before Django in a web process: streams and plain bids here, everything else on to Django."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from django.conf import settings

from yunlang.auctions.live.batches import bids_answer
from yunlang.auctions.live.bids import TooLateToReadError, bid_of, body_read, is_plain, read_again
from yunlang.auctions.live.hub import Hub
from yunlang.auctions.live.streams import StreamLimits, Streams
from yunlang.auctions.live.wire import Application, Asked, Receive, Scope, Send, answer
from yunlang.auctions.live.writers import Writers
from yunlang.kit.rate_limit import RateLimit


class LiveApplication:
    """An ASGI application around another.

    Attributes
    ----------
    hub_of, limits
        What streams are served from, and how many.
    limit
        How often one person may call.
    at_once
        How many requests the other application is given at the same time.
    """

    def __init__(self, rest: Application, limit: Callable[[], RateLimit], *, at_once: int = 100) -> None:
        self.limit = limit
        self.hub_of: Callable[[], Hub] = Hub
        self.limits = StreamLimits(settings.LIVE_STREAMS_PER_ADDRESS, settings.LIVE_STREAMS)
        self._rest = rest
        self._slots = asyncio.Semaphore(at_once)
        self._hub: Hub | None = None
        self._streams: Streams | None = None
        self._writers: Writers | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the other application answer it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await self._rest(scope, receive, send)
        elif scope["path"].startswith("/live/"):
            await self._served().serve(Asked(scope), receive, send)
        elif scope["path"].endswith("/bids") and is_plain(Asked(scope)):
            await self._bid(Asked(scope), receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._slots:
            await self._rest(scope, receive, send)

    async def _bid(self, asked: Asked, receive: Receive, send: Send) -> None:
        try:
            body = await body_read(receive)
        except TooLateToReadError:
            return
        ask = bid_of(asked, body)
        reply = None if ask is None else await self._taken().answer(ask)
        if reply is None:
            await self._pass_on(asked.scope, read_again(body, receive), send)
        else:
            await answer(send, *reply)

    async def close(self) -> None:
        """End what is open."""
        if self._hub is not None:
            await self._hub.close()
        if self._writers is not None:
            await asyncio.to_thread(self._writers.close)
        self._hub = self._streams = self._writers = None

    def _taken(self) -> Writers:
        if self._writers is None:
            self._writers = Writers(partial(bids_answer, limit=self.limit))
        return self._writers

    def _served(self) -> Streams:
        # Made by the first who asks: it belongs to the loop that then runs.
        if self._streams is None:
            self._hub = self.hub_of()
            self._streams = Streams(self._hub, self.limits)
        return self._streams

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown":
                await self.close()
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
