"""Pages of lots: one with its terms and the reader's own application, and the forms of the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.auctions import lot_services as services
from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.terms_text import terms_of
from yunlang.auctions.lot_terms import LOT_FORMS, terms_typed
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.payments import Instructions, payment_provider
from yunlang.auctions.result_pages import after_context
from yunlang.auctions.sale_fields import LOT_FIELDS, REASON_FIELDS
from yunlang.auctions.sale_forms import Asking, asked
from yunlang.auctions.sale_notices import lot_address, sale_address
from yunlang.auctions.sale_selectors import applications_own, lot_get, lots_of, paddle_count, sale_get
from yunlang.auctions.terms_words import opening_price_words, span_words, terms_words
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_FORM_HELP: dict[str, Bilingual] = {
    "single_quote": Bilingual("只有一家报价且不低于保留价，确认后成交；多家报价则转入竞价。",
                              "Sold to the only party that quotes at or above the reserve; several go to competition."),
    "negotiated": Bilingual("挂牌后买卖双方多轮还价，一方接受即成交。", "Offers and counter-offers until one accepts."),
    "english": Bilingual("公开加价，价高者得。", "Open bids upwards; the highest wins."),
    "sealed": Bilingual("各交一份密封报价，截止后统一揭示。", "One sealed bid each, shown after the deadline."),
    "dutch": Bilingual("价格逐步下降，首先应价者得。", "The price falls until somebody takes it."),
    "reverse": Bilingual("采购方限定最高价，供方向下竞价，可综合评分。",
                         "Suppliers bid down from a ceiling, ranked by price and other criteria."),
    "uniform_price": Bilingual("多份同类标的，按统一价格成交。", "Several like units, all at one price."),
}  # fmt: skip


@require_safe
def lot_page(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Show one lot: what it is, on which terms, and what the reader may do next."""
    lot = lot_get(request.user, lot_id)
    terms, sale = terms_of(lot.terms), lot.sale
    own = applications_own(request.user, lot)
    prepares = may(request.user, "auctions.prepare", sale)
    context = {
        "lot": lot,
        "sale": sale,
        "terms": terms,
        "price": opening_price_words(terms),
        "facts": terms_words(terms),
        "lasts": span_words(terms.schedule.lasts) if terms.schedule.lasts else None,
        "has_reserve": getattr(terms, "reserve", None) is not None,
        "paddles": paddle_count(lot),
        "own": [_own(one) for one in own],
        "may_apply": _may_apply(request, lot, own),
        "is_open": _takes_applications(lot),
        "sells": lot.seller_id in memberships_of(request.user),
        "edits": prepares and sale.status == SaleStatus.DRAFT,
        "withdraws": prepares and lot.phase == "scheduled",
        "sees_applications": prepares or may(request.user, "auctions.view_deposits"),
        **after_context(request, lot),
    }
    return render(request, "auctions/lot_detail.html", context)


def _takes_applications(lot: Lot) -> bool:
    sale = lot.sale
    ended = lot.withdrawn_at is not None or lot.phase in ("sold", "unsold", "annulled")
    return sale.status == SaleStatus.ANNOUNCED and not ended and timezone.now() < sale.applications_close_at


def _may_apply(request: HttpRequest, lot: Lot, own: list[Bidder]) -> bool:
    """Tell whether an organisation of the reader's may yet apply."""
    standing = {one.organisation_id for one in own if one.paddle or one.status not in ("withdrawn", "rejected")}
    free = set(memberships_of(request.user)) - standing - {lot.seller_id}
    applies = any(may(request.user, "auctions.apply", Bidder(lot=lot, organisation_id=one)) for one in free)
    return applies and _takes_applications(lot)


@dataclass(frozen=True, slots=True)
class Own:
    """The reader's own application, with what to do next."""

    bidder: Bidder
    next: Bilingual
    instructions: Instructions | None
    may_withdraw: bool


_OPEN = Bilingual("现在可以出价，请进入竞价厅。", "You may bid now: enter the room.")
_NEXT: dict[str, Bilingual] = {
    "applied": Bilingual("走廊办公室正在审核，结果会通知您。", "The corridor office examines it and will tell you."),
    "approved": Bilingual("请按下面的说明缴纳保证金，到账确认后即可出价。",
                          "Pay the deposit as said below; once it is confirmed you may bid."),
    "qualified": Bilingual("已具竞买资格，开拍后可在竞价厅出价。", "You may bid in the room once bidding opens."),
    "rejected": Bilingual("未通过的原因见下；补齐后可在截止前重新报名。",
                          "The reason is below; you may apply again before applications close."),
    "withdrawn": Bilingual("报名已撤回。", "The application is withdrawn."),
    "barred": Bilingual("竞买资格已取消，原因见下。", "You may no longer bid; the reason is below."),
}  # fmt: skip


def _own(bidder: Bidder) -> Own:
    deposit = getattr(bidder, "deposit", None)
    waits = deposit is not None and deposit.status == "due"
    instructions = payment_provider(deposit.provider).instructions(deposit) if waits else None
    before = bidder.lot.phase == "scheduled"
    may_withdraw = bidder.status in ("applied", "approved") or (bidder.status == "qualified" and before)
    next_words = _OPEN if bidder.status == "qualified" and bidder.lot.phase == "open" else _NEXT[bidder.status]
    return Own(bidder, next_words, instructions, may_withdraw)


@login_required
@require_safe
def lot_choose(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Choose the form of sale of a new lot."""
    sale = sale_get(request.user, sale_id)
    require(request.user, "auctions.prepare", sale)
    if request.GET.get("form") in LOT_FORMS:
        return redirect("auctions:lot_new", sale.pk, request.GET["form"])
    forms = [(form, label, _FORM_HELP[form]) for form, label in FORM_LABELS.items()]
    return render(request, "auctions/lot_choose.html", {"sale": sale, "forms": forms})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lot_new(request: HttpRequest, sale_id: UUID, form: str) -> HttpResponse:
    """Put a lot into the catalogue."""
    sale = sale_get(request.user, sale_id)
    require(request.user, "auctions.prepare", sale)

    def do(raw: dict[str, object]) -> str:
        return lot_address(services.lot_add(actor=request.user, sale_id=sale.pk, form=form, raw=raw).pk)

    last = lots_of(sale).last()
    initial = {"number": last.number + 1 if last else 1, "opens": _local(sale), "price_weight": 100}
    asking = Asking(
        Bilingual("添加拍品：{form}", "Add a lot: {form}").format(form=FORM_LABELS[form]), do,
        Bilingual("拍品已编入目录。", "The lot is in the catalogue."), (sale.title, sale_address(sale.pk)),
        _fields(form), _FORM_HELP[form], Bilingual("保存", "Save"), initial=initial,
    )  # fmt: skip
    return asked(request, asking)


def _local(sale: Sale) -> str:
    return f"{timezone.localtime(sale.opens_at):%Y-%m-%d %H:%M}"


def _fields(form: str) -> tuple[Field, ...]:
    return (*LOT_FIELDS, *LOT_FORMS[form].fields)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lot_edit(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Change a lot of a draft."""
    lot = lot_get(request.user, lot_id)
    require(request.user, "auctions.prepare", lot.sale)

    def do(raw: dict[str, object]) -> str:
        return lot_address(services.lot_edit(actor=request.user, lot_id=lot.pk, form=lot.form, raw=raw).pk)

    asking = Asking(
        Bilingual("修改拍品", "Edit the lot"), do, Bilingual("已保存。", "Saved."), (lot.title, lot_address(lot.pk)),
        _fields(lot.form), _FORM_HELP[lot.form], Bilingual("保存", "Save"), initial=_typed(lot),
    )  # fmt: skip
    return asked(request, asking)


def _typed(lot: Lot) -> dict[str, Any]:
    typed = {spec.name: getattr(lot, spec.name) for spec in LOT_FIELDS}
    typed |= {"seller": lot.seller.name, "resource": str(lot.resource_id or "")}
    return typed | terms_typed(terms_of(lot.terms), timezone.get_default_timezone())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lot_remove(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Take a lot out of a draft."""
    lot = lot_get(request.user, lot_id)
    require(request.user, "auctions.prepare", lot.sale)

    def do(raw: dict[str, object]) -> str:
        services.lot_remove(actor=request.user, lot_id=lot.pk)
        return sale_address(lot.sale_id)

    asking = Asking(
        Bilingual("移出目录", "Remove from the catalogue"), do, Bilingual("拍品已移出目录。", "The lot is removed."),
        (lot.title, lot_address(lot.pk)), style="button-danger",
    )  # fmt: skip
    return asked(request, asking)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lot_withdraw(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Withdraw an announced lot before its bidding."""
    lot = lot_get(request.user, lot_id)
    require(request.user, "auctions.prepare", lot.sale)

    def do(raw: dict[str, object]) -> str:
        services.lot_withdraw(actor=request.user, lot_id=lot.pk, raw=raw)
        return lot_address(lot.pk)

    asking = Asking(
        Bilingual("撤回拍品", "Withdraw the lot"), do,
        Bilingual("拍品已撤回，保证金列入待退。", "The lot is withdrawn; deposits are to be refunded."),
        (lot.title, lot_address(lot.pk)), REASON_FIELDS,
        Bilingual("只能在开拍前撤回：已收的保证金退还。", "Before bidding only; deposits are refunded."),
        style="button-danger",
    )  # fmt: skip
    return asked(request, asking)
