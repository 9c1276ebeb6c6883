"""Asking the engine: what was typed, or a need with its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from yunlang.accounts.permissions import may
from yunlang.deals.core.introduction import Status as IntroductionStatus
from yunlang.deals.selectors import introductions_graded
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form
from yunlang.matching import engine
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.document import Document
from yunlang.matching.core.engines import again_when_moved
from yunlang.matching.core.explanation import Reasons
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.judgement import Judgement, graded
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import Hit, MatchResult
from yunlang.matching.documents import NEED, OFFERS, titles_of
from yunlang.matching.models import LONGEST_QUERY, Feedback
from yunlang.registry.core.kinds import NeedKind, ResourceKind
from yunlang.registry.models import Need
from yunlang.registry.selectors.facets import NO_CITY
from yunlang.registry.selectors.listings import listing_get

# A need for an instrument is better served by instruments, and so on; a preference, never a filter.
_WANTED: dict[str, tuple[str, ...]] = {
    NeedKind.FINANCE: (ResourceKind.LOAN, ResourceKind.FUND),
    NeedKind.TALENT: (ResourceKind.TALENT, ResourceKind.EXPERTISE),
    NeedKind.INSTRUMENT: (ResourceKind.INSTRUMENT,),
    NeedKind.SPACE: (ResourceKind.SPACE,),
}

# Ids of words typed are made in a name space of their own.
_TYPED = UUID("3f9d4a52-6c1e-5b0a-9d47-2f6e8c1b7a90")


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


@again_when_moved
def evidence(query: Query, document_id: str) -> tuple[Document, Reasons] | None:
    """Return one document and the reasons for it, with its nearest sentences found by vectors; None if it is not there.

    Raises
    ------
    SearchIndexError
        When there is no usable index.
    """
    document = engine.store().open().documents([document_id]).get(document_id)
    reasons = engine.matcher().evidence(query, document_id, Filters(kinds=OFFERS)) if document else None
    return (document, reasons) if document and reasons else None


def hits_of(query: Query, document_ids: Iterable[str]) -> list[Hit]:
    """Return given documents as hits, in the order given, with their nearest sentences found by vectors.

    What is not indexed is left out. The score is the expected grade, as `match` gives it.

    Raises
    ------
    SearchIndexError
        When there is no usable index.
    """
    found = [evidence(query, document_id) for document_id in dict.fromkeys(document_ids)]
    return [Hit(document, _expected(reasons.grades), reasons) for document, reasons in filter(None, found)]


def _expected(grades: Sequence[float]) -> float:
    return sum(chance * place for place, chance in enumerate(grades)) / (len(grades) - 1)


def verdicts_of(actor: Any, need: Need | None, query: str, document_ids: Iterable[str]) -> dict[str, str]:
    """Return what the actor has said of documents as answers to a need, or to words typed, by document id."""
    if not may(actor, "matching.judge"):
        return {}
    rows = Feedback.objects.filter(
        actor_id=actor.actor_id,
        need=need,
        query="" if need else judged_words(query),
        document_id__in=list(document_ids),
    )
    return {str(document_id): verdict for document_id, verdict in rows.values_list("document_id", "verdict")}


def judged_words(query: str) -> str:
    """Return typed words as verdicts are kept about them."""
    return line_form(query)[:LONGEST_QUERY]


@dataclass(frozen=True, slots=True)
class GradedPair:
    """A need and something offered, graded from 1 (unrelated) to 4 (strong), for training.

    Attributes
    ----------
    need_id
        Of the need; of words that were typed, an id made from them.
    title, content
        Of the need; the words typed, and nothing.
    document_id, document_title
        What was offered.
    level
        See `graded_pairs`.
    """

    need_id: UUID
    title: str
    content: str
    document_id: UUID
    document_title: str
    level: int


def graded_pairs() -> list[GradedPair]:
    """Return what people said of matches, and what became of them, as graded pairs for the next training.

    A verdict «bad» is level 1, «good» level 3; an introduction, whatever came of it, level 3: somebody put a name to
    it; a signed one level 4. The strongest per need and resource wins, whoever gave it and when. Needs that were found
    for a need, and records that are no more, are left out.
    """
    spoken = Feedback.objects.exclude(document_kind=NEED).order_by("at", "pk")
    said = [
        ((typed_id(query) if query else need_id, document_id), Judgement(verdict))
        for need_id, query, document_id, verdict in spoken.values_list("need_id", "query", "document_id", "verdict")
    ]
    done = [
        ((need_id, offer_id), Judgement.SIGNED if status == IntroductionStatus.SIGNED else Judgement.INTRODUCED)
        for need_id, _, offer_id, status in introductions_graded()
    ]
    levels = graded([*said, *done])
    typed = set(spoken.order_by().filter(need=None).values_list("query", flat=True))
    texts = {typed_id(query): (query, "") for query in typed}
    asked = Need.objects.filter(pk__in={need_id for need_id, _ in levels})
    texts |= {key: (title, content) for key, title, content in asked.values_list("pk", "title", "description")}
    titles = titles_of(document_id for _, document_id in levels)
    return [
        GradedPair(need_id, *texts[need_id], document_id, titles[document_id], level)
        for (need_id, document_id), level in levels.items()
        if document_id in titles
    ]


def typed_id(query: str) -> UUID:
    """Return the id that words typed go by among the needs of graded pairs; the same words have the same one."""
    return uuid5(_TYPED, query)


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
