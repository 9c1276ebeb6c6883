"""The short way for bids: the same answers as through Django, once each, whatever happens around it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.db import connection
from django.utils import timezone

from tests.api.conftest import token_for
from tests.auctions.live.support import Answer, call, run
from tests.auctions.support import Floor, make_bidder, serve_time
from tests.factories import make_member, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import ApiToken
from yunlang.accounts.services import token_revoke
from yunlang.auctions import conducting
from yunlang.auctions.clock import server_time
from yunlang.auctions.core import engine
from yunlang.auctions.live.application import LiveApplication
from yunlang.auctions.lot_states import LOT, STATES, events_of, lot_state
from yunlang.auctions.models import Bidder
from yunlang.deals.core.ledger.entries import chain_verify
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.deals.ledger_models import JournalEntry
from yunlang.kit.ids import new_id
from yunlang.kit.rate_limit import RateLimit
from yunlang.registry.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
COMPARED = (
    "content-type", "content-language", "cache-control", "retry-after", "ratelimit", "ratelimit-policy",
    "www-authenticate",
)  # fmt: skip


class Lane:
    """A floor and one way to bid on it."""

    def __init__(self, app: Any, floor: Floor, client: str = "198.51.100.7") -> None:
        self.client = client
        self.app = app
        self.floor = floor
        self.secrets = {paddle: token_for(member) for paddle, member in floor.members.items()}

    async def bid(
        self,
        paddle: str = "01",
        body: Any = None,
        *,
        key: str = "k",
        lot: object = None,
        path: str = "",
        **headers: str,
    ) -> Answer:
        given = {"authorization": f"Bearer {self.secrets.get(paddle, paddle)}", "content-type": "application/json"}
        given |= {"idempotency-key": key} | {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        given["content-length"] = str(len(text))
        address = path or f"/api/v1/lots/{lot or self.floor.id}/bids"
        return await call(
            self.app, "POST", address, {name: one for name, one in given.items() if one}, text, client=self.client
        )


class Counted:
    """An application that counts what reaches it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.count = 0

    async def __call__(self, *arguments: Any) -> None:
        self.count += 1
        await self.app(*arguments)


@pytest.fixture
def django() -> Counted:
    return Counted(get_asgi_application())


@pytest.fixture
def app(django: Counted) -> LiveApplication:
    return LiveApplication(django, lambda: RateLimit("token", 600, timedelta(minutes=1)))


@pytest.fixture
def floors(corridor: object, monkeypatch: pytest.MonkeyPatch) -> list[Floor]:
    made = [Floor(bidders=3), Floor(bidders=3)]
    for floor in made:
        floor.clock = made[0].clock
        floor.tick(0)
    serve_time(monkeypatch, made[0].clock)
    return made


def comparable(answer: Answer, floor: Floor) -> tuple[int, Any, dict[str, str | None]]:
    text = answer.body.decode().replace(str(floor.id), "LOT")
    body = json.loads(text) if "json" in answer.headers["content-type"] else text
    headers = {name: answer.headers.get(name) for name in COMPARED}
    if headers["ratelimit"]:
        headers["ratelimit"] = headers["ratelimit"].rpartition(";t=")[0]
    return answer.status, body, headers


def test_both_ways_give_the_same_answers(floors: list[Floor], app: LiveApplication, django: Counted) -> None:
    lanes = [Lane(app, floors[0]), Lane(django.app, floors[1], "203.0.113.9")]
    for lane in lanes:
        both, reader, gone = make_user(), make_user(), make_user()
        for bidder in lane.floor.lot.bidders.all():
            make_member(both, bidder.organisation)
        lane.secrets["both"] = token_for(both)
        lane.secrets["stranger"] = token_for(make_user())
        lane.secrets["reader"] = token_for(reader, ApiToken.Scope.READ)
        lane.secrets["revoked"] = token_for(gone)
        token_revoke(actor=gone, token_id=gone.api_tokens.get().pk, at=timezone.now())
        _, outsider = make_bidder(lane.floor.lot, "77")
        lane.secrets["77"] = token_for(outsider)
    first, dearer = {"amount": "8950000.00"}, {"amount": "9000000"}
    short: list[tuple[str, Any, dict[str, Any]]] = [
        ("01", {"amount": "1.00"}, {"key": "low"}),
        ("01", {"amount": "1.00"}, {"key": "low"}),
        ("01", first, {"key": "a"}),
        ("01", first, {"key": "a"}),
        ("01", dearer, {"key": "a"}),
        ("02", dearer, {"key": "b", "accept_language": "en"}),
        ("01", first, {"key": "a"}),
        ("02", {"amount": "9000001.00"}, {"key": "own"}),
        ("03", {"amount": "0"}, {"key": "zero"}),
        ("03", {"amount": "9500000", "proxy": True, "quantity": 1, "paddle": "03"}, {"key": "proxy"}),
        ("03", {"amount": "9600000", "paddle": "01"}, {"key": "other"}),
        ("both", {"amount": "9600000"}, {"key": "c"}),
        ("both", {"amount": "9600000", "paddle": "01"}, {"key": "c", "accept_language": "en-GB,zh;q=0.5"}),
        ("stranger", first, {"key": "d"}),
        ("77", {"amount": "9700000"}, {"key": "e"}),
        ("01", first, {"key": "f", "lot": new_id()}),
    ]  # fmt: skip
    long: list[tuple[str, Any, dict[str, Any]]] = [
        ("reader", first, {}),
        ("revoked", first, {}),
        ("yl_unknown", first, {}),
        ("01", first, {"key": ""}),
        ("01", first, {"key": "x" * 101}),
        ("01", {"amount": 8950000}, {}),
        ("01", {"amount": "1", "more": 1}, {}),
        ("01", [], {}),
        ("01", b"{", {}),
        ("01", b'{"amount": NaN}', {}),
        ("01", first, {"authorization": ""}),
        ("01", first, {"host": "elsewhere.example"}),
        ("01", first, {"path": "/api/v1/lots/1/bids"}),
        ("01", {"amount": "1", "paddle": "x" * 2500}, {}),
    ]

    async def steps(_: Any) -> None:
        for cases, is_short in ((short, True), (long, False)):
            for paddle, body, more in cases:
                before = django.count
                here, there = [await lane.bid(paddle, body, **more) for lane in lanes]
                assert comparable(here, floors[0]) == comparable(there, floors[1]), (paddle, body, more)
                assert (django.count == before) is is_short, (paddle, body, more)
        for floor in floors:
            floor.clock.at(400)
        late = [await lane.bid("01", {"amount": "99000000"}, key="late") for lane in lanes]
        assert [one.json()["code"] for one in late] == ["late", "late"]

    run(steps, app)
    journals = [
        list(journal_rows(LOT, floor.id).order_by("sequence").values_list("sequence", "kind", "payload", "actor", "at"))
        for floor in floors
    ]
    assert [row[:2] + row[3:] for row in journals[0]] == [row[:2] + row[3:] for row in journals[1]]


def test_many_bids_at_once_are_each_taken_once_without_a_gap(
    floors: list[Floor], app: LiveApplication, django: Counted
) -> None:
    lanes = [Lane(app, floor) for floor in floors]

    async def steps(_: Any) -> None:
        bids = [
            lane.bid(f"0{1 + turn % 3}", {"amount": str(8_950_000 + 50_000 * turn)}, key=f"{turn}")
            for turn in range(40)
            for lane in lanes
            for _again in range(2)
        ]
        answers = await asyncio.gather(*bids)
        taken = [one.json() for one in answers if one.status == 200]
        assert {one.status for one in answers} <= {200, 409}
        for floor in floors:
            own = {one["sequence"] for one in taken if one["lot"]["lot"] == str(floor.id)}
            kinds = dict(await asyncio.to_thread(_kinds, floor))
            assert own == {number for number, kind in kinds.items() if kind == "bid_placed"}
        assert django.count == 0

    run(steps, app)
    for floor in floors:
        chain_verify(entries_of(journal_rows(LOT, floor.id)))
        assert engine.replayed(events_of(journal_rows(LOT, floor.id))) == lot_state(floor.id)


def _kinds(floor: Floor) -> list[tuple[int, str]]:
    try:
        return list(JournalEntry.objects.filter(subject_id=floor.id).values_list("sequence", "kind"))
    finally:
        connection.close()


def test_after_a_restart_the_same_request_has_the_same_answer(floors: list[Floor], django: Counted) -> None:
    def started() -> LiveApplication:
        STATES.forget()
        return LiveApplication(django, lambda: RateLimit("token", 600, timedelta(minutes=1)))

    told: list[Any] = []

    async def steps(app: Any) -> None:
        lane.app = app
        told.append((await lane.bid("01", {"amount": "8950000"}, key="same")).json())

    lane = Lane(None, floors[0])
    run(steps, started())
    run(steps, started())
    names = ("status", "sequence", "at")
    assert [told[0][name] for name in names] == [told[1][name] for name in names]
    assert [one["is_repeated"] for one in told] == [False, True]


def test_what_was_taken_away_ends_with_the_next_bid(floors: list[Floor], app: LiveApplication) -> None:
    lane = Lane(app, floors[0])

    def leave() -> None:
        Membership.objects.filter(user=floors[0].members["01"]).delete()
        Bidder.objects.filter(lot=floors[0].id, paddle="02").update(paddle="99")
        ApiToken.objects.filter(user=floors[0].members["03"]).update(revoked_at=timezone.now())
        connection.close()

    async def steps(_: Any) -> None:
        for number, paddle in enumerate(("01", "02", "03")):
            answer = await lane.bid(paddle, {"amount": str(8_950_000 + 50_000 * number)}, key=paddle)
            assert answer.status == 200
        await asyncio.to_thread(leave)
        codes = [
            (await lane.bid(p, {"amount": "99000000", "paddle": p}, key="again")).json()["code"]
            for p in ("01", "02", "03")
        ]
        assert codes == ["no_paddle", "no_paddle", "token_refused"]

    run(steps, app)


def test_a_clock_that_jumped_takes_nothing_and_says_so(
    floors: list[Floor], app: LiveApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = Lane(app, floors[0])

    async def steps(_: Any) -> None:
        assert (await lane.bid("01", {"amount": "8950000"}, key="a")).status == 200
        monkeypatch.setattr(server_time, "count", lambda: timedelta(hours=1))
        stopped = await lane.bid("02", {"amount": "9000000"}, key="b")
        assert (stopped.status, stopped.json()["code"]) == (503, "clock_jumped")
        assert int(stopped.headers["retry-after"]) > 0

    run(steps, app)
    assert lot_state(floors[0].id).bids == 1


def test_who_comes_too_often_is_told_to_wait(floors: list[Floor], app: LiveApplication) -> None:
    app.limit = lambda: RateLimit("few", 2, timedelta(minutes=1))
    lane = Lane(app, floors[0])

    async def steps(_: Any) -> None:
        left = [(await lane.bid("01", {"amount": "8950000"}, key=key)).headers["ratelimit"] for key in "ab"]
        assert [text.split(";")[1] for text in left] == ["r=1", "r=0"]
        # The third is past this way's limit, and Django's own is asked.
        assert (await lane.bid("01", {"amount": "8950000"}, key="c")).headers["ratelimit"].startswith('"token"')

    run(steps, app)


def test_a_paused_lot_is_refused_the_same_after_it_goes_on(floors: list[Floor], app: LiveApplication) -> None:
    floor = floors[0]
    conducting.lot_pause(actor=SYSTEM, lot_id=floor.id, reason="核对", clock=floor.clock)
    lane = Lane(app, floor)

    def resume() -> None:
        conducting.lot_resume(actor=SYSTEM, lot_id=floor.id, clock=floor.clock)
        connection.close()

    async def steps(_: Any) -> None:
        assert (await lane.bid("01", {"amount": "8950000"}, key="p")).json()["code"] == "paused"
        await asyncio.to_thread(resume)
        assert (await lane.bid("01", {"amount": "8950000"}, key="p")).json()["code"] == "paused"

    run(steps, app)
