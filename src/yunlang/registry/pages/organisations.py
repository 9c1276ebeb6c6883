"""The directory of organisations, and one organisation's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import is_signed_in, may, require
from yunlang.kit.language import Bilingual
from yunlang.registry.core.fields import ATTRIBUTES
from yunlang.registry.core.kinds import INDUSTRIES, LABELS, ORGANISATION_TYPES, PLACEMENTS
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Membership, Organisation, OrganisationLabel, Resource
from yunlang.registry.pages.facts import facts, row_figure
from yunlang.registry.pages.history import history
from yunlang.registry.pages.parameters import (
    Chip,
    address_without,
    carried,
    chips,
    chosen,
    city_labels,
    facet,
    free_text,
    page_of,
    sort_options,
)
from yunlang.registry.pages.registration import organisation_steps
from yunlang.registry.pages.shelves import NEEDS, RESOURCES, Shelf
from yunlang.registry.selectors.facets import Facets
from yunlang.registry.selectors.listings import ListingFilters, facet_counts, listings, listings_sorted
from yunlang.registry.selectors.organisations import (
    ExpertFilters,
    OrganisationFilters,
    experts,
    organisation_facets,
    organisation_get,
    organisations,
    organisations_of_actor,
    provenance_of,
)
from yunlang.registry.services.organisations import FORM_FIELDS

SORTS = {"name": Bilingual("名称", "name"), "updated": Bilingual("最近更新", "recently changed")}
_SHOWN = 6
# Shown in places of their own on the page.
_PLACED = {
    "name",
    "type",
    "city",
    "seat",
    "summary",
    "products",
    "tags",
    "contact_name",
    "contact_phone",
    "contact_email",
}


def organisation_name(organisation_id: UUID) -> str:
    """Return the name of a published organisation for a chip; others stay unnamed."""
    query = Organisation.objects.filter(pk=organisation_id, status=Status.PUBLISHED)
    return query.values_list("name", flat=True).first() or gettext("某一机构")


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Show the published organisations, narrowed by the address."""
    labels = city_labels()
    filters = OrganisationFilters(
        types=chosen(request.GET, "type", ORGANISATION_TYPES),
        cities=chosen(request.GET, "city", labels),
        industries=chosen(request.GET, "industry", INDUSTRIES),
        labels=chosen(request.GET, "label", LABELS),
        placements=chosen(request.GET, "placement", PLACEMENTS),
        name=free_text(request.GET, "name"),
    )
    sort = request.GET.get("sort", "")
    rows = organisations(filters).prefetch_related("labels")
    counts = organisation_facets(filters)
    rows = rows.order_by("-updated_at", "id") if sort == "updated" else rows
    page = page_of(rows, request.GET, count=counts.total)
    context = {
        "page": page,
        "count": page.paginator.count,
        "rows": _rows(page.object_list),
        "facets": _facets(filters, labels, counts),
        "chips": _chips(request, filters, labels),
        "sorts": sort_options(SORTS, sort),
        "name": filters.name,
        "carried": carried(request, "name"),
        "may_register": is_signed_in(request.user) and may(request.user, "registry.create_organisation"),
    }
    return render(request, "registry/organisation_list.html", context)


def _rows(found: Iterable[Organisation]) -> list[tuple[Organisation, list[str], int]]:
    rows = list(found)
    counts = _resource_counts([row.pk for row in rows])
    today = timezone.localdate()
    return [
        (row, [held.label for held in row.labels.all() if _is_valid(held, today)], counts.get(row.pk, 0))
        for row in rows
    ]


def _resource_counts(ids: list[UUID]) -> Mapping[UUID, int]:
    query = Resource.objects.filter(organisation__in=ids, status=Status.PUBLISHED).order_by()
    return dict(query.values_list("organisation").annotate(count=Count("pk")))


def _is_valid(held: OrganisationLabel, today: date) -> bool:
    return (held.valid_from is None or held.valid_from <= today) and (
        held.valid_until is None or held.valid_until >= today
    )


def _facets(filters: OrganisationFilters, labels: dict[str, Bilingual], counts: Facets) -> list[dict[str, Any]]:
    return [
        facet(Bilingual("类型", "Type"), "type", ORGANISATION_TYPES, counts["type"], filters.types),
        facet(Bilingual("城市", "City"), "city", labels, counts["city"], filters.cities, whole=True),
        facet(Bilingual("所在地", "Seat"), "placement", PLACEMENTS, counts["placement"], filters.placements),
        facet(Bilingual("产业", "Industry"), "industry", INDUSTRIES, counts["industry"], filters.industries),
        facet(Bilingual("资质", "Label"), "label", LABELS, counts["label"], filters.labels),
    ]


def _chips(request: HttpRequest, filters: OrganisationFilters, labels: dict[str, Bilingual]) -> list[Chip]:
    found = [
        *chips(request, "type", filters.types, ORGANISATION_TYPES),
        *chips(request, "city", filters.cities, labels),
        *chips(request, "placement", filters.placements, PLACEMENTS),
        *chips(request, "industry", filters.industries, INDUSTRIES),
        *chips(request, "label", filters.labels, LABELS),
    ]
    if filters.name:
        found.append(Chip(filters.name, address_without(request, "name")))
    return found


@require_safe
def organisation_detail(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show one organisation, what it holds and what it has published."""
    organisation = organisation_get(organisation_id)
    require(request.user, "registry.view_organisation", organisation)
    values = {spec.name: getattr(organisation, spec.name) for spec in FORM_FIELDS}
    people = experts(ExpertFilters(organisation_id=organisation.pk))
    today = timezone.localdate()
    context = {
        "organisation": organisation,
        "facts": facts([spec for spec in FORM_FIELDS if spec.name not in _PLACED], values),
        "labels": [(held, _is_valid(held, today)) for held in organisation.labels.all()],
        "attributes": [(ATTRIBUTES.get(row.code, row.code), row) for row in organisation.attributes.all()],
        "groups": [group for shelf in (NEEDS, RESOURCES) if (group := _published(shelf, organisation))],
        "experts": people[:_SHOWN],
        "expert_count": people.count(),
        "may_edit": may(request.user, "registry.edit_organisation", organisation) and organisation.merged_into is None,
        "steps": organisation_steps(request.user, organisation),
        "membership": _membership(request.user, organisation),
        "may_join": _may_join(request.user, organisation),
        "may_see_contact": may(request.user, "registry.view_contact"),
        "provenances": provenance_of("organisation", organisation.pk),
        "deeds": history(request.user, organisation, "organisation", FORM_FIELDS),
    }
    return render(request, "registry/organisation_detail.html", context)


def _published(shelf: Shelf, organisation: Organisation) -> dict[str, Any] | None:
    """Return the count by kind and the latest of what an organisation has published on one shelf."""
    filters = ListingFilters(organisation_id=organisation.pk, facets=("kind",))
    counts = facet_counts(shelf.model, filters)["kind"]
    if not counts:
        return None
    latest = listings_sorted(listings(shelf.model, filters), "newest")[:_SHOWN]
    address = f"{shelf.list_url}?organisation={organisation.pk}"
    return {
        "shelf": shelf,
        "count": sum(counts.values()),
        "kinds": [
            (label, counts[kind], f"{address}&kind={kind}") for kind, label in shelf.kinds.items() if kind in counts
        ],
        "rows": [(listing, shelf.url(listing), row_figure(listing)) for listing in latest],
        "all_url": address,
    }


def _membership(actor: Any, organisation: Organisation) -> Membership | None:
    if not is_signed_in(actor):
        return None
    mine = organisations_of_actor(actor)
    return next((row for row in mine if row.organisation_id == organisation.pk), None)


def _may_join(actor: Any, organisation: Organisation) -> bool:
    """Offer joining to whoever may, except the office, which needs no membership."""
    return (
        organisation.merged_into is None
        and may(actor, "registry.join_organisation", organisation)
        and not may(actor, "registry.review_organisation", organisation)
    )
