"""The same questions after every fault: is what the bidders were told what the journal says, and is that sound."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone
from typer.testing import CliRunner

from tests.auctions.faults.clients import Sent
from yunlang import cli
from yunlang.auctions.core import engine
from yunlang.auctions.core.events import BidPlaced, CommandRefused, Event, Hammered
from yunlang.auctions.core.journal import event_restored
from yunlang.auctions.lot_states import LOT, LotStates
from yunlang.auctions.models import Standing
from yunlang.auctions.standings import standing_of
from yunlang.deals.core.ledger.canonical import moment_of
from yunlang.deals.core.ledger.entries import Subject
from yunlang.deals.core.ledger.exports import export_lines
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.deals.ledger_models import JournalHead
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.models import AuditEntry

# Judgements that leave no entry: they say nothing of the bid itself, and the same key may be taken later.
_UNKEPT = {"clock_set_back", "not_qualified", "ended", "key_reused"}


def journal_export(lot: UUID, file: Path) -> None:
    """Write a lot's journal as anybody may have it."""
    scope = str(Subject(LOT, str(lot)))
    file.write_bytes(b"".join(export_lines(entries_of(journal_rows(LOT, lot)), scope=scope, made_at=timezone.now())))


def audit(lot: UUID, sent: Sequence[Sent], folder: Path) -> list[Event]:
    """Check a lot that is sold against its bidders' logs; return its events as an export of the journal has them."""
    file = folder / f"{lot}.jsonl"
    journal_export(lot, file)
    _verified(file)
    ledger_check()
    events = _exported(lot, file)
    _replayed(lot, events)
    _as_told(events, sent)
    _sold_to_the_highest(events, sent)
    decided = sum(event.request is not None for event in events)
    assert AuditEntry.objects.filter(object_id=str(lot), action="bid_place").count() == decided
    return events


def _verified(file: Path) -> None:
    run = CliRunner().invoke(cli.app, ["ledger", "verify", str(file)])
    assert run.exit_code == 0, (run.output, run.exception)


def _exported(lot: UUID, file: Path) -> list[Event]:
    _, *entries, trailer = map(json.loads, file.read_bytes().splitlines())
    events = [
        event_restored(lot=str(lot), sequence=one["sequence"], at=moment_of(one["at"]), payload=one["payload"])
        for one in entries
    ]
    assert [event.sequence for event in events] == list(range(1, trailer["entries"] + 1))
    return events


def _replayed(lot: UUID, events: list[Event]) -> None:
    state = engine.replayed(events)
    assert LotStates().at(JournalHead.objects.get(subject_kind=LOT, subject_id=lot)) == state
    standing = Standing.objects.filter(pk=lot).values(*standing_of(state)).get()
    assert standing == standing_of(state)


def _as_told(events: list[Event], sent: Sequence[Sent]) -> None:
    """Check that each bid has one answer, and that it is the journal's; and that nobody else has bid."""
    answered: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.request is not None:
            answered[event.request.bidder, event.request.key].append(event)
    keys = [(one.paddle, one.key) for one in sent]
    assert len(set(keys)) == len(keys)
    assert answered.keys() <= set(keys), "a bid that nobody sent"
    for one in sent:
        decisions = {(answer.code, answer.sequence) for answer in one.answers if answer.is_decision}
        assert len(decisions) == 1, one
        _is_entry(answered[one.paddle, one.key], one, *decisions.pop())


def _is_entry(entries: list[Event], sent: Sent, code: str, sequence: int | None) -> None:
    if sequence is None:
        if not entries:
            assert code in _UNKEPT, sent
            return
        (event,) = entries
        assert isinstance(event.body, CommandRefused), sent
        assert event.body.code == code, sent
        return
    (event,) = entries
    assert isinstance(event.body, BidPlaced), sent
    assert (event.sequence, event.body.bidder, event.body.amount) == (sequence, sent.paddle, sent.amount)


def _sold_to_the_highest(events: list[Event], sent: Sequence[Sent]) -> None:
    """Check the winner by what bidders know alone: the highest of the bids that were taken, one for each price."""
    taken = sorted((one for one in sent if one.is_accepted), key=lambda one: one.amount)
    amounts = [one.amount for one in taken]
    assert len(set(amounts)) == len(amounts)
    (hammered,) = [event.body for event in events if isinstance(event.body, Hammered)]
    (award,) = hammered.awards
    assert (award.bidder, award.price) == (taken[-1].paddle, taken[-1].amount)


def kinds(events: Sequence[Any]) -> list[str]:
    """Return what happened, in order."""
    return [event.body.kind for event in events]
