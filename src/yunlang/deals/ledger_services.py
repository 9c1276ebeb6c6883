"""What happens to deals. One function is one business action in one transaction: journal, rows and audit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import Side, Status
from yunlang.deals.core.ledger import deal as core
from yunlang.deals.core.ledger.deal import apply, decide
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
    payload_of,
)
from yunlang.deals.deal_notices import deal_tell
from yunlang.deals.journal import DEAL, journal_append
from yunlang.deals.ledger_fields import (
    AMENDMENT_FIELDS,
    CONTRACT_FIELDS,
    DEAL_FIELDS,
    EVIDENCE_FIELDS,
    MILESTONE_FIELDS,
    PAID_FIELDS,
    PAYMENT_FIELDS,
    REASON_FIELDS,
    REFUND_FIELDS,
    SOURCE_FIELDS,
)
from yunlang.deals.ledger_models import Deal
from yunlang.deals.models import Introduction
from yunlang.deals.projections import deal_project, deal_state
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status as Listed
from yunlang.registry.models import Need, Organisation, Resource
from yunlang.registry.selectors.organisations import organisation_of_field

Raw = Mapping[str, object]
# A draft may yet be discarded; what was public once stays.
_SHOWN = (Listed.PUBLISHED, Listed.CLOSED, Listed.EXPIRED)


class NotSignedError(ConflictError):
    """A deal follows from an introduction only once that is signed."""

    code = "introduction_not_signed"
    message = Bilingual(
        "这项对接尚未签约，不能登记成交。", "This introduction is not signed yet; it leads to no deal so far."
    )


class DealExistsError(ConflictError):
    """The introduction has its deal."""

    code = "deal_exists"
    message = Bilingual("这项对接已登记成交。", "The deal of this introduction was opened before.")


@transaction.atomic
def deal_open(*, actor: Actor, introduction_id: UUID, raw: Raw, at: datetime) -> Deal:
    """Open the deal that a signed introduction has led to; both sides have agreed on it.

    Raises
    ------
    NotFoundError, NotSignedError, DealExistsError, InvalidError
    """
    introduction = Introduction.objects.select_for_update().filter(pk=introduction_id).first()
    if introduction is None:
        raise NotFoundError(what=Bilingual("该对接", "this introduction"))
    require(actor, "deals.open", introduction)
    if introduction.status != Status.SIGNED:
        raise NotSignedError
    values = _parsed(DEAL_FIELDS, raw)
    deal = Deal(
        introduction=introduction, need=introduction.need, resource=introduction.resource, source="need",
        source_id=introduction.need_id, manager_id=introduction.manager_id,
    )  # fmt: skip
    parties = introduction.parties
    return _open(actor, deal, parties[Side.NEED], parties[Side.OFFER], values, at, agreed=True)


@transaction.atomic
def deal_open_directly(*, actor: Actor, raw: Raw, at: datetime) -> Deal:
    """Open a deal that no introduction led to, as a draft; a technology manager who does so looks after it.

    Raises
    ------
    InvalidError
        Also when a side or the source is not in the registry, or the two sides are one.
    """
    require(actor, "deals.open_directly")
    values = _parsed((*DEAL_FIELDS, *SOURCE_FIELDS), raw)
    reasons: dict[str, list[Bilingual]] = {}
    need_side, offer_side = (organisation_of_field(values[name], name, reasons) for name in ("need_side", "offer_side"))
    source_id = _id(values["source_id"])
    deal = Deal(source=values["source"])
    if source_id is not None:
        deal.source_id = source_id
    if source_id is None or not _source_found(deal):
        reasons["source_id"] = [Bilingual("没有找到这一来源，请核对编号", "not found; check the id")]
    if need_side is not None and need_side == offer_side:
        reasons["offer_side"] = [Bilingual("双方不能是同一机构", "the two sides must differ")]
    if reasons or need_side is None or offer_side is None:
        raise InvalidError(reasons)
    deal.manager_id = actor.actor_id if getattr(actor, "role", None) == Role.MANAGER else None
    return _open(actor, deal, need_side, offer_side, values, at, agreed=False)


@transaction.atomic
def deal_agree(*, actor: Actor, deal_id: UUID, at: datetime) -> Deal:
    """Record that both sides agree on a draft."""
    return _happen(actor, deal_id, "deal_agree", at, lambda _: Agreed())


@transaction.atomic
def contract_sign(*, actor: Actor, deal_id: UUID, raw: Raw, at: datetime) -> Deal:
    """Record the signed contract; its amount is what payments may come to."""
    return _happen(actor, deal_id, "contract_sign", at, lambda _: Contracted(**_parsed(CONTRACT_FIELDS, raw)))


@transaction.atomic
def milestone_add(*, actor: Actor, deal_id: UUID, raw: Raw, at: datetime) -> Deal:
    """Write down something that is to be delivered."""
    return _happen(
        actor, deal_id, "milestone_add", at,
        lambda state: MilestoneAdded(len(state.milestones) + 1, **_parsed(MILESTONE_FIELDS, raw)),
    )  # fmt: skip


@transaction.atomic
def milestone_accept(*, actor: Actor, deal_id: UUID, milestone: int, raw: Raw, at: datetime) -> Deal:
    """Record that what a milestone asks for is accepted, and on what evidence."""
    return _happen(
        actor, deal_id, "milestone_accept", at, lambda _: MilestoneAccepted(milestone, **_parsed(EVIDENCE_FIELDS, raw))
    )


@transaction.atomic
def milestone_reject(*, actor: Actor, deal_id: UUID, milestone: int, raw: Raw, at: datetime) -> Deal:
    """Record that what was delivered is not accepted, and on what evidence; it may be accepted later."""
    return _happen(
        actor, deal_id, "milestone_reject", at, lambda _: MilestoneRejected(milestone, **_parsed(EVIDENCE_FIELDS, raw))
    )


@transaction.atomic
def payment_schedule(*, actor: Actor, deal_id: UUID, raw: Raw, at: datetime) -> Deal:
    """Write down an amount that falls due; all together stay within the contract's amount."""
    return _happen(
        actor, deal_id, "payment_schedule", at,
        lambda state: PaymentScheduled(len(state.payments) + 1, **_parsed(PAYMENT_FIELDS, raw)),
    )  # fmt: skip


@transaction.atomic
def payment_record(*, actor: Actor, deal_id: UUID, payment: int, raw: Raw, at: datetime) -> Deal:
    """Record that an amount was paid."""
    return _happen(actor, deal_id, "payment_record", at, lambda _: PaymentPaid(payment, **_parsed(PAID_FIELDS, raw)))


@transaction.atomic
def payment_refund(*, actor: Actor, deal_id: UUID, payment: int, raw: Raw, at: datetime) -> Deal:
    """Record that a payment was returned, and why."""
    return _happen(
        actor, deal_id, "payment_refund", at, lambda _: PaymentRefunded(payment, **_parsed(REFUND_FIELDS, raw))
    )


@transaction.atomic
def deal_amend(*, actor: Actor, deal_id: UUID, raw: Raw, at: datetime) -> Deal:
    """Correct what an earlier entry says, by a further one that names it; the earlier entry stays as it is."""

    def amended(state: core.Deal) -> Event:
        values = _parsed(AMENDMENT_FIELDS, raw)
        what, name = values.pop("field"), "value"
        values[name] = amendment_value(what, values[name])
        return Amended(field=what, **values)

    return _happen(actor, deal_id, "deal_amend", at, amended)


@transaction.atomic
def deal_complete(*, actor: Actor, deal_id: UUID, at: datetime) -> Deal:
    """Record that all is delivered and paid."""
    return _happen(actor, deal_id, "deal_complete", at, lambda _: Completed())


@transaction.atomic
def deal_terminate(*, actor: Actor, deal_id: UUID, raw: Raw, at: datetime) -> Deal:
    """End a deal before its time, with the reason."""
    return _happen(actor, deal_id, "deal_terminate", at, lambda _: Terminated(**_parsed(REASON_FIELDS, raw)))


# The fields that a correction may set, by name: what is typed is read as it was when it was first written.
_AMENDABLE: dict[str, Field] = {
    ("deal_kind" if field.name == "kind" else field.name): field
    for fields in (REFUND_FIELDS, PAID_FIELDS, PAYMENT_FIELDS, EVIDENCE_FIELDS, MILESTONE_FIELDS, CONTRACT_FIELDS,
                   DEAL_FIELDS)
    for field in fields
}  # fmt: skip


def amendment_value(name: str, raw: str) -> str:
    """Return the new value of a field as the journal writes it.

    Raises
    ------
    InvalidError
        When it is no such value.
    """
    field = _AMENDABLE.get(name)
    if field is None:
        raise InvalidError({"field": [Bilingual("该项不能更正", "this cannot be corrected")]})
    values, reasons = parse_record([field], {field.name: raw})
    if reasons:
        raise InvalidError({"value": [reasons[field.name]]})
    return str(values[field.name])


def _open(
    actor: Actor, deal: Deal, need: Organisation, offer: Organisation, values: dict[str, Any], at: datetime, *,
    agreed: bool,
) -> Deal:  # fmt: skip
    event = Opened(
        deal_kind=values["kind"], title=values["title"], amount=values["amount"], need_side=_party(need),
        offer_side=_party(offer), source=deal.source, source_id=str(deal.source_id), agreed=agreed,
        introduction=str(deal.introduction_id) if deal.introduction_id else None,
    )  # fmt: skip
    after = apply(None, decide(None, event))
    deal.need_side, deal.need_name, deal.need_city = need, need.name, need.city
    deal.offer_side, deal.offer_name, deal.offer_city = offer, offer.name, offer.city
    deal.opened_at = at
    try:
        with transaction.atomic():
            deal_project(deal, None, after, at)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise DealExistsError from error
        raise
    _write(actor, deal, event, "deal_open", at)
    return deal


def _happen(
    actor: Actor, deal_id: UUID, action: str, at: datetime, event_of_state: Callable[[core.Deal], Event]
) -> Deal:
    """Let something happen to a deal whose row is held until the transaction ends."""
    deal = Deal.objects.select_for_update(of=("self",)).filter(pk=deal_id).first()
    if deal is None:
        raise NotFoundError(what=Bilingual("该成交", "this deal"))
    require(actor, "deals.keep", deal)
    before = deal_state(deal)
    event = decide(before, event_of_state(before))
    deal_project(deal, before, apply(before, event), at)
    _write(actor, deal, event, action, at)
    return deal


def _write(actor: Actor, deal: Deal, event: Event, action: str, at: datetime) -> None:
    payload = payload_of(event)
    entry = journal_append(
        actor=actor, subject_kind=DEAL, subject_id=deal.pk, kind=event.kind, payload=payload, at=at
    )  # fmt: skip
    after = {"sequence": entry.sequence, "hash": entry.hash, "status": deal.status, **payload}
    audit_record(actor=actor, action=action, object_kind="deal", object_id=deal.pk, after=after)
    deal_tell(actor, deal, event, entry.sequence)


def _parsed(fields: tuple[Field, ...], raw: Raw) -> dict[str, Any]:
    values, reasons = parse_record(fields, raw)
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    return values


def _party(organisation: Organisation) -> Party:
    city = organisation.city
    return Party(str(organisation.pk), organisation.name, city.adcode if city else None, city.name_zh if city else None)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _source_found(deal: Deal) -> bool:
    """Have the deal refer to its source; lots and challenges are known to the rooms that open deals of theirs."""
    if deal.source == "need":
        deal.need = Need.objects.filter(pk=deal.source_id, status__in=_SHOWN).first()
        return deal.need is not None
    if deal.source == "resource":
        deal.resource = Resource.objects.filter(pk=deal.source_id, status__in=_SHOWN).first()
        return deal.resource is not None
    return True
