"""Answers side by side."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories import make_user
from yunlang.accounts.roles import Role
from yunlang.kit.ids import new_id
from yunlang.matching import selectors
from yunlang.matching.core.query import Query
from yunlang.matching.selectors import hits_of, need_query
from yunlang.registry.core.distance import distance_km
from yunlang.registry.models import City

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]
CHINESE = re.compile(r"[\u3400-\u9fff]")


def compare(client: Client, few: dict[str, Any], *names: str, language: str = "zh-hans", **asked: Any) -> str:
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    asked = asked or {"need": few["need"].pk}
    response = client.get("/match/compare/", {"id": [few[name].pk for name in names], **asked})
    assert response.status_code == 200
    return response.content.decode()


def row(html: str, name: str) -> list[str]:
    found = re.search(rf'<tr><th scope="row">{name}</th>(.*?)</tr>', html, re.DOTALL)
    assert found, name
    cells = re.findall(r"<td>(.*?)</td>", found[1], re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", cell)).strip() for cell in cells]


def test_each_criterion_is_a_row_and_each_answer_a_column(client: Client, few: dict[str, Any]) -> None:
    html = compare(client, few, "additive", "outside", "instrument")
    assert row(html, "类型") == ["成果", "成果", "仪器"]
    assert row(html, "机构") == ["湖州材料 · 电解液专家", "济南大学", "湖州材料"]
    assert row(html, "技术成熟度") == ["TRL 6", "未注明", "未注明"]
    assert row(html, "价格") == ["150 万元 预算 200 万元", "未注明", "800 万元 预算 200 万元"]
    assert "电解液" in row(html, "共有的词")[0]
    assert "高电压电解液添加剂" in row(html, "最接近的两句")[0]
    assert "符合：" in row(html, "条件")[0]
    assert "不符：" in row(html, "条件")[2]
    for chances in row(html, "估计的可能性"):
        assert sum(int(share) for share in re.findall(r"(\d+)%", chances)) == pytest.approx(100, abs=2)


def test_the_distance_is_told_where_both_cities_are_known(client: Client, few: dict[str, Any]) -> None:
    hangzhou, huzhou = (City.objects.get(name_zh=name) for name in ("杭州", "湖州"))
    far = distance_km((hangzhou.longitude, hangzhou.latitude), (huzhou.longitude, huzhou.latitude))
    places = row(compare(client, few, "additive", "outside"), "所在地")
    assert f"距杭州约 {far:.0f} 公里" in places[0]
    assert places[1] == "走廊外：山东济南"
    assert "公里" not in "".join(row(compare(client, few, "additive", "outside", q="电解液"), "所在地"))


def test_the_score_is_the_one_of_the_list(few: dict[str, Any]) -> None:
    query = need_query(few["need"])
    listed = {hit.document.id: hit.score for hit in selectors.match(query).hits}
    beside = {hit.document.id: hit.score for hit in hits_of(query, listed)}
    assert beside == pytest.approx(listed)
    assert list(beside) == list(listed)


def test_what_is_not_indexed_is_left_out(few: dict[str, Any]) -> None:
    ids = [str(new_id()), str(few["additive"].pk), str(few["additive"].pk)]
    assert [hit.document.id for hit in hits_of(Query("电解液"), ids)] == [str(few["additive"].pk)]


@pytest.mark.parametrize("names", [(), ("additive",), ("additive", "additive")])
def test_fewer_than_two_are_asked_for_with_the_way_back(
    client: Client, few: dict[str, Any], names: tuple[str, ...]
) -> None:
    html = compare(client, few, *names)
    assert "请选两条或三条再比较" in html
    assert f'href="/needs/{few["need"].pk}/match/"' in html


def test_more_than_three_and_what_has_gone_are_spoken_of(client: Client, few: dict[str, Any]) -> None:
    ids = [few["additive"].pk, few["outside"].pk, few["instrument"].pk, new_id()]
    html = client.get("/match/compare/", {"id": ids, "q": "电解液"}).content.decode()
    assert "一次最多比较 3 条" in html
    assert len(row(html, "类型")) == 3
    html = client.get("/match/compare/", {"id": [*ids[:2], ids[3]], "q": "电解液"}).content.decode()
    assert "所选的有些已关闭" in html
    assert 'href="/match/?q=%E7%94%B5%E8%A7%A3%E6%B6%B2"' in html


@pytest.mark.parametrize("address", ["", "?id=x&q=1", "?q=电解液&id=", "?need=&id=1"])
def test_any_address_is_answered(client: Client, few: dict[str, Any], address: str) -> None:
    assert client.get(f"/match/compare/{address}").status_code == 200
    assert client.get("/match/compare/?need=nonsense").status_code == 404


def test_a_manager_introduces_from_here(client: Client, few: dict[str, Any]) -> None:
    assert row(compare(client, few, "additive", "outside"), "办理") == ["", ""]
    client.force_login(make_user(Role.MANAGER))
    assert row(compare(client, few, "additive", "outside"), "办理") == ["", "约对接 ：电解液回收工艺"]


def test_the_table_is_english_too(client: Client, few: dict[str, Any]) -> None:
    html = compare(client, few, "additive", "outside", language="en")
    heads = re.findall(r'<th scope="row">(.*?)</th>', html)
    assert len(heads) == 11
    assert not any(CHINESE.search(head) for head in heads)
    assert "km from Hangzhou" in html


def test_the_list_offers_the_comparison(client: Client, few: dict[str, Any]) -> None:
    html = client.get(f"/needs/{few['need'].pk}/match/").content.decode()
    assert html.count('type="checkbox" name="id"') == 3
    assert f'<input type="hidden" name="need" value="{few["need"].pk}">' in html
    assert 'action="/match/compare/"' in html
