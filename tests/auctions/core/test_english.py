"""The ascending sale: increments, proxies, reserve, and a clock that late bids extend up to a cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.auctions.core.selling import SNIPE, Sale, english, told, yuan
from yunlang.auctions.core import commands as c
from yunlang.auctions.core.ladder import Rung, next_price
from yunlang.auctions.core.terms import Schedule


def test_the_published_premium_of_895_to_1230_comes_out() -> None:
    sale = Sale(english("8950000", "50000"))
    sale.bid("a", "8950000")
    sale.bid("b", "12300000")
    sale.tick(300)
    assert sale.won == [("b", "12300000.00", 1)]
    assert sale.outcome.premium_over_starting == Decimal("37.43")
    assert (sale.outcome.bidders, sale.outcome.bids) == (2, 2)


def test_a_bid_must_reach_the_starting_price_and_then_an_increment() -> None:
    sale = Sale(english())
    assert sale.bid("a", "99.99") == "too_low"
    assert sale.bid("a", "100") == "taken"
    assert sale.bid("b", "100") == "too_low"
    assert sale.bid("b", "109.99") == "below_increment"
    assert sale.bid("b", "110") == "taken"


def test_increments_grow_along_the_ladder() -> None:
    ladder = (Rung(yuan("0"), yuan("10")), Rung(yuan("200"), yuan("25")), Rung(yuan("1000"), yuan("100")))
    prices = ["0", "199.99", "200", "999.99", "1000"]
    assert [next_price(ladder, yuan(price)) for price in prices] == [
        yuan(price) for price in ("10", "209.99", "225", "1024.99", "1100")
    ]


def test_a_leader_cannot_bid_against_itself_but_may_raise_its_maximum() -> None:
    sale = Sale(english())
    sale.proxy("a", "200")
    assert sale.bid("a", "150") == "own_leading_bid"
    assert sale.proxy("a", "200") == "own_leading_bid"
    assert sale.proxy("a", "300") == "taken"
    assert sale.state.book.price == yuan("100")
    sale.proxy("b", "250")
    assert (sale.state.book.leader, sale.state.book.price) == ("a", yuan("260"))


def test_a_maximum_raised_in_steps_costs_no_more_than_named_at_once() -> None:
    sale = Sale(english())
    for maximum in ("200", "300", "400"):
        assert sale.proxy("a", maximum) == "taken"
    assert sale.state.book.price == yuan("100")
    sale.proxy("b", "395")
    assert (sale.state.book.leader, sale.state.book.price) == ("a", yuan("400"))
    sale.proxy("a", "500")
    assert sale.state.book.price == yuan("405")
    sale.proxy("a", "600")
    assert sale.state.book.price == yuan("405")


def test_of_equal_maxima_the_earlier_leads_at_that_price() -> None:
    sale = Sale(english())
    sale.proxy("a", "200")
    sale.proxy("b", "200")
    assert (sale.state.book.leader, sale.state.book.price) == ("a", yuan("200"))


def test_a_proxy_that_reaches_the_reserve_bids_it() -> None:
    sale = Sale(english(reserve=yuan("500")))
    sale.proxy("a", "450")
    assert sale.state.book.price == yuan("100")
    sale.proxy("b", "700")
    assert sale.state.book.price == yuan("500")
    sale.tick(300)
    assert sale.won == [("b", "500.00", 1)]
    assert sale.outcome.premium_over_reserve == Decimal("0.00")


def test_below_the_reserve_the_hammer_does_not_fall() -> None:
    sale = Sale(english(reserve=yuan("500")))
    sale.bid("a", "499.99")
    sale.tick(300)
    assert (sale.won, sale.outcome.unsold_reason) == ([], "reserve_not_met")


def test_a_bid_cannot_be_taken_back() -> None:
    sale = Sale(english())
    sale.bid("a", "100")
    assert told(sale.do(c.RetractBid("a", "another"))) == "not_retractable"


PROXIES = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(100, 400)), min_size=1, max_size=12)


@given(PROXIES)
def test_among_proxies_the_price_is_the_second_highest_plus_an_increment(wanted: list[tuple[str, int]]) -> None:
    sale = Sale(english())
    taken: dict[str, tuple[int, int]] = {}
    for place, (bidder, maximum) in enumerate(wanted):
        if sale.proxy(bidder, str(maximum)) == "taken":
            taken[bidder] = (maximum, -place)
    ranked = sorted(taken, key=lambda bidder: taken[bidder], reverse=True)
    assert sale.state.book.leader == ranked[0]
    highest = taken[ranked[0]][0]
    expected = min(highest, taken[ranked[1]][0] + 10) if len(ranked) > 1 else 100
    assert sale.state.book.price == expected


# The clock.


def test_a_late_bid_extends_the_clock_and_an_early_one_does_not() -> None:
    sale = Sale(english(extension=SNIPE))
    sale.bid("a", "100", at=239)
    assert sale.closes == 300
    sale.bid("b", "110", at=240)
    assert sale.closes == 300
    sale.bid("a", "120", at=290)
    assert sale.closes == 350


def test_extensions_stop_at_the_cap() -> None:
    sale = Sale(english(extension=SNIPE))
    closings = []
    for place in range(6):
        assert sale.bid("ab"[place % 2], str(100 + 10 * place), at=(sale.closes or 0) - 10) == "taken"
        closings.append(sale.closes)
    assert closings == [350, 400, 450, 450, 450, 450]
    assert sale.bid("c", "500", at=450) == "late"


@pytest.mark.parametrize(
    ("bidder", "amount", "more", "code"),
    [
        ("b", "100", {}, "too_low"),
        ("b", "105", {}, "below_increment"),
        ("a", "500", {}, "own_leading_bid"),
        ("z", "500", {}, "not_qualified"),
        ("b", "500", {"quantity": 2}, "quantity_impossible"),
    ],
)
def test_a_refused_bid_never_extends_the_clock(bidder: str, amount: str, more: dict[str, Any], code: str) -> None:
    sale = Sale(english(extension=SNIPE))
    sale.bid("a", "100", at=10)
    assert sale.bid(bidder, amount, at=299, **more) == code
    assert sale.closes == 300


def test_a_pause_and_the_auctioneer_move_closing_and_cap_alike() -> None:
    sale = Sale(english(extension=SNIPE))
    sale.do(c.Pause("the line to Hefei broke"), 100)
    assert sale.bid("a", "100", at=120) == "paused"
    assert sale.tick(1000) == "nothing"
    sale.do(c.Resume(), 1100)
    assert sale.closes == 1300
    sale.do(c.Extend("two bidders asked for time", SNIPE.by), 1200)
    assert sale.closes == 1360
    assert sale.state.latest is not None
    assert sale.state.closes is not None
    assert sale.state.latest - sale.state.closes == SNIPE.cap


def test_without_a_clock_the_auctioneer_closes() -> None:
    sale = Sale(english(schedule=Schedule()))
    sale.bid("a", "100", at=10**6)
    assert sale.tick(10**7) == "nothing"
    assert told(sale.do(c.Close(), 10**7)) == "taken"
    assert sale.won == [("a", "100.00", 1)]


def test_before_its_time_the_auctioneer_cannot_close_a_timed_lot() -> None:
    sale = Sale(english())
    assert told(sale.do(c.Close(), 299)) == "not_due"
    assert told(sale.do(c.Close(), 300)) == "taken"
