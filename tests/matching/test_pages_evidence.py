"""Why one answer fits: in its place under the answer, and as a page of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.matching.test_pages import asked, read
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.ids import new_id
from yunlang.matching.services import index_update
from yunlang.registry.models import Resource
from yunlang.registry.services.listings import listing_close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]


def test_evidence_is_a_part_where_scripts_run_and_a_page_elsewhere(client: Client, few: dict[str, Any]) -> None:
    link = re.search(r'hx-get="(/match/evidence/[^"]*)"', read(client, asked("高电压电解液添加剂")))
    assert link
    address = link[1].replace("&amp;", "&")
    part = read(client, address, **{"HX-Request": "true"})
    assert part.lstrip().startswith("<dl")
    page = read(client, address)
    assert page.count("<h1") == 1
    assert 'href="/match/?q=%E9%AB%98%E7%94%B5%E5%8E%8B%E7%94%B5%E8%A7%A3%E6%B6%B2%E6%B7%BB%E5%8A%A0%E5%89%82"' in page
    assert f'<a href="/resources/{few["additive"].pk}/">高电压电解液添加剂</a>' in page
    for html in (part, page):
        for words in ("最接近的两句", "语义相似度", "共有的词", "走廊内：湖州", "估计的可能性"):
            assert words in html, words


def test_evidence_for_a_need_says_what_is_not_stated(client: Client, few: dict[str, Any]) -> None:
    html = read(client, f"/match/evidence/{few['outside'].pk}/?need={few['need'].pk}")
    assert "未标价" in html
    assert "未注明技术成熟度" in html
    assert f'href="/needs/{few["need"].pk}/match/"' in html


@pytest.mark.parametrize(
    "query", ["need=abc", "need=%E2%80%8B", "need=0198c0de-6a52-7000-8000-3f1b5a2c9d10", "q=a&need=-"]
)
def test_evidence_for_a_need_that_is_none_is_not_there(client: Client, few: dict[str, Any], query: str) -> None:
    read(client, f"/match/evidence/{few['additive'].pk}/?{query}", status=404)


def test_evidence_of_what_was_closed_is_not_there(client: Client, few: dict[str, Any]) -> None:
    row = few["outside"]
    listing_close(actor=SYSTEM, model=Resource, listing_id=row.pk, at=timezone.now())
    index_update()
    assert "可能已关闭" in read(client, f"/match/evidence/{row.pk}/?q=a", status=404)
    for unknown in (str(new_id()), "abc"):
        read(client, f"/match/evidence/{unknown}/?q=a", status=404)


def test_evidence_without_words_still_tells_the_place(client: Client, few: dict[str, Any]) -> None:
    assert "走廊内：湖州" in read(client, f"/match/evidence/{few['additive'].pk}/")
