"""The OpenAPI document: what Ninja derives from the code, and what it does not know.

Added are the ways an operation may be refused, who may call it, examples composed from the schemas' own, and Chinese
beside English: a summary, a description or a parameter carries its Chinese as ``x-zh``, which takes its place where
the reader's language is Chinese.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from yunlang.kit.api.problems import MEDIA_TYPE, TITLES, Problem
from yunlang.kit.language import Bilingual

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def described(
    summary: Bilingual, description: Bilingual, *, sign_in: bool = False, refused: Iterable[int] = ()
) -> dict[str, Any]:
    """Return the keyword arguments of a route that say what it is for.

    Parameters
    ----------
    sign_in
        Whether reading, too, is only for those who have signed in; changes always are.
    refused
        Statuses of refusals that the operation's form does not tell of; 401, 404, 409, 422 and 429 follow from it.
    """
    return {
        "summary": summary.en,
        "description": description.en,
        "openapi_extra": {
            "x-zh": {"summary": summary.zh, "description": description.zh},
            "x-refused": [*refused],
            "x-sign-in": sign_in,
        },
    }


def explained(zh: str, en: str, *, example: Any = None) -> dict[str, Any]:
    """Return the keyword arguments of a pydantic field that say what it means, with an example."""
    extra = {"x-zh": zh} | ({} if example is None else {"example": example})
    return {"description": en, "json_schema_extra": extra}


class ReferenceSchema(OpenAPISchema):
    """Ninja's OpenAPI document with refusals, security, examples and the reader's language."""

    def __init__(self, api: Any, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        schemas = self["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template=REF_TEMPLATE, by_alias=True, mode="serialization")
        schemas |= problem.pop("$defs") | {"Problem": problem}
        # Parts are shared with the operations they describe and stay as they are for the next reader's language.
        document = copy.deepcopy(dict(self))
        self.clear()
        self.update(document)
        _localise(self, chinese=not (get_language() or "").startswith("en"))
        for path in self["paths"].values():
            for operation in path.values():
                _exemplify(operation, self["components"]["schemas"])

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """Return one operation's entry."""
        details = super().operation_details(operation)
        unsafe = not SAFE_METHODS.issuperset(operation.methods)
        sign_in = details.pop("x-sign-in", False) or unsafe
        ways: list[dict[str, list[str]]] = [
            {name: []} for name in self.api.openapi_extra["components"]["securitySchemes"]
        ]
        details["security"] = ways if sign_in else [{}, *ways]
        for parameter in details["parameters"]:
            _tidy_parameter(parameter)
        for status in sorted(_refusals(details, unsafe=unsafe)):
            details["responses"].setdefault(status, _problem_answer(status))
        return details

    def get_components(self) -> dict[str, Any]:
        """Return the components, with the API's own ways to sign in instead of one per class."""
        components: dict[str, Any] = super().get_components()
        return components | {"securitySchemes": self.api.openapi_extra["components"]["securitySchemes"]}


def _refusals(details: dict[str, Any], *, unsafe: bool) -> set[int]:
    places = {parameter["in"] for parameter in details["parameters"]}
    statuses = {401, 429, *details.pop("x-refused", [])}
    if unsafe:
        statuses |= {403, 409}
    if "requestBody" in details:
        statuses |= {400, 413, 422}
    if "path" in places:
        statuses |= {404, 422}
    if "query" in places:
        statuses.add(422)
    if any(parameter["name"] == "cursor" for parameter in details["parameters"]):
        statuses.add(400)
    return statuses


def _problem_answer(status: int) -> dict[str, Any]:
    schema = {"$ref": REF_TEMPLATE.format(model="Problem")}
    title = TITLES[status]
    answer: dict[str, Any] = {"description": title.en, "x-zh": title.zh, "content": {MEDIA_TYPE: {"schema": schema}}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    if status == 429:
        answer["headers"] = {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}, "required": True}}
    return answer


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    # A query string has no null: what may be left out is said by `required`.
    schema = parameter["schema"]
    given = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(given) == 1:
        schema.pop("anyOf")
        schema.update(given[0])
    schema.pop("description", None)
    if "x-zh" in schema:
        parameter["x-zh"] = schema.pop("x-zh")
    else:
        # What has no Chinese is a class's docstring, which is meant for who reads the code.
        parameter.pop("description", None)
    if "example" in schema:
        parameter["example"] = schema.pop("example")
    schema.pop("title", None)


def _localise(value: Any, *, chinese: bool) -> None:
    if isinstance(value, dict):
        translated = value.pop("x-zh", None)
        if chinese and translated is not None:
            value.update(translated if isinstance(translated, dict) else {"description": translated})
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _localise(item, chinese=chinese)


def _exemplify(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    media = [operation.get("requestBody", {}).get("content", {})]
    media += [answer.get("content", {}) for status, answer in operation["responses"].items() if int(status) < 300]
    for content in media:
        for described_type in content.values():
            if "schema" in described_type:
                described_type.setdefault("example", example_of(described_type["schema"], schemas))


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return an example of `schema`, from its own where it has one, else put together from its parts'."""
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for choice in ("allOf", "anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        return {name: example_of(part, schemas) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)] if schema.get("items") else []
    return _plain_example(schema)


def _plain_example(schema: dict[str, Any]) -> Any:
    plain = {"integer": schema.get("minimum", 1), "number": 1, "boolean": False, "null": None}
    return schema.get("default", plain.get(schema.get("type", ""), ""))
