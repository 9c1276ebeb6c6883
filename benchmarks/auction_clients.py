"""Bidders and watchers over bare sockets, in a process of their own: they must cost less than what they measure.

    python benchmarks/auction_clients.py bid|watch PLAN.json

Reads what to do from a file and prints what came of it as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

_LENGTH = re.compile(rb"content-length: (\d+)", re.I)
_SEQUENCE = re.compile(rb'"sequence":(\d+)')
_ID = re.compile(rb"^id: (\d+)$", re.M)


class Bidder(asyncio.Protocol):
    """One connection that bids, waits for the answer, and bids again."""

    def __init__(self, arena: Arena, token: str) -> None:
        self.arena = arena
        self.token = token
        self.rest = b""
        self.sent_at = 0.0
        self.what: tuple[str, str] = ("", "")

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def bid(self) -> None:
        """Send the next bid."""
        lot, amount, key = self.arena.next_bid(self.token)
        body = b'{"amount":"%d.00"}' % amount
        self.what = (lot, key)
        self.sent_at = time.perf_counter()
        self.transport.write(
            b"POST /api/v1/lots/%b/bids HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %b\r\n"
            b"Content-Type: application/json\r\nIdempotency-Key: %b\r\nContent-Length: %d\r\n\r\n%b"
            % (lot.encode(), self.token.encode(), key.encode(), len(body), body)
        )

    def data_received(self, data: bytes) -> None:
        self.rest += data
        head, mark, body = self.rest.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if not mark or found is None or len(body) < int(found[1]):
            return
        self.rest = b""
        self.arena.answered(self, int(head[9:12]), body, time.perf_counter() - self.sent_at)


class Arena:
    """All bidders, what they bid next, and what they were told."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.keys = count()
        self.lots = {lot: count(plan["start"]) for lot in plan["lots"]}
        self.places = {token: count(place) for place, token in enumerate(plan["tokens"])}
        self.accepted: list[tuple[str, str, int]] = []
        self.times: list[float] = []
        self.statuses: dict[int, int] = {}
        self.is_over = False
        self.idle: list[Bidder] = []
        self.missed = 0

    def next_bid(self, token: str) -> tuple[str, int, str]:
        """Return a lot, an amount above all that were sent before, and a key."""
        lots = self.plan["lots"]
        lot = lots[next(self.places[token]) * 7 % len(lots)]
        return lot, next(self.lots[lot]), f"{self.plan['name']}-{next(self.keys)}"

    def answered(self, bidder: Bidder, status: int, body: bytes, seconds: float) -> None:
        """Take an answer, and go on."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            found = _SEQUENCE.search(body)
            self.accepted.append((*bidder.what, int(found[1]) if found else 0))
            self.times.append(seconds)
        if self.is_over:
            return
        if self.plan["rate"]:
            self.idle.append(bidder)
        else:
            bidder.bid()

    async def run(self) -> dict[str, Any]:
        """Bid for as long as planned."""
        loop = asyncio.get_running_loop()
        bidders = []
        for token in self.plan["tokens"]:
            bidders.append((await loop.create_connection(partial(Bidder, self, token), *self.plan["server"]))[1])
        began = time.perf_counter()
        if self.plan["rate"]:
            await self._paced(bidders, began)
        else:
            for bidder in bidders:
                bidder.bid()
            await asyncio.sleep(self.plan["seconds"])
        spent = time.perf_counter() - began
        self.is_over, taken, times = True, len(self.times), sorted(self.times)
        await asyncio.sleep(2)
        return {
            "per_second": taken / spent, "p50": _at(times, 0.5), "p99": _at(times, 0.99), "accepted": self.accepted,
            "statuses": self.statuses, "missed": self.missed,
        }  # fmt: skip

    async def _paced(self, bidders: list[Bidder], began: float) -> None:
        self.idle = list(bidders)
        sent = 0
        while (now := time.perf_counter() - began) < self.plan["seconds"]:
            while sent < now * self.plan["rate"]:
                sent += 1
                if self.idle:
                    self.idle.pop(0).bid()
                else:
                    self.missed += 1
            await asyncio.sleep(0.002)


class Watcher(asyncio.Protocol):
    """One open stream."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def connection_made(self, transport: Any) -> None:
        transport.write(b"GET /live/lots/%b/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % self.hall.lot.encode())

    def data_received(self, data: bytes) -> None:
        ids = _ID.findall(data)
        if ids:
            self.hall.seen(self, int(ids[-1]))


class Hall:
    """All watchers of one lot, and when the last of them knew of each bid."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.lot = plan["lots"][0]
        self.last: dict[Watcher, int] = {}
        self.behind: dict[int, int] = {}
        self.known_at: dict[int, float] = {}
        self.first_known_at: dict[int, float] = {}
        self.committed_at: dict[int, float] = {}

    def seen(self, watcher: Watcher, sequence: int) -> None:
        """Take note of how far a watcher has seen."""
        now = time.perf_counter()
        before = self.last.get(watcher)
        self.last[watcher] = sequence
        if before is None:
            return
        for number in range(before + 1, sequence + 1):
            self.behind[number] = self.behind.get(number, 0) + 1
            self.first_known_at.setdefault(number, now)
            if self.behind[number] == self.plan["watchers"]:
                self.known_at[number] = now

    async def run(self) -> dict[str, Any]:
        """Watch, and have one bid after the other sent."""
        loop = asyncio.get_running_loop()
        for _ in range(self.plan["watchers"]):
            await loop.create_connection(lambda: Watcher(self), *self.plan["server"])
        await self._until(lambda: len(self.last) == self.plan["watchers"])
        arena = Arena(self.plan | {"rate": 1})
        bidders = []
        for token in self.plan["tokens"]:
            bidders.append((await loop.create_connection(partial(Bidder, arena, token), *self.plan["server"]))[1])
        arena.answered = self._answered  # type: ignore[method-assign]
        print(json.dumps({"ready": True}), flush=True)
        began = time.perf_counter()
        for number in range(int(self.plan["rate"] * self.plan["seconds"])):
            await asyncio.sleep(max(0.0, began + number / self.plan["rate"] - time.perf_counter()))
            bidders[number % len(bidders)].bid()
        await asyncio.sleep(2)
        await self._until(lambda: self.committed_at.keys() <= self.known_at.keys())
        pairs = [(self.known_at[one] - at, self.first_known_at[one] - at) for one, at in self.committed_at.items()]
        last, first = sorted(one for one, _ in pairs), sorted(one for _, one in pairs)
        return {
            "bids": len(last), "p50": _at(last, 0.5), "p99": _at(last, 0.99), "first_p50": _at(first, 0.5),
            "watchers": len(self.last),
        }  # fmt: skip

    def _answered(self, bidder: Bidder, status: int, body: bytes, seconds: float) -> None:
        if status == 200:
            self.committed_at[int(_SEQUENCE.search(body)[1])] = time.perf_counter()

    async def _until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.perf_counter() + seconds
        while not holds():
            if time.perf_counter() > deadline:
                raise SystemExit(
                    f"{len(self.last)} watchers, {len(self.known_at)} of {len(self.committed_at)} bids known"
                )
            await asyncio.sleep(0.05)


def _at(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))] * 1000 if times else float("nan")


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[2]).read_text())
    kind = {"bid": Arena, "watch": Hall}[sys.argv[1]]

    async def main() -> None:
        print(json.dumps(await kind(given).run()))

    asyncio.run(main())
