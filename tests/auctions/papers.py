"""A sale of three lots and its papers: a bid war with everything in it, a lot nobody wanted, units for two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

from tests.auctions.core.selling import OPENING, SNIPE, Sale, english, lasting, yuan
from yunlang.auctions.core import commands as c
from yunlang.auctions.core.terms import UniformPriceTerms
from yunlang.auctions.documents import HammerConfirmation, LotRecord, Paddle, Proof, SaleRecord
from yunlang.auctions.documents import Sale as SaleFacts

FACTS = SaleFacts(
    title="2026 长三角 G60 科创走廊科技成果拍卖会",
    place="上海市松江区",
    house="云廊拍卖有限公司",
    auctioneer="沈知远",
    recorder="陆明",
)
PADDLES = {
    bidder: Paddle(number, name)
    for bidder, number, name in (
        ("a", "12", "松江精密装备有限公司"),
        ("b", "27", "杭州新材料股份有限公司"),
        ("c", "8", "合肥先进计算有限公司"),
        ("d", "33", "苏州生物医药有限公司"),
        ("e", "5", "湖州绿色能源有限公司"),
    )
}
CONDITIONS = (
    "买受人应于本确认书签署之日起 10 个工作日内付清价款与佣金。",
    "价款付清后 15 个工作日内，委托人交付技术资料并协助办理权利变更登记。",
)
ISSUED = OPENING + timedelta(hours=3)


@cache
def bid_war() -> LotRecord:
    sale = Sale(english("8950000", "50000", extension=SNIPE))
    steps: list[tuple[float, Any]] = [
        (4, bid("a", "8950000")), (9, bid("b", "8960000")), (11, bid("b", "9500000")), (30, bid("c", "11000000", proxy=True)),
        (42, bid("a", "10000000")), (60, c.Pause("核对竞买人身份")), (95, c.Resume()), (300, bid("b", "12300000")),
        (310, c.Extend("应竞买人请求", by=timedelta(minutes=2))), (320, bid("b", "12400000")), (2000, bid("a", "13000000")), (2000, c.Tick()),
    ]  # fmt: skip
    for at, command in steps:
        sale.do(command, at)
    return lot("7", "一种高温合金单晶叶片的定向凝固方法（专利权转让）", sale)


@cache
def unwanted() -> LotRecord:
    sale = Sale(english("500000"))
    sale.do(c.Tick(), 400)
    return lot("8", "工业废水零排放成套技术（普通许可）", sale)


@cache
def units() -> LotRecord:
    sale = Sale(UniformPriceTerms(starting_price=yuan("100000"), units=3, schedule=lasting(60)))
    sale.do(c.PlaceBid("c", "k", yuan("150000"), quantity=2), 5)
    sale.do(c.PlaceBid("d", "k", yuan("120000"), quantity=1), 6)
    sale.do(c.Tick(), 61)
    return lot("9", "量子随机数芯片样片", sale)


def bid(bidder: str, amount: str, *, proxy: bool = False) -> c.PlaceBid:
    return c.PlaceBid(bidder, f"{bidder}-{amount}", yuan(amount), proxy=proxy)


def lot(number: str, title: str, sale: Sale) -> LotRecord:
    proof = Proof(head=sha256(number.encode()).hexdigest(), entries=len(sale.events), file=f"lot-{number}.jsonl")
    return LotRecord(
        number=number,
        title=title,
        seller="长三角先进材料研究院",
        events=tuple(sale.events),
        paddles=PADDLES,
        proof=proof,
    )


def confirmation(**changes: Any) -> HammerConfirmation:
    paper = HammerConfirmation(
        number="YL-2026-CJ-0007",
        issued_at=ISSUED,
        sale=FACTS,
        lot=bid_war(),
        bidder="b",
        conditions=CONDITIONS,
        buyer_commission=Decimal("246000.00"),
        seller_commission=Decimal("123000.00"),
    )
    return replace(paper, **changes)


def record(*lots: LotRecord) -> SaleRecord:
    return SaleRecord(
        number="YL-2026-BL-0001", issued_at=ISSUED, sale=FACTS, lots=lots or (bid_war(), unwanted(), units())
    )


def long_sale(bids: int) -> LotRecord:
    sale = Sale(english("1000", "10", schedule=lasting(100_000)))
    for place in range(bids):
        sale.do(bid("ab"[place % 2], str(1000 + 10 * place)), place)
    sale.do(c.Tick(), 100_000)
    return lot("1", "一场长拍", sale)
