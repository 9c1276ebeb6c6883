"""Commission: exact, never falling with the price, and the same after it was stored."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.auctions.core.selling import yuan
from yunlang.auctions.core.commission import (
    Charged,
    Commission,
    CommissionError,
    Scale,
    Tier,
    commission_of,
    commission_plain,
)
from yunlang.auctions.core.commission_text import scale_read, scale_text

THREE = Scale((Tier(yuan("0"), yuan("5")), Tier(yuan("1000000"), yuan("3")), Tier(yuan("10000000"), yuan("1"))))
AMOUNTS = st.integers(1, 10**14).map(lambda cents: Decimal(cents).scaleb(-2))
PERCENTS = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    starts = [yuan("0"), *sorted(draw(st.sets(AMOUNTS, max_size=3)))]
    minimum = draw(st.just(yuan("0")) | AMOUNTS)
    cap = draw(st.none() | AMOUNTS)
    tiers = tuple(Tier(start, draw(PERCENTS)) for start in starts)
    return Scale(tiers, minimum, None if cap is None else max(cap, minimum))


@pytest.mark.parametrize(
    ("price", "due"),
    [
        ("1000000", "50000.00"),
        ("1000000.01", "50000.00"),
        ("1000000.33", "50000.01"),
        ("10000000", "320000.00"),
        ("12300000", "343000.00"),
    ],
)
def test_each_part_of_the_price_pays_its_own_tier(price: str, due: str) -> None:
    assert THREE.of(yuan(price)) == Decimal(due)


def test_half_a_cent_goes_up() -> None:
    assert Scale((Tier(yuan("0"), yuan("0.50")),)).of(yuan("1.00")) == Decimal("0.01")
    assert Scale((Tier(yuan("0"), yuan("0.49")),)).of(yuan("1.00")) == Decimal("0.00")


def test_the_minimum_the_cap_and_the_price_bound_it() -> None:
    scale = Scale((Tier(yuan("0"), yuan("5")),), minimum=yuan("3000"), cap=yuan("100000"))
    assert [scale.of(yuan(price)) for price in ("2000", "10000", "60000", "2000000", "9000000")] == [
        yuan(due) for due in ("2000", "3000", "3000", "100000", "100000")
    ]


def test_a_side_without_a_scale_pays_nothing() -> None:
    charged = Commission(buyer=THREE).of(yuan("1000000"))
    assert charged == Charged(yuan("50000"), yuan("0"))
    assert charged.total == yuan("50000")
    assert commission_of({}).of(yuan("1000000")).total == 0


@given(scales(), AMOUNTS, AMOUNTS)
@settings(max_examples=50)
def test_a_higher_price_never_costs_less(scale: Scale, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert 0 <= scale.of(low) <= scale.of(high) <= high


@given(scales(), AMOUNTS)
@settings(max_examples=50)
def test_it_is_the_exact_sum_of_the_tiers_to_half_a_cent(scale: Scale, price: Decimal) -> None:
    exact = Fraction(0)
    for place, tier in enumerate(scale.tiers):
        end = scale.tiers[place + 1].above if place + 1 < len(scale.tiers) else price
        exact += max(Fraction(0), Fraction(min(end, price)) - Fraction(tier.above)) * Fraction(tier.percent) / 100
    rounded = Fraction(int(exact * 100 + Fraction(1, 2)), 100)
    bounded = min(max(rounded, Fraction(scale.minimum)), Fraction(price))
    assert scale.of(price) == (bounded if scale.cap is None else min(bounded, Fraction(scale.cap)))


@given(scales(), st.none() | scales())
@settings(max_examples=50)
def test_a_schedule_survives_being_stored(buyer: Scale, seller: Scale | None) -> None:
    commission = Commission(buyer, seller)
    assert commission_of(commission_plain(commission)) == commission


@pytest.mark.parametrize(
    "plain",
    [
        {"house": {}},
        {"buyer": {"tiers": []}},
        {"buyer": {"tiers": [{"above": "1.00", "percent": "5.00"}]}},
        {"buyer": {"tiers": [{"above": "0.00", "percent": "100.01"}]}},
        {"buyer": {"tiers": [{"above": "0.00", "percent": 5}]}},
        {"buyer": {"tiers": [{"above": "0.00", "percent": "5.00"}, {"above": "0.00", "percent": "4.00"}]}},
        {"seller": {"tiers": [{"above": "0.00", "percent": "5.00"}], "minimum": "9.00", "cap": "8.00"}},
        {"seller": "5%"},
    ],
)
def test_a_schedule_that_cannot_be_applied_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(CommissionError):
        commission_of(plain)


@pytest.mark.parametrize(
    ("text", "price", "due"),
    [
        ("", "1000000", None),
        ("5%", "1000000", "50000.00"),
        ("5%; 1000万 3%", "20000000", "800000.00"),
        ("5％；最低 1万", "100000", "10000.00"),
        ("5%; max 500000", "20000000", "500000.00"),
    ],
)
def test_a_scale_is_read_as_people_write_it_and_written_so_that_it_reads_again(
    text: str, price: str, due: str | None
) -> None:
    scale = scale_read(text)
    assert scale_read(scale_text(scale)) == scale
    assert (None if scale is None else str(scale.of(Decimal(price).quantize(Decimal("0.01"))))) == due


@pytest.mark.parametrize("text", ["five", "3% of it", "1000万 3%", "5%; 最低 many", "101%", "5%; 5%", "最低 1万"])
def test_a_scale_that_cannot_be_read_or_applied_is_refused(text: str) -> None:
    with pytest.raises(CommissionError):
        scale_read(text)
