"""Figures as series, columns and their latest values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from yunlang.portal.series import ComparedColumn, city_series, common_places, latest
from yunlang.registry.core.colours import COLOURS
from yunlang.registry.models import City, Figure, Source

pytestmark = pytest.mark.django_db
SOURCE = Source(code="yearbook", title_zh="统计年鉴", title_en="Statistical yearbook")


def figure(city: object, period: str, value: str, **more: Any) -> Figure:
    values = {"code": "gdp", "name_zh": "地区生产总值", "name_en": "GDP", "source": SOURCE, "unit_zh": "亿元"} | more
    return Figure(city=city, period=period, value=Decimal(value), **values)


def test_rows_are_periods_and_columns_are_cities_in_the_corridors_order(corridor: dict[str, City]) -> None:
    hefei, suzhou = corridor["Hefei"], corridor["Suzhou"]
    series = city_series(
        [figure(hefei, "2022", "12013.1"), figure(suzhou, "2022", "23958.3"), figure(hefei, "2023", "12673.8")]
    )
    assert series is not None
    assert series.cities == (suzhou, hefei)
    assert [(period, [one and one.value for one in row]) for period, row in series.rows] == [
        ("2022", [Decimal("23958.3"), Decimal("12013.1")]),
        ("2023", [None, Decimal("12673.8")]),
    ]
    assert [period for period, _ in series.latest_first] == ["2023", "2022"]
    assert series.sources == (SOURCE,)


def test_the_chart_leaves_gaps_where_nothing_was_published(corridor: dict[str, City]) -> None:
    hefei, suzhou = corridor["Hefei"], corridor["Suzhou"]
    series = city_series([figure(hefei, "2022", "1.5"), figure(suzhou, "2023", "2.5")])
    assert series is not None
    chart = series.chart(language="en", chosen="340100")
    assert chart["periods"] == ["2022", "2023"]
    assert [(one["name"], one["values"], one["chosen"]) for one in chart["series"]] == [
        ("Suzhou", [None, 2.5], False),
        ("Hefei", [1.5, None], True),
    ]


def test_the_first_of_two_sources_counts(corridor: dict[str, City]) -> None:
    other = Source(code="other", title_zh="另一来源", title_en="Another source")
    hefei = corridor["Hefei"]
    series = city_series([figure(hefei, "2023", "1"), figure(hefei, "2023", "2", source=other)])
    assert series is not None
    assert [one.value for one in series.rows[0][1] if one] == [Decimal(1)]
    assert series.sources == (SOURCE,)


def test_notes_name_their_cities_and_span(corridor: dict[str, City]) -> None:
    note = {"note_zh": "2011 年区划调整前的口径"}
    figures = [
        figure(corridor["Hefei"], "2009", "1", **note),
        figure(corridor["Wuhu"], "2010", "1", **note),
        figure(corridor["Wuhu"], "2011", "1"),
    ]
    series = city_series(figures)
    assert series is not None
    (remark,) = series.remarks
    assert [city.name_en for city in remark.cities] == ["Wuhu", "Hefei"]
    assert (remark.first, remark.last) == ("2009", "2010")


def test_no_figures_are_no_series() -> None:
    assert city_series([]) is None


@pytest.mark.parametrize(
    ("values", "places"),
    [
        (["1", "2"], 0),
        (["24653.400000", "20059"], 1),
        (["551.8811"], 2),
        (["0.12345"], 4),
        (["0.50"], 1),
        (["1E+3"], 0),
    ],
)
def test_columns_line_up_without_idle_zeros(values: list[str], places: int) -> None:
    assert common_places([Decimal(value) for value in values]) == places


def test_a_column_says_its_period_only_where_all_share_it(corridor: dict[str, City]) -> None:
    shared = {"340100": figure(corridor["Hefei"], "2023", "1"), "340200": figure(corridor["Wuhu"], "2023", "2")}
    mixed = shared | {"340200": figure(corridor["Wuhu"], "2022", "2")}
    assert ComparedColumn.of(shared).period == "2023"
    assert ComparedColumn.of(mixed).period == ""


def test_the_latest_of_each_code_is_kept_and_a_span_counts_by_its_end() -> None:
    figures = [
        figure(None, "2018/2023", "83", code="growth"),
        figure(None, "2024", "90000"),
        figure(None, "2021-01/2021-09", "54600"),
        figure(None, "2019/2023", "180", code="auctions"),
        figure(None, "2019/2025", "500", code="auctions"),
    ]
    assert [one.value for one in latest(figures)] == [Decimal(83), Decimal(90000), Decimal(500)]


def test_of_two_publications_of_one_figure_the_newer_is_kept() -> None:
    newer = Source(code="later", title_zh="后来", title_en="later", dated="2025")
    older = Source(code="earlier", title_zh="早先", title_en="earlier", dated="2024")
    for pair in ((newer, older), (older, newer)):
        figures = [figure(None, "2024", "3.77", source=source) for source in pair]
        assert [one.source.code for one in latest(figures)] == ["later"]


def test_every_city_has_a_colour_of_its_own(corridor: dict[str, City]) -> None:
    assert list(COLOURS) == [city.adcode for city in City.objects.order_by("order")]
    assert len(set(COLOURS.values())) == 9
