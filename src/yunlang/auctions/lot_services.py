"""What the office does with the lots of a sale before bidding. One function, one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.conducting import lot_annul
from yunlang.auctions.core.state import Phase
from yunlang.auctions.core.terms_text import terms_plain
from yunlang.auctions.deposit_services import deposits_release
from yunlang.auctions.lot_states import LOT
from yunlang.auctions.lot_terms import LOT_FORMS, terms_parsed
from yunlang.auctions.models import Lot, Sale
from yunlang.auctions.sale_fields import LOT_FIELDS, REASON_FIELDS
from yunlang.auctions.sale_parts import (
    BiddingBegunError,
    Raw,
    lot_held,
    organisation_of,
    parsed,
    phase_of,
    sale_held,
    sale_status_require,
)
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.deals.journal import journal_lock
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Resource

_TAKEN = Bilingual("目录中已有这个编号", "the catalogue has this number already")
_NO_RESOURCE = Bilingual("没有找到这一要素，请核对编号", "not found; check the id")
_NO_FORM = Bilingual("请选择成交方式", "choose a form of sale")
_PLAIN = ("number", "title", "title_en", "summary", "deposit")


@transaction.atomic
def lot_add(*, actor: Actor, sale_id: UUID, form: str, raw: Raw) -> Lot:
    """Put a lot into the catalogue of a draft.

    Raises
    ------
    InvalidError, SaleStatusError
    """
    sale = _draft(actor, sale_id)
    lot = Lot(sale=sale, **_columns(form, raw))
    _saved(lot)
    audit_record(actor=actor, action="lot_add", object_kind=LOT, object_id=lot.pk, after=_audited(lot))
    return lot


@transaction.atomic
def lot_edit(*, actor: Actor, lot_id: UUID, form: str, raw: Raw) -> Lot:
    """Change a lot of a draft, its form of sale too.

    Raises
    ------
    InvalidError, SaleStatusError
    """
    lot = _lot_of_draft(actor, lot_id)
    was = _audited(lot)
    for name, value in _columns(form, raw).items():
        setattr(lot, name, value)
    _saved(lot)
    before, after = changed_values(was, _audited(lot))
    audit_record(actor=actor, action="lot_edit", object_kind=LOT, object_id=lot.pk, before=before, after=after)
    return lot


@transaction.atomic
def lot_remove(*, actor: Actor, lot_id: UUID) -> None:
    """Take a lot out of the catalogue of a draft.

    Raises
    ------
    SaleStatusError
    """
    lot = _lot_of_draft(actor, lot_id)
    audit_record(actor=actor, action="lot_remove", object_kind=LOT, object_id=lot.pk, before=_audited(lot))
    lot.delete()


@transaction.atomic
def lot_withdraw(*, actor: Actor, lot_id: UUID, raw: Raw, clock: Clock = server_time) -> Lot:
    """Withdraw an announced lot before its bidding: it is annulled, deposits go back.

    Raises
    ------
    InvalidError, SaleStatusError, BiddingBegunError
    """
    lot = lot_held(lot_id)
    require(actor, "auctions.prepare", lot.sale)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    sale_status_require(lot.sale, SaleStatus.ANNOUNCED)
    journal_lock(LOT, [lot.pk])
    if phase_of(lot) is not Phase.SCHEDULED:
        raise BiddingBegunError
    lot_annul(actor=actor, lot_id=lot.pk, reason=reason, clock=clock)
    lot.withdrawn_at = clock()
    lot.save(update_fields=["withdrawn_at"])
    deposits_release(actor=actor, lot_id=lot.pk, clock=clock)
    audit_record(actor=actor, action="lot_withdraw", object_kind=LOT, object_id=lot.pk, after={"reason": reason})
    return lot


def _draft(actor: Actor, sale_id: UUID) -> Sale:
    sale = sale_held(sale_id)
    require(actor, "auctions.prepare", sale)
    sale_status_require(sale, SaleStatus.DRAFT)
    return sale


def _lot_of_draft(actor: Actor, lot_id: UUID) -> Lot:
    sale_id = Lot.objects.filter(pk=lot_id).values_list("sale", flat=True).first()
    if sale_id is not None:
        _draft(actor, sale_id)
    return lot_held(lot_id)


def _saved(lot: Lot) -> None:
    lot.updated_at = timezone.now()
    try:
        with transaction.atomic():
            lot.save()
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise InvalidError({"number": [_TAKEN]}) from error
        raise


def _columns(form: str, raw: Raw) -> dict[str, Any]:
    if form not in LOT_FORMS:
        raise InvalidError({"form": [_NO_FORM]})
    values, found = parse_record(LOT_FIELDS, raw)
    reasons = {name: [reason] for name, reason in found.items()}
    seller = organisation_of(values.get("seller"), "seller", reasons)
    resource = _resource(values.get("resource"), reasons)
    terms = None
    try:
        terms = terms_parsed(form, raw, timezone.get_default_timezone())
    except InvalidError as error:
        reasons |= error.fields
    if reasons or seller is None or terms is None:
        raise InvalidError(reasons)
    return {name: values[name] if values[name] is not None else "" for name in _PLAIN} | {
        "seller": seller, "seller_name": seller.name, "seller_city": seller.city, "resource": resource, "form": form,
        "terms": terms_plain(terms),
    }  # fmt: skip


def _resource(text: str | None, reasons: dict[str, list[Bilingual]]) -> Resource | None:
    if not text:
        return None
    try:
        found = Resource.objects.filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        reasons["resource"] = [_NO_RESOURCE]
    return found


def _audited(lot: Lot) -> dict[str, Any]:
    return {name: getattr(lot, name) for name in _PLAIN} | {
        "seller": lot.seller_id, "resource": lot.resource_id, "form": lot.form, "terms": lot.terms,
    }  # fmt: skip
