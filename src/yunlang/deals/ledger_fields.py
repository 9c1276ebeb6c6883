"""What people write down about a deal, described once for forms, services and the API."""

from __future__ import annotations

from decimal import Decimal

from yunlang.deals.core.ledger.vocabulary import KINDS, SOURCES
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual

_CENT = Decimal("0.01")


def _amount(name: str = "amount") -> Field:
    return Field(
        name, Bilingual("金额", "amount"), FieldType.MONEY, required=True, minimum=_CENT,
        help=Bilingual("元；也可写“120 万元”。", "In CNY."),
    )  # fmt: skip


def _day(name: str, label: Bilingual) -> Field:
    return Field(name, label, FieldType.DATE, required=True)


DEAL_FIELDS: tuple[Field, ...] = (
    Field("kind", Bilingual("成交方式", "kind"), FieldType.CHOICE, required=True, choices=KINDS),
    Field("title", Bilingual("标的", "what is dealt in"), required=True, max_length=200),
    _amount(),
)
SOURCE_FIELDS: tuple[Field, ...] = (
    Field(
        "need_side", Bilingual("需求方", "the need's side"), required=True,
        help=Bilingual("机构登记的名称或编号。", "The organisation's registered name, or its id."),
    ),
    Field(
        "offer_side", Bilingual("供给方", "the offering side"), required=True,
        help=Bilingual("机构登记的名称或编号。", "The organisation's registered name, or its id."),
    ),
    Field("source", Bilingual("来源", "source"), FieldType.CHOICE, required=True, choices=SOURCES),
    Field(
        "source_id", Bilingual("来源编号", "id of the source"), required=True, max_length=36,
        help=Bilingual("需求、要素等页面地址中的编号。", "The id in the address of its page."),
    ),
)  # fmt: skip
CONTRACT_FIELDS: tuple[Field, ...] = (
    Field("number", Bilingual("合同编号", "contract number"), required=True, max_length=100),
    _amount(),
    _day("signed_on", Bilingual("签订日期", "signed on")),
)
MILESTONE_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("交付内容", "what is delivered"), required=True, max_length=200),
    _day("due", Bilingual("期限", "due")),
)
EVIDENCE_FIELDS: tuple[Field, ...] = (
    Field(
        "evidence", Bilingual("验收依据", "evidence"), FieldType.TEXT, required=True, max_length=2_000,
        help=Bilingual("检测报告编号、验收记录、存放处等。", "Numbers of reports, minutes, and where they are kept."),
    ),
)  # fmt: skip
PAYMENT_FIELDS: tuple[Field, ...] = (_amount(), _day("due", Bilingual("应付日期", "due")))
PAID_FIELDS: tuple[Field, ...] = (
    _day("paid_on", Bilingual("付款日期", "paid on")),
    Field("reference", Bilingual("凭证号", "reference"), required=True, max_length=200),
)
REFUND_FIELDS: tuple[Field, ...] = (
    _day("refunded_on", Bilingual("退款日期", "refunded on")),
    Field("reason", Bilingual("原因", "reason"), FieldType.TEXT, required=True, max_length=1_000),
)
REASON_FIELDS: tuple[Field, ...] = (
    Field("reason", Bilingual("原因", "reason"), FieldType.TEXT, required=True, max_length=1_000),
)
FIELD_NAMES: dict[str, Bilingual] = {
    "deal_kind": Bilingual("成交方式", "kind"),
    "title": Bilingual("名称", "title"),
    "amount": Bilingual("金额", "amount"),
    "number": Bilingual("合同编号", "contract number"),
    "signed_on": Bilingual("签订日期", "signed on"),
    "due": Bilingual("期限", "due"),
    "evidence": Bilingual("验收依据", "evidence"),
    "paid_on": Bilingual("付款日期", "paid on"),
    "reference": Bilingual("凭证号", "reference"),
    "refunded_on": Bilingual("退款日期", "refunded on"),
    "reason": Bilingual("原因", "reason"),
}
AMENDMENT_FIELDS: tuple[Field, ...] = (
    Field(
        "corrects", Bilingual("更正第几条", "entry corrected"), FieldType.INTEGER, required=True, minimum=1,
        maximum=1_000_000,
    ),
    Field("field", Bilingual("更正哪一项", "what is corrected"), FieldType.CHOICE, required=True, choices=FIELD_NAMES),
    Field("value", Bilingual("改为", "new value"), FieldType.TEXT, required=True, max_length=2_000),
    Field(
        "reason", Bilingual("原因", "reason"), FieldType.TEXT, required=True, max_length=1_000,
        help=Bilingual("更正笔误，或写明补充协议的编号。", "A slip of the pen, or the number of the new agreement."),
    ),
)  # fmt: skip
