"""Reads of introductions and tasks: what the actor may see, counted, sorted, with all that a row shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from yunlang.accounts.models import User
from yunlang.accounts.permissions import is_auditor, is_manager, is_office, is_signed_in, may, require
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import OPEN, Status
from yunlang.deals.models import OFFER_KINDS, Introduction, Task
from yunlang.deals.pairs import pair_check, pair_of
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_JOINED = (
    "need__organisation__merged_into", "resource__organisation__merged_into", "expert__organisation__merged_into",
    "organisation__merged_into", "manager", "proposed_by",
)  # fmt: skip
_OFFERING = ("need__organisation", "resource__organisation", "expert__organisation", "organisation")


def introductions_visible(actor: Any) -> QuerySet[Introduction]:
    """Return the introductions that the actor may see, the latest first; the same that `deals.view` lets through."""
    rows = Introduction.objects.select_related(*_JOINED).order_by("-proposed_at", "id")
    if is_office(actor) or is_auditor(actor):
        return rows
    if not is_signed_in(actor):
        return rows.none()
    seen = Q(proposed_by_id=actor.actor_id)
    if mine := list(memberships_of(actor)):
        for party in _OFFERING:
            seen |= Q(**{f"{party}__in": mine}) | Q(**{f"{party}__merged_into__in": mine})
    if is_manager(actor):
        seen |= Q(manager=None) | Q(manager_id=actor.actor_id)
    return rows.filter(seen)


def introduction_get(actor: Any, introduction_id: UUID) -> Introduction:
    """Return one introduction.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = Introduction.objects.select_related(*_JOINED).filter(pk=introduction_id).first()
    if found is None or not may(actor, "deals.view", found):
        raise NotFoundError(what=Bilingual("该对接", "this introduction"))
    return found


def introduction_draft(actor: Any, need_id: UUID, offer_kind: str, offer_id: UUID) -> Introduction:
    """Return what an introduction of these two would be, unsaved, for a form to show.

    Raises
    ------
    NotFoundError, NotAllowedError, NotOfferedError, SameOrganisationError
    """
    draft = Introduction(**pair_of(need_id, offer_kind, offer_id))
    require(actor, "deals.propose", draft)
    pair_check(draft)
    return draft


def introduction_status_counts(query: QuerySet[Introduction]) -> Mapping[str, int]:
    """Count introductions by status."""
    return {row["status"]: row["count"] for row in query.order_by().values("status").annotate(count=Count("pk"))}


def introductions_alive(actor: Any, need_id: UUID, offer_ids: Iterable[str]) -> dict[str, Introduction]:
    """Return a need's introductions that are under way or signed and that the actor may see, by the offer's id."""
    ids = list(offer_ids)
    offered = Q(resource__in=ids) | Q(expert__in=ids) | Q(organisation__in=ids)
    rows = introductions_visible(actor).filter(offered, need=need_id, status__in=[*OPEN, Status.SIGNED])
    return {str(row.offer.pk): row for row in rows.order_by("proposed_at")}


def introductions_graded() -> Iterator[tuple[UUID, str, UUID, Status]]:
    """Yield need, kind of what is offered, its id, and the status of every introduction there ever was."""
    columns = ("need_id", "status", *(f"{kind}_id" for kind in OFFER_KINDS))
    for row in Introduction.objects.order_by("pk").values(*columns).iterator():
        kind = next(kind for kind in OFFER_KINDS if row[f"{kind}_id"] is not None)
        yield row["need_id"], kind, row[f"{kind}_id"], Status(row["status"])


def tasks_open(actor: Any) -> QuerySet[Task]:
    """Return what a manager has to do, the oldest due first: for own introductions, and for those nobody looks after.

    The office is shown only the latter; nobody else has such tasks.
    """
    rows = Task.objects.filter(done_at=None).exclude(introduction__status=Status.DECLINED)
    rows = rows.select_related(*(f"introduction__{name}" for name in _JOINED)).order_by("due", "id")
    if is_manager(actor):
        return rows.filter(Q(introduction__manager_id=actor.actor_id) | Q(introduction__manager=None))
    return rows.filter(introduction__manager=None) if is_office(actor) else rows.none()


def tasks_of_introduction(introduction: Introduction) -> list[Task]:
    """Return an introduction's tasks: those to be done first, by day; then those done, the latest first."""
    return list(introduction.tasks.order_by(F("done_at").desc(nulls_first=True), "due", "id"))


def managers() -> list[User]:
    """Return the technology managers who may be made responsible."""
    return list(User.objects.filter(role=Role.MANAGER, is_active=True).order_by("name", "pk"))
