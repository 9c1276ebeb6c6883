"""Reads of needs and resources: filtered, counted by facet, sorted, paged."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from yunlang.accounts.permissions import is_manager, is_office
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, OrganisationLabel, Resource
from yunlang.registry.permissions import memberships_of
from yunlang.registry.selectors.facets import Facets, facets_of, in_cities

SORTS: dict[str, tuple[Bilingual, tuple[Any, ...]]] = {
    "newest": (Bilingual("最新发布", "newest"), ("-published_at", "id")),
    "deadline": (Bilingual("截止日期", "deadline"), ("_end", "id")),
    "amount": (Bilingual("金额从高到低", "largest amount"), (F("_amount").desc(nulls_last=True), "id")),
}


@dataclass(frozen=True, slots=True)
class ListingFilters:
    """What a list shows. Empty means no restriction; `labels_on` is the day the labels must be held, else today."""

    kinds: Sequence[str] = ()
    cities: Sequence[str] = ()
    industries: Sequence[str] = ()
    tags: Sequence[str] = ()
    labels: Sequence[str] = ()
    labels_on: date | None = None
    organisation_id: UUID | None = None
    trl_minimum: int | None = None
    amount_maximum: Decimal | None = None
    statuses: Sequence[str] = (Status.PUBLISHED,)
    facets: Sequence[str] = field(default=("kind", "city", "industry"))


def listings(model: type[Need] | type[Resource], filters: ListingFilters) -> QuerySet[Any]:
    """Return the listings that pass `filters`, with organisation and city at hand, unsorted."""
    return _with_places(_filtered(model, filters, leave_out=()))


def _with_places(query: QuerySet[Any]) -> QuerySet[Any]:
    """Join organisation and city, without the boundaries, which are far larger than all the rest."""
    query = query.select_related("organisation", "organisation__city", "city")
    return query.defer("city__boundary", "organisation__city__boundary")


def holders_of(labels: Sequence[str], on: date | None) -> QuerySet[Any]:
    """Return the ids of organisations that hold one of `labels` on a day, today where None."""
    return labels_held(on).filter(label__in=labels).values("organisation")


def labels_held(on: date | None) -> QuerySet[OrganisationLabel]:
    """Return the labels held on a day, today where None."""
    day = on or timezone.localdate()
    begun = Q(valid_from=None) | Q(valid_from__lte=day)
    lasting = Q(valid_until=None) | Q(valid_until__gte=day)
    return OrganisationLabel.objects.filter(begun, lasting)


def listings_sorted(query: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Sort by one of `SORTS`; an unknown name means newest first."""
    is_need = query.model is Need
    query = query.annotate(
        _end=F("deadline" if is_need else "valid_until"), _amount=F("budget" if is_need else "price")
    )
    order = SORTS.get(sort, SORTS["newest"])[1]
    return query.order_by(*[F("_end").asc(nulls_last=True) if key == "_end" else key for key in order])


def facet_counts(model: type[Need] | type[Resource], filters: ListingFilters) -> Facets:
    """Count listings per value of each facet, each under all filters but its own, and those that pass all."""
    chosen = {"kind": filters.kinds, "city": filters.cities, "industry": filters.industries}
    facets = {facet: chosen[facet] for facet in filters.facets}
    return facets_of(_filtered(model, filters, leave_out=facets), facets)


def _filtered(
    model: type[Need] | type[Resource], filters: ListingFilters, *, leave_out: Container[str]
) -> QuerySet[Any]:
    query: QuerySet[Any] = model.objects.filter(status__in=filters.statuses)
    if filters.kinds and "kind" not in leave_out:
        query = query.filter(kind__in=filters.kinds)
    if filters.cities and "city" not in leave_out:
        query = query.filter(in_cities(filters.cities))
    if filters.industries and "industry" not in leave_out:
        query = query.filter(industry__in=filters.industries)
    if filters.tags:
        query = query.filter(tags__contains=list(filters.tags))
    if filters.labels:
        query = query.filter(organisation__in=holders_of(filters.labels, filters.labels_on))
    if filters.organisation_id:
        query = query.filter(organisation_id=filters.organisation_id)
    if filters.trl_minimum is not None and model is Resource:
        query = query.filter(trl__gte=filters.trl_minimum)
    if filters.amount_maximum is not None:
        query = query.filter(**{("price" if model is Resource else "budget") + "__lte": filters.amount_maximum})
    return query


def listing_get(model: type[Need] | type[Resource], listing_id: UUID) -> Any:
    """Return one listing with all that its page shows; whether the reader may see it is for `require` to say.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    query = _with_places(model.objects.all()).select_related("created_by", *(["expert"] if model is Resource else []))
    found = query.filter(pk=listing_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该记录", "this record"))
    return found


def listings_of_actor(model: type[Need] | type[Resource], actor: Any) -> QuerySet[Any]:
    """Return everything the actor looks after: own organisations' listings and those made on others' behalf."""
    mine = Q(organisation__in=list(memberships_of(actor)))
    if actor.actor_id is not None and (is_manager(actor) or is_office(actor)):
        mine |= Q(created_by_id=actor.actor_id)
    return _with_places(model.objects.filter(mine)).order_by("-updated_at", "id")


def review_queue() -> dict[str, list[Any]]:
    """Return what waits for the corridor office, oldest first."""
    queue: dict[str, list[Any]] = {}
    for name, model in (("need", Need), ("resource", Resource)):
        waiting = _with_places(model.objects.filter(status=Status.IN_REVIEW))
        queue[name] = list(waiting.order_by("updated_at", "id"))
    return queue


def latest_needs(count: int) -> list[Need]:
    """Return the needs published last."""
    query = _with_places(Need.objects.filter(status=Status.PUBLISHED))
    return list(query.order_by("-published_at", "id")[:count])


def status_counts(query: QuerySet[Any]) -> Mapping[str, int]:
    """Count a set of listings by status."""
    return {row["status"]: row["count"] for row in query.order_by().values("status").annotate(count=Count("pk"))}
