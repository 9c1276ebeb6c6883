"""Pages where a need meets what the corridor has, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import may
from yunlang.kit.errors import NotFoundError
from yunlang.kit.fields import Field, FieldError, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.rate_limit import RateLimit, rate_check
from yunlang.kit.text import line_form
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.results import Hit
from yunlang.matching.core.query import Query
from yunlang.matching.documents import EXPERT, NEED, ORGANISATION
from yunlang.matching.selectors import evidence, match, need_query
from yunlang.registry.core.kinds import INDUSTRIES, RESOURCE_KINDS
from yunlang.registry.models import Need
from yunlang.registry.pages.parameters import chips, chosen, city_labels, facet
from yunlang.registry.selectors.listings import NO_CITY, listing_get

PER_PAGE = 20
MOST_PAGES = 5
LONGEST = 2_000
MATCHING = RateLimit("matching", 120, timedelta(minutes=1))
KINDS: dict[str, Bilingual] = {
    **RESOURCE_KINDS,
    EXPERT: Bilingual("专家", "expert"),
    ORGANISATION: Bilingual("机构", "organisation"),
    NEED: Bilingual("需求", "need"),
}
_TRL = Field("trl", Bilingual("最低技术成熟度", "lowest TRL"), FieldType.INTEGER, minimum=1, maximum=9)
_PRICE = Field("price", Bilingual("最高价格", "highest price"), FieldType.MONEY)
_PAGES = {NEED: "registry:need", ORGANISATION: "registry:organisation", EXPERT: "registry:expert"}


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as the page shows it."""

    hit: Hit
    kind: Bilingual
    url: str
    evidence_url: str

    @property
    def percent(self) -> int:
        """The score as people read it, 0 to 100."""
        return round(self.hit.score * 100)

    @property
    def strength(self) -> Bilingual:
        """The expected grade in one word, as technology-transfer staff grade pairs."""
        grades = self.hit.reasons.grades
        return GRADES[max(range(len(grades)), key=grades.__getitem__)]


GRADES = (
    Bilingual("无关", "unrelated"),
    Bilingual("较弱", "weak"),
    Bilingual("较强", "fairly strong"),
    Bilingual("强", "strong"),
)


@require_safe
def match_page(request: HttpRequest) -> HttpResponse:
    """What the corridor has for a few words."""
    text = line_form(request.GET.get("q", "")[:LONGEST])
    if not text:
        return render(request, "matching/match.html", {"text": "", "longest": LONGEST})
    return _answer(request, "matching/match.html", Query(title=text), {"text": text, "longest": LONGEST})


@require_safe
def need_match_page(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """What the corridor has for a registered need."""
    need = _visible_need(request, need_id)
    return _answer(request, "matching/need_match.html", need_query(need), {"need": need})


@require_safe
def evidence_page(request: HttpRequest, document_id: str) -> HttpResponse:
    """Why one document fits, sentence by sentence; opened in place where scripts run, a page of its own elsewhere."""
    _count(request)
    named = request.GET.get("need", "")
    try:
        query = need_query(_visible_need(request, UUID(named))) if named else Query(title=_typed(request.GET))
    except ValueError:
        raise NotFoundError(what=Bilingual("该需求", "this need")) from None
    reasons = evidence(query, document_id[:100])
    if reasons is None:
        raise NotFoundError(what=Bilingual("该要素，可能已关闭", "this offer; it may have been closed"))
    template = "matching/_evidence.html" if request.headers.get("HX-Request") else "matching/evidence.html"
    return render(request, template, {"reasons": reasons, "grades": list(zip(GRADES, reasons.grades, strict=True))})


def _typed(query: QueryDict) -> str:
    return line_form(query.get("q", "")[:LONGEST])


def _visible_need(request: HttpRequest, need_id: UUID) -> Need:
    need: Need = listing_get(Need, need_id)
    if not may(request.user, "registry.view_listing", need):
        raise NotFoundError(what=Bilingual("该需求", "this need"))
    return need


def _count(request: HttpRequest) -> None:
    person = getattr(request.user, "pk", None)
    rate_check(MATCHING, caller=str(person or request.META.get("REMOTE_ADDR", "")), at=timezone.now())


def _answer(request: HttpRequest, template: str, query: Query, context: dict[str, Any]) -> HttpResponse:
    _count(request)
    picked = {
        "kind": chosen(request.GET, "kind", KINDS),
        "city": chosen(request.GET, "city", city_labels()),
        "industry": chosen(request.GET, "industry", INDUSTRIES),
    }
    filters = Filters(
        kinds=picked["kind"], cities=tuple("" if city == NO_CITY else city for city in picked["city"]),
        industries=picked["industry"], trl_minimum=_number(_TRL, request.GET), price_maximum=_number(_PRICE, request.GET),
    )  # fmt: skip
    page = _page_number(request.GET)
    result = match(query, filters, count=page * PER_PAGE + 1)
    shown = result.hits[(page - 1) * PER_PAGE : page * PER_PAGE]
    context |= {
        "result": result,
        "rows": [_row(hit, request, context.get("need")) for hit in shown],
        "milliseconds": round(sum(result.timings.values())),
        "page": page,
        "next_page": page + 1 if len(result.hits) > page * PER_PAGE and page < MOST_PAGES else None,
        "chips": [
            *chips(request, "kind", picked["kind"], KINDS),
            *chips(request, "city", picked["city"], city_labels()),
            *chips(request, "industry", picked["industry"], INDUSTRIES),
        ],
        "facets": _facets(result.facets, picked),
        "language": get_language() or "zh-hans",
    }
    return render(request, template, context)


def _page_number(query: QueryDict) -> int:
    given = query.get("page", "1")
    return min(max(int(given), 1), MOST_PAGES) if given.isascii() and given.isdigit() and len(given) < 9 else 1


def _number(spec: Field, query: QueryDict) -> Any:
    try:
        return spec.parse(query.get(spec.name))
    except FieldError:
        return None


def _facets(counts: Any, picked: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    by_city = {code or NO_CITY: count for code, count in counts.get("city", {}).items()}
    return [
        facet(Bilingual("类型", "Kind"), "kind", KINDS, counts.get("kind", {}), picked["kind"]),
        facet(Bilingual("城市", "City"), "city", city_labels(), by_city, picked["city"]),
        facet(Bilingual("产业", "Industry"), "industry", INDUSTRIES, counts.get("industry", {}), picked["industry"]),
    ]


def _row(hit: Hit, request: HttpRequest, need: Need | None) -> Row:
    document = hit.document
    asked = QueryDict(mutable=True)
    asked.update({"need": str(need.pk)} if need else {"q": _typed(request.GET)})
    return Row(
        hit=hit,
        kind=KINDS[document.kind],
        url=reverse(_PAGES.get(document.kind, "registry:resource"), args=[document.id]),
        evidence_url=f"{reverse('matching:evidence', args=[document.id])}?{asked.urlencode()}",
    )
