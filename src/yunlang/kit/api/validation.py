"""The validator's findings in the words of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yunlang.kit.api.problems import ValueProblem
from yunlang.kit.language import Bilingual

UNSTORABLE = Bilingual("含有文字中不应出现的字符", "holds characters that no text has")

_NUMBER = Bilingual("应为数字", "must be a number")
_INTEGER = Bilingual("应为整数", "must be a whole number")
_UUID = Bilingual("应为 UUID", "must be a UUID")
_OBJECT = Bilingual("应为 JSON 对象", "must be a JSON object")
_TIME = Bilingual("应为 ISO 8601 时间", "must be a time in ISO 8601")
_CHOICE = Bilingual("不在可选值中：{expected}", "must be one of: {expected}")
_OTHER = Bilingual("值不符合要求", "is not acceptable")

_MESSAGES: Mapping[str, Bilingual] = {
    "missing": Bilingual("必填，不能为空", "required, must not be empty"),
    "extra_forbidden": Bilingual("没有这个字段", "there is no such field"),
    "string_type": Bilingual("应为文字", "must be a string"),
    "string_unicode": UNSTORABLE,
    "string_too_short": Bilingual("不能少于 {min_length} 字", "must have at least {min_length} character(s)"),
    "string_too_long": Bilingual("不能超过 {max_length} 字", "must have at most {max_length} characters"),
    "string_pattern_mismatch": Bilingual("格式不正确，应符合 {pattern}", "has the wrong form; must match {pattern}"),
    "bool_type": Bilingual("应为 true 或 false", "must be true or false"),
    "bool_parsing": Bilingual("应为 true 或 false", "must be true or false"),
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_parsing_size": _INTEGER,
    "int_from_float": _INTEGER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_max_digits": Bilingual("不能超过 {max_digits} 位数字", "must have at most {max_digits} digits"),
    "decimal_max_places": Bilingual(
        "小数不能超过 {decimal_places} 位", "must have at most {decimal_places} decimal places"
    ),
    "decimal_whole_digits": Bilingual(
        "整数部分不能超过 {whole_digits} 位", "must have at most {whole_digits} digits before the point"
    ),
    "greater_than_equal": Bilingual("不能小于 {ge}", "must be at least {ge}"),
    "less_than_equal": Bilingual("不能大于 {le}", "must be at most {le}"),
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "list_type": Bilingual("应为列表", "must be a list"),
    "too_long": Bilingual("不能超过 {max_length} 项", "must have at most {max_length} items"),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "date_form": Bilingual("日期应写作 2026-11-22", "a date is written 2026-11-22"),
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": Bilingual("时间应写明时区", "the time must say its zone"),
}


def value_problems(findings: Iterable[Mapping[str, Any]]) -> list[ValueProblem]:
    """Return the validator's findings, as `ninja.errors.ValidationError.errors` lists them."""
    return [_value_problem(finding) for finding in findings]


def _value_problem(finding: Mapping[str, Any]) -> ValueProblem:
    place, *path = finding["loc"]
    # Behind the place of a body stands the name of the view's argument, which is no part of the document.
    steps = tuple(path[1:]) if place == "body" else tuple(path)
    kind = str(finding["type"])
    message = _MESSAGES.get(kind, _OTHER)
    return ValueProblem(str(place), steps, kind, message.format(**finding.get("ctx", {})))
