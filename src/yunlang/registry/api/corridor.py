"""The corridor: its cities, the figures published about them, the sources, the words of the registry, its tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.errors import NotFoundError
from yunlang.kit.fields import Field as FieldSpec
from yunlang.kit.language import Bilingual
from yunlang.registry.api.inputs import json_schema
from yunlang.registry.api.queries import figures_about, sources_all, tag_counts
from yunlang.registry.api.values import (
    Name,
    PlainDecimal,
    SourceReference,
    name_of,
    name_or_none,
    plain_decimal,
    source_reference,
)
from yunlang.registry.core.kinds import INDUSTRIES, LABELS, NEED_KINDS, ORGANISATION_TYPES, PLACEMENTS, RESOURCE_KINDS
from yunlang.registry.core.lifecycle import STATUSES
from yunlang.registry.models import City, Figure, Need, Resource, Source
from yunlang.registry.models.city import AREAS
from yunlang.registry.selectors.corridor import CityCounts, corridor_counts
from yunlang.registry.services.listings import listing_fields
from yunlang.registry.services.organisations import FORM_FIELDS

router = Router(tags=["corridor"])

_ADCODE = "^[0-9]{6}$"
Area = StrEnum("Area", {key.upper(): key for key in AREAS})  # type: ignore[misc]
_FIGURE_ORDER = Order("figures")
_SOURCE_ORDER = Order("sources", tie="code")


class CityRow(BaseModel):
    """A member city with how much it has published."""

    adcode: str = Field(examples=["330500"], description="Administrative division code (GB/T 2260).")
    name: Name
    full_name_zh: str = Field(examples=["湖州市"])
    province: Name
    order: int = Field(description="Place in the corridor's customary order.", examples=[6])
    longitude: float = Field(examples=[120.09])
    latitude: float = Field(examples=[30.89])
    organisations: int = Field(examples=[412])
    resources: int = Field(examples=[1280])
    needs: int = Field(examples=[5])


class CityDetail(CityRow):
    """A member city with its boundary."""

    boundary: dict[str, Any] = Field(
        description="GeoJSON geometry; its coordinates are probably GCJ-02, some hundred metres from WGS 84.",
        examples=[
            {"type": "MultiPolygon", "coordinates": [[[[120.0, 30.8], [120.2, 30.8], [120.2, 31], [120.0, 30.8]]]]}
        ],
    )


class CityList(BaseModel):
    """All member cities, in the corridor's order."""

    items: list[CityRow]


class FigureRow(BaseModel):
    """One published figure: of a city, of the whole corridor, or of the delta around it."""

    code: str = Field(examples=["rd_intensity"])
    name: Name
    area: Area
    city: str | None = Field(examples=["330500"])
    period: str = Field(examples=["2024"])
    value: PlainDecimal
    qualifier: Name | None = Field(examples=[{"zh": "约", "en": "about"}])
    unit: Name | None
    note: Name | None
    source: SourceReference


class FigureQuery(Paging):
    """Which figures."""

    city: str | None = Field(
        None,
        pattern="^([0-9]{6}|corridor|yangtze_delta|elsewhere)$",
        **explained(
            "城市行政区划代码；corridor 为整个走廊，yangtze_delta 为长三角，elsewhere 为走廊以外。",
            "Administrative code of a city; `corridor` for the whole, `yangtze_delta` for the delta around it, "
            "`elsewhere` for what is outside.",
            example="corridor",
        ),
    )
    code: str | None = Field(None, max_length=80, **explained("指标代码。", "Code of the figure."))


class TagQuery(BaseModel):
    """Which tags."""

    prefix: str = Field("", max_length=40, **explained("标签的开头。", "How the tag begins.", example="电"))
    limit: int = Field(50, ge=1, le=200, **explained("返回的条数。", "How many to answer."))


class TagCount(BaseModel):
    """How often a tag is used in what is published."""

    tag: str = Field(examples=["电解液"])
    needs: int = Field(examples=[2])
    resources: int = Field(examples=[31])
    organisations: int = Field(examples=[4])


class TagList(BaseModel):
    """Tags, most used first."""

    items: list[TagCount]


class FieldRow(BaseModel):
    """One field of a record: what may be written into it."""

    name: str = Field(examples=["budget"])
    label: Name
    type: str = Field(examples=["money"])
    required: bool = Field(
        description="On submission; a draft may lack it.", json_schema_extra={"x-zh": "提交审核时必填。"}
    )
    unit: Name | None
    help: Name | None
    json_schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema.", examples=[{"type": "string"}])


class Vocabulary(BaseModel):
    """The registry's keys with their names, and what each kind of record holds."""

    need_kinds: dict[str, Name]
    resource_kinds: dict[str, Name]
    organisation_types: dict[str, Name]
    industries: dict[str, Name]
    labels: dict[str, Name]
    placements: dict[str, Name]
    statuses: dict[str, Name]
    need_fields: list[FieldRow]
    resource_fields: dict[str, list[FieldRow]]
    organisation_fields: list[FieldRow]


def _city_values(counts: CityCounts) -> dict[str, Any]:
    city: City = counts.city
    return {
        "adcode": city.adcode,
        "name": name_of(city.label),
        "full_name_zh": city.full_name_zh,
        "province": Name(zh=city.province_zh, en=city.province_en),
        "order": city.order,
        "longitude": city.longitude,
        "latitude": city.latitude,
        "organisations": counts.organisations,
        "resources": counts.resources,
        "needs": counts.needs,
    }


def _figure_row(figure: Figure) -> FigureRow:
    return FigureRow(
        code=figure.code,
        name=name_of(figure.label),
        area=Area(figure.area),
        city=figure.city_id,
        period=figure.period,
        value=plain_decimal(figure.value),
        qualifier=name_or_none(figure.qualified),
        unit=name_or_none(figure.unit),
        note=name_or_none(figure.note),
        source=source_reference(figure.source),
    )


def _names(labels: Mapping[str, Bilingual]) -> dict[str, Name]:
    return {str(key): name_of(label) for key, label in labels.items()}


def _field_rows(fields: Iterable[FieldSpec]) -> list[FieldRow]:
    return [
        FieldRow(
            name=spec.name,
            label=name_of(spec.label),
            type=spec.type,
            required=spec.required,
            unit=name_of(spec.unit) if spec.unit else None,
            help=name_of(spec.help) if spec.help else None,
            schema=json_schema(spec),
        )
        for spec in fields
    ]


@router.get(
    "/cities",
    response=CityList,
    **described(
        Bilingual("九城市", "List the cities"),
        Bilingual(
            "按走廊惯用的次序，并列出各市已发布的数量。", "In the corridor's order, with how much each has published."
        ),
    ),
)
def cities_list(request: HttpRequest) -> Any:
    """List the cities."""
    return CityList(items=[CityRow(**_city_values(counts)) for counts in corridor_counts().cities])


@router.get(
    "/cities/{adcode}",
    response=CityDetail,
    **described(Bilingual("一座城市", "Get a city"), Bilingual("含边界。", "With its boundary.")),
)
def city_get(request: HttpRequest, adcode: str = Path(..., pattern=_ADCODE, example="330500")) -> Any:
    """Return one city."""
    for counts in corridor_counts().cities:
        if counts.city.adcode == adcode:
            return CityDetail(**_city_values(counts), boundary=counts.city.boundary)
    raise NotFoundError(what=Bilingual("该城市", "this city"))


@router.get(
    "/figures",
    response=Page[FigureRow],
    **described(
        Bilingual("公开数据", "List published figures"),
        Bilingual(
            "各市与整个走廊的公开数据，每条都有出处。", "About the cities and the whole corridor, each with its source."
        ),
    ),
)
def figures_list(request: HttpRequest, query: Query[FigureQuery]) -> Any:
    """List figures."""
    return page_of(request, figures_about(query.city, query.code), _FIGURE_ORDER, query, _figure_row)


@router.get(
    "/sources",
    response=Page[SourceReference],
    **described(
        Bilingual("数据来源", "List the sources"),
        Bilingual("登记内容取自何处，以何许可。", "What the registry's facts were taken from, under which licence."),
    ),
)
def sources_list(request: HttpRequest, query: Query[Paging]) -> Any:
    """List sources."""
    return page_of(request, sources_all(), _SOURCE_ORDER, query, source_reference)


@router.get(
    "/sources/{code}",
    response=SourceReference,
    **described(Bilingual("一个来源", "Get a source"), Bilingual("按代码。", "By its code.")),
)
def source_get(request: HttpRequest, code: str = Path(..., max_length=80, example="yrd-index-2024")) -> Any:
    """Return one source."""
    source: Source | None = sources_all().filter(pk=code).first()
    if source is None:
        raise NotFoundError(what=Bilingual("该来源", "this source"))
    return source_reference(source)


@router.get(
    "/tags",
    response=TagList,
    **described(
        Bilingual("标签", "Count tags"),
        Bilingual(
            "已发布内容所用的标签，多者在前；计数最多滞后一分钟。",
            "Tags of what is published, most used first; at most a minute old.",
        ),
    ),
)
def tags_list(request: HttpRequest, query: Query[TagQuery]) -> Any:
    """Count tags."""
    counts = tag_counts(query.prefix, query.limit)
    return TagList(items=[TagCount(**row) for row in counts])


@router.get(
    "/vocabulary",
    response=Vocabulary,
    by_alias=True,
    **described(
        Bilingual("用语与字段", "Get the vocabulary"),
        Bilingual("各类代码的名称，以及每类记录的字段。", "Names of all keys, and the fields of each kind of record."),
    ),
)
def vocabulary_get(request: HttpRequest) -> Any:
    """Return the vocabulary."""
    return Vocabulary(
        need_kinds=_names(NEED_KINDS),
        resource_kinds=_names(RESOURCE_KINDS),
        organisation_types=_names(ORGANISATION_TYPES),
        industries=_names(INDUSTRIES),
        labels=_names(LABELS),
        placements=_names(PLACEMENTS),
        statuses=_names(STATUSES),
        need_fields=_field_rows(listing_fields(Need, next(iter(NEED_KINDS)))),
        resource_fields={str(kind): _field_rows(listing_fields(Resource, kind)) for kind in RESOURCE_KINDS},
        organisation_fields=_field_rows(FORM_FIELDS),
    )
