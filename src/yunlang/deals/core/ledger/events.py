"""What can happen to a deal, as the payloads of its journal's entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from yunlang.deals.core.ledger.canonical import plain
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a deal as it was when the deal was opened; cities stay, whatever moves later."""

    id: str
    name: str
    city: str | None
    city_name: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `kind` names it in the journal, for good."""

    kind: ClassVar[str] = ""
    label: ClassVar[Bilingual] = Bilingual("", "")


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """Two parties mean to make a deal; where they have agreed on it already, it is `agreed`."""

    kind: ClassVar[str] = "opened"
    label: ClassVar[Bilingual] = Bilingual("登记成交", "deal opened")
    deal_kind: str
    title: str
    amount: Decimal
    need_side: Party
    offer_side: Party
    source: str
    source_id: str
    agreed: bool
    introduction: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed(Event):
    """The parties agree on a draft."""

    kind: ClassVar[str] = "agreed"
    label: ClassVar[Bilingual] = Bilingual("达成意向", "agreed")


@dataclass(frozen=True, slots=True)
class Contracted(Event):
    """The contract is signed."""

    kind: ClassVar[str] = "contracted"
    label: ClassVar[Bilingual] = Bilingual("签订合同", "contract signed")
    number: str
    amount: Decimal
    signed_on: date


@dataclass(frozen=True, slots=True)
class MilestoneAdded(Event):
    """Something is to be delivered by a day."""

    kind: ClassVar[str] = "milestone_added"
    label: ClassVar[Bilingual] = Bilingual("设立里程碑", "milestone added")
    milestone: int
    title: str
    due: date


@dataclass(frozen=True, slots=True)
class MilestoneAccepted(Event):
    """What was delivered is accepted."""

    kind: ClassVar[str] = "milestone_accepted"
    label: ClassVar[Bilingual] = Bilingual("里程碑通过验收", "milestone accepted")
    milestone: int
    evidence: str


@dataclass(frozen=True, slots=True)
class MilestoneRejected(Event):
    """What was delivered is not accepted."""

    kind: ClassVar[str] = "milestone_rejected"
    label: ClassVar[Bilingual] = Bilingual("里程碑未通过验收", "milestone rejected")
    milestone: int
    evidence: str


@dataclass(frozen=True, slots=True)
class PaymentScheduled(Event):
    """An amount falls due."""

    kind: ClassVar[str] = "payment_scheduled"
    label: ClassVar[Bilingual] = Bilingual("约定付款", "payment scheduled")
    payment: int
    amount: Decimal
    due: date


@dataclass(frozen=True, slots=True)
class PaymentPaid(Event):
    """A payment that was due is paid in full."""

    kind: ClassVar[str] = "payment_paid"
    label: ClassVar[Bilingual] = Bilingual("记录付款", "payment made")
    payment: int
    paid_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    """A payment is returned in full."""

    kind: ClassVar[str] = "payment_refunded"
    label: ClassVar[Bilingual] = Bilingual("记录退款", "payment refunded")
    payment: int
    refunded_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Amended(Event):
    """What an earlier entry says is corrected, or was agreed anew; the entry itself stays as it is."""

    kind: ClassVar[str] = "amended"
    label: ClassVar[Bilingual] = Bilingual("更正或变更", "amended")
    corrects: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Completed(Event):
    """All is delivered and paid."""

    kind: ClassVar[str] = "completed"
    label: ClassVar[Bilingual] = Bilingual("履行完毕", "completed")


@dataclass(frozen=True, slots=True)
class Terminated(Event):
    """The deal ends before its time."""

    kind: ClassVar[str] = "terminated"
    label: ClassVar[Bilingual] = Bilingual("终止", "terminated")
    reason: str


EVENTS: dict[str, type[Event]] = {
    one.kind: one
    for one in (
        Opened, Agreed, Contracted, MilestoneAdded, MilestoneAccepted, MilestoneRejected, PaymentScheduled, PaymentPaid,
        PaymentRefunded, Amended, Completed, Terminated,
    )
}  # fmt: skip
# How a value is read back, by the annotation of its field.
_READ: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "str | None": lambda value: value,
    "int": int,
    "bool": bool,
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "Party": lambda value: Party(**value),
}


def payload_of(event: Event) -> dict[str, Any]:
    """Return an event as its entry's payload."""
    payload: dict[str, Any] = plain(asdict(event))
    return payload


def event_of(kind: str, payload: Mapping[str, Any]) -> Event:
    """Return the event that an entry tells.

    Raises
    ------
    LookupError
        When `kind` is nothing that happens to a deal.
    """
    chosen = EVENTS[kind]
    return chosen(**{spec.name: _READ[str(spec.type)](payload[spec.name]) for spec in fields(chosen)})


def read_value(event: type[Event], name: str, text: str) -> Any:
    """Return a field's value from its text.

    Raises
    ------
    LookupError
        When the event has no such field.
    ValueError, ArithmeticError
        When the text is no such value.
    """
    types = {spec.name: str(spec.type) for spec in fields(event)}
    return _READ[types[name]](text)
