"""The OpenAPI document and the page made from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from tests.api.conftest import Api
from yunlang.kit.errors import DomainError
from yunlang.portal.reference import problem_entries, type_label

CHINESE = re.compile("[一-鿿]")


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    """Return the English document."""
    found: dict[str, Any] = client.get("/api/v1/openapi.json?lang=en").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and entry of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) >= 35
    groups = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= groups
        answers = operation["responses"]
        assert "401" in answers, "a wrong token is refused everywhere"
        assert "429" in answers
        for status, answer in answers.items():
            if status >= "4":
                assert set(answer["content"]) == {"application/problem+json"}
            elif status != "204":
                assert answer["content"]["application/json"]["example"], path
        if method in ("post", "patch", "delete"):
            assert {} not in operation["security"]
            assert {"403", "409"} <= set(answers)
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["example"] is not None
            assert {"400", "413", "422"} <= set(answers)


def test_examples_keep_to_their_schemas(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        media = [operation.get("requestBody", {}).get("content", {})]
        media += [answer.get("content", {}) for answer in operation["responses"].values()]
        for content in media:
            for kind in content.values():
                if "example" in kind:
                    schema = kind["schema"] | {"components": document["components"]}
                    jsonschema_rs.Draft202012Validator(schema).validate(kind["example"])
        for parameter in operation["parameters"]:
            if "example" in parameter:
                jsonschema_rs.Draft202012Validator(parameter["schema"]).validate(parameter["example"])
        assert method, path


def test_the_document_speaks_one_language_at_a_time(client: Client, document: dict[str, Any]) -> None:
    chinese = client.get("/api/v1/openapi.json").json()
    assert "x-zh" not in str(chinese)
    assert "x-zh" not in str(document)
    for one, other in zip(operations(document), operations(chinese), strict=True):
        assert not CHINESE.search(one[2]["summary"] + one[2]["description"]), one[1]
        assert CHINESE.search(other[2]["summary"]), other[1]
        for parameter in one[2]["parameters"]:
            assert not CHINESE.search(parameter.get("description", "")), parameter
        for parameter in other[2]["parameters"]:
            if "description" in parameter:
                assert CHINESE.search(parameter["description"]), parameter
    assert client.get("/api/v1/openapi.json?lang=en").json() == document, "asking in Chinese changed the English one"


def test_the_page_shows_every_operation_without_inline_code(client: Client) -> None:
    pages = {}
    for language, summary in (("zh-hans", "需求列表"), ("en", "List needs")):
        client.cookies["django_language"] = language
        answer = client.get("/api/v1/docs", headers={"accept-language": "en"})
        assert answer.status_code == 200
        pages[language] = answer.content.decode()
        assert summary in pages[language]
    for page in pages.values():
        assert 'id="need_create"' in page
        assert 'id="problem-step_not_possible"' in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\bstyle=|<style|\son[a-z]+=", page)
    assert client.get("/api/v1/").headers["Location"] == "/api/v1/docs"
    assert client.get("/api/v1").headers["Location"] == "/api/v1/docs"


def test_every_refusal_has_its_place_on_the_page(api_as: Callable[..., Api]) -> None:
    entries = {entry.code: entry for entry in problem_entries()}
    assert {"invalid", "conflict", "invalid_cursor", "token_refused", "step_not_possible"} <= set(entries)
    assert "{" not in "".join(entry.message.zh + entry.message.en for entry in entries.values())
    assert entries["too_many_requests"].status == 429
    assert DomainError.code not in entries


@pytest.mark.parametrize(
    ("schema", "label"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "integer 1–9"),
        ({"type": "string", "format": "date"}, "string (date)"),
        ({"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]}, "string ≤ 5 | null"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "[a | b]"),
        ({"$ref": "#/components/schemas/Kind"}, "x | y"),
        ({"type": ["string", "number"]}, "string | number"),
    ],
)
def test_types_are_told_in_a_few_words(schema: dict[str, Any], label: str) -> None:
    assert type_label({"components": {"schemas": {"Kind": {"enum": ["x", "y"]}}}}, schema) == label
