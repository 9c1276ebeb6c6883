"""Rows of introductions, tasks, deals and the ledger, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from tests.deals.support import PROPOSED_AT
from tests.rows import need, organisation, resource
from yunlang.deals.core.ledger.entries import GENESIS
from yunlang.deals.models import (
    Contract,
    DayHead,
    Deal,
    Introduction,
    JournalEntry,
    JournalHead,
    Milestone,
    Payment,
    Task,
)
from yunlang.kit.ids import new_id

LATER, EARLIER = PROPOSED_AT + timedelta(days=1), PROPOSED_AT - timedelta(days=1)
AGREED = {"need_agreed_at": LATER, "offer_agreed_at": LATER, "accepted_at": LATER}
DECLINED = {"status": "declined", "due": None, "decline_reason": "已满", "declined_at": LATER}
SIGNED = {"status": "signed", "due": None, **AGREED, "meeting_at": LATER, "signed_at": LATER}


def introduction(**values: Any) -> Introduction:
    pair = {} if "need" in values else {"need": need()}
    offer = {} if "resource" in values else {"resource": resource()}
    usual = {"proposed_at": PROPOSED_AT, "due": date(2026, 12, 1)}
    return Introduction.objects.create(**(pair | offer | usual | values))


def introduced_twice() -> None:
    first = introduction()
    introduction(need=first.need, resource=first.resource)


def task(**values: Any) -> Task:
    whose = {} if "introduction" in values else {"introduction": introduction()}
    return Task.objects.create(**(whose | {"due": date(2026, 12, 1)} | values))


def task_twice() -> None:
    whose = introduction()
    for _ in "12":
        task(introduction=whose, code="arrange_meeting")


def deal(**values: Any) -> Deal:
    usual = {
        "kind": "licence", "title": "专利许可", "amount": 100, "status": "agreed", "need_name": "甲", "offer_name": "乙",
        "source": "lot", "source_id": new_id(), "opened_at": PROPOSED_AT,
    }  # fmt: skip
    sides = {name: organisation() for name in ("need_side", "offer_side") if name not in values}
    return Deal.objects.create(**(usual | sides | values))


def deal_with_itself() -> None:
    one = organisation()
    deal(need_side=one, offer_side=one)


def contract(**values: Any) -> Contract:
    usual = {"number": "YL-1", "amount": 100, "signed_on": date(2026, 12, 1)}
    return Contract.objects.create(**({"deal": deal()} | usual | values))


def milestone(**values: Any) -> Milestone:
    whose = {} if "contract" in values else {"contract": contract()}
    return Milestone.objects.create(**({"number": 1, "title": "样品", "due": date(2026, 12, 1)} | whose | values))


def payment(**values: Any) -> Payment:
    whose = {} if "contract" in values else {"contract": contract()}
    return Payment.objects.create(**({"number": 1, "amount": 10, "due": date(2026, 12, 1)} | whose | values))


def twice(make: Callable[..., Any], **values: Any) -> None:
    for _ in "12":
        make(**values)


def entry(**values: Any) -> JournalEntry:
    usual = {
        "subject_kind": "lot", "subject_id": LOT, "sequence": 1, "kind": "noted", "payload": {}, "actor": "李经理",
        "at": PROPOSED_AT, "previous": GENESIS, "hash": new_hash(),
    }  # fmt: skip
    return JournalEntry.objects.create(**(usual | values))


def head(**values: Any) -> JournalHead:
    return JournalHead.objects.create(**({"subject_kind": "lot", "subject_id": LOT} | values))


def published_day(**values: Any) -> DayHead:
    usual = {"day": date(2026, 12, 1), "heads": [], "previous": GENESIS, "root": new_hash(), "published_at": LATER}
    return DayHead.objects.create(**(usual | values))


LOT = new_id()


def new_hash() -> str:
    return sha256(new_id().bytes).hexdigest()


PAID = {"status": "paid", "paid_on": date(2026, 12, 1)}
BROKEN: dict[str, Callable[[], Any]] = {
    "deal_kind_known": partial(deal, kind="gift"),
    "deal_status_known": partial(deal, status="unheard"),
    "deal_source_known": partial(deal, source="dream"),
    "deal_amount_positive": partial(deal, amount=0),
    "deal_titled": partial(deal, title=""),
    "deal_between_two": deal_with_itself,
    "deal_source_is_there": partial(deal, source="need"),
    "deal_ended_has_time": partial(deal, status="completed"),
    "deal_terminated_with_reason": partial(deal, status="terminated", ended_at=LATER),
    "contract_amount_positive": partial(contract, amount=0),
    "contract_not_exceeded": partial(contract, committed=101),
    "contract_numbered": partial(contract, number=""),
    "milestone_status_known": partial(milestone, status="unheard", evidence="报告"),
    "milestone_number_unique": lambda: twice(milestone, contract=contract()),
    "milestone_named": partial(milestone, title=""),
    "milestone_judged_with_evidence": partial(milestone, status="accepted"),
    "payment_status_known": partial(payment, status="unheard", paid_on=date(2026, 12, 1)),
    "payment_number_unique": lambda: twice(payment, contract=contract()),
    "payment_amount_positive": partial(payment, amount=0),
    "payment_paid_has_day": partial(payment, status="paid"),
    "payment_refunded_with_reason": partial(payment, **PAID | {"status": "refunded"}),
    "journal_head_unique": partial(twice, head),
    "journal_head_hash": partial(head, hash="x"),
    "journal_head_published": partial(head, published=1),
    "journal_sequence_unique": partial(twice, entry),
    "journal_hash_unique": lambda: [entry(subject_id=new_id(), hash="a" * 64) for _ in "12"],
    "journal_sequence_from_one": partial(entry, sequence=0, previous="b" * 64),
    "journal_hash_shape": partial(entry, hash="G" * 64),
    "journal_first_follows_nothing": partial(entry, previous="b" * 64),
    "journal_named": partial(entry, kind=""),
    "day_head_hash_shape": partial(published_day, root="x"),
    "introduction_status_known": partial(introduction, status="unheard", due=None),
    "introduction_offers_one_thing": partial(introduction, resource=None),
    "introduction_open_once": introduced_twice,
    "introduction_declined_with_reason": partial(introduction, **DECLINED | {"decline_reason": ""}),
    "introduction_agreed_by_both": partial(introduction, status="accepted", **AGREED | {"offer_agreed_at": None}),
    "introduction_due_iff_open": partial(introduction, due=None),
    "introduction_due_after_proposal": partial(introduction, due=date(2026, 11, 21)),
    "introduction_accepted_has_time": partial(introduction, status="accepted", **AGREED | {"accepted_at": None}),
    "introduction_meeting_has_time": partial(introduction, status="meeting", **AGREED),
    "introduction_signed_has_time": partial(introduction, **SIGNED | {"signed_at": None}),
    "introduction_declined_has_time": partial(introduction, **DECLINED | {"declined_at": None}),
    "introduction_need_agreed_in_order": partial(introduction, need_agreed_at=EARLIER),
    "introduction_offer_agreed_in_order": partial(introduction, offer_agreed_at=EARLIER),
    "introduction_accepted_in_order": partial(introduction, status="accepted", **AGREED | {"accepted_at": EARLIER}),
    "introduction_meeting_in_order": partial(introduction, status="meeting", **AGREED, meeting_at=PROPOSED_AT),
    "introduction_signed_in_order": partial(introduction, **SIGNED | {"signed_at": PROPOSED_AT}),
    "introduction_declined_in_order": partial(introduction, **DECLINED | {"declined_at": EARLIER}),
    "task_code_known": partial(task, code="juggle"),
    "task_named_once": task,
    "task_of_course_unique": task_twice,
}
