"""What people write down after a hammer, described once for forms, services and the API."""

from __future__ import annotations

from yunlang.auctions.core.commands import LONGEST_REASON
from yunlang.deals.core.ledger.vocabulary import KINDS
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual

OBJECTION_FIELDS: tuple[Field, ...] = (
    Field(
        "grounds", Bilingual("异议的事实和理由", "facts and grounds"), FieldType.TEXT, required=True, max_length=5_000,
        help=Bilingual("写明事实、理由和请求，可附证据的编号和存放处。", "What happened, why, and what you ask for."),
    ),
)  # fmt: skip
# One line: where an objection is upheld, the lot's journal holds it.
_REASON = Field("reason", Bilingual("理由", "reason"), required=True, max_length=LONGEST_REASON)
DECISION_FIELDS: tuple[Field, ...] = (
    Field(
        "verdict", Bilingual("处理结果", "decision"), FieldType.CHOICE, required=True,
        choices={
            "rejected": Bilingual("异议不成立，维持成交", "rejected: the sale stands"),
            "upheld": Bilingual("异议成立，撤销成交", "upheld: the sale is annulled"),
        },
    ),
    _REASON,
)  # fmt: skip
CONFIRM_FIELDS: tuple[Field, ...] = (
    Field(
        "kind", Bilingual("成交方式", "kind"), FieldType.CHOICE, required=True,
        choices={name: KINDS[name] for name in ("licence", "transfer", "equity", "purchase")},
    ),
)  # fmt: skip
DEFAULT_FIELDS: tuple[Field, ...] = (_REASON,)
HAND_OVER_FIELDS: tuple[Field, ...] = (
    Field(
        "title", Bilingual("文件名称", "title"), required=True, max_length=200,
        help=Bilingual("如“技术资料移交清单”“专利权转让登记回执”。", "Such as a list of papers handed over."),
    ),
)  # fmt: skip
