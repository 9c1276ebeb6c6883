"""Random terms and commands for every form of sale, and a run that holds the engine to the naive lot step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.auctions.core.reference_forms import NAIVE
from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.commitments import commitment_of
from yunlang.auctions.core.events import CommandRefused, Event
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.terms import (
    Criterion,
    DutchTerms,
    EnglishTerms,
    NegotiatedTerms,
    ReverseTerms,
    Schedule,
    SealedTerms,
    SingleQuoteTerms,
    UniformPriceTerms,
)

LOT = "lot-1"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BIDDERS = ("甲", "乙", "丙", "stranger")
NONCE = "0123456789abcdef"
STEPS = (0, 0, 0, 0, 1, 1, 2, 3, 5, 9, 12, 20, 30, 30, -1, -3)
SHORT_STEPS = (0, 0, 0, 0, 1, 1, 2, 9)
FORMATS = tuple(NAIVE)
AFTER_END = 5


class Chooser:
    """Choices out of one whole number, so that a test draws once for each command."""

    def __init__(self, number: int) -> None:
        self.left = number

    def of(self, *options: Any) -> Any:
        self.left, place = divmod(self.left, len(options))
        return options[place]

    def money(self, low: int, high: int) -> Decimal:
        """Return an amount between two whole cents."""
        return Decimal(self.of(*range(low, high + 1))).scaleb(-2)


def yuan(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


def terms_of(form: str, choose: Chooser) -> Any:
    """Return small terms: few prices and short times, so that ties and deadlines are met often."""
    schedule = Schedule(
        opens=choose.of(None, START, START + seconds(5)), lasts=choose.of(seconds(60), seconds(30), None)
    )
    priced: dict[str, Any] = {
        "schedule": schedule,
        "starting_price": yuan("1"),
        "reserve": choose.of(None, yuan("1.05"), yuan("1.12")),
    }
    late = choose.of(
        None, Extension(seconds(10), seconds(10), seconds(25)), Extension(seconds(20), seconds(5), seconds(8))
    )
    extension = late if schedule.lasts else None
    within = choose.of(None, seconds(20))
    ladder = choose.of(
        (Rung(yuan("0"), yuan("0.02")),), (Rung(yuan("0"), yuan("0.01")), Rung(yuan("1.06"), yuan("0.03")))
    )
    match form:
        case "single_quote":
            return SingleQuoteTerms(**priced, confirm_within=within)
        case "negotiated":
            return NegotiatedTerms(**priced)
        case "english":
            return EnglishTerms(**priced, ladder=ladder, extension=extension)
        case "sealed":
            kinds: dict[str, Any] = {"pays": choose.of("first", "second"), "cover": choose.of("commit", "encrypted")}
            return SealedTerms(**priced, **kinds, reveal_within=within)
        case "dutch":
            return DutchTerms(
                schedule=Schedule(opens=schedule.opens),
                starting_price=yuan("1.15"),
                floor=yuan("1"),
                step=choose.of(yuan("0.05"), yuan("0.04")),
                interval=seconds(choose.of(3, 10)),
            )
        case "reverse":
            criteria = choose.of((), (Criterion("quality", yuan("30")), Criterion("term", yuan("20"))))
            weight = yuan("50") if criteria else yuan("100")
            return ReverseTerms(
                schedule=schedule,
                ceiling=yuan("1.15"),
                decrement=choose.of(yuan("0.01"), yuan("0.03")),
                price_weight=weight,
                criteria=criteria,
                extension=extension,
            )
    clears: Any = choose.of("lowest_accepted", "highest_rejected")
    return UniformPriceTerms(**priced, units=choose.of(1, 3, 5), clears_at=clears)


class Run:
    """One lot, driven by the engine and by the naive lot at once."""

    def __init__(self, form: str, choose: Chooser) -> None:
        self.form = form
        self.now = START
        self.terms = terms_of(form, choose)
        self.events: list[Event] = [engine.listed(LOT, self.terms, START)]
        self.state = engine.apply(None, self.events[0])
        self.naive = NAIVE[form](LOT, self.terms, START)
        self.sent: list[c.Command] = []
        self.times: list[datetime] = []
        # Now and then one bidder is alone, as with most lots.
        self.usual = choose.of(BIDDERS[:3], BIDDERS[:3], BIDDERS[:1])
        self.sealed: dict[str, Decimal] = {}
        self.commands = 0
        self.spent = 0.0
        self.after_end = 0

    def begin(self) -> None:
        """Admit everybody but the stranger, score them, and open where the clock will not."""
        for bidder in BIDDERS[:3]:
            self.act(c.Admit(bidder))
        for place, bidder in enumerate(BIDDERS[:3]):
            for criterion in getattr(self.terms, "criteria", ()):
                self.act(c.Score(bidder, criterion.code, yuan(str(70 + 10 * place))))
        self.now += seconds(5)
        self.act(c.Open())

    def act(self, command: c.Command) -> engine.Decision:
        """Give a command to both and compare all that can be seen."""
        before = self.state
        began = time.perf_counter()
        decision = engine.decide(before, command, self.now)
        for event in decision.events:
            self.state = engine.apply(self.state, event)
        self.spent += time.perf_counter() - began
        self.commands += 1
        self.events += decision.events
        self.sent.append(command)
        self.times.append(self.now)
        assert _answer(decision) == self.naive.submit(command, self.now), (command, self.now)
        assert self.seen() == self.naive.view(), command
        if isinstance(decision, engine.Refusal):
            self.check_refused_left_no_mark(before, decision)
        return decision

    def check_refused_left_no_mark(self, before: Any, decision: engine.Refusal) -> None:
        assert all(isinstance(event.body, CommandRefused) for event in decision.events)
        for name in ("phase", "opened", "closes", "latest", "book", "bids", "bidders", "qualified", "outcome"):
            assert getattr(before, name) == getattr(self.state, name), name

    def seen(self) -> dict[str, Any]:
        """Return what the naive lot's view has, from the engine's state."""
        state, outcome = self.state, self.state.outcome
        leader, price = None, None
        if self.form == "english":
            leader, price = state.book.leader, state.book.price
        elif self.form == "reverse" and state.book.best is not None:
            leader, price = state.book.best.bidder, state.book.best.amount
        end: Any = None
        if outcome is not None:
            end = [(award.bidder, award.price, award.quantity) for award in outcome.awards] or outcome.unsold_reason
        return {
            "phase": state.phase,
            "closes": state.closes,
            "leader": leader,
            "price": price,
            "end": end,
            "sequence": state.sequence,
            "bids": state.bids,
            "bidders": len(state.bidders),
        }

    @property
    def is_over(self) -> bool:
        """Whether the lot has ended, and enough has been tried on it since."""
        self.after_end += self.state.is_ended
        return self.after_end > AFTER_END

    # Random commands.

    def wait(self, choose: Chooser) -> None:
        """Let time pass; now and then the clock goes back, within the tolerance or beyond it."""
        step = choose.of(*(SHORT_STEPS if self.state.phase == "awaiting" else STEPS))
        self.now = max(self.now, self.state.at) + seconds(step)

    def party_command(self, choose: Chooser) -> c.Command:
        kinds: dict[str, tuple[Callable[[Chooser, dict[str, str]], c.Command], ...]] = {
            "negotiated": (self._propose, self._propose, self._accept, self._accept, self._withdraw, self._bid),
            "sealed": (self._seal, self._seal, self._seal, self._retract, self._reveal, self._reveal, self._bid),
            "uniform_price": (self._bid, self._bid, self._bid, self._retract, self._seal),
        }
        usual = (self._bid,) * 12 + (self._retract, self._propose)
        named = {"bidder": choose.of(*(self.usual * 14)[:14], BIDDERS[3]), "key": f"k{len(self.sent)}"}
        earlier = choose.of(*[None] * 18, "k4", "k5")
        if earlier is not None:
            named["key"] = earlier
        if self.form == "sealed" and self.state.phase == "awaiting":
            if self.terms.cover == "encrypted" and choose.of(True, True, False):
                return self._opening(choose)
            named["bidder"] = choose.of(*sorted(self.state.book.seals), named["bidder"])
            return choose.of(self._seal, *[self._reveal] * 7)(choose, named)
        return choose.of(*kinds.get(self.form, usual))(choose, named)

    def _bid(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        proxy = choose.of(False, True) if self.form == "english" else choose.of(*[False] * 15, True)
        quantity = choose.of(1, 2, 3, 6) if self.form == "uniform_price" else choose.of(*[1] * 15, 2)
        return c.PlaceBid(**named, amount=choose.money(98, 116), proxy=proxy, quantity=quantity)

    def _retract(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        return c.RetractBid(**named, bid=choose.of(None, *range(6, self.state.sequence + 1)))

    def _propose(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        return c.Propose(**named, amount=choose.money(98, 116), side=choose.of(*c.Side))

    def _accept(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        proposals = self.state.book.proposals if self.form == "negotiated" else {}
        latest = proposals[named["bidder"]].sequence if named["bidder"] in proposals else 7
        return c.AcceptProposal(**named, proposal=choose.of(latest, latest, latest - 1), side=choose.of(*c.Side))

    def _withdraw(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        return c.WithdrawProposal(**named, side=choose.of(*c.Side))

    def _amount_of(self, choose: Chooser, bidder: str) -> Decimal:
        """Return what the bidder sealed, or seldom another amount."""
        return choose.of(*[self.sealed.get(bidder, yuan("1.07"))] * 9, yuan("1.12"))

    def _seal(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        amount = self.sealed[named["bidder"]] = yuan(choose.of("0.99", "1.04", "1.07", "1.07", "1.12"))
        commitment = commitment_of(lot=LOT, bidder=named["bidder"], amount=amount, nonce=NONCE)
        covered = getattr(self.terms, "cover", "commit") == "encrypted"
        return c.SealBid(**named, commitment=commitment, ciphertext="opaque" if covered else "")

    def _reveal(self, choose: Chooser, named: dict[str, str]) -> c.Command:
        return c.RevealBid(**named, amount=self._amount_of(choose, named["bidder"]), nonce=NONCE)

    def office_command(self, choose: Chooser) -> c.Command:
        bidder = choose.of(*BIDDERS[:3])
        if self.state.phase == "awaiting" and choose.of(True, True, False):
            return choose.of(self._opening(choose) if self.form == "sealed" else c.Confirm(), c.Close())
        options: list[c.Command] = [
            c.Pause("fire drill"),
            *[c.Resume()] * 4,
            c.Extend("late opening", seconds(10)),
            c.Close(),
            c.Open(),
            *[c.Admit(bidder)] * 3,
            c.Bar("deposit returned", bidder),
            c.Score(bidder, choose.of("quality", "term", "none"), yuan("88")),
            *[self._opening(choose)] * 5,
            *[c.Confirm()] * 5,
            choose.of(*[c.Tick()] * 7, c.Annul("wrong lot")),
        ]
        return choose.of(*options)

    def _opening(self, choose: Chooser) -> c.Command:
        sealed = sorted(self.state.book.seals) if self.form == "sealed" else []
        some = sealed[: choose.of(len(sealed), len(sealed), max(0, len(sealed) - 1))]
        amounts = [choose.of(*[self._amount_of(choose, bidder)] * 5, None) for bidder in some]
        return c.OpenBids(
            tuple(
                c.Opening(who, money, None if money is None else NONCE)
                for who, money in zip(some, amounts, strict=True)
            )
        )


def _answer(decision: engine.Decision) -> str:
    if isinstance(decision, engine.Refusal):
        return decision.code
    return "nothing" if decision.sequence is None else "taken"
