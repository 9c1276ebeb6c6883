"""What people write down about proposals, stages, awards and deliveries, described once for forms and services."""

from __future__ import annotations

from decimal import Decimal

from yunlang.challenges.core.milestones import MOST_STAGES
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual

_T = FieldType
_CENT = Decimal("0.01")
PROPOSAL_FIELDS: tuple[Field, ...] = (
    Field(
        "title", Bilingual("方案名称", "title of the proposal"), required=True, max_length=200,
        help=Bilingual(
            "评审时不显示单位名称；正文和附件中也请不要写。",
            "Reviewers do not see whose it is; do not name yourselves in text or files.",
        ),
    ),
    Field(
        "approach", Bilingual("技术路线", "approach"), _T.TEXT, required=True, max_length=10_000,
        help=Bilingual("怎样达到验收指标，关键难点如何解决。", "How the criteria are met, and the hard parts solved."),
    ),
    Field("basis", Bilingual("工作基础与条件", "what it builds on"), _T.TEXT, required=True, max_length=5_000),
    Field("schedule", Bilingual("进度安排", "schedule"), _T.TEXT, required=True, max_length=5_000),
    Field(
        "asked", Bilingual("申请金额", "amount asked for"), _T.MONEY, required=True, minimum=_CENT,
        help=Bilingual("元；也可写“120 万元”。不超过榜题出资。", "In CNY, at most the challenge's budget."),
    ),
)  # fmt: skip
STAGE_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("阶段", "stage"), required=True, max_length=200),
    Field("criteria", Bilingual("验收标准", "acceptance criteria"), _T.TEXT, required=True, max_length=5_000),
    Field("due", Bilingual("期限", "due"), _T.DATE, required=True),
    Field(
        "share", Bilingual("付款比例", "share paid"), _T.DECIMAL, required=True, minimum=0, maximum=100,
        unit=Bilingual("%", "%"),
    ),
    Field(
        "keeps", Bilingual("阶段后保留", "winners kept after it"), _T.INTEGER, minimum=1, maximum=20,
        unit=Bilingual("家", "winners"),
        help=Bilingual("赛马时填写；不填则不淘汰。", "For a race; nobody is eliminated where left blank."),
    ),
)  # fmt: skip
STAGES_OFFERED = min(4, MOST_STAGES)
THRESHOLD = Field(
    "threshold", Bilingual("入围分数线", "least score"), _T.DECIMAL, required=True, minimum=0, maximum=100,
)  # fmt: skip
AWARD_AMOUNT = Field(
    "amount", Bilingual("揭榜金额", "award"), _T.MONEY, minimum=_CENT,
    help=Bilingual("元；不中榜留空。", "In CNY; leave blank where not awarded."),
)  # fmt: skip
REFUSAL_REASON = Field("reason", Bilingual("未中榜理由", "why not awarded"), _T.TEXT, max_length=1_000)
DELIVERY_FIELDS: tuple[Field, ...] = (
    Field(
        "note", Bilingual("交付说明", "what was achieved"), _T.TEXT, required=True, max_length=5_000,
        help=Bilingual("逐条对照验收标准，注明附件中的证据。", "Against each criterion, with evidence in the files."),
    ),
)  # fmt: skip
ACCEPT_FIELDS: tuple[Field, ...] = (
    Field("finding", Bilingual("验收意见", "finding"), _T.TEXT, required=True, max_length=1_000),
    Field("pay_by", Bilingual("应付日期", "pay by"), _T.DATE, required=True),
)
REJECT_FIELDS: tuple[Field, ...] = (
    Field(
        "finding", Bilingual("未通过的理由", "why not accepted"), _T.TEXT, required=True, max_length=1_000,
        help=Bilingual("揭榜方会看到；补充后可再次交付。", "The winner reads it, and may deliver again."),
    ),
)  # fmt: skip
SIGNING_FIELDS: tuple[Field, ...] = (
    Field("number", Bilingual("合同编号", "contract number"), required=True, max_length=100),
    Field("signed_on", Bilingual("签订日期", "signed on"), _T.DATE, required=True),
)
PAYING_FIELDS: tuple[Field, ...] = (
    Field("paid_on", Bilingual("付款日期", "paid on"), _T.DATE, required=True),
    Field("reference", Bilingual("凭证号", "reference"), required=True, max_length=200),
)
OUTCOME_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("成果名称", "title of the result"), required=True, max_length=300),
    Field("summary", Bilingual("成果说明", "what was achieved"), _T.TEXT, required=True, max_length=20_000),
    Field("trl", Bilingual("技术成熟度", "technology readiness level"), _T.INTEGER, minimum=1, maximum=9),
)
