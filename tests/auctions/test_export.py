"""A lot's journal as it leaves the house: no byte of it can change unseen."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from tests.auctions.support import Floor, yuan
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.lot_states import LOT
from yunlang.deals.core.ledger.entries import BrokenLedgerError, Subject
from yunlang.deals.core.ledger.exports import export_lines, export_verify
from yunlang.deals.journal import entries_of, journal_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(corridor: object) -> bytes:
    """Return the export of a lot that was sold after a bid that was taken and one that was refused."""
    floor = Floor(bidders=1)
    floor.tick(0)
    for key in ("first", "second"):
        bid_place(actor=floor.members["01"], lot_id=floor.id, key=key, amount=yuan("8950000"), clock=floor.clock)
    floor.tick(300)
    entries = entries_of(journal_rows(LOT, floor.id))
    scope = str(Subject(LOT, str(floor.id)))
    return b"".join(export_lines(entries, scope=scope, made_at=floor.clock.now))


def with_one_byte_changed(exported: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the export once for each of its bytes, with that one changed a little: another digit, the other case."""
    for place, byte in enumerate(exported):
        changed = bytearray(exported)
        changed[place] = byte ^ (0x20 if chr(byte).isalpha() else 0x01)
        yield place, bytes(changed)


def test_a_change_of_any_one_byte_is_found(exported: bytes) -> None:
    assert export_verify(BytesIO(exported)).entries == 6
    unseen = []
    for place, changed in with_one_byte_changed(exported):
        try:
            export_verify(BytesIO(changed))
        except BrokenLedgerError:
            continue
        unseen.append((place, exported[place - 20 : place + 20]))
    assert unseen == []
