"""The list of experts, and one expert's page."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import may, require
from yunlang.kit.language import Bilingual
from yunlang.registry.core.fields import EXPERT_FIELDS
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.pages.facts import row_figure
from yunlang.registry.pages.history import history
from yunlang.registry.pages.organisations import organisation_name
from yunlang.registry.pages.parameters import (
    Chip,
    address_without,
    carried,
    chips,
    chosen,
    chosen_id,
    city_labels,
    facet,
    free_text,
    page_of,
    sort_options,
)
from yunlang.registry.pages.shelves import RESOURCES
from yunlang.registry.selectors.listings import ListingFilters, listings, listings_sorted
from yunlang.registry.selectors.organisations import (
    ExpertFilters,
    expert_facets,
    expert_get,
    experts,
    provenance_of,
)

SORTS = {"name": Bilingual("姓名", "name"), "resources": Bilingual("要素最多", "most resources")}


@require_safe
def expert_list(request: HttpRequest) -> HttpResponse:
    """Show the published experts, narrowed by the address."""
    labels = city_labels()
    filters = ExpertFilters(
        cities=chosen(request.GET, "city", labels),
        industries=chosen(request.GET, "industry", INDUSTRIES),
        organisation_id=chosen_id(request.GET, "organisation"),
        name=free_text(request.GET, "name"),
    )
    sort = request.GET.get("sort", "")
    rows = experts(filters)
    if sort == "resources":
        rows = rows.order_by(F("resource_count").desc(), "name", "id")
    page = page_of(rows, request.GET)
    counts = expert_facets(filters)
    context = {
        "page": page,
        "count": page.paginator.count,
        "facets": [
            facet(Bilingual("城市", "City"), "city", labels, counts["city"], filters.cities, whole=True),
            facet(Bilingual("产业", "Industry"), "industry", INDUSTRIES, counts["industry"], filters.industries),
        ],
        "chips": _chips(request, filters, labels),
        "sorts": sort_options(SORTS, sort),
        "name": filters.name,
        "carried": carried(request, "name"),
    }
    return render(request, "registry/expert_list.html", context)


def _chips(request: HttpRequest, filters: ExpertFilters, labels: dict[str, Bilingual]) -> list[Chip]:
    found = [
        *chips(request, "city", filters.cities, labels),
        *chips(request, "industry", filters.industries, INDUSTRIES),
    ]
    if filters.name:
        found.append(Chip(filters.name, address_without(request, "name")))
    if filters.organisation_id:
        found.append(Chip(organisation_name(filters.organisation_id), address_without(request, "organisation")))
    return found


@require_safe
def expert_detail(request: HttpRequest, expert_id: UUID) -> HttpResponse:
    """Show one expert and what the expert stands behind."""
    expert = expert_get(expert_id)
    require(request.user, "registry.view_listing", expert)
    resources = listings(RESOURCES.model, ListingFilters(organisation_id=expert.organisation_id)).filter(expert=expert)
    page = page_of(listings_sorted(resources, "newest"), request.GET)
    context = {
        "expert": expert,
        "organisation": expert.organisation,
        "page": page,
        "count": page.paginator.count,
        "rows": [(resource, RESOURCES.url(resource), row_figure(resource)) for resource in page.object_list],
        "shelf": RESOURCES,
        "may_see_contact": may(request.user, "registry.view_contact"),
        "provenances": provenance_of("expert", expert.pk),
        "deeds": history(request.user, expert, "expert", EXPERT_FIELDS),
    }
    return render(request, "registry/expert_detail.html", context)
