"""What may be asked of a lot. Those of a party carry who asks and a key; a command sent again gets its first answer.

Who may speak for the seller or the office is not the engine's business: whoever calls it has checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from yunlang.auctions.core.amounts import amount_checked
from yunlang.auctions.core.commitments import is_commitment, is_nonce
from yunlang.auctions.core.errors import CommandError
from yunlang.auctions.core.moments import is_span
from yunlang.kit.language import Bilingual

LONGEST_NAME = 100
LONGEST_REASON = 500
LONGEST_CIPHERTEXT = 4096
_BETWEEN = "\x1f"  # no field of a command may contain it
_NAME = Bilingual("应为 1 至 100 个字符", "it must have 1 to 100 characters")
_REASON = Bilingual("应为一行，1 至 500 个字符", "it must be one line of 1 to 500 characters")
_COMMITMENT = Bilingual("应为 64 位小写十六进制", "it must be 64 lower-case hexadecimal digits")
_NONCE = Bilingual("应为 16 至 100 个字符", "it must have 16 to 100 characters")
_CIPHERTEXT = Bilingual("应为可见的 ASCII 字符，至多 4096 个", "it must be printable ASCII, 4,096 characters at most")
_QUANTITY = Bilingual("应为正整数", "it must be a positive whole number")
_SPAN = Bilingual("应为正的整秒", "it must be a positive whole number of seconds")


class Side(StrEnum):
    """Who speaks in a negotiation."""

    BUYER = "buyer"
    SELLER = "seller"


def _require(**checks: tuple[bool, Bilingual]) -> None:
    wrong = {name: [reason] for name, (sound, reason) in checks.items() if not sound}
    if wrong:
        raise CommandError(wrong)


def _is_name(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _is_ciphertext(text: str) -> bool:
    return len(text) <= LONGEST_CIPHERTEXT and text.isascii() and text.isprintable()


@dataclass(frozen=True, slots=True)
class PartyCommand:
    """A command of a bidder, or of the seller to one bidder.

    Attributes
    ----------
    bidder
        The bidder's id.
    key
        The sender's own name of this request; unique for each sender.
    """

    bidder: str
    key: str

    def __post_init__(self) -> None:
        _require(bidder=(_is_name(self.bidder), _NAME), key=(_is_name(self.key), _NAME))

    @property
    def sender(self) -> Side:
        """Which side sent it."""
        return Side.BUYER

    @property
    def digest(self) -> str:
        """What tells this request from another under the same key: 16 hexadecimal digits."""
        values = (str(getattr(self, name)) for name in self.__dataclass_fields__)
        return sha256(_BETWEEN.join((type(self).__name__, *values)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PlaceBid(PartyCommand):
    """Bid.

    Attributes
    ----------
    amount
        For the whole lot, or for each unit of a uniform-price sale; the most that a Dutch or a proxy bidder would pay.
    proxy
        English sales: bid up to `amount` on the bidder's behalf, never more than it takes to lead.
    quantity
        Uniform-price sales: how many units.
    """

    amount: Decimal
    proxy: bool = False
    quantity: int = 1

    def __post_init__(self) -> None:
        super(PlaceBid, self).__post_init__()
        amount_checked(self.amount)
        _require(quantity=(type(self.quantity) is int and self.quantity > 0, _QUANTITY))


@dataclass(frozen=True, slots=True)
class RetractBid(PartyCommand):
    """Take back a sealed bid before the deadline; `bid` is its sequence number where a bidder may have several."""

    bid: int | None = None


@dataclass(frozen=True, slots=True)
class SealBid(PartyCommand):
    """Hand in a sealed bid, in place of the bidder's earlier one.

    Attributes
    ----------
    commitment
        See `commitments.commitment_of`.
    ciphertext
        What the office will decrypt at the opening; opaque here, empty where bidders reveal for themselves.
    """

    commitment: str
    ciphertext: str = ""

    def __post_init__(self) -> None:
        super(SealBid, self).__post_init__()
        _require(
            commitment=(is_commitment(self.commitment), _COMMITMENT),
            ciphertext=(_is_ciphertext(self.ciphertext), _CIPHERTEXT),
        )


@dataclass(frozen=True, slots=True)
class RevealBid(PartyCommand):
    """Show what was sealed."""

    amount: Decimal
    nonce: str

    def __post_init__(self) -> None:
        super(RevealBid, self).__post_init__()
        amount_checked(self.amount)
        _require(nonce=(is_nonce(self.nonce), _NONCE))


@dataclass(frozen=True, slots=True)
class Propose(PartyCommand):
    """Offer (by a bidder) or counter-offer (by the seller); it takes the place of what stood between the two."""

    amount: Decimal
    side: Side = Side.BUYER

    def __post_init__(self) -> None:
        super(Propose, self).__post_init__()
        amount_checked(self.amount)

    @property
    def sender(self) -> Side:
        """Which side sent it."""
        return self.side


@dataclass(frozen=True, slots=True)
class AcceptProposal(PartyCommand):
    """Accept what the other side proposed last; `proposal` is its number, so that nothing newer is accepted."""

    proposal: int
    side: Side = Side.BUYER

    @property
    def sender(self) -> Side:
        """Which side sent it."""
        return self.side


@dataclass(frozen=True, slots=True)
class WithdrawProposal(PartyCommand):
    """Withdraw the own proposal before it is accepted."""

    side: Side = Side.BUYER

    @property
    def sender(self) -> Side:
        """Which side sent it."""
        return self.side


@dataclass(frozen=True, slots=True)
class OfficeCommand:
    """A command of the auctioneer, the office or the clock."""


@dataclass(frozen=True, slots=True)
class ReasonedCommand(OfficeCommand):
    """A command that says why, on one line; the journal keeps it."""

    reason: str

    def __post_init__(self) -> None:
        _require(reason=(0 < len(self.reason) <= LONGEST_REASON and self.reason.isprintable(), _REASON))


@dataclass(frozen=True, slots=True)
class Tick(OfficeCommand):
    """Do what is due by the clock, if anything is: one step a tick."""


@dataclass(frozen=True, slots=True)
class Admit(OfficeCommand):
    """Let a bidder take part: qualified, deposit paid."""

    bidder: str

    def __post_init__(self) -> None:
        _require(bidder=(_is_name(self.bidder), _NAME))


@dataclass(frozen=True, slots=True)
class Bar(ReasonedCommand):
    """Take nothing more from a bidder; what was taken stands."""

    bidder: str


@dataclass(frozen=True, slots=True)
class Score(OfficeCommand):
    """Record what the experts gave a bidder on one criterion, 0.00 to 100.00, before bidding begins."""

    bidder: str
    criterion: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Open(OfficeCommand):
    """Open the bidding."""


@dataclass(frozen=True, slots=True)
class Close(OfficeCommand):
    """Close what no clock closes: the hammer; or an opening in which everything has been shown."""


@dataclass(frozen=True, slots=True)
class Pause(ReasonedCommand):
    """Stop the clock."""


@dataclass(frozen=True, slots=True)
class Resume(OfficeCommand):
    """Let the clock run on with what was left."""


@dataclass(frozen=True, slots=True)
class Extend(ReasonedCommand):
    """Give more time."""

    by: timedelta

    def __post_init__(self) -> None:
        super(Extend, self).__post_init__()
        _require(by=(is_span(self.by), _SPAN))


@dataclass(frozen=True, slots=True)
class Annul(ReasonedCommand):
    """Undo the sale, even after the hammer."""


@dataclass(frozen=True, slots=True)
class Confirm(OfficeCommand):
    """Confirm the single quote: the hammer."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What came out of one ciphertext; amount and nonce are None where it could not be read."""

    bidder: str
    amount: Decimal | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class OpenBids(OfficeCommand):
    """Open all encrypted bids at once; each amount is checked against its bidder's commitment."""

    openings: tuple[Opening, ...]


Command = PartyCommand | OfficeCommand
