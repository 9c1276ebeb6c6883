"""What happens to organisations and their members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from psycopg.errors import UniqueViolation

from yunlang.accounts.models import User
from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.changes import change_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.text import name_key, store_form
from yunlang.registry.core.credit_code import is_credit_code, normalise_credit_code
from yunlang.registry.core.fields import ORGANISATION_FIELDS
from yunlang.registry.core.kinds import Placement
from yunlang.registry.core.lifecycle import Status, Step, next_status
from yunlang.registry.models import Membership, Organisation
from yunlang.registry.permissions import forget_memberships
from yunlang.registry.selectors.corridor import city_named

CONTACT_FIELDS: tuple[Field, ...] = (
    Field("contact_name", Bilingual("联系人", "contact"), max_length=100),
    Field("contact_phone", Bilingual("联系电话", "telephone"), max_length=40),
    Field("contact_email", Bilingual("联系邮箱", "contact e-mail"), max_length=254),
)
# Placement follows from city and seat when a person fills them in.
FORM_FIELDS: tuple[Field, ...] = (
    tuple(spec for spec in ORGANISATION_FIELDS if spec.name != "placement") + CONTACT_FIELDS
)

CREDIT_CODE_WRONG = Bilingual(
    "统一社会信用代码应为 18 位且校验位正确（GB 32100-2015）",
    "must be 18 characters with a right check character (GB 32100-2015)",
)
_NOTE_LIMIT: int = Organisation._meta.get_field("review_note").max_length or 0
_NAME_KEY_LIMIT: int = Organisation._meta.get_field("name_key").max_length or 0


class OrganisationExistsError(ConflictError):
    """The name or the credit code is registered."""

    code = "organisation_exists"
    message = Bilingual(
        "该名称或统一社会信用代码已登记。请在机构名录中找到它，申请加入。",
        "This name or credit code is registered. Find the organisation in the directory and ask to join it.",
    )


class OrganisationMergedError(ConflictError):
    """The organisation is part of another one now."""

    code = "organisation_merged"
    message = Bilingual(
        "该机构已并入“{kept}”，请到那里办理。", "This organisation is now part of “{kept}”. Go there instead."
    )


class LastOwnerError(ConflictError):
    """An organisation keeps at least one administrator."""

    code = "last_owner"
    message = Bilingual(
        "机构至少要保留一名管理员。请先把另一名成员设为管理员。",
        "An organisation keeps at least one administrator. Make another member one first.",
    )


class MemberNotConfirmedError(ConflictError):
    """Whoever only asked to join cannot be given a role."""

    code = "member_not_confirmed"
    message = Bilingual("请先确认该成员，再设置角色。", "Confirm this member first, then set the role.")


@transaction.atomic
def organisation_register(*, actor: User, raw: Mapping[str, object]) -> Organisation:
    """Register an organisation, which the corridor office then reviews; the actor becomes its administrator."""
    require(actor, "registry.create_organisation")
    organisation = Organisation(status=Status.IN_REVIEW, **organisation_columns(raw))
    _save(organisation, create=True)
    Membership.objects.create(
        user=actor, organisation=organisation, role=Membership.Role.OWNER, state=Membership.State.ACTIVE
    )
    forget_memberships(actor)
    audit_record(
        actor=actor, action="organisation_register", object_kind="organisation", object_id=organisation.id,
        after={"name": organisation.name},
    )  # fmt: skip
    return organisation


@transaction.atomic
def organisation_update(
    *, actor: Actor, organisation_id: UUID, raw: Mapping[str, object], seen_at: datetime | None = None
) -> Organisation:
    """Change an organisation's facts. Saving what is there already is no event.

    `seen_at` is the `updated_at` that the editor saw; a later change is a conflict.
    """
    organisation = _locked(organisation_id)
    require(actor, "registry.edit_organisation", organisation)
    refuse_merged(organisation)
    if seen_at is not None and organisation.updated_at != seen_at:
        raise ConflictError
    columns = organisation_columns(raw)
    before = {name: getattr(organisation, name) for name in columns}
    for name, value in columns.items():
        setattr(organisation, name, value)
    old, new = changed_values(_audited(before), _audited(columns))
    if not new:
        return organisation
    _save(organisation, create=False)
    audit_record(
        actor=actor, action="organisation_update", object_kind="organisation", object_id=organisation.id,
        before=old, after=new,
    )  # fmt: skip
    change_record("organisation", [organisation.id])
    return organisation


@transaction.atomic
def organisation_publish(*, actor: Actor, organisation_id: UUID) -> Organisation:
    """Accept a registered organisation into the directory."""
    return _step(actor, organisation_id, Step.PUBLISH)


@transaction.atomic
def organisation_return(*, actor: Actor, organisation_id: UUID, note: str) -> Organisation:
    """Return a registration to its administrator, with the reason.

    Raises
    ------
    InvalidError
        Where no reason is given, or too long a one.
    """
    return _step(actor, organisation_id, Step.RETURN, note=return_note(note))


@transaction.atomic
def organisation_submit(*, actor: Actor, organisation_id: UUID) -> Organisation:
    """Hand a returned registration in again."""
    return _step(actor, organisation_id, Step.SUBMIT, permission="registry.edit_organisation")


def _step(
    actor: Actor,
    organisation_id: UUID,
    step: Step,
    *,
    permission: str = "registry.review_organisation",
    note: str = "",
) -> Organisation:
    organisation = _locked(organisation_id)
    require(actor, permission, organisation)
    before = organisation.status
    organisation.status = next_status(Status(before), step)
    organisation.review_note = note
    changed = {"status": organisation.status, "review_note": note, "updated_at": Now()}
    Organisation.objects.filter(pk=organisation.pk).update(**changed)
    audit_record(
        actor=actor, action=f"organisation_{step}", object_kind="organisation", object_id=organisation.id,
        before={"status": before}, after={"status": str(organisation.status), **({"note": note} if note else {})},
    )  # fmt: skip
    change_record("organisation", [organisation.id])
    return organisation


@transaction.atomic
def membership_request(*, actor: User, organisation_id: UUID) -> Membership:
    """Ask to join an organisation; asking twice changes nothing."""
    organisation = _locked(organisation_id)
    require(actor, "registry.join_organisation", organisation)
    refuse_merged(organisation)
    membership, created = Membership.objects.get_or_create(user=actor, organisation=organisation)
    if created:
        _audit_membership(actor, "membership_request", membership)
    return membership


@transaction.atomic
def membership_confirm(*, actor: User, membership_id: int) -> Membership:
    """Let a person act for the organisation; the first one confirmed where nobody administers it becomes its owner."""
    membership = _locked_membership(actor, membership_id)
    require(actor, "registry.confirm_member", membership)
    if membership.state != Membership.State.ACTIVE:
        membership.state = Membership.State.ACTIVE
        if not _other_owners(membership):
            membership.role = Membership.Role.OWNER
        membership.save(update_fields=["state", "role"])
        _audit_membership(actor, "membership_confirm", membership)
    return membership


@transaction.atomic
def membership_role_set(*, actor: User, membership_id: int, role: str) -> Membership:
    """Make a member an administrator, or an administrator an ordinary member."""
    membership = _locked_membership(actor, membership_id)
    require(actor, "registry.confirm_member", membership)
    if role not in Membership.Role.values:
        raise InvalidError({"role": [Bilingual("请选择角色", "Choose a role")]})
    if membership.state != Membership.State.ACTIVE:
        raise MemberNotConfirmedError
    if membership.role != role:
        if membership.role == Membership.Role.OWNER and not _other_owners(membership):
            raise LastOwnerError
        membership.role = role
        membership.save(update_fields=["role"])
        _audit_membership(actor, "membership_role_set", membership)
        forget_memberships(actor)
    return membership


@transaction.atomic
def membership_remove(*, actor: User, membership_id: int) -> None:
    """End a membership, or decline a request."""
    membership = _locked_membership(actor, membership_id)
    require(actor, "registry.remove_member", membership)
    is_owner = membership.role == Membership.Role.OWNER and membership.state == Membership.State.ACTIVE
    if is_owner and not _other_owners(membership):
        raise LastOwnerError
    _audit_membership(actor, "membership_remove", membership)
    membership.delete()
    forget_memberships(actor)


def _other_owners(membership: Membership) -> bool:
    owners = Membership.objects.filter(
        organisation=membership.organisation_id, role=Membership.Role.OWNER, state=Membership.State.ACTIVE
    )
    return owners.exclude(pk=membership.pk).exists()


def _locked_membership(actor: Actor, membership_id: int) -> Membership:
    found = Membership.objects.filter(pk=membership_id).values_list("organisation_id", flat=True).first()
    if found is not None:
        # The organisation's row is the lock of its members: two administrators cannot remove each other at once.
        _locked(found)
        # What the actor was before the lock was had may not be so any more.
        forget_memberships(actor)
    membership = Membership.objects.select_related("organisation", "user").filter(pk=membership_id).first()
    if membership is None:
        raise NotFoundError(what=Bilingual("成员", "member"))
    return membership


def _audit_membership(actor: Actor, action: str, membership: Membership) -> None:
    audit_record(
        actor=actor, action=action, object_kind="organisation", object_id=membership.organisation_id,
        after={"user": str(membership.user_id), "role": membership.role, "state": membership.state},
    )  # fmt: skip


def organisation_columns(raw: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns for what a person filled in.

    Raises
    ------
    InvalidError
        With the reasons by field.
    """
    values, reasons = parse_record(FORM_FIELDS, raw)
    problems = {name: [reason] for name, reason in reasons.items()} | _contact_problems(values)
    if values.get("name") and not name_key(values["name"]):
        problems["name"] = [Bilingual("名称应含文字", "The name must hold letters")]
    code = normalise_credit_code(values.get("credit_code") or "")
    if code and not is_credit_code(code):
        problems["credit_code"] = [CREDIT_CODE_WRONG]
    raw_city = values.pop("city", None)
    city = city_named(raw_city) if raw_city else None
    if raw_city and city is None:
        problems["city"] = [Bilingual("请填写九城市之一", "Name one of the nine cities")]
    if problems:
        raise InvalidError(problems)
    columns: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else "" if value is None else value
        for name, value in values.items()
    }
    for spec in FORM_FIELDS:
        if spec.type is FieldType.WORDS and not columns[spec.name]:
            columns[spec.name] = []
    placement = Placement.CORRIDOR if city else Placement.OUTSIDE if columns["seat"] else Placement.UNKNOWN
    return columns | {
        "credit_code": code or None,
        "city": city,
        "placement": str(placement),
        "name_key": name_key(columns["name"])[:_NAME_KEY_LIMIT],
    }


def _contact_problems(values: Mapping[str, Any]) -> dict[str, list[Bilingual]]:
    if values.get("contact_email"):
        try:
            validate_email(values["contact_email"])
        except ValidationError:
            return {"contact_email": [Bilingual("请填写有效的邮箱地址", "Enter a valid e-mail address")]}
    return {}


def _audited(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (str, list)) or value is None else str(value)
        for name, value in columns.items()
    }


def return_note(text: str) -> str:
    """Return the reason why something is returned for changes, as it is kept.

    Raises
    ------
    InvalidError
        Where it says nothing, or too much.
    """
    note = store_form(text)
    if not note or len(note) > _NOTE_LIMIT:
        reason = Bilingual("请写明退回原因，不超过 1,000 字", "Give the reason, at most 1,000 characters")
        raise InvalidError({"note": [reason]})
    return note


def refuse_merged(organisation: Organisation) -> None:
    """Let an organisation pass that stands for itself.

    Raises
    ------
    OrganisationMergedError
        When it has become part of another one.
    """
    if organisation.merged_into is not None:
        raise OrganisationMergedError(kept=organisation.merged_into.name)


def _locked(organisation_id: UUID) -> Organisation:
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFoundError(what=Bilingual("机构", "organisation"))
    return organisation


def _save(organisation: Organisation, *, create: bool) -> None:
    try:
        with transaction.atomic():
            organisation.save(force_insert=create)
            Organisation.objects.filter(pk=organisation.pk).update(updated_at=Now())
            organisation.refresh_from_db(fields=["created_at", "updated_at"])
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise OrganisationExistsError from error
        raise
