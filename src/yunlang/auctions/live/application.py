"""What stands before Django in a web process: streams of events here, everything else on to Django."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from yunlang.auctions.live.hub import Hub
from yunlang.auctions.live.streams import StreamLimits, Streams
from yunlang.auctions.live.wire import Application, Asked, Receive, Scope, Send


class LiveApplication:
    """An ASGI application around another.

    Attributes
    ----------
    hub_of, limits
        What streams are served from, and how many.
    """

    def __init__(self, rest: Application) -> None:
        self.hub_of: Callable[[], Hub] = Hub
        self.limits = StreamLimits(settings.LIVE_STREAMS_PER_ADDRESS, settings.LIVE_STREAMS)
        self._rest = rest
        self._hub: Hub | None = None
        self._streams: Streams | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the other application answer it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/live/"):
            await self._served().serve(Asked(scope), receive, send)
        else:
            await self._rest(scope, receive, send)

    async def close(self) -> None:
        """End what is open."""
        if self._hub is not None:
            await self._hub.close()
        self._hub = self._streams = None

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
