"""What a bidder, or the seller, sends from a room: read from the form, and given to the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from yunlang.auctions import bidding
from yunlang.auctions.core.commands import (
    AcceptProposal,
    PlaceBid,
    Propose,
    RetractBid,
    RevealBid,
    SealBid,
    Side,
    WithdrawProposal,
)
from yunlang.auctions.decisions import Answer
from yunlang.kit.errors import InvalidError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT, MoneyError, parse_money

_NUMBER = Bilingual("应为正整数", "it must be a positive whole number")
_LONGEST_NUMBER = 9
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RoomCommand:
    """Something that a party does in a room.

    Attributes
    ----------
    values
        Reads what the service takes from what was typed.
    """

    command: type[object]
    service: Callable[..., Answer]
    values: Callable[[Typed], dict[str, Any]]
    has_sides: bool = False


def _amount(typed: Typed) -> Decimal:
    try:
        return parse_money(typed.get("amount", "")).quantize(CENT)
    except MoneyError as error:
        raise InvalidError({"amount": [error.reason]}) from error


def _number(typed: Typed, name: str) -> int:
    text = typed.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise InvalidError({name: [_NUMBER]})
    return int(text)


def _bid(typed: Typed) -> dict[str, Any]:
    quantity = _number(typed, "quantity") if typed.get("quantity") else 1
    return {"amount": _amount(typed), "proxy": typed.get("proxy") == "on", "quantity": quantity}


COMMANDS: dict[str, RoomCommand] = {
    "bid": RoomCommand(PlaceBid, bidding.bid_place, _bid),
    "seal": RoomCommand(
        SealBid,
        bidding.bid_seal,
        lambda typed: {"commitment": typed.get("commitment", ""), "ciphertext": typed.get("ciphertext", "")},
    ),
    "reveal": RoomCommand(
        RevealBid, bidding.bid_reveal, lambda typed: {"amount": _amount(typed), "nonce": typed.get("nonce", "")}
    ),
    "retract": RoomCommand(
        RetractBid, bidding.bid_retract, lambda typed: {"bid": _number(typed, "bid") if typed.get("bid") else None}
    ),
    "propose": RoomCommand(Propose, bidding.proposal_make, lambda typed: {"amount": _amount(typed)}, has_sides=True),
    "accept": RoomCommand(
        AcceptProposal, bidding.proposal_accept, lambda typed: {"proposal": _number(typed, "proposal")}, has_sides=True
    ),
    "withdraw": RoomCommand(WithdrawProposal, bidding.proposal_withdraw, lambda typed: {}, has_sides=True),
}


def give(actor: Any, lot_id: UUID, name: str, typed: Typed) -> Answer:
    """Have the service behind a command do it.

    Raises
    ------
    InvalidError, DomainError
        When what was typed cannot be read, or the service refuses to look at it.
    """
    command = COMMANDS[name]
    values = command.values(typed)
    if command.has_sides and typed.get("side") == Side.SELLER:
        values["side"] = Side.SELLER
    key, paddle = typed.get("key", ""), typed.get("paddle", "")
    return command.service(actor=actor, lot_id=lot_id, key=key, paddle=paddle, **values)
