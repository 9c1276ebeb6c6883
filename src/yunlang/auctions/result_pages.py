"""Pages after a hammer: what happened to a lot, what comes next for whoever reads, and the forms of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.auctions import hand_over_services, result_services
from yunlang.auctions.core.aftersale import ResultStatus, ResultStep, may_advance
from yunlang.auctions.core.state import ENDED, Phase
from yunlang.auctions.document_pages import hammer_confirmation_document, sale_record_document
from yunlang.auctions.hand_over_files import LARGEST_BYTES
from yunlang.auctions.models import HandOver, Lot, Objection
from yunlang.auctions.result_fields import (
    CONFIRM_FIELDS,
    DECISION_FIELDS,
    DEFAULT_FIELDS,
    HAND_OVER_FIELDS,
    OBJECTION_FIELDS,
)
from yunlang.auctions.result_papers import confirmation_paper, is_recordable, lots_recorded, record_paper
from yunlang.auctions.result_selectors import (
    SeenResult,
    hand_over_file,
    lot_evidence,
    lot_journal,
    lot_listed,
    objections_seen,
    result_get,
    results_seen,
)
from yunlang.auctions.result_words import next_words
from yunlang.auctions.vocabulary import ObjectionStatus
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual, Language
from yunlang.kit.pdf.blocks import Document
from yunlang.kit.pdf.typesetting import typeset
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import free_text
from yunlang.registry.pages.redirects import reasons_of


def result_url(lot_id: UUID) -> str:
    """Return the address of the page of what follows a lot's hammer."""
    return reverse("auctions:lot_result", args=[lot_id])


@require_safe
def lot_result(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Show what a lot came to: for everybody the price, for the parties the rest."""
    lot = lot_listed(request.user, lot_id)
    context = after_context(request, lot)
    documents = [one for seen, _, _ in context["results"] for one in seen.hand_overs]
    context["has_record"] = may(request.user, "auctions.view_record", lot.sale) and is_recordable(
        lots_recorded(lot.sale)
    )
    context["acceptable"] = {one.pk for one in documents if is_acceptable(request.user, one)}
    context["uploadable"] = {seen.result.pk for seen, _, _ in context["results"] if _is_uploadable(request.user, seen)}
    return render(request, "auctions/lot_result.html", context)


def is_acceptable(actor: Any, document: HandOver) -> bool:
    """Tell whether the reader may accept a document now."""
    waits = document.accepted_at is None and document.result.status in hand_over_services.OPEN
    return waits and may(actor, "auctions.accept_hand_over", document)


def _is_uploadable(actor: Any, seen: SeenResult) -> bool:
    return seen.result.status in hand_over_services.OPEN and may(actor, "auctions.hand_over", seen.result)


def after_context(request: HttpRequest, lot: Lot) -> dict[str, Any]:
    """Return what `auctions/_lot_after.html` needs; the lot's own page includes it as well."""
    if not hasattr(lot, "standing"):
        return {}
    actor, now = request.user, timezone.now()
    seen = results_seen(actor, lot)
    waiting = lot.objections.filter(status=ObjectionStatus.OPEN).count() if seen else 0
    has_ended = lot.standing.phase in ENDED
    return {
        "lot": lot,
        "standing": lot.standing,
        "has_ended": has_ended,
        "is_sold": lot.standing.phase == Phase.SOLD,
        "results": [(one, next_words(one), actions_of(actor, one, waiting, now)) for one in seen],
        "objections": objections_seen(actor, lot),
        "keeps_results": may(actor, "auctions.keep_results", lot),
        "may_publish": may(actor, "auctions.keep_results", lot)
        and any(one.result.status == "hammered" for one in seen),
        "may_object": may(actor, "auctions.object", lot)
        and any(one.result.course.takes_objections(now) for one in seen),
        "evidence": lot_evidence(lot),
        "may_download": has_ended and may(actor, "auctions.view_journal", lot),
    }


@dataclass(frozen=True, slots=True)
class ResultAction:
    """Something the office does with a result, with its form."""

    label: Bilingual
    service: Callable[..., Any]
    done: Bilingual
    step: ResultStep | None
    fields: tuple[Field, ...] = ()
    style: str = "button-primary"


ACTIONS: dict[str, ResultAction] = {
    "confirm": ResultAction(
        Bilingual("确认成交，登记到账本", "Confirm, and open the deal"), result_services.result_confirm,
        Bilingual("成交已确认，并已记入账本。", "The result is confirmed and its deal in the ledger."),
        ResultStep.CONFIRM, CONFIRM_FIELDS,
    ),
    "deposit": ResultAction(
        Bilingual("保证金抵作一期价款", "Count the deposit as an instalment"), result_services.deposit_apply,
        Bilingual("保证金已抵作价款，并已记入账本。", "The deposit counts as paid in the ledger."), None, style="",
    ),
    "settle": ResultAction(
        Bilingual("记录价款结清", "Record that all is paid"), result_services.settlement_complete,
        Bilingual("已记录价款结清。", "The settlement is recorded."), ResultStep.SETTLE,
    ),
    "complete": ResultAction(
        Bilingual("记录交割完成", "Record the hand-over"), result_services.result_complete,
        Bilingual("已记录交割完成。", "The hand-over is recorded."), ResultStep.COMPLETE,
    ),
    "default": ResultAction(
        Bilingual("记录买受人违约", "Record the buyer's default"), result_services.buyer_default,
        Bilingual("已记录违约，成交失效。", "The default is recorded; the sale failed."), ResultStep.DEFAULT,
        DEFAULT_FIELDS, "button-danger",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """An action that the reader may take, and where; `asks` where it has a form."""

    label: Bilingual
    url: str
    style: str
    asks: bool


def actions_of(actor: Any, seen: SeenResult, open_objections: int, now: datetime) -> list[Link]:
    """Return what the reader may do with a result as it stands, and nothing that something has to come before."""
    if not may(actor, "auctions.keep_results", seen.result.lot):
        return []
    facts = seen.circumstances(open_objections)
    return [
        Link(one.label, reverse("auctions:result_action", args=[seen.result.pk, name]), one.style, bool(one.fields))
        for name, one in ACTIONS.items()
        if (may_advance(seen.result.course, one.step, now, facts) if one.step else _may_count(seen))
    ]


def _may_count(seen: SeenResult) -> bool:
    waits = seen.result.status == ResultStatus.CONFIRMED and seen.contract is not None
    return waits and result_services.deposit_kept(seen.result) is not None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def result_action(request: HttpRequest, result_id: UUID, action: str) -> HttpResponse:
    """Ask what an action needs to know, and have it done."""
    result = result_get(request.user, result_id)
    require(request.user, "auctions.keep_results", result.lot)
    chosen = ACTIONS[action]
    concerns = [
        (Bilingual("号牌", "paddle"), result.bidder.paddle),
        (Bilingual("受让方", "the buyer") if result.lot.form != "reverse" else Bilingual("中标方", "the winner"),
         result.bidder.organisation.name),
        (Bilingual("成交价", "price"), f"{result.value:,.2f}"),
    ]  # fmt: skip

    def deed(raw: Mapping[str, object]) -> None:
        values = {"raw": raw} if chosen.fields else {}
        chosen.service(actor=request.user, result_id=result.pk, **values)

    return _asked(request, result.lot, chosen.label, chosen.fields, deed, chosen.done, concerns=concerns,
                  style=chosen.style)  # fmt: skip


@login_required
@require_POST
def result_publish(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Publish a lot's result."""
    done = Bilingual("结果已公示，异议期开始。", "The result is published; the objection period has begun.")
    return _done(request, lot_id, lambda: result_services.result_publish(actor=request.user, lot_id=lot_id), done)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def objection_new(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Object to a lot's result."""
    lot = lot_listed(request.user, lot_id)
    require(request.user, "auctions.object", lot)
    done = Bilingual("异议已提出，处理结果会通知您。", "The objection is raised; you will be told the decision.")
    return _asked(
        request, lot, Bilingual("提出异议", "Object"), OBJECTION_FIELDS,
        lambda raw: result_services.objection_raise(actor=request.user, lot_id=lot.pk, raw=raw), done,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def objection_decide(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Decide an objection."""
    objection = Objection.objects.select_related("lot", "organisation").filter(pk=objection_id).first()
    if objection is None:
        raise NotFoundError(what=Bilingual("该异议", "this objection"))
    require(request.user, "auctions.keep_results", objection.lot)
    lot = lot_listed(request.user, objection.lot_id)
    concerns = [
        (Bilingual("异议人", "raised by"), objection.organisation.name),
        (Bilingual("异议的事实和理由", "facts and grounds"), objection.grounds),
    ]
    return _asked(
        request, lot, Bilingual("处理异议", "Decide the objection"), DECISION_FIELDS,
        lambda raw: result_services.objection_decide(actor=request.user, objection_id=objection.pk, raw=raw),
        Bilingual("异议已处理，已通知各方。", "The objection is decided and everybody concerned told."),
        concerns=concerns,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_new(request: HttpRequest, result_id: UUID) -> HttpResponse:
    """Hand a document over to the other side."""
    result = result_get(request.user, result_id)
    require(request.user, "auctions.hand_over", result)

    def deed(raw: Mapping[str, object]) -> None:
        file = request.FILES.get("file")
        content = b"" if file is None else file.read(LARGEST_BYTES + 1)
        hand_over_services.hand_over_add(
            actor=request.user, result_id=result.pk, raw=raw, filename=getattr(file, "name", "") or "", content=content
        )

    done = Bilingual("文件已交给对方签收。", "The document is with the other side for acceptance.")
    return _asked(request, result.lot, Bilingual("上传交割文件", "Hand a document over"), HAND_OVER_FIELDS, deed, done,
                  takes_file=True)  # fmt: skip


@login_required
@require_POST
def hand_over_accept(request: HttpRequest, hand_over_id: UUID) -> HttpResponse:
    """Accept a document of the other side's."""
    found = hand_over_file(request.user, hand_over_id)
    done = Bilingual("已签收。", "The document is accepted.")
    return _done(
        request, found.result.lot_id,
        lambda: hand_over_services.hand_over_accept(actor=request.user, hand_over_id=hand_over_id), done,
    )  # fmt: skip


@login_required
@require_safe
def hand_over_download(request: HttpRequest, hand_over_id: UUID) -> HttpResponse:
    """Hand out a document; the browser never shows it as a page of this site."""
    found = hand_over_file(request.user, hand_over_id)
    response = HttpResponse(bytes(found.file.content), content_type=found.content_type)
    return _as_file(response, found.filename)


@login_required
@require_safe
def lot_journal_file(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Hand out a lot's journal for verification elsewhere."""
    lines = b"".join(lot_journal(actor=request.user, lot_id=lot_id, at=timezone.now()))
    response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    return _as_file(response, f"lot-{lot_id}.jsonl")


@login_required
@require_safe
def confirmation_file(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Hand out the hammer confirmation of a lot."""
    paddle = free_text(request.GET, "paddle")
    paper = confirmation_paper(actor=request.user, lot=lot_listed(request.user, lot_id), paddle=paddle)
    return _as_pdf(hammer_confirmation_document(paper, _language()), f"confirmation-{paper.number}.pdf")


@login_required
@require_safe
def record_file(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Hand out the record of a sale."""
    paper = record_paper(actor=request.user, sale_id=sale_id)
    return _as_pdf(sale_record_document(paper, _language()), f"record-{paper.number}.pdf")


def _as_pdf(document: Document, name: str) -> HttpResponse:
    return _as_file(HttpResponse(typeset(document).pdf, content_type="application/pdf"), name)


def _language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def _as_file(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _asked(
    request: HttpRequest, lot: Lot, title: Bilingual, fields: tuple[Field, ...],
    deed: Callable[[Mapping[str, object]], object], done: Bilingual, *, style: str = "button-primary",
    concerns: list[tuple[Bilingual, str]] | None = None, takes_file: bool = False,
) -> HttpResponse:  # fmt: skip
    """Show a form, or do what it asks; what is refused is said above the form."""
    refused: InvalidError | ConflictError | None = None
    if request.method == "POST":
        try:
            deed(typed_values(request.POST, fields))
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            _say(request, messages.SUCCESS, done)
            return redirect(result_url(lot.pk))
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    typed = typed_values(request.POST, fields) if request.method == "POST" else {}
    known = {spec.name for spec in fields} | {"file"}
    context = {
        "title": title, "lot": lot, "back_url": result_url(lot.pk), "fields": fields, "concerns": concerns or [],
        "style": style, "errors": errors, "takes_file": takes_file, "file_errors": errors.get("file", []),
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in fields],
        "conflict": None if errors.keys() & known else refused and _text_of(refused),
    }  # fmt: skip
    return render(request, "auctions/result_form.html", context, status=refused.status if refused else 200)


def _done(request: HttpRequest, lot_id: UUID, deed: Callable[[], object], done: Bilingual) -> HttpResponse:
    """Do something that asks nothing, and say what it did or why not."""
    try:
        deed()
    except (InvalidError, ConflictError) as error:
        _say(request, messages.ERROR, _text_of(error))
    else:
        _say(request, messages.SUCCESS, done)
    return redirect(result_url(lot_id))


def _text_of(error: InvalidError | ConflictError) -> Bilingual:
    return reasons_of(error) if isinstance(error, InvalidError) else error.text


def _say(request: HttpRequest, level: int, words: Bilingual) -> None:
    messages.add_message(request, level, words.text(get_language() or "zh-hans"))
