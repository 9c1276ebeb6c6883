"""Journals of any shape, and lives of deals, for Hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from yunlang.deals.core.ledger.deal import Deal, apply, decide
from yunlang.deals.core.ledger.entries import Entry, Head, Subject, entry_after
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
)
from yunlang.deals.core.ledger.exports import Verified, export_lines, export_verify
from yunlang.kit.errors import ConflictError

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
NEED_SIDE = Party("0198c0de-6a52-7000-8000-3f1b5a2c9d10", "甲公司", "330500", "湖州")
OFFER_SIDE = Party("0198c0de-6a52-7000-8000-3f1b5a2c9d11", "乙研究院", None, None)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
whole_numbers = st.integers(-(2**53) + 1, 2**53 - 1)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | whole_numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
payloads = st.dictionaries(texts, values, max_size=3)
amounts = st.decimals(Decimal("0.01"), Decimal("999.99"), places=2)


def chain(subject: Subject, written: list[dict[str, Any]]) -> list[Entry]:
    head, made = Head(), []
    for place, payload in enumerate(written):
        at = AT + timedelta(microseconds=place)
        entry = entry_after(head, subject, kind="noted", payload=payload, actor="李经理", at=at)
        head = Head(entry.sequence, entry.hash)
        made.append(entry)
    return made


@st.composite
def journals(draw: st.DrawFn, min_entries: int = 0) -> list[Entry]:
    """Draw the entries of some subjects, sorted as an export holds them."""
    count = draw(st.integers(1 if min_entries else 0, 3))
    made: list[Entry] = []
    for number in range(count):
        made += chain(
            Subject("deal", f"{number:04}"), draw(st.lists(payloads, min_size=max(1, min_entries), max_size=4))
        )
    return made


def exported(entries: list[Entry]) -> bytes:
    return b"".join(export_lines(entries, scope="all", made_at=AT))


def verified(data: bytes, **options: Any) -> Verified:
    return export_verify(BytesIO(data), **options)


def opened(**values: Any) -> Opened:
    usual = {
        "deal_kind": "licence", "title": "专利许可", "amount": Decimal("900.00"), "need_side": NEED_SIDE,
        "offer_side": OFFER_SIDE, "source": "need", "source_id": NEED_SIDE.id, "agreed": True,
    }  # fmt: skip
    return Opened(**usual | values)


numbers = st.integers(1, 3)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(opened, agreed=st.booleans()),
    st.just(Agreed()),
    st.builds(Contracted, st.just("YL-1"), amounts, st.just(DAY)),
    st.builds(MilestoneAdded, numbers, st.just("样品"), st.just(DAY)),
    st.builds(MilestoneAccepted, numbers, st.just("报告")),
    st.builds(MilestoneRejected, numbers, st.just("报告")),
    st.builds(PaymentScheduled, numbers, amounts, st.just(DAY)),
    st.builds(PaymentPaid, numbers, st.just(DAY), st.just("回单")),
    st.builds(PaymentRefunded, numbers, st.just(DAY), st.just("重复")),
    st.builds(
        Amended, st.integers(0, 12), st.sampled_from(["amount", "title", "due", "evidence", "number", "deal_kind"]),
        st.sampled_from(["1.00", "500.00", "-1", "2026-12-01", "transfer", ""]), st.just("更正"),
    ),
    st.just(Completed()),
    st.just(Terminated("变更")),
)  # fmt: skip


def lived(tried: list[Event]) -> tuple[list[Event], list[Deal]]:
    """Return the events that were possible, and the state after each."""
    happened: list[Event] = []
    states: list[Deal] = []
    deal: Deal | None = None
    for event in tried:
        try:
            deal = apply(deal, decide(deal, event))
        except ConflictError:
            continue
        happened.append(event)
        states.append(deal)
    return happened, states
