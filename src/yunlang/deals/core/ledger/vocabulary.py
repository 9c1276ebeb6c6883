"""The words of deals: kinds, sources, where deals, milestones and payments stand."""

from __future__ import annotations

from enum import StrEnum

from yunlang.kit.language import Bilingual

KINDS: dict[str, Bilingual] = {
    "licence": Bilingual("许可", "licence"),
    "transfer": Bilingual("转让", "transfer"),
    "equity": Bilingual("作价入股", "equity"),
    "joint_development": Bilingual("联合开发", "joint development"),
    "purchase": Bilingual("采购", "purchase"),
    "investment": Bilingual("投资", "investment"),
    "award": Bilingual("揭榜", "award"),
}
SOURCES: dict[str, Bilingual] = {
    "need": Bilingual("需求", "need"),
    "resource": Bilingual("要素", "resource"),
    "lot": Bilingual("拍品", "lot"),
    "challenge": Bilingual("榜单", "challenge"),
}


class DealStatus(StrEnum):
    """Where a deal stands."""

    DRAFT = "draft"
    AGREED = "agreed"
    CONTRACTED = "contracted"
    PERFORMING = "performing"
    COMPLETED = "completed"
    TERMINATED = "terminated"


DEAL_STATUSES: dict[str, Bilingual] = {
    DealStatus.DRAFT: Bilingual("草拟", "draft"),
    DealStatus.AGREED: Bilingual("已达成意向", "agreed"),
    DealStatus.CONTRACTED: Bilingual("已签合同", "contracted"),
    DealStatus.PERFORMING: Bilingual("履行中", "in performance"),
    DealStatus.COMPLETED: Bilingual("已完成", "completed"),
    DealStatus.TERMINATED: Bilingual("已终止", "terminated"),
}
UNDER_CONTRACT = (DealStatus.CONTRACTED, DealStatus.PERFORMING)
ENDED = (DealStatus.COMPLETED, DealStatus.TERMINATED)


class MilestoneStatus(StrEnum):
    """Where a milestone stands; one that was rejected may be accepted later."""

    DUE = "due"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


MILESTONE_STATUSES: dict[str, Bilingual] = {
    MilestoneStatus.DUE: Bilingual("待验收", "due"),
    MilestoneStatus.ACCEPTED: Bilingual("已通过", "accepted"),
    MilestoneStatus.REJECTED: Bilingual("未通过", "rejected"),
}


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    DUE = "due"
    PAID = "paid"
    REFUNDED = "refunded"


PAYMENT_STATUSES: dict[str, Bilingual] = {
    PaymentStatus.DUE: Bilingual("待付", "due"),
    PaymentStatus.PAID: Bilingual("已付", "paid"),
    PaymentStatus.REFUNDED: Bilingual("已退", "refunded"),
}
