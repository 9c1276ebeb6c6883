"""Reads of organisations and experts, their sources and their history."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.models import AuditEntry
from yunlang.kit.text import line_form, name_key
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Expert, Membership, MergeCandidate, Organisation, Provenance
from yunlang.registry.selectors.facets import NO_CITY, Facets, facets_of, in_cities
from yunlang.registry.selectors.listings import holders_of, labels_held


@dataclass(frozen=True, slots=True)
class OrganisationFilters:
    """What a directory shows. Empty means no restriction; `labels_on` is the day labels must be held, else today."""

    types: Sequence[str] = ()
    cities: Sequence[str] = ()
    industries: Sequence[str] = ()
    labels: Sequence[str] = ()
    labels_on: date | None = None
    placements: Sequence[str] = ()
    name: str = ""


def organisations(filters: OrganisationFilters) -> QuerySet[Organisation]:
    """Return the published organisations that pass `filters`, by name."""
    query = _filtered(filters, leave_out=()).select_related("city").defer("city__boundary")
    return query.order_by("name", "id")


def organisation_facets(filters: OrganisationFilters) -> Facets:
    """Count organisations per value of each facet, each under all filters but its own, and those that pass all."""
    chosen = {
        "type": filters.types,
        "city": filters.cities,
        "industry": filters.industries,
        "placement": filters.placements,
    }
    facets = facets_of(_filtered(filters, leave_out=chosen), chosen)
    held = labels_held(filters.labels_on).filter(organisation__in=_filtered(filters, leave_out={"label"}).order_by())
    labels = held.order_by().values("label").annotate(count=Count("organisation", distinct=True))
    return Facets(facets.counts | {"label": {row["label"]: row["count"] for row in labels}}, facets.total)


def _filtered(filters: OrganisationFilters, *, leave_out: Container[str]) -> QuerySet[Organisation]:
    query = Organisation.objects.filter(status=Status.PUBLISHED)
    if filters.types and "type" not in leave_out:
        query = query.filter(type__in=filters.types)
    if filters.cities and "city" not in leave_out:
        query = query.filter(in_cities(filters.cities))
    if filters.industries and "industry" not in leave_out:
        query = query.filter(industry__in=filters.industries)
    if filters.labels and "label" not in leave_out:
        query = query.filter(pk__in=holders_of(filters.labels, filters.labels_on))
    if filters.placements and "placement" not in leave_out:
        query = query.filter(placement__in=filters.placements)
    if name := line_form(filters.name):
        query = query.filter(_named(name))
    return query


def _named(name: str) -> Q:
    """Match a part of the name in either language, whatever the width, brackets or legal form of what was typed."""
    # Folding case is the dear part of looking through all names; Chinese has none.
    holds = "contains" if name.upper() == name.lower() else "icontains"
    literally = Q(**{f"name__{holds}": name}) | Q(**{f"name_en__{holds}": name})
    key = name_key(name)
    return literally | Q(name_key__contains=key) if key else literally


def organisation_get(organisation_id: UUID) -> Organisation:
    """Return one organisation with its labels and figures; one merged into another has that at hand.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    query = Organisation.objects.select_related("city", "merged_into", "merged_into__city")
    query = query.defer("city__boundary", "merged_into__city__boundary")
    found = query.prefetch_related("labels__source", "attributes__source").filter(pk=organisation_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("机构", "organisation"))
    return found


def organisations_like(name: str, *, limit: int = 8) -> list[Organisation]:
    """Return organisations whose name holds what was typed, for choosing one in a form."""
    name = line_form(name)
    if not name:
        return []
    query = Organisation.objects.filter(_named(name), merged_into=None).exclude(status=Status.CLOSED)
    return list(query.select_related("city").defer("city__boundary").order_by("name_key", "id")[:limit])


def organisation_named(text: str) -> Organisation | None:
    """Return the published organisation with this registered name or public id, or None."""
    rows = Organisation.objects.select_related("city").filter(merged_into=None, status=Status.PUBLISHED)
    try:
        return rows.filter(pk=UUID(text)).first()
    except ValueError:
        return rows.filter(name=text).first()


def organisation_of_field(text: str, field: str, reasons: dict[str, list[Bilingual]]) -> Organisation | None:
    """Return the organisation that a form's field names; where there is none, add the reason under the field."""
    found = organisation_named(text)
    if found is None:
        reasons[field] = [
            Bilingual("没有这家机构，请按登记的名称填写", "no such organisation; write its name as registered")
        ]
    return found


def organisations_of_actor(actor: Any) -> list[Membership]:
    """Return the actor's memberships, pending ones too."""
    if actor.actor_id is None:
        return []
    query = Membership.objects.filter(user_id=actor.actor_id).select_related("organisation", "organisation__city")
    return list(query.defer("organisation__city__boundary").order_by("created_at", "id"))


def members_of(organisation: Organisation) -> list[Membership]:
    """Return an organisation's members and those who asked to join."""
    return list(Membership.objects.filter(organisation=organisation).select_related("user").order_by("state", "id"))


def active_members(organisation_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return the accounts that each of the organisations has as members, those who only asked to join left out."""
    members: dict[UUID, set[UUID]] = {organisation_id: set() for organisation_id in organisation_ids}
    active = Membership.objects.filter(organisation__in=organisation_ids, state=Membership.State.ACTIVE)
    for organisation_id, user_id in active.values_list("organisation_id", "user_id"):
        members[organisation_id].add(user_id)
    return members


def organisations_in_review() -> list[Organisation]:
    """Return registrations that wait for the corridor office, oldest first."""
    query = Organisation.objects.filter(status=Status.IN_REVIEW).select_related("city").defer("city__boundary")
    return list(query.order_by("created_at", "id"))


def merge_candidates() -> QuerySet[MergeCandidate]:
    """Return the open pairs, oldest first."""
    query = MergeCandidate.objects.filter(state=MergeCandidate.State.OPEN)
    query = query.select_related("first", "second", "first__city", "second__city")
    return query.defer("first__city__boundary", "second__city__boundary").order_by("id")


@dataclass(frozen=True, slots=True)
class ExpertFilters:
    """What the list of experts shows."""

    cities: Sequence[str] = ()
    industries: Sequence[str] = ()
    organisation_id: UUID | None = None
    name: str = ""


def experts(filters: ExpertFilters) -> QuerySet[Expert]:
    """Return the published experts that pass `filters`, by name, with the count of their resources."""
    query = _experts_filtered(filters, leave_out="").select_related("organisation", "organisation__city")
    query = query.defer("organisation__city__boundary")
    published = Q(resources__status=Status.PUBLISHED)
    return query.annotate(resource_count=Count("resources", filter=published)).order_by("name", "id")


def expert_facets(filters: ExpertFilters) -> dict[str, dict[str, int]]:
    """Count experts per city and industry, each under all filters but its own."""
    counts: dict[str, dict[str, int]] = {}
    for facet, column in (("city", "organisation__city"), ("industry", "industry")):
        rows = _experts_filtered(filters, leave_out=facet).order_by().values(column).annotate(count=Count("pk"))
        counts[facet] = {str(row[column] or NO_CITY): row["count"] for row in rows if row[column] or facet == "city"}
    return counts


def _experts_filtered(filters: ExpertFilters, *, leave_out: str) -> QuerySet[Expert]:
    query = Expert.objects.filter(status=Status.PUBLISHED)
    if filters.cities and leave_out != "city":
        query = query.filter(in_cities(filters.cities, "organisation__city"))
    if filters.industries and leave_out != "industry":
        query = query.filter(industry__in=filters.industries)
    if filters.organisation_id:
        query = query.filter(organisation_id=filters.organisation_id)
    if name := line_form(filters.name):
        query = query.filter(name__icontains=name)
    return query


def expert_get(expert_id: UUID) -> Expert:
    """Return one expert with organisation.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    query = Expert.objects.select_related("organisation", "organisation__city").defer("organisation__city__boundary")
    found = query.filter(pk=expert_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("专家", "expert"))
    return found


def provenance_of(object_kind: str, object_id: UUID) -> list[Provenance]:
    """Return where a record came from."""
    query = Provenance.objects.filter(object_kind=object_kind, object_id=object_id).select_related("source")
    return list(query.order_by("imported_at", "id"))


def person_of(entry: AuditEntry) -> str:
    """Return who acted, by name alone: the address beside it is kept for those who audit."""
    return entry.actor_name.split(" <")[0]


def history_of(object_kind: str, object_id: UUID) -> QuerySet[AuditEntry]:
    """Return what was done to a record, latest first."""
    return AuditEntry.objects.filter(object_kind=object_kind, object_id=str(object_id)).order_by("-id")
