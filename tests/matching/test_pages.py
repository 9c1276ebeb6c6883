"""The match pages: reasons in words, filters in the address, and an answer to whatever an address says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.kit.ids import new_id
from yunlang.kit.rate_limit import RateLimit
from yunlang.matching import pages
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.services import index_update
from yunlang.registry.models import Resource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]
Build = Callable[..., SearchIndex]
CHINESE = re.compile(r"[\u3400-\u9fff]")
# What the registry and the visitor wrote, and the other language's name, stand as they are on an English page.
OWN_WORDS = re.compile(r"中文|(?:[万亿]?元)")


def read(client: Client, address: str, language: str = "zh-hans", status: int = 200, **headers: str) -> str:
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address, headers=headers)
    assert response.status_code == status, address
    return response.content.decode()


def asked(words: str = "电解液", **parameters: Any) -> str:
    return f"/match/?{urlencode({'q': words, **parameters}, doseq=True)}"


def titles(html: str) -> list[str]:
    return re.findall(r'<h3 class="row-title"><a href="[^"]*">([^<]*)</a>', html)


# What is shown


def test_without_words_the_page_asks_for_them(client: Client) -> None:
    html = read(client, "/match/")
    assert "说出你的需求" in html
    assert 'href="?q=' in html
    assert "<ol" not in html
    assert "说出你的需求" in read(client, "/match/?q=%20%0a%E2%80%8B")


def test_answers_come_best_first_with_reasons_in_words(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked("高电压电解液添加剂"))
    assert titles(html)[0] == "高电压电解液添加剂"
    assert f'href="/resources/{few["additive"].pk}/"' in html
    first = html.split('<li class="row">')[1]
    for words in ("都提到", "添加剂", "成果", "湖州材料", "走廊内：湖州", "电解液专家", "TRL 6", "150 万元", "匹配度"):
        assert words in first, words
    assert re.search(r'class="strength strength-high">(较强|强)<', first)
    assert "走廊外：山东济南" in html
    assert "最接近的 3 条" in html


def test_a_shared_passage_of_the_text_is_quoted(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked("循环寿命长的动力电池"))
    assert '<p class="passage">' in html
    assert re.search(r'class="passage">(用于动力电池。|循环寿命长。)<', html)


def test_the_order_is_the_same_every_time_and_goes_on_over_the_pages(client: Client, build: Build) -> None:
    organisation = make_organisation()
    for number in range(45):
        publish(make_resource(organisation, title=f"电解液 {number}"))
    build()
    whole = [titles(read(client, asked(page=page))) for page in (1, 2, 3)]
    assert [len(page) for page in whole] == [20, 20, 5]
    assert len({title for page in whole for title in page}) == 45
    assert whole == [titles(read(client, asked(page=page))) for page in (1, 2, 3)]
    assert 'rel="next" href="?q=%E7%94%B5%E8%A7%A3%E6%B6%B2&amp;page=3"' in read(client, asked(page=2))
    assert "第 21–40 条，共 45 条" in read(client, asked(page=2))


def test_beyond_the_last_page_the_way_back_is_shown(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked(page=2))
    assert "后面没有更多结果了" in html
    assert 'href="?q=%E7%94%B5%E8%A7%A3%E6%B6%B2"' in html
    assert not titles(html)


def test_a_poor_answer_is_called_one(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked("红楼梦诗词"))
    assert "没有找到合适的结果" in html
    assert 'href="/needs/new/"' in html
    assert titles(html)
    assert "No good match" in read(client, asked("红楼梦诗词"), "en")


def test_records_without_a_vector_yet_are_said_to_match_by_words(client: Client, few: dict[str, Any]) -> None:
    assert "暂只按关键词匹配" not in read(client, asked())
    publish(make_resource(title="刚刚发布的电解液"))
    index_update()
    html = read(client, asked())
    assert "刚刚发布的电解液" in titles(html)
    assert "暂只按关键词匹配" in html


def test_samples_are_marked(client: Client, build: Build) -> None:
    row = publish(make_resource(title="示范电解液"))
    Resource.objects.filter(pk=row.pk).update(illustrative=True)
    build()
    assert "示例</span>" in read(client, asked())


# Filters


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"kind": "instrument"}, {"电解液分析仪"}),
        ({"kind": ["instrument", "achievement"]}, {"电解液分析仪", "高电压电解液添加剂", "电解液回收工艺"}),
        ({"kind": "need"}, {"高镍三元动力电解液"}),
        ({"kind": "expert"}, {"电解液专家"}),
        ({"city": "none"}, {"电解液回收工艺"}),
        ({"city": "330500"}, {"电解液分析仪", "高电压电解液添加剂"}),
        ({"industry": "new_materials"}, {"高电压电解液添加剂"}),
        ({"trl": "6"}, {"高电压电解液添加剂"}),
        ({"price": "200 万元"}, {"高电压电解液添加剂"}),
        ({"label": "high_tech"}, {"电解液分析仪", "高电压电解液添加剂"}),
    ],
)
def test_every_filter_narrows_and_can_be_taken_off(
    client: Client, few: dict[str, Any], parameters: dict[str, Any], expected: set[str]
) -> None:
    html = read(client, asked(**parameters))
    assert set(titles(html)) == expected
    chips = re.search(r'<ul class="chips".*?</ul>', html, re.S)
    assert chips
    assert chips[0].count('rel="nofollow"') == len(parameters) + isinstance(next(iter(parameters.values())), list)


def test_facets_count_and_lead_on(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked(city="330500"))
    facet = re.search(r'id="facet-kind".*?</section>', html, re.S)
    assert facet
    assert re.findall(r'href="([^"]*)"[^>]*>\s*<span>([^<]*)</span>\s*<span class="count">(\d+)', facet[0]) == [
        ("?q=%E7%94%B5%E8%A7%A3%E6%B6%B2&amp;city=330500&amp;kind=achievement", "成果", "1"),
        ("?q=%E7%94%B5%E8%A7%A3%E6%B6%B2&amp;city=330500&amp;kind=instrument", "仪器", "1"),
        ("?q=%E7%94%B5%E8%A7%A3%E6%B6%B2&amp;city=330500&amp;kind=expert", "专家", "1"),
    ]


def test_other_words_keep_the_filters(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked(city="330500", trl="6", page="1"))
    box = re.search(r'<form class="match-box".*?</form>', html, re.S)
    assert box
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', box[0]) == [("city", "330500"), ("trl", "6")]


def test_conditions_that_nothing_meets_say_so(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked(kind="fund"))
    assert "没有符合这些条件的结果" in html
    assert 'href="/match/?q=%E7%94%B5%E8%A7%A3%E6%B6%B2"' in html


def test_an_empty_index_says_what_to_do(client: Client, build: Build) -> None:
    build()
    html = read(client, asked())
    assert "没有找到合适的要素" in html
    assert 'href="/needs/new/"' in html


def test_a_price_that_is_none_is_explained_where_it_was_typed(client: Client, few: dict[str, Any]) -> None:
    html = read(client, asked(price="abc"))
    assert len(titles(html)) == 3
    assert '<input id="filter-price" name="price" value="abc"' in html
    assert 'id="filter-price-error">“abc”不是金额' in html
    assert "is not an amount" in read(client, asked(price="abc"), "en")


HOSTILE: tuple[dict[str, Any], ...] = (
    {"page": "abc"}, {"page": "-3"}, {"page": "9" * 40}, {"page": "²"}, {"page": ""},
    {"kind": "xxx"}, {"city": ["xxx", "330500", "330500"]}, {"industry": "' OR 1=1 --"}, {"label": "<script>"},
    {"trl": "99"}, {"trl": "0"}, {"trl": "5.5"}, {"price": "abc"}, {"price": "-1"}, {"price": "1e999"},
    {"price": "9" * 200}, {"kind": ["achievement"] * 900}, {"utm": "x" * 5_000},
)  # fmt: skip


@pytest.mark.parametrize("parameters", HOSTILE, ids=lambda one: "-".join(f"{k}={str(v)[:12]}" for k, v in one.items()))
def test_no_parameter_breaks_the_page(client: Client, few: dict[str, Any], parameters: dict[str, Any]) -> None:
    html = read(client, asked(**parameters))
    assert "<script>" not in html.replace("<script src", "")
    assert titles(html) or "后面没有更多结果了" in html


@pytest.mark.parametrize(
    "words",
    ["🔋🧪 电解液", "电解液" * 33_000, "<script>alert(1)</script>", "' OR 1=1 --", "!!!", "\u202e电解液",
     "a" * 2_500, "%s %(x)s {0} {{ text }}", "AND OR NOT title:* ~3 ^2 [a TO b]", "\ud800"],
    ids=lambda text: ascii(text[:10]),
)  # fmt: skip
def test_no_words_break_the_page(client: Client, few: dict[str, Any], words: str) -> None:
    html = read(client, f"/match/?{urlencode({'q': words.encode('utf-8', 'surrogatepass')})}")
    assert 'name="q"' in html
    assert "<script>alert" not in html
    shown = re.search(r'id="match-q" name="q" value="([^"]*)"', html)
    assert shown
    assert len(shown[1]) <= 6 * pages.LONGEST


@pytest.mark.parametrize("address", ["/match/?q=%00", "/match/?q=a&city=%00", "/match/evidence/%00/"])
def test_what_no_text_holds_is_refused_in_words(client: Client, few: dict[str, Any], address: str) -> None:
    response = client.get(address)
    assert response.status_code in (400, 404)
    assert "<h1>" in response.content.decode()


# One need


def test_a_need_is_matched_with_its_conditions(client: Client, few: dict[str, Any]) -> None:
    html = read(client, f"/needs/{few['need'].pk}/match/")
    assert "“高镍三元动力电解液”的匹配" in html
    assert "杭州 · 预算 200 万元 · 截止 2099-06-30 · 技术成熟度不低于 5 级" in html
    first = next(row for row in html.split('<li class="row">') if "高电压电解液添加剂" in row)
    assert "技术成熟度 6 级，要求不低于 5 级" in first
    assert "价格 150 万元，预算 200 万元" in first
    assert "未注明有效期" not in first
    dear = next(row for row in html.split('<li class="row">') if "电解液分析仪" in row)
    assert re.search(r'class="missed">.*?价格 800 万元', dear, re.S)
    assert titles(read(client, f"/needs/{few['need'].pk}/match/?kind=instrument")) == ["电解液分析仪"]


def test_a_draft_is_matched_for_its_own_and_does_not_exist_for_others(client: Client, few: dict[str, Any]) -> None:
    owner = make_user()
    draft = make_need(make_organisation(owner), title="还没有公开的需求")
    address = f"/needs/{draft.pk}/match/"
    evidence = f"/match/evidence/{few['additive'].pk}/?need={draft.pk}"
    for person in (None, make_user()):
        client.logout()
        if person:
            client.force_login(person)
        missing = read(client, f"/needs/{new_id()}/match/", status=404)
        secret = read(client, address, status=404)
        assert "还没有公开" not in secret
        assert re.sub(r'value="[^"]*"|token":\s*"[^"]*"', "", secret) == re.sub(
            r'value="[^"]*"|token":\s*"[^"]*"', "", missing
        )
        read(client, evidence, status=404)
    client.force_login(owner)
    assert "还没有公开的需求" in read(client, address)
    assert "最接近的两句" in read(client, evidence)


# Limits and failures


def test_too_many_questions_are_told_when_to_come_back(
    client: Client, few: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MATCHING", RateLimit("matching", 3, pages.MATCHING.window))
    for _ in range(3):
        read(client, asked())
    html = read(client, asked(), status=429)
    assert "请稍候再试" in html
    assert "Too many requests" in read(client, asked(), "en", status=429)
    read(client, "/match/")  # asks nothing
    client.force_login(make_user())  # counted as a person
    read(client, asked())


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.OFFICE])
def test_without_an_index_the_page_says_so_in_both_languages(
    client: Client, few: dict[str, Any], index_home: Path, role: Role | None
) -> None:
    shutil.rmtree(index_home)
    if role:
        client.force_login(make_user(role))
    need = f"/needs/{few['need'].pk}/match/"
    for address in (asked("卫星天线"), need, f"/match/evidence/{few['additive'].pk}/?q=a"):
        html = read(client, address, status=503)
        assert "暂时无法匹配" in html
        assert ("yunlang matching reindex" in html) is (role is Role.OFFICE)
        assert "Matching is not available just now" in read(client, address, "en", status=503)
    html = read(client, asked("卫星天线"), status=503)
    assert "您写的是：卫星天线" in html
    assert f'href="{asked("卫星天线")}"' in html
    assert client.get(asked()).headers["Retry-After"] == "60"
    read(client, "/match/")  # asks nothing


def test_only_reading_is_possible(client: Client) -> None:
    assert client.post("/match/", {"q": "a"}).status_code == 405
    assert client.head("/match/").status_code == 200


def test_more_answers_take_no_more_queries(client: Client, few: dict[str, Any], build: Build) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            read(client, address)
        return len(seen)

    before = queries(asked())
    organisation = make_organisation()
    for number in range(40):
        publish(make_resource(organisation, title=f"电解液 {number}"))
    build()
    assert queries(asked()) == before <= 2  # the rate limit and the cities
    assert queries(f"/needs/{few['need'].pk}/match/") <= 3


def test_the_pages_are_complete_in_english(client: Client, few: dict[str, Any], index_home: Path) -> None:
    addresses = [
        "/match/", asked(), asked("红楼梦"), asked(kind="fund"), asked(page=9), asked(price="x", trl="9"),
        f"/needs/{few['need'].pk}/match/", f"/match/evidence/{few['additive'].pk}/?q=a",
    ]  # fmt: skip
    for address in addresses:
        html = read(client, address, "en")
        assert html.count("<h1") == 1
        assert not re.search(r"\sstyle=|\son\w+=|<style", html)
        assert [words for words in _chrome(html) if CHINESE.search(words)] == [], address


def _chrome(html: str) -> list[str]:
    """Return the page's own texts, without what people wrote: titles, names, quoted words and the texts typed."""
    main = html[html.index("<main") :]
    for own in (
        r'<h3 class="row-title">.*?</h3>', r'<p class="row-meta">.*?</p>', r'<p class="passage">.*?</p>', r"<h1>.*?</h1>",
        r'<span><span class="count">Both mention</span>.*?</span>', r'<p class="lede">.*?</p>', r'<p class="crumbs">.*?</p>',
        r'lang="zh-Hans">[^<]*<', r"<dd>.*?</dd>", r'<dd class="words">.*?</dd>', r'<span class="visually-hidden">: .*?</span>',
    ):  # fmt: skip
        main = re.sub(own, " ", main, flags=re.S)
    return [OWN_WORDS.sub("", text) for text in re.findall(r">([^<>]*)<", main)]
