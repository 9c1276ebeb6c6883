"""Reads of what the last run over all needs stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from yunlang.matching.models import NeedRanking, StoredMatch
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Resource


@dataclass(frozen=True, slots=True)
class KeptMatch:
    """A stored match with the resource as it is now."""

    match: StoredMatch
    resource: Resource


def ranking_of(need: Need) -> NeedRanking | None:
    """Return when and against what the need's matches were ranked last, or None before the first run."""
    return NeedRanking.objects.select_related("run").filter(need=need).first()


def matches_of(need: Need, *, count: int) -> list[KeptMatch]:
    """Return the best of a need's stored matches that are still public, the best first; two queries."""
    stored = list(StoredMatch.objects.filter(need=need).order_by("rank"))
    public: QuerySet[Resource] = Resource.objects.filter(status=Status.PUBLISHED)
    resources = public.select_related("organisation").in_bulk([one.document_id for one in stored])
    return [KeptMatch(one, resources[one.document_id]) for one in stored if one.document_id in resources][:count]
