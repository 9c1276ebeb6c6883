"""Journals in the database: the one way in, and reading them back as the core's entries.

Any room may keep a journal of its own subjects: a subject is a kind and a public id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from yunlang.deals.core.ledger.canonical import plain_bytes
from yunlang.deals.core.ledger.entries import Entry, Head, Subject, entry_after
from yunlang.deals.ledger_models import JournalEntry, JournalHead
from yunlang.kit.audit import Actor

DEAL = "deal"
_NAME_LIMIT: int = JournalEntry._meta.get_field("actor").max_length or 0
# Bids arrive by the hundred a second: one statement for many rows, without a model made of each.
_LOCK = """
SELECT * FROM deals_journalhead WHERE subject_kind = %(kind)s AND subject_id = ANY(%(ids)s)
    AND (SELECT count(*) FROM deals_journalhead WHERE subject_kind = %(kind)s AND subject_id = ANY(%(ids)s))
        = %(count)s
ORDER BY subject_id FOR UPDATE
"""
_INSERT = """
INSERT INTO deals_journalentry (subject_kind, subject_id, sequence, kind, payload, actor, at, previous, hash)
SELECT subject_kind, subject_id, sequence, kind, payload::jsonb, actor, at, previous, hash
FROM unnest(%s::text[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
            %s::text[]) WITH ORDINALITY
    AS new (subject_kind, subject_id, sequence, kind, payload, actor, at, previous, hash, place)
ORDER BY place
"""
_MOVE = """
UPDATE deals_journalhead AS head SET sequence = moved.sequence, hash = moved.hash
FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS moved (id, sequence, hash) WHERE head.id = moved.id
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something that happened and is to be written down."""

    actor_name: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime


def journal_append(
    *, actor: Actor, subject_kind: str, subject_id: UUID, kind: str, payload: Mapping[str, Any], at: datetime
) -> Entry:
    """Add an entry to a subject's journal. Call it inside the transaction of the action itself.

    Writers of one subject wait for each other at its head's row, which is held until the transaction ends.
    """
    new = NewEntry(journal_name(actor), kind, payload, at)
    return journal_extend(subject_kind=subject_kind, subject_id=subject_id, entries=[new])[0]


def journal_extend(*, subject_kind: str, subject_id: UUID, entries: Sequence[NewEntry]) -> list[Entry]:
    """Add entries to a subject's journal in their order, all in one go; as `journal_append` does with one."""
    head = journal_lock(subject_kind, [subject_id])[subject_id]
    return journal_write([(head, entries)])


def journal_lock(subject_kind: str, subject_ids: Iterable[UUID]) -> dict[UUID, JournalHead]:
    """Return the heads of subjects, held until the transaction ends; new subjects get theirs.

    Everybody takes them in the order of their ids, so that two who want the same ones never wait for each other; for
    the same reason nothing is held before all of them exist.
    """
    wanted = sorted(set(subject_ids))
    found = _locked(subject_kind, wanted)
    if len(found) < len(wanted):
        new = [JournalHead(subject_kind=subject_kind, subject_id=subject_id) for subject_id in wanted]
        JournalHead.objects.bulk_create(new, ignore_conflicts=True)
        found = _locked(subject_kind, wanted)
    return {head.subject_id: head for head in found}


def _locked(kind: str, ids: list[UUID]) -> list[JournalHead]:
    return list(JournalHead.objects.raw(_LOCK, {"kind": kind, "ids": ids, "count": len(ids)}))


def journal_write(heads_and_entries: Iterable[tuple[JournalHead, Sequence[NewEntry]]]) -> list[Entry]:
    """Add entries of several subjects whose heads are held (see `journal_lock`), each subject's in their order."""
    written: list[Entry] = []
    moved: list[JournalHead] = []
    for row, news in heads_and_entries:
        subject, head = Subject(row.subject_kind, str(row.subject_id)), Head(row.sequence, row.hash)
        for new in news:
            name = new.actor_name[:_NAME_LIMIT]
            entry = entry_after(head, subject, kind=new.kind, payload=new.payload, actor=name, at=new.at)
            written.append(entry)
            head = Head(entry.sequence, entry.hash)
        if news:
            row.sequence, row.hash = head.sequence, head.hash
            moved.append(row)
    if written:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [list(column) for column in zip(*map(_columns, written), strict=True)])
            cursor.execute(_MOVE, [[getattr(row, name) for row in moved] for name in ("id", "sequence", "hash")])
    return written


def _columns(entry: Entry) -> tuple[object, ...]:
    return (
        entry.subject.kind, entry.subject.id, entry.sequence, entry.kind, plain_bytes(entry.payload).decode(),
        entry.actor, entry.at, entry.previous, entry.hash,
    )  # fmt: skip


def journal_name(actor: Actor) -> str:
    """Return an actor's name as the journal has it.

    Both sides read the journal, for good: a person's name does, the audit log keeps the address with it.
    """
    return str(getattr(actor, "name", "") or actor.actor_name)


def journal_rows(subject_kind: str, subject_id: UUID) -> QuerySet[JournalEntry]:
    """Return a subject's entries from the first on."""
    return JournalEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("sequence")


def entries_of(rows: Iterable[JournalEntry]) -> Iterator[Entry]:
    """Return rows as the core's entries."""
    for row in rows:
        subject = Subject(row.subject_kind, str(row.subject_id))
        yield Entry(subject, row.sequence, row.kind, row.payload, row.actor, row.at, row.previous, row.hash)
