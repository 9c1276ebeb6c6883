"""Money: Decimal CNY with two places, read and written the way people do (万元, 亿元)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from yunlang.kit.language import Bilingual

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")  # numeric(18,2)
_SCALES = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "百万": Decimal(1_000_000),
           "千万": Decimal(10_000_000), "亿": Decimal(100_000_000)}  # fmt: skip
_MONEY = re.compile(
    r"^(?:人民币|¥|￥|CNY|RMB)?\s*([+-]?\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?(?:[eE][+]?\d{1,2})?)\s*"
    r"(百万|千万|亿|万|千|百)?\s*(?:元|圆|CNY|RMB|人民币)*\s*整?$"
)


class MoneyError(ValueError):
    """A text that is not an amount of money."""

    def __init__(self, reason: Bilingual) -> None:
        self.reason = reason
        super().__init__(reason.zh)


def parse_money(raw: object) -> Decimal:
    """Return `raw` in CNY: a number is CNY; text may carry a scale and a currency, as «1,200 万元» or «3.5亿».

    Raises
    ------
    MoneyError
        When it is no amount, is negative, or does not fit numeric(18,2).
    """
    text = str(raw).strip()
    found = None if isinstance(raw, bool) or len(text) > 60 else _MONEY.match(text)
    if found is None:
        reason = Bilingual(
            "“{raw}”不是金额，可写 1200000 或 120 万元", "“{raw}” is not an amount; write 1200000 or 120 万元"
        )
        raise MoneyError(reason.format(raw=text[:40]))
    try:
        amount = Decimal(found[1].replace(",", "").replace("，", "")) * _SCALES[found[2] or ""]
        amount = amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
    except InvalidOperation:
        amount = LARGEST + 1
    if amount.is_zero():
        return amount.copy_abs()  # -0.00 would be written with its sign
    if amount < 0 or amount > LARGEST:
        raise MoneyError(Bilingual("金额应在 0 与 1 亿亿元之间", "the amount must lie between 0 and 10^16 CNY"))
    return amount


def money_label(amount: Decimal | None, language: str) -> str:
    """Return an amount as people write it: 1,280 万元, 3.5 亿元; in English CNY 12.8 million."""
    if amount is None:
        return ""
    chinese = not language.lower().startswith("en")
    scales = (("亿元", Decimal(10**8)), ("万元", Decimal(10**4)), ("元", Decimal(1))) if chinese else (
        (" billion", Decimal(10**9)), (" million", Decimal(10**6)), ("", Decimal(1)))  # fmt: skip
    place = next(index for index, (_, scale) in enumerate(scales) if amount >= scale or scale == 1)
    if place and (amount / scales[place][1]).quantize(CENT) * scales[place][1] >= scales[place - 1][1]:
        place -= 1  # 99,999,999 rounds to 1 亿元, not to 10,000 万元
    name, scale = scales[place]
    number = f"{(amount / scale).quantize(CENT):,f}".rstrip("0").rstrip(".")
    return f"{number} {name}" if chinese else f"CNY {number}{name}"
