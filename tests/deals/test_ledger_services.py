"""Deals: from the signed introduction to the last payment, and what the journal keeps of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.deals.ledger_support import AT, CONTRACT, DEAL, MILESTONE, PAID, PAYMENT, Dealing, make_dealing, signed
from tests.deals.support import make_deal
from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.deals.core.ledger.entries import chain_verify
from yunlang.deals.core.ledger.errors import (
    AmountExceededError,
    DealStepImpossibleError,
    NotCorrectableError,
    UnfinishedError,
    UnknownPartError,
)
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.deals.ledger_models import Contract, Deal, JournalEntry
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.deals.ledger_services import (
    DealExistsError,
    NotSignedError,
    deal_open,
    deal_open_directly,
)
from yunlang.deals.projections import deal_differences, deal_state
from yunlang.kit.errors import InvalidError, NotAllowedError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import City, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def dealing(corridor: object) -> Dealing:
    """Return a deal that both sides agree on."""
    return make_dealing()


def kinds(deal: Deal) -> list[str]:
    return list(journal_rows("deal", deal.pk).values_list("kind", flat=True))


def test_a_deal_goes_from_the_signed_introduction_to_its_completion(dealing: Dealing) -> None:
    assert (dealing.deal.status, dealing.deal.amount) == ("agreed", Decimal("1200000.00"))
    dealing.contracted()
    dealing.act("milestone_reject", milestone=1, raw={"evidence": "检测报告 12：粘度超标"})
    dealing.act("milestone_accept", milestone=1, raw={"evidence": "检测报告 13"})
    dealing.act("payment_record", payment=1, raw=PAID)
    done = dealing.act("deal_complete")
    assert (done.status, done.ended_at) == ("completed", AT)
    contract = Contract.objects.get(deal=done)
    assert (contract.paid, contract.committed) == (Decimal("400000.00"), Decimal("400000.00"))
    assert [(one.status, one.evidence) for one in contract.milestones.all()] == [("accepted", "检测报告 13")]
    assert [(one.status, one.paid_on) for one in contract.payments.all()] == [("paid", date(2027, 3, 10))]
    assert kinds(done) == [
        "opened", "contracted", "milestone_added", "payment_scheduled", "milestone_rejected", "milestone_accepted",
        "payment_paid", "completed",
    ]  # fmt: skip
    assert chain_verify(entries_of(journal_rows("deal", done.pk))).sequence == 8
    assert ledger_check().entries == 8


def test_every_entry_has_its_audit_row_with_its_hash(dealing: Dealing) -> None:
    dealing.contracted()
    rows = AuditEntry.objects.filter(object_kind="deal", object_id=str(dealing.deal.pk)).order_by("id")
    assert [row.action for row in rows] == ["deal_open", "contract_sign", "milestone_add", "payment_schedule"]
    assert [row.after["hash"] for row in rows] == list(
        journal_rows("deal", dealing.deal.pk).values_list("hash", flat=True)
    )


def test_names_and_cities_stay_as_they_were_when_the_deal_was_opened(dealing: Dealing) -> None:
    side = dealing.deal.need_side
    Organisation.objects.filter(pk=side.pk).update(name="改名后的公司", city=City.objects.get(adcode="340100"))
    kept = Deal.objects.get(pk=dealing.deal.pk)
    assert (kept.need_name, kept.need_city_id) == (side.name, "330500")
    assert deal_differences(kept, deal_state(kept)) == []


def test_only_a_signed_introduction_leads_to_a_deal_and_only_to_one(dealing: Dealing) -> None:
    pair = make_deal()
    with pytest.raises(NotSignedError):
        deal_open(actor=pair.manager, introduction_id=pair.propose().pk, raw=DEAL, at=AT)
    with pytest.raises(DealExistsError):
        deal_open(actor=dealing.pair.manager, introduction_id=dealing.introduction.pk, raw=DEAL, at=AT)
    with pytest.raises(NotFoundError):
        deal_open(actor=pair.manager, introduction_id=new_id(), raw=DEAL, at=AT)
    assert JournalEntry.objects.count() == 1


def direct(**values: str) -> dict[str, str]:
    need = publish(make_need(make_organisation(name="甲公司")))
    make_organisation(name="乙研究院")
    usual = {"need_side": "甲公司", "offer_side": "乙研究院", "source": "need", "source_id": str(need.pk)}
    return DEAL | usual | values


@pytest.mark.parametrize("role", [Role.OFFICE, Role.MANAGER])
def test_a_deal_that_no_introduction_led_to_begins_as_a_draft(role: Role) -> None:
    actor = make_user(role)
    made = deal_open_directly(actor=actor, raw=direct(), at=AT)
    assert (made.status, made.manager_id) == ("draft", actor.pk if role is Role.MANAGER else None)
    dealing = Dealing(make_deal(), None, made)
    with pytest.raises(DealStepImpossibleError):
        dealing.act("contract_sign", actor=actor, raw=CONTRACT)
    assert dealing.act("deal_agree", actor=actor).status == "agreed"


def test_a_deal_of_a_lot_names_the_lot() -> None:
    lot = new_id()
    made = deal_open_directly(
        actor=make_user(Role.OFFICE), raw=direct(source="lot", source_id=str(lot), kind="purchase"), at=AT
    )
    assert (made.source, made.source_id, made.need, made.resource) == ("lot", lot, None, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"need_side": "无此机构"}, "need_side"),
        ({"offer_side": "甲公司"}, "offer_side"),
        ({"source_id": "不是编号"}, "source_id"),
        ({"source_id": "0198c0de-6a52-7000-8000-3f1b5a2c9d10"}, "source_id"),
        ({"source": "resource", "source_id": "0198c0de-6a52-7000-8000-3f1b5a2c9d10"}, "source_id"),
        ({"amount": "0"}, "amount"),
        ({"kind": "gift"}, "kind"),
    ],
)
def test_what_cannot_be_opened_says_at_which_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        deal_open_directly(actor=make_user(Role.OFFICE), raw=direct(**values), at=AT)
    assert list(refused.value.fields) == [field]
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(("source", "make"), [("need", make_need), ("resource", make_resource)])
def test_a_draft_is_no_source(source: str, make: Any) -> None:
    raw = direct(source=source, source_id=str(make().pk))
    with pytest.raises(InvalidError):
        deal_open_directly(actor=make_user(Role.OFFICE), raw=raw, at=AT)
    published = publish(make())
    made = deal_open_directly(actor=make_user(Role.OFFICE), raw=raw | {"source_id": str(published.pk)}, at=AT)
    assert getattr(made, source) == published


def test_the_journal_names_who_acted_and_no_address(dealing: Dealing) -> None:
    assert JournalEntry.objects.get().actor == dealing.pair.manager.name


def test_payments_never_come_to_more_than_the_contract_until_it_is_amended(dealing: Dealing) -> None:
    dealing.contracted()
    with pytest.raises(AmountExceededError):
        dealing.act("payment_schedule", raw=PAYMENT | {"amount": "800000.01"})
    amended = {"corrects": "2", "field": "amount", "value": "150 万元", "reason": "补充协议一"}
    dealing.act("deal_amend", raw=amended)
    dealing.act("payment_schedule", raw=PAYMENT | {"amount": "800000.01"})
    with pytest.raises(AmountExceededError):
        dealing.act("deal_amend", raw=amended | {"value": "1200000"})
    assert Contract.objects.get().committed == Decimal("1200000.01")
    assert ledger_check().entries == 6


def test_a_refund_frees_what_it_returns(dealing: Dealing) -> None:
    dealing.contracted().act("payment_record", payment=1, raw=PAID)
    dealing.act("payment_refund", payment=1, raw={"refunded_on": "2027-04-01", "reason": "重复支付"})
    contract = Contract.objects.get()
    assert (contract.paid, contract.committed) == (0, 0)
    dealing.act("payment_schedule", raw=PAYMENT | {"amount": "1200000"})


def test_a_correction_is_a_further_entry_and_leaves_the_first_as_it_was(dealing: Dealing) -> None:
    before = JournalEntry.objects.get()
    dealing.act("deal_amend", raw={"corrects": "1", "field": "title", "value": "添加剂专利独占许可", "reason": "漏字"})
    after = JournalEntry.objects.get(sequence=1)
    assert (after.payload, after.hash) == (before.payload, before.hash)
    assert Deal.objects.get().title == "添加剂专利独占许可"
    assert JournalEntry.objects.get(sequence=2).payload["corrects"] == 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"corrects": "9"}, UnknownPartError),
        ({"field": "number"}, NotCorrectableError),
        ({"field": "amount", "value": "很多"}, InvalidError),
        ({"field": "amount", "value": "0"}, InvalidError),
        ({"field": "manager"}, InvalidError),
        ({"reason": ""}, InvalidError),
    ],
)
def test_a_correction_that_cannot_be_is_refused(dealing: Dealing, values: dict[str, str], error: type) -> None:
    with pytest.raises(error):
        dealing.act("deal_amend", raw={"corrects": "1", "field": "title", "value": "新", "reason": "误"} | values)
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("service", "values", "error"),
    [
        ("milestone_accept", {"milestone": 2, "raw": {"evidence": "报告"}}, UnknownPartError),
        ("milestone_accept", {"milestone": 1, "raw": {}}, InvalidError),
        ("payment_record", {"payment": 7, "raw": PAID}, UnknownPartError),
        (
            "payment_refund",
            {"payment": 1, "raw": {"refunded_on": "2027-04-01", "reason": "误"}},
            DealStepImpossibleError,
        ),
        ("contract_sign", {"raw": CONTRACT}, DealStepImpossibleError),
        ("deal_complete", {}, UnfinishedError),
        ("deal_agree", {}, DealStepImpossibleError),
        ("deal_terminate", {"raw": {"reason": " "}}, InvalidError),
    ],
)
def test_what_cannot_happen_now_leaves_no_trace(dealing: Dealing, service: str, values: Any, error: type) -> None:
    dealing.contracted()
    before = AuditEntry.objects.count()
    with pytest.raises(error):
        dealing.act(service, **values)
    assert JournalEntry.objects.count() == 4
    assert AuditEntry.objects.count() == before


def test_nothing_but_corrections_and_refunds_follows_on_a_termination(dealing: Dealing) -> None:
    dealing.contracted().act("payment_record", payment=1, raw=PAID)
    ended = dealing.act("deal_terminate", raw={"reason": "技术路线变更"})
    assert (ended.status, ended.end_reason) == ("terminated", "技术路线变更")
    with pytest.raises(DealStepImpossibleError):
        dealing.act("milestone_add", raw=MILESTONE)
    dealing.act("payment_refund", payment=1, raw={"refunded_on": "2027-05-01", "reason": "终止退款"})
    dealing.act("deal_amend", raw={"corrects": "5", "field": "reference", "value": "回单 8843", "reason": "笔误"})
    assert ledger_check().subjects == 1


def test_only_the_deals_manager_and_the_office_write(dealing: Dealing) -> None:
    for stranger in (dealing.pair.needing, dealing.pair.offering, make_user(Role.MANAGER), make_user(Role.AUDITOR)):
        with pytest.raises(NotAllowedError):
            dealing.act("contract_sign", actor=stranger, raw=CONTRACT)
    assert dealing.act("contract_sign", actor=dealing.pair.office, raw=CONTRACT).status == "contracted"
    other = make_deal()
    with pytest.raises(NotAllowedError):
        deal_open(actor=dealing.pair.manager, introduction_id=signed(other).pk, raw=DEAL, at=AT)
