"""The life of a deal: whatever is tried, amounts add up, and the journal tells it all."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deals.core.ledger.journals import DAY, chain, events, lived, opened
from yunlang.deals.core.ledger import deal as core
from yunlang.deals.core.ledger.canonical import canonical, parsed
from yunlang.deals.core.ledger.deal import CORRECTABLE, NOTHING, decide, replay
from yunlang.deals.core.ledger.entries import Subject, chain_verify
from yunlang.deals.core.ledger.errors import DealStepImpossibleError, NotCorrectableError
from yunlang.deals.core.ledger.events import (
    EVENTS,
    Amended,
    Contracted,
    Event,
    MilestoneAccepted,
    MilestoneAdded,
    PaymentPaid,
    PaymentScheduled,
    Terminated,
    event_of,
    payload_of,
)
from yunlang.deals.core.ledger.vocabulary import ENDED, UNDER_CONTRACT, DealStatus, PaymentStatus

lives = st.lists(events, min_size=1, max_size=40).map(
    lambda tried: lived([opened(), Contracted("YL-1", Decimal(900), DAY), *tried])
)


@given(lives)
@settings(max_examples=300)
def test_payments_never_come_to_more_than_the_contract(life: tuple[list[Event], list[core.Deal]]) -> None:
    for state in life[1]:
        assert NOTHING <= state.paid <= state.committed
        assert state.contract is None or state.committed <= state.contract.amount
        assert state.contract is not None or not (state.payments or state.milestones)


@given(lives)
def test_replaying_what_the_journal_holds_gives_the_same_state(life: tuple[list[Event], list[core.Deal]]) -> None:
    happened, states = life
    written = [payload_of(event) for event in happened]
    entries = chain(Subject("deal", "1"), written)
    assert chain_verify(entries).sequence == len(happened)
    read = [
        event_of(event.kind, parsed(canonical(entry.payload))) for event, entry in zip(happened, entries, strict=True)
    ]
    assert read == happened
    assert replay(read) == states[-1]


@given(lives)
def test_what_has_ended_stays_ended_and_what_happened_stays_told(life: tuple[list[Event], list[core.Deal]]) -> None:
    for before, after in pairwise(life[1]):
        assert after.told[:-1] == before.told
        assert before.status not in ENDED or after.status == before.status
        assert len(after.milestones) >= len(before.milestones)
        assert [one.number for one in after.payments] == list(range(1, len(after.payments) + 1))
    last = life[1][-1]
    assert last.status is not DealStatus.COMPLETED or all(one.status != PaymentStatus.DUE for one in last.payments)


@given(lives, events)
def test_a_refusal_is_one_that_can_be_understood(life: tuple[list[Event], list[core.Deal]], event: Event) -> None:
    lived([*life[0], event])  # anything but a refusal in both languages would be raised here


def test_a_deal_begins_with_its_opening_and_only_once() -> None:
    deal = replay([opened()])
    with pytest.raises(DealStepImpossibleError):
        decide(deal, opened())
    with pytest.raises(DealStepImpossibleError):
        decide(None, Terminated("变更"))
    with pytest.raises(ValueError, match="begins"):
        replay([])
    with pytest.raises(ValueError, match="opened"):
        core.apply(None, Terminated("变更"))


def test_performance_begins_with_the_first_acceptance_or_payment() -> None:
    course = [
        opened(),
        Contracted("YL-1", Decimal(900), DAY),
        MilestoneAdded(1, "样品", DAY),
        PaymentScheduled(1, Decimal(9), DAY),
    ]
    assert replay(course).status is DealStatus.CONTRACTED
    for event in (MilestoneAccepted(1, "报告"), PaymentPaid(1, DAY, "回单")):
        assert replay([*course, event]).status is DealStatus.PERFORMING
    assert UNDER_CONTRACT == (DealStatus.CONTRACTED, DealStatus.PERFORMING)


def test_what_is_paid_keeps_its_amount() -> None:
    course = [opened(), Contracted("YL-1", Decimal(900), DAY), PaymentScheduled(1, Decimal(9), DAY)]
    change = Amended(3, "amount", "8.00", "笔误")
    assert replay([*course, change]).committed == 8
    with pytest.raises(NotCorrectableError):
        replay([*course, PaymentPaid(1, DAY, "回单"), change])


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1e20"])
def test_an_amount_is_positive_and_to_the_cent(amount: str) -> None:
    with pytest.raises(NotCorrectableError):
        decide(None, opened(amount=Decimal(amount)))


def test_every_field_that_may_be_corrected_is_one_of_its_entry() -> None:
    for kind, names in CORRECTABLE.items():
        assert set(names) <= {spec.name for spec in fields(EVENTS[kind])}


def test_each_entry_has_a_name_of_its_own_in_both_languages() -> None:
    assert (
        len({one.label.zh for one in EVENTS.values()}) == len({one.label.en for one in EVENTS.values()}) == len(EVENTS)
    )
