"""Pages of deals: the list, one with its contract and journal, and the forms of what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.deals import ledger_services as services
from yunlang.deals.core.ledger.vocabulary import DEAL_STATUSES, KINDS, SOURCES, DealStatus
from yunlang.deals.deal_forms import ACTIONS, DealAction, act, actions_of, amendment_fields, part_actions
from yunlang.deals.journal import DEAL, journal_rows
from yunlang.deals.journal_words import PART_NAMES, journal_told, told
from yunlang.deals.ledger_fields import DEAL_FIELDS, SOURCE_FIELDS
from yunlang.deals.ledger_models import Contract, Deal
from yunlang.deals.ledger_selectors import (
    deal_contract,
    deal_get,
    deals_visible,
    journal_of,
    ledger_export,
    published_sequence,
)
from yunlang.deals.models import Introduction
from yunlang.deals.selectors import introduction_get
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import chips, chosen, chosen_id, facet, page_of
from yunlang.registry.selectors.corridor import cities
from yunlang.registry.selectors.facets import facets_of

_FACETS: dict[str, Bilingual] = {
    "status": Bilingual("进展", "Status"),
    "kind": Bilingual("成交方式", "Kind"),
    "need_city": Bilingual("需求方城市", "City of the need"),
    "offer_city": Bilingual("供给方城市", "City of the offer"),
}


def deal_url(deal_id: UUID) -> str:
    """Return the address of a deal's page."""
    return reverse("deals:deal", args=[deal_id])


@login_required
@require_safe
def deal_list(request: HttpRequest) -> HttpResponse:
    """List the deals that concern the reader, narrowed by the address."""
    labels = {"status": DEAL_STATUSES, "kind": KINDS}
    names = {city.adcode: city.label for city in cities()}
    labels |= {"need_city": names, "offer_city": names}
    picked = {name: chosen(request.GET, name, labels[name]) for name in _FACETS}
    visible = deals_visible(request.user)
    counts = facets_of(visible, picked)
    rows = visible.filter(**{f"{name}__in": values for name, values in picked.items() if values})
    page = page_of(rows, request.GET, count=counts.total)
    context = {
        "page": page,
        "count": counts.total,
        "rows": [(deal, deal_url(deal.pk)) for deal in page.object_list],
        "facets": [facet(title, name, labels[name], counts[name], picked[name]) for name, title in _FACETS.items()],
        "chips": [chip for name in _FACETS for chip in chips(request, name, picked[name], labels[name])],
        "may_open": may(request.user, "deals.open_directly"),
    }
    return render(request, "deals/deal_list.html", context)


@login_required
@require_safe
def deal_page(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """Show one deal: both sides, contract, milestones, payments, what to do next, and its journal."""
    deal = deal_get(request.user, deal_id)
    contract, keeps = deal_contract(deal), may(request.user, "deals.keep", deal)
    published = published_sequence(deal)
    context = {
        "deal": deal,
        "contract": contract,
        "sides": _sides(deal),
        "source_label": SOURCES[deal.source],
        "steps": _steps(deal),
        "actions": _links(deal, actions_of(deal, contract)) if keeps else [],
        "milestones": _milestones(deal, contract, keeps=keeps),
        "payments": _payments(deal, contract, keeps=keeps),
        "history": journal_told(journal_of(deal), published),
        "amend_url": reverse("deals:deal_action", args=[deal.pk, "amend"]) if keeps else "",
    }
    return render(request, "deals/deal_detail.html", context)


@dataclass(frozen=True, slots=True)
class Link:
    """An action that the reader may take, and where."""

    label: Bilingual
    url: str
    style: str
    asks: bool


def _links(deal: Deal, actions: list[tuple[str, DealAction]], part: int | None = None) -> list[Link]:
    found = []
    for name, action in actions:
        address = reverse("deals:deal_action", args=[deal.pk, name])
        url = f"{address}?part={part}" if part else address
        found.append(Link(action.label, url, action.style, bool(action.fields)))
    return found


def _sides(deal: Deal) -> list[dict[str, Any]]:
    return [
        {"label": Bilingual("需求方", "the need's side"), "name": deal.need_name, "city": deal.need_city,
         "organisation": deal.need_side},
        {"label": Bilingual("供给方", "the offering side"), "name": deal.offer_name, "city": deal.offer_city,
         "organisation": deal.offer_side},
    ]  # fmt: skip


def _steps(deal: Deal) -> list[tuple[Bilingual, bool, bool]]:
    """Return the course of a deal: each status, whether it is the present one, whether it has been passed."""
    course = [DealStatus.AGREED, DealStatus.CONTRACTED, DealStatus.PERFORMING, DealStatus.COMPLETED]
    if deal.status == DealStatus.DRAFT:
        course.insert(0, DealStatus.DRAFT)
    if deal.status == DealStatus.TERMINATED:
        return [(DEAL_STATUSES[DealStatus.TERMINATED], True, False)]
    now = course.index(DealStatus(deal.status))
    return [(DEAL_STATUSES[status], place == now, place < now) for place, status in enumerate(course)]


def _milestones(deal: Deal, contract: Contract | None, *, keeps: bool) -> list[tuple[Any, list[Link]]]:
    found = []
    for one in contract.milestones.all() if contract else ():
        state = "" if one.status == "accepted" else "milestone"
        found.append((one, _links(deal, part_actions(deal, state), one.number) if keeps else []))
    return found


def _payments(deal: Deal, contract: Contract | None, *, keeps: bool) -> list[tuple[Any, list[Link]]]:
    rows = contract.payments.all() if contract else ()
    return [(one, _links(deal, part_actions(deal, one.status), one.number) if keeps else []) for one in rows]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal_new(request: HttpRequest) -> HttpResponse:
    """Open a deal: of a signed introduction, or directly."""
    asked = request.POST if request.method == "POST" else request.GET
    introduction_id = chosen_id(asked, "introduction")
    introduction = introduction_get(request.user, introduction_id) if introduction_id else None
    require(request.user, "deals.open" if introduction else "deals.open_directly", introduction)
    fields = DEAL_FIELDS if introduction else (*DEAL_FIELDS, *SOURCE_FIELDS)
    if request.method != "POST":
        return _opening(request, introduction, fields)
    raw, at = typed_values(request.POST, fields), timezone.now()
    try:
        if introduction:
            made = services.deal_open(actor=request.user, introduction_id=introduction.pk, raw=raw, at=at)
        else:
            made = services.deal_open_directly(actor=request.user, raw=raw, at=at)
    except (InvalidError, ConflictError) as error:
        return _opening(request, introduction, fields, refused=error)
    _said(request, Bilingual("成交已记入账本。", "The deal is in the ledger."))
    return redirect(deal_url(made.pk))


def _opening(
    request: HttpRequest, introduction: Introduction | None, fields: tuple[Field, ...],
    refused: InvalidError | ConflictError | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "title": Bilingual("登记成交", "Open a deal"),
        "introduction": introduction,
        "back_url": reverse("deals:introduction", args=[introduction.pk]) if introduction else reverse("deals:deals"),
        "submit": Bilingual("登记成交", "Open the deal"),
    }
    initial = {"title": str(introduction.offer)[:200]} if introduction else {}
    return _form(request, context, fields, refused, initial)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal_action(request: HttpRequest, deal_id: UUID, action: str) -> HttpResponse:
    """Ask what an action needs to know, and have it done."""
    deal = deal_get(request.user, deal_id)
    require(request.user, "deals.keep", deal)
    chosen_action, part = ACTIONS[action], _part(request)
    fields, entry = chosen_action.fields, None
    if action == "amend":
        entry = journal_rows(DEAL, deal.pk).filter(sequence=part).first()
        fields = amendment_fields(entry)
    refused: InvalidError | ConflictError | None = None
    if request.method == "POST":
        try:
            act(request.user, deal, action, part, typed_values(request.POST, fields), timezone.now())
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            _said(request, chosen_action.done)
            return redirect(deal_url(deal.pk))
    context = {
        "title": chosen_action.label,
        "deal": deal,
        "part": part,
        "concerns": _concerned(deal, chosen_action, part),
        "concerns_name": PART_NAMES.get(chosen_action.part),
        "corrects": told(entry, 0) if entry else None,
        "back_url": deal_url(deal.pk),
        "submit": chosen_action.label,
        "style": chosen_action.style,
    }
    return _form(request, context, fields, refused, {"corrects": part or ""})


def _concerned(deal: Deal, action: DealAction, part: int | None) -> Any:
    """Return the milestone or payment that an action is about; there is none where it is the deal itself."""
    if not action.part:
        return None
    contract = deal_contract(deal)
    rows = getattr(contract, f"{action.part}s").all() if contract else ()
    found = next((one for one in rows if one.number == part), None)
    if found is None:
        raise NotFoundError(what=Bilingual("这一里程碑或付款", "this milestone or payment"))
    return found


def _part(request: HttpRequest) -> int | None:
    text = (request.POST if request.method == "POST" else request.GET).get("part", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _form(
    request: HttpRequest, context: dict[str, Any], fields: tuple[Field, ...],
    refused: InvalidError | ConflictError | None, initial: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    typed = typed_values(request.POST, fields) if request.method == "POST" else initial
    context |= {
        "fields": fields,
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in fields],
        "errors": errors,
        "conflict": None if errors else refused,
    }
    return render(request, "deals/deal_form.html", context, status=refused.status if refused else 200)


@login_required
@require_safe
def deal_journal(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """Hand out a deal's journal for verification elsewhere."""
    deal = deal_get(request.user, deal_id)
    lines = b"".join(ledger_export(actor=request.user, at=timezone.now(), deal=deal))
    response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="deal-{deal.pk}.jsonl"'
    return response


def _said(request: HttpRequest, words: Bilingual) -> None:
    messages.success(request, words.text(get_language() or "zh-hans"))
