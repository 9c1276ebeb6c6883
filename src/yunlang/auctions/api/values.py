"""What the API tells of lots, and what it is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from yunlang.auctions.core.commands import Side
from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.state import Phase
from yunlang.auctions.models import Lot
from yunlang.kit.api.paging import Paging
from yunlang.kit.api.reference import explained
from yunlang.registry.api.values import Id, Moment, Money, given

LotForm = StrEnum("LotForm", {str(key).upper(): str(key) for key in FORM_LABELS})  # type: ignore[misc]
LotPhase = StrEnum("LotPhase", {one.name: one.value for one in Phase})  # type: ignore[misc]
ProposalSide = StrEnum("ProposalSide", {one.name: one.value for one in Side})  # type: ignore[misc]

# Times as the journal and the streams write them.
PlainMoment = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T02:50:00.123456Z"]})
]
_NONCE = "5c1f0a9e7d3b42688f10c2d4e6a8b0c2"
_HASH = "a3f1c2d4e5b60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
_AMOUNT = explained(
    "人民币元，至多两位小数，写作字符串。", "CNY as a string, with two decimals at most.", example="8950000.00"
)
_PADDLE = explained(
    "号牌；属于本拍品的多个竞买人时须填写。", "The paddle; needed by who belongs to several bidders.", example="08"
)
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,16}(\.[0-9]{1,2})?$", **_AMOUNT)]
Paddle = Annotated[str, Field(max_length=4, pattern="^[0-9]{0,4}$", **_PADDLE)]


class Keyed(BaseModel):
    """Under which name a request is sent."""

    key: str = Field(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        **explained(
            "您为此请求起的编号，1 至 100 个可见字符。相同编号、相同内容得到首次的答复，未收到时可放心重发。",
            "Your own name of this request, 1 to 100 printable characters. The same key with the same content gets the "
            "first answer again, so a request whose answer was lost can be sent again.",
            example="bid-2026-0001",
        ),
    )


class LotStanding(BaseModel):
    """Where a lot stands, as everybody may know."""

    lot: Id
    sequence: int = Field(examples=[17], **explained("最后一条记录的序号。", "Number of the journal's last entry."))
    phase: LotPhase = Field(examples=["open"])
    opens: PlainMoment | None
    opened: PlainMoment | None
    closes: PlainMoment | None
    paused: PlainMoment | None = Field(examples=[None])
    leader: str = Field(examples=["08"], **explained("领先号牌。", "The paddle that leads."))
    price: Money | None
    asked: Money = Field(
        **explained(
            "起始的价：起拍价、最高限价或正在下降的价。", "The price to begin from: starting, ceiling, or falling."
        )
    )
    least: Money | None = Field(**explained("现在至少应出的价。", "The least that would be taken now."))
    reserve_met: bool | None = Field(
        examples=[True], **explained("是否已达保留价。", "Whether the reserve has been reached.")
    )
    bids: int = Field(examples=[12])
    bidders: int = Field(examples=[3])
    extendable_by: int = Field(
        examples=[240], **explained("还可延时的秒数。", "By how many seconds late bids may yet extend the time.")
    )


class LotRow(BaseModel):
    """A lot that was put up."""

    id: Id
    sale: Id
    number: int = Field(examples=[3])
    title: str = Field(examples=["示例：电解液添加剂发明专利"])
    title_en: str | None = Field(examples=["Example: patent on an electrolyte additive"])
    form: LotForm = Field(examples=["english"])
    deposit: Money
    phase: LotPhase = Field(examples=["open"])
    closes: Moment | None
    leader: str | None = Field(examples=["08"])
    price: Money | None
    bids: int = Field(examples=[12])
    bidders: int = Field(examples=[3])


class LotDetail(LotRow):
    """A lot and where it stands."""

    summary: str = Field(examples=["示例说明"])
    seller_name: str = Field(examples=["示例大学"])
    standing: LotStanding
    now: Moment = Field(**explained("服务器时间。", "The server's time."))


class LotEvents(BaseModel):
    """What everybody may know of a lot's journal, a part of it."""

    events: list[dict[str, Any]] = Field(
        examples=[[{"sequence": 17, "at": "2026-05-18T02:00:01.000000Z", "kind": "bid_placed", "bidder": "08"}]]
    )
    next: int | None = Field(
        examples=[None], **explained("还有更多时，下次的 after。", "What to give as `after` for the rest.")
    )


class Taken(BaseModel):
    """A request that was taken."""

    status: Literal["accepted"] = Field(examples=["accepted"])
    sequence: int = Field(examples=[17], **explained("记录序号。", "Its number in the lot's journal."))
    at: PlainMoment
    is_repeated: bool = Field(examples=[False], **explained("此前已答复过。", "Whether it was answered before."))
    lot: LotStanding


class LotQuery(Paging):
    """What a list of lots may be restricted to."""

    phase: list[LotPhase] = Field([], max_length=7, **explained("进展。", "Phase.", example=["open"]))
    sale: Id | None = Field(None, **explained("拍卖会。", "The sale."))


class EventQuery(BaseModel):
    """From where on, and how much."""

    after: int = Field(0, ge=0, le=2**31 - 1, **explained("从哪条之后。", "After which entry.", example=0))
    limit: int = Field(200, ge=1, le=500, **explained("至多条数。", "Entries at most.", example=200))


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    paddle: Paddle = ""


class BidBody(_Body):
    """A bid."""

    amount: Amount
    proxy: bool = Field(False, strict=True, **explained("英式：代理出价的上限。", "English: a proxy's maximum."))
    quantity: int = Field(1, ge=1, le=10**9, strict=True, **explained("统一价：数量。", "Uniform price: units."))


class SealedBidBody(_Body):
    """A sealed bid."""

    commitment: str = Field(
        pattern="^[0-9a-f]{64}$", examples=[_HASH], **explained("金额与随机数的承诺。", "Commits to amount and nonce.")
    )
    ciphertext: str = Field(
        "", max_length=4096, pattern="^[ -~]*$", **explained("留待开启的密文。", "What the office will decrypt.")
    )


class RevealBody(_Body):
    """What was sealed."""

    amount: Amount
    nonce: str = Field(min_length=16, max_length=100, pattern="^[!-~]+$", examples=[_NONCE])


class RetractBody(_Body):
    """Which sealed bid to take back."""

    bid: int | None = Field(
        None, ge=1, le=2**31 - 1, strict=True, **explained("出价的序号。", "The bid's number.", example=17)
    )


class _Negotiating(_Body):
    side: ProposalSide = Field(  # type: ignore[valid-type]
        ProposalSide.BUYER, **explained("为哪一方提出。", "On which side.", example="buyer")
    )


class ProposalBody(_Negotiating):
    """An offer or a counter-offer."""

    amount: Amount


class AcceptanceBody(_Negotiating):
    """Which proposal is accepted."""

    proposal: int = Field(ge=1, le=2**31 - 1, strict=True, **explained("报价序号。", "Its number.", example=17))


class WithdrawalBody(_Negotiating):
    """On which side a proposal is withdrawn."""


def lot_values(lot: Lot) -> dict[str, Any]:
    """Return a listed lot's values."""
    standing = lot.standing
    return {
        "id": lot.pk,
        "sale": lot.sale_id,
        "number": lot.number,
        "title": lot.title,
        "title_en": given(lot.title_en),
        "form": lot.form,
        "deposit": lot.deposit,
        "phase": standing.phase,
        "closes": standing.closes_at,
        "leader": given(standing.leader),
        "price": standing.price,
        "bids": standing.bids,
        "bidders": standing.bidders,
    }
