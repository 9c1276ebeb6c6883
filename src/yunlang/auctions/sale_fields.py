"""What people write down about a sale, an application and a deposit, described once for forms and services."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from yunlang.kit.fields import Field, FieldError, FieldType
from yunlang.kit.language import Bilingual

_MOMENT = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*[ T]\s*(\d{1,2})\s*[:：]\s*(\d{2})")
_NOT_A_MOMENT = Bilingual("“{raw}”不是时间，应写作 2026-11-22 09:30", "“{raw}” is not a time; write 2026-11-22 09:30")
_MOMENT_HELP = Bilingual("北京时间，如 2026-12-01 09:30。", "China time, such as 2026-12-01 09:30.")
ORGANISATION_HELP = Bilingual("机构登记的名称或编号。", "The organisation's registered name, or its id.")


def moment_field(name: str, label: Bilingual, *, required: bool = False, help: Bilingual | None = None) -> Field:
    """Return the field of a time; `moment_parsed` reads what it holds."""
    return Field(name, label, required=required, max_length=40, help=help or _MOMENT_HELP)


def moment_parsed(text: str, zone: tzinfo) -> datetime:
    """Return the time that a text says, in `zone`.

    Raises
    ------
    FieldError
        When it says none.
    """
    found = _MOMENT.fullmatch(text.strip())
    try:
        if found:
            year, month, day, hour, minute = map(int, found.groups())
            return datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError:
        pass
    raise FieldError(_NOT_A_MOMENT.format(raw=text[:40]))


_COMMISSION_HELP = Bilingual(
    "分档累进，如“5%; 1000万 3%; 最低 1万; 封顶 50万”；留空为不收。",
    "By tiers, such as “5%; 10000000 3%; min 10000; max 500000”; empty for none.",
)
SALE_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("拍卖会名称", "title"), required=True, max_length=200),
    Field("title_en", Bilingual("英文名称", "title in English"), max_length=300),
    Field(
        "edition", Bilingual("届次", "edition"), required=True, max_length=40,
        help=Bilingual("累计统计按届次归并，如“2026”或“第八届”。", "Tallies add up by it, such as “2026”."),
    ),
    Field("host", Bilingual("主办机构", "host"), help=ORGANISATION_HELP),
    Field("city", Bilingual("举办城市", "city"), required=True, max_length=6),
    Field("place", Bilingual("地点", "place"), max_length=200),
    moment_field("applications_close_at", Bilingual("报名截止", "applications close"), required=True),
    moment_field(
        "opens_at", Bilingual("开拍时间", "bidding opens"), required=True,
        help=Bilingual(
            "北京时间，如 2026-12-01 09:30；各拍品不早于此时开始。",
            "China time, such as 2026-12-01 09:30; no lot opens before.",
        ),
    ),
    Field(
        "notice_days", Bilingual("公告期", "notice period"), FieldType.INTEGER, required=True, minimum=0, maximum=365,
        unit=Bilingual("天", "days"),
        help=Bilingual(
            "从公告到开拍至少这么多天；《拍卖法》要求不少于 7 天。",
            "From the announcement to the opening, at least; the Auction Law asks for seven.",
        ),
    ),
    Field(
        "objection_days", Bilingual("异议期", "objection period"), FieldType.INTEGER, required=True, minimum=0,
        maximum=90, unit=Bilingual("天", "days"),
    ),
    Field("buyer_commission", Bilingual("买方佣金", "buyer's commission"), max_length=300, help=_COMMISSION_HELP),
    Field("seller_commission", Bilingual("卖方佣金", "seller's commission"), max_length=300, help=_COMMISSION_HELP),
    Field("notes", Bilingual("说明", "notes"), FieldType.TEXT, max_length=10_000),
)  # fmt: skip
LOT_FIELDS: tuple[Field, ...] = (
    Field("number", Bilingual("编号", "lot number"), FieldType.INTEGER, required=True, minimum=1, maximum=9_999),
    Field("title", Bilingual("标的名称", "title"), required=True, max_length=200),
    Field("title_en", Bilingual("英文名称", "title in English"), max_length=300),
    Field("seller", Bilingual("委托方", "seller"), required=True, help=ORGANISATION_HELP),
    Field(
        "resource", Bilingual("对应要素", "resource"), max_length=36,
        help=Bilingual("要素页面地址中的编号，可不填。", "The id in the address of its page; may stay empty."),
    ),
    Field("summary", Bilingual("标的说明", "what it is"), FieldType.TEXT, max_length=10_000),
    Field(
        "deposit", Bilingual("保证金", "deposit"), FieldType.MONEY, required=True, minimum=0,
        help=Bilingual("元；也可写“50 万元”，不收写 0。", "In CNY; 0 where none is asked."),
    ),
)  # fmt: skip
APPLICATION_FIELDS: tuple[Field, ...] = (
    Field(
        "statement", Bilingual("受让说明", "statement"), FieldType.TEXT, max_length=2_000,
        help=Bilingual(
            "写明受让用途和支付能力；不要写出价。",
            "What it is wanted for and how it will be paid; no amount you would bid.",
        ),
    ),
)  # fmt: skip
REASON_FIELDS: tuple[Field, ...] = (
    Field("reason", Bilingual("原因", "reason"), FieldType.LINE, required=True, max_length=500),
)
AUCTIONEER_FIELDS: tuple[Field, ...] = (
    Field("email", Bilingual("拍卖师邮箱", "auctioneer's e-mail"), required=True, max_length=254),
)
RECEIPT_FIELDS: tuple[Field, ...] = (
    Field(
        "amount", Bilingual("到账金额", "amount received"), FieldType.MONEY, required=True,
        help=Bilingual("照银行回单填写。", "As the bank's slip says."),
    ),
    Field("received_on", Bilingual("到账日期", "received on"), FieldType.DATE, required=True),
    Field("slip", Bilingual("银行回单号", "bank slip number"), required=True, max_length=100),
)  # fmt: skip
REFUND_FIELDS: tuple[Field, ...] = (
    Field("slip", Bilingual("退款回单号", "refund's slip number"), required=True, max_length=100),
)
# The columns of a bank's statement, by the names that banks give them.
STATEMENT_FIELDS: tuple[Field, ...] = (
    Field(
        "amount", Bilingual("到账金额", "amount received"), FieldType.MONEY, required=True,
        aliases=("金额", "贷方发生额", "贷方金额", "收入金额", "收入", "credit", "amount"),
    ),
    Field(
        "received_on", Bilingual("到账日期", "received on"), FieldType.DATE, required=True,
        aliases=("日期", "交易日期", "记账日期", "date"),
    ),
    Field(
        "slip", Bilingual("银行回单号", "bank slip number"), required=True, max_length=100,
        aliases=("回单号", "回单编号", "流水号", "交易流水号", "凭证号", "slip", "transaction id"),
    ),
    Field(
        "remark", Bilingual("转账附言", "reference"), required=True, max_length=500,
        aliases=("附言", "客户附言", "备注", "用途", "remark"),
    ),
)  # fmt: skip
