"""Every refusal is a problem document, in the language asked for; hostile input is refused, never a server error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.api.conftest import Api, Registry
from yunlang.kit.api.problems import json_pointer

pytestmark = pytest.mark.django_db

ANYBODY = "0198c0de-6a52-7000-8000-3f1b5a2c9d10"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem document after checking what all of them have."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.content)
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"/api/v1/docs#problem-{code}"
    assert document["title"]
    assert document["detail"] in document["message"].values()
    return document


@pytest.fixture
def member(api_as: Callable[..., Api], registry: Registry) -> Api:
    """Return the API as called by a member of the organisation."""
    return api_as(registry.member)


def test_the_language_is_the_callers(api_as: Callable[..., Api]) -> None:
    anybody = api_as()
    assert problem(anybody.get("/nothing"), 404, "not_found")["detail"] == "没有找到：该地址。"
    english = anybody.get("/nothing", **{"accept-language": "fr, en-GB;q=0.8, zh;q=0.5"})
    assert problem(english, 404, "not_found")["detail"] == "Not found: this address."
    assert english["Content-Language"] == "en"
    chosen = anybody.get("/nothing?lang=zh", **{"accept-language": "en"})
    assert problem(chosen, 404, "not_found")["title"] == "没有找到"


def test_a_method_that_is_not_taken(api_as: Callable[..., Api]) -> None:
    answer = api_as()("DELETE", "/needs")
    assert "GET, POST" in problem(answer, 405, "method_not_allowed")["detail"]
    assert answer["Allow"] == "GET, POST"
    assert problem(api_as()("POST", "/openapi.json"), 405, "method_not_allowed")


def test_head_is_get_without_its_body(api_as: Callable[..., Api], registry: Registry) -> None:
    head, full = api_as()("HEAD", "/needs"), api_as().get("/needs")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(full.content))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_request"),
        (b'{"title": NaN}', 400, "malformed_request"),
        (b"[" * 100_000, 400, "malformed_request"),
        (b'{"trl_minimum": ' + b"9" * 5_000 + b"}", 400, "malformed_request"),
        (b"\xff\xfe\x00", 400, "malformed_request"),
        (b"x" * (5 * 1024 * 1024 + 1), 413, "request_too_large"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"", 422, "invalid"),
    ],
)
def test_bodies_that_are_no_documents(member: Api, body: bytes, status: int, code: str) -> None:
    problem(member("POST", "/needs", body), status, code)


def test_every_wrong_value_is_pointed_at(member: Api, registry: Registry) -> None:
    body = {
        "organisation": "nobody",
        "kind": "technology",
        "title": ["not", "text"],
        "trl_minimum": 5.5,
        "tags": [1],
        "deadline": "2027/06/30",
        "industry": "",
        "secret~/field": 1,
    }
    document = problem(member("POST", "/needs", body), 422, "invalid")
    found = {(error["pointer"], error["code"]) for error in document["errors"]}
    assert found == {
        ("#/organisation", "uuid_parsing"),
        ("#/title", "string_type"),
        ("#/trl_minimum", "int_type"),
        ("#/tags/0", "string_type"),
        ("#/deadline", "date_form"),
        ("#/industry", "string_too_short"),
        ("#/secret~0~1field", "extra_forbidden"),
    }
    assert all(
        error["in"] == "body" and error["message"]["zh"] and error["message"]["en"] for error in document["errors"]
    )


def test_the_fields_own_reasons_come_through(member: Api, registry: Registry) -> None:
    body = {
        "organisation": str(registry.organisation.id),
        "kind": "technology",
        "title": "题",
        "budget": "很多",
        "city": "火星",
        "deadline": "2027-02-30",
        "trl_minimum": 10,
    }
    document = problem(member("POST", "/needs?lang=en", body), 422, "invalid")
    reasons = {error["pointer"]: error["detail"] for error in document["errors"]}
    assert set(reasons) == {"#/budget", "#/city", "#/deadline", "#/trl_minimum"}
    assert reasons["#/trl_minimum"] == "must be at most 9"


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff tail"])
def test_text_that_no_database_keeps_is_refused_in_bodies(member: Api, registry: Registry, text: str) -> None:
    body = {"organisation": str(registry.organisation.id), "kind": "technology", "title": text, "tags": ["好", text]}
    document = problem(member("POST", "/needs", json.dumps(body).encode()), 422, "invalid")
    assert {error["pointer"] for error in document["errors"]} == {"#/title", "#/tags/1"}
    document = problem(member("POST", "/needs", json.dumps({text: {"kind": 1}}).encode()), 422, "invalid")
    assert [error["pointer"] for error in document["errors"]] == ["#"]


@pytest.mark.parametrize(
    "path",
    [
        "/needs?tag=%00",
        "/organisations?name=a%00b",
        "/tags?prefix=%00",
        "/sources/%00",
        "/cities/%00",
        "/nothing/%00",
        "/needs?%00=1",
        "/experts?name=%00",
        "/figures?code=%00",
        "/sources?cursor=%00",
    ],
)
def test_null_characters_are_refused_in_addresses(api_as: Callable[..., Api], registry: Registry, path: str) -> None:
    document = problem(api_as().get(path), 422, "invalid")
    assert document["errors"][0]["code"] == "unstorable_text"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/needs?limit=0", "limit"),
        ("/needs?limit=201", "limit"),
        ("/needs?limit=many", "limit"),
        ("/needs?organisation=x", "organisation"),
        ("/needs?kind=loan", "kind"),
        ("/needs?status=secret", "status"),
        ("/needs?amount_maximum=NaN", "amount_maximum"),
        ("/needs?amount_maximum=1e999999", "amount_maximum"),
        ("/needs?amount_maximum=-1", "amount_maximum"),
        ("/resources?trl_minimum=10", "trl_minimum"),
        ("/needs/not-an-id", "need_id"),
        ("/cities/湖州", "adcode"),
        ("/figures?city=9", "city"),
        ("/gods/0198c0de-6a52-7000-8000-3f1b5a2c9d10/provenance", "collection"),
    ],
)
def test_parameters_are_named_when_wrong(api_as: Callable[..., Api], path: str, name: str) -> None:
    document = problem(api_as().get(path), 422, "invalid")
    assert {error["name"] for error in document["errors"]} == {name}


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**400])
def test_numbers_beyond_the_database_are_refused(api_as: Callable[..., Api], registry: Registry, number: int) -> None:
    office = api_as(registry.office)
    problem(office("POST", f"/members/{number}/confirm"), 422, "invalid")
    problem(office("POST", f"/merge-candidates/{number}/reject"), 422, "invalid")


@pytest.mark.parametrize("amount", [10**40, "1e99", "-1", True, [1], "9" * 100, 1e308])
def test_impossible_amounts_are_refused(member: Api, registry: Registry, amount: Any) -> None:
    body = {"organisation": str(registry.organisation.id), "kind": "technology", "title": "题", "budget": amount}
    document = problem(member("POST", "/needs", body), 422, "invalid")
    assert [error["pointer"] for error in document["errors"]] == ["#/budget"]


def test_more_parameters_than_any_list_has(api_as: Callable[..., Api]) -> None:
    problem(api_as().get("/needs?" + "&".join(f"a{number}=1" for number in range(1_100))), 400, "malformed_request")


@pytest.mark.parametrize(
    "path",
    [
        f"/needs/{ANYBODY}",
        f"/organisations/{ANYBODY}",
        f"/experts/{ANYBODY}",
        "/cities/999999",
        "/sources/none",
        f"/resources/{ANYBODY}/provenance",
        "",
    ],
)
def test_what_is_not_there(api_as: Callable[..., Api], registry: Registry, path: str) -> None:
    if path:
        problem(api_as().get(path), 404, "not_found")
    problem(api_as().get(path + "/more/of/it"), 404, "not_found")


def test_a_failure_tells_nothing_of_itself(api_as: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        message = "the password is hunter2"
        raise RuntimeError(message)

    monkeypatch.setattr("yunlang.registry.api.corridor.corridor_counts", fail)
    answer = api_as().get("/cities")
    problem(answer, 500, "server_error")
    assert b"hunter2" not in answer.content


def test_a_database_that_fails_is_no_fault_of_the_asker(
    api_as: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("no space left on the device of hunter2")

    monkeypatch.setattr("yunlang.registry.api.corridor.corridor_counts", fail)
    answer = api_as().get("/cities")
    problem(answer, 503, "database_unavailable")
    assert answer["Retry-After"] == "1"
    assert b"hunter2" not in answer.content


def test_pages_refuse_null_characters_too(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "yunlang.kit.storable.StorableTextMiddleware"]
    assert client.get("/about/?q=%00").status_code == 400
    assert client.get("/cities/%00/").status_code == 400
    form = {"data": "email=a%00@example.org&password=x", "content_type": "application/x-www-form-urlencoded"}
    assert client.post("/accounts/sign-in/", **form).status_code == 400
    problem(client.get("/api/v1/needs?tag=%00"), 422, "invalid")


def test_pointers_are_escaped() -> None:
    assert json_pointer(("a/b", "m~n", 0)) == "#/a~1b/m~0n/0"
