"""The ledger in the database: only added to, in one order, published each day, checked against itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.concurrent import Meanwhile, at_once
from tests.deals.ledger_support import AT, CONTRACT, DEAL, MILESTONE, PAYMENT, Dealing, make_dealing, signed
from tests.deals.support import make_deal
from tests.factories import make_cities, make_organisation, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.permissions import may
from yunlang.accounts.roles import Role
from yunlang.deals.core.ledger.entries import GENESIS, BrokenLedgerError
from yunlang.deals.core.ledger.errors import AmountExceededError
from yunlang.deals.core.ledger.exports import export_verify
from yunlang.deals.core.ledger.heads import publications_verify
from yunlang.deals.jobs import publish_heads
from yunlang.deals.journal import journal_append
from yunlang.deals.ledger_models import Contract, DayHead, Deal, JournalEntry, JournalHead, Payment
from yunlang.deals.ledger_publishing import heads_publish, ledger_check
from yunlang.deals.ledger_selectors import (
    day_of_head,
    deals_visible,
    ledger_export,
    ledger_totals,
    publications_in_order,
)
from yunlang.deals.ledger_services import DealExistsError, deal_open
from yunlang.kit.errors import NotAllowedError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def dealing(corridor: object) -> Dealing:
    """Return a deal under contract."""
    return make_dealing().contracted()


# What the database itself refuses


@pytest.mark.parametrize("table", ["deals_journalentry", "deals_dayhead"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET previous = previous", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_written_is_never_changed_or_removed(dealing: Dealing, table: str, statement: str) -> None:
    heads_publish(at=AT + timedelta(days=1))
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert ledger_check().days == 1


def test_an_entry_follows_on_the_one_before(dealing: Dealing) -> None:
    values = {"subject_kind": "deal", "subject_id": dealing.deal.pk, "kind": "agreed", "payload": {}, "actor": "他人"}
    for sequence in (5, 6):
        with pytest.raises(IntegrityError, match="follows on"), transaction.atomic():
            JournalEntry.objects.create(**values, sequence=sequence, at=AT, previous="a" * 64, hash="b" * 64)


def test_a_day_follows_on_the_day_before(dealing: Dealing) -> None:
    (first,) = heads_publish(at=AT + timedelta(days=1))
    for day, previous in ((first.day + timedelta(days=2), first.root), (first.day + timedelta(days=1), "a" * 64)):
        with pytest.raises(IntegrityError, match="follows on"), transaction.atomic():
            DayHead.objects.create(day=day, heads=[], previous=previous, root="b" * 64, published_at=AT)


# Checked against itself


def _past_triggers(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            'UPDATE deals_journalentry SET payload = payload || \'{"amount": "1.00"}\' WHERE sequence = 2',
            "内容与哈希不符",
        ),
        ("UPDATE deals_journalentry SET actor = '他人' WHERE sequence = 4", "内容与哈希不符"),
        ("DELETE FROM deals_journalentry WHERE sequence = 2", "应为第 2 条"),
        ("DELETE FROM deals_journalentry WHERE sequence = 4", "末端登记"),
        ("DELETE FROM deals_journalentry", "条目缺失"),
        ("UPDATE deals_deal SET amount = 1", "amount"),
        ("UPDATE deals_deal SET need_city_id = NULL", "need_city"),
        ("UPDATE deals_contract SET amount = 99999999", "contract"),
        ("UPDATE deals_milestone SET due = '2030-01-01'", "milestones"),
        ("UPDATE deals_payment SET amount = 1", "payments"),
        ("UPDATE deals_journalhead SET hash = repeat('a', 64)", "末端登记"),
        ("DELETE FROM deals_journalentry; DELETE FROM deals_dayhead; DELETE FROM deals_journalhead", "条目缺失"),
        ("DELETE FROM deals_journalentry; UPDATE deals_journalhead SET sequence = 0, published = 0", "条目缺失"),
        ("UPDATE deals_dayhead SET heads = '{}'", "内容与根不符"),
    ],
)
def test_whoever_goes_past_the_triggers_is_found(dealing: Dealing, statement: str, why: str) -> None:
    heads_publish(at=AT + timedelta(days=1))
    assert ledger_check().subjects == 1
    _past_triggers(statement)
    with pytest.raises(BrokenLedgerError, match=why):
        ledger_check()


def test_a_published_head_that_is_gone_is_found_even_if_the_chain_was_made_anew(dealing: Dealing) -> None:
    heads_publish(at=AT + timedelta(days=1))
    gone = JournalEntry.objects.get(sequence=4)
    _past_triggers("DELETE FROM deals_journalentry WHERE sequence = 4")
    JournalHead.objects.update(sequence=3, hash=gone.previous, published=3)
    Payment.objects.all().delete()
    Contract.objects.update(committed=0)
    with pytest.raises(BrokenLedgerError, match="公布的哈希不在账本中"):
        ledger_check()


def test_entries_that_cannot_have_happened_are_found(dealing: Dealing) -> None:
    journal_append(actor=SYSTEM, subject_kind="deal", subject_id=dealing.deal.pk, kind="agreed", payload={}, at=AT)
    with pytest.raises(BrokenLedgerError, match="不能依次发生"):
        ledger_check()


def test_a_journal_of_a_deal_that_is_none_is_found() -> None:
    journal_append(actor=SYSTEM, subject_kind="deal", subject_id=new_id(), kind="opened", payload={}, at=AT)
    with pytest.raises(BrokenLedgerError, match="成交缺失"):
        ledger_check()


def test_other_rooms_keep_journals_of_their_own_subjects() -> None:
    lot = new_id()
    for number in range(3):
        journal_append(actor=SYSTEM, subject_kind="showcase", subject_id=lot, kind="bid", payload={"n": number}, at=AT)
    assert ledger_check().entries == 3


# Published each day; the corridor is eight hours ahead of UTC


def test_a_day_is_published_once_it_is_over_and_only_once(dealing: Dealing) -> None:
    assert heads_publish(at=datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == []
    (made,) = heads_publish(at=datetime(2026, 11, 23, 16, 20, tzinfo=UTC))
    head = JournalHead.objects.get()
    assert (made.day, made.heads, made.previous) == (date(2026, 11, 23), [head.hash], GENESIS)
    assert head.published == head.sequence
    assert heads_publish(at=datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == []
    assert AuditEntry.objects.filter(action="heads_publish").count() == 1


def test_days_that_were_missed_are_made_up_for_each_with_what_it_knew(dealing: Dealing) -> None:
    third = AT + timedelta(days=2)
    dealing.act("payment_schedule", raw=PAYMENT, at=third)
    made = heads_publish(at=AT + timedelta(days=4))
    hashes = dict(JournalEntry.objects.values_list("sequence", "hash"))
    assert [one.heads for one in made] == [[hashes[4]], [], [hashes[5]], []]
    assert publications_verify(publications_in_order()).root == made[-1].root
    assert [day_of_head(hashes[number]) for number in (4, 3)] == [made[0], None]


def test_what_came_in_late_is_published_with_the_next_day(dealing: Dealing) -> None:
    heads_publish(at=AT + timedelta(days=1))
    dealing.act("payment_schedule", raw=PAYMENT, at=AT)
    (made,) = heads_publish(at=AT + timedelta(days=2))
    assert made.heads == [JournalHead.objects.get().hash]


def test_the_daily_job_publishes_yesterday() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    journal_append(actor=SYSTEM, subject_kind="lot", subject_id=new_id(), kind="bid", payload={}, at=yesterday)
    publish_heads(timestamp=0)
    assert [len(one.heads) for one in publications_in_order()] == [1]


def test_a_corridor_without_deals_publishes_nothing() -> None:
    assert heads_publish(at=AT) == []
    assert ledger_check().root == GENESIS


# Exported, read


def test_an_export_of_everything_and_of_one_deal_is_sound(dealing: Dealing) -> None:
    other = make_dealing()
    heads_publish(at=AT + timedelta(days=1))
    published = {head: day.day for day in publications_in_order() for head in day.heads}
    whole = b"".join(ledger_export(actor=SYSTEM, at=AT))
    found = export_verify(BytesIO(whole), published=published)
    assert (found.scope, found.entries, found.subjects, found.anchored) == ("all", 5, 2, 5)
    own = b"".join(ledger_export(actor=dealing.pair.needing, at=AT, deal=dealing.deal))
    assert export_verify(BytesIO(own)).scope == f"deal/{dealing.deal.pk}"
    for deal in (other.deal, None):
        with pytest.raises(NotAllowedError):
            ledger_export(actor=dealing.pair.needing, at=AT, deal=deal)


def test_the_list_holds_exactly_what_the_permission_lets_through(dealing: Dealing) -> None:
    other = make_dealing()
    merged = make_organisation(owner=(member := make_user()))
    Organisation.objects.filter(pk=other.deal.need_side_id).update(merged_into=merged)
    people = [
        dealing.pair.needing, dealing.pair.offering, dealing.pair.manager, dealing.pair.office, member, make_user(),
        make_user(Role.MANAGER), make_user(Role.AUDITOR), None,
    ]  # fmt: skip
    seen = []
    for person in people:
        listed = set(deals_visible(person).values_list("pk", flat=True))
        assert listed == {one.pk for one in Deal.objects.all() if may(person, "deals.view_deal", one)}
        seen.append(len(listed))
    assert seen == [1, 1, 1, 2, 1, 0, 0, 2, 0]


def test_the_public_is_told_counts_and_the_sum(dealing: Dealing) -> None:
    make_dealing().contracted().act("deal_terminate", raw={"reason": "变更"})
    totals = ledger_totals()
    assert (totals.deals, totals.contracts, totals.amount, totals.entries) == (1, 1, 1_200_000, 9)


# Several people at once


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_stand_in_one_order() -> None:
    make_cities()
    dealing = make_dealing()
    dealing.act("contract_sign", raw=CONTRACT)
    adding = partial(dealing.act, "milestone_add", raw=MILESTONE)
    assert {type(outcome) for outcome in at_once(*[adding] * 4)} == {Deal}
    found = ledger_check()
    assert found.entries == 6
    assert [one.number for one in Contract.objects.get().milestones.all()] == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_the_ledger_is_checked_as_it_stood_at_one_moment() -> None:
    make_cities()
    dealings = make_dealing(), make_dealing()
    found = []
    with Meanwhile(lambda pause: found.append(ledger_check(tell=lambda count: pause()))):
        for dealing in dealings:
            dealing.act("contract_sign", raw=CONTRACT)
    assert [check.entries for check in found] == [2]
    assert ledger_check().entries == 4


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_do_not_exceed_the_contract() -> None:
    make_cities()
    dealing = make_dealing()
    dealing.act("contract_sign", raw=CONTRACT)
    paying = partial(dealing.act, "payment_schedule", raw=PAYMENT | {"amount": "700000"})
    assert {type(outcome) for outcome in at_once(paying, paying)} == {Deal, AmountExceededError}
    assert ledger_check().entries == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_the_deal_at_once_one_is_told() -> None:
    make_cities()
    pair = make_deal()
    made = signed(pair)
    opening = partial(deal_open, actor=pair.manager, introduction_id=made.pk, raw=DEAL, at=AT)
    assert {type(outcome) for outcome in at_once(opening, opening)} == {Deal, DealExistsError}
    assert ledger_check().entries == 1


def _bid(lot: object) -> Callable[[], object]:
    return partial(
        journal_append_alone, actor=SYSTEM, subject_kind="showcase", subject_id=lot, kind="bid", payload={}, at=AT
    )


@transaction.atomic
def journal_append_alone(**values: object) -> object:
    return journal_append(**values)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_the_first_entries_of_a_subject_at_once_stand_in_one_order() -> None:
    lot = new_id()
    outcomes = at_once(*[_bid(lot)] * 4)
    assert sorted(outcome.sequence for outcome in outcomes) == [1, 2, 3, 4]
    assert ledger_check().entries == 4


@pytest.mark.django_db(transaction=True)
def test_two_machines_that_publish_at_once_publish_a_day_once() -> None:
    make_cities()
    make_dealing()
    publishing = partial(heads_publish, at=AT + timedelta(days=2))
    first, second = sorted(at_once(publishing, publishing), key=len)
    assert (len(first), len(second)) == (0, 2)
    assert ledger_check().days == 2
