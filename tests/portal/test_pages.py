"""The shell's own pages, against PostgreSQL."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD, make_need, make_organisation, make_resource, make_user, publish
from tests.indicators.editions import make_edition
from yunlang.indicators.edition_selectors import edition_open
from yunlang.registry.models import City, Figure, Need, Provenance, Source
from yunlang.registry.selectors import corridor_map as selectors

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/",
    "/?show=needs",
    "/cities/",
    "/cities/330500/",
    "/figures/",
    "/figures/?code=population",
    "/about/",
    "/sources/",
)


@pytest.fixture
def published(corridor: dict[str, City]) -> dict[str, City]:
    """Return the cities, with something published and some figures."""
    huzhou = make_organisation(city="330500")
    publish(make_resource(huzhou, city="330500"))
    Need.objects.filter(pk=publish(make_need(huzhou, city="330500")).pk).update(illustrative=True)
    make_organisation(city="")
    source = Source.objects.create(code="yearbook", title_zh="统计年鉴", title_en="Statistical yearbook", licence="MIT")
    common = {"source": source, "unit_zh": "亿元", "unit_en": "CNY 100 million"}
    names = {"code": "gdp", "name_zh": "地区生产总值", "name_en": "GDP"}
    for year in range(2000, 2024):
        for name in ("Suzhou", "Huzhou", "Hefei"):
            Figure.objects.create(
                area="city", city=corridor[name], period=str(year), value=year + 0.5, **names, **common
            )
    Figure.objects.create(area="corridor", period="2024", value=90_000, qualifier="about", **names, **common)
    return corridor


def read(client: Client, address: str, language: str = "zh-hans") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("filled", [True, False])
def test_every_page_stands_in_both_languages_full_and_empty(
    client: Client, address: str, filled: bool, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("published" if filled else "corridor")
    chinese, english = read(client, address), read(client, address, "en")
    assert chinese.count("<h1") == english.count("<h1") == 1
    assert '<html lang="zh-Hans">' in chinese
    assert '<html lang="en">' in english


@pytest.mark.parametrize("address", [*ADDRESSES, "/accounts/sign-in/", "/accounts/sign-up/", "/no/such/page/"])
def test_no_page_carries_inline_script_or_style(client: Client, published: Any, address: str) -> None:
    html = client.get(address).content.decode()
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    assert not re.search(r"<script(?![^>]*(?:\ssrc=|application/json))", html)


def test_home_without_any_city_still_asks_for_the_need(client: Client, db: None) -> None:
    html = read(client, "/")
    assert 'name="q"' in html
    assert '<svg class="map"' not in html


def test_the_words_of_navigation_lead_somewhere_and_the_directories_stand_in_the_footer(
    client: Client, corridor: Any
) -> None:
    html = read(client, "/challenges/")
    navigation, footer = re.search(r"<nav.*?</nav>", html, re.S), re.search(r"<footer>.*</footer>", html, re.S)
    assert navigation
    assert footer
    addresses = re.findall(r'href="([^"]*)"', navigation[0])
    assert addresses == ["/needs/", "/resources/", "/challenges/", "/index/"]
    assert re.findall(r'href="([^"]*)" aria-current="page"', navigation[0]) == ["/challenges/"]
    assert {"/organisations/", "/experts/", "/cities/"} <= set(re.findall(r'href="([^"]*)"', footer[0]))


def test_the_box_asks_the_match_page(client: Client, published: Any) -> None:
    assert re.search(r'<form class="home-box" action="/match/" method="get"', read(client, "/"))


def test_the_map_links_each_city_and_shows_the_chosen_quantity(client: Client, published: Any) -> None:
    html = read(client, "/?show=organisations")
    assert len(re.findall(r'<a href="/cities/\d{6}/" class="map-city', html)) == 9
    assert 'aria-label="湖州 机构 1"' in html
    assert 'class="map-city map-step-4" aria-label="湖州' in html
    assert 'class="map-city map-step-0" aria-label="松江' in html
    assert 'aria-label="Huzhou needs 1"' in read(client, "/?show=needs", "en")
    assert 'aria-label="湖州 要素 1"' in read(client, "/?show=nonsense")


def test_what_no_city_counts_is_said(client: Client, published: Any) -> None:
    html = read(client, "/")
    assert re.search(r'走廊外或未核实</th>.*?href="/organisations/\?city=none">1<', html, re.S)
    assert re.search(r"所在地未核实</th><td class=\"num\">1</td>", read(client, "/about/"))


def test_samples_are_marked(client: Client, published: Any) -> None:
    assert "示例</span>" in read(client, "/")
    assert "需求中有 1 项" in read(client, "/about/")


def test_a_figure_says_how_exact_it_is_and_where_it_comes_from(client: Client, published: Any) -> None:
    html = read(client, "/")
    assert re.search(r"约</span> 90,000", html)
    assert "许可：MIT" in html


def test_a_city_compares_with_the_others(client: Client, published: Any) -> None:
    html = read(client, "/cities/330500/")
    assert 'id="chart-data" type="application/json"' in html
    assert html.count("2,023.5") >= 3
    assert "/static/vendor/echarts" in html
    assert re.search(r'href="/resources/\?city=330500&amp;kind=achievement"', html)
    without = read(client, "/cities/310117/")
    assert "chart-data" not in without
    assert "/static/vendor/echarts" not in without
    assert "没有 松江 与其他城市可比的历年生产总值" in without


def test_a_city_says_how_it_ranks_in_each_index(client: Client, published: Any) -> None:
    edition = make_edition()
    opened = edition_open(edition)
    rank = int(opened.ranks[-1, opened.units.index("330500")])
    html = read(client, "/cities/330500/")
    assert re.search(rf'href="/index/small/2024/units/330500/">小指数 2024</a>：<span class="figure">{rank}/9<', html)


def test_a_city_that_is_no_member_is_not_found(client: Client, corridor: Any) -> None:
    for adcode in ("110000", "abc"):
        assert client.get(f"/cities/{adcode}/").status_code == 404
    assert client.get("/cities/%00/").status_code == 400


def test_an_unknown_code_shows_the_first_there_is(client: Client, published: Any) -> None:
    assert '<option value="gdp" selected>' in read(client, "/figures/?code=nonsense")


def test_sources_say_how_many_records_each_gave(client: Client, published: Any) -> None:
    source = Source.objects.get(code="yearbook")
    Source.objects.create(code="idle", title_zh="没有用过的来源", title_en="never used")
    for number in range(3):
        Provenance.objects.create(
            object_kind="resource", object_id=make_organisation().pk, source=source, original={"row": number}
        )
    html = read(client, "/sources/")
    assert re.search(
        r"统计年鉴.*?<td class=\"num\">3</td><td class=\"num\">0</td><td class=\"num\">73</td>", html, re.S
    )
    assert "没有用过的来源" not in html


@pytest.mark.parametrize(
    ("address", "queries"),
    [("/", 8), ("/cities/", 6), ("/cities/330500/", 7), ("/figures/", 5), ("/about/", 7), ("/sources/", 6)],
)
def test_queries_do_not_grow_with_the_data(
    client: Client, published: Any, address: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    owner = make_organisation(city="340100")
    for _ in range(6):
        publish(make_need(owner, city="340100"))
    selectors.map_shapes()
    with django_assert_max_num_queries(queries):
        client.get(address)


def test_the_map_is_drawn_anew_when_a_boundary_changes(corridor: dict[str, City]) -> None:
    before = selectors.map_shapes()
    assert selectors.map_shapes() is before
    huzhou = corridor["Huzhou"]
    huzhou.boundary = {"type": "Polygon", "coordinates": [[[119, 30], [120, 30], [120, 31], [119, 30]]]}
    huzhou.save()
    after = selectors.map_shapes()
    assert before is not None
    assert after is not None
    assert before.shapes["330500"].path != after.shapes["330500"].path


def test_the_language_is_remembered_and_leads_back(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "en", "next": "/about/?a=1"})
    assert (response.status_code, response.headers["Location"]) == (302, "/about/?a=1")
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("en", True, "Lax")
    assert "About the data" in client.get("/about/").content.decode()


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_the_language_switch_leads_nowhere_else(client: Client, db: None, away: str) -> None:
    assert client.post("/language/", {"language": "en", "next": away}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "tlh"})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_a_persons_language_stays_with_the_account(client: Client, db: None) -> None:
    user = make_user()
    client.force_login(user)
    client.post("/language/", {"language": "en"})
    user.refresh_from_db()
    assert user.language == "en"


def test_changing_the_language_takes_a_post(client: Client, db: None) -> None:
    assert client.get("/language/?language=en").status_code == 405


def test_a_missing_page_says_what_to_do(client: Client, db: None) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/accounts/sign-in/", {"email": "a@example.org", "password": PASSWORD})
    assert response.status_code == 403
    assert "提交已失效" in response.content.decode()


def test_a_failure_answers_in_the_readers_language(
    client: Client, corridor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault on purpose")

    monkeypatch.setattr(selectors, "map_shapes", broken)
    client.raise_request_exception = False
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert "on purpose" not in response.content.decode()


def test_robots_may_read_but_not_search(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /accounts/\n" in response.content.decode()


def test_the_office_finds_its_pages_in_the_menu_and_others_do_not(client: Client, db: None) -> None:
    from yunlang.accounts.roles import Role

    for role, expected in ((Role.OFFICE, True), (Role.MEMBER, False)):
        client.force_login(make_user(role))
        assert ('href="/review/"' in read(client, "/about/")) is expected


def test_a_need_shows_the_day_it_was_published(client: Client, published: Any) -> None:
    need = Need.objects.get()
    assert f"{timezone.localtime(need.published_at):%Y-%m-%d} 发布" in read(client, "/")
