"""Bids as the database keeps them: in one order, once each, by the server's time."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import IntegrityError, transaction

from tests.auctions.support import OPENING, Clock, Floor, make_bidder, yuan
from tests.concurrent import at_once
from tests.factories import make_member, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.auctions import bidding, conducting
from yunlang.auctions.bidding import NoPaddleError, PartyAsk, SeveralPaddlesError, bid_place, party_asks_decide
from yunlang.auctions.clock import ClockJumpedError, WatchedClock
from yunlang.auctions.core import engine
from yunlang.auctions.core.commands import PlaceBid
from yunlang.auctions.core.engine import Accepted, Refusal
from yunlang.auctions.core.refusals import Code
from yunlang.auctions.core.state import Phase
from yunlang.auctions.lot_states import LOT, STATES, LotStates, events_of, lot_state
from yunlang.auctions.models import Standing
from yunlang.deals.core.ledger.entries import chain_verify
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.deals.ledger_models import JournalHead
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
FIRST = yuan("8950000")
keys = (f"request-{number}" for number in count())


def bid(floor: Floor, paddle: str, amount: str | Decimal, *, key: str = "", **more: object) -> bidding.Answer:
    return bid_place(
        actor=floor.members[paddle], lot_id=floor.id, key=key or next(keys), amount=yuan(str(amount)),
        clock=floor.clock, **more,
    )  # fmt: skip


@pytest.fixture
def floor(corridor: object) -> Floor:
    opened = Floor()
    opened.tick(0)
    return opened


def test_a_bid_is_an_entry_of_the_lots_journal_and_one_audit_row(floor: Floor) -> None:
    before = AuditEntry.objects.count()
    answer = bid(floor, "01", FIRST)
    assert isinstance(answer.decision, Accepted)
    entry = list(entries_of(journal_rows(LOT, floor.id)))[-1]
    assert (entry.sequence, entry.kind, entry.actor) == (answer.decision.sequence, "bid_placed", "01")
    assert AuditEntry.objects.count() == before + 1
    standing = Standing.objects.get(pk=floor.id)
    assert (standing.sequence, standing.leader, standing.price, standing.bids) == (entry.sequence, "01", FIRST, 1)


def test_the_journal_replayed_is_the_lot(floor: Floor) -> None:
    bid(floor, "01", FIRST)
    bid(floor, "02", "9500000", proxy=True)
    bid(floor, "01", "9100000")
    floor.tick(300)
    floor.tick(400)
    events = list(events_of(journal_rows(LOT, floor.id)))
    assert (
        engine.replayed(events) == lot_state(floor.id) == LotStates().at(JournalHead.objects.get(subject_id=floor.id))
    )
    chain_verify(entries_of(journal_rows(LOT, floor.id)))
    outcome = lot_state(floor.id).outcome
    assert (outcome.awards[0].bidder, outcome.price) == ("02", yuan("9150000"))


def test_the_same_request_is_answered_once_and_again(floor: Floor) -> None:
    first = bid(floor, "01", FIRST, key="same")
    again = bid(floor, "01", FIRST, key="same")
    assert (again.decision.sequence, again.decision.is_repeated) == (first.decision.sequence, True)
    other = bid(floor, "01", "9999999", key="same")
    assert other.decision.code is Code.KEY_REUSED
    assert Standing.objects.get(pk=floor.id).bids == 1


def test_a_refusal_is_kept_and_moves_neither_price_nor_clock(floor: Floor) -> None:
    bid(floor, "01", FIRST)
    floor.clock.at(290)
    refused = bid(floor, "02", FIRST, key="low")
    assert isinstance(refused.decision, Refusal)
    assert refused.state.closes == OPENING + timedelta(minutes=5)
    assert bid(floor, "02", FIRST, key="low").decision.is_repeated
    assert Standing.objects.get(pk=floor.id).price == FIRST


def test_a_late_bid_extends_and_a_bid_after_the_time_is_late(floor: Floor) -> None:
    floor.clock.at(299)
    assert bid(floor, "01", FIRST).state.closes == OPENING + timedelta(seconds=359)
    floor.clock.at(359)
    assert bid(floor, "02", "9000000").decision.code is Code.LATE
    assert floor.tick(359).state.phase is Phase.SOLD


def test_who_has_no_paddle_cannot_bid(floor: Floor) -> None:
    with pytest.raises(NoPaddleError):
        bid_place(actor=make_user(), lot_id=floor.id, key="a", amount=FIRST, clock=floor.clock)
    with pytest.raises(NoPaddleError):
        bid_place(actor=floor.members["01"], lot_id=floor.id, key="a", amount=FIRST, paddle="02", clock=floor.clock)


def test_who_belongs_to_two_bidders_names_the_paddle(floor: Floor) -> None:
    both = make_user()
    for bidder in floor.lot.bidders.all():
        make_member(both, bidder.organisation)
    with pytest.raises(SeveralPaddlesError, match="01, 02"):
        bid_place(actor=both, lot_id=floor.id, key="a", amount=FIRST, clock=floor.clock)
    answer = bid_place(actor=both, lot_id=floor.id, key="a", amount=FIRST, paddle="02", clock=floor.clock)
    assert answer.state.book.leader == "02"


def test_a_paddle_that_the_engine_has_not_admitted_is_refused(floor: Floor) -> None:
    _, member = make_bidder(floor.lot, "77")
    answer = bid_place(actor=member, lot_id=floor.id, key="a", amount=FIRST, clock=floor.clock)
    assert answer.decision.code is Code.NOT_QUALIFIED


def test_many_asks_in_one_transaction_are_answered_each_for_itself(corridor: object) -> None:
    floors = [Floor(), Floor()]
    for one in floors:
        one.tick(0)
    clock = floors[0].clock

    def ask(floor: Floor, paddle: str, amount: str, actor: object = None) -> PartyAsk:
        who = actor or floor.members[paddle]
        return PartyAsk(who, floor.id, lambda own: PlaceBid(own, next(keys), yuan(amount)), "bid_place")

    answers = party_asks_decide(
        [
            ask(floors[0], "01", "8950000"),
            ask(floors[1], "02", "8950000"),
            ask(floors[0], "01", "1", actor=make_user()),
            ask(floors[0], "02", "9000000"),
            ask(floors[1], "01", "8950000"),
        ],
        clock=clock,
    )
    kinds = [type(one) if isinstance(one, Exception) else type(one.decision) for one in answers]
    assert kinds == [Accepted, Accepted, NoPaddleError, Accepted, Refusal]
    assert [Standing.objects.get(pk=floor.id).leader for floor in floors] == ["02", "02"]


def test_what_a_failed_transaction_left_in_memory_is_not_believed(floor: Floor) -> None:
    with suppress(RuntimeError), transaction.atomic():
        bid(floor, "01", FIRST)
        raise RuntimeError
    answer = bid(floor, "02", FIRST)
    assert answer.state.book.leader == "02"
    assert engine.replayed(events_of(journal_rows(LOT, floor.id))) == answer.state


def test_two_states_of_one_lot_cannot_both_be_written(floor: Floor) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Standing.objects.create(lot=floor.lot, sequence=1, phase="open", changed_at=OPENING)


def test_another_servers_memory_catches_up_from_the_journal(floor: Floor) -> None:
    elsewhere = LotStates()
    head = JournalHead.objects.get(subject_id=floor.id)
    elsewhere.at(head)
    bid(floor, "01", FIRST)
    head.refresh_from_db()
    assert elsewhere.at(head) == lot_state(floor.id)
    STATES.forget()
    assert lot_state(floor.id) == elsewhere.at(head)


def test_a_clock_set_back_or_forward_stops_the_sale_until_it_is_right(floor: Floor) -> None:
    counter = Clock()
    watched = WatchedClock(read=floor.clock, count=lambda: counter.now - OPENING)
    floor.clock.at(10)
    watched()
    floor.clock.at(400)
    counter.at(1)
    for _ in range(2):
        with pytest.raises(ClockJumpedError):
            conducting.lot_tick(lot_id=floor.id, clock=watched)
    assert Standing.objects.get(pk=floor.id).phase == Phase.OPEN
    floor.clock.at(12)
    assert conducting.lot_tick(lot_id=floor.id, clock=watched).state.phase is Phase.OPEN
    floor.clock.at(2)
    with pytest.raises(ClockJumpedError):
        conducting.lot_tick(lot_id=floor.id, clock=watched)
    watched.accept()
    assert watched() == floor.clock.now


@pytest.mark.django_db(transaction=True)
def test_bids_at_once_are_taken_in_one_order_without_a_gap(corridor: object) -> None:
    floor = Floor(bidders=8)
    floor.tick(0)
    amounts = [FIRST + step * 50_000 for step in range(8)]
    answers = at_once(
        *(
            lambda paddle=paddle, amount=amount: bid(floor, paddle, amount)
            for paddle, amount in zip(floor.members, amounts, strict=True)
        )
    )
    state = lot_state(floor.id)
    taken = sorted(one.decision.sequence for one in answers if isinstance(one.decision, Accepted))
    assert len(set(taken)) == len(taken) == state.bids
    events = list(events_of(journal_rows(LOT, floor.id)))
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert engine.replayed(events) == state
    assert state.book.price == amounts[-1]


@pytest.mark.django_db(transaction=True)
def test_three_workers_close_a_lot_exactly_once(corridor: object) -> None:
    floor = Floor()
    floor.tick(0)
    bid(floor, "01", FIRST)
    floor.clock.at(301)
    assert conducting.lots_due(floor.clock.now) == [floor.id]
    at_once(*[lambda: conducting.lot_tick(lot_id=floor.id, clock=floor.clock)] * 3)
    kinds = list(journal_rows(LOT, floor.id).values_list("kind", flat=True))
    assert kinds.count("hammered") == 1
    assert conducting.lots_due(floor.clock.now) == []
    assert AuditEntry.objects.filter(action="lot_tick").count() == 2  # the opening, and the hammer


def test_the_office_hears_why_a_step_is_refused(floor: Floor) -> None:
    with pytest.raises(conducting.RefusedError) as caught:
        conducting.lot_resume(actor=SYSTEM, lot_id=floor.id, clock=floor.clock)
    assert caught.value.refusal is Code.NOT_PAUSED
