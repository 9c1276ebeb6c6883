"""What the API's needs and resources share: filters, visibility, creating, changing, steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from pydantic import BaseModel, Field, WithJsonSchema

from yunlang.accounts.api import SignInRequiredError, actor_of
from yunlang.accounts.permissions import may
from yunlang.kit.api.paging import Order, Paging
from yunlang.kit.api.reference import explained
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import (
    CITY_CODE,
    CityReference,
    Id,
    Industry,
    Label,
    Moment,
    OrganisationReference,
    city_reference,
    given,
    organisation_reference,
)
from yunlang.registry.core.lifecycle import Status, Step, possible_steps
from yunlang.registry.models import Need, Organisation, Resource
from yunlang.registry.selectors.listings import ListingFilters, listing_get, listings, listings_of_actor
from yunlang.registry.selectors.organisations import organisation_get
from yunlang.registry.services.discarding import listing_discard
from yunlang.registry.services.listings import (
    listing_close,
    listing_create,
    listing_fields,
    listing_publish,
    listing_reopen,
    listing_return,
    listing_submit,
    listing_update,
    listing_values,
    listing_withdraw,
)

PUBLIC_STATUSES = frozenset({Status.PUBLISHED, Status.CLOSED, Status.EXPIRED})
STEP_PERMISSIONS: Mapping[Step, str] = {
    Step.SUBMIT: "registry.submit_listing",
    Step.WITHDRAW: "registry.submit_listing",
    Step.PUBLISH: "registry.review_listing",
    Step.RETURN: "registry.review_listing",
    Step.CLOSE: "registry.close_listing",
    Step.REOPEN: "registry.close_listing",
}
_STEP_SERVICES = {
    Step.SUBMIT: listing_submit,
    Step.WITHDRAW: listing_withdraw,
    Step.PUBLISH: listing_publish,
    Step.CLOSE: listing_close,
    Step.REOPEN: listing_reopen,
}
# Everything public has a time of publication, which never changes while it is public; a draft may have none.
_BY_PUBLICATION = Order("published", latest_by="published_at")
_BY_CREATION = Order("created", latest_by="created_at")

_RECORD = Bilingual("该记录", "this record")
_NOT_OF_KIND = Bilingual("这一类型没有这个字段", "this kind has no such field")
_NO_NOTE = Bilingual("只有退回时才写原因", "only a return takes a note")

_Amount = Annotated[
    Decimal, Field(ge=0, max_digits=18, decimal_places=2), WithJsonSchema({"type": "number", "minimum": 0})
]
# `expire` is the clock's, not a caller's.
ListingStep = StrEnum("ListingStep", {step.name: step.value for step in STEP_PERMISSIONS})  # type: ignore[misc]


class ListingQuery(Paging):
    """What lists of needs and of resources may be restricted to; a parameter given twice means either."""

    city: list[str] = Field([], max_length=20, **CITY_CODE)
    industry: list[Industry] = Field(
        [], max_length=20, **explained("产业。", "Leading industry.", example=["new_materials"])
    )  # type: ignore[valid-type]
    tag: list[str] = Field([], max_length=20, **explained("标签，须全部具有。", "Tags; all must be there."))
    label: list[Label] = Field(
        [], max_length=20, **explained("机构资质。", "A label of the organisation.", example=["high_tech"])
    )  # type: ignore[valid-type]
    organisation: UUID | None = Field(None, **explained("机构。", "The organisation."))
    amount_maximum: _Amount | None = Field(
        None, **explained("预算或报价不超过，元。", "Budget or asking price at most, in CNY.", example=5_000_000)
    )
    status: list[Status] = Field(
        [Status.PUBLISHED],
        max_length=5,
        **explained(
            "状态。草稿与审核中的只列出您看得到的，须登录。",
            "Status. Of drafts and of what is in review, those that you may see; sign in for them.",
            example=["published"],
        ),
    )

    def filters(self, **more: Any) -> ListingFilters:
        """Return the selectors' filters."""
        return ListingFilters(
            cities=self.city,
            industries=self.industry,
            tags=self.tag,
            labels=self.label,
            organisation_id=self.organisation,
            amount_maximum=self.amount_maximum,
            statuses=self.status,
            **more,
        )


class ListingRow(BaseModel):
    """What needs and resources have in common."""

    id: Id
    number: str | None = Field(examples=["G60-2026-017"])
    title: str = Field(examples=["高镍三元动力电解液"])
    organisation: OrganisationReference
    city: CityReference | None
    industry: str | None = Field(examples=["new_materials"])
    tags: list[str] = Field(examples=[["电解液", "动力电池"]])
    status: Status = Field(examples=["published"])
    illustrative: bool = Field(description="Made up to show the platform.", json_schema_extra={"x-zh": "是否为示例。"})
    published_at: Moment | None
    closed_at: Moment | None = Field(examples=[None])
    created_at: Moment
    updated_at: Moment


class ListingState(BaseModel):
    """What only the record's own address tells."""

    review_note: str | None = Field(examples=[None])
    steps: list[ListingStep] = Field(  # type: ignore[valid-type]
        description="The steps that the caller may take now.",
        json_schema_extra={"x-zh": "您现在可以执行的步骤。"},
        examples=[["close"]],
    )


class StepBody(BaseModel):
    """What a step may need."""

    note: str = Field(
        "",
        max_length=1_000,
        examples=["请补充指标要求。"],
        description="Why it is returned; for `return` only.",
        json_schema_extra={"x-zh": "退回原因，仅用于 return。"},
    )


def seen_at_field() -> tuple[Any, Any]:
    """Return the field by which a change says what state it starts from."""
    explanation = explained(
        "您所见的 updated_at；此后若有他人修改则拒绝（409）。",
        "The `updated_at` you saw; a later change by somebody else is refused with 409.",
    )
    return Moment | None, Field(None, **explanation)


def row_values(listing: Need | Resource) -> dict[str, Any]:
    """Return the values of `ListingRow`."""
    return {
        "id": listing.id,
        "number": given(listing.number),
        "title": listing.title,
        "organisation": organisation_reference(listing.organisation),
        "city": city_reference(listing.city),
        "industry": given(listing.industry),
        "tags": listing.tags,
        "status": listing.status,
        "illustrative": listing.illustrative,
        "published_at": listing.published_at,
        "closed_at": listing.closed_at,
        "created_at": listing.created_at,
        "updated_at": listing.updated_at,
    }


def state_values(listing: Need | Resource, actor: Any) -> dict[str, Any]:
    """Return the values of `ListingState`."""
    steps = [step for step in possible_steps(Status(listing.status)) if step in STEP_PERMISSIONS]
    return {
        "review_note": given(listing.review_note),
        "steps": [step for step in steps if may(actor, STEP_PERMISSIONS[step], listing)],
    }


def visible_listings(
    request: HttpRequest, model: type[Need] | type[Resource], filters: ListingFilters
) -> QuerySet[Any]:
    """Return the listings that pass `filters` and that the caller may see.

    Raises
    ------
    SignInRequiredError
        When an anonymous caller asks for what is not public.
    """
    query = listings(model, filters)
    if PUBLIC_STATUSES.issuperset(filters.statuses):
        return query
    actor = actor_of(request)
    if not actor.is_authenticated:
        raise SignInRequiredError
    if may(actor, "registry.view_review_queue"):
        return query
    own = listings_of_actor(model, actor).order_by().values("pk")
    return query.filter(Q(status__in=PUBLIC_STATUSES) | Q(pk__in=own))


def order_of(statuses: Sequence[str]) -> Order:
    """Return the order of a list: latest published first; latest made first where drafts are among them."""
    return _BY_PUBLICATION if PUBLIC_STATUSES.issuperset(statuses) else _BY_CREATION


def visible_listing(request: HttpRequest, model: type[Need] | type[Resource], listing_id: UUID) -> Any:
    """Return one listing.

    Raises
    ------
    NotFoundError
        When there is none that the caller may know of.
    """
    listing = listing_get(model, listing_id)
    if not may(actor_of(request), "registry.view_listing", listing):
        raise NotFoundError(what=_RECORD)
    return listing


def create(request: HttpRequest, model: type[Need] | type[Resource], sent: dict[str, Any]) -> Any:
    """Start a draft from what the caller sent, `organisation` among it."""
    organisation: Organisation = organisation_get(sent.pop("organisation"))
    _check_names(model, str(sent.get("kind")), sent)
    made = listing_create(actor=actor_of(request), model=model, organisation=organisation, raw=sent)
    return listing_get(model, made.id)


def change(request: HttpRequest, model: type[Need] | type[Resource], listing_id: UUID, sent: dict[str, Any]) -> Any:
    """Change the fields of a draft that the caller sent; every other stays as it is."""
    listing = visible_listing(request, model, listing_id)
    # Without the state that the caller saw, the one read here: of two changes at once neither swallows the other.
    seen_at: datetime = sent.pop("updated_at", None) or listing.updated_at
    _check_names(model, listing.kind, sent)
    raw = listing_values(listing) | sent
    listing_update(actor=actor_of(request), model=model, listing_id=listing_id, raw=raw, seen_at=seen_at)
    return listing_get(model, listing_id)


def take_step(request: HttpRequest, model: type[Need] | type[Resource], listing_id: UUID, step: Step, note: str) -> Any:
    """Take one step in a listing's life."""
    visible_listing(request, model, listing_id)
    actor, now = actor_of(request), timezone.now()
    if step is Step.RETURN:
        listing_return(actor=actor, model=model, listing_id=listing_id, note=note, at=now)
    else:
        check_no_note(note)
        _STEP_SERVICES[step](actor=actor, model=model, listing_id=listing_id, at=now)
    return listing_get(model, listing_id)


def discard(request: HttpRequest, model: type[Need] | type[Resource], listing_id: UUID) -> None:
    """Delete a draft that was never public."""
    visible_listing(request, model, listing_id)
    listing_discard(actor=actor_of(request), model=model, listing_id=listing_id)


def check_no_note(note: str) -> None:
    """Refuse a reason where the step takes none, rather than lose it."""
    if note:
        raise InvalidError({"note": [_NO_NOTE]})


def _check_names(model: type[Need] | type[Resource], kind: str, sent: Mapping[str, Any]) -> None:
    if model is Need:
        return
    try:
        known = {spec.name for spec in listing_fields(model, kind)} | {"kind"}
    except KeyError:
        return  # the kind itself is wrong, which the service says
    strange = [name for name in sent if name not in known]
    if strange:
        raise InvalidError({name: [_NOT_OF_KIND] for name in strange})
