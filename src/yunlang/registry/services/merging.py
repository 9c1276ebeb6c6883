"""Two organisations that are one: offered on import, decided by the corridor office."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.changes import change_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import Placement
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import (
    Expert,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Resource,
)


class SameTitleError(ConflictError):
    """Both organisations list something of one kind and title."""

    code = "merge_same_title"
    message = Bilingual(
        "两家机构有同类同名的记录：{title}。请先处理其中一条。",
        "Both organisations list the same title: {title}. Settle one of them first.",
    )


class SameExpertError(ConflictError):
    """Something names both experts that would become one, where it may name each once."""

    code = "merge_same_expert"
    message = Bilingual(
        "两家机构都有专家“{name}”，且两条记录同在一项对接中。请先办结其中一项。",
        "Both organisations have an expert {name}, both being introduced to one need. Settle one of the two first.",
    )


class DifferentCodesError(ConflictError):
    """Two right credit codes are two legal persons."""

    code = "merge_different_codes"
    message = Bilingual(
        "两家机构的统一社会信用代码不同（{kept} 与 {other}），不是同一法人。如确有一处有误，请先更正。",
        "Their credit codes differ ({kept} and {other}): they are two legal persons. Correct the wrong one first.",
    )


@transaction.atomic
def organisations_merge(*, actor: Actor, candidate_id: int, keep_id: UUID, at: datetime) -> Organisation:
    """Make one organisation of two: everything of the other moves to the kept one, which the other then points to."""
    require(actor, "registry.merge_organisations")
    pair = {row.id: row for row in _locked_pair(candidate_id)}
    if keep_id not in pair:
        raise InvalidError({"keep": [Bilingual("请选择要保留的机构", "Choose which one to keep")]})
    kept = pair.pop(keep_id)
    (other,) = pair.values()
    if kept.credit_code and other.credit_code:
        raise DifferentCodesError(kept=kept.credit_code, other=other.credit_code)
    before = {"other": str(other.id), "other_name": other.name, "other_credit_code": other.credit_code}
    _move_listings(kept, other)
    _move_experts(kept, other)
    _move_members(kept, other)
    _move_facts(kept, other)
    _fill_blanks(kept, other)
    Organisation.objects.filter(Q(pk=other.pk) | Q(merged_into=other)).update(merged_into=kept, updated_at=Now())
    Organisation.objects.filter(pk=other.pk).update(status=Status.CLOSED, credit_code=None)
    _save_kept(kept)
    MergeCandidate.objects.filter(pk=candidate_id).update(state=MergeCandidate.State.MERGED, decided_at=at)
    _redirect_candidates(kept, other)
    audit_record(
        actor=actor, action="organisations_merge", object_kind="organisation", object_id=kept.id,
        before=before, after={"kept_name": kept.name, "credit_code": kept.credit_code, "status": str(kept.status)},
    )  # fmt: skip
    change_record("organisation", [kept.id, other.id])
    return kept


@transaction.atomic
def merge_reject(*, actor: Actor, candidate_id: int, at: datetime) -> None:
    """Record that the two are different; the pair is not offered again."""
    require(actor, "registry.merge_organisations")
    candidate = _open_candidate(candidate_id)
    MergeCandidate.objects.filter(pk=candidate.pk).update(state=MergeCandidate.State.REJECTED, decided_at=at)
    audit_record(
        actor=actor, action="merge_reject", object_kind="organisation", object_id=candidate.first_id,
        after={"other": str(candidate.second_id)},
    )  # fmt: skip


def _open_candidate(candidate_id: int) -> MergeCandidate:
    candidate = MergeCandidate.objects.select_for_update().filter(pk=candidate_id).first()
    if candidate is None:
        raise NotFoundError(what=Bilingual("合并建议", "merge proposal"))
    if candidate.state != MergeCandidate.State.OPEN:
        raise ConflictError
    return candidate


def _locked_pair(candidate_id: int) -> list[Organisation]:
    # Organisations first, by id, then the proposal: a merger rewrites other proposals about its organisations, so
    # whoever holds a proposal must hold these already, or two mergers would wait for each other.
    ids = MergeCandidate.objects.filter(pk=candidate_id).values_list("first_id", "second_id").first() or ()
    rows = list(Organisation.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    candidate = _open_candidate(candidate_id)
    if {row.pk for row in rows} != {candidate.first_id, candidate.second_id}:
        raise ConflictError
    if any(row.merged_into_id for row in rows):
        raise ConflictError
    return rows


def _move_listings(kept: Organisation, other: Organisation) -> None:
    for model in (Need, Resource):
        rows: list[Any] = list(model.objects.select_for_update().filter(organisation__in=[kept, other]).order_by("pk"))
        mine = {_natural_key(listing) for listing in rows if listing.organisation_id == kept.pk}
        for listing in rows:
            if listing.organisation_id == other.pk and _natural_key(listing) in mine:
                raise SameTitleError(title=listing.title)
        model.objects.filter(organisation=other).update(organisation=kept, updated_at=Now())


def _natural_key(listing: Need | Resource) -> tuple[str, str, str]:
    return (listing.kind, "number", listing.number) if listing.number else (listing.kind, "title", listing.title)


def _move_experts(kept: Organisation, other: Organisation) -> None:
    known = {expert.name: expert for expert in Expert.objects.filter(organisation=kept)}
    for expert in Expert.objects.filter(organisation=other):
        if twin := known.get(expert.name):
            _move_references(twin, expert)
            _move_provenances("expert", twin.pk, expert.pk)
            change_record("expert", [expert.pk])
            expert.delete()
        else:
            Expert.objects.filter(pk=expert.pk).update(organisation=kept)


def _move_references(kept: Expert, other: Expert) -> None:
    """Have every record that refers to the other expert refer to the kept one, whichever room it stands in."""
    for relation in Expert._meta.related_objects:
        rows = relation.related_model._default_manager.filter(**{relation.field.name: other})
        try:
            with transaction.atomic():
                rows.update(**{relation.field.name: kept})
        except IntegrityError as error:
            raise SameExpertError(name=kept.name) from error


def _move_members(kept: Organisation, other: Organisation) -> None:
    """Move memberships; who belongs to both keeps the higher right of the two."""
    active = Membership.State.ACTIVE
    held = {row.user_id: row for row in Membership.objects.filter(organisation=kept)}
    for row in Membership.objects.filter(organisation=other):
        twin = held.get(row.user_id)
        if twin is None:
            Membership.objects.filter(pk=row.pk).update(organisation=kept)
            continue
        if row.state == active:
            owns = Membership.Role.OWNER in (row.role, twin.role)
            twin.role = Membership.Role.OWNER if owns else Membership.Role.EDITOR
            twin.state = active
            twin.save(update_fields=["role", "state"])
        row.delete()


def _move_facts(kept: Organisation, other: Organisation) -> None:
    held = set(OrganisationAttribute.objects.filter(organisation=kept).values_list("code", "period"))
    for row in OrganisationAttribute.objects.filter(organisation=other):
        if (row.code, row.period) not in held:
            row.organisation = kept
            row.save(update_fields=["organisation"])
    # A label that the kept one holds at the time stays as it is; the database itself judges overlap.
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE registry_organisationlabel moved SET organisation_id = %s WHERE organisation_id = %s
               AND NOT EXISTS (SELECT 1 FROM registry_organisationlabel held WHERE held.organisation_id = %s
                   AND held.label = moved.label AND daterange(held.valid_from, held.valid_until, '[]')
                       && daterange(moved.valid_from, moved.valid_until, '[]'))""",
            [kept.pk, other.pk, kept.pk],
        )
    OrganisationLabel.objects.filter(organisation=other).delete()
    _move_provenances("organisation", kept.pk, other.pk)


def _move_provenances(object_kind: str, kept_id: UUID, other_id: UUID) -> None:
    rows = Provenance.objects.filter(object_kind=object_kind)
    held = rows.filter(object_id=kept_id).values("source")
    rows.filter(object_id=other_id).exclude(source__in=held).update(object_id=kept_id)


_FILLED = ("name_en", "address", "industry", "sector", "website", "summary", "stock_code",
           "contact_name", "contact_phone", "contact_email", "products", "tags", "credit_code")  # fmt: skip


def _fill_blanks(kept: Organisation, other: Organisation) -> None:
    for name in _FILLED:
        if not getattr(kept, name) and getattr(other, name):
            setattr(kept, name, getattr(other, name))
    # City, placement and seat are one fact: taken together or not at all.
    if kept.placement == Placement.UNKNOWN:
        kept.city_id, kept.placement, kept.seat = other.city_id, other.placement, kept.seat or other.seat
    # What either was accepted for stays accepted: published listings need a published organisation.
    if other.status == Status.PUBLISHED:
        kept.status = Status.PUBLISHED


def _save_kept(kept: Organisation) -> None:
    kept.save(update_fields=[*_FILLED, "city", "placement", "seat", "status"])
    Organisation.objects.filter(pk=kept.pk).update(updated_at=Now())


def _redirect_candidates(kept: Organisation, other: Organisation) -> None:
    """Have open proposals about the other one speak of the kept one; drop those that are settled already."""
    about = MergeCandidate.objects.filter(Q(first=other) | Q(second=other), state=MergeCandidate.State.OPEN)
    for candidate in about:
        third = candidate.second_id if candidate.first_id == other.pk else candidate.first_id
        first, second = sorted((kept.pk, third))
        if MergeCandidate.objects.filter(first=first, second=second).exists():
            candidate.delete()
        else:
            MergeCandidate.objects.filter(pk=candidate.pk).update(first=first, second=second)
