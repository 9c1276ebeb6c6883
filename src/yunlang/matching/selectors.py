"""Asking the engine: what was typed, or a need with its conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.explanation import Reasons
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.results import Hit, MatchResult
from yunlang.matching.core.query import Query
from yunlang.matching.documents import OFFERS
from yunlang.matching.engine import matcher
from yunlang.registry.models import Need

# A need for an instrument is better served by instruments, and so on; a preference, never a filter.
_WANTED = {"finance": ("loan", "fund"), "talent": ("talent", "expertise"), "instrument": ("instrument",),
           "space": ("space",)}  # fmt: skip


def need_query(need: Need) -> Query:
    """Return what a need asks for."""
    return Query(
        title=need.title, text="\n".join([*need.tags, need.description]), city=need.city_id or "",
        kinds=_WANTED.get(need.kind, ()), trl=need.trl_minimum, budget=need.budget, deadline=need.deadline,
    )  # fmt: skip


def match(query: Query, filters: Filters | None = None, *, count: int = 20) -> MatchResult:
    """Rank documents for a query; resources of all nine kinds unless the filters name others.

    Raises
    ------
    SearchIndexError
        When there is no usable index.
    """
    filters = filters or Filters()
    return matcher().match(query, filters if filters.kinds else replace(filters, kinds=OFFERS), count)


def evidence(query: Query, document_id: str) -> Reasons | None:
    """Return the reasons for one document with its nearest sentences found by vectors."""
    return matcher().evidence(query, document_id)


def hit_record(hit: Hit, language: str) -> dict[str, Any]:
    """Return a hit as the command line and the API give it: names in one language, phrases of reasons in both."""
    record = hit.to_dict()
    city = CORRIDOR_CITIES.get(hit.document.city)
    return record | {
        "city": city.text(language) if city else hit.document.place or None,
        "adcode": hit.document.city or None,
        "in_corridor": city is not None,
        "expert": hit.document.extra.get("expert"),
        "illustrative": bool(hit.document.extra.get("illustrative")),
    }
