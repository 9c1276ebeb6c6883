"""How commands become entries of lots' journals: the one place where a lot is changed.

Many commands may be decided in one transaction, of many lots; each lot's journal is held from before its state is read
until the commit, so commands take effect in one order everywhere (decision 22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core import engine
from yunlang.auctions.core.commands import Command
from yunlang.auctions.core.engine import Accepted, Decision
from yunlang.auctions.core.events import CommandRefused, Event
from yunlang.auctions.core.journal import payload_of
from yunlang.auctions.lot_states import LOT, STATES, Lot
from yunlang.auctions.models import Standing
from yunlang.auctions.standings import standing_of, standings_write
from yunlang.deals.journal import NewEntry, journal_lock, journal_write
from yunlang.deals.ledger_models import JournalHead
from yunlang.kit.audit import Actor, AuditRow, audit_record_all
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

CHANNEL = "auction_lots"


@dataclass(frozen=True, slots=True)
class Ask:
    """A command for a lot; whoever makes one has checked that the actor may give it.

    Attributes
    ----------
    action
        What the audit log calls it.
    named
        As whom the journal names the actor: parties by their paddle, for the journal may be published.
    """

    lot: UUID
    command: Command
    actor: Actor
    action: str
    named: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to, and the lot right after it."""

    decision: Decision
    state: Lot

    @property
    def is_accepted(self) -> bool:
        """Whether it was taken."""
        return isinstance(self.decision, Accepted)


@transaction.atomic
def asks_decide(asks: Sequence[Ask], *, clock: Clock = server_time) -> list[Answer]:
    """Decide commands in their order, write what they led to, and return the answers.

    Raises
    ------
    NotFoundError
        When a lot is not listed.
    ClockJumpedError
        When the server's clock was moved; nothing is decided then.
    """
    heads = journal_lock(LOT, (ask.lot for ask in asks))
    # Only now: whoever waited for a lot is judged by the time at which the wait was over.
    now = clock()
    states = {lot: _listed(head) for lot, head in heads.items()}
    writing = _Writing(heads)
    answers = []
    for ask in asks:
        decision = engine.decide(states[ask.lot], ask.command, now)
        for event in decision.events:
            states[ask.lot] = engine.apply(states[ask.lot], event)
        if decision.events:
            writing.add(ask, decision)
        answers.append(Answer(decision, states[ask.lot]))
    writing.finish({lot: states[lot] for lot in writing.moved})
    return answers


@transaction.atomic
def lot_begin(*, event: Event, named: str) -> Lot:
    """Write a lot's first event, its listing, and return its state. Whoever calls has checked that it is due."""
    head = journal_lock(LOT, [UUID(event.lot)])[UUID(event.lot)]
    state = engine.apply(STATES.at(head), event)
    journal_write([(head, [NewEntry(named, event.body.kind, payload_of(event), event.at)])])
    Standing.objects.create(**standing_of(state))
    STATES.keep(state, head.hash)
    _tell([head.subject_id])
    return state


class _Writing:
    """What a transaction has to write: entries of journals, standings, audit rows, and whom to wake."""

    def __init__(self, heads: Mapping[UUID, JournalHead]) -> None:
        self._heads = heads
        self._entries: dict[UUID, list[NewEntry]] = {}
        self._audit: list[AuditRow] = []

    @property
    def moved(self) -> Iterable[UUID]:
        """The lots that anything happened to."""
        return self._entries.keys()

    def add(self, ask: Ask, decision: Decision) -> None:
        """Add what a command led to."""
        entries = self._entries.setdefault(ask.lot, [])
        entries += [NewEntry(ask.named, event.body.kind, payload_of(event), event.at) for event in decision.events]
        self._audit.append(AuditRow(ask.actor, ask.action, LOT, ask.lot, _audited(decision.events[0])))

    def finish(self, states: Mapping[UUID, Lot]) -> None:
        """Write everything."""
        if not states:
            return
        journal_write((self._heads[lot], entries) for lot, entries in self._entries.items())
        standings_write(states.values())
        audit_record_all(self._audit)
        for lot, state in states.items():
            STATES.keep(state, self._heads[lot].hash)
        _tell(states)


def _audited(event: Event) -> dict[str, object]:
    """Return what the audit log says of an event: amounts that are secret until the end stand in the journal alone."""
    code = {"refused": event.body.code} if isinstance(event.body, CommandRefused) else {}
    return {"sequence": event.sequence, "event": event.body.kind, **code}


def _tell(lots: Iterable[UUID]) -> None:
    """Wake who listens for lots; PostgreSQL does so when the transaction commits, and not otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, lot) FROM unnest(%s::text[]) lot", [CHANNEL, [str(lot) for lot in lots]])


def _listed(head: JournalHead) -> Lot:
    state = STATES.at(head)
    if state is None:
        raise NotFoundError(what=Bilingual("该拍品", "this lot"))
    return state
