"""Pages where a need meets what the corridor has, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

import structlog
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import is_office, may
from yunlang.deals.models import Introduction
from yunlang.deals.selectors import introductions_alive
from yunlang.kit.api.limiting import client_network
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.rate_limit import RateLimit, rate_check
from yunlang.kit.text import line_form
from yunlang.matching.conditions import MatchFilters, match_filters
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.errors import ModelFileError, SearchIndexError
from yunlang.matching.core.explanation import Condition
from yunlang.matching.core.fusion import GRADES
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import Hit
from yunlang.matching.documents import EXPERT, KINDS, NEED, ORGANISATION, offer_kind
from yunlang.matching.selectors import evidence, match, need_query, need_visible, usual_similarity, verdicts_of
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need
from yunlang.registry.pages.parameters import carried

log = structlog.get_logger("yunlang.matching")

PER_PAGE = 20
MOST = 100  # answers shown; whoever finds nothing among them asks in other words
LONGEST = 2_000
EXAMPLES = ("高镍三元动力电解液", "车规级碳化硅功率模块封装", "大型质谱仪机时", "园区中试厂房")
MATCHING = RateLimit("matching", 120, timedelta(minutes=1))
RETRY_SECONDS = 60
# As technology-transfer staff grade a pair, from 1 to 4.
STRENGTHS = (
    Bilingual("无关", "unrelated"),
    Bilingual("较弱", "weak"),
    Bilingual("较强", "fairly strong"),
    Bilingual("强", "strong"),
)
FAIRLY_STRONG = 2
_PAGES = {NEED: "registry:need", ORGANISATION: "registry:organisation", EXPERT: "registry:expert"}
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as the page shows it."""

    hit: Hit
    evidence_url: str
    verdict: str = ""
    introduce_url: str = ""
    introduction: Introduction | None = None

    @property
    def kind(self) -> Bilingual:
        """What kind of record it is."""
        return KINDS[self.hit.document.kind]

    @property
    def url(self) -> str:
        """Where the record has its page."""
        return record_url(self.hit.document.kind, self.hit.document.id)

    @property
    def percent(self) -> int:
        """The score as people read it, 0 to 100."""
        return round(self.hit.score * 100)

    @property
    def grade(self) -> int:
        """The grade nearest to the score, 0 unrelated to 3 strong, so that it never falls while the score rises."""
        return grade_of(self.hit)

    @property
    def strength(self) -> Bilingual:
        """That grade in a word."""
        return STRENGTHS[self.grade]

    @property
    def place(self) -> Condition | None:
        """Where it is."""
        return next((item for item in self.hit.reasons.conditions if item.code == "city"), None)

    @property
    def decided(self) -> list[Condition]:
        """The other conditions that it meets or misses; what it does not state is for the evidence to say."""
        return [item for item in self.hit.reasons.conditions if item.code != "city" and item.met is not None]

    @property
    def passage(self) -> str:
        """The sentence of its text that shares most with the need, where that is not the title."""
        pair = self.hit.reasons.sentences
        return pair.document if pair and pair.document not in line_form(self.hit.document.title) else ""


def grade_of(hit: Hit) -> int:
    """Return the grade nearest to a hit's score as the page shows it, 0 to 3."""
    return int(round(hit.score, 2) * (GRADES - 1) + 0.5)


def with_index(view: View) -> View:
    """Answer with a page that says what to do while there is no index or no model to ask."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            return view(request, **arguments)
        except (SearchIndexError, ModelFileError) as error:
            log.error("matching_unusable", code=error.code, reason=error.text.en)
            context = {"text": typed_words(request.GET), "error": error if is_office(request.user) else None}
            response = render(request, "matching/unavailable.html", context, status=error.status)
            response["Retry-After"] = str(RETRY_SECONDS)
            return response

    return answered


@require_safe
@with_index
def match_page(request: HttpRequest) -> HttpResponse:
    """Show what the corridor has for a few words."""
    text = typed_words(request.GET)
    context: dict[str, Any] = {"text": text, "longest": LONGEST, "examples": EXAMPLES}
    if not text:
        return render(request, "matching/match.html", context)
    return _answer(request, "matching/match.html", Query(title=text), context)


@require_safe
@with_index
def need_match_page(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """Show what the corridor has for a registered need."""
    need = need_visible(request.user, need_id)
    return _answer(request, "matching/need_match.html", need_query(need), {"need": need})


@require_safe
@with_index
def evidence_page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Show why one document fits, sentence by sentence: in its place where scripts run, elsewhere on its own page."""
    need = named_need(request)
    count_question(request)
    found = evidence(need_query(need) if need else Query(title=typed_words(request.GET)), str(document_id))
    if found is None:
        raise NotFoundError(what=Bilingual("该记录，可能已关闭", "this record; it may have been closed"))
    document, reasons = found
    context = {
        "document": document,
        "url": record_url(document.kind, document.id),
        "need": need,
        "text": typed_words(request.GET),
        "reasons": reasons,
        "grades": list(zip(reversed(STRENGTHS), reversed(reasons.grades), strict=True)),
        "usual": usual_similarity(),
    }
    template = "matching/_evidence.html" if request.headers.get("HX-Request") else "matching/evidence.html"
    return render(request, template, context)


def typed_words(query: QueryDict) -> str:
    """Return what the address asks for in words, on one line."""
    return line_form(query.get("q", "")[:LONGEST])


def named_need(request: HttpRequest) -> Need | None:
    """Return the need that the address names, if it names one that the reader may see."""
    named = request.GET.get("need", "")
    if not named:
        return None
    try:
        return need_visible(request.user, UUID(named))
    except ValueError:
        raise NotFoundError(what=Bilingual("该需求", "this need")) from None


def record_url(kind: str, record_id: str) -> str:
    """Return where a record has its page."""
    return reverse(_PAGES.get(kind, "registry:resource"), args=[record_id])


def count_question(request: HttpRequest) -> None:
    """Count one question of the reader's, who must wait after too many."""
    person = getattr(request.user, "pk", None)
    rate_check(MATCHING, caller=str(person or client_network(request)), at=timezone.now())


def _answer(request: HttpRequest, template: str, query: Query, context: dict[str, Any]) -> HttpResponse:
    count_question(request)
    asked = match_filters(request)
    result = match(query, asked.filters, count=MOST)
    number = _page_number(request.GET)
    pages = Paginator(result.hits, PER_PAGE)
    page = pages.page(number) if number <= pages.num_pages else None
    context |= {
        "result": result,
        "page": page,
        "rows": rows_of(request, context.get("need"), list(page or ())),
        "may_judge": may(request.user, "matching.judge"),
        "count": len(result.hits),
        "strong": sum(1 for hit in result.hits if grade_of(hit) >= FAIRLY_STRONG),
        "inside": sum(1 for hit in result.hits if hit.document.city in CORRIDOR_CITIES),
        "all_url": address_of(request.path, q=context.get("text")),
        **_narrowing(request, asked, result.facets),
    }
    return render(request, template, context)


def rows_of(request: HttpRequest, need: Need | None, hits: list[Hit]) -> list[Row]:
    """Return hits as a page shows them to its reader: with what was said of each, and what came of it."""
    ids = [hit.document.id for hit in hits]
    verdicts = verdicts_of(request.user, need, typed_words(request.GET), ids)
    alive = introductions_alive(request.user, need.pk, ids) if need else {}
    introduces = need is not None and _may_introduce(request.user, need)
    return [
        Row(
            hit,
            _evidence_url(hit, request, need),
            verdicts.get(hit.document.id, ""),
            _introduce_url(hit, need) if need and introduces else "",
            alive.get(hit.document.id),
        )
        for hit in hits
    ]


def _may_introduce(actor: Any, need: Need) -> bool:
    # Asked once for the whole page: whoever may propose for the need's side may do so to any other.
    draft = Introduction(need=need, organisation=need.organisation)
    return need.status == Status.PUBLISHED and may(actor, "deals.propose", draft)


def _introduce_url(hit: Hit, need: Need) -> str:
    document, kind = hit.document, offer_kind(hit.document.kind)
    if kind is None or document.organisation == need.organisation.name:
        return ""
    return address_of(reverse("deals:introduction_new"), need=need.pk, kind=kind, offer=document.id)


def _narrowing(request: HttpRequest, asked: MatchFilters, counts: Any) -> dict[str, Any]:
    return {
        "asked": asked,
        "chips": asked.chips(request),
        "facets": asked.facets(counts),
        "carried": carried(request, "trl", "price", "label"),
        "carried_by_box": carried(request, "q"),
    }


def _page_number(query: QueryDict) -> int:
    given = query.get("page", "1")
    return max(int(given), 1) if given.isascii() and given.isdigit() and len(given) < 9 else 1


def _evidence_url(hit: Hit, request: HttpRequest, need: Need | None) -> str:
    path = reverse("matching:evidence", args=[hit.document.id])
    return address_of(path, need=need.pk) if need else address_of(path, q=typed_words(request.GET))


def address_of(path: str, **parameters: Any) -> str:
    """Return an address with its parameters, blank ones left out."""
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in parameters.items() if value})
    return f"{path}?{query.urlencode()}" if query else path
