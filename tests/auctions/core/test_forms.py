"""The other forms of sale, each by the cases that its rules are about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.auctions.core.selling import NONCE, OPENING, Sale, lasting, seconds, told, yuan
from yunlang.auctions.core import commands as c
from yunlang.auctions.core.commitments import commitment_of
from yunlang.auctions.core.terms import (
    Criterion,
    DutchTerms,
    NegotiatedTerms,
    ReverseTerms,
    SealedTerms,
    SingleQuoteTerms,
    UniformPriceTerms,
)

# Single quote.


def single_quote(**more: Any) -> Sale:
    return Sale(SingleQuoteTerms(schedule=lasting(300), starting_price=yuan("2400000"), **more))


def test_one_quote_at_the_reserve_is_confirmed() -> None:
    sale = single_quote(reserve=yuan("3200000"))
    sale.bid("a", "3200000")
    assert told(sale.do(c.Confirm(), 299)) == "not_due"
    sale.tick(300)
    assert told(sale.do(c.Confirm(), 400)) == "taken"
    assert sale.won == [("a", "3200000.00", 1)]
    assert sale.outcome.premium_over_starting == Decimal("33.33")


def test_a_quote_below_the_reserve_may_be_raised_and_then_confirmed() -> None:
    sale = single_quote(reserve=yuan("3000000"), confirm_within=seconds(600))
    sale.bid("a", "2500000")
    sale.tick(300)
    assert told(sale.do(c.Confirm(), 301)) == "below_reserve"
    assert sale.bid("b", "4000000", at=302) == "late"
    assert sale.bid("a", "2500000", at=302) == "too_low"
    assert sale.bid("a", "3000000", at=302) == "taken"
    assert told(sale.do(c.Confirm(), 303)) == "taken"


@pytest.mark.parametrize(("quote", "reason"), [("2500000", "reserve_not_met"), ("3000000", "not_confirmed")])
def test_what_is_not_confirmed_in_time_is_not_sold(quote: str, reason: str) -> None:
    sale = single_quote(reserve=yuan("3000000"), confirm_within=seconds(600))
    sale.bid("a", quote)
    sale.tick(300)
    assert told(sale.do(c.Confirm(), 900)) == "late"
    sale.tick(900)
    assert sale.outcome.unsold_reason == reason


def test_several_quotes_go_to_competition() -> None:
    sale = single_quote()
    sale.bid("a", "2400000")
    sale.bid("b", "2500000")
    sale.tick(300)
    assert sale.outcome.unsold_reason == "several_quotes"


# Negotiation.


def negotiated() -> Sale:
    return Sale(NegotiatedTerms(schedule=lasting(10**6), starting_price=yuan("500"), reserve=yuan("400")))


def propose(sale: Sale, bidder: str, amount: str, side: c.Side = c.Side.BUYER) -> int:
    assert told(sale.do(c.Propose(bidder, sale.key(), yuan(amount), side))) == "taken"
    return sale.state.sequence


def test_offer_counter_offer_and_acceptance() -> None:
    sale = negotiated()
    first = propose(sale, "a", "300")
    counter = propose(sale, "a", "450", c.Side.SELLER)
    propose(sale, "b", "390")
    assert told(sale.do(c.AcceptProposal("a", sale.key(), first))) == "proposal_changed"
    assert told(sale.do(c.AcceptProposal("a", sale.key(), counter, c.Side.SELLER))) == "own_proposal"
    assert told(sale.do(c.AcceptProposal("a", sale.key(), counter))) == "taken"
    assert sale.won == [("a", "450.00", 1)]
    assert sale.outcome.premium_over_starting == Decimal("-10.00")


def test_the_seller_cannot_sell_below_the_reserve_nor_write_to_who_has_not_offered() -> None:
    sale = negotiated()
    offer = propose(sale, "a", "399.99")
    assert told(sale.do(c.AcceptProposal("a", sale.key(), offer, c.Side.SELLER))) == "below_reserve"
    assert told(sale.do(c.Propose("b", sale.key(), yuan("450"), c.Side.SELLER))) == "nothing_there"


def test_a_withdrawn_offer_cannot_be_accepted() -> None:
    sale = negotiated()
    offer = propose(sale, "a", "450")
    assert told(sale.do(c.WithdrawProposal("a", sale.key(), c.Side.SELLER))) == "nothing_there"
    assert told(sale.do(c.WithdrawProposal("a", sale.key()))) == "taken"
    assert told(sale.do(c.AcceptProposal("a", sale.key(), offer, c.Side.SELLER))) == "nothing_there"
    sale.tick(10**6)
    assert sale.outcome.unsold_reason == "no_agreement"


# Sealed bids.


def sealed(**more: Any) -> Sale:
    return Sale(SealedTerms(schedule=lasting(300), starting_price=yuan("100"), **more))


def seal(sale: Sale, bidder: str, amount: str, ciphertext: str = "", owner: str | None = None, at: float = 0) -> str:
    commitment = commitment_of(lot="lot-7", bidder=owner or bidder, amount=yuan(amount), nonce=NONCE)
    return told(sale.do(c.SealBid(bidder, sale.key(), commitment, ciphertext), at))


def reveal(sale: Sale, bidder: str, amount: str, at: float = 301) -> str:
    return told(sale.do(c.RevealBid(bidder, sale.key(), yuan(amount), NONCE), at))


@pytest.mark.parametrize(("pays", "price"), [("first", "300.00"), ("second", "250.00")])
def test_the_highest_wins_and_pays_by_the_rule(pays: str, price: str) -> None:
    sale = sealed(pays=pays, reveal_within=seconds(600))
    bids = (("a", "250"), ("b", "300"), ("c", "200"))
    for bidder, amount in bids:
        assert seal(sale, bidder, amount) == "taken"
        assert reveal(sale, bidder, amount, at=0) == "sealed_still"
    sale.tick(300)
    assert seal(sale, "d", "999", at=300) == "late"
    assert told(sale.do(c.RetractBid("a", sale.key()), 300)) == "late"
    for bidder, amount in bids:
        assert told(sale.do(c.Close(), 301)) == "not_due"
        assert reveal(sale, bidder, amount) == "taken"
        assert reveal(sale, bidder, amount) == "nothing_there"
    assert told(sale.do(c.Close(), 301)) == "taken"
    assert sale.won == [("b", price, 1)]


def test_an_opening_that_no_clock_bounds_is_closed_by_the_office() -> None:
    sale = sealed()
    seal(sale, "a", "300")
    sale.tick(300)
    assert sale.tick(10**6) == "nothing"
    assert told(sale.do(c.Close(), 10**6)) == "taken"
    assert sale.outcome.unsold_reason == "nothing_opened"


def test_of_equal_sealed_bids_the_one_handed_in_first_wins_and_a_replaced_one_counts_from_its_replacement() -> None:
    sale = sealed(reveal_within=seconds(600))
    seal(sale, "a", "300")
    seal(sale, "b", "300")
    seal(sale, "a", "300")
    sale.tick(300)
    for bidder in "ab":
        reveal(sale, bidder, "300")
    sale.tick(900)
    assert sale.won == [("b", "300.00", 1)]


def test_what_is_shown_must_be_what_was_sealed_by_the_same_bidder() -> None:
    sale = sealed(reveal_within=seconds(600))
    seal(sale, "a", "300")
    seal(sale, "b", "300", owner="a")
    sale.tick(300)
    assert reveal(sale, "a", "299.99") == "commitment_mismatch"
    assert reveal(sale, "b", "300") == "commitment_mismatch"
    assert reveal(sale, "c", "300") == "nothing_there"
    assert reveal(sale, "a", "300", at=900) == "late"


def test_a_sealed_bid_can_be_taken_back_before_the_deadline() -> None:
    sale = sealed()
    seal(sale, "a", "300")
    assert told(sale.do(c.RetractBid("a", sale.key()))) == "taken"
    assert told(sale.do(c.RetractBid("a", sale.key()))) == "nothing_there"
    sale.tick(300)
    assert sale.outcome.unsold_reason == "no_bids"


def test_a_single_sealed_bid_pays_the_reserve_under_the_second_price_rule() -> None:
    sale = sealed(pays="second", reserve=yuan("150"), reveal_within=seconds(600))
    seal(sale, "a", "300")
    sale.tick(300)
    reveal(sale, "a", "300")
    sale.tick(900)
    assert sale.won == [("a", "150.00", 1)]


def test_a_second_price_below_the_reserve_is_lifted_to_it() -> None:
    sale = sealed(pays="second", reserve=yuan("150"), reveal_within=seconds(600))
    for bidder, amount in (("a", "300"), ("b", "120")):
        seal(sale, bidder, amount)
    sale.tick(300)
    for bidder, amount in (("a", "300"), ("b", "120")):
        reveal(sale, bidder, amount)
    sale.tick(900)
    assert sale.won == [("a", "150.00", 1)]


def test_encrypted_bids_are_opened_together_with_proofs() -> None:
    sale = sealed(cover="encrypted", pays="second")
    assert seal(sale, "a", "300") == "other_format"
    for bidder, amount in (("a", "300"), ("b", "250"), ("c", "400")):
        assert seal(sale, bidder, amount, ciphertext="b64") == "taken"
    opened = {bidder: c.Opening(bidder, yuan(amount), NONCE) for bidder, amount in (("a", "300"), ("b", "250"))}
    unreadable = c.Opening("c")
    whole = (opened["a"], opened["b"], unreadable)
    assert told(sale.do(c.OpenBids(whole), 299)) == "sealed_still"
    sale.tick(300)
    assert reveal(sale, "a", "300") == "other_format"
    assert told(sale.do(c.OpenBids((opened["a"], opened["b"])), 301)) == "openings_incomplete"
    assert told(sale.do(c.OpenBids((*whole, unreadable)), 301)) == "openings_incomplete"
    forged = c.Opening("c", yuan("200"), NONCE)
    assert told(sale.do(c.OpenBids((opened["a"], opened["b"], forged)), 301)) == "commitment_mismatch"
    assert told(sale.do(c.OpenBids(whole), 301)) == "taken"
    assert sale.won == [("a", "250.00", 1)]
    assert [event.body.kind for event in sale.events[-4:]] == ["bid_revealed", "bid_revealed", "bid_voided", "hammered"]


def test_a_commitment_is_what_any_language_can_compute() -> None:
    # printf '{"amount":"12.30","bidder":"企业","lot":"lot-7","nonce":"0123456789abcdef"}' | sha256sum
    assert (
        commitment_of(lot="lot-7", bidder="企业", amount=yuan("12.30"), nonce="0123456789abcdef")
        == "e57831eac870ec10dad877b8ef3202cb670e94ea52b3a5474bf15e7483d8e517"
    )


# Dutch.


def dutch() -> Sale:
    return Sale(DutchTerms(starting_price=yuan("1000"), floor=yuan("650"), step=yuan("100"), interval=seconds(60)))


def test_the_price_falls_by_the_clock_to_the_floor() -> None:
    terms = dutch().state.terms
    prices = [terms.price_after(seconds(at)) for at in (0, 59.9, 60, 180, 240, 10**6)]
    assert prices == [yuan(price) for price in ("1000", "1000", "900", "700", "650", "650")]
    assert terms.lasts == seconds(300)


def test_the_first_to_take_the_price_of_the_moment_has_the_lot() -> None:
    sale = dutch()
    assert sale.bid("a", "899.99", at=119) == "too_low"
    assert sale.bid("b", "950", at=119) == "taken"
    assert sale.bid("a", "1000", at=119) == "ended"
    assert sale.won == [("b", "900.00", 1)]
    assert sale.outcome.premium_over_reserve == Decimal("38.46")


def test_a_pause_stops_the_price() -> None:
    sale = dutch()
    sale.do(c.Pause("fire drill"), 30)
    sale.do(c.Resume(), 1030)
    assert sale.bid("a", "999.99", at=1059) == "too_low"
    assert sale.bid("a", "900", at=1060) == "taken"


def test_nobody_may_extend_a_falling_price_and_it_ends_at_the_floor() -> None:
    sale = dutch()
    assert told(sale.do(c.Extend("more", seconds(60)))) == "other_format"
    assert [sale.tick(299), sale.tick(300)] == ["nothing", "taken"]
    assert sale.outcome.unsold_reason == "no_bids"


# Reverse.


def reverse(*, scores: dict[str, str], **more: Any) -> Sale:
    criteria = (Criterion("quality", yuan("40")),)
    terms = ReverseTerms(
        schedule=lasting(300),
        ceiling=yuan("1000"),
        decrement=yuan("10"),
        price_weight=yuan("60"),
        criteria=criteria,
        **more,
    )
    sale = Sale(terms, is_open=False)
    for bidder, points in scores.items():
        assert told(sale.do(c.Score(bidder, "quality", yuan(points)))) == "taken"
    sale.do(c.Open())
    return sale


def test_the_best_in_price_and_quality_together_wins_at_its_own_price() -> None:
    sale = reverse(scores={"a": "90", "b": "60"})
    assert sale.bid("a", "1000.01") == "above_ceiling"
    assert sale.bid("a", "900") == "taken"
    assert sale.bid("a", "890.01") == "not_lower"
    assert sale.bid("b", "750") == "taken"  # b: 60 + 24 = 84; a: 60 · 83.33 % + 36 = 86.00
    assert (sale.state.book.best.bidder, sale.state.book.best.amount) == ("a", yuan("900"))
    assert sale.bid("b", "700") == "taken"  # a: 60 · 77.78 % + 36 = 82.67
    assert sale.bid("c", "100") == "not_scored"
    sale.tick(300)
    assert sale.won == [("b", "700.00", 1)]
    assert sale.outcome.premium_over_starting == Decimal("-30.00")


def test_equal_totals_go_to_the_lower_offer_and_then_to_the_earlier() -> None:
    sale = reverse(scores={"a": "90", "b": "90"})
    sale.bid("b", "700")
    sale.bid("a", "700")
    sale.tick(300)
    assert sale.won == [("b", "700.00", 1)]


def test_equal_totals_of_unlike_offers_go_to_the_lower_though_it_came_later() -> None:
    sale = reverse(scores={"a": "88.75", "b": "70"})
    sale.bid("a", "800")
    sale.bid("b", "700")  # a: 60 · 87.50 % + 35.50 = 88.00; b: 60 + 28 = 88.00
    sale.tick(300)
    assert sale.won == [("b", "700.00", 1)]


def test_scores_are_fixed_before_the_first_offer() -> None:
    sale = reverse(scores={"a": "90"})
    assert told(sale.do(c.Score("b", "quality", yuan("99")))) == "scores_fixed"
    waiting = Sale(sale.state.terms, is_open=False)
    assert told(waiting.do(c.Score("b", "price", yuan("99")))) == "unknown_criterion"
    assert told(waiting.do(c.Score("b", "quality", yuan("100.01")))) == "unknown_criterion"
    assert told(waiting.do(c.Score("z", "quality", yuan("99")))) == "not_qualified"


# Several units.


def units(count: int, **more: Any) -> Sale:
    return Sale(UniformPriceTerms(schedule=lasting(300), starting_price=yuan("100"), units=count, **more))


@pytest.mark.parametrize(("clears_at", "price"), [("lowest_accepted", "200.00"), ("highest_rejected", "200.00")])
def test_a_winner_in_part_sets_the_price_either_way(clears_at: str, price: str) -> None:
    sale = units(5, clears_at=clears_at)
    sale.bid("a", "300", quantity=3)
    sale.bid("b", "200", quantity=4)
    sale.tick(300)
    assert sale.won == [("a", price, 3), ("b", price, 2)]
    assert sale.outcome.value == yuan("1000")


@pytest.mark.parametrize(("clears_at", "price"), [("lowest_accepted", "200.00"), ("highest_rejected", "150.00")])
def test_all_pay_the_lowest_accepted_or_the_highest_rejected_bid(clears_at: str, price: str) -> None:
    sale = units(2, clears_at=clears_at)
    for bidder, amount in (("a", "300"), ("b", "200"), ("c", "150")):
        sale.bid(bidder, amount)
    sale.tick(300)
    assert sale.won == [("a", price, 1), ("b", price, 1)]


def test_of_equal_bids_for_the_last_unit_the_earlier_gets_it() -> None:
    sale = units(1)
    sale.bid("b", "200")
    sale.bid("a", "200")
    sale.tick(300)
    assert sale.won == [("b", "200.00", 1)]


def test_units_that_nobody_wants_at_the_reserve_stay_unsold() -> None:
    sale = units(5, reserve=yuan("180"), clears_at="highest_rejected")
    sale.bid("a", "200", quantity=2)
    sale.bid("b", "150", quantity=2)
    assert sale.bid("c", "99") == "too_low"
    assert sale.bid("c", "200", quantity=6) == "quantity_impossible"
    sale.tick(300)
    assert sale.won == [("a", "180.00", 2)]


def test_a_bid_for_units_can_be_taken_back_by_its_bidder_alone() -> None:
    sale = units(1)
    sale.bid("a", "200")
    number = sale.state.sequence
    assert told(sale.do(c.RetractBid("b", "k", number))) == "nothing_there"
    assert told(sale.do(c.RetractBid("a", "k"))) == "nothing_there"
    assert told(sale.do(c.RetractBid("a", "k2", number))) == "taken"
    sale.tick(300)
    assert sale.outcome.unsold_reason == "no_bids"


def test_a_lot_may_be_opened_before_anybody_is_admitted() -> None:
    terms = UniformPriceTerms(schedule=lasting(300), starting_price=yuan("100"), units=1)
    sale = Sale(terms, bidders="")
    assert sale.bid("a", "100") == "not_qualified"
    sale.do(c.Admit("a"), 10)
    assert sale.bid("a", "100", at=10) == "taken"
    assert sale.state.opened == OPENING
