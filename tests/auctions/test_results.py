"""From the hammer to the hand-over, and the ways on which a sale fails."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.auctions.result_support import PDF, REASON, Sold, make_deposit
from tests.auctions.support import Floor, make_sale, yuan
from tests.concurrent import at_once
from yunlang.accounts.models import Notice
from yunlang.auctions import conducting, hand_over_services
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.core.aftersale import ResultNotReadyError, ResultStepError
from yunlang.auctions.core.ladder import Rung
from yunlang.auctions.core.terms import EnglishTerms, ReverseTerms, Schedule, UniformPriceTerms
from yunlang.auctions.hand_over_files import LARGEST_BYTES, file_checked
from yunlang.auctions.hand_over_services import AcceptedError, FileKnownError, HandOverClosedError
from yunlang.auctions.models import Objection, Result, Standing
from yunlang.auctions.result_permissions import parties_of
from yunlang.auctions.result_recording import result_record, results_due
from yunlang.auctions.result_services import (
    NoDepositError,
    ObjectionDecidedError,
    ObjectionOpenError,
    ObjectionsClosedError,
)
from yunlang.auctions.vocabulary import TradeSide
from yunlang.deals.core.ledger.errors import DealStepImpossibleError
from yunlang.deals.ledger_models import Deal
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.errors import InvalidError, NotAllowedError
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
COMMISSION = {"buyer": {"tiers": [{"above": "0.00", "percent": "1.50"}], "minimum": "0.00"}}


@pytest.fixture
def sold(corridor: object) -> Sold:
    return Sold()


def told(person: Any) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("created_at", "id").values_list("kind", flat=True))


def test_a_hammer_leads_to_one_result_and_everybody_is_told(sold: Sold) -> None:
    assert results_due() == [sold.lot.pk]
    result = sold.record()
    assert (result.bidder.paddle, result.value, result.base) == ("02", yuan("12300000"), yuan("8950000"))
    assert (result.status, result.hammered_at) == ("hammered", Standing.objects.get(pk=sold.lot.pk).ended_at)
    assert results_due() == []
    assert result_record(lot_id=sold.lot.pk) == [result]
    kinds = [told(one) for one in (sold.buyer, sold.loser, sold.seller)]
    assert kinds == [["auction_won"], ["auction_lost"], ["auction_sold"]]
    assert AuditEntry.objects.filter(action="result_record").count() == 1


def test_a_lot_that_runs_or_passes_in_leads_to_no_result(corridor: object) -> None:
    floor = Floor()
    floor.tick(0)
    assert (result_record(lot_id=floor.id), results_due()) == ([], [])
    floor.tick(300)
    assert (result_record(lot_id=floor.id), results_due()) == ([], [])
    assert not Result.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_three_workers_record_a_result_once(corridor: object) -> None:
    sold = Sold()
    made = at_once(*[lambda: result_record(lot_id=sold.lot.pk)] * 3)
    assert len({one.pk for (one,) in made}) == 1
    assert (Result.objects.count(), AuditEntry.objects.filter(action="result_record").count()) == (1, 1)
    assert told(sold.buyer) == ["auction_won"]


def test_both_sides_commission_follows_the_sales_schedule(corridor: object) -> None:
    result = Sold(floor=Floor(sale=make_sale(commission=COMMISSION))).record()
    assert (result.buyer_commission, result.seller_commission) == (yuan("184500"), Decimal(0))


def test_every_award_of_like_units_is_a_result(corridor: object) -> None:
    terms = UniformPriceTerms(
        schedule=Schedule(opens=Floor().clock.now + timedelta(minutes=1), lasts=timedelta(minutes=5)),
        starting_price=yuan("100"), units=3,
    )  # fmt: skip
    floor = Floor(terms)
    floor.tick(0)
    for paddle, amount, quantity in (("01", "150", 2), ("02", "120", 1)):
        bid_place(
            actor=floor.members[paddle], lot_id=floor.id, key=paddle, amount=yuan(amount), quantity=quantity,
            clock=floor.clock,
        )  # fmt: skip
    floor.tick(300)
    found = {one.bidder.paddle: (one.quantity, one.value, one.base) for one in result_record(lot_id=floor.id)}
    assert found == {"01": (2, yuan("240"), yuan("200")), "02": (1, yuan("120"), yuan("100"))}
    assert sum(value for _, value, _ in found.values()) == Standing.objects.get(pk=floor.id).value


def test_in_a_reverse_sale_the_lots_owner_buys(corridor: object) -> None:
    terms = ReverseTerms(
        schedule=Schedule(opens=Floor().clock.now + timedelta(minutes=1), lasts=timedelta(minutes=5)),
        ceiling=yuan("1000"), decrement=yuan("10"),
    )  # fmt: skip
    floor = Floor(terms)
    floor.tick(0)
    bid_place(actor=floor.members["01"], lot_id=floor.id, key="1", amount=yuan("900"), clock=floor.clock)
    floor.tick(300)
    (result,) = result_record(lot_id=floor.id)
    sides = parties_of(result)
    assert (sides[TradeSide.BUYER], sides[TradeSide.SELLER]) == (floor.lot.seller, result.bidder.organisation)
    assert (result.value, result.base) == (yuan("900"), yuan("1000"))


def test_a_result_goes_from_its_notice_to_the_hand_over(sold: Sold) -> None:
    result = sold.publish()
    assert timezone.localtime(result.objections_until).strftime("%m-%d %H:%M") == "05-24 00:00"
    with pytest.raises(ResultNotReadyError, match="异议期未满"):
        sold.act("result_confirm", result_id=result.pk, raw={"kind": "transfer"})
    sold.clock.now = result.objections_until
    result = sold.act("result_confirm", result_id=result.pk, raw={"kind": "transfer"})
    deal = Deal.objects.get(pk=result.deal_id)
    assert (deal.status, deal.source, deal.source_id, deal.amount) == (
        "agreed", "lot", sold.lot.pk, yuan("12300000"),
    )  # fmt: skip
    assert (deal.need_side, deal.offer_side) == (result.bidder.organisation, sold.lot.seller)
    with pytest.raises(ResultNotReadyError, match="尚未付清"):
        sold.act("settlement_complete", result_id=result.pk)
    sold.contract(result, "2300000", "10000000")
    sold.pay(result, 1)
    with pytest.raises(ResultNotReadyError):
        sold.act("settlement_complete", result_id=result.pk)
    sold.pay(result, 2)
    deposit = make_deposit(result)
    assert sold.act("settlement_complete", result_id=result.pk).status == "settled"
    deposit.refresh_from_db()
    assert deposit.status == "refund_due"
    document = sold.hand_over(result)
    with pytest.raises(ResultNotReadyError, match="未签收"):
        sold.act("result_complete", result_id=result.pk)
    hand_over_services.hand_over_accept(actor=sold.buyer, hand_over_id=document.pk, clock=sold.clock)
    assert sold.act("result_complete", result_id=result.pk).status == "completed"
    assert Deal.objects.get(pk=result.deal_id).status == "completed"
    assert [one for one in told(sold.buyer) if one.startswith("auction_")] == [
        "auction_won", "auction_result_published", "auction_contract_due", "auction_handed_over",
    ]  # fmt: skip


def test_objections_are_taken_within_the_period_from_whoever_took_part(sold: Sold) -> None:
    sold.record()
    with pytest.raises(ObjectionsClosedError):
        sold.object(sold.loser)
    result = sold.publish()
    sold.object(sold.loser)
    with pytest.raises(ObjectionOpenError):
        sold.object(sold.loser)
    sold.object(sold.seller)
    with pytest.raises(NotAllowedError):
        sold.object(sold.office)
    with pytest.raises(InvalidError):
        sold.act("objection_raise", actor=sold.seller, lot_id=sold.lot.pk, raw={"grounds": " "})
    sold.clock.now = result.objections_until
    with pytest.raises(ObjectionsClosedError):
        sold.object(sold.buyer)
    assert Objection.objects.count() == 2


def test_a_rejected_objection_lets_the_sale_stand(sold: Sold) -> None:
    result = sold.publish()
    objection = sold.object(sold.loser)
    sold.clock.now = result.objections_until
    with pytest.raises(ResultNotReadyError, match="未处理"):
        sold.act("result_confirm", result_id=result.pk, raw={"kind": "transfer"})
    decision = {"verdict": "rejected", "reason": "经查保证金已到账"}
    sold.act("objection_decide", objection_id=objection.pk, raw=decision)
    with pytest.raises(ObjectionDecidedError):
        sold.act("objection_decide", objection_id=objection.pk, raw=decision)
    assert sold.act("result_confirm", result_id=result.pk, raw={"kind": "licence"}).status == "confirmed"
    assert told(sold.loser)[-1] == "auction_objection_rejected"


def test_an_upheld_objection_annuls_lot_and_result(sold: Sold) -> None:
    result = sold.publish()
    objection = sold.object(sold.seller)
    sold.act("objection_decide", objection_id=objection.pk, raw={"verdict": "upheld", **REASON})
    result.refresh_from_db()
    assert (result.status, result.end_reason, result.deal) == ("annulled", REASON["reason"], None)
    assert Standing.objects.get(pk=sold.lot.pk).phase == "annulled"
    with pytest.raises(ResultStepError):
        sold.act("result_publish", lot_id=sold.lot.pk)


def test_a_lot_annulled_later_takes_result_and_deal_with_it(sold: Sold) -> None:
    result = sold.confirm()
    conducting.lot_annul(actor=sold.office, lot_id=sold.lot.pk, reason="法院裁定撤销", clock=sold.clock)
    assert results_due() == [sold.lot.pk]
    result_record(lot_id=sold.lot.pk)
    result.refresh_from_db()
    deal = Deal.objects.get(pk=result.deal_id)
    assert (result.status, deal.status, deal.end_reason) == ("annulled", "terminated", "法院裁定撤销")
    assert results_due() == []


def test_a_buyer_in_default_loses_the_sale_and_the_deposit(sold: Sold) -> None:
    result = sold.confirm()
    deposit = make_deposit(result)
    sold.act("buyer_default", result_id=result.pk, raw={"reason": "逾期未签约"})
    result.refresh_from_db()
    deposit.refresh_from_db()
    assert (deposit.status, deposit.reason) == ("forfeited", "逾期未签约")
    assert (result.status, Deal.objects.get(pk=result.deal_id).status) == ("defaulted", "terminated")
    assert "auction_result_failed" in told(sold.seller)
    with pytest.raises(ResultStepError):
        sold.act("settlement_complete", result_id=result.pk)


def test_the_winners_deposit_may_count_as_an_instalment_once(sold: Sold) -> None:
    result = sold.confirm()
    deposit = make_deposit(result)
    with pytest.raises(DealStepImpossibleError):
        sold.act("deposit_apply", result_id=result.pk)
    sold.contract(result)
    sold.act("deposit_apply", result_id=result.pk)
    deposit.refresh_from_db()
    assert deposit.status == "counted"
    (payment,) = Deal.objects.get(pk=result.deal_id).contract.payments.all()
    assert (payment.amount, payment.status, payment.reference) == (deposit.amount, "paid", deposit.reference)
    with pytest.raises(NoDepositError):
        sold.act("deposit_apply", result_id=result.pk)
    ledger_check()


def test_a_document_is_given_by_one_side_and_accepted_by_the_other_once(sold: Sold) -> None:
    with pytest.raises(HandOverClosedError):
        sold.hand_over(sold.record())
    result = sold.confirm()
    document = sold.hand_over(result)
    assert (document.side, document.content_type, document.size) == ("seller", "application/pdf", len(PDF))
    with pytest.raises(FileKnownError):
        sold.hand_over(result)
    with pytest.raises(NotAllowedError):
        sold.hand_over(result, actor=sold.loser)
    for nobody in (sold.seller, sold.loser, sold.office):
        with pytest.raises(NotAllowedError):
            hand_over_services.hand_over_accept(actor=nobody, hand_over_id=document.pk, clock=sold.clock)
    hand_over_services.hand_over_accept(actor=sold.buyer, hand_over_id=document.pk, clock=sold.clock)
    with pytest.raises(AcceptedError):
        hand_over_services.hand_over_accept(actor=sold.buyer, hand_over_id=document.pk, clock=sold.clock)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "请选择文件"),
        (b"%PDF-" + bytes(LARGEST_BYTES), "不能超过"),
        (b"<html>", "只接受"),
        (b"PK\x03\x04 no archive", "只接受"),
        (b"MZ\x90", "只接受"),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidError) as refused:
        file_checked("清单.pdf", content)
    assert reason in refused.value.fields["file"][0].zh


def test_a_file_is_named_after_what_it_is() -> None:
    assert file_checked("../../a/清单.exe", PDF).name == ".. .. a 清单.pdf"
    assert file_checked("", b"\xff\xd8\xff\xe0").name == "document.jpg"


def test_terms_with_a_reserve_count_the_premium_from_it(corridor: object) -> None:
    terms = EnglishTerms(
        schedule=Schedule(opens=Floor().clock.now + timedelta(minutes=1), lasts=timedelta(minutes=5)),
        starting_price=yuan("2000000"), reserve=yuan("2400000"), ladder=(Rung(yuan("0"), yuan("10000")),),
    )  # fmt: skip
    assert Sold("3200000", floor=Floor(terms)).record().base == yuan("2400000")
