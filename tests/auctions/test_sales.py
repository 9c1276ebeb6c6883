"""A sale up to its hammer: what is announced stands, who applies in time gets a paddle, deposits go where they belong."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from tests.auctions.sale_support import EARLY, SALE, Sales, lot_typed
from tests.auctions.support import OPENING, yuan
from tests.concurrent import at_once
from tests.factories import make_cities, make_member, make_organisation, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import Notice
from yunlang.accounts.notices import notice_text
from yunlang.auctions import conducting
from yunlang.auctions.application_services import (
    AlreadyAppliedError,
    ApplicationsClosedError,
    ApplicationStatusError,
    LotEndedError,
    SellerAppliesError,
    application_approve,
    application_reject,
    application_withdraw,
    bidder_bar,
)
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.core.commission import commission_of
from yunlang.auctions.core.deposits import DepositStatus, DepositStepError, balance_of, held_of, is_reference
from yunlang.auctions.core.state import Phase
from yunlang.auctions.core.terms_text import terms_of
from yunlang.auctions.deposit_services import (
    SlipUsedError,
    deposit_forfeit,
    deposit_refund,
    deposit_settle,
    deposits_release,
    lots_to_release,
)
from yunlang.auctions.lot_services import lot_add, lot_edit, lot_remove, lot_withdraw
from yunlang.auctions.lot_states import lot_state
from yunlang.auctions.lot_terms import terms_parsed, terms_typed
from yunlang.auctions.models import Bidder, Deposit, DepositEntry, Lot, Sale, Standing
from yunlang.auctions.payments import WrongAmountError
from yunlang.auctions.sale_notices import lots_opening_tell
from yunlang.auctions.sale_parts import BiddingBegunError, SaleStatusError
from yunlang.auctions.sale_services import (
    LotsOpenError,
    NoticePeriodError,
    SaleIncompleteError,
    auctioneer_name,
    sale_close,
    sale_create,
    sale_edit,
    sale_withdraw,
)
from yunlang.auctions.sealing import opening_key_make
from yunlang.auctions.vocabulary import BidderStatus, SaleStatus
from yunlang.kit.errors import InvalidError

pytestmark = pytest.mark.django_db
REASON = {"reason": "权属有争议"}


@pytest.fixture
def sales(corridor: object) -> Sales:
    return Sales()


def told(user: Any) -> list[str]:
    return [notice_text(one).zh for one in Notice.objects.filter(recipient=user).order_by("created_at", "id")]


def balance() -> Any:
    movements = DepositEntry.objects.order_by("pk").values_list("step", "amount")
    return balance_of(movements)


def test_from_the_draft_to_the_hammer(sales: Sales) -> None:
    winner, loser = sales.qualified(), sales.qualified()
    assert (winner.paddle, loser.paddle) == ("01", "02")
    sales.clock.at(0)
    conducting.lot_tick(lot_id=sales.lot.pk, clock=sales.clock)
    for bidder, amount in ((loser, "8950000"), (winner, "9000000")):
        answer = bid_place(
            actor=bidder.applied_by, lot_id=sales.lot.pk, key="bid", amount=yuan(amount), clock=sales.clock
        )
        assert answer.is_accepted
    assert lots_to_release() == []
    assert deposits_release(actor=SYSTEM, lot_id=sales.lot.pk, clock=sales.clock) == 0
    conducting.lot_tick(lot_id=sales.lot.pk, clock=sales.clock.at(300))
    assert lots_to_release() == [sales.lot.pk]
    assert deposits_release(actor=SYSTEM, lot_id=sales.lot.pk, clock=sales.clock) == 1
    assert deposits_release(actor=SYSTEM, lot_id=sales.lot.pk, clock=sales.clock) == 0
    assert lots_to_release() == []
    held, back = Deposit.objects.get(bidder=winner), Deposit.objects.get(bidder=loser)
    assert (held.status, back.status) == (DepositStatus.HELD, DepositStatus.REFUND_DUE)
    deposit_refund(actor=sales.office, deposit_id=back.pk, raw={"slip": "R-1"}, clock=sales.clock)
    deposit_settle(actor=sales.office, deposit_id=held.pk, clock=sales.clock)
    deposit_refund(actor=sales.office, deposit_id=held.pk, raw={"slip": "R-2"}, clock=sales.clock)
    found = balance()
    assert (found.received, found.held, found.refunded) == (yuan("1000000"), yuan("0"), yuan("1000000"))
    with pytest.raises(DepositStepError):
        deposit_refund(actor=sales.office, deposit_id=back.pk, raw={"slip": "R-3"}, clock=sales.clock)
    closed = sale_close(actor=sales.office, sale_id=sales.sale.pk, clock=sales.clock)
    assert closed.status == SaleStatus.CLOSED


def test_the_announcement_lists_every_lot_on_terms_that_stay(sales: Sales) -> None:
    standing = Standing.objects.get(pk=sales.lot.pk)
    assert (standing.phase, standing.due_at) == (Phase.SCHEDULED, OPENING)
    assert lot_state(sales.lot.pk).terms == terms_of(sales.lot.terms)
    raw = lot_typed(sales.seller.name)
    for change in (
        lambda: sale_edit(actor=sales.office, sale_id=sales.sale.pk, raw=SALE),
        lambda: lot_add(actor=sales.office, sale_id=sales.sale.pk, form="english", raw=raw | {"number": "2"}),
        lambda: lot_edit(actor=sales.office, lot_id=sales.lot.pk, form="english", raw=raw),
        lambda: lot_remove(actor=sales.office, lot_id=sales.lot.pk),
    ):
        with pytest.raises(SaleStatusError):
            change()
    with pytest.raises(IntegrityError, match="terms of a listed lot stay"), transaction.atomic():
        Lot.objects.filter(pk=sales.lot.pk).update(deposit=1)


def test_a_sale_is_announced_only_with_the_whole_notice_period(corridor: object) -> None:
    sales = Sales(announced=False)
    sales.clock.now = OPENING - timedelta(days=7) + timedelta(seconds=1)
    with pytest.raises(NoticePeriodError) as refused:
        sales.announce()
    assert refused.value.details["earliest"] == "2026-05-18 10:00"
    assert not Standing.objects.exists()
    sales.clock.now = OPENING - timedelta(days=7)
    sales.announce()
    assert sales.sale.announced_at == sales.clock.now
    with pytest.raises(SaleStatusError):
        sales.announce()


def test_a_sale_that_lacks_something_is_not_announced(corridor: object) -> None:
    sales = Sales(announced=False, opens="2026-05-18 09:59")
    with pytest.raises(SaleIncompleteError, match="第 1 号拍品早于开拍时间"):
        sales.announce()
    lot_remove(actor=sales.office, lot_id=sales.lot.pk)
    with pytest.raises(SaleIncompleteError, match="没有拍品"):
        sales.announce()
    with pytest.raises(InvalidError) as refused:
        sale_edit(actor=sales.office, sale_id=sales.sale.pk, raw=SALE | {"opens_at": "2026-05-01 10:00", "title": ""})
    assert set(refused.value.fields) == {"title"}
    with pytest.raises(InvalidError) as refused:
        sale_edit(actor=sales.office, sale_id=sales.sale.pk, raw=SALE | {"opens_at": "2026-05-01 10:00"})
    assert set(refused.value.fields) == {"applications_close_at"}
    for wrong in ({"opens_at": "下周"}, {"city": "北京"}, {"host": "没有的机构"}):
        with pytest.raises(InvalidError) as refused:
            sale_edit(actor=sales.office, sale_id=sales.sale.pk, raw=SALE | wrong)
        assert set(refused.value.fields) == set(wrong)


def test_the_engines_reasons_against_terms_stand_at_the_fields(corridor: object) -> None:
    sales = Sales(announced=False)
    cases: dict[str, tuple[dict[str, str], set[str]]] = {
        "english": ({"reserve": "1万", "ladder": "5 0", "by": "5"}, {"window", "cap"}),
        "sealed": ({"pays": "first", "cover": "encrypted", "opening_key": "MFkw"}, {"opening_key"}),
        "dutch": ({"floor": "900万", "step": "1万", "interval": "60"}, {"floor"}),
        "reverse": (
            {"ceiling": "100万", "decrement": "1万", "price_weight": "60", "criteria": "方案 30"},
            {"criteria"},
        ),
        "uniform_price": ({"units": "0", "clears_at": "lowest_accepted"}, {"units"}),
        "unknown": ({}, {"form"}),
    }
    for form, (values, wrong) in cases.items():
        with pytest.raises(InvalidError) as refused:
            lot_edit(actor=sales.office, lot_id=sales.lot.pk, form=form, raw=lot_typed(sales.seller.name, **values))
        assert set(refused.value.fields) == wrong, form
    raw = lot_typed(sales.seller.name, reserve="1万", ladder="5 1万")
    with pytest.raises(InvalidError) as refused:
        lot_edit(actor=sales.office, lot_id=sales.lot.pk, form="english", raw=raw)
    assert set(refused.value.fields) == {"reserve", "ladder"}
    with pytest.raises(InvalidError) as refused:
        lot_add(actor=sales.office, sale_id=sales.sale.pk, form="english", raw=lot_typed("没有的机构"))
    assert set(refused.value.fields) == {"seller"}
    with pytest.raises(InvalidError) as refused:
        lot_add(actor=sales.office, sale_id=sales.sale.pk, form="english", raw=lot_typed(sales.seller.name))
    assert set(refused.value.fields) == {"number"}


def test_applications_are_taken_before_the_deadline_by_the_servers_time(sales: Sales) -> None:
    sales.clock.now = sales.sale.applications_close_at - timedelta(microseconds=1)
    taken = sales.apply()
    sales.clock.now = sales.sale.applications_close_at
    with pytest.raises(ApplicationsClosedError, match="2026-05-15 17:00"):
        sales.apply()
    with pytest.raises(IntegrityError, match="applications for this lot are not open"), transaction.atomic():
        Bidder.objects.create(lot=sales.lot, organisation=make_organisation(), applied_at=sales.clock.now)
    with pytest.raises(IntegrityError, match="a seller does not bid"), transaction.atomic():
        Bidder.objects.create(lot=sales.lot, organisation=sales.seller, applied_at=EARLY)
    assert list(Bidder.objects.all()) == [taken]


def test_who_may_not_apply(sales: Sales) -> None:
    selling, member = make_user(), make_user()
    make_member(selling, sales.seller)
    with pytest.raises(SellerAppliesError):
        sales.apply(selling, organisation=sales.seller)
    own = make_organisation(owner=member)
    first = sales.apply(member, organisation=own)
    with pytest.raises(AlreadyAppliedError):
        sales.apply(member, organisation=own)
    application_reject(actor=sales.office, bidder_id=first.pk, raw={"reason": "缺营业执照"}, clock=sales.clock)
    assert told(member)[-1] == "竞买报名未通过：示例成果（缺营业执照）"
    again = sales.apply(member, organisation=own)
    assert (again.pk, again.status, again.reason) == (first.pk, BidderStatus.APPLIED, "")


def test_the_paddle_follows_the_approval_and_the_floor_follows_the_deposit(sales: Sales) -> None:
    bidder = sales.approved()
    member, deposit = bidder.applied_by, Deposit.objects.get(bidder=bidder)
    assert (bidder.status, bidder.paddle, deposit.status) == ("approved", "01", "due")
    assert is_reference(deposit.reference)
    assert told(member) == [
        "竞买报名已通过：示例成果，号牌 01",
        f"请缴纳保证金 500,000.00 元：示例成果，附言 {deposit.reference}",
    ]
    assert "01" not in lot_state(sales.lot.pk).qualified
    with pytest.raises(WrongAmountError, match=r"到账 499,999\.99 元，应缴 500,000\.00 元"):
        sales.paid(bidder, amount="499999.99")
    sales.paid(bidder)
    bidder.refresh_from_db()
    assert bidder.status == BidderStatus.QUALIFIED
    assert lot_state(sales.lot.pk).qualified["01"] is True
    assert told(member)[-1] == "保证金已收到：示例成果，500,000.00 元"
    with pytest.raises(DepositStepError):
        sales.paid(bidder, slip="other")
    with pytest.raises(SlipUsedError):
        sales.paid(sales.approved(), slip=f"slip-{deposit.reference}")
    with pytest.raises(ApplicationStatusError):
        application_approve(actor=sales.office, bidder_id=bidder.pk, clock=sales.clock)


def test_where_no_deposit_is_asked_the_approval_qualifies(corridor: object) -> None:
    sales = Sales(deposit="0")
    bidder = sales.approved()
    assert bidder.status == BidderStatus.QUALIFIED
    assert lot_state(sales.lot.pk).qualified["01"] is True
    assert not Deposit.objects.exists()


def test_money_for_whoever_is_out_goes_back(sales: Sales) -> None:
    left = sales.approved()
    application_withdraw(actor=left.applied_by, bidder_id=left.pk, clock=sales.clock)
    deposit = Deposit.objects.get(bidder=left)
    assert deposit.status == DepositStatus.LAPSED
    assert sales.paid(left).status == DepositStatus.REFUND_DUE
    qualified = sales.qualified()
    assert qualified.paddle == "02"
    application_withdraw(actor=qualified.applied_by, bidder_id=qualified.pk, clock=sales.clock)
    assert lot_state(sales.lot.pk).qualified["02"] is False
    assert Deposit.objects.get(bidder=qualified).status == DepositStatus.REFUND_DUE
    with pytest.raises(AlreadyAppliedError):
        sales.apply(qualified.applied_by, organisation=qualified.organisation)
    assert balance().held == held_of(Deposit.objects.values_list("status", "amount")) == yuan("1000000")


def test_a_barred_bidder_bids_no_more_and_may_lose_its_deposit(sales: Sales) -> None:
    bidder = sales.qualified()
    bidder_bar(actor=sales.office, bidder_id=bidder.pk, raw={"reason": "串通"}, clock=sales.clock)
    assert lot_state(sales.lot.pk).qualified["01"] is False
    assert told(bidder.applied_by)[-1] == "竞买资格已取消：示例成果（串通）"
    deposit = Deposit.objects.get(bidder=bidder)
    with pytest.raises(InvalidError):
        deposit_forfeit(actor=sales.office, deposit_id=deposit.pk, raw={"reason": ""}, clock=sales.clock)
    deposit_forfeit(actor=sales.office, deposit_id=deposit.pk, raw={"reason": "串通"}, clock=sales.clock)
    assert balance().forfeited == yuan("500000")
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        DepositEntry.objects.filter(deposit=deposit).delete()


def test_a_withdrawn_sale_gives_all_deposits_back_and_leaves_no_lot_to_bid_for(sales: Sales) -> None:
    paid, waiting = sales.qualified(), sales.approved()
    sale_withdraw(actor=sales.office, sale_id=sales.sale.pk, raw=REASON, clock=sales.clock)
    assert Standing.objects.get(pk=sales.lot.pk).phase == Phase.ANNULLED
    assert Deposit.objects.get(bidder=paid).status == DepositStatus.REFUND_DUE
    assert Deposit.objects.get(bidder=waiting).status == DepositStatus.LAPSED
    assert told(paid.applied_by)[-1] == "拍卖会已撤回：示例成果拍卖会（权属有争议）"
    with pytest.raises(SaleStatusError):
        sales.apply()


def test_a_withdrawn_lot_takes_no_application(sales: Sales) -> None:
    waiting = sales.apply()
    lot_withdraw(actor=sales.office, lot_id=sales.lot.pk, raw=REASON, clock=sales.clock)
    assert lot_state(sales.lot.pk).phase is Phase.ANNULLED
    for late in (
        sales.apply, lambda: application_approve(actor=sales.office, bidder_id=waiting.pk, clock=sales.clock)
    ):  # fmt: skip
        with pytest.raises(LotEndedError):
            late()


def test_once_bidding_has_begun_nothing_is_withdrawn(sales: Sales) -> None:
    bidder = sales.qualified()
    conducting.lot_tick(lot_id=sales.lot.pk, clock=sales.clock.at(0))
    for step in (
        lambda: sale_withdraw(actor=sales.office, sale_id=sales.sale.pk, raw=REASON, clock=sales.clock),
        lambda: lot_withdraw(actor=sales.office, lot_id=sales.lot.pk, raw=REASON, clock=sales.clock),
        lambda: application_withdraw(actor=bidder.applied_by, bidder_id=bidder.pk, clock=sales.clock),
    ):
        with pytest.raises(BiddingBegunError):
            step()
    with pytest.raises(LotsOpenError):
        sale_close(actor=sales.office, sale_id=sales.sale.pk, clock=sales.clock)
    sales.sale.refresh_from_db()
    assert (sales.sale.status, sales.sale.end_reason) == (SaleStatus.ANNOUNCED, "")


def test_the_named_auctioneer_conducts_the_sale(sales: Sales) -> None:
    leader = make_user()
    with pytest.raises(InvalidError):
        auctioneer_name(actor=sales.office, sale_id=sales.sale.pk, raw={"email": "nobody@example.org"})
    auctioneer_name(actor=sales.office, sale_id=sales.sale.pk, raw={"email": leader.email.upper()})
    bidder = sales.approved()
    conducting.paddle_admit(actor=leader, lot_id=sales.lot.pk, paddle=bidder.paddle, clock=sales.clock)
    assert Sale.objects.get().auctioneer == leader


def test_people_are_told_of_a_sale_and_of_the_day_before(sales: Sales) -> None:
    owner = sales.seller.memberships.get().user
    assert told(owner) == ["拍卖会已公告：示例成果拍卖会，2026-05-18 10:00 开拍，报名截至 2026-05-15 17:00"]
    bidder = sales.qualified()
    for _ in "12":
        lots_opening_tell(Lot.objects.select_related("standing"))
    assert told(bidder.applied_by)[-1] == "明天开拍：示例成果，2026-05-18 10:00"
    assert len(told(bidder.applied_by)) == 4


@pytest.mark.django_db(transaction=True)
def test_paddles_of_approvals_at_once_differ_and_one_organisation_applies_once() -> None:
    make_cities()
    sales = Sales()
    member = make_user()
    own = make_organisation(owner=member)
    outcomes = at_once(*(lambda: sales.apply(member, organisation=own) for _ in range(3)))
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [AlreadyAppliedError] * 2
    waiting = [sales.apply().pk for _ in range(3)] + [Bidder.objects.get(organisation=own).pk]
    approve = [lambda pk=pk: application_approve(actor=sales.office, bidder_id=pk, clock=sales.clock) for pk in waiting]
    at_once(*approve)
    assert sorted(Bidder.objects.values_list("paddle", flat=True)) == ["01", "02", "03", "04"]
    assert Deposit.objects.values("reference").distinct().count() == 4
    deposit = Deposit.objects.first()
    outcomes = at_once(*(lambda: sales.paid(deposit.bidder) for _ in range(2)))
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [DepositStepError]
    sale_withdraw(actor=sales.office, sale_id=sales.sale.pk, raw=REASON, clock=sales.clock)
    release = lambda: deposits_release(actor=SYSTEM, lot_id=sales.lot.pk, clock=sales.clock)  # noqa: E731
    assert sum(at_once(release, release)) == 0
    assert balance().received == Decimal("500000.00")


def test_a_lot_form_shows_the_terms_it_made() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for form, more in FORMS.items():
        raw = {"starting_price": "100", "opens": "2026-05-18 10:00", "lasts": "30", **more}
        terms = terms_parsed(form, raw, zone)
        shown = terms_typed(terms, zone)
        assert terms_parsed(form, shown, zone) == terms, form
        assert terms.schedule.opens == OPENING


EXTENDED = {"window": "5", "by": "5", "cap": "60"}
FORMS: dict[str, dict[str, str]] = {
    "single_quote": {"reserve": "120", "confirm_within": "60"},
    "negotiated": {"reserve": "80"},
    "english": {"ladder": "0 10\n1000 50.50", **EXTENDED},
    "sealed": {"pays": "second", "cover": "encrypted", "reveal_within": "30", "opening_key": opening_key_make()[1]},
    "dutch": {"floor": "50", "step": "10", "interval": "90"},
    "reverse": {"ceiling": "100", "decrement": "1", "price_weight": "60", "criteria": "技术 方案 40", **EXTENDED},
    "uniform_price": {"units": "3", "clears_at": "highest_rejected"},
}


def test_a_draft_takes_its_commission_as_it_is_written(sales: Sales) -> None:
    def edited(text: str) -> Sale:
        return sale_edit(actor=sales.office, sale_id=draft.pk, raw=SALE | {"buyer_commission": text})

    draft = sale_create(actor=sales.office, raw=SALE)
    assert commission_of(edited("5%; 1000万 3%").commission).of(yuan("20000000")).buyer == yuan("800000")
    assert Sale.objects.get(pk=draft.pk).buyer_commission == "5.00%; 10000000.00 3.00%"
    with pytest.raises(InvalidError) as refused:
        edited("five")
    assert list(refused.value.fields) == ["buyer_commission"]
    assert edited("").commission == {}
