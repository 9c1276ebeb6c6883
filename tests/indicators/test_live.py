"""The corridor's indices fed from the platform: what is taken, what counts, and that the missing stays missing."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.deals.support import Deal, make_deal
from tests.factories import CITIES, make_need, make_organisation, make_resource, publish
from tests.indicators.link_tables import contract
from tests.rows import need
from yunlang.deals.services import introduction_accept, introduction_meet, introduction_sign
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError, FrameworkError
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.framework_files import framework_of
from yunlang.indicators.live import (
    computable,
    live_dataset,
    live_read,
    live_sources,
    live_years,
    total_of,
    uncomputable,
)
from yunlang.indicators.live_counts import COUNTS
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City, Expert, Figure, Need, OrganisationLabel, Resource, Source

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HUZHOU, SUZHOU, SONGJIANG = "330500", "320500", "310117"


def framework(*sources: str, denominators: dict[str, str] | None = None) -> Framework:
    """Return a framework with an indicator for each source, named after it; some of them divided."""
    divided = denominators or {}
    children = [
        {"code": source.partition(":")[2], "source": source, "denominator": divided.get(source.partition(":")[2], "")}
        for source in sources
    ]
    index = {"code": "index", "children": [{"code": "pillar", "children": children}]}
    return framework_of({"code": "f", "index": index, "denominators": dict.fromkeys(divided.values(), "")})


def figure(city: str, code: str, period: str, value: float, source: str = "yearbook") -> Figure:
    Source.objects.get_or_create(code=source, defaults={"title_zh": source, "title_en": source})
    return Figure.objects.create(
        area="city", city_id=city, code=code, name_zh=code, name_en=code, period=period, value=value, source_id=source
    )


def column(data: Dataset, code: str) -> dict[str, float]:
    """Return what is known of an indicator by city in the last period."""
    values = data.values[-1, :, data.indicators.index(code)]
    return {unit: value for unit, value in zip(data.units, values.tolist(), strict=True) if not math.isnan(value)}


@pytest.fixture
def nine(corridor: dict[str, City]) -> dict[str, City]:
    """Return the nine cities."""
    return corridor


@pytest.mark.usefixtures("nine")
class TestFigures:
    """Published figures of cities."""

    def test_the_latest_period_counts_and_an_older_one_never_stands_in(self) -> None:
        figure(HUZHOU, "gdp", "2022", 3850)
        figure(SUZHOU, "gdp", "2022", 23958)
        figure(HUZHOU, "gdp", "2023", 4015.1)
        live = live_read(framework("figure:gdp"))
        assert column(live.data, "gdp") == {HUZHOU: 4015.1}
        (source,) = live.sources
        assert (source.period, [one.code for one in source.publications]) == ("2023", ["yearbook"])
        assert SUZHOU in {city.adcode for city in source.lacking}
        assert len(source.lacking) == 8

    def test_figures_of_the_whole_corridor_are_of_no_city(self) -> None:
        figure(HUZHOU, "gdp", "2023", 4015.1)
        whole = figure(HUZHOU, "gdp", "2024", 90000)
        Figure.objects.filter(pk=whole.pk).update(area="corridor", city=None)
        assert live_sources(framework("figure:gdp"))[0].period == "2023"

    def test_what_is_divided_is_of_one_year_with_its_divisor(self) -> None:
        for period, deposits, population in (("2022", 8000, 340), ("2023", 9000, 343.9)):
            figure(HUZHOU, "deposits", period, deposits)
            figure(HUZHOU, "population", period, population)
        figure(HUZHOU, "population", "2024", 346.5)
        live = live_read(framework("figure:deposits", denominators={"deposits": "population"}))
        place = live.data.units.index(HUZHOU)
        assert live.data.denominators["population"][0, place] == pytest.approx(3.439)
        assert live.sources[0].period == "2023"
        assert np.isnan(live.data.denominators["population"][0]).sum() == 8

    def test_the_first_of_two_sources_counts_as_on_the_pages_of_figures(self) -> None:
        figure(HUZHOU, "gdp", "2023", 4015.1)
        figure(HUZHOU, "gdp", "2023", 4015.2, source="press")
        assert column(live_dataset(framework("figure:gdp")), "gdp") == {HUZHOU: 4015.1}

    def test_a_figure_that_nobody_published_is_missing_everywhere(self) -> None:
        live = live_read(framework("figure:unheard_of"))
        assert np.isnan(live.data.values).all()
        assert (live.sources[0].period, live.sources[0].publications) == ("", ())
        assert len(live.sources[0].lacking) == 9

    def test_a_panel_has_a_row_for_each_year_and_gaps_where_they_are(self) -> None:
        figure(HUZHOU, "gdp", "2021", 3644.9)
        figure(HUZHOU, "gdp", "2023", 4015.1)
        data = live_dataset(framework("figure:gdp"), periods=("2021", "2022", "2023"))
        huzhou = data.values[:, data.units.index(HUZHOU), 0]
        assert data.periods == ("2021", "2022", "2023")
        assert huzhou[[0, 2]].tolist() == [3644.9, 4015.1]
        assert np.isnan(data.values).sum() == 3 * 9 - 2
        assert math.isnan(huzhou[1])

    def test_years_are_those_of_which_every_figure_is_known(self) -> None:
        for year in ("2010", "2011", "2012", "2013"):
            figure(HUZHOU, "gdp", year, 1)
        for year in ("2010", "2012", "2013", "2014"):
            figure(SUZHOU, "loans", year, 1)
        figure(SUZHOU, "loans", "2021-01/2021-09", 1)
        assert live_years(framework("figure:gdp", "figure:loans"), since="2011") == ("2012", "2013")


@pytest.mark.usefixtures("nine")
class TestCounts:
    """What the platform counts itself."""

    def counts(self, *names: str) -> dict[str, dict[str, float]]:
        data = live_dataset(framework(*(f"count:{name}" for name in names)))
        return {name: {city: value for city, value in column(data, name).items() if value} for name in names}

    def test_organisations_by_type_and_label_where_their_seat_is_known(self) -> None:
        firm = make_organisation(city=HUZHOU)
        make_organisation(city=HUZHOU, type="university")
        make_organisation(city=SUZHOU, type="laboratory")
        made_up, hidden = make_organisation(city=SUZHOU), make_organisation(city=SUZHOU)
        type(made_up).objects.filter(pk=made_up.pk).update(illustrative=True)
        type(hidden).objects.filter(pk=hidden.pk).update(status="draft")
        for one in (firm, made_up, hidden):
            OrganisationLabel.objects.create(organisation=one, label="listed")
        OrganisationLabel.objects.create(organisation=firm, label="star_market", valid_until="2020-01-01")
        assert self.counts("organisations", "research_organisations", "listed_companies", "star_companies") == {
            "organisations": {HUZHOU: 2, SUZHOU: 1},
            "research_organisations": {HUZHOU: 1, SUZHOU: 1},
            "listed_companies": {HUZHOU: 1},
            "star_companies": {},
        }

    def test_resources_by_kind_projects_grades_and_experts(self) -> None:
        organisation = make_organisation(city=HUZHOU)
        publish(make_resource(organisation, tags="国家重点研发计划；干细胞及转化研究"))
        publish(make_resource(organisation, programme="市级科技计划"))
        make_resource(organisation, tags="国家重点研发计划")
        graded = publish(make_resource(organisation))
        Resource.objects.filter(pk=graded.pk).update(kind="instrument", details={"sharing_grade": "良好"})
        poor = publish(make_resource(organisation))
        Resource.objects.filter(pk=poor.pk).update(kind="instrument", details={"sharing_grade": "较差"})
        service = publish(make_resource(organisation))
        Resource.objects.filter(pk=service.pk).update(kind="service")
        Expert.objects.create(name="某人", organisation=organisation)
        names = ("resources", "national_projects", "shared_instruments", "support_resources", "experts")
        found = self.counts(*names)
        assert {name: counts[HUZHOU] for name, counts in found.items()} == {
            "resources": 5, "national_projects": 1, "shared_instruments": 1, "support_resources": 1, "experts": 1,
        }  # fmt: skip

    def test_made_up_needs_do_not_count(self) -> None:
        Need.objects.filter(pk=publish(make_need()).pk).update(illustrative=True)
        assert self.counts("needs") == {"needs": {}}

    def test_needs_and_introductions_by_city_signed_and_across(self) -> None:
        far, near = self.deal(HUZHOU, SUZHOU), self.deal(HUZHOU, HUZHOU)
        publish(make_need(make_organisation(city=HUZHOU)))
        near.propose()
        self.sign(far)
        names = ("needs", "needs_answered_share", "introductions", "introductions_signed", "introductions_across_share")
        found = self.counts(*names)
        assert found["needs"] == {HUZHOU: 3}
        assert found["needs_answered_share"] == {HUZHOU: pytest.approx(200 / 3)}
        assert found["introductions"] == {HUZHOU: 2, SUZHOU: 1}
        assert found["introductions_signed"] == {HUZHOU: 1, SUZHOU: 1}
        assert found["introductions_across_share"] == {HUZHOU: 50, SUZHOU: 100}

    def test_contracts_count_for_both_cities_with_their_amounts(self) -> None:
        cities = City.objects.in_bulk()
        for start, end, amount in ((HUZHOU, SUZHOU, 1_500_000), (HUZHOU, HUZHOU, 250_000), (HUZHOU, None, 2_000_000)):
            contract(cities[start], cities.get(end or ""), amount=amount)
        contract(cities[SUZHOU], cities[HUZHOU], need=need(illustrative=True))
        assert self.counts("deals", "deals_amount", "deals_across_share") == {
            "deals": {HUZHOU: 3, SUZHOU: 1},
            "deals_amount": {HUZHOU: 3.75, SUZHOU: 1.5},
            "deals_across_share": {HUZHOU: pytest.approx(100 / 3), SUZHOU: 100},
        }

    def test_a_side_outside_the_corridor_is_of_no_city_and_not_across(self) -> None:
        self.deal(HUZHOU, None).propose()
        found = self.counts("introductions", "introductions_across_share")
        assert found == {"introductions": {HUZHOU: 1}, "introductions_across_share": {}}

    def test_nothing_counted_is_nought_and_a_share_of_nothing_is_missing(self) -> None:
        live = live_read(framework(*(f"count:{name}" for name in COUNTS)))
        for source, values in zip(live.sources, live.data.values[0].T, strict=True):
            if COUNTS[source.name].is_share:
                assert np.isnan(values).all()
                assert len(source.lacking) == 9
            else:
                assert (values == 0).all()
                assert source.lacking == ()
            assert source.period == timezone.localdate().isoformat()

    def test_all_counts_take_few_queries_however_much_there_is(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for city in (HUZHOU, SUZHOU):
            self.deal(city, SONGJIANG).propose()
        sources = [f"count:{name}" for name in COUNTS]
        with django_assert_max_num_queries(12):
            live_read(framework("figure:gdp", *sources, denominators={"needs": "organisations"}))

    def deal(self, needing: str, offering: str | None) -> Deal:
        deal = make_deal()
        for listing, city in ((deal.need, needing), (deal.resource, offering)):
            placement = "corridor" if city else "outside"
            type(listing.organisation).objects.filter(pk=listing.organisation_id).update(city=city, placement=placement)
            type(listing).objects.filter(pk=listing.pk).update(city=city)
        return deal

    def sign(self, deal: Deal) -> None:
        act: Any = {"introduction_id": deal.propose().pk, "at": NOW}
        introduction_accept(actor=deal.needing, **act)
        introduction_accept(actor=deal.offering, **act)
        introduction_meet(actor=deal.manager, due="2026-12-01", **act)
        introduction_sign(actor=deal.manager, **act)


@pytest.mark.usefixtures("nine")
def test_a_city_without_divisor_lacks_what_is_divided() -> None:
    make_organisation(city=SONGJIANG)
    figure(HUZHOU, "population", "2023", 343.9)
    figure(SUZHOU, "population", "2023", 1295.8)
    divided = framework("count:organisations", denominators={"organisations": "population"})
    (source,) = live_sources(divided)
    assert {city.adcode for city in source.lacking} == {code for code, *_ in CITIES} - {HUZHOU, SUZHOU}


@pytest.mark.usefixtures("nine")
class TestSources:
    """Sources that a framework may name."""

    @pytest.mark.parametrize("source", ["", "gdp", "figure:", "count:unheard_of", "file:gdp.csv"])
    def test_one_that_the_platform_does_not_know_is_named(self, source: str) -> None:
        wrong = {"code": "wrong", "source": source}
        index = {"code": "index", "children": [wrong, {"code": "gdp", "source": "figure:gdp"}]}
        with pytest.raises(FrameworkError) as error:
            live_dataset(framework_of({"code": "f", "index": index}))
        assert error.value.fields.keys() == {"wrong"}

    def test_an_unknown_denominator_is_named(self) -> None:
        with pytest.raises(FrameworkError) as error:
            live_dataset(framework("figure:gdp", denominators={"gdp": "area"}))
        assert error.value.fields.keys() == {"area"}

    def test_counts_know_no_past(self) -> None:
        with pytest.raises(FrameworkError) as error:
            live_dataset(framework("count:resources"), periods=("2022", "2023"))
        assert error.value.fields.keys() == {"resources"}


def dataset(values: Any, *codes: str) -> Dataset:
    array = np.array(values, dtype=float)
    return Dataset(tuple(f"u{n}" for n in range(array.shape[1])), codes, array, tuple(map(str, range(len(array)))))


def test_what_cannot_tell_cities_apart_is_left_out_by_name() -> None:
    nan = math.nan
    data = dataset([[[1, nan, 0, 5], [2, nan, 0, nan], [nan, nan, 0, nan]]], "varied", "empty", "alike", "single")
    whole = framework(*(f"figure:{code}" for code in data.indicators))
    assert [node.code for node in computable(whole, data).indicators] == ["varied"]
    assert uncomputable(whole, data) == {
        "empty": Bilingual("各城市均无数据", "no city has data"),
        "alike": Bilingual("各城市数值相同", "all cities have the same value"),
        "single": Bilingual("只有一个城市有数据", "only one city has data"),
    }


def test_the_total_grows_by_what_the_same_cities_have_grown() -> None:
    data = dataset([[[1.0], [10.0], [math.nan]], [[2.0], [30.0], [100.0]]], "gdp")
    total = total_of(data, "g60", "G60")
    assert (total.units, total.unit_names) == (("g60",), ("G60",))
    assert total.values.ravel().tolist() == [11.0, 32.0]


def test_without_one_complete_city_there_is_no_total() -> None:
    with pytest.raises(DatasetError):
        total_of(dataset([[[1.0]], [[math.nan]]], "gdp"), "g60", "G60")
