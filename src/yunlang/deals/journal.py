"""Journals in the database: the one way in, and reading them back as the core's entries.

Any room may keep a journal of its own subjects: a subject is a kind and a public id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yunlang.deals.core.ledger.entries import Entry, Head, Subject, entry_after
from yunlang.deals.ledger_models import JournalEntry, JournalHead
from yunlang.kit.audit import Actor

DEAL = "deal"
_NAME_LIMIT: int = JournalEntry._meta.get_field("actor").max_length or 0


def journal_append(
    *, actor: Actor, subject_kind: str, subject_id: UUID, kind: str, payload: Mapping[str, Any], at: datetime
) -> Entry:
    """Add an entry to a subject's journal. Call it inside the transaction of the action itself.

    Writers of one subject wait for each other at its head's row, which is held until the transaction ends.
    """
    subject = {"subject_kind": subject_kind, "subject_id": subject_id}
    # A subject's first two writers at once: one makes the row, both lock it.
    JournalHead.objects.bulk_create([JournalHead(**subject)], ignore_conflicts=True)
    head = JournalHead.objects.select_for_update().get(**subject)
    entry = entry_after(
        Head(head.sequence, head.hash), Subject(subject_kind, str(subject_id)), kind=kind, payload=payload,
        actor=_name_of(actor), at=at,
    )  # fmt: skip
    JournalEntry.objects.create(
        **subject, sequence=entry.sequence, kind=entry.kind, payload=entry.payload, actor=entry.actor, at=entry.at,
        previous=entry.previous, hash=entry.hash,
    )  # fmt: skip
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save(update_fields=["sequence", "hash"])
    return entry


def _name_of(actor: Actor) -> str:
    # Both sides read the journal, for good: a person's name does, the audit log keeps the address with it.
    return str(getattr(actor, "name", "") or actor.actor_name)[:_NAME_LIMIT]


def journal_rows(subject_kind: str, subject_id: UUID) -> QuerySet[JournalEntry]:
    """Return a subject's entries from the first on."""
    return JournalEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("sequence")


def entries_of(rows: Iterable[JournalEntry]) -> Iterator[Entry]:
    """Return rows as the core's entries."""
    for row in rows:
        subject = Subject(row.subject_kind, str(row.subject_id))
        yield Entry(subject, row.sequence, row.kind, row.payload, row.actor, row.at, row.previous, row.hash)
