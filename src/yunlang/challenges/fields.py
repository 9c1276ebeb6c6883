"""What people write down about calls, nominations, the list and reviews: once for forms, services and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yunlang.challenges.call_models import LONGEST_HORIZON, MOST_REVIEWERS, MOST_WINNERS
from yunlang.challenges.core.rubric import HUNDREDTH, Criterion
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES

Raw = Mapping[str, object]
_MONTHS = Bilingual("个月", "months")

CALL_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("征集名称", "title"), required=True, max_length=200),
    Field("title_en", Bilingual("英文名称", "title in English"), max_length=300),
    Field(
        "summary", Bilingual("征集说明", "what is sought"), FieldType.TEXT, max_length=5_000,
        help=Bilingual("面向哪些企业、要解决什么问题。", "Whom it addresses, and which problems."),
    ),
    Field("areas", Bilingual("领域", "areas"), FieldType.CHOICES, required=True, choices=INDUSTRIES),
    Field("opens_on", Bilingual("征集开始", "opens"), FieldType.DATE, required=True),
    Field(
        "closes_on", Bilingual("征集截止", "closes"), FieldType.DATE, required=True,
        help=Bilingual("当日 24 时截止。", "At the end of the day."),
    ),
    Field("screening_until_on", Bilingual("评审截止", "reviews due"), FieldType.DATE, required=True),
    Field(
        "reviewers_per_item", Bilingual("每项评审人数", "reviews of each item"), FieldType.INTEGER, required=True,
        minimum=1, maximum=MOST_REVIEWERS,
        help=Bilingual("至少 3 人才能看出谁的评分偏离。", "It takes three to tell whose scores stand apart."),
    ),
)  # fmt: skip
NOMINATION_FIELDS: tuple[Field, ...] = (
    Field("area", Bilingual("领域", "area"), FieldType.CHOICE, required=True, choices=INDUSTRIES),
    Field(
        "budget", Bilingual("出资", "budget"), FieldType.MONEY, required=True, minimum=Decimal("0.01"),
        help=Bilingual("解决后愿意支付的金额，元；也可写“300 万元”。", "What solving it is worth to you, in CNY."),
    ),
    Field(
        "acceptance_criteria", Bilingual("验收指标", "acceptance criteria"), FieldType.TEXT, required=True,
        max_length=10_000,
        help=Bilingual(
            "逐条写可测量的指标和检验方法。", "Criteria that can be measured, one a line, and how they are tested."
        ),
    ),
    Field(
        "horizon_months", Bilingual("攻关期限", "time to solve it"), FieldType.INTEGER, required=True, minimum=1,
        maximum=LONGEST_HORIZON, unit=_MONTHS,
    ),
)  # fmt: skip
REASON_FIELDS: tuple[Field, ...] = (
    Field("reason", Bilingual("原因", "reason"), FieldType.TEXT, required=True, max_length=1_000),
)
DECISION_FIELDS: tuple[Field, ...] = (
    Field(
        "note", Bilingual("意见", "note"), FieldType.TEXT, max_length=1_000,
        help=Bilingual("申报单位会看到；未入选必须写明原因。", "The applicant reads it; a refusal takes a reason."),
    ),
)  # fmt: skip
LIST_FIELDS: tuple[Field, ...] = (
    Field(
        "proposals_close_on", Bilingual("揭榜截止", "proposals close"), FieldType.DATE, required=True,
        help=Bilingual("当日 24 时截止，此前提交的方案一律密封。", "At the end of the day; sealed till then."),
    ),
)  # fmt: skip
ITEM_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("榜题", "title"), required=True, max_length=300),
    Field("title_en", Bilingual("英文榜题", "title in English"), max_length=300),
    Field(
        "winners_at_most", Bilingual("最多揭榜方", "winners at most"), FieldType.INTEGER, required=True, minimum=1,
        maximum=MOST_WINNERS,
    ),
)  # fmt: skip
INVITATION_FIELDS: tuple[Field, ...] = (
    Field(
        "email", Bilingual("专家账户的邮箱", "e-mail address of the expert’s account"), required=True, max_length=254,
        help=Bilingual("专家须先注册账户。", "The expert registers an account first."),
    ),
)  # fmt: skip
COMMENT = Field("comment", Bilingual("总体意见", "overall comment"), FieldType.TEXT, max_length=5_000)


def points_name(code: str) -> str:
    """Return the name of the field of a criterion's points."""
    return f"points_{code}"


def note_name(code: str) -> str:
    """Return the name of the field of the remark on a criterion."""
    return f"note_{code}"


def score_fields(rubric: Sequence[Criterion], *, complete: bool) -> tuple[Field, ...]:
    """Return the form of a review: points and a remark per criterion, then a comment on the whole."""
    found: list[Field] = []
    for one in rubric:
        unit = Bilingual(f"0–100 分，权重 {one.weight}%", f"0–100 points, weight {one.weight}%")
        found.append(
            Field(points_name(one.code), one.name, FieldType.DECIMAL, complete, minimum=0, maximum=100, unit=unit)
        )
        label = Bilingual(f"{one.name.zh}：理由", f"{one.name.en}: why")
        found.append(Field(note_name(one.code), label, max_length=500))
    return (*found, COMMENT)


def parsed(fields: Sequence[Field], raw: Raw) -> dict[str, Any]:
    """Return the values of a form.

    Raises
    ------
    InvalidError
        With the reasons by field.
    """
    values, reasons = parse_record(fields, raw)
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    return values


def points_parsed(rubric: Sequence[Criterion], raw: Raw, *, complete: bool) -> dict[str, Any]:
    """Return the values of a review's form; points have two decimals at most.

    Raises
    ------
    InvalidError
        With the reasons by field.
    """
    values = parsed(score_fields(rubric, complete=complete), raw)
    reason = Bilingual("最多两位小数", "two decimals at most")
    names = [points_name(one.code) for one in rubric]
    fine = [name for name in names if values[name] is not None and values[name] != values[name].quantize(HUNDREDTH)]
    if fine:
        raise InvalidError({name: [reason] for name in fine})
    return values


def day_begins(day: date) -> datetime:
    """Return the first moment of a day in the corridor."""
    return timezone.make_aware(datetime.combine(day, time.min))


def day_ends(day: date) -> datetime:
    """Return the last second of a day in the corridor, so that it still reads as that day."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
