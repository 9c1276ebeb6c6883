"""The life of a deal: draft → agreed → contracted → in performance → completed, or terminated on the way.

`decide` says whether an event may happen now, `apply` what it makes of the deal. A deal is nothing but its events:
`replay` of the same events gives the same state, always. Amounts are CNY with two places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import singledispatch

from yunlang.deals.core.ledger.errors import (
    AmountExceededError,
    DealStepImpossibleError,
    NotCorrectableError,
    UnfinishedError,
    UnknownPartError,
)
from yunlang.deals.core.ledger.events import (
    Agreed,
    Amended,
    Completed,
    Contracted,
    Event,
    MilestoneAccepted,
    MilestoneAdded,
    MilestoneRejected,
    Opened,
    Party,
    PaymentPaid,
    PaymentRefunded,
    PaymentScheduled,
    Terminated,
    read_value,
)
from yunlang.deals.core.ledger.vocabulary import (
    DEAL_STATUSES,
    ENDED,
    KINDS,
    UNDER_CONTRACT,
    DealStatus,
    MilestoneStatus,
    PaymentStatus,
)
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT, LARGEST

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Contract:
    """What was signed."""

    number: str
    amount: Decimal
    signed_on: date


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something to be delivered, and what became of it."""

    number: int
    title: str
    due: date
    status: MilestoneStatus = MilestoneStatus.DUE
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """An amount that is due, paid, or refunded."""

    number: int
    amount: Decimal
    due: date
    status: PaymentStatus = PaymentStatus.DUE
    paid_on: date | None = None
    reference: str = ""
    refunded_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """Where a deal stands.

    Attributes
    ----------
    told
        Kind and part (number of a milestone or payment, else 0) of each entry so far: what a correction may name.
    """

    status: DealStatus
    kind: str
    title: str
    amount: Decimal
    need_side: Party
    offer_side: Party
    contract: Contract | None = None
    milestones: tuple[Milestone, ...] = ()
    payments: tuple[Payment, ...] = ()
    told: tuple[tuple[str, int], ...] = ()
    end_reason: str = ""

    @property
    def committed(self) -> Decimal:
        """What is due or paid, without what was refunded."""
        return sum((one.amount for one in self.payments if one.status is not PaymentStatus.REFUNDED), NOTHING)

    @property
    def paid(self) -> Decimal:
        """What is paid and not refunded."""
        return sum((one.amount for one in self.payments if one.status is PaymentStatus.PAID), NOTHING)


# Which fields of which entries a correction may change.
CORRECTABLE: dict[str, tuple[str, ...]] = {
    Opened.kind: ("deal_kind", "title", "amount"),
    Contracted.kind: ("number", "amount", "signed_on"),
    MilestoneAdded.kind: ("title", "due"),
    MilestoneAccepted.kind: ("evidence",),
    MilestoneRejected.kind: ("evidence",),
    PaymentScheduled.kind: ("amount", "due"),
    PaymentPaid.kind: ("paid_on", "reference"),
    PaymentRefunded.kind: ("refunded_on", "reason"),
}
_ENTRIES = {
    one.kind: one
    for one in (
        Opened, Contracted, MilestoneAdded, MilestoneAccepted, MilestoneRejected, PaymentScheduled, PaymentPaid,
        PaymentRefunded,
    )
}  # fmt: skip
_LIVE = tuple(status for status in DealStatus if status not in ENDED)
_FROM: dict[str, tuple[DealStatus, ...]] = {
    Agreed.kind: (DealStatus.DRAFT,),
    Contracted.kind: (DealStatus.AGREED,),
    MilestoneAdded.kind: UNDER_CONTRACT,
    MilestoneAccepted.kind: UNDER_CONTRACT,
    MilestoneRejected.kind: UNDER_CONTRACT,
    PaymentScheduled.kind: UNDER_CONTRACT,
    PaymentPaid.kind: UNDER_CONTRACT,
    # What was paid may have to be returned after a deal has ended.
    PaymentRefunded.kind: (*UNDER_CONTRACT, DealStatus.TERMINATED),
    Amended.kind: tuple(DealStatus),
    Completed.kind: UNDER_CONTRACT,
    Terminated.kind: _LIVE,
}


def decide(deal: Deal | None, event: Event) -> Event:
    """Return `event` if it may happen now.

    Raises
    ------
    DealStepImpossibleError
        When it does not start from where the deal, the milestone or the payment stands.
    UnknownPartError
        When it names a milestone, payment or entry that is not there.
    AmountExceededError
        When payments would come to more than the contract's amount, or an amount is none.
    NotCorrectableError
        When a correction changes what must stay, or to what is no such value.
    UnfinishedError
        When a deal would be completed with something still due.
    """
    if isinstance(event, Opened) and deal is None:
        _amount_checked(event.amount)
        return event
    if deal is None or deal.status not in _FROM.get(event.kind, ()):
        raise DealStepImpossibleError(status=DEAL_STATUSES[deal.status] if deal else Bilingual("未登记", "not open"))
    after = apply(deal, _checked(event, deal))
    if after.contract is not None and after.committed > after.contract.amount:
        raise AmountExceededError(committed=after.committed, limit=after.contract.amount)
    return event


def replay(events: Iterable[Event]) -> Deal:
    """Return the state that events lead to, each of which has to be possible.

    Raises
    ------
    ValueError
        When there are none.
    """
    deal: Deal | None = None
    for event in events:
        deal = apply(deal, decide(deal, event))
    if deal is None:
        raise ValueError("a deal begins with an event")
    return deal


def _amount_checked(amount: Decimal) -> None:
    if not (NOTHING < amount <= LARGEST) or amount != amount.quantize(CENT):
        raise NotCorrectableError(what=Bilingual("金额应为正数，至多两位小数", "an amount is positive, to the cent"))


@singledispatch
def _checked(event: Event, deal: Deal) -> Event:
    return event


@_checked.register
def _(event: Contracted, deal: Deal) -> Event:
    _amount_checked(event.amount)
    return event


@_checked.register
def _(event: MilestoneAdded, deal: Deal) -> Event:
    if event.milestone != len(deal.milestones) + 1:
        raise UnknownPartError
    return event


@_checked.register(MilestoneAccepted)
@_checked.register(MilestoneRejected)
def _(event: MilestoneAccepted | MilestoneRejected, deal: Deal) -> Event:
    if _milestone(deal, event.milestone).status is MilestoneStatus.ACCEPTED:
        raise DealStepImpossibleError(status=Bilingual("该里程碑已通过", "accepted: this milestone"))
    return event


@_checked.register
def _(event: PaymentScheduled, deal: Deal) -> Event:
    _amount_checked(event.amount)
    if event.payment != len(deal.payments) + 1:
        raise UnknownPartError
    return event


@_checked.register
def _(event: PaymentPaid, deal: Deal) -> Event:
    return _payment_checked(event, deal, PaymentStatus.DUE)


@_checked.register
def _(event: PaymentRefunded, deal: Deal) -> Event:
    return _payment_checked(event, deal, PaymentStatus.PAID)


def _payment_checked(event: PaymentPaid | PaymentRefunded, deal: Deal, wanted: PaymentStatus) -> Event:
    if _payment(deal, event.payment).status is not wanted:
        raise DealStepImpossibleError(status=Bilingual("该笔付款状态不符", "another: this payment's"))
    return event


@_checked.register
def _(event: Amended, deal: Deal) -> Event:
    if not 1 <= event.corrects <= len(deal.told):
        raise UnknownPartError
    kind, part = deal.told[event.corrects - 1]
    if event.field not in CORRECTABLE.get(kind, ()):
        raise NotCorrectableError(what=Bilingual("该项不能更正", "this cannot be corrected"))
    _value_checked(event, kind)
    if kind == PaymentScheduled.kind and event.field == "amount":
        settled = _payment(deal, part).status is not PaymentStatus.DUE
        if settled:
            raise NotCorrectableError(what=Bilingual("已付的金额只能退款后重记", "refund a paid amount first"))
    return event


def _value_checked(event: Amended, kind: str) -> None:
    try:
        value = read_value(_ENTRIES[kind], event.field, event.value)
    except (ValueError, ArithmeticError) as error:
        raise NotCorrectableError(what=Bilingual("新值不合格式", "the new value is not of its form")) from error
    if isinstance(value, Decimal):
        _amount_checked(value)
    if event.field == "deal_kind" and value not in KINDS:
        raise NotCorrectableError(what=Bilingual("没有这种成交方式", "there is no such kind"))
    if value == "":
        raise NotCorrectableError(what=Bilingual("新值不能为空", "the new value must not be empty"))


@_checked.register
def _(event: Completed, deal: Deal) -> Event:
    open_milestones = [one for one in deal.milestones if one.status is not MilestoneStatus.ACCEPTED]
    if open_milestones or any(one.status is PaymentStatus.DUE for one in deal.payments):
        raise UnfinishedError
    return event


def _milestone(deal: Deal, number: int) -> Milestone:
    if not 1 <= number <= len(deal.milestones):
        raise UnknownPartError
    return deal.milestones[number - 1]


def _payment(deal: Deal, number: int) -> Payment:
    if not 1 <= number <= len(deal.payments):
        raise UnknownPartError
    return deal.payments[number - 1]


def apply(deal: Deal | None, event: Event) -> Deal:
    """Return what an event makes of a deal; `decide` has let it pass."""
    if isinstance(event, Opened):
        status = DealStatus.AGREED if event.agreed else DealStatus.DRAFT
        opened = Deal(status, event.deal_kind, event.title, event.amount, event.need_side, event.offer_side)
        return replace(opened, told=((event.kind, 0),))
    if deal is None:
        raise ValueError("a deal begins by being opened")
    part = getattr(event, "milestone", None) or getattr(event, "payment", None) or 0
    return replace(_changed(event, deal), told=(*deal.told, (event.kind, part)))


@singledispatch
def _changed(event: Event, deal: Deal) -> Deal:
    raise LookupError(event.kind)


@_changed.register
def _(event: Agreed, deal: Deal) -> Deal:
    return replace(deal, status=DealStatus.AGREED)


@_changed.register
def _(event: Contracted, deal: Deal) -> Deal:
    return replace(deal, status=DealStatus.CONTRACTED, contract=Contract(event.number, event.amount, event.signed_on))


@_changed.register
def _(event: MilestoneAdded, deal: Deal) -> Deal:
    return replace(deal, milestones=(*deal.milestones, Milestone(event.milestone, event.title, event.due)))


@_changed.register
def _(event: MilestoneAccepted, deal: Deal) -> Deal:
    return _judged(deal, event.milestone, MilestoneStatus.ACCEPTED, event.evidence)


@_changed.register
def _(event: MilestoneRejected, deal: Deal) -> Deal:
    return _judged(deal, event.milestone, MilestoneStatus.REJECTED, event.evidence)


def _judged(deal: Deal, number: int, status: MilestoneStatus, evidence: str) -> Deal:
    one = replace(deal.milestones[number - 1], status=status, evidence=evidence)
    milestones = (*deal.milestones[: number - 1], one, *deal.milestones[number:])
    return replace(deal, status=DealStatus.PERFORMING, milestones=milestones)


@_changed.register
def _(event: PaymentScheduled, deal: Deal) -> Deal:
    return replace(deal, payments=(*deal.payments, Payment(event.payment, event.amount, event.due)))


@_changed.register
def _(event: PaymentPaid, deal: Deal) -> Deal:
    paid = replace(
        deal.payments[event.payment - 1], status=PaymentStatus.PAID, paid_on=event.paid_on, reference=event.reference
    )
    return replace(_with_payment(deal, paid), status=DealStatus.PERFORMING)


@_changed.register
def _(event: PaymentRefunded, deal: Deal) -> Deal:
    before = deal.payments[event.payment - 1]
    return _with_payment(
        deal,
        replace(before, status=PaymentStatus.REFUNDED, refunded_on=event.refunded_on, reason=event.reason),
    )


def _with_payment(deal: Deal, one: Payment) -> Deal:
    return replace(deal, payments=(*deal.payments[: one.number - 1], one, *deal.payments[one.number :]))


@_changed.register
def _(event: Completed, deal: Deal) -> Deal:
    return replace(deal, status=DealStatus.COMPLETED)


@_changed.register
def _(event: Terminated, deal: Deal) -> Deal:
    return replace(deal, status=DealStatus.TERMINATED, end_reason=event.reason)


@_changed.register
def _(event: Amended, deal: Deal) -> Deal:
    kind, part = deal.told[event.corrects - 1]
    change = {event.field: read_value(_ENTRIES[kind], event.field, event.value)}
    if kind == Opened.kind:
        return replace(deal, **{("kind" if name == "deal_kind" else name): value for name, value in change.items()})
    if kind == Contracted.kind and deal.contract is not None:
        return replace(deal, contract=replace(deal.contract, **change))
    if kind.startswith("payment"):
        return _with_payment(deal, replace(deal.payments[part - 1], **change))
    one = replace(deal.milestones[part - 1], **change)
    return replace(deal, milestones=(*deal.milestones[: part - 1], one, *deal.milestones[part:]))
