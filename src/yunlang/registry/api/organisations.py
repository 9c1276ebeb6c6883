"""Organisations: the directory, registering, changing, the office's review."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.accounts.permissions import may
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.api.inputs import input_model
from yunlang.registry.api.listings import StepBody, check_no_note, seen_at_field
from yunlang.registry.api.values import (
    CITY_CODE,
    CityReference,
    Day,
    Id,
    Industry,
    Label,
    Moment,
    PlainDecimal,
    changes_of,
    city_reference,
    given,
    plain_decimal,
)
from yunlang.registry.core.kinds import OrganisationType, Placement
from yunlang.registry.core.lifecycle import Status as Life
from yunlang.registry.core.lifecycle import Step, possible_steps
from yunlang.registry.models import Organisation, OrganisationLabel
from yunlang.registry.selectors.organisations import OrganisationFilters, organisation_get, organisations
from yunlang.registry.services.organisations import (
    FORM_FIELDS,
    organisation_publish,
    organisation_register,
    organisation_return,
    organisation_submit,
    organisation_update,
)

router = Router(tags=["organisations"])

_LATEST = Order("organisations", tie="-id")
_CONTACTS = ("contact_name", "contact_phone", "contact_email")
_SERVICES = {Step.SUBMIT: organisation_submit, Step.PUBLISH: organisation_publish}
_STEP_PERMISSIONS = {
    Step.SUBMIT: "registry.edit_organisation",
    Step.PUBLISH: "registry.review_organisation",
    Step.RETURN: "registry.review_organisation",
}
OrganisationStep = StrEnum("OrganisationStep", {step.name: step.value for step in _STEP_PERMISSIONS})  # type: ignore[misc]
OrganisationDraft: type[BaseModel] = input_model(
    "OrganisationDraft",
    "An organisation to be registered.",
    FORM_FIELDS,
    example={
        "name": "示例新材料有限公司",
        "type": "company",
        "city": "330500",
        "industry": "new_materials",
        "products": ["六氟磷酸锂"],
        "contact_name": "王经理",
        "contact_email": "contact@example.org",
    },
    required=("name", "type"),
)
OrganisationChange: type[BaseModel] = input_model(
    "OrganisationChange",
    "What is to change of an organisation.",
    FORM_FIELDS,
    example={"sector": "电子化学品", "updated_at": "2026-11-22T02:50:00.123456Z"},
    others={"updated_at": seen_at_field()},
)


class OrganisationQuery(Paging):
    """What the directory may be restricted to; a parameter given twice means either."""

    type: list[OrganisationType] = Field([], max_length=20, **explained("机构类型。", "Type.", example=["company"]))
    city: list[str] = Field([], max_length=20, **CITY_CODE)
    industry: list[Industry] = Field(
        [], max_length=20, **explained("产业。", "Leading industry.", example=["new_materials"])
    )  # type: ignore[valid-type]
    label: list[Label] = Field(
        [], max_length=20, **explained("今天持有的资质。", "A label held today.", example=["high_tech"])
    )  # type: ignore[valid-type]
    placement: list[Placement] = Field([], max_length=3, **explained("所在。", "What is known of where it sits."))
    name: str = Field("", max_length=100, **explained("名称的一部分。", "Part of the name, in either language."))


class LabelRow(BaseModel):
    """A label with the time it is held."""

    label: Label  # type: ignore[valid-type]
    valid_from: Day | None
    valid_until: Day | None
    source: str | None = Field(description="Code of the source.", examples=["sse-star-market"])


class AttributeRow(BaseModel):
    """One dated figure of an organisation."""

    code: str = Field(examples=["revenue"])
    period: str = Field(examples=["2025"])
    value: PlainDecimal
    unit: str | None = Field(examples=["元"])
    source: str | None = Field(description="Code of the source.", examples=["annual-reports-2025"])


class Contact(BaseModel):
    """Whom to call; for those who have signed in."""

    name: str | None = Field(examples=["王经理"])
    phone: str | None = Field(examples=["0572-0000000"])
    email: str | None = Field(examples=["contact@example.org"])


class OrganisationRow(BaseModel):
    """An organisation."""

    id: Id
    name: str = Field(examples=["示例新材料有限公司"])
    name_en: str | None = Field(examples=["Example New Materials Co., Ltd."])
    type: OrganisationType
    credit_code: str | None = Field(examples=["91330500MA00000000"])
    city: CityReference | None
    placement: Placement
    seat: str | None = Field(examples=[None])
    industry: str | None = Field(examples=["new_materials"])
    sector: str | None = Field(examples=["电子化学品"])
    tags: list[str] = Field(examples=[["电解液"]])
    labels: list[LabelRow]
    status: Life = Field(examples=["published"])
    illustrative: bool = Field(description="Made up to show the platform.", json_schema_extra={"x-zh": "是否为示例。"})
    created_at: Moment
    updated_at: Moment


class OrganisationDetail(OrganisationRow):
    """An organisation with all that is known of it."""

    address: str | None = Field(examples=["湖州市示例路 1 号"])
    products: list[str] = Field(examples=[["六氟磷酸锂"]])
    website: str | None = Field(examples=["https://example.org/"])
    summary: str | None = Field(examples=["从事电解液添加剂的研发与生产。"])
    stock_code: str | None = Field(examples=["688000"])
    attributes: list[AttributeRow]
    contact: Contact | None = Field(
        description="Null to those who have not signed in.", json_schema_extra={"x-zh": "登录后可见。"}
    )
    merged_into: Id | None = Field(description="The organisation it has become part of.", examples=[None])
    review_note: str | None = Field(
        description="Why the registration was returned.",
        examples=[None],
        json_schema_extra={"x-zh": "登记被退回的原因。"},
    )
    steps: list[OrganisationStep] = Field(  # type: ignore[valid-type]
        description="The steps that the caller may take now.",
        json_schema_extra={"x-zh": "您现在可以执行的步骤。"},
        examples=[["publish"]],
    )


def _label_row(held: OrganisationLabel) -> LabelRow:
    return LabelRow(label=held.label, valid_from=held.valid_from, valid_until=held.valid_until, source=held.source_id)


def _values(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "name_en": given(organisation.name_en),
        "type": organisation.type,
        "credit_code": organisation.credit_code,
        "city": city_reference(organisation.city),
        "placement": organisation.placement,
        "seat": given(organisation.seat),
        "industry": given(organisation.industry),
        "sector": given(organisation.sector),
        "tags": organisation.tags,
        "labels": [_label_row(held) for held in organisation.labels.all()],
        "status": organisation.status,
        "illustrative": organisation.illustrative,
        "created_at": organisation.created_at,
        "updated_at": organisation.updated_at,
    }


def organisation_row(organisation: Organisation) -> OrganisationRow:
    """Return an organisation as lists show it."""
    return OrganisationRow(**_values(organisation))


def _detail(request: HttpRequest, organisation_id: UUID) -> OrganisationDetail:
    organisation, actor = organisation_get(organisation_id), actor_of(request)
    contact = None
    if may(actor, "registry.view_contact", organisation):
        contact = Contact(**{name.removeprefix("contact_"): given(getattr(organisation, name)) for name in _CONTACTS})
    steps = [step for step in possible_steps(Life(organisation.status)) if step in _STEP_PERMISSIONS]
    return OrganisationDetail(
        **_values(organisation),
        address=given(organisation.address),
        products=organisation.products,
        website=given(organisation.website),
        summary=given(organisation.summary),
        stock_code=given(organisation.stock_code),
        attributes=[
            AttributeRow(
                code=row.code,
                period=row.period,
                value=plain_decimal(row.value),
                unit=given(row.unit),
                source=row.source_id,
            )
            for row in organisation.attributes.all()
        ],
        contact=contact,
        merged_into=organisation.merged_into_id,
        review_note=given(organisation.review_note),
        steps=[step for step in steps if may(actor, _STEP_PERMISSIONS[step], organisation)],
    )


def visible_organisation(request: HttpRequest, organisation_id: UUID) -> Organisation:
    """Return one organisation.

    Raises
    ------
    NotFoundError
        When there is none that the caller may know of.
    """
    organisation = organisation_get(organisation_id)
    if not may(actor_of(request), "registry.view_organisation", organisation):
        raise NotFoundError(what=Bilingual("机构", "organisation"))
    return organisation


def _present(organisation: Organisation) -> dict[str, Any]:
    """Return what `organisation_update` would take to change nothing."""
    values = {spec.name: getattr(organisation, spec.name) for spec in FORM_FIELDS if spec.name != "city"}
    return values | {"city": organisation.city_id}


@router.get(
    "/organisations",
    response=Page[OrganisationRow],
    **described(
        Bilingual("机构名录", "List organisations"),
        Bilingual("已发布的机构，最新登记的在前。", "Those published, latest registered first."),
    ),
)
def organisations_list(request: HttpRequest, query: Query[OrganisationQuery]) -> Any:
    """List organisations."""
    filters = OrganisationFilters(
        types=query.type,
        cities=query.city,
        industries=query.industry,
        labels=query.label,
        placements=query.placement,
        name=query.name,
    )
    return page_of(request, organisations(filters).prefetch_related("labels"), _LATEST, query, organisation_row)


@router.post(
    "/organisations",
    response={201: OrganisationDetail},
    **described(
        Bilingual("登记机构", "Register an organisation"),
        Bilingual(
            "提交走廊办公室审核；您成为其管理员。",
            "It goes to the corridor office for review; you become its administrator.",
        ),
    ),
)
def organisation_create(request: HttpRequest, body: OrganisationDraft) -> Any:  # type: ignore[valid-type]
    """Register an organisation."""
    made = organisation_register(actor=actor_of(request), raw=changes_of(body))
    return Status(201, _detail(request, made.id))


@router.get(
    "/organisations/{organisation_id}",
    response=OrganisationDetail,
    **described(
        Bilingual("一家机构", "Get an organisation"),
        Bilingual(
            "含资质与各年数据。已并入他处的，merged_into 指向后者。",
            "With labels and dated figures; `merged_into` leads on from one that was merged.",
        ),
    ),
)
def organisation_detail(request: HttpRequest, organisation_id: UUID) -> Any:
    """Return one organisation."""
    visible_organisation(request, organisation_id)
    return _detail(request, organisation_id)


@router.patch(
    "/organisations/{organisation_id}",
    response=OrganisationDetail,
    **described(
        Bilingual("修改机构信息", "Change an organisation"),
        Bilingual("只改所发送的字段；发送 null 即清空。", "Only the fields sent change; null makes one blank."),
    ),
)
def organisation_change(request: HttpRequest, organisation_id: UUID, body: OrganisationChange) -> Any:  # type: ignore[valid-type]
    """Change an organisation."""
    organisation, sent = visible_organisation(request, organisation_id), changes_of(body)
    seen_at = sent.pop("updated_at", None) or organisation.updated_at
    raw = _present(organisation) | sent
    organisation_update(actor=actor_of(request), organisation_id=organisation_id, raw=raw, seen_at=seen_at)
    return _detail(request, organisation_id)


@router.post(
    "/organisations/{organisation_id}/steps/{step}",
    response=OrganisationDetail,
    **described(
        Bilingual("机构登记的下一步", "Take a registration's next step"),
        Bilingual(
            "发布 publish、退回 return（须写原因），或退回后重新提交 submit。",
            "One of publish, return (says why), or submit after a return.",
        ),
    ),
)
def organisation_step(
    request: HttpRequest,
    organisation_id: UUID,
    step: OrganisationStep,  # type: ignore[valid-type]
    body: StepBody = StepBody(),  # noqa: B008
) -> Any:
    """Take one step."""
    visible_organisation(request, organisation_id)
    if Step(step) is Step.RETURN:
        organisation_return(actor=actor_of(request), organisation_id=organisation_id, note=body.note)
    else:
        check_no_note(body.note)
        _SERVICES[Step(step)](actor=actor_of(request), organisation_id=organisation_id)
    return _detail(request, organisation_id)
