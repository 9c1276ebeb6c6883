"""Sealed sale (密封报价), first-price or second-price (Vickrey 1961).

Until the deadline a bid may be replaced or taken back (Tendering Law of the PRC, art. 29); the last one handed in
decides ties. Then the amounts are opened: by each bidder (commit and reveal), or by the office out of the ciphertexts,
all at once; either way an amount counts only if it fits the commitment made before the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rpds import HashTrieMap

from yunlang.auctions.core.amounts import is_amount
from yunlang.auctions.core.commands import Command, OpenBids, Opening, RetractBid, RevealBid, SealBid
from yunlang.auctions.core.commitments import is_committed, is_nonce
from yunlang.auctions.core.events import (
    BiddingClosed,
    BidRetracted,
    BidRevealed,
    BidSealed,
    BidVoided,
    Body,
    Event,
    Hammered,
    PassedIn,
)
from yunlang.auctions.core.formats.form import Decided, Form, awaiting
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import Phase, State
from yunlang.auctions.core.terms import SealedTerms


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed bid; `sequence` is its event's."""

    sequence: int
    commitment: str
    ciphertext: str


@dataclass(frozen=True, slots=True)
class SealedBook:
    """What was sealed, and what came out of it: None where it could not be read."""

    seals: HashTrieMap[str, Seal] = HashTrieMap()
    opened: HashTrieMap[str, Decimal | None] = HashTrieMap()


Sealed = State[SealedTerms, SealedBook]


def decide(state: Sealed, command: Command, at: datetime) -> Decided:
    """Decide a party's command or the opening by the office."""
    if isinstance(command, SealBid | RetractBid):
        if state.phase is Phase.AWAITING:
            return Reason(Code.LATE)
        return _handed_in(state, command) if isinstance(command, SealBid) else _retracted(state, command)
    encrypted = state.terms.cover == "encrypted"
    if not isinstance(command, OpenBids if encrypted else RevealBid):
        return Reason(Code.OTHER_FORMAT)
    if state.phase is not Phase.AWAITING:
        return Reason(Code.SEALED_STILL)
    return _opened(state, command) if isinstance(command, OpenBids) else _revealed(state, command)


def _handed_in(state: Sealed, command: SealBid) -> Decided:
    if bool(command.ciphertext) is not (state.terms.cover == "encrypted"):
        return Reason(Code.OTHER_FORMAT)
    return (BidSealed(command.bidder, command.commitment, command.ciphertext),)


def _retracted(state: Sealed, command: RetractBid) -> Decided:
    seal = state.book.seals.get(command.bidder)
    if seal is None or command.bid not in (None, seal.sequence):
        return Reason(Code.NOTHING_THERE)
    return (BidRetracted(command.bidder, seal.sequence),)


def _revealed(state: Sealed, command: RevealBid) -> Decided:
    seal = state.book.seals.get(command.bidder)
    if seal is None or command.bidder in state.book.opened:
        return Reason(Code.NOTHING_THERE)
    fits = is_committed(
        seal.commitment, lot=state.lot, bidder=command.bidder, amount=command.amount, nonce=command.nonce
    )
    if not fits:
        return Reason(Code.COMMITMENT_MISMATCH, {"bidder": command.bidder})
    return (BidRevealed(command.bidder, command.amount, command.nonce),)


def _opened(state: Sealed, command: OpenBids) -> Decided:
    seals = state.book.seals
    if sorted(one.bidder for one in command.openings) != sorted(seals):
        return Reason(Code.OPENINGS_INCOMPLETE)
    bodies: list[Body] = []
    amounts: dict[str, Decimal] = {}
    for one in sorted(command.openings, key=lambda one: seals[one.bidder].sequence):
        if one.amount is None or one.nonce is None:
            bodies.append(BidVoided(one.bidder))
            continue
        if not _is_proof(state, one, one.amount, one.nonce):
            return Reason(Code.COMMITMENT_MISMATCH, {"bidder": one.bidder})
        bodies.append(BidRevealed(one.bidder, one.amount, one.nonce))
        amounts[one.bidder] = one.amount
    return (*bodies, sale_of(state.terms, amounts, seals))


def _is_proof(state: Sealed, one: Opening, amount: Decimal, nonce: str) -> bool:
    seal = state.book.seals[one.bidder]
    sound = is_amount(amount) and is_nonce(nonce)
    return sound and is_committed(seal.commitment, lot=state.lot, bidder=one.bidder, amount=amount, nonce=nonce)


def sale_of(terms: SealedTerms, amounts: dict[str, Decimal], seals: HashTrieMap[str, Seal]) -> Hammered | PassedIn:
    """Return the sale to the highest bidder, the earlier one of equals, or why there is none."""
    if not amounts:
        return PassedIn(UnsoldReason.NOTHING_OPENED)
    first, *others = sorted(amounts, key=lambda bidder: (amounts[bidder].copy_negate(), seals[bidder].sequence))
    if amounts[first] < terms.floor:
        return PassedIn(UnsoldReason.RESERVE_NOT_MET)
    price = amounts[first]
    if terms.pays == "second":
        price = max(terms.floor, amounts[others[0]]) if others else terms.floor
    return Hammered((Award(first, price),))


def record(state: Sealed, event: Event) -> SealedBook:
    """Return the book after an event."""
    body, book = event.body, state.book
    if isinstance(body, BidSealed):
        seal = Seal(event.sequence, body.commitment, body.ciphertext)
        return SealedBook(book.seals.insert(body.bidder, seal), book.opened)
    if isinstance(body, BidRetracted):
        return SealedBook(book.seals.remove(body.bidder), book.opened)
    if isinstance(body, BidRevealed):
        return SealedBook(book.seals, book.opened.insert(body.bidder, body.amount))
    if isinstance(body, BidVoided):
        return SealedBook(book.seals, book.opened.insert(body.bidder, None))
    return book


def settle(state: Sealed, at: datetime) -> tuple[Body, ...]:
    """Return the beginning of the opening, or after it the sale."""
    book = state.book
    if state.phase is not Phase.AWAITING:
        return awaiting(state.terms.reveal_within, at) if book.seals else (PassedIn(UnsoldReason.NO_BIDS),)
    amounts = {bidder: amount for bidder, amount in book.opened.items() if amount is not None}
    return (sale_of(state.terms, amounts, book.seals),)


def is_complete(state: Sealed) -> bool:
    """Tell whether every sealed bid has been opened."""
    return state.phase is Phase.AWAITING and len(state.book.opened) == len(state.book.seals)


SEALED = Form(
    lambda terms: SealedBook(),
    decide,
    record,
    settle,
    frozenset({BidSealed, BidRetracted, BidRevealed, BidVoided, BiddingClosed}),
    is_complete=is_complete,
)
