"""Deals and the ledger for programs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import signed_in_actor
from yunlang.deals.core.ledger.vocabulary import KINDS, SOURCES, DealStatus, MilestoneStatus, PaymentStatus
from yunlang.deals.ledger_models import Contract, DayHead, Deal, JournalEntry
from yunlang.deals.ledger_selectors import (
    day_of_head,
    deal_contract,
    deal_get,
    deals_visible,
    journal_of,
    publications,
)
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import Day, Id, Moment, Money, given

router = Router(tags=["deals"])
DealKind = StrEnum("DealKind", {key.upper(): key for key in KINDS})  # type: ignore[misc]
DealSource = StrEnum("DealSource", {key.upper(): key for key in SOURCES})  # type: ignore[misc]
# Named for the reference, where other records have statuses of their own.
DealStanding = StrEnum("DealStanding", {one.name: one.value for one in DealStatus})  # type: ignore[misc]
MilestoneStanding = StrEnum("MilestoneStanding", {one.name: one.value for one in MilestoneStatus})  # type: ignore[misc]
PaymentStanding = StrEnum("PaymentStanding", {one.name: one.value for one in PaymentStatus})  # type: ignore[misc]

_HASH = "a3f1c2d4e5b60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[_HASH])]
_BY_OPENING = Order("deals", latest_by="opened_at")
# Days are published in their order.
_BY_DAY = Order("ledger_heads", tie="-id")


class DealSide(BaseModel):
    """One side, as it was when the deal was opened."""

    organisation: Id
    name: str = Field(examples=["湖州某某新材料有限公司"])
    city: str | None = Field(examples=["330500"])


class DealRow(BaseModel):
    """A deal."""

    id: Id
    kind: DealKind = Field(examples=["licence"])
    title: str = Field(examples=["电解液添加剂专利许可"])
    amount: Money
    status: DealStanding = Field(examples=["performing"])
    need_side: DealSide
    offer_side: DealSide
    source: DealSource = Field(examples=["need"])
    source_id: Id
    introduction: Id | None
    opened_at: Moment
    ended_at: Moment | None = Field(examples=[None])
    end_reason: str | None = Field(examples=[None])
    illustrative: bool = Field(**explained("是否为示例。", "Made up to show the platform.", example=False))


class ContractValue(BaseModel):
    """The signed contract."""

    number: str = Field(examples=["YL-2026-001"])
    amount: Money
    committed: Money = Field(**explained("已约定付款。", "Due or paid, without what was refunded."))
    paid: Money
    signed_on: Day


class MilestoneValue(BaseModel):
    """Something to be delivered."""

    number: int = Field(examples=[1])
    title: str = Field(examples=["中试样品交付"])
    due: Day
    status: MilestoneStanding = Field(examples=["accepted"])
    evidence: str | None = Field(examples=["检测报告 13"])


class PaymentValue(BaseModel):
    """An amount due, paid or refunded."""

    number: int = Field(examples=[1])
    amount: Money
    due: Day
    status: PaymentStanding = Field(examples=["paid"])
    paid_on: Day | None
    reference: str | None = Field(examples=["银行回单 8842"])
    refunded_on: Day | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])


class EntryValue(BaseModel):
    """An entry of the journal."""

    sequence: int = Field(examples=[1])
    kind: str = Field(examples=["milestone_accepted"])
    payload: dict[str, Any] = Field(examples=[{"milestone": 1, "evidence": "检测报告 13"}])
    actor: str = Field(examples=["李经理"])
    at: Moment
    previous: Hash
    hash: Hash


class DealDetail(DealRow):
    """A deal with its contract and its journal, the latest entry first."""

    contract: ContractValue | None
    milestones: list[MilestoneValue]
    payments: list[PaymentValue]
    journal: list[EntryValue]


class PublishedDay(BaseModel):
    """The heads of one day."""

    day: Day
    heads: list[Hash]
    previous: Hash
    root: Hash
    published_at: Moment


class HeadAnswer(BaseModel):
    """Whether and when a hash was published as a head."""

    hash: Hash
    is_published: bool = Field(examples=[True])
    day: Day | None
    root: Hash | None


class DealQuery(Paging):
    """What a list of deals may be restricted to."""

    status: list[DealStanding] = Field([], max_length=6, **explained("进展。", "Status.", example=["performing"]))
    kind: list[DealKind] = Field([], max_length=7, **explained("成交方式。", "Kind.", example=["licence"]))


def _deal_values(row: Deal) -> dict[str, Any]:
    names = ("id", "kind", "title", "amount", "status", "source", "source_id", "opened_at", "ended_at", "illustrative")
    return {
        **{name: getattr(row, name) for name in names},
        "introduction": row.introduction_id,
        "end_reason": given(row.end_reason),
        "need_side": DealSide(organisation=row.need_side_id, name=row.need_name, city=row.need_city_id),
        "offer_side": DealSide(organisation=row.offer_side_id, name=row.offer_name, city=row.offer_city_id),
    }


def _deal_row(row: Deal) -> DealRow:
    return DealRow(**_deal_values(row))


def _contract_values(contract: Contract | None) -> dict[str, Any]:
    if contract is None:
        return {"contract": None, "milestones": [], "payments": []}
    return {
        "contract": ContractValue(**{name: getattr(contract, name) for name in ContractValue.model_fields}),
        "milestones": [_value(MilestoneValue, one) for one in contract.milestones.all()],
        "payments": [_value(PaymentValue, one) for one in contract.payments.all()],
    }


def _value(model: type[BaseModel], row: Any) -> Any:
    values = {name: getattr(row, name) for name in model.model_fields}
    return model(**{name: None if value == "" else value for name, value in values.items()})


def _entry(row: JournalEntry) -> EntryValue:
    return EntryValue(**{name: getattr(row, name) for name in EntryValue.model_fields})


def _day(row: DayHead) -> PublishedDay:
    return PublishedDay(**{name: getattr(row, name) for name in PublishedDay.model_fields})


def deal_detail(row: Deal) -> DealDetail:
    """Return a deal as every answer about one tells it."""
    journal = [_entry(entry) for entry in journal_of(row)]
    return DealDetail(**_deal_values(row), **_contract_values(deal_contract(row)), journal=journal)


@router.get(
    "/deals",
    response=Page[DealRow],
    **described(
        Bilingual("成交列表", "List deals"),
        Bilingual("您可以看到的成交，最近登记的在前。", "The deals that you may see, the latest first."),
        sign_in=True,
    ),
)
def deals_list(request: HttpRequest, query: Query[DealQuery]) -> Any:
    """List deals."""
    rows = deals_visible(signed_in_actor(request))
    if query.status:
        rows = rows.filter(status__in=query.status)
    if query.kind:
        rows = rows.filter(kind__in=query.kind)
    return page_of(request, rows, _BY_OPENING, query, _deal_row)


@router.get(
    "/deals/{deal_id}",
    response=DealDetail,
    **described(
        Bilingual("一项成交", "Get a deal"),
        Bilingual("双方、合同、里程碑、付款和账本。", "Both sides, contract, milestones, payments and the journal."),
        sign_in=True,
    ),
)
def deal_read(request: HttpRequest, deal_id: UUID) -> Any:
    """Return one deal."""
    return deal_detail(deal_get(signed_in_actor(request), deal_id))


@router.get(
    "/ledger/heads",
    response=Page[PublishedDay],
    **described(
        Bilingual("账本的每日公布", "List published heads"),
        Bilingual(
            "每天有变动的账本末条的哈希，与前一日的根相连，最近的在前。",
            "The hashes of the heads that moved each day, chained to the root of the day before; the latest first.",
        ),
    ),
)
def heads_list(request: HttpRequest, query: Query[Paging]) -> Any:
    """List the published days."""
    return page_of(request, publications(), _BY_DAY, query, _day)


@router.get(
    "/ledger/heads/{hash}",
    response=HeadAnswer,
    **described(
        Bilingual("核对一个哈希", "Check a hash"),
        Bilingual(
            "这个哈希是否公布过、在哪一天；只公布每天末条的哈希，中间各条由末条固定。",
            "Whether this hash was published, and when. Only the last hash of each day is; it fixes those before.",
        ),
    ),
)
def head_read(request: HttpRequest, hash: Path[Hash]) -> Any:
    """Tell whether a hash was published."""
    found = day_of_head(hash)
    day, root = (found.day, found.root) if found else (None, None)
    return HeadAnswer(hash=hash, is_published=found is not None, day=day, root=root)
