"""The rubric of a review: criteria with weights that make up exactly one hundred."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from yunlang.kit.errors import InvalidError
from yunlang.kit.language import Bilingual

WHOLE = Decimal("100.00")
HUNDREDTH = Decimal("0.01")
MOST_CRITERIA = 20
_LONGEST_NAME = 100
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is judged from 0 to 100 points.

    Attributes
    ----------
    code
        Machine name, by which scores are kept.
    name
        What reviewers read.
    weight
        Share of the total in per cent, two decimals.
    """

    code: str
    name: Bilingual
    weight: Decimal

    def stored(self) -> dict[str, str]:
        """Return the criterion as a document keeps it."""
        return {"code": self.code, "zh": self.name.zh, "en": self.name.en, "weight": str(self.weight)}


Rubric = tuple[Criterion, ...]


def rubric_of(rows: Iterable[Mapping[str, Any]]) -> Rubric:
    """Return a rubric of raw rows with ``code``, ``zh``, ``en`` and ``weight``.

    Raises
    ------
    InvalidError
        Naming every reason, under ``rubric``: no criteria or too many, a code or name that is missing, malformed or
        there twice, a weight that is no positive decimal with two places, or weights that do not add up to 100.00.
    """
    criteria, reasons = [], []
    for number, row in enumerate(rows, 1):
        found = _criterion(row)
        if isinstance(found, Bilingual):
            place = Bilingual(f"第 {number} 项：{found.zh}", f"criterion {number}: {found.en}")
            reasons.append(place)
        else:
            criteria.append(found)
    reasons = reasons or _reasons_against(criteria)
    if reasons:
        raise InvalidError({"rubric": reasons})
    return tuple(criteria)


def rubric_stored(rubric: Sequence[Criterion]) -> list[dict[str, str]]:
    """Return a rubric as a document keeps it; `rubric_of` takes it back."""
    return [one.stored() for one in rubric]


def _criterion(row: Mapping[str, Any]) -> Criterion | Bilingual:
    code, zh, en = (str(row.get(name, "")).strip() for name in ("code", "zh", "en"))
    if not _CODE.fullmatch(code):
        return Bilingual("代码须为小写字母、数字和下划线", "the code takes small letters, digits and underscores")
    if not zh or not en or max(len(zh), len(en)) > _LONGEST_NAME:
        return Bilingual("请写中文和英文名称，各不超过 100 字", "name it in both languages, 100 characters at most")
    weight = _weight(row.get("weight", ""))
    if weight is None:
        return Bilingual("权重须为正数，最多两位小数", "the weight is a positive number with two decimals at most")
    return Criterion(code, Bilingual(zh, en), weight)


def _weight(raw: object) -> Decimal | None:
    try:
        value = Decimal(str(raw).strip())
        exact = value.quantize(HUNDREDTH)
    except InvalidOperation:
        return None
    return exact if value.is_finite() and value == exact and 0 < exact <= WHOLE else None


def _reasons_against(criteria: Sequence[Criterion]) -> list[Bilingual]:
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        return [Bilingual("评分标准须有 1 至 20 项", "a rubric has 1 to 20 criteria")]
    reasons = []
    if len({one.code for one in criteria}) < len(criteria):
        reasons.append(Bilingual("各项代码不得重复", "no two criteria have the same code"))
    total = sum((one.weight for one in criteria), Decimal(0))
    if total != WHOLE:
        reasons.append(
            Bilingual("权重合计为 {total}，应为 100.00", "the weights add up to {total}, not 100.00").format(
                total=total
            )
        )
    return reasons
