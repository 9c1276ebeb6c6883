"""Pages of sales: the list, the catalogue, and what the office does with a sale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.auctions import sale_services as services
from yunlang.auctions.lot_terms import first_price
from yunlang.auctions.models import Lot, Sale
from yunlang.auctions.sale_fields import AUCTIONEER_FIELDS, REASON_FIELDS, SALE_FIELDS
from yunlang.auctions.sale_forms import Asking, asked
from yunlang.auctions.sale_notices import sale_address
from yunlang.auctions.sale_selectors import lots_of, sale_editions, sale_get, sales_visible, with_lots_counted
from yunlang.auctions.vocabulary import SALE_STATUSES, SaleStatus
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import city_choice
from yunlang.registry.pages.parameters import chips, chosen, city_labels, facet, page_of
from yunlang.registry.selectors.facets import facets_of, in_cities

SALES = Bilingual("拍卖", "Auctions")
_FACETS: dict[str, Bilingual] = {
    "status": Bilingual("进展", "Status"),
    "city": Bilingual("举办城市", "City"),
    "edition": Bilingual("届次", "Edition"),
}


@require_safe
def sale_list(request: HttpRequest) -> HttpResponse:
    """List the sales that the reader may see, narrowed by the address."""
    labels: dict[str, Any] = {
        "status": SALE_STATUSES,
        "city": city_labels(),
        "edition": {edition: Bilingual(edition, edition) for edition in sale_editions(request.user)},
    }
    picked = {name: chosen(request.GET, name, labels[name]) for name in _FACETS}
    visible = sales_visible(request.user)
    counts = facets_of(visible, picked)
    rows = visible.filter(**{f"{name}__in": picked[name] for name in ("status", "edition") if picked[name]})
    if picked["city"]:
        rows = rows.filter(in_cities(picked["city"]))
    page = page_of(with_lots_counted(rows), request.GET, count=counts.total)
    context = {
        "page": page,
        "count": counts.total,
        "rows": page.object_list,
        "facets": [facet(title, name, labels[name], counts[name], picked[name]) for name, title in _FACETS.items()],
        "chips": [chip for name in _FACETS for chip in chips(request, name, picked[name], labels[name])],
        "may_prepare": may(request.user, "auctions.prepare"),
        "sees_deposits": may(request.user, "auctions.view_deposits"),
    }
    return render(request, "auctions/sale_list.html", context)


@require_safe
def sale_page(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Show a sale with its catalogue."""
    sale = sale_get(request.user, sale_id)
    lots = list(lots_of(sale))
    prepares = may(request.user, "auctions.prepare", sale)
    context = {
        "sale": sale,
        "lots": [(lot, first_price(lot.terms)) for lot in lots],
        "sold": [lot for lot in lots if lot.phase == "sold"],
        "is_open": sale.status == SaleStatus.ANNOUNCED and timezone.now() < sale.applications_close_at,
        "is_draft": sale.status == SaleStatus.DRAFT,
        "actions": _actions(sale, lots) if prepares else [],
        "prepares": prepares,
        "sees_applications": prepares or may(request.user, "auctions.view_deposits"),
        "conducts": sale.status == SaleStatus.ANNOUNCED and may(request.user, "auctions.conduct", sale),
    }
    return render(request, "auctions/sale_detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sale_new(request: HttpRequest) -> HttpResponse:
    """Begin a sale."""
    require(request.user, "auctions.prepare")

    def do(raw: dict[str, object]) -> str:
        return sale_address(services.sale_create(actor=request.user, raw=raw).pk)

    asking = Asking(
        Bilingual("筹备拍卖会", "Prepare a sale"), do,
        Bilingual("拍卖会已建立，请编制目录。", "Now fill the catalogue."),
        (SALES, reverse("auctions:sales")), _fields(), initial={"notice_days": 7, "objection_days": 5},
        submit=Bilingual("保存", "Save"),
        lede=Bilingual("先存草稿；编好目录再公告，公告后条件不再改动。",
                       "A draft first: once the catalogue is announced, nothing of it changes."),
    )  # fmt: skip
    return asked(request, asking)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sale_edit(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Change a draft."""
    sale = sale_get(request.user, sale_id)
    require(request.user, "auctions.prepare", sale)

    def do(raw: dict[str, object]) -> str:
        return sale_address(services.sale_edit(actor=request.user, sale_id=sale.pk, raw=raw).pk)

    asking = Asking(
        Bilingual("修改拍卖会", "Edit the sale"), do, Bilingual("已保存。", "Saved."),
        (sale.title, sale_address(sale.pk)), _fields(), initial=_typed(sale), submit=Bilingual("保存", "Save"),
    )  # fmt: skip
    return asked(request, asking)


def _fields() -> tuple[Field, ...]:
    return tuple(city_choice(spec) if spec.name == "city" else spec for spec in SALE_FIELDS)


def _typed(sale: Sale) -> dict[str, Any]:
    typed = {spec.name: getattr(sale, spec.name) for spec in SALE_FIELDS}
    moments = {
        name: f"{timezone.localtime(typed[name]):%Y-%m-%d %H:%M}" for name in ("applications_close_at", "opens_at")
    }
    return typed | moments | {"host": sale.host.name if sale.host else "", "city": sale.city_id or ""}


@dataclass(frozen=True, slots=True)
class SaleAction:
    """Something that the office does with a sale."""

    label: Bilingual
    service: Callable[..., Sale]
    done: Bilingual
    fields: tuple[Field, ...] = ()
    style: str = ""
    lede: Bilingual | None = None


ACTIONS: dict[str, SaleAction] = {
    "announce": SaleAction(
        Bilingual("发布公告", "Announce"), services.sale_announce,
        Bilingual("拍卖会已公告，各拍品的条件从此不变。", "The sale is announced; the terms of its lots stay."),
        style="button-primary",
        lede=Bilingual("公告后目录、条件和时间都不能再改，只能在开拍前撤回。请再核对一遍。",
                       "Once announced nothing of it can be changed; it can only be withdrawn before bidding."),
    ),
    "auctioneer": SaleAction(
        Bilingual("指定拍卖师", "Name the auctioneer"), services.auctioneer_name,
        Bilingual("拍卖师已指定。", "The auctioneer is named."), AUCTIONEER_FIELDS,
    ),
    "close": SaleAction(
        Bilingual("结束拍卖会", "Close the sale"), services.sale_close,
        Bilingual("拍卖会已结束。", "The sale is closed."),
    ),
    "withdraw": SaleAction(
        Bilingual("撤回拍卖会", "Withdraw the sale"), services.sale_withdraw,
        Bilingual("拍卖会已撤回，保证金列入待退。", "The sale is withdrawn; deposits are to be refunded."),
        REASON_FIELDS, "button-danger",
        Bilingual("只能在开拍前撤回：拍品全部撤销，已收的保证金退还，报名者会收到通知。",
                  "Before bidding only: lots are annulled, deposits refunded, applicants told."),
    ),
}  # fmt: skip


def _actions(sale: Sale, lots: list[Lot]) -> list[tuple[Bilingual, str, str]]:
    begun = any(lot.phase not in (None, "scheduled", "annulled") for lot in lots)
    ended = all(lot.phase in ("sold", "unsold", "annulled") for lot in lots)
    possible = {
        "announce": sale.status == SaleStatus.DRAFT and bool(lots),
        "auctioneer": sale.status in (SaleStatus.DRAFT, SaleStatus.ANNOUNCED),
        "close": sale.status == SaleStatus.ANNOUNCED and ended,
        "withdraw": sale.status in (SaleStatus.DRAFT, SaleStatus.ANNOUNCED) and not begun,
    }
    return [
        (one.label, reverse("auctions:sale_action", args=[sale.pk, name]), one.style)
        for name, one in ACTIONS.items() if possible[name]
    ]  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sale_action(request: HttpRequest, sale_id: UUID, action: str) -> HttpResponse:
    """Ask what an action on a sale needs, and have it done."""
    sale = sale_get(request.user, sale_id)
    require(request.user, "auctions.prepare", sale)
    one = ACTIONS[action]

    def do(raw: dict[str, object]) -> str:
        given = {"raw": raw} if one.fields else {}
        one.service(actor=request.user, sale_id=sale.pk, **given)
        return sale_address(sale.pk)

    asking = Asking(
        one.label, do, one.done, (sale.title, sale_address(sale.pk)), one.fields, one.lede,
        style=one.style or "button-primary",
    )  # fmt: skip
    return asked(request, asking)
