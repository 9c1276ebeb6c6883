"""The state machine: commands are decided into events, events are applied to states; nothing else changes anything.

Neither function reads a clock, draws a number, or keeps anything. Who wants a lot to go on reads its events, decides,
stores what came out, and applies it; of several who try at once, the one that stores the next sequence number first was
right, and the others decide again.

Time
----
`now` comes from the caller's clock. An event never gets a time before the one that went before: when `now` is a little
earlier (two servers, a clock being steered), the event takes its predecessor's time; when it is more than
`CLOCK_TOLERANCE` earlier, the clock has been set back and the command is refused. A clock set forward cannot be seen
here. When a phase's time is up, nothing of a party is taken any more, although the phase ends only at the next `Tick`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rpds import HashTrieMap

from yunlang.auctions.core import office
from yunlang.auctions.core.commands import Annul, Command, OfficeCommand, PartyCommand, Tick
from yunlang.auctions.core.errors import JournalError
from yunlang.auctions.core.events import Annulled, Body, CommandRefused, Event, Listed, Request
from yunlang.auctions.core.formats.form import Decided
from yunlang.auctions.core.formats.known import FORMS
from yunlang.auctions.core.moments import in_utc
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import Answer, Phase, RequestKey, State
from yunlang.auctions.core.terms import AnyTerms
from yunlang.auctions.core.transitions import COMMON, TRANSITIONS
from yunlang.kit.language import Bilingual

CLOCK_TOLERANCE = timedelta(seconds=2)
Lot = State[Any, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command was taken.

    Attributes
    ----------
    events
        To be stored and applied, in this order; none for a tick with nothing due, nor for a command answered before.
    sequence
        The number of the event that took it; None for a tick with nothing due.
    is_repeated
        Whether the same command was answered before.
    """

    events: tuple[Event, ...]
    sequence: int | None
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was not taken.

    Attributes
    ----------
    events
        To be stored and applied all the same: the refusal of a party's command is remembered, so that the same command
        sent again is refused again, whatever has changed. It moves neither price nor clock.
    is_repeated
        Whether the same command was answered before.
    """

    reason: Reason
    events: tuple[Event, ...] = ()
    is_repeated: bool = False

    @property
    def code(self) -> Code:
        """Stable and machine readable."""
        return self.reason.code

    @property
    def text(self) -> Bilingual:
        """What happened and what to do, in both languages."""
        return self.reason.text


Decision = Accepted | Refusal


def listed(lot: str, terms: AnyTerms, now: datetime) -> Event:
    """Return the first event of a lot.

    Raises
    ------
    ValueError
        When `now` has no zone.
    """
    return Event(lot, 1, in_utc(now), Listed(terms))


def decide(state: Lot, command: Command, now: datetime) -> Decision:
    """Return what a command leads to, without changing anything.

    Parameters
    ----------
    state
        The lot after its last stored event.
    now
        The caller's time, with a zone.

    Raises
    ------
    ValueError
        When `now` has no zone.
    """
    now = in_utc(now)
    if isinstance(command, PartyCommand):
        answer = state.answers.get((command.sender, command.bidder, command.key))
        if answer is not None:
            return _again(answer, command)
    if state.is_ended and not (isinstance(command, Annul) and state.phase is not Phase.ANNULLED):
        return Accepted((), None) if isinstance(command, Tick) else Refusal(Reason(Code.ENDED))
    if now < state.at - CLOCK_TOLERANCE:
        return Refusal(Reason(Code.CLOCK_SET_BACK))
    at = max(now, state.at)
    if isinstance(command, OfficeCommand):
        decided = office.decide(state, FORMS[state.terms.format], command, at)
        if isinstance(decided, Reason):
            return Refusal(decided)
        return Accepted(_numbered(state, decided, at, None), state.sequence + 1 if decided else None)
    return _answered(state, command, at)


def _again(answer: Answer, command: PartyCommand) -> Decision:
    if answer.digest != command.digest:
        return Refusal(Reason(Code.KEY_REUSED))
    if answer.refused is not None:
        return Refusal(answer.refused, (), is_repeated=True)
    return Accepted((), answer.sequence, is_repeated=True)


def _answered(state: Lot, command: PartyCommand, at: datetime) -> Decision:
    decided = _decided(state, command, at)
    request = Request(command.bidder, command.sender, command.key, command.digest)
    if isinstance(decided, Reason):
        refused = CommandRefused(decided.code, dict(decided.details))
        return Refusal(decided, _numbered(state, (refused,), at, request))
    return Accepted(_numbered(state, decided, at, request), state.sequence + 1)


def _decided(state: Lot, command: PartyCommand, at: datetime) -> Decided:
    if state.phase is Phase.SCHEDULED:
        return Reason(Code.NOT_OPEN)
    if state.is_due(at):
        return Reason(Code.LATE)
    if state.phase is Phase.PAUSED:
        return Reason(Code.PAUSED)
    if not state.qualified.get(command.bidder):
        return Reason(Code.NOT_QUALIFIED)
    decided: Decided = FORMS[state.terms.format].decide(state, command, at)
    return decided


def _numbered(state: Lot, bodies: tuple[Body, ...], at: datetime, request: Request | None) -> tuple[Event, ...]:
    first = state.sequence + 1
    return tuple(
        Event(state.lot, first + place, at, body, None if place else request) for place, body in enumerate(bodies)
    )


def apply(state: Lot | None, event: Event) -> Lot:
    """Return the state after an event.

    Parameters
    ----------
    state
        The state after the event before it; None before the first.

    Raises
    ------
    JournalError
        When the event cannot follow.
    """
    body = event.body
    if state is None:
        if not isinstance(body, Listed) or event.sequence != 1:
            raise _wrong(event, Bilingual("首条记录应为上拍", "a journal begins with the listing"))
        return State(event.lot, body.terms, 1, event.at, FORMS[body.terms.format].book(body.terms))
    form = FORMS[state.terms.format]
    _check_order(state, event)
    if type(body) not in COMMON and type(body) not in form.bodies:
        raise _wrong(event, Bilingual("此类记录不属于该交易方式", "the form of sale has no such event"))
    transition = TRANSITIONS.get(type(body))
    changes = {} if transition is None else transition(state, event, body)
    if event.request is not None:
        changes["answers"] = _remembered(state, event, event.request)
    try:
        book = form.record(state, event)
    except KeyError as error:
        raise _wrong(event, Bilingual("所指的出价不存在", "there is no such bid")) from error
    return replace(state, sequence=event.sequence, at=event.at, book=book, **changes)


def _remembered(state: Lot, event: Event, request: Request) -> HashTrieMap[RequestKey, Answer]:
    body = event.body
    refused = Reason(body.code, body.details) if isinstance(body, CommandRefused) else None
    key = (request.sender, request.bidder, request.key)
    answers: HashTrieMap[RequestKey, Answer] = state.answers
    return answers.insert(key, Answer(request.digest, event.sequence, refused))


def _check_order(state: Lot, event: Event) -> None:
    if event.lot != state.lot:
        raise _wrong(event, Bilingual("属于另一拍品", "it belongs to another lot"))
    if event.sequence != state.sequence + 1:
        raise _wrong(event, Bilingual("序号不连续", "the sequence has a gap"))
    if event.at < state.at:
        raise _wrong(event, Bilingual("时间早于前一条", "its time is before that of the event before it"))
    if state.is_ended and (state.phase is Phase.ANNULLED or not isinstance(event.body, Annulled)):
        raise _wrong(event, Bilingual("拍卖已结束", "the sale had ended"))


def _wrong(event: Event, reason: Bilingual) -> JournalError:
    return JournalError(sequence=event.sequence, reason=reason)


def replayed(events: Iterable[Event]) -> Lot:
    """Return the state that a lot's events make, from the first on.

    Raises
    ------
    JournalError
        When there is none, or one cannot follow the one before.
    """
    state: Lot | None = None
    for event in events:
        state = apply(state, event)
    if state is None:
        raise JournalError(sequence=0, reason=Bilingual("没有记录", "there are no events"))
    return state
