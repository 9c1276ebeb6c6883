"""Many bids decided together: one transaction, one commit, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import orjson
from django.utils import timezone

from yunlang.accounts.models import ApiToken
from yunlang.accounts.services import tokens_authenticate
from yunlang.auctions.bid_answers import Times, accepted_plain, times_of
from yunlang.auctions.bidding import CommandOf, PartyAsk, party_asks_decide
from yunlang.auctions.clock import ClockJumpedError
from yunlang.auctions.core.commands import PlaceBid
from yunlang.auctions.decisions import Answer
from yunlang.auctions.live.wire import AS_TOLD, NOT_STORED, Asked, Headers
from yunlang.kit.api.limiting import state_headers
from yunlang.kit.errors import DomainError
from yunlang.kit.rate_limit import RateLimit, RateState, rates_count
from yunlang.registry.permissions import memberships_load

_VARY = (b"vary", b"Authorization, Cookie, Accept-Language")
_JSON = (b"content-type", b"application/json; charset=utf-8")
Reply = tuple[int, Headers, bytes]


@dataclass(frozen=True, slots=True)
class BidAsk:
    """A bid as it came over HTTP, read but not judged.

    Attributes
    ----------
    secret
        Of the token it was sent with.
    """

    asked: Asked
    secret: str
    lot: UUID
    key: str
    amount: Decimal
    proxy: bool
    quantity: int
    paddle: str

    @property
    def command_of(self) -> CommandOf:
        """Makes the command of a paddle."""
        return lambda paddle: PlaceBid(paddle, self.key, self.amount, self.proxy, self.quantity)


def bids_answer(asks: Sequence[BidAsk], limit: Callable[[], RateLimit]) -> list[Reply | None]:
    """Return the answers to bids, in order; None for what is not as usual, and is Django's to answer.

    Who sent them is looked up anew each time: a token that was revoked, or a membership that ended, ends with the next
    bid.
    """
    at = timezone.now()
    tokens = tokens_authenticate(secrets={ask.secret for ask in asks}, at=at)
    known = [ask for ask in asks if _may_change(tokens.get(ask.secret))]
    # Before the transaction, whose failure must not undo the count.
    states = rates_count(limit(), callers=[str(tokens[ask.secret].user_id) for ask in known], at=at)
    fitting = [(ask, state) for ask, state in zip(known, states, strict=True) if state.remaining >= 0]
    found = _decided([ask for ask, _ in fitting], tokens)
    replies = {
        id(ask): _reply(ask, answer, state, times) for (ask, state), (answer, times) in zip(fitting, found, strict=True)
    }
    return [replies.get(id(ask)) for ask in asks]


def _may_change(token: ApiToken | None) -> bool:
    return token is not None and token.scope == ApiToken.Scope.WRITE


def _decided(asks: Sequence[BidAsk], tokens: dict[str, ApiToken]) -> list[tuple[Answer | DomainError, Times]]:
    if not asks:
        return []
    actors = {token.user_id: token.user for token in tokens.values()}
    wanted = [
        PartyAsk(actors[tokens[ask.secret].user_id], ask.lot, ask.command_of, "bid_place", ask.paddle) for ask in asks
    ]
    try:
        memberships_load(actors.values())
        answers = party_asks_decide(wanted)
        times = times_of([one for one in answers if isinstance(one, Answer)])
    except ClockJumpedError as error:
        return [(error, {})] * len(asks)
    return [(one, times) for one in answers]


def _reply(ask: BidAsk, answer: Answer | DomainError, state: RateState, times: Times) -> Reply:
    rates = [(name.lower().encode(), value.encode()) for name, value in state_headers(state).items()]
    try:
        if isinstance(answer, DomainError):
            raise answer
        body = orjson.dumps(accepted_plain(answer, times))
    except DomainError as error:
        status, headers, body = ask.asked.problem(error)
        return status, [*headers, *rates, _VARY], body
    language = (b"content-language", ask.asked.language.encode())
    return 200, [_JSON, language, NOT_STORED, AS_TOLD, _VARY, *rates], body
