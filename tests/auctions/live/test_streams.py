"""What watchers of a lot are told: everything public, once, in order, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection

from tests.auctions.live.support import Stream, Told, aside, call, run, sequences
from tests.auctions.support import Floor, make_lot, make_sale, yuan
from yunlang.accounts.actors import SYSTEM
from yunlang.auctions import conducting
from yunlang.auctions.bidding import PartyAsk, bid_place, party_asks_decide
from yunlang.auctions.clock import ClockJumpedError
from yunlang.auctions.clock_models import ClockIncident
from yunlang.auctions.core.commands import PlaceBid
from yunlang.auctions.core.public import public_event
from yunlang.auctions.live.application import LiveApplication
from yunlang.auctions.live.feed import Feed
from yunlang.auctions.live.hub import Hub
from yunlang.auctions.live.streams import StreamLimits
from yunlang.auctions.lot_states import LOT, events_of, lot_state
from yunlang.deals.journal import journal_rows
from yunlang.kit.rate_limit import RateLimit

pytestmark = pytest.mark.django_db(transaction=True)
keys = (f"request-{number}" for number in count())
STEP = 50_000


async def _django(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def served(floor: Floor, *, heartbeat: float = 60.0, streams: int = 100) -> LiveApplication:
    """Return the application over the floor's clock."""
    app = LiveApplication(_django, lambda: RateLimit("test", 10**6, timedelta(minutes=1)))
    app.hub_of = lambda: Hub(clock=floor.clock, heartbeat=heartbeat)
    app.limits = StreamLimits(streams, 1000)
    return app


@pytest.fixture
def floor(corridor: object) -> Floor:
    opened = Floor(bidders=3)
    opened.tick(0)
    return opened


def raise_price(floor: Floor, times: int = 1) -> None:
    """Have two bidders outbid each other, each a step up."""
    book = lot_state(floor.id).book
    leader, price = book.leader, book.price or yuan("8900000")
    asks = []
    for _ in range(times):
        leader, price = "02" if leader == "01" else "01", price + STEP
        asks.append(_bid(floor, leader, price))
    assert all(answer.is_accepted for answer in party_asks_decide(asks, clock=floor.clock))


def _bid(floor: Floor, paddle: str, amount: Decimal) -> PartyAsk:
    return PartyAsk(floor.members[paddle], floor.id, lambda own: PlaceBid(own, next(keys), amount), "bid_place")


def path(floor: Floor) -> str:
    return f"/live/lots/{floor.id}/events"


def public_sequences(floor: Floor) -> list[int]:
    state = lot_state(floor.id)
    return [one.sequence for one in events_of(journal_rows(LOT, floor.id)) if public_event(state, one) is not None]


def test_a_watcher_is_told_where_the_lot_stands_and_then_what_happens(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            first = await stream.next()
            assert (first.data["events"], first.data["lot"]["phase"]) == ([], "open")
            assert first.data["now"] == "2026-05-18T02:00:00.000000Z"
            await aside(raise_price, floor)
            then = await stream.next()
            assert int(then.id) == int(first.id) + 1
            (event,) = then.data["events"]
            assert (event["kind"], event["amount"], event["leader"]) == ("bid_placed", "8950000.00", "01")
            assert (then.data["lot"]["price"], then.data["lot"]["least"]) == ("8950000.00", "9000000.00")
            headers = dict(stream.start["headers"])
            assert headers[b"content-type"].startswith(b"text/event-stream")
            assert (headers[b"cache-control"], headers[b"x-accel-buffering"]) == (b"no-store", b"no")

    run(steps, served(floor))


def test_who_comes_back_is_told_all_that_was_missed_even_when_it_is_long_ago(floor: Floor) -> None:
    raise_price(floor, 600)

    async def steps(app: Any) -> None:
        async with Stream(app, path(floor), last="3") as stream:
            told = await stream.until(lambda one: one.id == str(lot_sequence))
        assert sequences(told) == [one for one in expected if one > 3]
        assert len(told) > 1
        async with Stream(app, f"{path(floor)}?after={lot_sequence - 1}") as stream:
            assert sequences([await stream.next()]) == [lot_sequence]
        async with Stream(app, path(floor), last="999999") as stream:
            assert (await stream.next()).data["events"] == []

    lot_sequence, expected = lot_state(floor.id).sequence, public_sequences(floor)
    run(steps, served(floor))


def test_through_any_number_of_broken_connections_every_event_is_told_once(floor: Floor) -> None:
    async def watch(app: Any, dice: random.Random, until: int) -> list[Told]:
        told: list[Told] = []
        last = "1"
        while not told or int(last) < until:
            async with Stream(app, path(floor), last=last) as stream:
                for _ in range(dice.randint(1, 4)):
                    if int(last) < until:
                        told.append(await stream.next())
                        last = told[-1].id
        return told

    async def steps(app: Any) -> None:
        seeds = range(6)
        watchers = [asyncio.create_task(watch(app, random.Random(seed), start + 40)) for seed in seeds]
        for _ in range(20):
            await aside(raise_price, floor, 2)
        for told in await asyncio.gather(*watchers):
            assert sequences(told) == await aside(public_sequences, floor)

    start = lot_state(floor.id).sequence
    run(steps, served(floor))


def test_two_servers_tell_the_same(floor: Floor) -> None:
    other = served(floor)

    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as here, Stream(other, path(floor)) as there:
            await here.next()
            await there.next()
            await aside(raise_price, floor)
            assert (await here.next()) == (await there.next())
        await other.close()

    run(steps, served(floor))


def test_nothing_secret_is_told_before_the_end(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            await stream.next()
            await aside(raise_price, floor)
            await aside(
                bid_place, actor=floor.members["03"], lot_id=floor.id, key="secret", amount=yuan("12345678"), proxy=True,
                clock=floor.clock,
            )  # fmt: skip
            told = await stream.until(lambda one: one.data["lot"]["leader"] == "03")
            text = json.dumps([one.data for one in told])
            assert "12345678" not in text
            assert "reserve" not in text.replace("reserve_met", "")

    run(steps, served(floor))


def test_a_refused_bid_is_told_to_nobody(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            first = await stream.next()
            await aside(
                bid_place, actor=floor.members["01"], lot_id=floor.id, key="low", amount=yuan("1"), clock=floor.clock
            )
            await aside(raise_price, floor)
            assert sequences([await stream.next()]) == [int(first.id) + 2]

    run(steps, served(floor))


def test_a_sale_is_watched_as_one_and_its_new_lots_are_seen(corridor: object) -> None:
    sale = make_sale()
    floors = [Floor(sale=sale), Floor(sale=sale)]
    for one in floors:
        one.tick(0)
    address = f"/live/sales/{sale.pk}/events"

    async def steps(app: Any) -> None:
        async with Stream(app, address) as stream:
            first = [await stream.next(), await stream.next()]
            assert {one.data["lot"]["lot"] for one in first} == {str(one.id) for one in floors}
            await aside(raise_price, floors[1])
            last = (await stream.next()).id
            late = await aside(make_lot, sale)
            await aside(conducting.lot_list, actor=SYSTEM, lot_id=late.pk, clock=floors[0].clock)
            assert (await stream.next()).data["lot"]["lot"] == str(late.pk)
        await aside(raise_price, floors[0])
        async with Stream(app, address, last=last) as stream:
            told = [await stream.next(), await stream.next()]
            events = {one.data["lot"]["lot"]: len(one.data["events"]) for one in told}
            assert events == {str(floors[0].id): 1, str(late.pk): 0}

    run(steps, served(floors[0]))


def test_a_broken_connection_to_the_database_loses_nothing(floor: Floor) -> None:
    def break_listening() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = %s",
                [connection.settings_dict["NAME"]],
            )
            assert cursor.rowcount
        raise_price(floor)

    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            first = await stream.next()
            await aside(break_listening)
            assert sequences([await stream.next()]) == [int(first.id) + 1]

    run(steps, served(floor))


def test_a_sign_of_life_tells_the_servers_time_or_that_it_has_stopped(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            assert (await stream.next("clock")).data == {"now": "2026-05-18T02:00:00.000000Z"}

    run(steps, served(floor, heartbeat=0.01))


def test_while_the_clock_is_off_watchers_are_told_so_and_the_office_too(floor: Floor) -> None:
    def off() -> datetime:
        raise ClockJumpedError(seconds=3600)

    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            assert (await stream.next()).data["now"] is None
            assert (await stream.next("stopped")).data["code"] == "clock_jumped"

    app = served(floor)
    app.hub_of = lambda: Hub(clock=off, heartbeat=0.01)
    run(steps, app)
    assert ClockIncident.objects.get().seconds == 3600


def test_a_lot_that_cannot_be_followed_keeps_no_other_from_being_told(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Floor(sale=floor.lot.sale)
    other.tick(0)
    advance = Feed.advance

    def broken(feed: Feed, *news: Any) -> bool:
        if feed.lot == other.id:
            raise ValueError("unreadable")
        return advance(feed, *news)

    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as sound, Stream(app, path(other)) as unsound:
            await sound.next()
            await unsound.next()
            await aside(raise_price, other)
            await unsound.ended()
            await aside(raise_price, floor)
            assert len((await sound.next()).data["events"]) == 1

    monkeypatch.setattr(Feed, "advance", broken)
    run(steps, served(floor))


def test_what_is_not_there_and_what_is_too_much_is_refused(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        unlisted = await aside(make_lot)
        for address in (f"/live/lots/{unlisted.pk}/events", f"/live/sales/{unlisted.pk}/events", "/live/x"):
            missing = await call(app, "GET", address)
            assert (missing.status, missing.json()["code"]) == (404, "not_found")
        wrong = await call(app, "POST", path(floor))
        assert wrong.status == 405
        async with Stream(app, path(floor)) as stream:
            await stream.next()
            refused = await call(app, "GET", path(floor), {"accept-language": "en"})
            assert (refused.status, refused.json()["code"]) == (429, "too_many_streams")
            assert int(refused.headers["retry-after"]) > 0
            async with Stream(app, path(floor), client="203.0.113.9") as elsewhere:
                await elsewhere.next()
        assert (await call(app, "GET", "/")).status == 204

    run(steps, served(floor, streams=1))


def test_a_server_that_stops_ends_its_streams(floor: Floor) -> None:
    async def steps(app: Any) -> None:
        async with Stream(app, path(floor)) as stream:
            await stream.next()
            await app.close()
            await stream.ended()

    run(steps, served(floor))
