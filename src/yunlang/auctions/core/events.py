"""What happened to a lot. Events alone make its state: each has its number, its time and all that replaying needs.

Proxy maxima and ciphertexts stand in the events; whoever publishes a journal before the end leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from yunlang.auctions.core.amounts import Amount
from yunlang.auctions.core.commands import Side
from yunlang.auctions.core.moments import Moment
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code
from yunlang.auctions.core.terms import AnyTerms


@dataclass(frozen=True, slots=True)
class Listed:
    """The lot was put up on these terms; the first event of every lot."""

    terms: Annotated[AnyTerms, Field(discriminator="format")]
    kind: Literal["listed"] = "listed"


@dataclass(frozen=True, slots=True)
class BidderAdmitted:
    """A bidder may take part."""

    bidder: str
    kind: Literal["bidder_admitted"] = "bidder_admitted"


@dataclass(frozen=True, slots=True)
class BidderBarred:
    """A bidder may not go on."""

    bidder: str
    reason: str
    kind: Literal["bidder_barred"] = "bidder_barred"


@dataclass(frozen=True, slots=True)
class BidderScored:
    """The experts' points for a bidder on one criterion."""

    bidder: str
    criterion: str
    points: Amount
    kind: Literal["bidder_scored"] = "bidder_scored"


@dataclass(frozen=True, slots=True)
class BiddingOpened:
    """Bidding began; `closes` is None where the auctioneer closes it, `latest` how far late bids may move it."""

    closes: Moment | None
    latest: Moment | None
    kind: Literal["bidding_opened"] = "bidding_opened"


@dataclass(frozen=True, slots=True)
class BidPlaced:
    """A bid was taken.

    Attributes
    ----------
    leader, price
        Who leads after it, and the price then; None where bids say nothing of that before the end.
    """

    bidder: str
    amount: Amount
    proxy: bool = False
    quantity: int = 1
    leader: str | None = None
    price: Amount | None = None
    kind: Literal["bid_placed"] = "bid_placed"


@dataclass(frozen=True, slots=True)
class BidRetracted:
    """A sealed bid was taken back; `bid` is its sequence number."""

    bidder: str
    bid: int
    kind: Literal["bid_retracted"] = "bid_retracted"


@dataclass(frozen=True, slots=True)
class BidSealed:
    """A sealed bid was handed in."""

    bidder: str
    commitment: str
    ciphertext: str
    kind: Literal["bid_sealed"] = "bid_sealed"


@dataclass(frozen=True, slots=True)
class BidRevealed:
    """A sealed bid was opened, and fits its commitment."""

    bidder: str
    amount: Amount
    nonce: str
    kind: Literal["bid_revealed"] = "bid_revealed"


@dataclass(frozen=True, slots=True)
class BidVoided:
    """A sealed bid could not be read."""

    bidder: str
    kind: Literal["bid_voided"] = "bid_voided"


@dataclass(frozen=True, slots=True)
class Proposed:
    """An offer or a counter-offer."""

    bidder: str
    side: Side
    amount: Amount
    kind: Literal["proposed"] = "proposed"


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn:
    """An offer or a counter-offer was withdrawn."""

    bidder: str
    side: Side
    kind: Literal["proposal_withdrawn"] = "proposal_withdrawn"


@dataclass(frozen=True, slots=True)
class ClockExtended:
    """There is more time; `reason` is empty where a late bid did it."""

    closes: Moment
    latest: Moment | None
    reason: str = ""
    kind: Literal["clock_extended"] = "clock_extended"


@dataclass(frozen=True, slots=True)
class Paused:
    """The clock stopped."""

    reason: str
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Resumed:
    """The clock ran on; all that was to come moved by the time of the pause."""

    closes: Moment | None
    latest: Moment | None
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class BiddingClosed:
    """No more bids; what was sealed is opened, or the single quote confirmed, until `closes`."""

    closes: Moment | None
    kind: Literal["bidding_closed"] = "bidding_closed"


@dataclass(frozen=True, slots=True)
class Hammered:
    """Sold (落槌)."""

    awards: tuple[Award, ...]
    kind: Literal["hammered"] = "hammered"


@dataclass(frozen=True, slots=True)
class PassedIn:
    """Not sold (流拍)."""

    reason: UnsoldReason
    kind: Literal["passed_in"] = "passed_in"


@dataclass(frozen=True, slots=True)
class Annulled:
    """Undone by the office."""

    reason: str
    kind: Literal["annulled"] = "annulled"


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A party's command was refused; kept so that the same command sent again is never taken after all."""

    code: Code
    details: dict[str, str]
    kind: Literal["command_refused"] = "command_refused"


Body = (
    Listed
    | BidderAdmitted
    | BidderBarred
    | BidderScored
    | BiddingOpened
    | BidPlaced
    | BidRetracted
    | BidSealed
    | BidRevealed
    | BidVoided
    | Proposed
    | ProposalWithdrawn
    | ClockExtended
    | Paused
    | Resumed
    | BiddingClosed
    | Hammered
    | PassedIn
    | Annulled
    | CommandRefused
)


@dataclass(frozen=True, slots=True)
class Request:
    """Whose command an event answers.

    Attributes
    ----------
    digest
        Tells this command from another under the same key.
    """

    bidder: str
    sender: Side
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a lot's journal.

    Attributes
    ----------
    sequence
        1 for `Listed`, then one more each time; the order that decides ties.
    at
        Never before the event that went before.
    request
        The command that it is the first answer to; None for what follows from another event, and for the office.
    """

    lot: str
    sequence: int
    at: Moment
    body: Annotated[Body, Field(discriminator="kind")]
    request: Request | None = None
