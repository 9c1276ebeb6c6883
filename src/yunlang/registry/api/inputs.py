"""Bodies of requests, made from the same field descriptions as forms and import templates.

The body's JSON types are checked here; what a value must be is judged by the fields themselves, in the services, so
that a page, an import and the API refuse the same things in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from yunlang.kit.fields import Field as FieldSpec
from yunlang.kit.fields import FieldType

_WORDS_MAXIMUM = 50
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _number_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PydanticCustomError("decimal_type", "a number or a string that holds one")
    return str(value)


def _iso_date(value: str) -> str:
    # Forms and files may write dates in many ways; programs write them in one.
    if not _ISO_DATE.fullmatch(value):
        raise PydanticCustomError("date_form", "a date as in ISO 8601")
    return value


_NumberText = Annotated[str, BeforeValidator(_number_text)]
_TYPES: Mapping[FieldType, Any] = {
    FieldType.INTEGER: StrictInt,
    FieldType.BOOLEAN: StrictBool,
    FieldType.DECIMAL: _NumberText,
    FieldType.MONEY: _NumberText,
    FieldType.DATE: Annotated[StrictStr, AfterValidator(_iso_date)],
    FieldType.CHOICE: Annotated[StrictStr, Field(min_length=1)],
    FieldType.URL: Annotated[StrictStr, Field(min_length=1)],
    FieldType.CHOICES: Annotated[list[StrictStr], Field(max_length=_WORDS_MAXIMUM)],
    FieldType.WORDS: Annotated[list[StrictStr], Field(max_length=_WORDS_MAXIMUM)],
}


def input_model(
    name: str,
    doc: str,
    fields: Sequence[FieldSpec],
    *,
    example: Mapping[str, Any],
    required: Sequence[str] = (),
    others: Mapping[str, Any] | None = None,
) -> type[BaseModel]:
    """Return the pydantic model of a body with `fields`.

    Parameters
    ----------
    example
        A body as somebody might send it.
    required
        Fields that must be sent; every other may be left out, or sent as null for blank.
    others
        Further fields, as `pydantic.create_model` takes them.
    """
    columns = {spec.name: _column(spec, required=spec.name in required) for spec in fields}
    config = ConfigDict(extra="forbid", title=name, json_schema_extra={"examples": [dict(example)]})
    return create_model(name, __doc__=doc, __config__=config, **(dict(others or {}) | columns))  # type: ignore[call-overload, no-any-return]


def _column(spec: FieldSpec, *, required: bool) -> tuple[Any, Any]:
    base = Annotated[_TYPES.get(spec.type, StrictStr), WithJsonSchema(json_schema(spec))]
    options = _explained(spec)
    if required:
        return base, Field(..., **options)
    return base | None, Field(None, **options)


def _explained(spec: FieldSpec) -> dict[str, Any]:
    zh, en = spec.label.zh, spec.label.en[0].upper() + spec.label.en[1:]
    if spec.unit is not None:
        zh, en = f"{zh}（{spec.unit.zh}）", f"{en} ({spec.unit.en})"
    # How to part words is for forms and files: here they are a list.
    if spec.help is not None and spec.type is not FieldType.WORDS:
        zh, en = f"{zh}。{spec.help.zh}", f"{en}. {spec.help.en}"
    return {"description": en, "json_schema_extra": {"x-zh": zh}}


def json_schema(spec: FieldSpec) -> dict[str, Any]:
    """Return the JSON Schema of what a field takes."""
    if spec.type in (FieldType.WORDS, FieldType.CHOICES):
        item: dict[str, Any] = {"type": "string", "maxLength": spec.max_length}
        if spec.choices:
            item = {"type": "string", "enum": list(spec.choices)}
        return {"type": "array", "items": item, "maxItems": _WORDS_MAXIMUM}
    if spec.type is FieldType.CHOICE:
        return {"type": "string", "enum": list(spec.choices)}
    if spec.type is FieldType.INTEGER:
        return {"type": "integer"} | _bounds(spec)
    if spec.type in (FieldType.DECIMAL, FieldType.MONEY):
        return {"type": ["string", "number"]}
    if spec.type is FieldType.BOOLEAN:
        return {"type": "boolean"}
    if spec.type is FieldType.DATE:
        return {"type": "string", "format": "date"}
    if spec.type is FieldType.URL:
        return {"type": "string", "pattern": r"^https?://[^\s<>\"']+$", "maxLength": spec.max_length}
    return {"type": "string", "maxLength": spec.max_length}


def _bounds(spec: FieldSpec) -> dict[str, Any]:
    bounds = {"minimum": spec.minimum, "maximum": spec.maximum}
    return {name: int(Decimal(bound)) for name, bound in bounds.items() if bound is not None}
