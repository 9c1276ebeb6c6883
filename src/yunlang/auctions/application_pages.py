"""Pages of applications to bid: the form, the office's table, and what is decided on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.auctions import application_services as services
from yunlang.auctions.models import Bidder, Lot
from yunlang.auctions.sale_fields import APPLICATION_FIELDS, REASON_FIELDS
from yunlang.auctions.sale_forms import Asking, asked
from yunlang.auctions.sale_notices import lot_address
from yunlang.auctions.sale_selectors import applications_of, applications_own, bidder_get, lot_get, sale_get
from yunlang.auctions.vocabulary import BIDDER_STATUSES
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership
from yunlang.registry.pages.parameters import chips, chosen, facet, page_of
from yunlang.registry.selectors.facets import facets_of
from yunlang.registry.selectors.organisations import organisations_of_actor

_ABOVE = Bilingual("报名", "Applications")
_NO_ORGANISATION = Bilingual("请选择代表哪家机构报名", "choose the organisation that applies")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Apply to bid for a lot on behalf of an own organisation."""
    lot = lot_get(request.user, lot_id)
    choices = _organisations(request, lot)

    def do(raw: dict[str, object]) -> str:
        chosen_one = str(raw.get("organisation") or "") or (next(iter(choices)) if len(choices) == 1 else "")
        if chosen_one not in choices:
            raise InvalidError({"organisation": [_NO_ORGANISATION]})
        services.application_submit(actor=request.user, lot_id=lot.pk, organisation_id=UUID(chosen_one), raw=raw)
        return lot_address(lot.pk)

    organisation = Field(
        "organisation", Bilingual("竞买机构", "bidding organisation"), FieldType.CHOICE, required=True, choices=choices
    )
    asking = Asking(
        Bilingual("报名竞买", "Apply to bid"), do,
        Bilingual("报名已提交，审核结果会通知您。", "The application is in; you will be told what becomes of it."),
        (lot.title, lot_address(lot.pk)), (organisation, *APPLICATION_FIELDS),
        Bilingual("审核通过后发给号牌，并请您缴纳保证金；出价时别人只看到号牌。",
                  "Once approved you get a paddle and are asked for the deposit; others see only the paddle."),
        initial={"organisation": next(iter(choices)) if len(choices) == 1 else ""},
        concerns=[(Bilingual("拍品", "lot"), lot.title), (Bilingual("保证金", "deposit"), lot.deposit)],
    )  # fmt: skip
    return asked(request, asking)


def _organisations(request: HttpRequest, lot: Lot) -> dict[str, Bilingual]:
    rows = [row.organisation for row in organisations_of_actor(request.user) if row.state == Membership.State.ACTIVE]
    applied = {
        one.organisation_id
        for one in applications_own(request.user, lot)
        if one.status not in ("withdrawn", "rejected")
    }
    return {str(one.pk): Bilingual(one.name, one.name) for one in rows if one.pk not in applied}


@dataclass(frozen=True, slots=True)
class ApplicationAction:
    """Something that is done with an application."""

    label: Bilingual
    service: Callable[..., Bidder]
    done: Bilingual
    permission: str
    statuses: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    style: str = ""
    lede: Bilingual | None = None


ACTIONS: dict[str, ApplicationAction] = {
    "approve": ApplicationAction(
        Bilingual("通过", "Approve"), services.application_approve,
        Bilingual("报名已通过，号牌已发，缴纳保证金的通知已发出。",
                  "Approved: the paddle is given, and the deposit asked for."),
        "auctions.examine", ("applied",), style="button-primary",
    ),
    "reject": ApplicationAction(
        Bilingual("不通过", "Refuse"), services.application_reject,
        Bilingual("已记录不通过，并通知报名机构。", "Refused; the applicant is told."),
        "auctions.examine", ("applied",), REASON_FIELDS, "button-danger",
    ),
    "bar": ApplicationAction(
        Bilingual("取消资格", "Bar"), services.bidder_bar,
        Bilingual("竞买资格已取消，并通知竞买机构。", "The bidder is barred and told so."), "auctions.examine",
        ("approved", "qualified"), REASON_FIELDS, "button-danger",
        Bilingual("取消后不再受理其出价，已受理的出价仍然有效。",
                  "Nothing more is taken from its paddle; bids already taken stand."),
    ),
    "withdraw": ApplicationAction(
        Bilingual("撤回报名", "Withdraw the application"), services.application_withdraw,
        Bilingual("报名已撤回，已缴的保证金列入待退。", "Withdrawn; a deposit that was paid is to be refunded."),
        "auctions.withdraw_application", ("applied", "approved", "qualified"), (), "button-danger",
        Bilingual("撤回后保证金退还；已发的号牌作废，不能再报名本拍品。",
                  "The deposit is refunded; once a paddle was given you cannot apply again."),
    ),
}  # fmt: skip


@login_required
@require_safe
def application_list(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Show the office the applications for a sale, those to be examined first."""
    sale = sale_get(request.user, sale_id)
    require(request.user, "auctions.view_deposits")
    rows = applications_of(sale)
    numbers = sale.lots.order_by("number").values_list("number", "title")
    labels: dict[str, Any] = {
        "status": BIDDER_STATUSES,
        "lot__number": {str(number): Bilingual(f"{number} {title}", f"{number} {title}") for number, title in numbers},
    }
    titles = {"status": Bilingual("审核", "Status"), "lot__number": Bilingual("拍品", "Lot")}
    picked = {name: chosen(request.GET, name, labels[name]) for name in labels}
    counts = facets_of(rows, picked)
    shown = rows.filter(**{f"{name}__in": values for name, values in picked.items() if values})
    page = page_of(shown, request.GET, count=counts.total)
    examines = may(request.user, "auctions.examine")
    context = {
        "sale": sale,
        "page": page,
        "count": counts.total,
        "rows": [(one, _links(one) if examines else []) for one in page.object_list],
        "facets": [facet(titles[name], name, labels[name], counts[name], picked[name]) for name in labels],
        "chips": [chip for name in labels for chip in chips(request, name, picked[name], labels[name])],
        "examines": examines,
    }
    return render(request, "auctions/application_list.html", context)


def _links(bidder: Bidder) -> list[tuple[Bilingual, str, str]]:
    return [
        (one.label, reverse("auctions:application_action", args=[bidder.pk, name]), one.style)
        for name, one in ACTIONS.items()
        if bidder.status in one.statuses and one.permission == "auctions.examine"
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_action(request: HttpRequest, bidder_id: UUID, action: str) -> HttpResponse:
    """Ask what an action on an application needs, and have it done."""
    bidder, one = bidder_get(request.user, bidder_id), ACTIONS[action]
    require(request.user, one.permission, bidder)
    examines = one.permission == "auctions.examine"
    back = reverse("auctions:applications", args=[bidder.lot.sale_id]) if examines else lot_address(bidder.lot_id)

    def do(raw: dict[str, object]) -> str:
        given = {"raw": raw} if one.fields else {}
        one.service(actor=request.user, bidder_id=bidder.pk, **given)
        return back

    concerns = [
        (Bilingual("拍品", "lot"), bidder.lot.title),
        (Bilingual("报名机构", "applicant"), bidder.organisation.name),
        (Bilingual("受让说明", "statement"), bidder.statement),
    ]
    above = _ABOVE if examines else bidder.lot.title
    asking = Asking(
        one.label, do, one.done, (above, back), one.fields, one.lede, style=one.style, concerns=concerns
    )  # fmt: skip
    return asked(request, asking)
