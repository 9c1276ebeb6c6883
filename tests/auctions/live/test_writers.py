"""The threads that decide bids, without a database: nothing is lost in them, and nobody waits for another's fault."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError

from tests.auctions.live.support import asked
from yunlang.auctions.live.batches import BidAsk, Reply
from yunlang.auctions.live.wire import Asked
from yunlang.auctions.live.writers import Writers
from yunlang.kit.ids import new_id

pytestmark = pytest.mark.django_db
LOT = new_id()


def ask(key: str) -> BidAsk:
    return BidAsk(Asked(asked("POST", "/")), "yl_x", LOT, key, Decimal("1.00"), False, 1, "")


def taken(asks: Sequence[BidAsk]) -> list[Reply | None]:
    return [(200, [], one.key.encode()) for one in asks]


class Held:
    """Decides when it is let go, and remembers who was decided together."""

    def __init__(self) -> None:
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def __call__(self, asks: Sequence[BidAsk]) -> list[Reply | None]:
        self.batches.append([one.key for one in asks])
        self.entered.set()
        assert self.let_go.wait(20)
        return taken(asks)


def answers(decide: Any, steps: Any, **options: Any) -> Any:
    async def run() -> Any:
        writers = Writers(decide, **options)
        try:
            return await asyncio.wait_for(steps(writers), 20)
        finally:
            await asyncio.to_thread(writers.close)

    return asyncio.run(run())


def test_what_comes_while_one_is_decided_is_decided_together() -> None:
    held = Held()

    async def steps(writers: Writers) -> list[Reply | None]:
        first = asyncio.create_task(writers.answer(ask("0")))
        await asyncio.to_thread(held.entered.wait, 20)
        others = [asyncio.create_task(writers.answer(ask(str(number)))) for number in range(1, 6)]
        await asyncio.sleep(0)
        held.let_go.set()
        return await asyncio.gather(first, *others)

    replies = answers(held, steps)
    assert [reply[2] for reply in replies] == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert held.batches == [["0"], ["1", "2", "3", "4", "5"]]


def test_when_too_many_wait_the_next_is_told_to_come_again() -> None:
    held = Held()

    async def steps(writers: Writers) -> Reply | None:
        tasks = [asyncio.create_task(writers.answer(ask("0")))]
        await asyncio.to_thread(held.entered.wait, 20)
        tasks += [asyncio.create_task(writers.answer(ask(key))) for key in "12"]
        await asyncio.sleep(0)
        refused = await writers.answer(ask("3"))
        held.let_go.set()
        assert [reply[0] for reply in await asyncio.gather(*tasks)] == [200, 200, 200]
        return refused

    status, headers, body = answers(held, steps, longest=2)
    assert (status, dict(headers)[b"retry-after"]) == (503, b"1")
    assert b"too_busy" in body


def test_one_that_cannot_be_decided_takes_nobody_with_it() -> None:
    held = Held()

    def decide(asks: Sequence[BidAsk]) -> list[Reply | None]:
        replies = held(asks)
        if any(one.key == "bad" for one in asks):
            raise ValueError
        return replies

    async def steps(writers: Writers) -> list[Reply | None]:
        tasks = [asyncio.create_task(writers.answer(ask(key))) for key in ("first", "good", "bad", "fine")]
        await asyncio.to_thread(held.entered.wait, 20)
        held.let_go.set()
        return await asyncio.gather(*tasks)

    replies = answers(decide, steps)
    assert [reply and reply[2] for reply in replies] == [b"first", b"good", None, b"fine"]


@pytest.mark.parametrize(("failures", "status"), [(1, 200), (2, 503)])
def test_a_database_that_goes_is_asked_again_once(failures: int, status: int) -> None:
    left = [OperationalError("gone")] * failures

    def decide(asks: Sequence[BidAsk]) -> list[Reply | None]:
        if left:
            raise left.pop()
        return taken(asks)

    async def steps(writers: Writers) -> Reply | None:
        return await writers.answer(ask("a"))

    reply = answers(decide, steps)
    assert reply[0] == status


def test_the_end_comes_after_what_was_taken() -> None:
    held = Held()

    async def steps(writers: Writers) -> list[Reply | None]:
        tasks = [asyncio.create_task(writers.answer(ask("0")))]
        await asyncio.to_thread(held.entered.wait, 20)
        tasks.append(asyncio.create_task(writers.answer(ask("1"))))
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(writers.close))
        await asyncio.sleep(0)
        held.let_go.set()
        replies = await asyncio.gather(*tasks)
        await closing
        late = await writers.answer(ask("2"))
        return [*replies, late]

    assert [reply[0] for reply in answers(held, steps)] == [200, 200, 503]
