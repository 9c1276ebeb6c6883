"""What a lot's journal proves: to whoever verifies a file, and to the check of the whole ledger."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tests.auctions.result_support import Sold
from tests.auctions.support import OPENING, Floor, make_lot
from tests.factories import make_user
from yunlang.accounts.roles import Role
from yunlang.auctions.models import Result, Standing
from yunlang.auctions.result_selectors import lot_journal
from yunlang.deals.core.ledger.entries import BrokenLedgerError
from yunlang.deals.core.ledger.exports import export_verify
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.errors import NotAllowedError, NotFoundError

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(corridor: object) -> Sold:
    return Sold()


def exported(actor: Any, sold: Sold) -> bytes:
    return b"".join(lot_journal(actor=actor, lot_id=sold.lot.pk, at=OPENING))


def test_parties_office_and_auditor_take_a_journal_that_verifies_anywhere(sold: Sold) -> None:
    for reader in (sold.buyer, sold.loser, sold.seller, sold.office, make_user(Role.AUDITOR)):
        found = export_verify(BytesIO(exported(reader, sold)))
        assert (found.entries, found.subjects, found.scope) == (
            Standing.objects.get(pk=sold.lot.pk).sequence, 1, f"lot/{sold.lot.pk}",
        )  # fmt: skip
    with pytest.raises(NotAllowedError):
        exported(make_user(), sold)


def test_no_byte_of_it_can_be_changed_unseen(sold: Sold) -> None:
    whole = exported(sold.office, sold)
    for place in range(0, len(whole), 97):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(BrokenLedgerError):
            export_verify(BytesIO(bytes(changed)))


def test_nobody_takes_it_before_the_end(corridor: object) -> None:
    floor = Floor()
    with pytest.raises(NotFoundError):
        list(lot_journal(actor=floor.members["01"], lot_id=floor.id, at=OPENING))


def test_the_ledgers_check_replays_lots(sold: Sold) -> None:
    sold.record()
    assert ledger_check().subjects == 1
    Standing.objects.filter(pk=sold.lot.pk).update(price=1, bids=9)
    with pytest.raises(BrokenLedgerError, match=r"price, bids|bids, price"):
        ledger_check()


def test_the_ledgers_check_finds_a_result_that_nobody_won(sold: Sold) -> None:
    sold.record()
    Result.objects.update(price=1, value=1, base=1)
    with pytest.raises(BrokenLedgerError, match="results"):
        ledger_check()


def test_the_ledgers_check_finds_a_lot_without_a_standing(sold: Sold) -> None:
    Standing.objects.all().delete()
    with pytest.raises(BrokenLedgerError, match="拍品进展缺失"):
        ledger_check()


def test_the_ledgers_check_finds_a_lot_without_a_journal(sold: Sold) -> None:
    never = make_lot()
    Standing.objects.create(lot=never, sequence=1, phase="scheduled", changed_at=OPENING)
    with pytest.raises(BrokenLedgerError, match=f"lot/{never.pk}"):
        ledger_check()
