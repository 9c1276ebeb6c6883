"""Many entries in one go: the same chain as one by one, in one order, whoever writes at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.concurrent import at_once
from tests.deals.ledger_support import AT
from yunlang.accounts.actors import SYSTEM
from yunlang.deals import journal
from yunlang.deals.core.ledger.entries import Entry, chain_verify
from yunlang.deals.journal import NewEntry, entries_of, journal_append, journal_extend, journal_rows
from yunlang.deals.ledger_models import JournalEntry, JournalHead
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.ids import new_id

pytestmark = pytest.mark.django_db


def bids(*numbers: int) -> list[NewEntry]:
    """Return entries to be written, with text that needs care on its way into the database."""
    return [NewEntry("张三 {,\"'\\}", "bid", {"n": number, "note": '"\\{,}\n💡'}, AT) for number in numbers]


def stored(lot: UUID) -> list[Entry]:
    """Return a lot's entries as the database has them."""
    return list(entries_of(journal_rows("sample", lot)))


def test_many_entries_are_the_same_chain_as_one_by_one() -> None:
    lot = new_id()
    journal_append(actor=SYSTEM, subject_kind="sample", subject_id=lot, kind="opened", payload={}, at=AT)
    written = journal_extend(subject_kind="sample", subject_id=lot, entries=bids(1, 2, 3))
    journal_append(actor=SYSTEM, subject_kind="sample", subject_id=lot, kind="closed", payload={}, at=AT)
    assert stored(lot)[1:4] == written
    head = JournalHead.objects.get()
    assert (head.sequence, head.hash) == (5, chain_verify(stored(lot)).hash)


def test_several_subjects_are_written_together_and_what_is_empty_stays() -> None:
    lots = [new_id() for _ in range(3)]
    heads = journal.journal_lock("sample", reversed(lots))
    written = journal.journal_write([(heads[lots[0]], bids(1, 2)), (heads[lots[1]], []), (heads[lots[2]], bids(3))])
    assert [entry.sequence for entry in written] == [1, 2, 1]
    assert [len(stored(lot)) for lot in lots] == [2, 0, 1]
    assert ledger_check().entries == 3
    assert journal_extend(subject_kind="sample", subject_id=lots[1], entries=[]) == []


def test_a_long_name_is_hashed_as_it_is_kept() -> None:
    lot = new_id()
    journal_extend(
        subject_kind="sample", subject_id=lot, entries=[replace(one, actor_name="名" * 300) for one in bids(1)]
    )
    assert chain_verify(stored(lot)).sequence == 1


@pytest.mark.parametrize("wrong", [{"sequence": 3}, {"previous": "a" * 64}])
def test_no_row_of_many_may_leave_the_chain(wrong: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    lot, entry_after = new_id(), journal.entry_after

    def forked(head: object, *args: object, **values: object) -> Entry:
        made = entry_after(head, *args, **values)  # type: ignore[arg-type]
        return replace(made, **wrong) if made.sequence == 2 else made  # type: ignore[arg-type]

    monkeypatch.setattr(journal, "entry_after", forked)
    with pytest.raises(IntegrityError, match="follows on"), transaction.atomic():
        journal_extend(subject_kind="sample", subject_id=lot, entries=bids(1, 2))
    assert not JournalEntry.objects.exists()


@transaction.atomic
def write_to(lots: Sequence[UUID]) -> None:
    """Add an entry to each of the lots, as one action would."""
    heads = journal.journal_lock("sample", lots)
    journal.journal_write([(heads[lot], bids(1)) for lot in lots])


@pytest.mark.django_db(transaction=True)
def test_who_wants_the_same_subjects_in_another_order_waits_and_both_are_written() -> None:
    lots = [new_id() for _ in range(6)]
    for _ in range(3):
        ways = lots, lots[::-1], lots[2:] + lots[:2], lots[::-1]
        assert at_once(*[partial(write_to, list(way)) for way in ways]) == [None] * 4
        lots = [*lots[3:], *(new_id() for _ in range(3))]
    assert ledger_check().entries == 3 * 4 * 6


def test_the_heads_of_subjects_that_are_known_cost_one_query() -> None:
    lots = [new_id(), new_id()]
    journal.journal_lock("sample", lots)
    with CaptureQueriesContext(connection) as queries:
        journal.journal_lock("sample", lots)
    assert len(queries) == 1
