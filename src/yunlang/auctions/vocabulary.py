"""What is said of sales, lots and bidders beside the engine's own words."""

from __future__ import annotations

from enum import StrEnum

from yunlang.kit.language import Bilingual


class SaleStatus(StrEnum):
    """How far a sale is; whether its lots are open for bids, the engine alone says."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


SALE_STATUSES: dict[SaleStatus, Bilingual] = {
    SaleStatus.DRAFT: Bilingual("筹备中", "in preparation"),
    SaleStatus.ANNOUNCED: Bilingual("已公告", "announced"),
    SaleStatus.CLOSED: Bilingual("已结束", "closed"),
    SaleStatus.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
}


class BidderStatus(StrEnum):
    """How far an organisation's application to bid for a lot is."""

    APPLIED = "applied"
    APPROVED = "approved"
    QUALIFIED = "qualified"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    BARRED = "barred"


BIDDER_STATUSES: dict[BidderStatus, Bilingual] = {
    BidderStatus.APPLIED: Bilingual("待审核", "to be examined"),
    BidderStatus.APPROVED: Bilingual("待缴保证金", "deposit awaited"),
    BidderStatus.QUALIFIED: Bilingual("已具资格", "qualified"),
    BidderStatus.REJECTED: Bilingual("未通过", "refused"),
    BidderStatus.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
    BidderStatus.BARRED: Bilingual("已取消资格", "barred"),
}


class ObjectionStatus(StrEnum):
    """What became of an objection to a result."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


OBJECTION_STATUSES: dict[ObjectionStatus, Bilingual] = {
    ObjectionStatus.OPEN: Bilingual("处理中", "to be decided"),
    ObjectionStatus.UPHELD: Bilingual("成立", "upheld"),
    ObjectionStatus.REJECTED: Bilingual("不成立", "rejected"),
}


class TradeSide(StrEnum):
    """A side of a sale; in a reverse sale the lot's owner is the buyer."""

    BUYER = "buyer"
    SELLER = "seller"


TRADE_SIDES: dict[TradeSide, Bilingual] = {
    TradeSide.BUYER: Bilingual("受让方", "the buyer"),
    TradeSide.SELLER: Bilingual("转让方", "the seller"),
}
