"""The pages of one need and one resource."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Resource
from yunlang.registry.pages.facts import facts, row_figure
from yunlang.registry.pages.history import history
from yunlang.registry.pages.shelves import NEEDS, RESOURCES, Shelf
from yunlang.registry.pages.steps import steps_for
from yunlang.registry.selectors.listings import ListingFilters, listing_get, listings, listings_sorted
from yunlang.registry.selectors.organisations import provenance_of
from yunlang.registry.services.discarding import NotDiscardableError, is_discardable, listing_discard
from yunlang.registry.services.listings import listing_fields, listing_values

_RELATED = 5
# Shown in places of their own on the page.
_PLACED = {"title", "description", "summary", "kind", "city", "tags", "expert"}


@require_safe
def listing_detail(request: HttpRequest, shelf: Shelf, listing_id: UUID) -> HttpResponse:
    """Show one listing to whoever may see it, and the steps that the reader may take with it."""
    listing = listing_get(shelf.model, listing_id)
    require(request.user, "registry.view_listing", listing)
    fields = listing_fields(shelf.model, listing.kind)
    context = {
        "shelf": shelf,
        "listing": listing,
        "organisation": listing.organisation,
        "facts": facts(_rest(fields), listing_values(listing)),
        "story": listing.description if isinstance(listing, Need) else listing.summary,
        "steps": [(action, shelf.step_url(listing, action.step)) for action in steps_for(request.user, listing)],
        "edit_url": shelf.edit_url(listing) if _may_edit(request.user, listing) else "",
        "discard_url": shelf.discard_url(listing) if may_discard(request.user, listing) else "",
        # Other rooms, above this one: their addresses are known, their code is not.
        "match_url": f"{shelf.url(listing)}match/" if shelf is NEEDS and listing.status == Status.PUBLISHED else "",
        "nominate_url": f"{shelf.url(listing)}nominate/" if _may_nominate(request.user, shelf, listing) else "",
        "may_see_contact": may(request.user, "registry.view_contact"),
        "provenances": provenance_of(shelf.name, listing.pk),
        "deeds": history(request.user, listing, shelf.name, fields),
        "related": _same_organisation(shelf, listing),
        "is_open": listing.status == Status.PUBLISHED,
    }
    return render(request, "registry/listing_detail.html", context)


def _rest(fields: tuple[Field, ...]) -> list[Field]:
    rest = [spec for spec in fields if spec.name not in _PLACED]
    rest.sort(key=lambda spec: spec.name == "number")
    return rest


def may_discard(actor: Any, listing: Need | Resource) -> bool:
    """Tell whether the reader may delete the listing as it stands."""
    return is_discardable(listing) and may(actor, "registry.edit_listing", listing)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_discard_page(request: HttpRequest, shelf: Shelf, listing_id: UUID) -> HttpResponse:
    """Ask whether a draft is to be deleted, and delete it."""
    listing = listing_get(shelf.model, listing_id)
    require(request.user, "registry.edit_listing", listing)
    if request.method == "POST":
        listing_discard(actor=request.user, model=shelf.model, listing_id=listing_id)
        messages.success(request, gettext("草稿已删除。"))
        return redirect("registry:workbench")
    if not is_discardable(listing):
        raise NotDiscardableError
    return render(
        request,
        "registry/listing_discard.html",
        {"shelf": shelf, "listing": listing, "listing_url": shelf.url(listing)},
    )


def _may_edit(actor: Any, listing: Need | Resource) -> bool:
    return listing.status == Status.DRAFT and may(actor, "registry.edit_listing", listing)


def _may_nominate(actor: Any, shelf: Shelf, listing: Need | Resource) -> bool:
    """Tell whether the reader may put the need forward to a call; open challenges are another room above this one."""
    is_need = shelf is NEEDS and listing.status == Status.PUBLISHED
    return is_need and may(actor, "registry.close_listing", listing)


def _same_organisation(shelf: Shelf, listing: Need | Resource) -> list[dict[str, Any]]:
    """Return what else the organisation has published, the reader's own kind first."""
    filters = ListingFilters(organisation_id=listing.organisation_id)
    groups = []
    for other in (shelf, RESOURCES if shelf is NEEDS else NEEDS):
        query = listings_sorted(listings(other.model, filters).exclude(pk=listing.pk), "newest")
        found = list(query[: _RELATED + 1])
        if found:
            groups.append(
                {
                    "title": Bilingual(f"该机构的{other.noun.zh}", f"Its {other.noun.en}s"),
                    "rows": [(one, other.url(one), row_figure(one)) for one in found[:_RELATED]],
                    "vocabulary": other.vocabulary,
                    "all_url": f"{other.list_url}?organisation={listing.organisation_id}"
                    if len(found) > _RELATED
                    else "",
                }
            )
    return groups
