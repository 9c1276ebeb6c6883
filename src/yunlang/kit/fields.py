"""Fields described once: forms, import templates, exports, the API and detail pages all read them here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from yunlang.kit.language import Bilingual
from yunlang.kit.money import MoneyError, parse_money
from yunlang.kit.text import compare_form, line_form, store_form


class FieldType(StrEnum):
    """What a field's value is once parsed; the Python type stands beside it."""

    LINE = "line"  # str on one line
    TEXT = "text"  # str, several lines
    INTEGER = "integer"  # int
    DECIMAL = "decimal"  # Decimal
    MONEY = "money"  # Decimal, CNY, two places
    DATE = "date"  # datetime.date
    BOOLEAN = "boolean"  # bool
    CHOICE = "choice"  # str, a key of `choices`
    CHOICES = "choices"  # tuple[str, ...], keys of `choices`
    WORDS = "words"  # tuple[str, ...]: free words separated by ; ； 、 or |
    URL = "url"  # str, http or https


class FieldError(ValueError):
    """A raw value that a field cannot take, with the reason in both languages."""

    def __init__(self, reason: Bilingual) -> None:
        self.reason = reason
        super().__init__(reason.zh)


_SEPARATORS = re.compile(r"[;；、|\n]+")
_TRUE = {"是", "true", "yes", "y", "1", "有"}
_FALSE = {"否", "false", "no", "n", "0", "无", "没有"}
_UNIT = re.compile(r"[（(\[【][^（()）\[\]【】]*[）)\]】]$")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?")
_FULL_WIDTH = str.maketrans("，．＋－％", ",.+-%")
_LARGEST_NUMBER = Decimal(10) ** 18
_COMPACT_DATE = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_DATE_PATTERN = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
)


def _plain(number: Decimal | int) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


@dataclass(frozen=True, slots=True)
class Field:
    """One named value of a record, with what may stand in it.

    Attributes
    ----------
    name
        Machine name; also the English column name of imports and the API's key.
    label
        Column header and form label.
    type
        See `FieldType`.
    choices
        For the two choice types: key to label. A raw value may be the key or either label.
    minimum, maximum
        Bounds of numbers, both included.
    max_length
        Characters, for text types.
    unit
        Unit of a number, for labels and help.
    help
        One sentence on what to write.
    example
        What a template shows in its example row.
    aliases
        Other column names that mean this field.
    """

    name: str
    label: Bilingual
    type: FieldType = FieldType.LINE
    required: bool = False
    choices: Mapping[str, Bilingual] = field(default_factory=dict)
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    max_length: int = 200
    unit: Bilingual | None = None
    help: Bilingual | None = None
    example: str = ""
    aliases: tuple[str, ...] = ()
    _names: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())
    _choice_keys: Mapping[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        names = (self.name, self.label.zh, self.label.en, *self.aliases)
        object.__setattr__(self, "_names", frozenset(compare_form(name) for name in names))
        keys: dict[str, str] = {}
        for key, label in self.choices.items():
            for name in (key, label.zh, label.en):
                keys.setdefault(compare_form(name), key)
        object.__setattr__(self, "_choice_keys", keys)

    def matches(self, column: str) -> bool:
        """Tell whether a column header, in either language and any width or case, names this field.

        A star for required fields and a unit or remark in brackets at the end are looked past.
        """
        return compare_form(_strip_unit(column)) in self._names or compare_form(column) in self._names

    def parse(self, raw: object) -> Any:
        """Return the typed value of `raw`, or None where it is blank.

        Raises
        ------
        FieldError
            With the reason, in both languages.
        """
        blank = (
            raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, (list, tuple)) and not raw)
        )
        value = None if blank else _PARSERS[self.type](self, raw)
        if value is None or value == "" or value == ():  # text of invisible characters or separators is blank too
            if self.required:
                raise FieldError(Bilingual("必填，不能为空", "required, must not be empty"))
            return None
        return value

    def display(self, value: Any, language: str) -> str:
        """Return a parsed value as people read it, choices by their label."""
        if value is None or value == "" or value == ():
            return ""
        if self.type is FieldType.CHOICE:
            label = self.choices.get(value)
            return label.text(language) if label else str(value)
        if self.type in (FieldType.CHOICES, FieldType.WORDS):
            words = [self.choices[key].text(language) if key in self.choices else str(key) for key in value]
            return ("、" if language.startswith("zh") else ", ").join(words)
        if self.type is FieldType.BOOLEAN:
            return (Bilingual("是", "yes") if value else Bilingual("否", "no")).text(language)
        return str(value)

    def export(self, value: Any) -> str | int | float | Decimal | date | bool | None:
        """Return a parsed value in the form that `parse` takes back."""
        if value is None or value == ():
            return None
        if self.type is FieldType.CHOICE:
            return self.choices[value].zh if value in self.choices else str(value)
        if self.type in (FieldType.CHOICES, FieldType.WORDS):
            return "；".join(self.choices[key].zh if key in self.choices else str(key) for key in value)
        if self.type is FieldType.BOOLEAN:
            return "是" if value else "否"
        return value  # type: ignore[no-any-return]  # already one of the plain cell types


def _strip_unit(column: str) -> str:
    return _UNIT.sub("", column.strip().rstrip("*＊ ")).rstrip("*＊ ")


def _parse_line(spec: Field, raw: object) -> str:
    return _bounded(spec, line_form(_as_text(raw)))


def _parse_text(spec: Field, raw: object) -> str:
    return _bounded(spec, store_form(_as_text(raw)))


def _as_text(raw: object) -> str:
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _bounded(spec: Field, text: str) -> str:
    if len(text) > spec.max_length:
        reason = Bilingual("共 {count} 字，超过上限 {limit} 字", "{count} characters, more than the {limit} allowed")
        raise FieldError(reason.format(count=len(text), limit=spec.max_length))
    return text


def _parse_integer(spec: Field, raw: object) -> int:
    number = _number(spec, raw)
    if number != number.to_integral_value():
        raise FieldError(Bilingual("应为整数", "must be a whole number"))
    return int(_within(spec, number))


def _parse_decimal(spec: Field, raw: object) -> Decimal:
    return _within(spec, _number(spec, raw))


def _number(spec: Field, raw: object) -> Decimal:
    text = str(raw).strip().translate(_FULL_WIDTH)
    if spec.unit is not None and spec.unit.zh == "%":
        text = text.removesuffix("%").rstrip()
    if isinstance(raw, bool) or not _NUMBER.fullmatch(text):
        raise FieldError(Bilingual("“{raw}”不是数字", "“{raw}” is not a number").format(raw=_excerpt(raw)))
    number = Decimal(text.replace(",", ""))
    if abs(number) >= _LARGEST_NUMBER:
        raise FieldError(Bilingual("数字过大", "the number is too large"))
    return number


def _within(spec: Field, number: Decimal) -> Decimal:
    if spec.minimum is not None and number < spec.minimum:
        raise FieldError(Bilingual("不能小于 {limit}", "must be at least {limit}").format(limit=_plain(spec.minimum)))
    if spec.maximum is not None and number > spec.maximum:
        raise FieldError(Bilingual("不能大于 {limit}", "must be at most {limit}").format(limit=_plain(spec.maximum)))
    return number


def _parse_money(spec: Field, raw: object) -> Decimal:
    try:
        return _within(spec, parse_money(raw))
    except MoneyError as error:
        raise FieldError(error.reason) from error


def _parse_date(spec: Field, raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip()
    found = _DATE_PATTERN.match(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    reason = Bilingual("“{raw}”不是日期，应写作 2026-11-22", "“{raw}” is not a date; write 2026-11-22")
    raise FieldError(reason.format(raw=_excerpt(raw)))


def _parse_boolean(spec: Field, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    key = _as_text(raw).strip().casefold()
    if key in _TRUE:
        return True
    if key in _FALSE:
        return False
    raise FieldError(Bilingual("应填“是”或“否”", "must be “yes” or “no”"))


def _parse_choice(spec: Field, raw: object) -> str:
    key = spec._choice_keys.get(compare_form(str(raw)))
    if key is not None:
        return key
    reason = Bilingual("“{raw}”不在可选值中：{allowed}", "“{raw}” is not one of: {allowed}")
    allowed = Bilingual(
        "、".join(label.zh for label in spec.choices.values()), ", ".join(label.en for label in spec.choices.values())
    )
    raise FieldError(reason.format(raw=_excerpt(raw), allowed=allowed))


def _words(raw: object) -> list[str]:
    parts: Iterable[object] = raw if isinstance(raw, (list, tuple)) else (raw,)
    words = (line_form(word) for part in parts for word in _SEPARATORS.split(_as_text(part)))
    return list(dict.fromkeys(word for word in words if word))


def _parse_choices(spec: Field, raw: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_parse_choice(spec, word) for word in _words(raw)))


def _parse_words(spec: Field, raw: object) -> tuple[str, ...]:
    return tuple(_bounded(spec, word) for word in _words(raw))


def _parse_url(spec: Field, raw: object) -> str:
    text = _bounded(spec, line_form(str(raw)))
    if not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise FieldError(
            Bilingual("应为 http:// 或 https:// 开头的网址", "must be a web address starting http:// or https://")
        )
    return text


def _excerpt(raw: object) -> str:
    text = line_form(str(raw))
    return text if len(text) <= 40 else text[:40] + "…"


_PARSERS = {
    FieldType.LINE: _parse_line,
    FieldType.TEXT: _parse_text,
    FieldType.INTEGER: _parse_integer,
    FieldType.DECIMAL: _parse_decimal,
    FieldType.MONEY: _parse_money,
    FieldType.DATE: _parse_date,
    FieldType.BOOLEAN: _parse_boolean,
    FieldType.CHOICE: _parse_choice,
    FieldType.CHOICES: _parse_choices,
    FieldType.WORDS: _parse_words,
    FieldType.URL: _parse_url,
}


def parse_record(fields: Sequence[Field], raw: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, Bilingual]]:
    """Parse a whole record keyed by field name; return the good values and the reasons against the bad ones."""
    values: dict[str, Any] = {}
    reasons: dict[str, Bilingual] = {}
    for spec in fields:
        try:
            values[spec.name] = spec.parse(raw.get(spec.name))
        except FieldError as error:
            reasons[spec.name] = error.reason
    return values, reasons
