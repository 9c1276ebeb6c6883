"""The small pieces that the registry's answers are made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, WithJsonSchema

from yunlang.kit.api.reference import explained
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES, LABELS
from yunlang.registry.models import City, Organisation, Source

Industry = StrEnum("Industry", {key.upper(): key for key in INDUSTRIES})  # type: ignore[misc]
Label = StrEnum("Label", {key.upper(): key for key in LABELS})  # type: ignore[misc]

_UUID_SCHEMA = {"type": "string", "format": "uuid", "examples": ["0198c0de-6a52-7000-8000-3f1b5a2c9d10"]}
_TIME_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2026-11-22T02:50:00.123456Z"]}
_MONEY_SCHEMA = {
    "type": "string",
    "pattern": r"^[0-9]{1,16}\.[0-9]{2}$",
    "examples": ["2000000.00"],
    "description": "CNY, two decimals.",
    "x-zh": "人民币元，两位小数。",
}
_DECIMAL_SCHEMA = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["3.77"]}

Id = Annotated[UUID, WithJsonSchema(_UUID_SCHEMA)]
Moment = Annotated[datetime, WithJsonSchema(_TIME_SCHEMA)]
Day = Annotated[date, WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-06-30"]})]
Money = Annotated[Decimal, WithJsonSchema(_MONEY_SCHEMA)]
PlainDecimal = Annotated[str, WithJsonSchema(_DECIMAL_SCHEMA)]
# A row's number in a table that is never public; the database's bigint.
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1, json_schema_extra={"example": 12})]

CITY_CODE = explained(
    "城市行政区划代码；none 为不在九城市。",
    "Administrative code of a city; `none` for outside the nine.",
    example=["330500"],
)


class Name(BaseModel):
    """A name in both languages."""

    zh: str = Field(examples=["湖州"])
    en: str = Field(examples=["Huzhou"])


class CityReference(BaseModel):
    """A city, as other records name it."""

    adcode: str = Field(examples=["330500"], json_schema_extra={"pattern": "^[0-9]{6}$"})
    name: Name


class OrganisationReference(BaseModel):
    """An organisation, as other records name it."""

    id: Id
    name: str = Field(examples=["示例新材料有限公司"])
    name_en: str | None = Field(examples=["Example New Materials Co., Ltd."])


class SourceReference(BaseModel):
    """Where a fact was taken from."""

    code: str = Field(examples=["yrd-index-2024"])
    title: Name
    publisher: Name | None = Field(examples=[{"zh": "南京师范大学", "en": "Nanjing Normal University"}])
    url: str | None = Field(examples=["https://example.org/index-2024"])
    licence: Name | None = Field(examples=[{"zh": "公开发布的数据", "en": "published figures"}])
    dated: str | None = Field(examples=["2024-12"])
    note: Name | None = Field(examples=[None])


def name_of(label: Bilingual) -> Name:
    """Return a bilingual phrase as the API writes it."""
    return Name(zh=label.zh, en=label.en)


def name_or_none(label: Bilingual) -> Name | None:
    """Return a phrase as the API writes it, None for what was left blank."""
    return name_of(label) if label.zh or label.en else None


def given(text: str) -> str | None:
    """Return None for what was left blank."""
    return text or None


def city_reference(city: City | None) -> CityReference | None:
    """Return how a record names its city."""
    return CityReference(adcode=city.adcode, name=name_of(city.label)) if city else None


def organisation_reference(organisation: Organisation) -> OrganisationReference:
    """Return how a record names its organisation."""
    return OrganisationReference(id=organisation.id, name=organisation.name, name_en=given(organisation.name_en))


def source_reference(source: Source) -> SourceReference:
    """Return how a fact names its source."""
    return SourceReference(
        code=source.code,
        title=name_of(source.label),
        publisher=name_or_none(source.publisher_label),
        url=given(source.url),
        licence=name_or_none(source.licence_label),
        dated=given(source.dated),
        note=name_or_none(source.note_label),
    )


def plain_decimal(value: Decimal) -> str:
    """Return a decimal without idle zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def changes_of(payload: BaseModel) -> dict[str, Any]:
    """Return what the caller sent, and nothing that was left out."""
    return payload.model_dump(exclude_unset=True)
