"""What all forms share: one answer to one request, time that never runs back, order, and the same state every time."""

from __future__ import annotations

import copy
import pickle
import random
from dataclasses import replace
from datetime import datetime
from decimal import localcontext
from typing import Any

import pytest

from tests.auctions.core.driving import FORMATS, Chooser, Run
from tests.auctions.core.selling import OPENING, Sale, english, lasting, seconds, told, yuan
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.errors import CommandError, JournalError
from yunlang.auctions.core.events import Annulled, BidSealed, CommandRefused, Event
from yunlang.auctions.core.formats.known import FORM_LABELS, FORMS
from yunlang.auctions.core.refusals import REASONS, Code
from yunlang.auctions.core.state import PHASES, Phase
from yunlang.auctions.core.terms import Schedule

# One answer to one request.


def test_a_bid_sent_twice_is_taken_once_and_answered_alike() -> None:
    sale = Sale(english())
    bid = c.PlaceBid("a", "k", yuan("100"))
    first = sale.do(bid)
    sale.bid("b", "110")
    again = sale.do(bid, at=299)
    assert isinstance(first, engine.Accepted)
    assert again == engine.Accepted((), first.sequence, is_repeated=True)
    assert sale.state.bids == 2


def test_a_refused_bid_sent_again_is_refused_again_although_it_could_be_taken_now() -> None:
    sale = Sale(english())
    sale.do(c.Pause("fire drill"))
    bid = c.PlaceBid("a", "k", yuan("100"))
    first = sale.do(bid)
    sale.do(c.Resume())
    again = sale.do(bid)
    assert isinstance(first, engine.Refusal)
    assert isinstance(again, engine.Refusal)
    assert (first.code, again.code, again.is_repeated, again.events) == ("paused", "paused", True, ())
    assert sale.bid("a", "100") == "taken"


def test_an_answer_outlives_the_sale() -> None:
    sale = Sale(english())
    bid = c.PlaceBid("a", "k", yuan("100"))
    sale.do(bid)
    sale.tick(300)
    assert sale.do(bid, at=400).is_repeated
    assert told(sale.do(c.PlaceBid("b", "k", yuan("110")), at=400)) == "ended"


def test_a_key_cannot_carry_another_request_but_is_each_senders_own() -> None:
    sale = Sale(english())
    sale.do(c.PlaceBid("a", "k", yuan("100")))
    assert told(sale.do(c.PlaceBid("a", "k", yuan("200")))) == "key_reused"
    assert told(sale.do(c.PlaceBid("b", "k", yuan("110")))) == "taken"


# Time.


def test_a_slightly_earlier_clock_is_taken_as_the_last_events_time() -> None:
    sale = Sale(english())
    sale.bid("a", "100", at=10)
    assert sale.bid("b", "110", at=8) == "taken"
    assert sale.state.at == OPENING + seconds(10)


def test_a_clock_set_back_is_refused_and_leaves_nothing() -> None:
    sale = Sale(english())
    sale.bid("a", "100", at=10)
    refusal = sale.do(c.PlaceBid("b", "k", yuan("110")), at=7.9)
    assert isinstance(refusal, engine.Refusal)
    assert (refusal.code, refusal.events) == ("clock_set_back", ())
    assert told(sale.do(c.PlaceBid("b", "k", yuan("110")), at=10)) == "taken"


def test_after_the_deadline_a_bid_is_late_even_before_the_tick() -> None:
    sale = Sale(english())
    assert sale.bid("a", "100", at=299.999999) == "taken"
    assert sale.bid("b", "110", at=300) == "late"
    assert told(sale.do(c.Extend("please", seconds(60)), 300)) == "late"
    assert [sale.tick(300), sale.tick(301)] == ["taken", "nothing"]
    assert sale.won == [("a", "100.00", 1)]


def test_a_lot_opens_by_itself_and_keeps_its_full_time_when_that_is_late() -> None:
    schedule = Schedule(opens=OPENING + seconds(60), lasts=seconds(300))
    sale = Sale(english(schedule=schedule), is_open=False)
    assert told(sale.do(c.Open(), 59)) == "not_due"
    assert sale.bid("a", "100", at=59) == "not_open"
    assert [sale.tick(59), sale.tick(500)] == ["nothing", "taken"]
    assert sale.closes == 800


def test_a_time_without_a_zone_is_a_mistake_of_the_program() -> None:
    sale = Sale(english())
    with pytest.raises(ValueError, match="zone"):
        engine.decide(sale.state, c.Tick(), datetime(2026, 5, 18))


# The office.


def test_a_sale_can_be_annulled_after_the_hammer_but_only_once() -> None:
    sale = Sale(english())
    sale.bid("a", "100")
    sale.tick(300)
    assert told(sale.do(c.Annul("the patent had lapsed"), 400)) == "taken"
    assert (sale.state.phase, sale.won, sale.outcome.unsold_reason) == ("annulled", [], "annulled")
    assert told(sale.do(c.Annul("again"), 401)) == "ended"


def test_whoever_is_barred_bids_no_more_but_what_was_taken_stands() -> None:
    sale = Sale(english())
    sale.bid("a", "100")
    sale.do(c.Bar("the deposit bounced", "a"))
    assert told(sale.do(c.Bar("twice", "a"))) == "not_qualified"
    assert sale.bid("a", "500") == "not_qualified"
    sale.tick(300)
    assert sale.won == [("a", "100.00", 1)]


def test_steps_of_another_form_are_refused() -> None:
    sale = Sale(english())
    assert told(sale.do(c.Confirm())) == "other_format"
    assert told(sale.do(c.OpenBids(()))) == "other_format"
    assert told(sale.do(c.Score("a", "quality", yuan("90")))) == "other_format"
    assert told(sale.do(c.Propose("a", "k", yuan("90")))) == "other_format"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: c.PlaceBid("", "k", yuan("1")), "bidder"),
        (lambda: c.PlaceBid("a\n", "k", yuan("1")), "bidder"),
        (lambda: c.PlaceBid("a", "", yuan("1")), "key"),
        (lambda: c.PlaceBid("a", "k", yuan("1"), quantity=0), "quantity"),
        (lambda: c.SealBid("a", "k", "abc"), "commitment"),
        (lambda: c.SealBid("a", "k", "0" * 64, "…"), "ciphertext"),
        (lambda: c.RevealBid("a", "k", yuan("1"), "short"), "nonce"),
        (lambda: c.Annul(""), "reason"),
        (lambda: c.Extend("more", seconds(-1)), "by"),
        (lambda: c.Admit("x" * 101), "bidder"),
    ],
)
def test_a_malformed_command_cannot_be_made(make: Any, field: str) -> None:
    with pytest.raises(CommandError) as caught:
        make()
    assert list(caught.value.fields) == [field]


# Order, and the same state every time.


def test_an_event_follows_its_predecessor_or_is_refused() -> None:
    sale = Sale(english())
    sale.bid("a", "100", at=10)
    *_, last = sale.events
    following = replace(last, sequence=last.sequence + 1)
    for wrong in (
        last,
        replace(following, sequence=last.sequence + 2),
        replace(following, lot="lot-8"),
        replace(following, at=last.at - seconds(1)),
        replace(following, body=BidSealed("a", "0" * 64, "")),
        sale.events[0],
    ):
        with pytest.raises(JournalError):
            engine.apply(sale.state, wrong)
    with pytest.raises(JournalError):
        engine.apply(None, last)
    with pytest.raises(JournalError):
        engine.replayed([])


def test_after_the_end_only_an_annulment_follows() -> None:
    sale = Sale(english())
    sale.tick(300)
    closed = sale.events[-1]
    refused = Event(closed.lot, closed.sequence + 1, closed.at, CommandRefused(Code.ENDED, {}))
    with pytest.raises(JournalError):
        engine.apply(sale.state, refused)
    annulled = engine.apply(sale.state, replace(refused, body=Annulled("wrong lot")))
    with pytest.raises(JournalError):
        engine.apply(annulled, replace(refused, sequence=refused.sequence + 1, body=Annulled("again")))


def random_run(form: str, seed: int, count: int = 60) -> Run:
    draw = random.Random(seed)
    run = Run(form, Chooser(draw.getrandbits(64)))
    run.begin()
    for _ in range(count):
        choose = Chooser(draw.getrandbits(96))
        run.wait(choose)
        run.act(choose.of(run.party_command, run.party_command, run.office_command)(choose))
    return run


@pytest.mark.parametrize("form", FORMATS)
def test_the_callers_decimal_context_changes_nothing(form: str) -> None:
    for seed in range(6):
        run = random_run(form, seed)
        with localcontext() as context:
            context.prec = 1
            state, events = engine.apply(None, run.events[0]), run.events[:1]
            for command, now in zip(run.sent, run.times, strict=True):
                decision = engine.decide(state, command, now)
                events = [*events, *decision.events]
                for event in decision.events:
                    state = engine.apply(state, event)
        assert events == run.events
        assert state == run.state


@pytest.mark.parametrize("form", FORMATS)
def test_deciding_changes_nothing_and_a_state_travels(form: str) -> None:
    run = random_run(form, 1, count=20)
    before = copy.deepcopy(pickle.loads(pickle.dumps(run.state)))
    assert before == run.state
    for seed in range(30):
        engine.decide(run.state, run.party_command(Chooser(random.Random(seed).getrandbits(96))), run.now)
    assert run.state == before


def test_every_code_phase_and_form_has_its_words() -> None:
    assert set(REASONS) == set(Code)
    assert set(PHASES) == set(Phase)
    assert set(FORM_LABELS) == set(FORMS)
    sale = Sale(english(schedule=lasting(60)))
    refusal = sale.do(c.PlaceBid("a", "k", yuan("99")))
    assert isinstance(refusal, engine.Refusal)
    assert refusal.text.zh == "出价过低，至少应为 100.00 元。"
    assert refusal.text.en == "The bid is too low; bid at least CNY 100.00."
