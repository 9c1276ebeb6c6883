"""Tables of links to import, and introductions between cities."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.registry.importing.files import as_csv
from tests.rows import need, organisation, resource
from yunlang.accounts.actors import SYSTEM
from yunlang.deals.models import Contract, Deal, Introduction
from yunlang.indicators.link_services import links_import
from yunlang.kit.ids import new_id
from yunlang.kit.tables import ImportReport, read_table
from yunlang.registry.importing.files import SourceFacts

HEADER = ("联系类别", "时期", "起点城市", "终点城市", "数值")
PATENTS = (
    ("合作专利", "2024", "松江", "苏州", "12"),
    ("合作专利", "2024", "苏州", "杭州", "30"),
    ("合作专利", "2024", "松江", "松江", "18"),
)
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def import_rows(
    rows: Sequence[Sequence[Any]],
    header: Sequence[str] = HEADER,
    title: str = "专利统计",
    actor: Any = SYSTEM,
    **options: Any,
) -> ImportReport:
    """Import rows of links as a .csv file."""
    with read_table(io.BytesIO(as_csv(header, rows)), filename="联系.csv") as table:
        return links_import(actor=actor, table=table, facts=SourceFacts(title), filename="联系.csv", **options)


def based_in(city: Any) -> Any:
    """Return an organisation there, or outside the nine cities where there is none."""
    return organisation(city=city, placement="corridor" if city else "unknown")


def introduce(
    start: Any, end: Any, at: datetime = AT, *, signed: datetime | None = None, **values: Any
) -> Introduction:
    """Return an introduction of a need in one city to a resource in another."""
    offer = {} if {"organisation", "expert"} & values.keys() else {"resource": resource(organisation=based_in(end))}
    usual = {"need": need(organisation=based_in(start)), "proposed_at": at, "due": (at + timedelta(days=9)).date()}
    signing = {} if signed is None else {
        "status": "signed", "due": None, "need_agreed_at": signed, "offer_agreed_at": signed, "accepted_at": signed,
        "meeting_at": signed, "signed_at": signed,
    }  # fmt: skip
    return Introduction.objects.create(**(usual | offer | signing | values))


def contract(start: Any, end: Any, on: date = TODAY, amount: int = 1_500_000, **values: Any) -> Contract:
    """Return the contract of a deal between organisations in two cities."""
    usual = {
        "kind": "licence", "title": "专利许可", "amount": amount, "status": "contracted", "need_side": based_in(start),
        "offer_side": based_in(end), "need_name": "甲", "offer_name": "乙", "need_city": start, "offer_city": end,
        "source": "lot", "source_id": new_id(), "opened_at": AT,
    }  # fmt: skip
    deal = Deal.objects.create(**(usual | values))
    return Contract.objects.create(deal=deal, number="YL-1", amount=amount, signed_on=on)
