"""An ASGI application called as a server calls it, and the stream of events that comes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

PATIENCE = 20.0


def asked(
    method: str, path: str, headers: dict[str, str] | None = None, client: str = "198.51.100.7"
) -> dict[str, Any]:
    """Return the scope of a request."""
    path, _, query = path.partition("?")
    given = {"host": "testserver"} | (headers or {})
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": (client, 4711), "server": ("testserver", 80),
    }  # fmt: skip


@dataclass
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def call(
    app: Any, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", **more: Any
) -> Answer:
    """Return the answer to one request."""
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if parts:
            return parts.pop(0)
        await asyncio.sleep(PATIENCE)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(app(asked(method, path, headers, **more), receive, send), PATIENCE)
    start = sent[0]
    found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(one.get("body", b"") for one in sent[1:]))


@dataclass
class Told:
    """One server-sent event."""

    id: str
    event: str
    data: Any


class Stream:
    """A client of a stream; use it as ``async with Stream(app, path) as stream``."""

    def __init__(self, app: Any, path: str, *, last: str = "", client: str = "198.51.100.7") -> None:
        headers = {"last-event-id": last} if last else {}
        self.start: dict[str, Any] = {}
        self._scope = asked("GET", path, headers, client)
        self._told: asyncio.Queue[Told | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self._app = app
        self._rest = b""

    async def __aenter__(self) -> Stream:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._left.set()
        await asyncio.wait_for(self._task, PATIENCE)

    async def next(self, event: str = "lot") -> Told:
        """Return the next event of a kind."""
        while True:
            told = await asyncio.wait_for(self._told.get(), PATIENCE)
            assert told is not None, "the stream ended"
            if told.event == event:
                return told

    async def until(self, fits: Callable[[Told], bool]) -> list[Told]:
        """Return all events about lots up to the first that fits."""
        found = []
        while not (found and fits(found[-1])):
            found.append(await self.next())
        return found

    async def ended(self) -> None:
        """Wait until the server ends the stream."""
        while await asyncio.wait_for(self._told.get(), PATIENCE) is not None:
            pass

    async def _run(self) -> None:
        await self._app(self._scope, self._receive, self._send)
        self._told.put_nowait(None)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self._rest += message["body"]
        *whole, self._rest = self._rest.split(b"\n\n")
        for one in whole:
            fields = dict(line.split(": ", 1) for line in one.decode().splitlines())
            if "event" in fields:
                self._told.put_nowait(Told(fields.get("id", ""), fields["event"], json.loads(fields["data"])))


async def aside(action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what an action that uses the database returns, done in another thread."""

    def act() -> Any:
        try:
            return action(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(act)


def run(steps: Callable[[Any], Awaitable[None]], app: Any) -> None:
    """Run a test's steps with an application, and close it."""

    async def all_steps() -> None:
        try:
            await steps(app)
        finally:
            await app.close()

    asyncio.run(all_steps())


def sequences(told: list[Told]) -> list[int]:
    """Return the numbers of the events that were told, as they came."""
    return [event["sequence"] for one in told for event in one.data["events"]]
