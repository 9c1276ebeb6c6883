"""The price shown is the price taken: a cent less is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.auctions.core.driving import START
from tests.auctions.core.selling import OPENING, seconds, yuan
from tests.auctions.core.test_engine import random_run
from tests.auctions.core.test_forms import dutch, reverse
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.asking import least_bid


@pytest.mark.parametrize("form", ["english", "dutch", "single_quote", "uniform_price"])
def test_the_least_bid_is_taken_and_a_cent_less_is_not(form: str) -> None:
    asked = 0
    for seed in range(12):
        state = random_run(form, seed, count=8).state
        if state.is_ended:
            assert least_bid(state, state.at) is None
            continue
        (admitted,) = engine.decide(state, c.Admit("丁"), state.at).events
        state = engine.apply(state, admitted)
        least = least_bid(state, state.at)
        if least is None:
            assert state.phase != "open" or state.is_due(state.at)
            continue
        asked += 1
        refused = engine.decide(state, c.PlaceBid("丁", "less", least - Decimal("0.01")), state.at)
        assert isinstance(refused, engine.Refusal)
        assert isinstance(engine.decide(state, c.PlaceBid("丁", "least", least), state.at), engine.Accepted)
    assert asked


def test_a_falling_price_is_asked_by_the_clock_until_its_end() -> None:
    sale = dutch()
    prices = [least_bid(sale.state, OPENING + seconds(at)) for at in (0, 60, 299, 300)]
    assert prices == [yuan("1000"), yuan("900"), yuan("650"), None]


def test_a_reverse_sale_asks_for_no_least_bid() -> None:
    assert least_bid(reverse(scores={"a": "90"}).state, START) is None
