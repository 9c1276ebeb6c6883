"""Tallies of auctions over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from yunlang.auctions.core.tallies import Tally
from yunlang.auctions.tally_selectors import tallies
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import Money, PlainDecimal

router = Router(tags=["auctions"])
_CITY = explained(
    "城市行政区划代码；走廊外、未核实或涉及多个城市时为 null。",
    "Administrative code of a city; null outside the corridor, where unverified, and where there are several.",
    example="330500",
)


class CityFlow(BaseModel):
    """What went from one city's sellers to one city's buyers."""

    seller_city: str | None = Field(**_CITY)
    buyer_city: str | None = Field(**_CITY)
    lots: int = Field(examples=[3])
    value: Money


class LotTally(BaseModel):
    """Lots counted together."""

    lots: int = Field(examples=[18])
    sold: int = Field(examples=[18])
    competitive: int = Field(
        examples=[4], **explained("成交的拍品中有两家以上出价的件数。", "Of those sold, how many had several bidders.")
    )
    value: Money
    base: Money = Field(
        **explained(
            "溢价率的基数：保留价，没有保留价的为起拍价。",
            "Base of the premium: reserve, else first price.",
        )
    )
    premium: PlainDecimal | None = Field(
        examples=["37.43"], **explained("溢价率，百分数。", "How far the value is above the base, in percent.")
    )
    by_form: dict[str, int] = Field(examples=[{"english": 4, "single_quote": 14}])
    flows: list[CityFlow]


class EditionRow(LotTally):
    """One edition, and all up to it."""

    edition: str = Field(examples=["2026"])
    illustrative: bool = Field(**explained("是否含示例场次。", "Whether it holds an illustrative sale.", example=False))
    growth: PlainDecimal | None = Field(
        examples=["383.65"],
        **explained("成交额比上一届增长，百分数。", "Over the edition before, in percent."),
    )
    cumulative_lots: int = Field(examples=[18])
    cumulative_sold: int = Field(examples=[18])
    cumulative_value: Money


class AuctionTallies(BaseModel):
    """What the platform's own auctions come to."""

    whole: LotTally
    editions: list[EditionRow]


@router.get(
    "/auctions/tallies",
    response=AuctionTallies,
    **described(
        Bilingual("拍卖统计", "Tallies of auctions"),
        Bilingual(
            "本平台各届拍卖的件数、成交额、溢价率、成交方式和城市流向，以及逐届累计；落槌后撤销或违约的不计成交。",
            "Lots, value, premium, forms of sale and flows between cities by edition of the platform's own auctions, "
            "with running totals. What was annulled or defaulted on after the hammer does not count as sold.",
        ),
    ),
)
def tallies_read(request: HttpRequest) -> Any:
    """Read the tallies."""
    found = tallies()
    return AuctionTallies(
        whole=LotTally(**_values(found.whole)),
        editions=[
            EditionRow(
                **_values(one.tally), edition=one.edition, illustrative=one.edition in found.illustrative,
                growth=None if one.growth is None else f"{one.growth:f}", cumulative_lots=one.cumulative_lots,
                cumulative_sold=one.cumulative_sold, cumulative_value=one.cumulative_value,
            )
            for one in found.editions
        ],
    )  # fmt: skip


def _values(tally: Tally) -> dict[str, Any]:
    flows = [
        CityFlow(seller_city=one.seller_city, buyer_city=one.buyer_city, lots=one.lots, value=one.value)
        for one in tally.flows
    ]
    return {
        "lots": tally.lots, "sold": tally.sold, "competitive": tally.competitive, "value": tally.value,
        "base": tally.base, "premium": None if tally.premium is None else f"{tally.premium:f}",
        "by_form": tally.by_form, "flows": flows,
    }  # fmt: skip
