"""The cashier's pages: all deposits, and what is done with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.auctions import deposit_services as services
from yunlang.auctions.core.deposits import DEPOSIT_STATUSES, DepositStatus, Step, may_follow
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.sale_fields import REASON_FIELDS, RECEIPT_FIELDS, REFUND_FIELDS, STATEMENT_FIELDS
from yunlang.auctions.sale_forms import Asking, asked
from yunlang.auctions.sale_selectors import deposit_sums, deposits
from yunlang.auctions.statement_services import Transfer, statement_confirm, transfers_of
from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import TableLimits, read_table
from yunlang.kit.tables.model import MEGABYTE
from yunlang.registry.pages.parameters import chips, chosen, facet, free_text, page_of

_MISSING = Bilingual("请选择文件", "Choose a file")
_LIMITS = TableLimits(file_bytes=5 * MEGABYTE, rows=5_000)
_STATUS = Bilingual("进展", "Status")


@dataclass(frozen=True, slots=True)
class DepositAction:
    """Something that the cashier does with a deposit."""

    label: Bilingual
    service: Callable[..., Deposit]
    done: Bilingual
    step: Step
    fields: tuple[Field, ...] = ()
    style: str = "button-primary"
    lede: Bilingual | None = None


ACTIONS: dict[str, DepositAction] = {
    "confirm": DepositAction(
        Bilingual("确认到账", "Confirm receipt"), services.deposit_confirm,
        Bilingual("到账已确认。", "The receipt is confirmed."), Step.RECEIVE, RECEIPT_FIELDS,
        lede=Bilingual("金额须与应缴一致；确认后竞买人即具资格。",
                       "The amount must be the one due; the bidder is qualified at once."),
    ),
    "refund": DepositAction(
        Bilingual("登记退款", "Record the refund"), services.deposit_refund,
        Bilingual("退款已登记。", "The refund is recorded."), Step.REFUND, REFUND_FIELDS,
        lede=Bilingual("先在银行原路退回，再登记回单号。", "Send the money back first, then write down its slip."),
    ),
    "settle": DepositAction(
        Bilingual("准予退还", "Release"), services.deposit_settle,
        Bilingual("保证金列入待退。", "The deposit is to be refunded."), Step.RELEASE, style="",
        lede=Bilingual("用于已付清价款的买受人；未竞得者在拍品结束后自动列入待退。",
                       "For a winner that has paid; losers' deposits are released when the lot ends."),
    ),
    "forfeit": DepositAction(
        Bilingual("不予退还", "Forfeit"), services.deposit_forfeit,
        Bilingual("已登记不予退还，并通知竞买机构。", "The deposit is forfeited; the bidder is told."), Step.FORFEIT,
        REASON_FIELDS, "button-danger",
        Bilingual("用于违约或违规的竞买人，不能撤销。", "For bidders that default or break rules; final."),
    ),
}  # fmt: skip


@login_required
@require_safe
def deposit_list(request: HttpRequest) -> HttpResponse:
    """Show the cashier all deposits, with what is to be done with each."""
    require(request.user, "auctions.view_deposits")
    keeps = may(request.user, "auctions.keep_deposits")
    search = free_text(request.GET, "q")
    rows = deposits().filter(reference__icontains=search) if search else deposits()
    sums = deposit_sums(rows)
    picked = chosen(request.GET, "status", DEPOSIT_STATUSES)
    shown = rows.filter(status__in=picked) if picked else rows
    page = page_of(shown, request.GET)
    counts = {status: count for status, (count, _) in sums.items()}
    context = {
        "page": page,
        "count": page.paginator.count,
        "rows": [(one, _links(one) if keeps else []) for one in page.object_list],
        "sums": [(DEPOSIT_STATUSES[status], *sums[status]) for status in DepositStatus if status in sums],
        "facets": [facet(_STATUS, "status", DEPOSIT_STATUSES, counts, picked)],
        "chips": chips(request, "status", picked, DEPOSIT_STATUSES),
        "search": search,
        "keeps": keeps,
        "is_configured": bool(settings.DEPOSIT_ACCOUNT),
    }
    return render(request, "auctions/deposit_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deposit_statement(request: HttpRequest) -> HttpResponse:
    """Confirm the deposits that a bank's statement shows."""
    require(request.user, "auctions.keep_deposits")
    context: dict[str, Any] = {"columns": STATEMENT_FIELDS}
    if request.method != "POST":
        return render(request, "auctions/deposit_statement.html", context)
    try:
        outcomes = statement_confirm(actor=request.user, transfers=_transfers(request))
    except DomainError as error:
        context["refused"] = error
        return render(request, "auctions/deposit_statement.html", context, status=error.status)
    context |= {"outcomes": outcomes, "confirmed": sum(one.is_confirmed for one in outcomes)}
    return render(request, "auctions/deposit_statement.html", context)


def _transfers(request: HttpRequest) -> list[Transfer]:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise InvalidError({"file": [_MISSING]})
    stream = cast(BinaryIO, upload.file)
    with read_table(stream, filename=upload.name, limits=_LIMITS) as table:
        return transfers_of(table)


def _links(deposit: Deposit) -> list[tuple[Bilingual, str, str]]:
    return [
        (one.label, reverse("auctions:deposit_action", args=[deposit.pk, name]), one.style)
        for name, one in ACTIONS.items()
        if may_follow(DepositStatus(deposit.status), one.step)
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deposit_action(request: HttpRequest, deposit_id: UUID, action: str) -> HttpResponse:
    """Ask what an action on a deposit needs, and have it done."""
    require(request.user, "auctions.keep_deposits")
    deposit, one = get_object_or_404(deposits(), pk=deposit_id), ACTIONS[action]
    back = reverse("auctions:deposits")

    def do(raw: dict[str, object]) -> str:
        given = {"raw": raw} if one.fields else {}
        one.service(actor=request.user, deposit_id=deposit.pk, **given)
        return back

    bidder = deposit.bidder
    concerns = [
        (Bilingual("附言", "reference"), deposit.reference),
        (Bilingual("竞买机构", "bidder"), bidder.organisation.name),
        (Bilingual("拍品", "lot"), bidder.lot.title),
        (Bilingual("应缴金额", "amount due"), deposit.amount),
    ]
    asking = Asking(
        one.label, do, one.done, (Bilingual("保证金", "Deposits"), back), one.fields, one.lede, style=one.style,
        initial={"received_on": timezone.localdate()}, concerns=concerns,
    )  # fmt: skip
    return asked(request, asking)
