"""Links that the platform counts itself, and those that sources report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.indicators.link_tables import AT, PATENTS, based_in, contract, import_rows, introduce
from tests.rows import need, resource
from yunlang.deals.models import Deal
from yunlang.indicators.link_selectors import CityLinks, city_links, link_editions, link_expectation
from yunlang.indicators.link_summary import links_record, network_of
from yunlang.kit.errors import NotFoundError
from yunlang.registry.models import City, Expert, Figure, Organisation, Source

pytestmark = pytest.mark.django_db
Cities = dict[str, City]


def value(links: CityLinks, start: str, end: str) -> float:
    names = [city.name_en for city in links.cities]
    return float(links.matrix.values[names.index(start), names.index(end)])


def periods(name: str) -> list[tuple[str, str | None]]:
    return [(one.period, one.source and one.source.title_zh) for one in link_editions(name)]


def gross_products(corridor: Cities, *without: str) -> None:
    source = Source.objects.create(code="yearbook", title_zh="统计年鉴", title_en="Statistical yearbook")
    for place, (name, city) in enumerate(corridor.items(), start=2):
        for period in ("2023", "2024"):
            if name not in without:
                Figure.objects.create(
                    area="city", city=city, code="gdp", name_zh="地区生产总值", name_en="GDP", period=period,
                    value=place**2 * 100, source=source,
                )  # fmt: skip


def test_introductions_are_counted_by_the_cities_of_both_organisations(corridor: Cities) -> None:
    for _ in range(3):
        introduce(corridor["Songjiang"], corridor["Hefei"])
    introduce(corridor["Hefei"], corridor["Songjiang"])
    introduce(corridor["Hefei"], corridor["Hefei"])
    links = city_links("introduction", "2026")
    assert value(links, "Songjiang", "Hefei") == 3
    assert value(links, "Hefei", "Songjiang") == value(links, "Hefei", "Hefei") == 1
    assert value(links, "Suzhou", "Wuhu") == 0
    assert links.matrix.values.sum() == 5


def test_every_kind_of_offer_has_its_organisations_city(corridor: Cities) -> None:
    there = based_in(corridor["Wuhu"])
    introduce(corridor["Suzhou"], None, organisation=there)
    introduce(corridor["Suzhou"], None, expert=Expert.objects.create(name="张三", organisation=there))
    introduce(corridor["Suzhou"], corridor["Wuhu"])
    assert value(city_links("introduction", "2026"), "Suzhou", "Wuhu") == 3


def test_an_organisation_that_became_part_of_another_is_where_that_one_is(corridor: Cities) -> None:
    offering, into = based_in(corridor["Wuhu"]), based_in(corridor["Huzhou"])
    introduce(corridor["Suzhou"], None, organisation=offering)
    Organisation.objects.filter(pk=offering.pk).update(merged_into=into)
    links = city_links("introduction", "2026")
    assert (value(links, "Suzhou", "Huzhou"), value(links, "Suzhou", "Wuhu")) == (1, 0)


def test_what_has_an_end_elsewhere_is_counted_apart(corridor: Cities) -> None:
    introduce(corridor["Suzhou"], None)
    introduce(None, corridor["Suzhou"])
    introduce(corridor["Suzhou"], corridor["Wuhu"])
    links = city_links("introduction", "2026")
    assert (links.elsewhere, links.matrix.values.sum()) == (2, 1)


def test_samples_are_counted_and_said_to_be_samples(corridor: Cities) -> None:
    start, end = corridor["Suzhou"], corridor["Wuhu"]
    introduce(start, end)
    introduce(start, end, need=need(organisation=based_in(start), illustrative=True))
    introduce(start, end, resource=resource(organisation=based_in(end), illustrative=True))
    links = city_links("introduction", "2026")
    assert (links.illustrative, links.matrix.values.sum()) == (2, 3)


def test_a_period_is_of_the_corridors_own_time(corridor: Cities) -> None:
    eve = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
    for at in (eve, eve + timedelta(minutes=1)):
        introduce(corridor["Suzhou"], corridor["Wuhu"], at)
    for period in ("2025", "2025-12", "2026", "2026-01"):
        assert city_links("introduction", period).matrix.values.sum() == 1, period
    assert city_links("introduction", "2026-02").matrix.values.sum() == 0


def test_a_deal_is_counted_when_its_contract_was_signed_and_an_introduction_by_itself(corridor: Cities) -> None:
    introduce(corridor["Suzhou"], corridor["Wuhu"], AT, signed=AT + timedelta(days=60))
    assert periods("deal") == []
    contract(corridor["Suzhou"], corridor["Wuhu"], date(2027, 1, 1))
    contract(
        corridor["Suzhou"], corridor["Wuhu"], date(2026, 12, 31), status="terminated", ended_at=AT, end_reason="变更"
    )
    assert periods("deal") == [("2027", None), ("2027-01", None), ("2026", None)]
    for period in ("2027", "2027-01", "2026", "2026-12"):
        assert city_links("deal", period).matrix.values.sum() == 1, period
    assert city_links("introduction", "2026").matrix.values.sum() == 1


def test_amounts_of_deals_are_summed_between_the_cities_of_that_time(corridor: Cities) -> None:
    start, end = corridor["Suzhou"], corridor["Wuhu"]
    for amount in (1_500_000, 250_000):
        made = contract(start, end, amount=amount)
    Organisation.objects.filter(pk=made.deal.offer_side_id).update(city=corridor["Hefei"])
    contract(start, None)
    amounts, deals = city_links("deal_amount", "2026"), city_links("deal", "2026")
    assert (value(amounts, "Suzhou", "Wuhu"), value(deals, "Suzhou", "Wuhu")) == (1.75, 2)
    assert (amounts.matrix.values.sum(), amounts.elsewhere, deals.elsewhere) == (1.75, 1, 1)


def test_deals_made_up_for_demonstration_are_said_to_be(corridor: Cities) -> None:
    start, end = corridor["Suzhou"], corridor["Wuhu"]
    contract(start, end)
    contract(start, end, need=need(illustrative=True))
    made = contract(start, end)
    Organisation.objects.filter(pk=made.deal.need_side_id).update(illustrative=True)
    links = city_links("deal", "2026")
    assert (links.illustrative, links.matrix.values.sum()) == (2, 3)
    made.deal.refresh_from_db()
    assert [one.illustrative for one in Deal.objects.order_by("id")] == [False, True, True]


def test_the_platforms_own_periods_are_its_years_and_the_months_of_the_last(corridor: Cities) -> None:
    assert periods("introduction") == []
    introduce(corridor["Suzhou"], corridor["Wuhu"], datetime(2024, 5, 3, tzinfo=UTC))
    introduce(corridor["Suzhou"], corridor["Wuhu"], datetime(2026, 2, 3, tzinfo=UTC))
    found = [period for period, _ in periods("introduction")]
    assert found == ["2026", "2026-02", "2026-01", "2025", "2024"]


@pytest.mark.usefixtures("corridor")
def test_imported_links_are_those_of_one_source_and_the_rest_is_not_known() -> None:
    import_rows(PATENTS)
    import_rows([("合作专利", "2024", "松江", "苏州", 99), ("合作专利", "2025", "松江", "苏州", 1)], title="另一统计")
    assert periods("co_patent") == [("2025", "另一统计"), ("2024", "专利统计"), ("2024", "另一统计")]
    links = city_links("co_patent", "2024", Source.objects.get(title_zh="专利统计").pk)
    assert value(links, "Suzhou", "Songjiang") == value(links, "Songjiang", "Suzhou") == 12
    assert np.isnan(value(links, "Songjiang", "Hefei"))
    network = network_of(links)
    assert (network.total, network.linked, network.pairs, network.unknown) == (42, 2, 36, 34)
    assert network.cross_share is None


@pytest.mark.usefixtures("corridor")
@pytest.mark.parametrize(
    ("name", "period", "source"),
    [("friendship", "2024", ""), ("co_patent", "2024", ""), ("co_patent", "2024", "nobody"), ("co_patent", "2023", "s"),
     ("introduction", "spring", ""), ("introduction", "2024-13", ""), ("introduction", "0000", "")],
)  # fmt: skip
def test_what_is_not_there_is_not_found(name: str, period: str, source: str) -> None:
    Source.objects.create(code="s", title_zh="空", title_en="empty")
    with pytest.raises(NotFoundError):
        city_links(name, period, source)


def test_the_number_of_queries_does_not_grow_with_what_is_counted(
    corridor: Cities, django_assert_num_queries: Any
) -> None:
    gross_products(corridor)
    for start in corridor.values():
        introduce(start, corridor["Hefei"])
    with django_assert_num_queries(2):
        links = city_links("introduction", "2026")
    with django_assert_num_queries(2):
        link_expectation(links)


def test_links_are_expected_from_the_last_known_products_and_the_distance(corridor: Cities) -> None:
    gross_products(corridor, "Songjiang")
    names = list(corridor)
    for row, start in enumerate(names):
        for column, end in enumerate(names):
            for _ in range((row * column + row) % 4):
                introduce(corridor[start], corridor[end])
    links = city_links("introduction", "2026")
    expectation = link_expectation(links)
    assert expectation.fit is not None
    assert expectation.mass_period == "2024"
    assert [city.name_en for city in expectation.without_mass] == ["Songjiang"]
    assert expectation.fit.used == 8 * 7
    inner = links.matrix.between[1:, 1:].sum()
    assert np.nansum(expectation.fit.expected) == pytest.approx(inner)
    record = links_record(links, expectation)
    assert record["indicators"]["310117"]["observed_over_expected"] is None
    assert record["indicators"]["340100"]["observed_over_expected"] > 0


def test_products_after_the_links_are_not_asked(corridor: Cities) -> None:
    gross_products(corridor)
    introduce(corridor["Suzhou"], corridor["Wuhu"], datetime(2023, 5, 3, tzinfo=UTC))
    assert link_expectation(city_links("introduction", "2023")).mass_period == "2023"


def test_without_products_or_links_the_reason_is_said(corridor: Cities) -> None:
    introduce(corridor["Suzhou"], corridor["Wuhu"])
    without = link_expectation(city_links("introduction", "2026"))
    assert without.fit is None
    assert without.reason is not None
    assert "0 links can be used" in without.reason.en
    gross_products(corridor)
    empty = link_expectation(city_links("introduction", "2026-01"))
    assert empty.reason is not None
    assert "all links are zero" in empty.reason.en
