"""The page of links between cities, and its files."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.indicators.link_tables import PATENTS, import_rows, introduce
from tests.indicators.test_link_selectors import gross_products
from yunlang.indicators.models import LinkObservation
from yunlang.kit.tables import read_table
from yunlang.registry.models import City, Source

pytestmark = pytest.mark.django_db
ADDRESS = "/index/links/"


@pytest.fixture
def linked(corridor: dict[str, City]) -> dict[str, City]:
    """Return the cities, with introductions between them and a table of patents."""
    gross_products(corridor, "Songjiang")
    names = list(corridor)
    for row, start in enumerate(names):
        for end in names[row:]:
            introduce(corridor[start], corridor[end])
    introduce(corridor["Suzhou"], None)
    import_rows(PATENTS)
    return corridor


def read(client: Client, address: str, language: str = "zh-hans") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("query", ["", "?kind=co_patent", "?kind=deal", "?kind=friendship&of=never"])
def test_the_page_stands_in_both_languages_full_and_empty(
    client: Client, query: str, language: str, filled: bool, request: pytest.FixtureRequest
) -> None:
    if filled:
        request.getfixturevalue("linked")
    page = read(client, ADDRESS + query, language)
    assert page.count("<h1") == 1
    assert "style=" not in page


def test_the_figures_answer_the_question(client: Client, linked: dict[str, City]) -> None:
    page = plain(read(client, ADDRESS))
    assert "九城市之间的合作有多密" in page
    assert "2026，跨市合计 36 次；36 对城市中，36 对有联系。" in page
    assert "跨市的占 80%" in page
    assert "另有 1 项的一方不在九城市" in page
    assert "56 条联系" in page
    assert "松江：没有地区生产总值，未计算预期。" in page


def test_the_matrix_is_a_table_with_heads_and_steps(client: Client, linked: dict[str, City]) -> None:
    introduce(linked["Suzhou"], linked["Wuhu"])
    page = read(client, ADDRESS)
    matrix = page[page.index("links-matrix") : page.index("</table>")]
    assert matrix.count('scope="col"') == matrix.count('scope="row"') == 9
    assert matrix.count("links-inside") == 9
    assert matrix.count("links-step-4") == 1
    assert matrix.count("links-step-3") == 35


def test_what_is_not_known_is_said_and_not_shown_as_zero(client: Client, linked: dict[str, City]) -> None:
    page = read(client, f"{ADDRESS}?kind=co_patent")
    text = plain(page)
    assert "有 34 对城市没有数据" in text
    assert "跨市的占" not in text
    assert "专利统计" in text
    assert "不分方向" in text
    assert "没有预期值。" in text
    assert "互惠度" not in text


def test_a_kind_without_data_says_where_data_would_come_from(client: Client, linked: dict[str, City]) -> None:
    assert "办公室导入统计表后" in plain(read(client, f"{ADDRESS}?kind=co_project"))
    assert "账本登记合同后" in plain(read(client, f"{ADDRESS}?kind=deal"))


def test_no_organisation_is_named(client: Client, linked: dict[str, City]) -> None:
    assert not re.search(r"机构\d", read(client, ADDRESS))


def test_the_source_of_a_table_is_listed_with_the_others(client: Client, linked: dict[str, City]) -> None:
    page = plain(read(client, "/sources/"))
    assert "专利统计" in page


def test_a_month_and_a_source_are_chosen_by_the_address(client: Client, linked: dict[str, City]) -> None:
    assert '<option value="2026-11" selected>' in read(client, f"{ADDRESS}?kind=introduction&of=2026-11")
    import_rows([("合作专利", "2024", "松江", "苏州", 77)], title="另一统计")
    code = Source.objects.get(title_zh="另一统计").code
    assert "跨市合计 77 件" in plain(read(client, f"{ADDRESS}?kind=co_patent&of=2024@{code}"))


def test_the_page_asks_as_little_whatever_there_is(
    client: Client, linked: dict[str, City], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(9):
        client.get(f"{ADDRESS}?kind=introduction")


def test_the_file_of_links_comes_back_as_an_import(client: Client, linked: dict[str, City]) -> None:
    code = Source.objects.get(title_zh="专利统计").code
    for language in ("zh-hans", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        response = client.get(f"{ADDRESS}links.csv", {"kind": "co_patent", "of": f"2024@{code}"})
        assert response["Content-Disposition"].endswith("2024.csv")
        with read_table(io.BytesIO(response.content), filename="links.csv") as table:
            rows = [list(row.values.values()) for row in table]
            header = table.columns
        report = import_rows(rows, header)
        assert (report.read, report.unchanged) == (3, 3)
    assert LinkObservation.objects.count() == 3


def test_the_file_of_cities_has_every_indicator(client: Client, linked: dict[str, City]) -> None:
    response = client.get(f"{ADDRESS}cities.csv", {"kind": "introduction", "of": "2026"})
    with read_table(io.BytesIO(response.content), filename="cities.csv") as table:
        rows = {row.values["城市"]: row.values for row in table}
    assert len(rows) == 9
    assert rows["松江"]["联系总量"] == "8"
    assert rows["松江"]["实际与预期之比"] is None
    assert float(str(rows["合肥"]["实际与预期之比"])) > 0


@pytest.mark.parametrize("query", ["", "?kind=introduction&of=1999", "?kind=friendship&of=2026"])
def test_a_file_of_nothing_is_not_found(client: Client, linked: dict[str, City], query: str) -> None:
    assert client.get(f"{ADDRESS}links.csv{query}").status_code == 404
