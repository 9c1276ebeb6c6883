"""Streams of events over HTTP: one lot, or all lots of a sale, for anybody."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from uuid import UUID

import structlog

from yunlang.auctions.live.hub import Hub
from yunlang.auctions.live.messages import places_read, sequence_read
from yunlang.auctions.live.watching import Watcher
from yunlang.auctions.live.wire import AS_TOLD, NOT_STORED, Asked, Receive, Send, answer
from yunlang.kit.api.problems import MethodNotAllowedError
from yunlang.kit.errors import DomainError, NotFoundError
from yunlang.kit.language import Bilingual

log = structlog.get_logger("yunlang.auctions")
ADDRESS = re.compile(r"/live/(?P<kind>lots|sales)/(?P<id>[0-9a-fA-F-]{36})/events/?")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    NOT_STORED,
    AS_TOLD,
    (b"x-accel-buffering", b"no"),
]
_SLOWEST_SECONDS = 30.0
_LOT = Bilingual("该拍品", "this lot")
_SALE = Bilingual("该场拍卖会的拍品", "any lot of this sale")


class TooManyStreamsError(DomainError):
    """More streams are open than are served, to this address or in all."""

    code = "too_many_streams"
    message = Bilingual(
        "打开的实时连接过多，请关闭不用的页面后重试。",
        "Too many live connections are open. Close pages you do not use.",
    )
    status = 429
    seconds = 10


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How many streams one address may keep open, and all together in one process."""

    per_address: int
    in_all: int


class Streams:
    """Serves streams from a hub."""

    def __init__(self, hub: Hub, limits: StreamLimits) -> None:
        self._hub = hub
        self._limits = limits
        self._open: Counter[str] = Counter()

    async def serve(self, asked: Asked, receive: Receive, send: Send) -> None:
        """Answer one request until its client leaves."""
        network = asked.network
        if self._open[network] >= self._limits.per_address or self._open.total() >= self._limits.in_all:
            await answer(send, *asked.problem(TooManyStreamsError()))
            return
        self._open[network] += 1
        try:
            await self._serve(asked, receive, send)
        finally:
            self._open[network] -= 1
            if not self._open[network]:
                del self._open[network]

    async def _serve(self, asked: Asked, receive: Receive, send: Send) -> None:
        try:
            watcher = await self._watcher(asked)
        except DomainError as error:
            await answer(send, *asked.problem(error))
            return
        try:
            await _until_one_ends(_left(receive), _pump(self._hub.messages(watcher), send))
        finally:
            self._hub.leave(watcher)

    async def _watcher(self, asked: Asked) -> Watcher:
        if asked.method != "GET":
            raise MethodNotAllowedError(allowed="GET")
        found = ADDRESS.fullmatch(asked.path)
        what, watcher = _LOT, None
        if found is not None:
            seen = asked.header(b"last-event-id") or asked.query("after")
            what, watcher = await self._watching(found["kind"], found["id"], seen)
        if watcher is None:
            raise NotFoundError(what=what)
        return watcher

    async def _watching(self, kind: str, name: str, seen: str) -> tuple[Bilingual, Watcher | None]:
        try:
            subject = UUID(name)
        except ValueError:
            return _LOT, None
        if kind == "sales":
            return _SALE, await self._hub.watch_sale(subject, places_read(seen))
        return _LOT, await self._hub.watch_lot(subject, sequence_read(seen))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pump(messages: AsyncIterator[bytes], send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    # Not all at the same moment, when a server that thousands watched comes back.
    first = f"retry: {random.randint(500, 2500)}\n\n".encode()  # noqa: S311 - no secret
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for message in messages:
        async with asyncio.timeout(_SLOWEST_SECONDS):
            await send({"type": "http.response.body", "body": message, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_one_ends(*steps: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            if (error := task.exception()) is not None:
                # The client comes back by itself, and resumes.
                log.info("live_stream_broken", error=repr(error)[:200])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
