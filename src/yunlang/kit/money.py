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


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_HUNDRED_MILLION, _TEN_THOUSAND = 10**8, 10**4


def money_capitals(amount: Decimal) -> str:
    """Return an amount in the capital figures of Chinese contracts and bills: 人民币壹仟贰佰叁拾万元整.

    Where the rules leave a choice it is the form that they give first: 零 after a final zero of the whole yuan, no 整
    after 角.

    Raises
    ------
    MoneyError
        When it is negative, has more than two places, or does not fit numeric(18,2).

    References
    ----------
    People's Bank of China, 支付结算办法 (1997), annex 1: 正确填写票据和结算凭证的基本规定.
    """
    if not (amount.is_finite() and 0 <= amount <= LARGEST and amount == amount.quantize(CENT)):
        raise MoneyError(Bilingual("应为不超过 1 亿亿元、精确到分的金额", "it must be an amount of at most two places"))
    yuan, cents = divmod(int(amount.scaleb(2)), 100)
    tenths, hundredths = divmod(cents, 10)
    whole = f"{_whole_capitals(yuan)}元" if yuan or not cents else ""
    if not cents:
        return f"人民币{whole}整"
    gap = "零" if yuan and (yuan % 10 == 0 or not tenths) else ""
    tail = (f"{_DIGITS[tenths]}角" if tenths else "") + (f"{_DIGITS[hundredths]}分" if hundredths else "")
    return f"人民币{whole}{gap}{tail}"


def _whole_capitals(number: int) -> str:
    for unit, name in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return _whole_capitals(high) + name + gap + (_whole_capitals(low) if low else "")
    return _group_capitals(number)


def _group_capitals(number: int) -> str:
    text = ""
    for unit, name in _PLACES:
        digit, number = divmod(number, unit)
        if digit:
            text += _DIGITS[digit] + name
        elif text and number and not text.endswith("零"):
            text += "零"
    return text or "零"
