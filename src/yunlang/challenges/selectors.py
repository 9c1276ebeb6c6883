"""Reads of calls, nominations and the published list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Q, QuerySet, Sum, Value, When

from yunlang.accounts.permissions import is_auditor, is_office, is_signed_in, may, require
from yunlang.challenges.core.vocabulary import (
    CALL_STATUSES,
    NOMINATION_STATUSES,
    CallStatus,
    ChallengeStatus,
    NominationStatus,
)
from yunlang.challenges.models import Call, Challenge, Nomination
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need
from yunlang.registry.permissions import memberships_of
from yunlang.registry.selectors.facets import Facets, facets_of

# Budgets by order of magnitude, in CNY: from the lower bound on, below the upper.
BUDGETS: dict[str, tuple[Bilingual, int, int | None]] = {
    "under_1m": (Bilingual("100 万元以下", "under CNY 1 million"), 0, 1_000_000),
    "1m_5m": (Bilingual("100 万–500 万元", "CNY 1–5 million"), 1_000_000, 5_000_000),
    "5m_10m": (Bilingual("500 万–1000 万元", "CNY 5–10 million"), 5_000_000, 10_000_000),
    "from_10m": (Bilingual("1000 万元及以上", "CNY 10 million and more"), 10_000_000, None),
}
FACETS = ("status", "area", "budget_class")
_DECIDED = (NominationStatus.SCREENED_IN, NominationStatus.SCREENED_OUT)
_TOLD = (CallStatus.LISTED, CallStatus.CLOSED)


def _budget_class() -> Case:
    whens = []
    for key, (_, least, below) in BUDGETS.items():
        condition = Q(budget__gte=least) if below is None else Q(budget__gte=least, budget__lt=below)
        whens.append(When(condition, then=Value(key)))
    return Case(*whens, output_field=CharField())


def challenges_listed() -> QuerySet[Challenge]:
    """Return every challenge that was ever published, the latest list first, each list by its numbers."""
    rows = Challenge.objects.annotate(budget_class=_budget_class())
    rows = rows.select_related("call", "nomination__need__organisation__city")
    rows = rows.defer("description", "acceptance_criteria", "call__summary", "nomination__acceptance_criteria",
                      "nomination__need__description", "nomination__need__organisation__city__boundary",
                      "nomination__need__organisation__summary")  # fmt: skip
    return rows.order_by("-published_at", "number", "id")


@dataclass(frozen=True, slots=True)
class ListTotals:
    """What the list comes to: the figures under its heading."""

    count: int
    budget: Decimal
    open: int


def list_totals() -> ListTotals:
    """Return how many challenges were published, what they are worth together, and how many take proposals."""
    open_now, count, budget = 0, 0, Decimal(0)
    for status, number, amount in _by_status():
        count, budget = count + number, budget + amount
        open_now += number if status == ChallengeStatus.PUBLISHED else 0
    return ListTotals(count, budget, open_now)


def _by_status() -> list[tuple[str, int, Decimal]]:
    rows = Challenge.objects.order_by().values_list("status").annotate(Count("pk"), Sum("budget"))
    return [(status, count, amount or Decimal(0)) for status, count, amount in rows]


def challenge_facets(rows: QuerySet[Challenge], chosen: Mapping[str, Sequence[str]]) -> Facets:
    """Count challenges by status, area and budget, each under what is chosen in the others."""
    return facets_of(rows, chosen)


def challenge_get(challenge_id: UUID) -> Challenge:
    """Return one challenge, which is public.

    Raises
    ------
    NotFoundError
    """
    rows = Challenge.objects.select_related("call", "nomination__need__organisation__city")
    found = rows.defer("nomination__need__organisation__city__boundary").filter(pk=challenge_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该榜题", "this challenge"))
    return found


def calls_visible(actor: Any) -> QuerySet[Call]:
    """Return the calls that the actor may see, the latest first: drafts are the office's."""
    rows = Call.objects.order_by("-opens_at", "id")
    return rows if is_office(actor) or is_auditor(actor) else rows.exclude(status=CallStatus.DRAFT)


def calls_open(at: datetime) -> QuerySet[Call]:
    """Return the calls announced whose last day has not passed, the first to close first."""
    return Call.objects.filter(status=CallStatus.OPEN, closes_at__gte=at).order_by("closes_at", "id")


def call_get(actor: Any, call_id: UUID) -> Call:
    """Return one call.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = Call.objects.filter(pk=call_id).first()
    if found is None or not may(actor, "challenges.view_call", found):
        raise NotFoundError(what=Bilingual("该征集", "this call"))
    return found


_JOINED = ("call", "need__organisation__city", "submitted_by")


def nominations_of(actor: Any, call: Call) -> QuerySet[Nomination]:
    """Return the nominations to a call that the actor may see, by number: the office all, others their own."""
    rows = call.nominations.select_related(*_JOINED).defer("need__organisation__city__boundary").order_by("number")
    return _seen_by(actor, rows)


def nominations_of_actor(actor: Any) -> QuerySet[Nomination]:
    """Return what the actor or the actor's organisations put forward anywhere, the latest first."""
    rows = Nomination.objects.select_related(*_JOINED).defer("need__organisation__city__boundary")
    rows = rows.order_by("-submitted_at", "id")
    if not is_signed_in(actor):
        return rows.none()
    return rows.filter(_own(actor))


def _seen_by(actor: Any, rows: QuerySet[Nomination]) -> QuerySet[Nomination]:
    if is_office(actor) or is_auditor(actor):
        return rows
    return rows.filter(_own(actor)) if is_signed_in(actor) else rows.none()


def _own(actor: Any) -> Q:
    own = Q(need__organisation__in=list(memberships_of(actor)))
    return own | Q(submitted_by_id=actor.actor_id) if getattr(actor, "role", "") == "manager" else own


def nomination_get(actor: Any, nomination_id: UUID) -> Nomination:
    """Return one nomination.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = Nomination.objects.select_related(*_JOINED).filter(pk=nomination_id).first()
    if found is None or not may(actor, "challenges.view_nomination", found):
        raise NotFoundError(what=Bilingual("该申报", "this nomination"))
    return found


def standing_told(actor: Any, nomination: Nomination) -> Bilingual:
    """Return where a nomination stands as far as the actor may know: decisions are told with the list."""
    staff = is_office(actor) or is_auditor(actor)
    if staff or nomination.status not in _DECIDED or nomination.call.status in _TOLD:
        return NOMINATION_STATUSES[nomination.status]
    return CALL_STATUSES[nomination.call.status]


def note_told(actor: Any, nomination: Nomination) -> str:
    """Return the office's note on the decision, once that is told."""
    staff = is_office(actor) or is_auditor(actor)
    return nomination.decision_note if staff or nomination.call.status in _TOLD else ""


def need_nominable(actor: Any, need_id: UUID) -> Need:
    """Return a published need that the actor may put forward.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    need = Need.objects.select_related("organisation").filter(pk=need_id, status=Status.PUBLISHED).first()
    if need is None:
        raise NotFoundError(what=Bilingual("该需求", "this need"))
    require(actor, "challenges.nominate", need)
    return need


def need_nominations(need_id: UUID) -> dict[UUID, Nomination]:
    """Return a need's nominations that stand, by call."""
    rows = Nomination.objects.filter(need=need_id).exclude(status=NominationStatus.WITHDRAWN)
    return {row.call_id: row for row in rows.select_related("call")}


def nomination_counts(calls: Sequence[Call]) -> dict[UUID, int]:
    """Return how many nominations stand in each call."""
    rows = Nomination.objects.filter(call__in=calls).exclude(status=NominationStatus.WITHDRAWN)
    return dict(rows.order_by().values_list("call").annotate(Count("pk")))
