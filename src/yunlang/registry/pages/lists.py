"""The lists of needs and resources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.kit.language import Bilingual
from yunlang.kit.money import MoneyError, money_label, parse_money
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.core.lifecycle import STATUSES, Status
from yunlang.registry.models import Need
from yunlang.registry.pages.facts import row_figure
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
from yunlang.registry.pages.shelves import Shelf
from yunlang.registry.selectors.listings import SORTS, ListingFilters, facet_counts, listings, listings_sorted

_OPEN = {str(status): STATUSES[status] for status in (Status.PUBLISHED, Status.CLOSED, Status.EXPIRED)}
_LEVELS = [str(level) for level in range(1, 10)]


@require_safe
def listing_list(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    """Show what is published, narrowed by the address."""
    labels = city_labels()
    filters, amount_error = _filters(request.GET, shelf, labels)
    sort = request.GET.get("sort", "")
    counts = facet_counts(shelf.model, filters)
    rows = listings_sorted(listings(shelf.model, filters), sort)
    page = page_of(rows, request.GET, count=counts.total)
    context = {
        "shelf": shelf,
        "page": page,
        "count": page.paginator.count,
        "rows": [(listing, shelf.url(listing), row_figure(listing)) for listing in page.object_list],
        "facets": [
            facet(Bilingual("类型", "Kind"), "kind", shelf.kinds, counts["kind"], filters.kinds),
            facet(Bilingual("城市", "City"), "city", labels, counts["city"], filters.cities, whole=True),
            facet(Bilingual("产业", "Industry"), "industry", INDUSTRIES, counts["industry"], filters.industries),
        ],
        "cities_shown": _held(counts["city"], filters.cities, labels),
        "chips": _chips(request, shelf, filters, labels),
        "sorts": sort_options({name: label for name, (label, _) in SORTS.items()}, sort),
        "statuses": [(status, label, status in filters.statuses) for status, label in _OPEN.items()],
        "levels": _levels(shelf, filters),
        "amount": free_text(request.GET, "amount"),
        "amount_error": amount_error,
        "carried": carried(request, "trl", "amount", "status"),
    }
    return render(request, "registry/listing_list.html", context)


def _levels(shelf: Shelf, filters: ListingFilters) -> list[tuple[str, bool]]:
    if shelf.model is Need:
        return []
    return [(level, level == str(filters.trl_minimum)) for level in _LEVELS]


def _held(counts: dict[str, int], picked: Any, labels: dict[str, Bilingual]) -> int:
    shown = picked or labels
    return sum(1 for city in shown if city != "none" and counts.get(city))


def _filters(query: QueryDict, shelf: Shelf, labels: dict[str, Bilingual]) -> tuple[ListingFilters, Bilingual | None]:
    amount, amount_error = _amount(query)
    tag = free_text(query, "tag")
    level = query.get("trl", "")
    filters = ListingFilters(
        kinds=chosen(query, "kind", shelf.kinds),
        cities=chosen(query, "city", labels),
        industries=chosen(query, "industry", INDUSTRIES),
        tags=(tag,) if tag else (),
        organisation_id=chosen_id(query, "organisation"),
        trl_minimum=int(level) if level in _LEVELS and shelf.model is not Need else None,
        amount_maximum=amount,
        statuses=chosen(query, "status", _OPEN) or (Status.PUBLISHED,),
    )
    return filters, amount_error


def _amount(query: QueryDict) -> tuple[Decimal | None, Bilingual | None]:
    text = free_text(query, "amount")
    try:
        return (parse_money(text) if text else None), None
    except MoneyError as error:
        return None, error.reason


def _chips(request: HttpRequest, shelf: Shelf, filters: ListingFilters, labels: dict[str, Bilingual]) -> list[Chip]:
    found = [
        *chips(request, "kind", filters.kinds, shelf.kinds),
        *chips(request, "city", filters.cities, labels),
        *chips(request, "industry", filters.industries, INDUSTRIES),
        *[Chip(tag, address_without(request, "tag")) for tag in filters.tags],
    ]
    if filters.statuses != (Status.PUBLISHED,):
        found += chips(request, "status", filters.statuses, _OPEN)
    if filters.trl_minimum is not None:
        found.append(Chip(f"TRL ≥ {filters.trl_minimum}", address_without(request, "trl")))
    if filters.amount_maximum is not None:
        most = Bilingual(*(money_label(filters.amount_maximum, language) for language in ("zh", "en")))
        label = Bilingual(f"{shelf.amount.zh}不超过 {most.zh}", f"{shelf.amount.en.capitalize()} up to {most.en}")
        found.append(Chip(label, address_without(request, "amount")))
    if filters.organisation_id:
        found.append(Chip(organisation_name(filters.organisation_id), address_without(request, "organisation")))
    return found
