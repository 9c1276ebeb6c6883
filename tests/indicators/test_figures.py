"""Checks of published figures against the demo corridor's: found, shown on a page, in a terminal and over the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner, Result

from yunlang import cli
from yunlang.indicators.core.figures import Outcome, Verdict
from yunlang.indicators.core.figures.model import VERDICTS
from yunlang.indicators.figure_selectors import (
    figure_definitions,
    figure_outcomes,
    reference_quantities,
    verdict_counts,
)
from yunlang.registry.importing.demo_edition import demo_folder, edition_read
from yunlang.registry.models import City, Figure, Source
from yunlang.registry.models.city import AREAS

pytestmark = pytest.mark.django_db
ADDRESS = "/figures/checks/"
CONTRADICTIONS = {"rd_intensity_songjiang", "hangzhou_sectors_2017"}
# What cannot be checked, for want of what.
UNCHECKED = {
    "gdp_growth_nine_months": ["2020-01/2020-09"],
    "public_revenue_growth_nine_months": ["2020-01/2020-09"],
    "rd_intensity_above_nation_2024": [],
    "star_market_share_2024": ["STAR Market companies, the nine cities (2024)"],
    "pct_world_share_2024": ["the nine cities (2024)", "the world (2024)"],
    "pct_world_share_2023": ["the nine cities (2023)", "the world (2023)"],
    "trade_national_share_2024": ["the nine cities (2024)", "China (2024)"],
    "auction_seven_editions": ["(2024)", "(2025)"],
    "auction_seventh_on_site": ["(2024)", "(2025)"],
}


@pytest.fixture
def figures(corridor: dict[str, City]) -> dict[str, City]:
    """Load every published figure with its source; return the nine cities by English name."""
    edition = edition_read(demo_folder())
    Source.objects.bulk_create(
        Source(code=row["code"], title_zh=row["title_zh"], title_en=row["title_en"], url=row.get("url") or "")
        for row in edition.sources
    )
    Figure.objects.bulk_create(
        Figure(
            area=row["subject"] if row["subject"] in AREAS else "city",
            city_id=None if row["subject"] in AREAS else row["subject"],
            code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"], period=row["period"], value=row["value"],
            qualifier=row.get("qualifier") or "", unit_zh=row["unit"], unit_en=row["unit_en"], source_id=row["source"],
        )
        for row in edition.figures
        if not row["code"].startswith("yrd2024")
    )  # fmt: skip
    return corridor


@pytest.fixture(autouse=True)
def _begun_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)
    monkeypatch.setenv("YUNLANG_LANGUAGE", "zh-hans")
    monkeypatch.setenv("COLUMNS", "240")


def outcomes(area: str = "") -> dict[str, Outcome]:
    return {one.check.code: one for one in figure_outcomes(area)}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["figures", *arguments])


def read(client: Client, language: str = "zh-hans") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return response.content.decode()


class TestFindings:
    def test_each_check_finds_what_the_figures_say(self, figures: Any) -> None:
        found = outcomes()
        assert {code for code, one in found.items() if one.verdict is Verdict.CONTRADICTS} == CONTRADICTIONS
        assert {code for code, one in found.items() if one.verdict is Verdict.UNCHECKED} == set(UNCHECKED)
        assert verdict_counts(found.values())[Verdict.AGREES] == len(found) - len(CONTRADICTIONS) - len(UNCHECKED)

    @pytest.mark.parametrize("code", UNCHECKED)
    def test_what_is_missing_is_named(self, figures: Any, code: str) -> None:
        missing = [name.en for name in outcomes()[code].missing]
        assert len(missing) == len(UNCHECKED[code])
        for name, part in zip(missing, UNCHECKED[code], strict=True):
            assert part in name

    @pytest.mark.parametrize(
        ("code", "low", "high"),
        [
            ("rd_growth_yearly", 12.78, 12.91),
            ("gdp_world_rank", 17, 17),
            ("gdp_world_share", 1.13, 1.28),
            ("premium_first_example", 37.29, 37.57),
            ("premium_second_example", 32.8, 33.9),
            ("auction_five_editions", 176.13, 176.19),
            ("rd_intensity_above_nation_2024", 1.10, 1.14),
            ("star_market_share_2021", 23.4, 23.5),
            ("high_tech_share_2021", 9.1, 10.3),
            ("new_market_entities_daily", 5522, 5523),
        ],
    )
    def test_what_follows_from_the_inputs(self, figures: Any, code: str, low: float, high: float) -> None:
        computed = outcomes()[code].computed
        assert computed is not None
        assert low <= computed.low <= computed.high <= high

    def test_eight_cities_bound_the_share_of_nine_from_below(self, figures: Any) -> None:
        found = outcomes()["gdp_national_share_2023"]
        assert found.computed is not None
        assert found.computed.is_open
        assert 6.4 < found.computed.low < 6.5
        assert any("松江" in remark.zh for remark in found.remarks)

    def test_every_input_names_its_source(self, figures: Any) -> None:
        for one in figure_outcomes():
            assert all(quantity.source_label.zh and quantity.source_label.en for quantity in one.inputs)
            assert one.published is not None
            assert not one.inputs or one.inputs != (one.published,)

    def test_a_new_figure_lets_a_check_be_made(self, figures: Any) -> None:
        for period, value in (("2024", 90), ("2025", 240)):
            last = Figure.objects.get(code="auction_value", period="2023", source="auction_press")
            last.pk, last.period, last.value, last._state.adding = None, period, value, True
            last.save()
        assert outcomes()["auction_seven_editions"].verdict is Verdict.AGREES
        Figure.objects.filter(code="auction_value", period="2025").update(value=10)
        assert outcomes()["auction_seven_editions"].verdict is Verdict.CONTRADICTS

    def test_an_area_narrows(self, figures: Any) -> None:
        assert set(outcomes("310117")) == {"rd_intensity_songjiang"}
        assert set(outcomes("city")) == {*CONTRADICTIONS, "hangzhou_sectors_2023"}
        assert set(outcomes("yangtze_delta")) == {"delta_index_rises"}
        assert len(outcomes("corridor")) > 20

    def test_the_database_is_asked_a_fixed_number_of_times(
        self, figures: Any, django_assert_max_num_queries: Any
    ) -> None:
        reference_quantities()
        with django_assert_max_num_queries(2):
            figure_outcomes()

    def test_claims_of_the_shipped_checks_are_published(self, figures: Any) -> None:
        for check in figure_definitions().checks:
            area = {"city": check.claim.area} if check.claim.area.isdigit() else {"area": check.claim.area}
            assert Figure.objects.filter(code=check.claim.code, period=check.claim.period, **area).exists(), check.code


class TestPage:
    def test_it_answers_in_both_languages_with_every_check_and_its_working(self, client: Client, figures: Any) -> None:
        chinese, english = read(client), read(client, "en")
        assert re.search(r"<h1>公布的数据彼此对得上吗</h1>", chinese)
        for one in figure_outcomes():
            assert one.check.question.zh in chinese
            assert f'id="{one.check.code}"' in english
        assert re.search(r'id="contradicts-title">不符 <span class="count">2</span>', chinese)
        assert re.search(r'id="contradicts-title">Contradicts', english)
        assert "印度尼西亚" in chinese
        assert "Indonesia" in english
        assert chinese.count("<details") >= len(figure_outcomes())
        assert not re.search(r"\sstyle=|\son\w+=|<style", chinese)

    def test_contradictions_come_first(self, client: Client, figures: Any) -> None:
        html = read(client)
        order = [html.index(f'id="{verdict}-title"') for verdict in ("contradicts", "agrees", "unchecked")]
        assert order == sorted(order)

    def test_without_figures_it_says_what_to_do(self, client: Client, corridor: Any) -> None:
        assert "还没有可以核对的数据" in read(client)

    def test_the_page_of_figures_leads_to_it(self, client: Client, figures: Any) -> None:
        html = client.get("/figures/").content.decode()
        assert f'href="{ADDRESS}"' in html
        assert "浙江网上技术市场登记企业" in html


class TestCommands:
    def test_a_table_and_a_summary(self, figures: Any) -> None:
        result = run("check")
        assert result.exit_code == 0, result.output
        counts = verdict_counts(figure_outcomes())
        assert f"相符 {counts[Verdict.AGREES]}，不符 2，无法核对 {counts[Verdict.UNCHECKED]}。" in result.stdout
        for words in (
            "五届拍卖会加起来逼近 180 亿元吗",
            "近 180 亿元",
            "176.16",
            *(label.zh for label in VERDICTS.values()),
        ):
            assert words in result.stdout

    def test_in_english(self, figures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
        result = run("check", "--area", "Songjiang")
        assert "1 checks: 0 agree, 1 contradict, 0 cannot be checked." in result.stdout

    def test_strict_ends_with_one_only_where_figures_contradict(self, figures: Any) -> None:
        assert run("check", "--area", "松江", "--strict").exit_code == 1
        assert run("check", "--area", "yangtze_delta", "--strict").exit_code == 0

    def test_json_holds_the_numbers(self, figures: Any) -> None:
        rows = {row["code"]: row for row in json.loads(run("check", "--json").stdout)}
        assert len(rows) == len(figure_outcomes())
        auction = rows["auction_five_editions"]
        assert auction["verdict"] == "agrees"
        assert auction["computed"] == {"low": "176.135", "value": "176.16", "high": "176.185"}
        assert auction["published"]["range"] == {"low": "162", "value": "180", "high": "180"}
        assert rows["star_market_share_2021"]["published"]["range"]["high"] is None

    def test_the_list_has_every_figure_with_its_source(self, figures: Any) -> None:
        rows = json.loads(run("list", "--json").stdout)
        assert len(rows) == Figure.objects.count()
        assert all(row["source"] and row["unit"] for row in rows)
        shown = run("list", "--area", "elsewhere").stdout
        assert "94319" in shown
        assert "共 9 项。" in shown

    def test_an_unknown_area_is_named_and_an_empty_database_says_what_to_do(
        self, corridor: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("check", "--area", "北京").exit_code == 2
        for command in ("check", "list"):
            monkeypatch.setattr("sys.argv", ["yunlang", "figures", command])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            assert ended.value.code == 1
            assert "yunlang demo --load-only" in capsys.readouterr().err


class TestApi:
    def test_every_check_with_counts(self, client: Client, figures: Any) -> None:
        answer = client.get("/api/v1/figures/checks").json()
        assert len(answer["items"]) == answer["agrees"] + answer["contradicts"] + answer["unchecked"]
        assert answer["contradicts"] == 2
        row = next(row for row in answer["items"] if row["code"] == "gdp_world_rank")
        assert row["provisional"] is True
        assert {one["source"] for one in row["inputs"]} >= {
            "factor_conference_2025",
            "world_bank_gdp",
            "techme_provinces",
        }

    def test_an_area_narrows_and_a_wrong_one_is_refused(self, client: Client, figures: Any) -> None:
        answer = client.get("/api/v1/figures/checks?area=310117").json()
        assert [row["code"] for row in answer["items"]] == ["rd_intensity_songjiang"]
        assert client.get("/api/v1/figures/checks?area=nowhere").status_code == 422

    def test_figures_from_elsewhere_are_listed_too(self, client: Client, figures: Any) -> None:
        answer = client.get("/api/v1/figures?city=elsewhere&limit=200").json()
        assert {row["area"] for row in answer["items"]} == {"elsewhere"}
