"""What happens to needs and resources. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import UniqueViolation

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.changes import change_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.core.details import details_document, details_values
from yunlang.registry.core.fields import DETAIL_FIELDS, NEED_FIELDS, PROMOTED_DETAILS, resource_fields
from yunlang.registry.core.kinds import NEED_KINDS, RESOURCE_KINDS
from yunlang.registry.core.lifecycle import STATUSES, Status, Step, next_status
from yunlang.registry.models import City, Expert, Need, Organisation, Resource
from yunlang.registry.selectors.corridor import city_named
from yunlang.registry.services.organisations import refuse_merged, return_note

type_names: dict[type[Need] | type[Resource], str] = {Need: "need", Resource: "resource"}

# Chosen on the page, not typed: the organisation is the one acted for.
_NOT_TYPED = {"organisation", "organisation_code"}
_ALWAYS_REQUIRED = {"kind", "title"}


class ListingExistsError(ConflictError):
    """The organisation has one of the same kind and title, or the number is taken."""

    code = "listing_exists"
    message = Bilingual(
        "已有相同编号，或同一机构已有同类同名的记录。请修改标题或编号。",
        "The number is taken, or this organisation has one of the same kind and title. Change the title or the number.",
    )


class NotADraftError(ConflictError):
    """Only a draft can be changed."""

    code = "not_a_draft"
    message = Bilingual(
        "当前状态为“{status}”，只有草稿可以修改。审核中的请先撤回，已发布的请先关闭，再重新编辑。",
        "This is {status}; only a draft can be changed. Withdraw it from review, or close it and edit it again.",
    )


class OrganisationNotPublishedError(ConflictError):
    """A listing cannot be public before its organisation is."""

    code = "organisation_not_published"
    message = Bilingual("请先审核并发布该机构，再发布其需求或要素。", "Review and publish the organisation first.")


def listing_fields(model: type[Need] | type[Resource], kind: str) -> tuple[Field, ...]:
    """Return the fields that a person fills in for a need or for a resource of `kind`."""
    fields = NEED_FIELDS if model is Need else resource_fields(kind)
    return tuple(spec for spec in fields if spec.name not in _NOT_TYPED)


def listing_values(listing: Need | Resource) -> dict[str, Any]:
    """Return a listing's values by field name, the inverse of what create and update take."""
    values: dict[str, Any] = {}
    for spec in listing_fields(type(listing), listing.kind):
        if spec.name == "city":
            values["city"] = listing.city_id
        elif spec.name == "expert" and isinstance(listing, Resource):
            values["expert"] = listing.expert.name if listing.expert else None
        elif hasattr(listing, spec.name):
            value = getattr(listing, spec.name)
            values[spec.name] = tuple(value) if isinstance(value, list) else value
    if isinstance(listing, Resource):
        values |= details_values(listing.kind, listing.details)
    return values


@transaction.atomic
def listing_create(
    *, actor: Actor, model: type[Need] | type[Resource], organisation: Organisation, raw: Mapping[str, object]
) -> Need | Resource:
    """Start a draft for `organisation`. A draft needs a kind and a title; the rest is checked when it is submitted.

    Raises
    ------
    InvalidError
        With the reasons by field.
    ListingExistsError
        When it would double an existing one.
    OrganisationMergedError
        When the organisation has become part of another one.
    """
    organisation = _held(organisation)
    require(actor, "registry.create_listing", organisation)
    refuse_merged(organisation)
    kinds = NEED_KINDS if model is Need else RESOURCE_KINDS
    kind = str(raw.get("kind", ""))
    if kind not in kinds:
        raise InvalidError({"kind": [Bilingual("请选择类型", "Choose a kind")]})
    columns = _columns(model, kind, raw, organisation=organisation, complete=False)
    listing = model(kind=kind, organisation=organisation, created_by_id=actor.actor_id, **columns)
    _save(listing, create=True)
    audit_record(
        actor=actor, action=f"{type_names[model]}_create", object_kind=type_names[model], object_id=listing.id,
        after={"kind": kind, "title": listing.title, "organisation": organisation.name},
    )  # fmt: skip
    return listing


@transaction.atomic
def listing_update(
    *,
    actor: Actor,
    model: type[Need] | type[Resource],
    listing_id: UUID,
    raw: Mapping[str, object],
    seen_at: datetime | None = None,
) -> Need | Resource:
    """Set every value of a draft; what `raw` leaves out becomes blank. Saving what is there already is no event.

    `seen_at` is the `updated_at` that the editor saw; a later change by somebody else is a conflict.
    """
    listing = listing_locked(model, listing_id)
    require(actor, "registry.edit_listing", listing)
    if listing.status != Status.DRAFT:
        raise NotADraftError(status=STATUSES[listing.status])
    if seen_at is not None and listing.updated_at != seen_at:
        raise ConflictError
    before = _plain(listing_values(listing))
    for name, value in _columns(model, listing.kind, raw, organisation=listing.organisation, complete=False).items():
        setattr(listing, name, value)
    old, new = changed_values(before, _plain(listing_values(listing)))
    if not new:
        return listing
    _save(listing, create=False)
    audit_record(
        actor=actor, action=f"{type_names[model]}_update", object_kind=type_names[model], object_id=listing.id,
        before=old, after=new,
    )  # fmt: skip
    return listing


def listing_submit(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, at: datetime
) -> Need | Resource:
    """Hand a complete draft to the corridor office for review."""
    return _step(actor, "registry.submit_listing", model, listing_id, Step.SUBMIT, at)


def listing_withdraw(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, at: datetime
) -> Need | Resource:
    """Take a listing back from review to change it."""
    return _step(actor, "registry.submit_listing", model, listing_id, Step.WITHDRAW, at)


def listing_publish(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, at: datetime
) -> Need | Resource:
    """Let a reviewed listing be found by everybody."""
    return _step(actor, "registry.review_listing", model, listing_id, Step.PUBLISH, at)


def listing_return(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, note: str, at: datetime
) -> Need | Resource:
    """Return a listing to its organisation, with the reason."""
    return _step(actor, "registry.review_listing", model, listing_id, Step.RETURN, at, note=return_note(note))


def listing_close(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, at: datetime
) -> Need | Resource:
    """Take a published listing out of matching; its page stays."""
    return _step(actor, "registry.close_listing", model, listing_id, Step.CLOSE, at)


def listing_reopen(
    *, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID, at: datetime
) -> Need | Resource:
    """Make a closed or expired listing a draft again."""
    return _step(actor, "registry.close_listing", model, listing_id, Step.REOPEN, at)


@transaction.atomic
def listings_expire(*, today: date, at: datetime) -> int:
    """Expire every published listing whose last day has passed; return how many."""
    count = 0
    for model, past in (
        (Need, Q(deadline__lt=today)),
        (Resource, Q(valid_until__lt=today)),
    ):
        due: list[Any] = list(model.objects.select_for_update(skip_locked=True).filter(past, status=Status.PUBLISHED))
        for listing in due:
            _move(SYSTEM, listing, Step.EXPIRE, at)
        change_record(type_names[model], [listing.id for listing in due])
        count += len(due)
    return count


@transaction.atomic
def _step(
    actor: Actor,
    permission: str,
    model: type[Need] | type[Resource],
    listing_id: UUID,
    step: Step,
    at: datetime,
    *,
    note: str = "",
) -> Need | Resource:
    listing = listing_locked(model, listing_id)
    require(actor, permission, listing)
    target = next_status(Status(listing.status), step)
    if target is Status.IN_REVIEW:
        _check_complete(listing, timezone.localtime(at).date())
    if target is Status.PUBLISHED and listing.organisation.status != Status.PUBLISHED:
        raise OrganisationNotPublishedError
    before = listing.status
    _move(actor, listing, step, at, note=note)
    if Status.PUBLISHED in (before, target):
        change_record(type_names[model], [listing.id])
    return listing


def _move(actor: Actor, listing: Need | Resource, step: Step, at: datetime, *, note: str = "") -> None:
    before = Status(listing.status)
    target = next_status(before, step)
    listing.status = target
    listing.review_note = note
    if target is Status.PUBLISHED:
        listing.published_at = at
    listing.closed_at = at if target in (Status.CLOSED, Status.EXPIRED) else None
    listing.updated_at = at
    listing.save(update_fields=["status", "review_note", "published_at", "closed_at", "updated_at"])
    kind = type_names[type(listing)]
    audit_record(
        actor=actor, action=f"{kind}_{step}", object_kind=kind, object_id=listing.id,
        before={"status": str(before)}, after={"status": str(target), **({"note": note} if note else {})},
    )  # fmt: skip


def _held(organisation: Organisation) -> Organisation:
    """Return the organisation as it is now, held so that no merger moves its listings away meanwhile."""
    found = Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.pk).first()
    if found is None:
        raise NotFoundError(what=Bilingual("机构", "organisation"))
    return found


def listing_locked(model: type[Need] | type[Resource], listing_id: UUID) -> Need | Resource:
    """Return one listing, held until the transaction ends."""
    # Its organisation is read after the lock is had: one joined before would be the one a merger just left.
    listing: Need | Resource | None = model.objects.select_for_update().filter(pk=listing_id).first()
    if listing is None:
        raise NotFoundError(what=Bilingual("该记录", "this record"))
    return listing


def _check_complete(listing: Need | Resource, today: date) -> None:
    _, reasons = parse_record(listing_fields(type(listing), listing.kind), listing_values(listing))
    name = "deadline" if isinstance(listing, Need) else "valid_until"
    last_day = getattr(listing, name)
    if last_day is not None and last_day < today:
        reasons[name] = Bilingual("日期已过，发布后会立即到期", "has passed; what is published would expire at once")
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})


def _columns(
    model: type[Need] | type[Resource],
    kind: str,
    raw: Mapping[str, object],
    *,
    organisation: Organisation,
    complete: bool,
) -> dict[str, Any]:
    fields = listing_fields(model, kind)
    if not complete:
        fields = tuple(replace(spec, required=spec.name in _ALWAYS_REQUIRED) for spec in fields)
    values, reasons = parse_record(fields, {**raw, "kind": kind})
    problems = {name: [reason] for name, reason in reasons.items()}
    city = _city(values.pop("city", None), organisation, problems)
    if model is Resource and not problems:
        values["expert"] = _expert(values.get("expert"), organisation, problems)
        _check_period(values, problems)
    if problems:
        raise InvalidError(problems)
    values.pop("kind", None)
    columns = _detail_columns(kind, values) if model is Resource else values
    return {**{name: _column_value(value) for name, value in columns.items()}, **_blanks(columns), "city": city}


def _check_period(values: Mapping[str, Any], problems: dict[str, list[Bilingual]]) -> None:
    start, end = values.get("valid_from"), values.get("valid_until")
    if start and end and end < start:
        problems["valid_until"] = [Bilingual("截止日期不能早于起始日期", "must not be earlier than the start")]


def _detail_columns(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    own = {spec.name for spec in DETAIL_FIELDS[kind]} - set(PROMOTED_DETAILS)
    columns = {name: value for name, value in values.items() if name not in own}
    return columns | {"details": details_document(kind, values)}


_NULLABLE = {"budget", "deadline", "trl_minimum", "trl", "price", "valid_from", "valid_until", "expert", "details"}


def _blanks(columns: Mapping[str, Any]) -> dict[str, Any]:
    blanks = {name: "" for name, value in columns.items() if value is None and name not in _NULLABLE}
    return blanks | ({"tags": []} if columns.get("tags") is None else {})


def _column_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _city(raw: str | None, organisation: Organisation, problems: dict[str, list[Bilingual]]) -> City | None:
    if raw is None:
        return organisation.city
    city = city_named(raw)
    if city is None:
        problems["city"] = [Bilingual("请填写九城市之一", "Name one of the nine cities")]
    return city


def _expert(name: str | None, organisation: Organisation, problems: dict[str, list[Bilingual]]) -> Expert | None:
    if name is None:
        return None
    expert = Expert.objects.filter(organisation=organisation, name=name).first()
    if expert is None:
        reason = Bilingual(
            "本机构没有登记这位专家，请先登记或留空", "No such expert in this organisation; leave it blank"
        )
        problems["expert"] = [reason]
    return expert


def _save(listing: Need | Resource, *, create: bool) -> None:
    try:
        with transaction.atomic():
            listing.save(force_insert=create)
            type(listing).objects.filter(pk=listing.pk).update(updated_at=Now())
            listing.refresh_from_db(fields=["created_at", "updated_at"])
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise ListingExistsError from error
        raise


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return list(value)
        return value if value is None or isinstance(value, (str, int, bool)) else str(value)

    return {name: plain(value) for name, value in values.items()}
