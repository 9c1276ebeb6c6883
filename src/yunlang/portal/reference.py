"""The reference of the REST API as a page of the site: made from the OpenAPI document, without any script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One parameter, or one field of a body."""

    name: str
    place: str
    type: str
    required: bool
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """One operation, as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    sign_in: bool
    parameters: tuple[ValueRow, ...]
    fields: tuple[ValueRow, ...]
    body: str
    status: str
    answer: str
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """The operations on one subject."""

    name: str
    title: str
    operations: tuple[OperationEntry, ...]


@dataclass(frozen=True, slots=True)
class ProblemEntry:
    """One kind of refusal."""

    code: str
    status: int
    message: Bilingual


class ReferencePage(DocsBase):
    """Shows the API's reference in the reader's language."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        context = {
            "info": api.get_openapi_schema()["info"],
            "groups": _groups(api, get_language() or ""),
            "problems": problem_entries(),
            "openapi_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "portal/api_reference.html", context)


@cache
def _groups(api: NinjaAPI, language: str) -> tuple[OperationGroup, ...]:
    """Return the operations by subject; `language` is the reader's, in which the document comes."""
    document = api.get_openapi_schema()
    entries: dict[str, list[OperationEntry]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            entries[operation["tags"][0]].append(_entry(document, path, method, operation))
    return tuple(
        OperationGroup(tag["name"], tag["description"], tuple(entries[tag["name"]])) for tag in document["tags"]
    )


def _entry(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> OperationEntry:
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    status = next(status for status in answers if status.startswith("2"))
    body = _media(operation.get("requestBody", {}))
    return OperationEntry(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        sign_in={} not in operation["security"],
        parameters=tuple(_parameter_row(document, parameter) for parameter in operation["parameters"]),
        fields=tuple(_field_rows(document, body.get("schema", {}))),
        body=_shown(body.get("example")),
        status=status,
        answer=_shown(_media(answers[status]).get("example")),
        refusals=tuple(answer for answer in answers if answer >= "4"),
    )


def _media(holder: dict[str, Any]) -> dict[str, Any]:
    return next(iter(holder.get("content", {}).values()), {})


def _shown(example: Any) -> str:
    return "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)


def _parameter_row(document: dict[str, Any], parameter: dict[str, Any]) -> ValueRow:
    example = parameter.get("example", "")
    return ValueRow(
        name=parameter["name"],
        place=parameter["in"],
        type=type_label(document, parameter["schema"]),
        required=parameter["required"],
        description=parameter.get("description", ""),
        example=", ".join(map(str, example)) if isinstance(example, list) else str(example),
    )


def _field_rows(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[ValueRow]:
    schema = _resolved(document, schema)
    for name, part in schema.get("properties", {}).items():
        yield ValueRow(
            name=name,
            place="body",
            type=type_label(document, part),
            required=name in schema.get("required", []),
            description=part.get("description", ""),
            example="",
        )


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in schema:
        return _resolved(document, schema["allOf"][0])
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def type_label(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return a schema in a few words: ``string (date)``, ``[draft | published]``, ``integer 1–9``."""
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_label(document, part) for part in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{type_label(document, schema.get('items', {}))}]"
    kinds = schema.get("type", "")
    label = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "format" in schema:
        label += f" ({schema['format']})"
    if "minimum" in schema and "maximum" in schema:
        label += f" {schema['minimum']}–{schema['maximum']}"
    if "maxLength" in schema:
        label += f" ≤ {schema['maxLength']}"
    return label


def problem_entries() -> list[ProblemEntry]:
    """Return every kind of refusal that some room declares, by status and code."""
    entries = {
        kind.code: ProblemEntry(kind.code, kind.status, _general(kind.message)) for kind in _subclasses(DomainError)
    }
    return sorted(entries.values(), key=lambda entry: (entry.status, entry.code))


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


def _general(message: Bilingual) -> Bilingual:
    return Bilingual(
        *(_PLACEHOLDER.sub("…", text).replace("….", "…").replace("…。", "…") for text in (message.zh, message.en))
    )
