"""Tallies of the platform's own lots reproduce what was published; what the press wrote stands apart."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from tests.auctions.permissions_results import make_result
from tests.auctions.result_support import Sold
from tests.auctions.support import OPENING, Floor, english, make_lot, make_sale, yuan
from tests.factories import make_organisation
from yunlang.auctions.core.ladder import Rung
from yunlang.auctions.core.terms import SingleQuoteTerms
from yunlang.auctions.models import Result, Sale, Standing
from yunlang.auctions.result_recording import result_record
from yunlang.auctions.tally_selectors import published_editions, tallies
from yunlang.registry.models import Figure, Organisation, Source

pytestmark = pytest.mark.django_db
HUNDRED_MILLION = 10**8
# The running total after each edition, in 100 million CNY, as facts.md gives it.
CUMULATIVE = {"2019": "1.04", "2020": "5.03", "2021": "10.23", "2022": "50.18", "2023": "109.68"}
# Lots of an edition, and how many of them several parties bid for; every one was sold.
LOTS = {"2019": (18, 4), "2022": (52, 6), "2023": (50, 6)}


def edition(name: str, **values: object) -> Sale:
    opens = OPENING + timedelta(days=365 * (int(name) - 2019))
    return make_sale(edition=name, opens_at=opens, applications_close_at=opens, announced_at=opens, **values)


def sell(
    sale: Sale, value: str, base: str, *, bidders: int = 1, seller: Organisation | None = None,
    winner: Organisation | None = None, **more: object,
) -> Result:  # fmt: skip
    """Return the result of a lot that ended without the bidding being gone through."""
    amount = yuan(value)
    terms = english() if bidders > 1 else SingleQuoteTerms(starting_price=yuan(base))
    result = make_result(
        make_lot(sale, terms, seller=seller), winner, price=amount, value=amount, base=yuan(base), **more
    )
    Standing.objects.create(
        lot=result.lot, sequence=9, phase="sold", changed_at=OPENING, ended_at=OPENING, value=amount, price=amount,
        leader=result.bidder.paddle, bids=bidders, bidders=bidders,
    )  # fmt: skip
    return result


def text_of(client: Client, address: str = "/auctions/tallies/") -> str:
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def hammered(start: str, reserve: str | None, price: str) -> None:
    terms = english(
        starting_price=yuan(start), reserve=yuan(reserve) if reserve else None, ladder=(Rung(yuan("0"), yuan("10000")),)
    )
    Sold(price, floor=Floor(terms, sale=make_sale(edition=price))).record()


def test_the_published_premiums_come_out_of_lots_that_were_bid_for(corridor: object, client: Client) -> None:
    hammered("8950000", None, "12300000")
    hammered("2000000", "2400000", "3200000")
    found = {one.edition: one.tally.premium for one in tallies().editions}
    assert found == {"12300000": Decimal("37.43"), "3200000": Decimal("33.33")}
    page = text_of(client)
    assert "37.43%" in page
    assert "33.33%" in page


def test_the_cumulative_series_comes_out_of_the_database(corridor: object, client: Client) -> None:
    before = Decimal(0)
    for name, total in CUMULATIVE.items():
        value = (Decimal(total) - before) * HUNDRED_MILLION
        before = Decimal(total)
        sell(edition(name), str(value), "1000000")
    found = tallies()
    series = {one.edition: one.cumulative_value / HUNDRED_MILLION for one in found.editions}
    assert series == {name: Decimal(total) for name, total in CUMULATIVE.items()}
    page = text_of(client)
    for total in ("104,000,000.00", "503,000,000.00", "1,023,000,000.00", "5,018,000,000.00", "10,968,000,000.00"):
        assert total in page
    rows = list(csv.DictReader(io.StringIO(client.get("/auctions/tallies/tallies.csv").content.decode("utf-8-sig"))))
    assert [row["edition"] for row in rows] == list(CUMULATIVE)
    assert Decimal(rows[-1]["cumulative_value_cny"]) == 10_968_000_000
    answer = client.get("/api/v1/auctions/tallies").json()
    assert [row["cumulative_value"] for row in answer["editions"]][-1] == "10968000000.00"
    assert answer["whole"]["sold"] == 5


def test_most_lots_are_sold_on_a_single_quote(corridor: object) -> None:
    seller, winner = make_organisation(), make_organisation()
    for name, (lots, competitive) in LOTS.items():
        sale = edition(name)
        for number in range(lots):
            sell(sale, "1000", "1000", bidders=3 if number < competitive else 1, seller=seller, winner=winner)
    found = {one.edition: (one.tally.lots, one.tally.sold, one.tally.competitive) for one in tallies().editions}
    assert found == {name: (lots, lots, competitive) for name, (lots, competitive) in LOTS.items()}
    first = tallies().editions[0].tally
    assert first.by_form == {"english": 4, "single_quote": 14}


def test_what_fails_after_the_hammer_is_not_sold(corridor: object) -> None:
    sale = edition("2026")
    sell(sale, "300", "200")
    sell(sale, "500", "200", status="annulled", ended_at=OPENING, end_reason="撤销")
    (row,) = tallies().editions
    assert (row.tally.lots, row.tally.sold, row.tally.value) == (2, 1, yuan("300"))


def test_flows_go_from_the_sellers_city_to_the_winners(corridor: object, client: Client) -> None:
    sale = edition("2026")
    result = sell(sale, "300", "200")
    winner = make_organisation(city="340100")
    result.bidder.organisation = winner
    result.bidder.save()
    (flow,) = tallies().whole.flows
    assert (flow.seller_city, flow.buyer_city, flow.value) == ("330500", "340100", yuan("300"))
    assert "湖州 合肥 1 300.00" in text_of(client)


def test_one_edition_may_be_looked_at_alone_and_an_unknown_one_is_all(corridor: object, client: Client) -> None:
    sell(edition("2025"), "300", "200")
    sell(edition("2026"), "70000", "50000", bidders=2)
    assert "增价拍卖" not in text_of(client, "/auctions/tallies/?edition=2025")
    assert "增价拍卖" in text_of(client, "/auctions/tallies/?edition=1999")


def test_what_the_press_wrote_is_shown_apart_with_its_source(corridor: object, client: Client) -> None:
    source = Source.objects.create(code="press", title_zh="历届报道", title_en="Press")
    for code, value in (("auction_value", "1.04"), ("auction_lots", "18"), ("auction_lots_competitive", "4")):
        Figure.objects.create(
            area="corridor", code=code, period="2019", value=value, name_zh="数", name_en="n", source=source
        )
    (row,) = published_editions().editions
    assert [cell and cell.value for cell in row.cells] == [Decimal("1.04"), 18, None, 4]
    page = text_of(client)
    assert "不是本平台的交易" in page
    assert "2019 1.04 18 – 4" in page
    assert "历届报道" in page
    assert tallies().whole.lots == 0


def test_a_lot_sold_for_real_needs_no_help_to_be_tallied(corridor: object) -> None:
    sold = Sold()
    assert tallies().whole.sold == 0
    result_record(lot_id=sold.lot.pk)
    assert tallies().whole.value == yuan("12300000")
