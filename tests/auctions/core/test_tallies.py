"""Tallies come out as the corridor published them, whatever the order of lots."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.auctions.core.selling import yuan
from yunlang.auctions.core.outcome import premium
from yunlang.auctions.core.tallies import Flow, LotResult, tallies_by_edition, tally_of

HUNDRED_MILLION = 10**8
# Value of each edition in 100 million CNY, as the press reported it edition by edition.
EDITIONS = {"2019": "1.04", "2020": "5.03", "2021": "10.23", "2022": "50.18", "2023": "109.68"}


def lot(edition: str = "2023", value: str | None = "100", base: str = "80", **more: object) -> LotResult:
    sold = None if value is None else yuan(value)
    return LotResult(edition=edition, form="english", base=yuan(base), value=sold, **more)  # type: ignore[arg-type]


def test_five_editions_add_up_to_near_18_billion() -> None:
    results = [lot(edition, str(Decimal(value) * HUNDRED_MILLION), "1") for edition, value in EDITIONS.items()]
    rows = tallies_by_edition(results)
    running = [row.cumulative_value / HUNDRED_MILLION for row in rows]
    assert running == [Decimal(value) for value in ("1.04", "6.07", "16.30", "66.48", "176.16")]
    assert [row.edition for row in rows] == list(EDITIONS)
    assert [row.growth for row in rows][:2] == [None, Decimal("383.65")]


def test_the_published_premiums_come_out() -> None:
    assert premium(yuan("12.30"), yuan("8.95")) == Decimal("37.43")
    assert premium(yuan("3.20"), yuan("2.40")) == Decimal("33.33")
    results = [lot(value="12300000", base="8950000"), lot(value="3200000", base="2400000"), lot(value=None)]
    assert tally_of(results).premium == Decimal("36.56")


def test_the_first_edition_sold_most_lots_on_a_single_quote() -> None:
    """18 lots in 2019: 14 on a single confirmed quote, 4 after several rounds."""
    single = replace(lot("2019", bidders=1), form="single_quote")
    tally = tally_of([single] * 14 + [lot("2019", bidders=3)] * 4)
    assert (tally.lots, tally.sold, tally.competitive) == (18, 18, 4)
    assert tally.by_form == {"english": 4, "single_quote": 14}


def test_cities_from_and_to() -> None:
    results = [
        lot(value="100", seller_city="310117", buyer_city="330400"),
        lot(value="50", seller_city="310117", buyer_city="330400"),
        lot(value="300", seller_city="340100", buyer_city="310117"),
        lot(value=None, seller_city="340100"),
        lot(value="7"),
    ]
    tally = tally_of(results)
    assert (tally.lots, tally.sold, tally.value) == (5, 4, yuan("457"))
    assert tally.flows == (
        Flow("340100", "310117", 1, yuan("300")),
        Flow("310117", "330400", 2, yuan("150")),
        Flow(None, None, 1, yuan("7")),
    )


def test_an_edition_without_a_sale_has_neither_premium_nor_growth_after_it() -> None:
    first, second = tallies_by_edition([lot("2019", None), lot("2020")])
    assert (first.tally.premium, first.tally.value, second.growth) == (None, yuan("0"), None)
    assert (second.cumulative_lots, second.cumulative_sold, second.cumulative_value) == (2, 1, yuan("100"))
    assert tallies_by_edition([]) == ()


CITIES = st.sampled_from([None, "310117", "330400"])
RESULTS = st.builds(
    LotResult,
    edition=st.sampled_from(["2019", "2020"]),
    form=st.sampled_from(["english", "sealed"]),
    base=st.integers(1, 10**6).map(lambda cents: Decimal(cents).scaleb(-2)),
    value=st.none() | st.integers(1, 10**18).map(lambda cents: Decimal(cents).scaleb(-2)),
    bidders=st.integers(0, 4),
    seller_city=CITIES,
    buyer_city=CITIES,
)


@given(st.lists(RESULTS, max_size=30), st.randoms(use_true_random=False))
def test_a_tally_depends_on_no_order_and_parts_add_up(results: list[LotResult], draw: random.Random) -> None:
    whole = tally_of(results)
    shuffled = results.copy()
    draw.shuffle(shuffled)
    assert tally_of(shuffled) == whole
    assert sum((flow.value for flow in whole.flows), yuan("0")) == whole.value
    assert sum(flow.lots for flow in whole.flows) == sum(whole.by_form.values()) == whole.sold
    rows = tallies_by_edition(results)
    if rows:
        assert rows[-1].cumulative_value == whole.value
        assert rows[-1].cumulative_lots == len(results)
