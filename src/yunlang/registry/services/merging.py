"""Two organisations that are one: offered on import, decided by the corridor office."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.changes import change_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import (
    Expert,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Resource,
)


class SameTitleError(ConflictError):
    """Both organisations list something of one kind and title."""

    code = "merge_same_title"
    message = Bilingual(
        "两家机构有同类同名的记录：{title}。请先处理其中一条。",
        "Both organisations list the same title: {title}. Settle one of them first.",
    )


@transaction.atomic
def organisations_merge(*, actor: Actor, candidate_id: int, keep_id: UUID, at: datetime) -> Organisation:
    """Make one organisation of two: everything of the other moves to the kept one, which the other then points to."""
    require(actor, "registry.merge_organisations")
    candidate = _open_candidate(candidate_id)
    pair = {row.id: row for row in _locked_pair(candidate)}
    if keep_id not in pair:
        raise InvalidError({"keep": [Bilingual("请选择要保留的机构", "Choose which one to keep")]})
    kept = pair.pop(keep_id)
    (other,) = pair.values()
    _move_listings(kept, other)
    _move_experts(kept, other)
    _move_facts(kept, other)
    _fill_blanks(kept, other)
    Organisation.objects.filter(pk=other.pk).update(
        merged_into=kept, status=Status.CLOSED, credit_code=None, updated_at=Now()
    )
    _save_kept(kept)
    MergeCandidate.objects.filter(pk=candidate.pk).update(state=MergeCandidate.State.MERGED, decided_at=at)
    audit_record(
        actor=actor, action="organisations_merge", object_kind="organisation", object_id=kept.id,
        before={"other": str(other.id), "other_name": other.name}, after={"kept_name": kept.name},
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


def _locked_pair(candidate: MergeCandidate) -> list[Organisation]:
    ids = [candidate.first_id, candidate.second_id]
    rows = list(Organisation.objects.select_for_update().filter(pk__in=ids, merged_into=None).order_by("pk"))
    if len(rows) != 2:
        raise ConflictError
    return rows


def _move_listings(kept: Organisation, other: Organisation) -> None:
    for model in (Need, Resource):
        mine = {_natural_key(listing) for listing in model.objects.filter(organisation=kept)}  # type: ignore[attr-defined]
        for listing in model.objects.filter(organisation=other):  # type: ignore[attr-defined]
            if _natural_key(listing) in mine:
                raise SameTitleError(title=listing.title)
        model.objects.filter(organisation=other).update(organisation=kept, updated_at=Now())  # type: ignore[attr-defined]


def _natural_key(listing: Need | Resource) -> tuple[str, str, str]:
    return (listing.kind, "number", listing.number) if listing.number else (listing.kind, "title", listing.title)


def _move_experts(kept: Organisation, other: Organisation) -> None:
    known = {expert.name: expert for expert in Expert.objects.filter(organisation=kept)}
    for expert in Expert.objects.filter(organisation=other):
        if twin := known.get(expert.name):
            Resource.objects.filter(expert=expert).update(expert=twin)
            expert.delete()
        else:
            Expert.objects.filter(pk=expert.pk).update(organisation=kept)


def _move_facts(kept: Organisation, other: Organisation) -> None:
    for model, columns in ((OrganisationAttribute, ("code", "period")), (Membership, ("user_id",))):
        held = set(model.objects.filter(organisation=kept).values_list(*columns))  # type: ignore[attr-defined]
        for row in model.objects.filter(organisation=other):  # type: ignore[attr-defined]
            if tuple(getattr(row, column) for column in columns) not in held:
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


_FILLED = ("name_en", "seat", "address", "industry", "sector", "website", "summary", "stock_code",
           "contact_name", "contact_phone", "contact_email", "products", "tags", "credit_code")  # fmt: skip


def _fill_blanks(kept: Organisation, other: Organisation) -> None:
    for name in _FILLED:
        if not getattr(kept, name) and getattr(other, name):
            setattr(kept, name, getattr(other, name))
    if kept.city_id is None and other.city_id is not None:
        kept.city_id, kept.placement = other.city_id, other.placement


def _save_kept(kept: Organisation) -> None:
    names = [*_FILLED, "city", "placement"]
    kept.save(update_fields=names)
    Organisation.objects.filter(pk=kept.pk).update(updated_at=Now())
