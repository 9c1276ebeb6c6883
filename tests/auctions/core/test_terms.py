"""Terms that no sale can be held on cannot be made; each says which field and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.auctions.core.selling import OPENING, english, lasting, seconds, steps, yuan
from yunlang.auctions.core.amounts import AmountError, is_amount
from yunlang.auctions.core.commands import PlaceBid
from yunlang.auctions.core.errors import TermsError
from yunlang.auctions.core.ladder import Extension, Rung
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

ONE = yuan("1")
PRICED: dict[str, Any] = {"starting_price": ONE}
DUTCH: dict[str, Any] = {"starting_price": yuan("10"), "floor": ONE, "step": ONE, "interval": seconds(1)}
REVERSE: dict[str, Any] = {"ceiling": yuan("10"), "decrement": ONE}
LATE = Extension(seconds(1), seconds(1), seconds(1))


@pytest.mark.parametrize(
    ("make", "more", "field"),
    [
        (english, {"starting_price": Decimal("1")}, "starting_price"),
        (english, {"starting_price": yuan("0")}, "starting_price"),
        (english, {"starting_price": Decimal("1e16").quantize(Decimal("0.01"))}, "starting_price"),
        (english, {"reserve": yuan("99.99")}, "reserve"),
        (english, {"ladder": ()}, "ladder"),
        (english, {"ladder": (Rung(ONE, ONE),)}, "ladder"),
        (english, {"ladder": (*steps("2"), Rung(yuan("5"), ONE))}, "ladder"),
        (english, {"ladder": (*steps("1"), Rung(yuan("5"), ONE), Rung(yuan("5"), ONE))}, "ladder"),
        (english, {"ladder": steps("0")}, "ladder"),
        (english, {"extension": LATE, "schedule": Schedule()}, "extension"),
        (english, {"extension": Extension(seconds(0), seconds(1), seconds(1))}, "extension"),
        (english, {"schedule": lasting(0)}, "lasts"),
        (english, {"schedule": Schedule(lasts=seconds(0.5))}, "lasts"),
        (english, {"schedule": Schedule(opens=OPENING.replace(tzinfo=None))}, "opens"),
        (SingleQuoteTerms, {**PRICED, "confirm_within": seconds(-1)}, "confirm_within"),
        (NegotiatedTerms, {**PRICED, "reserve": yuan("0")}, "reserve"),
        (SealedTerms, {**PRICED, "reveal_within": seconds(0)}, "reveal_within"),
        (DutchTerms, {**DUTCH, "floor": yuan("10")}, "floor"),
        (DutchTerms, {**DUTCH, "step": yuan("0")}, "step"),
        (DutchTerms, {**DUTCH, "interval": seconds(0)}, "interval"),
        (DutchTerms, {**DUTCH, "schedule": lasting(60)}, "lasts"),
        (ReverseTerms, {**REVERSE, "decrement": yuan("0")}, "decrement"),
        (ReverseTerms, {**REVERSE, "price_weight": yuan("99.99")}, "criteria"),
        (ReverseTerms, {**REVERSE, "criteria": (Criterion("quality", yuan("0.01")),)}, "criteria"),
        (
            ReverseTerms,
            {**REVERSE, "price_weight": yuan("50"), "criteria": (Criterion("q", yuan("25")),) * 2},
            "criteria",
        ),
        (UniformPriceTerms, {**PRICED, "units": 0}, "units"),
        (UniformPriceTerms, {**PRICED, "units": True}, "units"),
    ],
)
def test_wrong_terms_name_the_field(make: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(TermsError) as caught:
        make(**more)
    assert list(caught.value.fields) == [field]


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(TermsError) as caught:
        english(starting_price=yuan("0"), ladder=(), schedule=lasting(0))
    assert set(caught.value.fields) == {"starting_price", "ladder", "lasts"}
    assert caught.value.text.en == "The terms of sale have 3 problem(s)."


@pytest.mark.parametrize(
    "text", ["1", "1.0", "1.000", "0.00", "-1.00", "NaN", "sNaN", "Infinity", "10000000000000000.00"]
)
def test_what_is_no_amount_cannot_be_bid(text: str) -> None:
    assert not is_amount(Decimal(text))
    with pytest.raises(AmountError):
        PlaceBid("a", "k", Decimal(text))


def test_a_float_is_no_amount() -> None:
    assert not is_amount(1.25)
    with pytest.raises(AmountError):
        PlaceBid("a", "k", 1.25)  # type: ignore[arg-type]


def test_the_largest_amount_is_what_the_database_holds() -> None:
    assert is_amount(Decimal("9999999999999999.99"))


def test_the_last_step_of_a_falling_price_may_be_shorter() -> None:
    terms = DutchTerms(**{**DUTCH, "floor": yuan("0.50")})
    assert terms.steps == 10
    assert terms.price_after(seconds(9)) == ONE
    assert terms.price_after(seconds(10)) == yuan("0.50")
