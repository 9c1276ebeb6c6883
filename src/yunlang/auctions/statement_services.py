"""Confirming deposits by the bank's statement: each transfer that names a deposit's reference, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core.deposits import is_reference
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.deposit_services import deposit_confirm
from yunlang.auctions.sale_fields import STATEMENT_FIELDS
from yunlang.kit.audit import Actor
from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import Table, map_columns

_REFERENCE = re.compile(r"BZ\s?\d{10}(?!\d)", re.IGNORECASE)
_CONFIRMED = Bilingual("已确认到账", "confirmed")
_BEFORE = Bilingual("此前已确认", "confirmed before")
_NONE = Bilingual("附言中没有保证金编号，未处理", "names no deposit's reference; left alone")
_WRONG = Bilingual("附言校验码不符，请核对", "the reference's check digits are wrong")
_UNKNOWN = Bilingual("没有这笔保证金，请核对附言", "there is no such deposit; check the reference")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One line of a statement: its number in the file, and what it says."""

    line: int
    raw: dict[str, object]

    @property
    def reference(self) -> str:
        """The reference that it names; empty where it names none."""
        found = _REFERENCE.search(str(self.raw.get("remark") or ""))
        return re.sub(r"\s", "", found[0]).upper() if found else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line of a statement."""

    line: int
    reference: str
    said: Bilingual
    is_confirmed: bool = False


def transfers_of(table: Table) -> list[Transfer]:
    """Return the lines of a statement.

    Raises
    ------
    TableError
        When its columns cannot be told.
    """
    mapping = map_columns(table.columns, STATEMENT_FIELDS)
    mapping.demand_required()
    return [Transfer(row.number, mapping.record(row.values)) for row in table]


def statement_confirm(*, actor: Actor, transfers: Iterable[Transfer], clock: Clock = server_time) -> list[Outcome]:
    """Confirm each deposit that a statement shows to have arrived; each in a transaction of its own.

    The same statement again confirms nothing twice; what does not fit is said line by line and left alone.
    """
    require(actor, "auctions.keep_deposits")
    return [_outcome(actor, transfer, clock) for transfer in transfers]


def _outcome(actor: Actor, transfer: Transfer, clock: Clock) -> Outcome:
    reference = transfer.reference
    if not reference:
        return Outcome(transfer.line, "", _NONE)
    if not is_reference(reference):
        return Outcome(transfer.line, reference, _WRONG)
    deposit = Deposit.objects.filter(reference=reference).first()
    if deposit is None:
        return Outcome(transfer.line, reference, _UNKNOWN)
    if deposit.slip and deposit.slip == str(transfer.raw.get("slip") or "").strip():
        return Outcome(transfer.line, reference, _BEFORE)
    try:
        deposit_confirm(actor=actor, deposit_id=deposit.pk, raw=transfer.raw, clock=clock)
    except InvalidError as error:
        reasons = [reason for found in error.fields.values() for reason in found]
        return Outcome(transfer.line, reference, reasons[0])
    except DomainError as error:
        return Outcome(transfer.line, reference, error.text)
    return Outcome(transfer.line, reference, _CONFIRMED, is_confirmed=True)
