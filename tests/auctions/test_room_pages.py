"""The live rooms: what visitors, bidders, the seller and the auctioneer see and may do."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from tests.auctions.support import OPENING, Floor, english, make_sale, yuan
from tests.factories import make_user
from yunlang.accounts.roles import Role
from yunlang.auctions import clock as clocks
from yunlang.auctions import room_pages
from yunlang.auctions.core.terms import (
    Criterion,
    DutchTerms,
    NegotiatedTerms,
    ReverseTerms,
    Schedule,
    SealedTerms,
    SingleQuoteTerms,
    UniformPriceTerms,
)
from yunlang.auctions.models import Standing
from yunlang.kit.rate_limit import RateLimit

pytestmark = pytest.mark.django_db
FORMS = {
    "english": english(reserve=yuan("12000000")),
    "single_quote": SingleQuoteTerms(
        schedule=Schedule(opens=OPENING, lasts=timedelta(minutes=5)), starting_price=yuan("100")
    ),
    "negotiated": NegotiatedTerms(
        schedule=Schedule(opens=OPENING, lasts=timedelta(minutes=5)), starting_price=yuan("100")
    ),
    "sealed": SealedTerms(schedule=Schedule(opens=OPENING, lasts=timedelta(minutes=5)), starting_price=yuan("100")),
    "dutch": DutchTerms(
        schedule=Schedule(opens=OPENING), starting_price=yuan("100"), floor=yuan("50"), step=yuan("10"),
        interval=timedelta(minutes=1),
    ),
    "reverse": ReverseTerms(
        schedule=Schedule(opens=OPENING, lasts=timedelta(minutes=5)), ceiling=yuan("100"), decrement=yuan("1"),
        price_weight=yuan("60"), criteria=(Criterion("quality", yuan("40")),),
    ),
    "uniform_price": UniformPriceTerms(
        schedule=Schedule(opens=OPENING, lasts=timedelta(minutes=5)), starting_price=yuan("100"), units=10
    ),
}  # fmt: skip


@pytest.fixture(params=list(FORMS))
def floor(request: pytest.FixtureRequest, corridor: object, monkeypatch: pytest.MonkeyPatch) -> Floor:
    return _open(Floor(FORMS[request.param]), monkeypatch)


@pytest.fixture
def english_floor(corridor: object, monkeypatch: pytest.MonkeyPatch) -> Floor:
    return _open(Floor(FORMS["english"]), monkeypatch)


def _open(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """Have the pages tell the time by the test's clock too."""
    floor.tick(0)
    monkeypatch.setattr(clocks.server_time, "read", floor.clock)
    monkeypatch.setattr("yunlang.auctions.room_pages.database_time", floor.clock)
    monkeypatch.setattr("yunlang.auctions.console_pages.database_time", floor.clock)
    clocks.server_time.accept()
    return floor


@pytest.fixture(autouse=True)
def _steady_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test moves the clock as it likes: no jump is found where the counter moves with it."""
    monkeypatch.setattr(clocks.server_time, "count", lambda: _since(clocks.server_time.read()))


def _since(moment: object) -> timedelta:
    return moment - OPENING  # type: ignore[operator]


def signed_in(who: object) -> Client:
    client = Client()
    client.force_login(who)
    return client


def room(floor: Floor) -> str:
    return f"/lots/{floor.id}/room/"


def data_of(page: str) -> dict[str, object]:
    return json.loads(re.search(r'<script id="room-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_everybody_may_watch_and_sees_no_secret(floor: Floor) -> None:
    page = Client().get(room(floor)).content.decode()
    assert "旁观" in page
    assert "12,000,000" not in page
    assert data_of(page)["paddle"] == ""
    assert 'method="post" action="/lots/' not in page


def test_a_bidder_has_the_form_of_the_lots_own_kind(floor: Floor) -> None:
    page = signed_in(floor.members["01"]).get(room(floor)).content.decode()
    action = {"sealed": "seal", "negotiated": "propose"}.get(floor.lot.form, "bid")
    assert f'action="/lots/{floor.id}/room/{action}/"' in page
    assert data_of(page)["paddle"] == "01"


def test_a_bid_is_answered_with_its_number_and_told_to_the_next_reader(english_floor: Floor) -> None:
    client = signed_in(english_floor.members["01"])
    sent = {"key": "a", "paddle": "01", "amount": "895 万元"}
    answer = client.post(f"{room(english_floor)}bid/", sent, headers={"X-Yunlang-Room": "1"})
    assert "为第 1 笔出价。您领先" in answer.content.decode()
    again = client.post(f"{room(english_floor)}bid/", sent, headers={"X-Yunlang-Room": "1"})
    assert "没有重复出价" in again.content.decode()
    assert Standing.objects.get(pk=english_floor.id).bids == 1
    page = Client().get(room(english_floor)).content.decode()
    assert "号牌 01 出价 8,950,000 元" in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"amount": "many"}, "不是金额"),
        ({"amount": "-5"}, "金额应在 0 与"),
        ({"amount": "0"}, "不是有效金额"),
        ({"amount": "1"}, "出价过低"),
        ({"amount": "9000000", "quantity": "x"}, "应为正整数"),
        ({"amount": "9000000", "key": ""}, "应为 1 至 100 个字符"),
        ({"amount": "9000000", "paddle": "99"}, "没有本拍品的号牌"),
    ],
)
def test_what_cannot_be_taken_is_answered_with_the_reason(
    english_floor: Floor, typed: dict[str, str], told: str
) -> None:
    client = signed_in(english_floor.members["01"])
    sent = {"key": "a", "paddle": "01", **typed}
    answer = client.post(f"{room(english_floor)}bid/", sent, headers={"X-Yunlang-Room": "1"})
    assert told in answer.content.decode()
    assert Standing.objects.get(pk=english_floor.id).bids == 0


def test_nobody_fills_the_journal_with_refusals(english_floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_pages, "COMMANDS_BY_PERSON", RateLimit("room", 2, timedelta(minutes=1)))
    client = signed_in(english_floor.members["01"])
    answers = [
        client.post(
            f"{room(english_floor)}bid/", {"key": key, "paddle": "01", "amount": "1"}, headers={"X-Yunlang-Room": "1"}
        )
        for key in "abc"
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "过于频繁" in answers[-1].content.decode()


def test_without_the_script_a_bid_goes_back_to_the_room(english_floor: Floor) -> None:
    client = signed_in(english_floor.members["01"])
    sent = {"key": "a", "paddle": "01", "amount": "8950000"}
    page = client.post(f"{room(english_floor)}bid/", sent, follow=True).content.decode()
    assert "您领先" in page


def test_who_has_not_signed_in_is_sent_to_do_so(english_floor: Floor) -> None:
    answer = Client().post(f"{room(english_floor)}bid/", {"key": "a", "amount": "1"})
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]


def test_buyer_and_seller_agree_in_the_room(corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    floor = _open(Floor(FORMS["negotiated"]), monkeypatch)
    from tests.factories import make_member

    seller = make_user()
    make_member(seller, floor.lot.seller)
    buyer, selling = signed_in(floor.members["01"]), signed_in(seller)
    buyer.post(f"{room(floor)}propose/", {"key": "a", "paddle": "01", "amount": "80"})
    page = selling.get(room(floor)).content.decode()
    assert "各方报价" in page
    assert "80.00" in page
    assert "80.00" not in Client().get(room(floor)).content.decode()
    selling.post(f"{room(floor)}propose/", {"key": "b", "paddle": "01", "side": "seller", "amount": "90"})
    page = buyer.get(room(floor)).content.decode()
    proposal = re.search(r'name="proposal" value="(\d+)"', page)[1]
    buyer.post(f"{room(floor)}accept/", {"key": "c", "paddle": "01", "proposal": proposal})
    assert Standing.objects.get(pk=floor.id).price == Decimal("90.00")


def test_the_auctioneer_conducts_and_nobody_else(english_floor: Floor) -> None:
    auctioneer = make_user(Role.OFFICE)
    console = f"/auctions/{english_floor.lot.sale_id}/console/"
    step = f"/lots/{english_floor.id}/console/"
    assert signed_in(english_floor.members["01"]).get(console).status_code == 403
    assert signed_in(english_floor.members["01"]).post(f"{step}pause/", {"reason": "x"}).status_code == 403
    client = signed_in(auctioneer)
    page = client.get(console).content.decode()
    assert "12,000,000.00" in page  # the reserve is the auctioneer's to know
    page = client.post(f"{step}pause/", {"reason": "线路故障"}, follow=True).content.decode()
    assert "已暂停" in page
    assert "暂停：线路故障" in page
    page = client.post(f"{step}extend/", {"minutes": "x", "reason": ""}, follow=True).content.decode()
    assert "延时: " in page
    client.post(f"{step}resume/")
    page = client.post(f"{step}annul/", {"reason": "材料不实"}, follow=True).content.decode()
    assert "撤销：材料不实" in page
    assert Standing.objects.get(pk=english_floor.id).phase == "annulled"


def test_the_hall_sees_the_lot_that_runs(english_floor: Floor) -> None:
    page = Client().get(f"/auctions/{english_floor.lot.sale_id}/screen/").content.decode()
    assert english_floor.lot.title in page
    assert data_of(page)["follow"] == f"/live/sales/{english_floor.lot.sale_id}/events"


def test_a_sale_without_listed_lots_says_so(corridor: object) -> None:
    assert "还没有上拍的拍品" in Client().get(f"/auctions/{make_sale().pk}/screen/").content.decode()


def test_a_room_that_is_not_there_is_not_found(corridor: object) -> None:
    assert Client().get(f"/lots/{make_sale().pk}/room/").status_code == 404
