"""The workbench: my organisations and their members, my needs and resources, what came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import is_manager, is_office, may
from yunlang.registry.core.lifecycle import STATUSES, Status
from yunlang.registry.models import Membership
from yunlang.registry.pages.parameters import free_text, page_of
from yunlang.registry.pages.registration import organisation_steps
from yunlang.registry.pages.shelves import NEEDS, SHELVES, Shelf
from yunlang.registry.pages.steps import steps_for
from yunlang.registry.selectors.listings import listings_of_actor, status_counts
from yunlang.registry.selectors.organisations import organisations_like, organisations_of_actor

# What rooms above this one put on the workbench: a template and its context, or None where there is nothing.
Section = tuple[str, dict[str, Any]]
_sections: list[Callable[[HttpRequest], Section | None]] = []


def workbench_section_register(section: Callable[[HttpRequest], Section | None]) -> None:
    """Have `section` shown at the top of the workbench. Called once per process, when apps are ready."""
    if section not in _sections:
        _sections.append(section)


@login_required
@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """Show what the reader looks after and what to do next."""
    memberships = organisations_of_actor(request.user)
    shelf = SHELVES.get(request.GET.get("list", ""), NEEDS)
    status = request.GET.get("status", "")
    status = status if status in STATUSES else ""
    counts = {name: status_counts(listings_of_actor(one.model, request.user)) for name, one in SHELVES.items()}
    mine = listings_of_actor(shelf.model, request.user)
    page = page_of(mine.filter(status=status) if status else mine, request.GET)
    name = free_text(request.GET, "name")
    context = {
        "sections": [shown for section in _sections if (shown := section(request)) is not None],
        "organisations": _with_members(request.user, memberships),
        "acts_for_others": is_office(request.user) or is_manager(request.user),
        "returned": [
            (listing, one.edit_url(listing), one)
            for one in SHELVES.values()
            for listing in _returned(one, request.user)
        ],
        "shelf": shelf,
        "tabs": [(one, sum(counts[key].values()), key == shelf.name) for key, one in SHELVES.items()],
        "statuses": [(key, label, counts[shelf.name].get(key, 0), key == status) for key, label in STATUSES.items()],
        "status": status,
        "total": sum(counts[shelf.name].values()),
        "page": page,
        "count": page.paginator.count,
        "rows": [(listing, shelf.url(listing), _steps(shelf, request.user, listing)) for listing in page.object_list],
        "name": name,
        "found": organisations_like(name) if name else [],
    }
    return render(request, "registry/workbench.html", context)


def _returned(shelf: Shelf, actor: Any) -> list[Any]:
    return list(listings_of_actor(shelf.model, actor).filter(status=Status.DRAFT).exclude(review_note=""))


def _steps(shelf: Shelf, actor: Any, listing: Any) -> list[tuple[Any, str]]:
    """Return the steps a row offers: those that need no second thought and no reason."""
    actions = [
        action for action in steps_for(actor, listing) if not action.asks_note and action.style != "button-danger"
    ]
    return [(action, shelf.step_url(listing, action.step)) for action in actions]


def _with_members(actor: Any, memberships: list[Membership]) -> list[dict[str, Any]]:
    """Return the reader's organisations, with the members of those that the reader administers."""
    kept = [row.organisation for row in memberships if may(actor, "registry.confirm_member", row.organisation)]
    members: dict[UUID, list[Membership]] = defaultdict(list)
    people = Membership.objects.filter(organisation__in=kept).select_related("user")
    for row in people.order_by("-state", "id"):
        members[row.organisation_id].append(row)
    return [
        {
            "membership": row,
            "organisation": row.organisation,
            "members": members.get(row.organisation_id, []),
            "pending": sum(1 for one in members.get(row.organisation_id, []) if one.state == Membership.State.PENDING),
            "may_edit": may(actor, "registry.edit_organisation", row.organisation),
            "steps": organisation_steps(actor, row.organisation),
        }
        for row in memberships
    ]
