"""The demo's indices, over the whole demo corridor: live numbers are those of the tables, the missing stays missing."""

from __future__ import annotations

import io
import math
from collections import Counter

import numpy as np
import pytest
from django.test import Client
from rich.console import Console

from tests.demo.conftest import Loading
from tests.factories import make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.demo import INDICES, demo_editions, editions_prepare
from yunlang.indicators.edition_computing import edition_plan
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import edition_open, edition_verify
from yunlang.indicators.edition_views import EditionView
from yunlang.indicators.live import Live, live_read
from yunlang.indicators.live_editions import EditionContent
from yunlang.indicators.profiles import profile_of
from yunlang.indicators.shipped import framework_shipped
from yunlang.registry.models import City, Expert, Figure, Organisation, OrganisationLabel, Resource

pytestmark = pytest.mark.django_db
SONGJIANG = "310117"


@pytest.fixture(scope="module")
def editions(demo: Loading) -> dict[str, EditionContent]:
    """Return the demo's editions by index."""
    return {edition.index: edition for edition in demo_editions()}


@pytest.fixture(scope="module")
def runs(editions: dict[str, EditionContent]) -> dict[str, Run]:
    """Return what each edition's recipe makes of its data."""
    return {index: Engine(one.framework, one.data).run(one.recipe) for index, one in editions.items()}


@pytest.fixture(scope="module")
def live(demo: Loading) -> Live:
    """Return the five areas' data and sources."""
    return live_read(framework_shipped("g60_2021"))


def column(live: Live, code: str) -> dict[str, float]:
    """Return what is known of an indicator by city."""
    values = live.data.values[0, :, live.data.indicators.index(code)]
    return {unit: value for unit, value in zip(live.data.units, values.tolist(), strict=True) if not math.isnan(value)}


def test_counts_are_those_of_the_tables(live: Live) -> None:
    corridor = Organisation.objects.filter(city__isnull=False, illustrative=False).prefetch_related("labels")
    labels: Counter[tuple[str, str]] = Counter()
    for organisation in corridor:
        labels.update((one.label, str(organisation.city_id)) for one in organisation.labels.all())
    for code, label in (
        ("star_companies", "star_market"),
        ("listed_companies", "listed"),
        ("key_laboratories", "key_laboratory"),
    ):
        assert column(live, code) == {city: labels[label, city] for city in live.data.units}
    resources = list(Resource.objects.filter(city__isnull=False).select_related("organisation"))
    projects = Counter(str(one.city_id) for one in resources if "programme" in one.details)
    assert column(live, "national_projects") == {city: projects[city] for city in live.data.units}
    assert sum(projects.values()) == 142
    graded = Counter(str(one.city_id) for one in resources if one.details.get("sharing_grade") in ("优秀", "良好"))
    assert column(live, "shared_instruments") == {city: graded[city] for city in live.data.units}
    experts = Counter(str(city) for city in Expert.objects.values_list("organisation__city", flat=True))
    assert column(live, "experts") == {city: experts[city] for city in live.data.units}
    published = Counter(str(one.city_id) for one in resources)
    assert column(live, "resources") == {city: published[city] for city in live.data.units}


def test_figures_are_those_of_the_latest_period(live: Live) -> None:
    for source in live.sources:
        if source.kind == "figure":
            rows = Figure.objects.filter(code=source.name, period=source.period).exclude(city=None)
            assert column(live, source.code) == {str(row.city_id): float(row.value) for row in rows}
            assert source.publications
            assert {city.adcode for city in source.lacking} == set(live.data.units) - column(live, source.code).keys()


def test_every_year_that_is_divided_is_the_year_of_its_divisor(live: Live) -> None:
    framework = framework_shipped("g60_2021")
    years = {source.code: source.period for source in live.sources}
    yearly = {years[code] for code in ("secondary_per_person", "loans", "deposits")}
    assert yearly == {"2023"}
    population = {str(row.city_id): row.value for row in Figure.objects.filter(code="population", period="2023")}
    divisor = dict(zip(live.data.units, live.data.denominators["population"][0], strict=True))
    assert {city: divisor[city] for city in population} == {
        city: pytest.approx(float(value) / 100) for city, value in population.items()
    }
    assert framework.denominators.keys() == live.data.denominators.keys()


def test_songjiang_lacks_most_and_shows_as_missing(live: Live, runs: dict[str, Run]) -> None:
    lacking = {source.code for source in live.sources if SONGJIANG in {city.adcode for city in source.lacking}}
    assert {"rd_intensity", "trade_share", "deposits", "key_laboratories"} <= lacking
    assert "support_resources" not in lacking
    run = runs["g60"]
    place = run.units.index(SONGJIANG)
    assert math.isnan(run.score()[0, place])
    assert math.isnan(run.rank()[0, place])
    others = np.delete(run.score()[0], place)
    assert not np.isnan(others).any()
    assert sorted(np.delete(run.rank()[0], place)) == list(range(1, 9))
    growth = runs["g60-growth"]
    assert np.isnan(growth.scores[:, growth.units.index(SONGJIANG)]).all()


def test_nothing_is_filled_in(runs: dict[str, Run]) -> None:
    for run in runs.values():
        raw, last = run.stages["raw"].data, run.data
        assert "impute" not in run.stages
        assert (np.isnan(raw.values) <= np.isnan(last.values)).all()


def test_what_cannot_be_computed_yet_is_named(editions: dict[str, EditionContent], live: Live) -> None:
    edition = editions["g60"]
    whole = {node.code for node in framework_shipped("g60_2021").indicators}
    kept = {node.code for node in edition.framework.indicators}
    assert kept | edition.left_out.keys() == whole
    assert not kept & edition.left_out.keys()
    assert {"introductions_signed", "needs_answered", "contracts_with_sister_cities"} <= edition.left_out.keys()
    assert len(edition.framework.children["g60"]) == 5


def test_growth_is_each_citys_own_series_over_its_base_year(runs: dict[str, Run]) -> None:
    run = runs["g60-growth"]
    gdp = {(str(row.city_id), row.period): float(row.value) for row in Figure.objects.filter(code="gdp", area="city")}
    scores = run.score("gdp")
    assert run.periods == tuple(map(str, range(2011, 2024)))
    for place, unit in enumerate(run.units):
        for at, year in enumerate(run.periods):
            if unit != SONGJIANG:
                assert scores[at, place] == pytest.approx(100 * gdp[unit, year] / gdp[unit, "2018"], rel=1e-12)
    base = run.periods.index("2018")
    known = ~np.isnan(run.scores[base])
    assert run.scores[base][known] == pytest.approx(100)
    assert known.sum() == 8 * len(run.framework.codes)


def test_another_base_year_changes_no_citys_growth(editions: dict[str, EditionContent], runs: dict[str, Run]) -> None:
    edition = editions["g60-growth"]
    since = Engine(edition.framework, edition.data).run(edition.recipe.changed({"normalise.base": "2011"}))
    first, last = since.score()[0], since.score()[-1]
    known = ~np.isnan(first)
    assert first[known] == pytest.approx(100)
    own = runs["g60-growth"].score()
    assert (last / first)[known] == pytest.approx((own[-1] / own[0])[known])


def test_the_corridor_as_a_whole_is_the_sum_of_the_cities_with_full_series(
    editions: dict[str, EditionContent], runs: dict[str, Run]
) -> None:
    cities, whole = editions["g60-growth"].data, runs["g60-total"]
    place = cities.indicators.index("gdp")
    summed = np.nansum(cities.values[:, :, place], axis=1)
    assert whole.score("gdp")[:, 0] == pytest.approx(100 * summed / summed[7])
    rates = runs["g60-growth"].score("gdp")[-1]
    assert np.nanmin(rates) < whole.score("gdp")[-1, 0] < np.nanmax(rates)


@pytest.mark.usefixtures("demo")
def test_editions_are_published_once_and_verify() -> None:
    silent = Console(file=io.StringIO())
    assert editions_prepare(console=silent, language="en") == len(INDICES)
    assert editions_prepare(console=silent, language="en") == 0
    published = Edition.objects.filter(index__in=INDICES, status="published")
    assert {edition.index for edition in published} == set(INDICES)
    assert all(edition_verify(edition).agrees for edition in published)
    areas = next(edition for edition in published if edition.index == "g60")
    suzhou = profile_of(EditionView(areas, edition_open(areas)), "320500", 0)
    shown = {one.node.code: one.value for one in suzhou.indicators}
    gdp = float(Figure.objects.get(code="gdp", period="2023", city="320500").value)
    assert shown["star_companies"] == pytest.approx(56 / (gdp / 1_000))


def test_an_index_of_growth_is_never_varied_into_one_of_size(editions: dict[str, EditionContent]) -> None:
    growth, areas = editions["g60-growth"], editions["g60"]
    plan, _ = edition_plan(Engine(growth.framework, growth.data), growth.recipe)
    varied = {getattr(one, "setting", "weights") for one in plan.inputs}
    assert varied == {"weights", "aggregate"}
    plan, _ = edition_plan(Engine(areas.framework, areas.data), areas.recipe)
    assert "normalise" in {getattr(one, "setting", "weights") for one in plan.inputs}


@pytest.mark.usefixtures("demo")
def test_all_nine_cities_are_there() -> None:
    units = {edition.index: edition.data.units for edition in demo_editions()}
    nine = set(City.objects.values_list("adcode", flat=True))
    assert set(units["g60"]) == set(units["g60-growth"]) == nine
    assert OrganisationLabel.objects.filter(organisation__city=SONGJIANG, label="star_market").count() == 5


@pytest.mark.usefixtures("demo")
def test_the_index_of_this_moment_counts_a_resource_just_published(client: Client, runs: dict[str, Run]) -> None:
    before = client.get("/index/now/").context
    scores = runs["g60"].score()[-1]
    assert [row.score for row in before["rows"]] == [*sorted(scores[~np.isnan(scores)], reverse=True), None]
    xuancheng = [city.adcode for city in before["cities"]].index("341800")
    publish(make_resource(make_organisation(city="341800"), kind="achievement"))
    after = client.get("/index/now/")
    tables = [{name.zh: values for name, values in found["counts"]} for found in (before, after.context)]
    counted = [table["发布的创新要素"][xuancheng] for table in tables]
    assert counted[1] == counted[0] + 1
    assert "存为草稿" not in after.content.decode()


@pytest.mark.usefixtures("demo")
def test_the_office_keeps_the_index_of_this_moment_as_a_draft(client: Client) -> None:
    client.force_login(make_user(Role.OFFICE))
    assert "存为草稿" in client.get("/index/now/").content.decode()
    client.post("/index/now/draft/", {"label": "2026-11"})
    draft = Edition.objects.get(index="g60", label="2026-11")
    assert not draft.is_published
    assert len(draft.left_out) > 0
    refused = client.post("/index/now/draft/", {"label": "2026-11"}, follow=True)
    assert "已有同名版本" in refused.content.decode()
    client.force_login(make_user(Role.MANAGER))
    assert client.post("/index/now/draft/", {"label": "x"}).status_code == 403
