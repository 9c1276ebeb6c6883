"""What the office does with a sale up to its first lot. One function is one business action in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yunlang.accounts.models import User
from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.conducting import lot_annul, lot_list
from yunlang.auctions.core.commission import Commission, CommissionError, Scale, commission_plain
from yunlang.auctions.core.commission_text import scale_read
from yunlang.auctions.core.state import ENDED, Phase
from yunlang.auctions.core.terms_text import terms_of
from yunlang.auctions.deposit_services import deposits_release
from yunlang.auctions.lot_states import LOT
from yunlang.auctions.models import Lot, Sale, Standing
from yunlang.auctions.sale_fields import AUCTIONEER_FIELDS, REASON_FIELDS, SALE_FIELDS, moment_parsed
from yunlang.auctions.sale_notices import sale_announced_tell, sale_withdrawn_tell
from yunlang.auctions.sale_parts import (
    BiddingBegunError,
    Raw,
    account_of,
    organisation_of,
    parsed,
    sale_held,
    sale_status_require,
)
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.deals.journal import journal_lock
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import FieldError, parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.selectors.corridor import city_named

SALE = "sale"
_MOMENTS = ("applications_close_at", "opens_at")
_ORDER = Bilingual("报名截止不能晚于开拍时间", "applications close no later than bidding opens")
_NO_CITY = Bilingual("没有这座城市，请填写走廊九城之一", "no such city; name one of the corridor's nine")
_NO_ACCOUNT = Bilingual("没有使用这个邮箱的账号", "no account has this e-mail address")


class NoticePeriodError(ConflictError):
    """The notice period (公告期) would be too short."""

    code = "notice_period"
    message = Bilingual(
        "公告期至少 {days} 天：现在公告，最早 {earliest} 开拍。请推迟开拍时间。",
        "The notice period is {days} days at least: announced now, bidding opens on {earliest} at the earliest.",
    )


class SaleIncompleteError(ConflictError):
    """Something still stands against the announcement."""

    code = "sale_incomplete"
    message = Bilingual("还不能公告：{reason}。", "It cannot be announced yet: {reason}.")


class LotsOpenError(ConflictError):
    """A sale is over when all of its lots are."""

    code = "lots_open"
    message = Bilingual("还有 {count} 件拍品未结束。", "{count} lot(s) have not ended yet.")


@transaction.atomic
def sale_create(*, actor: Actor, raw: Raw, illustrative: bool = False) -> Sale:
    """Begin a sale as a draft.

    Raises
    ------
    InvalidError
    """
    require(actor, "auctions.prepare")
    columns = _columns(raw)
    sale = Sale.objects.create(**columns, created_by=account_of(actor), illustrative=illustrative)
    audit_record(actor=actor, action="sale_create", object_kind=SALE, object_id=sale.pk, after=_audited(sale))
    return sale


@transaction.atomic
def sale_edit(*, actor: Actor, sale_id: UUID, raw: Raw) -> Sale:
    """Change a draft.

    Raises
    ------
    InvalidError, SaleStatusError
    """
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    sale_status_require(sale, SaleStatus.DRAFT)
    was = _audited(sale)
    for name, value in _columns(raw).items():
        setattr(sale, name, value)
    _saved(sale)
    before, after = changed_values(was, _audited(sale))
    audit_record(actor=actor, action="sale_edit", object_kind=SALE, object_id=sale.pk, before=before, after=after)
    return sale


@transaction.atomic
def sale_announce(*, actor: Actor, sale_id: UUID, clock: Clock = server_time) -> Sale:
    """Announce a sale (公告): from now on its lots stand on their terms, and parties may apply.

    Raises
    ------
    SaleStatusError, SaleIncompleteError, NoticePeriodError
    """
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    sale_status_require(sale, SaleStatus.DRAFT)
    lots, now = list(sale.lots.order_by("pk")), clock()
    _announceable(sale, lots, now)
    sale.status, sale.announced_at = SaleStatus.ANNOUNCED, now
    _saved(sale)
    for lot in lots:
        lot_list(actor=actor, lot_id=lot.pk, clock=clock)
    after = {"announced_at": now, "lots": len(lots)}
    audit_record(actor=actor, action="sale_announce", object_kind=SALE, object_id=sale.pk, after=after)
    sale_announced_tell(sale)
    return sale


def _announceable(sale: Sale, lots: list[Lot], now: datetime) -> None:
    if not lots:
        raise SaleIncompleteError(reason=Bilingual("目录中还没有拍品", "the catalogue has no lots"))
    earliest = now + timedelta(days=sale.notice_days)
    if sale.opens_at < earliest:
        raise NoticePeriodError(days=sale.notice_days, earliest=f"{timezone.localtime(earliest):%Y-%m-%d %H:%M}")
    if sale.applications_close_at <= now:
        raise SaleIncompleteError(reason=Bilingual("报名截止时间已过", "applications have closed"))
    opening = {lot.number: terms_of(lot.terms).schedule.opens for lot in lots}
    early = sorted(number for number, opens in opening.items() if opens is not None and opens < sale.opens_at)
    if early:
        reason = Bilingual("第 {lots} 号拍品早于开拍时间开始", "lots {lots} open before the sale does")
        raise SaleIncompleteError(reason=reason.format(lots=", ".join(map(str, early))))


@transaction.atomic
def sale_withdraw(*, actor: Actor, sale_id: UUID, raw: Raw, clock: Clock = server_time) -> Sale:
    """Withdraw a sale before bidding: its lots are annulled, deposits go back.

    Raises
    ------
    SaleStatusError, BiddingBegunError
    """
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    sale_status_require(sale, SaleStatus.DRAFT, SaleStatus.ANNOUNCED)
    lots = list(sale.lots.select_for_update(no_key=True).filter(withdrawn_at=None).order_by("pk"))
    now = clock()
    if sale.status == SaleStatus.ANNOUNCED:
        # Held, so that no lot opens between this question and its annulment.
        journal_lock(LOT, [lot.pk for lot in lots])
        if Standing.objects.filter(lot__in=lots).exclude(phase=Phase.SCHEDULED).exists():
            raise BiddingBegunError
        for lot in lots:
            lot_annul(actor=actor, lot_id=lot.pk, reason=reason, clock=clock)
    Lot.objects.filter(pk__in=[lot.pk for lot in lots]).update(withdrawn_at=now, updated_at=now)
    for lot in lots:
        deposits_release(actor=actor, lot_id=lot.pk, clock=clock)
    sale.status, sale.closed_at, sale.end_reason = SaleStatus.WITHDRAWN, now, reason
    _saved(sale)
    audit_record(actor=actor, action="sale_withdraw", object_kind=SALE, object_id=sale.pk, after={"reason": reason})
    sale_withdrawn_tell(sale)
    return sale


@transaction.atomic
def sale_close(*, actor: Actor, sale_id: UUID, clock: Clock = server_time) -> Sale:
    """Close a sale whose lots have all ended.

    Raises
    ------
    SaleStatusError, LotsOpenError
    """
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    sale_status_require(sale, SaleStatus.ANNOUNCED)
    open_lots = Standing.objects.filter(lot__sale=sale).exclude(phase__in=[str(one) for one in ENDED]).count()
    if open_lots:
        raise LotsOpenError(count=open_lots)
    sale.status, sale.closed_at = SaleStatus.CLOSED, clock()
    _saved(sale)
    audit_record(actor=actor, action="sale_close", object_kind=SALE, object_id=sale.pk)
    return sale


@transaction.atomic
def auctioneer_name(*, actor: Actor, sale_id: UUID, raw: Raw) -> Sale:
    """Name who conducts the sale.

    Raises
    ------
    InvalidError, SaleStatusError
    """
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    email = parsed(AUCTIONEER_FIELDS, raw)["email"]
    sale_status_require(sale, SaleStatus.DRAFT, SaleStatus.ANNOUNCED)
    account = User.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        raise InvalidError({"email": [_NO_ACCOUNT]})
    was, sale.auctioneer = sale.auctioneer_id, account
    _saved(sale)
    audit_record(
        actor=actor, action="auctioneer_name", object_kind=SALE, object_id=sale.pk,
        before={"auctioneer": was}, after={"auctioneer": account.pk},
    )  # fmt: skip
    return sale


def _saved(sale: Sale) -> None:
    sale.updated_at = timezone.now()
    sale.save()


def _columns(raw: Raw) -> dict[str, Any]:
    values, found = parse_record(SALE_FIELDS, raw)
    reasons = {name: [reason] for name, reason in found.items()}
    for name in _MOMENTS:
        try:
            values[name] = moment_parsed(values[name], timezone.get_default_timezone()) if values.get(name) else None
        except FieldError as error:
            reasons[name] = [error.reason]
    values["host"] = organisation_of(values.get("host"), "host", reasons)
    values["city"] = city_named(values.get("city") or "")
    if values["city"] is None:
        reasons.setdefault("city", [_NO_CITY])
    values["commission"] = _commission(values, reasons)
    if not reasons and values["applications_close_at"] > values["opens_at"]:
        reasons["applications_close_at"] = [_ORDER]
    if reasons:
        raise InvalidError(reasons)
    return {name: "" if value is None and name not in ("host", "city") else value for name, value in values.items()}


def _commission(values: dict[str, Any], reasons: dict[str, list[Bilingual]]) -> dict[str, Any]:
    scales: dict[str, Scale | None] = {}
    for side in ("buyer", "seller"):
        name = f"{side}_commission"
        try:
            scales[side] = scale_read(values.pop(name, None) or "")
        except CommissionError as error:
            reasons[name] = [reason for found in error.fields.values() for reason in found]
    return commission_plain(Commission(**scales))


def _audited(sale: Sale) -> dict[str, Any]:
    names = [spec.name for spec in SALE_FIELDS]
    return {name: getattr(sale, f"{name}_id" if name in ("host", "city") else name) for name in names}
