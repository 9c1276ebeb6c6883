"""Asking the engine: what was typed, or a need with its conditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from yunlang.accounts.permissions import may
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.matching import engine
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.document import Document
from yunlang.matching.core.explanation import Reasons
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import Hit, MatchResult
from yunlang.matching.documents import OFFERS
from yunlang.registry.core.kinds import NeedKind, ResourceKind
from yunlang.registry.models import Need
from yunlang.registry.selectors.listings import NO_CITY, listing_get

# A need for an instrument is better served by instruments, and so on; a preference, never a filter.
_WANTED: dict[str, tuple[str, ...]] = {
    NeedKind.FINANCE: (ResourceKind.LOAN, ResourceKind.FUND),
    NeedKind.TALENT: (ResourceKind.TALENT, ResourceKind.EXPERTISE),
    NeedKind.INSTRUMENT: (ResourceKind.INSTRUMENT,),
    NeedKind.SPACE: (ResourceKind.SPACE,),
}


def need_visible(actor: Any, need_id: UUID) -> Need:
    """Return a need with its organisation and city.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    missing = NotFoundError(what=Bilingual("该需求", "this need"))
    try:
        need: Need = listing_get(Need, need_id)
    except NotFoundError:
        raise missing from None
    if not may(actor, "registry.view_listing", need):
        raise missing
    return need


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
    return engine.matcher().match(query, filters if filters.kinds else replace(filters, kinds=OFFERS), count)


def evidence(query: Query, document_id: str) -> tuple[Document, Reasons] | None:
    """Return one document and the reasons for it, with its nearest sentences found by vectors; None if it is not there.

    Raises
    ------
    SearchIndexError
        When there is no usable index.
    """
    document = engine.store().open().documents([document_id]).get(document_id)
    reasons = engine.matcher().evidence(query, document_id) if document else None
    return (document, reasons) if document and reasons else None


def usual_similarity() -> float | None:
    """Return the cosine that texts with nothing in common usually have, or None where the encoder is not known."""
    return fusion_for(engine.encoder().name).usual or None


def city_values(codes: Iterable[str]) -> tuple[str, ...]:
    """Return cities as `Filters` takes them from addresses and calls, where `NO_CITY` stands for none of the nine."""
    return tuple("" if code == NO_CITY else code for code in codes)


def hit_record(hit: Hit, language: str) -> dict[str, Any]:
    """Return a hit as the command line and the API give it: names in one language, phrases of reasons in both."""
    document, record = hit.document, hit.to_dict()
    city = CORRIDOR_CITIES.get(document.city)
    return record | {
        "city": city.text(language) if city else document.place or None,
        "adcode": document.city or None,
        "in_corridor": city is not None,
        "expert": document.extra.get("expert"),
        "illustrative": bool(document.extra.get("illustrative")),
    }
