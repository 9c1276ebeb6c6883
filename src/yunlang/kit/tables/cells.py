"""Single cells: numbers, dates and texts as Excel keeps them, turned into what the user sees."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.model import Cell

FORMULA = Bilingual("单元格是公式，请复制后“选择性粘贴—数值”再导入", "the cell is a formula; paste it as a value first")
MERGED = Bilingual("合并单元格，请取消合并并逐行填写", "merged cells; unmerge them and fill in every row")
NO_HEADER = Bilingual("该列没有表头", "the column has no header")
GARBLED = Bilingual(
    "含有无法识别的字符“�”，请核对原文", "holds the character “�”, a trace of lost text; check the original"
)
_ERROR = Bilingual("单元格是错误值 {value}，请改正", "the cell is the error {value}; correct it")
_IMPRECISE = Bilingual(
    "数字超过 15 位，Excel 已丢失末尾数字，请将单元格设为文本后重新填写",
    "a number of more than 15 digits, of which Excel has lost the last; format the cell as text and type it again",
)
_NOT_A_DATE = Bilingual("不是有效日期", "not a valid date")
_NOT_A_NUMBER = Bilingual("不是有效数字", "not a valid number")

_LARGEST = 10**15  # Excel keeps fifteen digits
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
_LAST_SERIAL = 2_958_466  # 9999-12-31, and the day after it excluded
_FIRST_TRUE_SERIAL = 61  # Excel believes in 1900-02-29, which is serial 60
# 27 to 36 and 50 to 58 depend on the language; these are the Chinese ones.
_BUILTIN_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_BUILTIN_TIMES = frozenset({*range(18, 22), *range(32, 36), *range(45, 48), 55, 56})
_BUILTIN_PERCENTS = frozenset({9, 10})


class Look(Enum):
    """How a number format shows a number, as far as the value depends on it."""

    PLAIN = "plain"
    DATE = "date"
    TIME = "time"
    PERCENT = "percent"


Style = Look | int  # an int: the number of digits to which leading zeros fill up
_PLAIN, _PERCENT, _DATE, _TIME = Look.PLAIN, Look.PERCENT, Look.DATE, Look.TIME


def style_of(number: int, code: str | None) -> Style:
    """Return the look of a number format by its number and, where the file defines it, its code (ECMA-376, 18.8.30)."""
    if code is None:
        if number in _BUILTIN_DATES:
            return _DATE
        if number in _BUILTIN_TIMES:
            return _TIME
        return _PERCENT if number in _BUILTIN_PERCENTS else _PLAIN
    shown = _LITERALS.sub("", code).partition(";")[0].lower()
    if re.fullmatch(r"0{2,18}", shown):
        return len(shown)
    if "general" in shown:
        return _PLAIN
    if re.search(r"[yd]", shown):
        return _DATE
    if re.search(r"[hs]", shown) or re.search(r"\[(h+|m+|s+)\]", code.lower()):
        return _TIME
    if "m" in shown:
        return _DATE
    return _PERCENT if "%" in shown else _PLAIN


def number_cell(text: str, style: Style, epoch_1904: bool = False) -> tuple[Cell, Bilingual | None]:
    """Return the value of a number as the user sees it, or the reason why it is none.

    Whole numbers come as int, others as Decimal of fifteen significant digits, dates as date or datetime; a number
    shown as a percentage or with leading zeros comes as that text, because that is what the user has checked.
    """
    if style is _PLAIN and len(text) <= 15 and text.isdecimal() and text.isascii():
        return int(text), None
    try:
        number = Decimal(f"{float(text):.15g}")
    except (ValueError, InvalidOperation):
        return None, _NOT_A_NUMBER
    if not number.is_finite():
        return None, _NOT_A_NUMBER
    if style is _PLAIN:
        return _whole(number)
    if style is _PERCENT:
        return f"{(number * 100).normalize():f}%", None
    if style is _DATE or style is _TIME:
        return _serial(number, style, epoch_1904)
    if isinstance(style, int) and number == number.to_integral_value() and 0 <= number < _LARGEST:
        return str(int(number)).zfill(style), None
    return _whole(number)


def _whole(number: Decimal) -> tuple[Cell, Bilingual | None]:
    if number != number.to_integral_value():
        return number, None
    if abs(number) >= _LARGEST:
        return None, _IMPRECISE
    return int(number), None


def _serial(number: Decimal, style: Style, epoch_1904: bool) -> tuple[Cell, Bilingual | None]:
    days = int(number)
    seconds = round((number - days) * 86_400)
    if number < 0 or number >= _LAST_SERIAL:
        return None, _NOT_A_DATE
    if style is _TIME:
        hours, rest = divmod(days * 86_400 + seconds, 3_600)
        return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}", None
    epoch = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30 if days >= _FIRST_TRUE_SERIAL else 31)
    if not epoch_1904 and days in (0, _FIRST_TRUE_SERIAL - 1):
        return None, _NOT_A_DATE
    try:
        day = epoch + timedelta(days=days)
        return (datetime.combine(day, time()) + timedelta(seconds=seconds) if seconds else day), None
    except OverflowError:
        return None, _NOT_A_DATE


def iso_date_cell(text: str) -> tuple[Cell, Bilingual | None]:
    """Return the date or datetime of a cell that keeps it as ISO 8601 text."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None, _NOT_A_DATE
    return (moment if moment.time() != time() else moment.date()), None


def error_reason(value: str) -> Bilingual:
    """Return the reason against an error value such as #N/A."""
    return _ERROR.format(value=value)


def unescape(text: str) -> str:
    r"""Return a workbook's text with its ``_x000D_`` escapes resolved (ECMA-376, ST_Xstring).

    >>> unescape("a_x000D_b_x005F_x0041_")
    'a\rb_x0041_'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
