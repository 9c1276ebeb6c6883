"""Negotiated sale under a listing (协议转让): each bidder and the seller exchange proposals until one is accepted.

Between a bidder and the seller only the latest proposal stands; a new one, by either, takes its place (a counter-offer
refuses the offer: Civil Code of the PRC, arts. 478 and 488), and its author may withdraw it until it is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rpds import HashTrieMap

from yunlang.auctions.core.commands import AcceptProposal, Command, Propose, Side, WithdrawProposal
from yunlang.auctions.core.events import Body, Event, Hammered, PassedIn, ProposalWithdrawn, Proposed
from yunlang.auctions.core.formats.form import Decided, Form
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import NegotiatedTerms


@dataclass(frozen=True, slots=True)
class Proposal:
    """What stands between a bidder and the seller; `sequence` is its event's."""

    side: Side
    amount: Decimal
    sequence: int


@dataclass(frozen=True, slots=True)
class NegotiationBook:
    """The latest proposal between each bidder and the seller."""

    proposals: HashTrieMap[str, Proposal] = HashTrieMap()


Negotiated = State[NegotiatedTerms, NegotiationBook]


def decide(state: Negotiated, command: Command, at: datetime) -> Decided:
    """Decide a party's command."""
    if isinstance(command, Propose):
        unasked = command.side is Side.SELLER and command.bidder not in state.book.proposals
        if unasked:
            return Reason(Code.NOTHING_THERE)
        return (Proposed(command.bidder, command.side, command.amount),)
    if isinstance(command, AcceptProposal):
        return _accepted(state, command)
    if isinstance(command, WithdrawProposal):
        proposal = state.book.proposals.get(command.bidder)
        if proposal is None or proposal.side is not command.side:
            return Reason(Code.NOTHING_THERE)
        return (ProposalWithdrawn(command.bidder, command.side),)
    return Reason(Code.OTHER_FORMAT)


def _accepted(state: Negotiated, command: AcceptProposal) -> Decided:
    proposal = state.book.proposals.get(command.bidder)
    if proposal is None:
        return Reason(Code.NOTHING_THERE)
    if proposal.sequence != command.proposal:
        return Reason(Code.PROPOSAL_CHANGED)
    if proposal.side is command.side:
        return Reason(Code.OWN_PROPOSAL)
    if proposal.amount < state.terms.floor:
        return Reason(Code.BELOW_RESERVE)
    return (Hammered((Award(command.bidder, proposal.amount),)),)


def record(state: Negotiated, event: Event) -> NegotiationBook:
    """Return the book after an event."""
    body, proposals = event.body, state.book.proposals
    if isinstance(body, Proposed):
        return NegotiationBook(proposals.insert(body.bidder, Proposal(body.side, body.amount, event.sequence)))
    if isinstance(body, ProposalWithdrawn):
        return NegotiationBook(proposals.remove(body.bidder))
    return state.book


def settle(state: Negotiated, at: datetime) -> tuple[Body, ...]:
    """Return why there was no sale by the end of the listing."""
    return (PassedIn(UnsoldReason.NO_AGREEMENT if state.bids else UnsoldReason.NO_BIDS),)


NEGOTIATED = Form(lambda terms: NegotiationBook(), decide, record, settle, frozenset({Proposed, ProposalWithdrawn}))
