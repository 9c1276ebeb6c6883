"""Pages of editions, against PostgreSQL."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from tests.factories import make_user
from tests.indicators.editions import FACTS, UNITS, dataset, make_draft, make_edition
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.indicators import draft_pages
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import _opened, edition_open, edition_verify
from yunlang.indicators.edition_sources import sources_of
from yunlang.indicators.framework_files import framework_of, framework_read, recipe_read, yaml_text
from yunlang.indicators.services import edition_publish
from yunlang.registry.models import Figure, Source

pytestmark = pytest.mark.django_db
HOME = "/index/small/2024/"
TABS = ("", "what-if/", "audit/", "downloads/", "units/330100/")


@pytest.fixture
def edition(corridor: object) -> Edition:
    _opened.cache_clear()
    return make_edition()


@pytest.fixture
def panel(corridor: object) -> Edition:
    return make_edition(index="panel", data=dataset(periods=3), title_zh="历年小指数", title_en="Small panel")


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(make_user(Role.OFFICE))
    return client


def read(client: Client, address: str, language: str = "zh-hans") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize(
    "address", ["/index/", *(HOME + tab for tab in TABS), "/index/panel/2024/", "/index/panel/2024/series/"]
)
def test_every_page_stands_in_both_languages_without_inline_script_or_style(
    client: Client, edition: Edition, panel: Edition, address: str
) -> None:
    for language, tag in (("zh-hans", "zh-Hans"), ("en", "en")):
        html = read(client, address, language)
        assert html.count("<h1") == 1
        assert f'<html lang="{tag}">' in html
        assert not re.search(r"\sstyle=|\son\w+=|<style", html)
        assert not re.search(r"<script(?![^>]*(?:\ssrc=|application/json))", html)
        identifiers = re.findall(r'\sid="([^"]*)"', html)
        assert len(identifiers) == len(set(identifiers))


def test_an_empty_list_says_what_will_come(client: Client, corridor: object) -> None:
    assert "还没有发布的指数" in read(client, "/index/")


def test_the_list_names_who_leads_and_links_earlier_editions(client: Client, edition: Edition) -> None:
    make_edition(label="2023")
    best = edition_open(edition)
    leader = best.names[best.units[int(np.nanargmin(best.ranks[-1]))]]
    html = read(client, "/index/")
    assert f"1 {leader}" in html
    assert 'href="/index/small/2023/"' in html


def test_an_index_leads_to_its_latest_edition(client: Client, edition: Edition) -> None:
    assert client.get("/index/small/").headers["Location"] == HOME
    assert client.get("/index/none/").status_code == 404


def test_the_overview_ranks_with_bars_intervals_pillars_and_the_map(client: Client, edition: Edition) -> None:
    html = read(client, HOME)
    opened = edition_open(edition)
    table = html[html.index('class="data ranking"') :]
    ranks = [int(rank) for rank in re.findall(r'<tr[^>]*><td class="num">(\d+)</td>', table)]
    assert ranks == sorted(int(rank) for rank in opened.ranks[-1])
    assert table.count('class="bar"') == table.count('class="interval"') == len(UNITS)
    assert "研发投入" in table
    assert "绿色发展" in table
    assert len(re.findall(r'<a href="/index/small/2024/units/\d{6}/" class="map-city', html)) == 9
    assert edition.inputs in html


def test_a_period_may_be_chosen(client: Client, panel: Edition) -> None:
    html = read(client, "/index/panel/2024/?period=2022")
    assert '<option value="2022" selected>' in html
    assert 'class="interval"' not in html
    assert '<option value="2024" selected>' in read(client, "/index/panel/2024/?period=1066")


def test_what_the_data_lack_is_listed(client: Client, corridor: object) -> None:
    draft = make_draft()
    Edition.objects.filter(pk=draft.pk).update(
        left_out=[
            {"name": {"zh": "专利", "en": "patents"}, "reason": {"zh": "各城市均无数据", "en": "no city has data"}}
        ]
    )
    edition_publish(actor=SYSTEM, edition_id=draft.pk, at=draft.created_at)
    assert re.search(r"专利</th><td>各城市均无数据", read(client, HOME))
    assert re.search(r"Patents</th><td>No city has data", read(client, HOME, "en"))


def test_a_profile_shows_where_the_unit_stands(client: Client, edition: Edition) -> None:
    html = read(client, f"{HOME}units/330100/")
    opened = edition_open(edition)
    place = opened.units.index("330100")
    assert f"列第 <strong>{int(opened.ranks[-1, place])}</strong>" in html
    assert "与平均水平差在哪里" in html
    assert "什么变了" not in html
    assert client.get(f"{HOME}units/110000/").status_code == 404


def test_a_profile_says_how_evenly_the_pillars_are_developed(client: Client, edition: Edition) -> None:
    page = client.get(f"{HOME}units/330100/")
    degree = page.context["profile"].coordination.degree
    shares = np.array([one.score for one in page.context["profile"].pillars]) / 100
    expected = np.sqrt(len(shares) * np.prod(shares) ** (1 / len(shares)) / shares.sum() * shares.mean())
    assert degree == pytest.approx(expected)
    assert page.context["profile"].coordination.level.zh in page.content.decode()


def test_a_profile_says_what_moved_since_the_period_and_the_edition_before(client: Client, panel: Edition) -> None:
    html = read(client, "/index/panel/2024/units/330100/")
    assert re.search(r"2023 至 2024：由 [\d.]+ 到 [\d.]+", html)
    assert "什么变了" not in read(client, "/index/panel/2024/units/330100/?period=2022")
    later = make_draft(index="panel", label="2025", data=dataset(shift=5))
    edition_publish(actor=SYSTEM, edition_id=later.pk, at=panel.created_at.replace(year=2027))
    assert "与 2024 版比较" in read(client, "/index/panel/2025/units/330100/")


def test_a_series_has_a_line_for_each_city_in_its_colour(client: Client, panel: Edition) -> None:
    html = read(client, "/index/panel/2024/series/?of=GREEN")
    chart = json.loads(re.search(r'id="chart-data" type="application/json">(.*?)</script>', html)[1])  # type: ignore[index]
    assert [one["name"] for one in chart["series"]][:2] == ["松江", "苏州"]
    assert chart["series"][0]["colour"] == "ink"
    assert chart["periods"] == ["2022", "2023", "2024"]
    assert '<option value="GREEN" selected>' in html


def test_a_change_swaps_the_ranking_and_puts_the_question_into_the_address(client: Client, edition: Edition) -> None:
    response = client.get(f"{HOME}what-if/?w.INPUT=90&w.GREEN=76.92&normalise=", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.headers["HX-Replace-Url"] == f"{HOME}what-if/?w.INPUT=90"
    assert "<html" not in html
    assert html.count('id="answer"') == 1
    assert re.search(r"<strong>\d</strong> 个名次变动", html)
    assert "HX-Request" in response.headers["Vary"]


def test_a_link_of_a_question_opens_with_its_answer(client: Client, edition: Edition) -> None:
    html = read(client, f"{HOME}what-if/?w.INPUT=90&aggregate=median")
    assert 'value="90"' in html
    assert '<option value="median" selected>' in html
    assert "等级相关系数" in html


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_refusal_stands_at_its_field_and_in_a_summary(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    html = client.get(f"{HOME}what-if/?aggregate=geometric", headers=headers).content.decode()
    assert "这样算不出来" in html
    assert re.search(r'id="error-aggregate" class="field-error"[^>]*>合成：几何平均要求数值为正', html)
    assert '<a href="#field-aggregate">' in html


def test_the_audit_names_what_the_ranking_rests_on(client: Client, edition: Edition) -> None:
    html = read(client, f"{HOME}audit/")
    assert "权重（各上下浮动 25%）" in html
    assert "重算 1,000 次" in html
    assert "Normalisation" in read(client, f"{HOME}audit/", "en")


def test_an_edition_computes_again_from_what_may_be_downloaded(client: Client, panel: Edition, tmp_path: Path) -> None:
    for name in ("framework.yaml", "data.csv", "recipe.yaml"):
        (tmp_path / name).write_bytes(client.get(f"/index/panel/2024/downloads/{name}").content)
    framework = framework_read(tmp_path / "framework.yaml")
    run = Engine(framework, dataset_read(tmp_path / "data.csv", framework)).run(recipe_read(tmp_path / "recipe.yaml"))
    assert run.inputs == panel.inputs
    assert np.array_equal(run.scores, edition_open(panel).scores, equal_nan=True)


def test_every_file_of_the_list_can_be_taken(client: Client, edition: Edition) -> None:
    names = re.findall(r'downloads/([\w.]+)" download', read(client, f"{HOME}downloads/"))
    assert {"results.xlsx", "scores.csv", "stage_normalise.csv", "report.html"} <= set(names)
    for name in names:
        response = client.get(f"{HOME}downloads/{name}")
        assert response.status_code == 200
        assert response.headers["Content-Disposition"] == f'attachment; filename="small-2024-{name}"'
    rows = list(csv.DictReader(io.StringIO(client.get(f"{HOME}downloads/ranks.csv").content.decode("utf-8-sig"))))
    assert [int(row["INDEX"]) for row in rows] == edition_open(edition).ranks[-1].astype(int).tolist()
    assert client.get(f"{HOME}downloads/../secret").status_code == 404


def test_a_draft_is_seen_by_the_office_and_the_auditor_alone(client: Client, corridor: object) -> None:
    make_draft()
    for tab in TABS:
        assert client.get(HOME + tab).status_code == 404
    assert "small" not in read(client, "/index/")
    auditor = make_user(Role.AUDITOR)
    client.force_login(auditor)
    assert "这是草稿" in read(client, HOME)


def test_the_office_makes_an_edition_from_files_and_publishes_it(office: Client, corridor: object) -> None:
    response = office.post("/index/editions/", _form())
    draft = Edition.objects.get()
    assert response.headers["Location"] == f"/index/editions/{draft.pk}/"
    assert "可以发布吗" in read(office, f"/index/editions/{draft.pk}/")
    changed = office.post(f"/index/editions/{draft.pk}/", _form(files=False, title_zh="改名"))
    assert changed.status_code == 302
    assert "改名" in read(office, HOME)
    assert office.post(f"/index/editions/{draft.pk}/publish/").headers["Location"] == HOME
    assert "已发布，内容从此不再改动" in read(office, HOME)
    assert office.get(f"/index/editions/{draft.pk}/").headers["Location"] == HOME
    assert office.post(f"/index/editions/{draft.pk}/discard/").status_code == 409


def test_what_is_wrong_with_the_files_is_said_at_each_of_them(office: Client, corridor: object) -> None:
    html = office.post(
        "/index/editions/", _form(data=b"city,SPEND,STAFF,ENERGY,WATER\n310117,1,2,many,4\n")
    ).content.decode()
    assert re.search(r'id="help-data"><p class="field-error">.*?many', html)
    assert 'value="small"' in html
    missing = office.post("/index/editions/", _form(files=False))
    assert missing.status_code == 422
    assert re.search(r'id="help-framework"><p class="field-error">请选择文件', missing.content.decode())
    assert not Edition.objects.exists()


def test_a_label_that_is_taken_is_said_at_its_field(office: Client, edition: Edition) -> None:
    response = office.post("/index/editions/", _form())
    assert response.status_code == 409
    assert re.search(r'id="help-label"><p class="field-error">这一指数已有同名版本', response.content.decode())


def test_a_draft_may_be_discarded(office: Client, corridor: object) -> None:
    draft = make_draft()
    assert office.post(f"/index/editions/{draft.pk}/discard/").headers["Location"] == "/index/editions/"
    assert not Edition.objects.exists()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER])
def test_nobody_else_makes_editions(client: Client, corridor: object, role: Role) -> None:
    client.force_login(make_user(role))
    draft = make_draft()
    assert client.get("/index/editions/").status_code == 403
    for step in ("publish", "discard"):
        assert client.post(f"/index/editions/{draft.pk}/{step}/").status_code == 403
    assert Edition.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("address", "queries"),
    [("/index/", 2), (HOME, 3), (f"{HOME}what-if/", 2), (f"{HOME}units/330100/", 3), (f"{HOME}audit/", 2)],
)
def test_queries_do_not_grow_with_the_data(
    client: Client, edition: Edition, address: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    for label in ("2021", "2022", "2023"):
        make_edition(label=label)
    client.get(address)
    with django_assert_max_num_queries(queries):
        client.get(address)


def _form(*, files: bool = True, data: bytes | None = None, **more: str) -> dict[str, Any]:
    values: dict[str, Any] = {"index": "small", "label": "2024", "title_zh": "小指数", "title_en": "Small index"} | more
    if files:
        table = io.StringIO()
        rows = csv.writer(table)
        rows.writerow(["city", "SPEND", "STAFF", "ENERGY", "WATER"])
        for unit, row in zip(UNITS, dataset().values[0].tolist(), strict=True):
            rows.writerow([unit, *("" if np.isnan(value) else repr(value) for value in row)])
        values["framework"] = _named(yaml_text(FACTS).encode(), "framework.yaml")
        values["data"] = _named(data or table.getvalue().encode(), "data.csv")
        values["recipe"] = _named(b"screen: {availability: null}\n", "recipe.yaml")
    return values


def _named(content: bytes, name: str) -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = name
    return stream


def test_an_overview_names_the_sources_of_its_indicators(corridor: object, django_assert_num_queries: Any) -> None:
    yearbook = Source.objects.create(code="yearbook", title_zh="统计年鉴", title_en="Yearbook")
    report = Source.objects.create(code="report", title_zh="报告", title_en="Report")
    for year in ("2023", "2024"):
        Figure.objects.create(code="gdp", name_zh="产值", name_en="GDP", period=year, value=1, source=yearbook)
    facts = copy.deepcopy(FACTS)
    (spend, staff), (energy, water) = (pillar["children"] for pillar in facts["index"]["children"])
    spend["source"], staff["source"], energy["source"], water["source"] = (
        "figure:gdp",
        "report",
        "count:needs",
        "letter",
    )
    with django_assert_num_queries(2):
        found = sources_of(framework_of(facts))
    assert [(one.source, [node.code for node in one.nodes]) for one in found] == [
        (yearbook, ["SPEND"]), (report, ["STAFF"]), (None, ["ENERGY"]), (None, ["WATER"]),
    ]  # fmt: skip
    assert [one.label.zh[:6] for one in found if one.label] == ["云廊平台统计", "letter"]


def test_units_of_any_name_have_a_page(client: Client, corridor: object) -> None:
    named = replace(dataset(), units=("a/b", "c d", "é?#", *UNITS[3:]))
    make_edition(data=named)
    html = read(client, HOME)
    for address in re.findall(r'href="(/index/small/2024/units/[^"]+)"', html):
        assert client.get(address).status_code == 200
    assert "哪座城市领先" not in html


def test_an_index_of_one_unit_says_where_it_stands(client: Client, corridor: object) -> None:
    whole = dataset(periods=2).choose_units([1])
    base = Recipe.of({"order": ["normalise"], "normalise": {"method": "fixed_base"}})
    make_edition(data=whole, of=base)
    assert "现在是多少" in read(client, HOME)
    for address in ("/index/", *(HOME + tab for tab in ("series/", "what-if/", "audit/", "units/320500/"))):
        read(client, address, "en")


def test_units_without_a_score_have_no_rank_and_no_bar(client: Client, corridor: object) -> None:
    data = dataset()
    values = data.values.copy()
    values[0, 3] = np.nan
    of = Recipe.of({"order": ["normalise"], "aggregate": {"availability": 1}})
    edition = make_edition(data=replace(data, values=values), of=of)
    table = read(client, HOME).partition('class="data ranking"')[2]
    assert table.count('class="bar"') == len(UNITS) - 2
    assert "数据不足，没有名次" in read(client, f"{HOME}units/{UNITS[3]}/")
    assert edition_verify(Edition.objects.get(pk=edition.pk)).agrees


def test_a_file_that_is_too_large_is_refused(office: Client, corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_pages, "LARGEST_FILE", 10)
    html = office.post("/index/editions/", _form()).content.decode()
    assert re.search(r'id="help-framework"><p class="field-error">文件超过 20 MB', html)
