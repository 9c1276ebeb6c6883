"""Matching for programs: what is asked, what is answered, and every refusal a problem document."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.api.conftest import Api, token_for
from tests.factories import make_need, make_organisation, make_user
from yunlang.kit.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]


def call(client: Client, secret: str | None = None, status: int = 200, /, **parameters: Any) -> Any:
    answer = Api(client, secret).get(f"/match?{urlencode(parameters, doseq=True)}")
    assert answer.status_code == status, answer.content.decode()
    expected = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["Content-Type"].startswith(expected)
    return answer.json()


def titles(answer: Any) -> list[str]:
    return [item["title"] for item in answer["items"]]


def test_words_are_answered_with_reasons(client: Client, few: dict[str, Any]) -> None:
    answer = call(client, q="高电压电解液添加剂")
    best = answer["items"][0]
    assert best["id"] == str(few["additive"].pk)
    assert {"id", "kind", "title", "organisation", "city", "score", "reasons"} <= best.keys()
    assert (best["city"], best["adcode"], best["in_corridor"], best["good"]) == ("湖州", "330500", True, True)
    assert best["reasons"]["words"]
    assert [item["score"] for item in answer["items"]] == sorted(
        (one["score"] for one in answer["items"]), reverse=True
    )
    assert answer["note"] is None
    assert answer["degraded"] is False
    assert answer["facets"]["city"] == {"330500": 2, "none": 1}
    assert call(client, q="高电压电解液添加剂", lang="en")["items"][0]["city"] == "Huzhou"


def test_a_poor_answer_says_so(client: Client, few: dict[str, Any]) -> None:
    answer = call(client, q="红楼梦诗词")
    assert answer["weak"] is True
    assert answer["note"]["en"].startswith("No good match")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"kind": "instrument"}, {"电解液分析仪"}),
        ({"kind": ["instrument", "need"]}, {"电解液分析仪", "高镍三元动力电解液"}),
        ({"city": "330500"}, {"电解液分析仪", "高电压电解液添加剂"}),
        ({"city": "none"}, {"电解液回收工艺"}),
        ({"city": "999999"}, set()),
        ({"industry": "new_materials"}, {"高电压电解液添加剂"}),
        ({"label": "high_tech"}, {"电解液分析仪", "高电压电解液添加剂"}),
        ({"trl_minimum": 6}, {"高电压电解液添加剂"}),
        ({"price_maximum": "2000000"}, {"高电压电解液添加剂"}),
    ],
)
def test_every_filter_narrows(
    client: Client, few: dict[str, Any], parameters: dict[str, Any], expected: set[str]
) -> None:
    assert set(titles(call(client, q="电解液", **parameters))) == expected


def test_the_number_of_answers_is_the_callers(client: Client, few: dict[str, Any]) -> None:
    assert len(call(client, q="电解液", limit=1)["items"]) == 1
    assert len(call(client, q="电解液", limit=200)["items"]) == 3


def test_a_registered_need_asks_with_its_conditions(client: Client, few: dict[str, Any]) -> None:
    answer = call(client, need=few["need"].pk)
    codes = {condition["code"] for condition in answer["items"][0]["reasons"]["conditions"]}
    assert codes == {"city", "trl", "price", "deadline"}
    assert all(item["kind"] != "need" for item in answer["items"])


def test_a_draft_asks_for_its_own_and_does_not_exist_for_others(client: Client, few: dict[str, Any]) -> None:
    owner = make_user()
    draft = make_need(make_organisation(owner), title="还没有公开的需求")
    assert call(client, token_for(owner), need=draft.pk)["items"]
    stranger = token_for(make_user())
    secret = [call(client, token, 404, need=draft.pk) for token in (None, stranger)]
    missing = call(client, None, 404, need=new_id())
    assert secret == [missing, missing]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "q"), ({"q": "  "}, "q"), ({"q": "a" * 4_001}, "q"), ({"need": "abc"}, "need"), ({"q": "a", "kind": "x"}, "kind"),
        ({"q": "a", "kind": ["fund"] * 21}, "kind"), ({"q": "a", "industry": "x"}, "industry"),
        ({"q": "a", "label": "x"}, "label"), ({"q": "a", "trl_minimum": 99}, "trl_minimum"),
        ({"q": "a", "trl_minimum": "5.5"}, "trl_minimum"), ({"q": "a", "price_maximum": "abc"}, "price_maximum"),
        ({"q": "a", "price_maximum": -1}, "price_maximum"), ({"q": "a", "price_maximum": "1e999"}, "price_maximum"),
        ({"q": "a", "price_maximum": "NaN"}, "price_maximum"), ({"q": "a", "limit": 0}, "limit"),
        ({"q": "a", "limit": 201}, "limit"), ({"q": "a", "city": ["1"] * 21}, "city"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(
    client: Client, few: dict[str, Any], parameters: dict[str, Any], name: str
) -> None:
    problem = call(client, None, 422, **parameters)
    assert problem["errors"][0]["in"] == "query"
    assert name in {error["name"] for error in problem["errors"]} or name == "kind"
    assert problem["message"]["zh"] != problem["message"]["en"]


@pytest.mark.parametrize(
    "words",
    [
        "🔋🧪",
        "!!!",
        "a" * 4_000,
        "电解液" * 1_300,
        "AND OR NOT title:* ~3 ^2 [a TO b]",
        "' OR 1=1 --",
        "%s {0}",
        "\u202e",
    ],
)
def test_no_words_break_it(client: Client, few: dict[str, Any], words: str) -> None:
    assert isinstance(call(client, q=words)["items"], list)


def test_text_that_none_is_refused(client: Client, few: dict[str, Any]) -> None:
    for address in ("/match?q=%00", "/match?q=%ED%A0%80&city=%00"):
        assert Api(client).get(address).status_code in (400, 422)


def test_without_an_index_the_service_is_unavailable(client: Client, few: dict[str, Any], index_home: Path) -> None:
    shutil.rmtree(index_home)
    problem = call(client, None, 503, q="电解液", lang="en")
    assert (problem["code"], problem["title"]) == ("search_index_missing", "Service unavailable")
    assert "yunlang matching reindex" in problem["message"]["zh"]


def test_a_verdict_is_kept_and_changed(client: Client, few: dict[str, Any]) -> None:
    api = Api(client, token_for(make_user()))
    body = {"need": str(few["need"].pk), "document": str(few["additive"].pk), "verdict": "good"}
    assert api("PUT", "/match/feedback", body).json()["verdict"] == "good"
    assert api("PUT", "/match/feedback", body | {"verdict": "bad"}).json()["verdict"] == "bad"
    typed = {"q": "电解液", "document": str(few["additive"].pk), "verdict": "good"}
    assert api("PUT", "/match/feedback", typed).json() | {"at": ""} == typed | {"need": None, "at": ""}
    for wrong, status in (
        ({**body, "q": "电解液"}, 422),
        ({**body, "verdict": "perhaps"}, 422),
        ({**body, "document": str(new_id())}, 404),
        ({**body, "need": str(make_need(make_organisation()).pk)}, 404),
    ):
        assert api("PUT", "/match/feedback", wrong).status_code == status
    assert Api(client)("PUT", "/match/feedback", body).status_code == 401
