"""Fields: what they take, what they refuse, what they give back."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.kit.fields import Field, FieldError, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form, store_form

LABEL = Bilingual("字段", "field")
COLOURS = {
    "red": Bilingual("红色", "red one"),
    "green": Bilingual("绿色", "green one"),
    "blue": Bilingual("绿 色", "blue one"),
}
T = FieldType


def field(kind: FieldType, **options: Any) -> Field:
    return Field("x", LABEL, kind, **options)


def refused(spec: Field, raw: object) -> Bilingual:
    with pytest.raises(FieldError) as refusal:
        spec.parse(raw)
    reason = refusal.value.reason
    assert reason.zh != reason.en
    assert "{" not in reason.zh.replace(str(raw)[:40], "")
    return reason


raws = st.one_of(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.dates(), st.datetimes()),
    st.text(max_size=30),
    st.text("0123456789.,-+eE%年月日/ ", max_size=15),
    st.lists(st.text(max_size=5), max_size=4),
)
TYPES: dict[FieldType, type] = {
    T.INTEGER: int,
    T.DECIMAL: Decimal,
    T.MONEY: Decimal,
    T.DATE: date,
    T.BOOLEAN: bool,
    T.CHOICES: tuple,
    T.WORDS: tuple,
}


@pytest.mark.parametrize("kind", list(FieldType))
@given(raw=raws)
def test_any_value_is_parsed_to_the_type_or_refused(kind: FieldType, raw: object) -> None:
    spec = field(kind, choices=COLOURS if kind in (T.CHOICE, T.CHOICES) else {})
    try:
        value = spec.parse(raw)
    except FieldError:
        return
    assert value is None or type(value) is TYPES.get(kind, str)
    assert value not in ("", ())
    assert spec.parse(spec.export(value)) == value
    assert isinstance(spec.display(value, "en"), str)


@pytest.mark.parametrize("kind", list(FieldType))
@pytest.mark.parametrize("raw", [None, "", "  \n", [], (), "\u200b", "\x00"])
def test_blanks_are_none_or_missing(kind: FieldType, raw: object) -> None:
    if isinstance(raw, str) and not raw.isspace() and raw and kind not in (T.LINE, T.TEXT, T.WORDS, T.CHOICES):
        refused(field(kind), raw)
        return
    assert field(kind).parse(raw) is None
    assert refused(field(kind, required=True), raw).en == "required, must not be empty"


@pytest.mark.parametrize("raw", ["；", "、|", ["", " "], [";"]])
def test_separators_alone_are_blank(raw: object) -> None:
    assert field(T.WORDS).parse(raw) is None
    refused(field(T.WORDS, required=True), raw)


@given(st.text(max_size=60))
def test_texts_are_normal_and_bounded(raw: str) -> None:
    for kind, form in ((T.LINE, line_form), (T.TEXT, store_form)):
        expected = form(raw)
        if len(expected) > 20:
            assert str(len(expected)) in refused(field(kind, max_length=20), raw).zh
        else:
            assert field(kind, max_length=20).parse(raw) == (expected or None)


@pytest.mark.parametrize(
    ("raw", "text"), [(13812345678.0, "13812345678"), (1.5, "1.5"), (7, "7"), (date(2026, 1, 2), "2026-01-02")]
)
def test_numbers_stored_for_text_read_as_typed(raw: object, text: str) -> None:
    assert field(T.LINE).parse(raw) == text


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_integers(number: int) -> None:
    spec = field(T.INTEGER)
    for raw in (number, str(number), f"{number:,}", Decimal(number), f" {number} ", f"{number}.0"):
        assert spec.parse(raw) == number
    refused(spec, f"{number}.5")


@pytest.mark.parametrize(
    "raw",
    [
        "1,2",
        "1,23",
        "12,345,6",
        ",5",
        "1e99",
        10**18,
        "9" * 19,
        "0x10",
        "一",
        True,
        "1 2",
        "nan",
        float("inf"),
        "5%",
        "½",
        "10²",
    ],
)
def test_what_is_no_number(raw: object) -> None:
    refused(field(T.INTEGER), raw)
    refused(field(T.DECIMAL), raw)


@pytest.mark.parametrize(
    ("raw", "number"), [("１，２００．５", "1200.5"), ("-1e-3", "-0.001"), ("+7", "7"), (0.1, "0.1"), (1e-7, "1e-7")]
)
def test_decimals(raw: object, number: str) -> None:
    assert field(T.DECIMAL).parse(raw) == Decimal(number)


def test_a_percentage_is_a_number_only_where_the_unit_is_one() -> None:
    percent = field(T.DECIMAL, unit=Bilingual("%", "%"), maximum=100)
    assert percent.parse("30%") == percent.parse("30 ％") == percent.parse(30) == 30
    refused(percent, "101%")
    refused(percent, "%")


@given(st.integers(-50, 50))
def test_bounds_are_included(number: int) -> None:
    spec = field(T.INTEGER, minimum=-10, maximum=Decimal(10))
    if -10 <= number <= 10:
        assert spec.parse(number) == number
    else:
        assert "10" in refused(spec, number).zh


@given(st.dates())
def test_dates(day: date) -> None:
    spec = field(T.DATE)
    for raw in (day, datetime(day.year, day.month, day.day, 13), day.isoformat(), f"{day.isoformat()} 00:00:00"):
        assert spec.parse(raw) == day
    text = f"{day.year:04d}"
    assert spec.parse(f"{text}年{day.month}月{day.day}日") == spec.parse(f"{text}/{day.month}/{day.day}") == day


def test_dates_of_eight_digits() -> None:
    assert field(T.DATE).parse(20261122) == field(T.DATE).parse("20261122") == date(2026, 11, 22)
    for raw in ("20261322", "18991231", "2026112", "2026-02-30", "明天", 46348, True, "2026-11-22 13:00:00"):
        refused(field(T.DATE), raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("是", True),
        ("否", False),
        ("YES", True),
        (1, True),
        (0.0, False),
        (Decimal(1), True),
        (True, True),
        ("没有", False),
    ],
)
def test_booleans(raw: object, value: bool) -> None:
    assert field(T.BOOLEAN).parse(raw) is value


def test_what_is_no_boolean() -> None:
    for raw in ("也许", 2, "1.5"):
        refused(field(T.BOOLEAN), raw)


@pytest.mark.parametrize("raw", ["green", "GREEN", "绿色", "绿 色", "green one", " Green-One ", "ｇｒｅｅｎ"])
def test_choices_by_key_or_either_label_the_first_of_equals(raw: str) -> None:
    assert field(T.CHOICE, choices=COLOURS).parse(raw) == "green"


def test_what_is_no_choice_names_those_that_are() -> None:
    reason = refused(field(T.CHOICE, choices=COLOURS), "黄色")
    assert "红色、绿色" in reason.zh
    assert "red one, green one" in reason.en
    refused(field(T.CHOICES, choices=COLOURS), "红色；黄色")
    refused(field(T.CHOICE, choices=COLOURS), "——")


@given(st.lists(st.sampled_from(list(COLOURS)), max_size=5))
def test_several_choices_keep_their_order_once_each(keys: list[str]) -> None:
    spec = field(T.CHOICES, choices=COLOURS)
    expected = tuple(dict.fromkeys(keys)) or None
    assert spec.parse(keys) == expected
    assert spec.parse("；".join(keys)) == expected


@given(st.lists(st.text("ab甲乙 ", max_size=4), max_size=5), st.sampled_from([";", "；", "、", "|", "\n"]))
def test_words_are_split_wherever_they_come_from(words: list[str], separator: str) -> None:
    spec = field(T.WORDS)
    expected = tuple(dict.fromkeys(word for word in map(line_form, words) if word)) or None
    assert spec.parse(separator.join(words)) == spec.parse([separator.join(words)]) == spec.parse(words) == expected


def test_words_are_bounded_one_by_one() -> None:
    assert field(T.WORDS, max_length=3).parse("甲乙丙；丁戊") == ("甲乙丙", "丁戊")
    refused(field(T.WORDS, max_length=2), "甲乙丙；丁戊")


@pytest.mark.parametrize(
    "raw", ["ftp://a.cn", "a.cn", "javascript:alert(1)", "https://", 'https://a.cn/"x', "https://a b"]
)
def test_what_is_no_web_address(raw: str) -> None:
    refused(field(T.URL), raw)


def test_web_addresses() -> None:
    assert field(T.URL).parse(" https://g60.cn/路?a=1 ") == "https://g60.cn/路?a=1"


def test_money_is_refused_for_moneys_reasons() -> None:
    assert field(T.MONEY).parse("120 万元") == Decimal("1200000.00")
    assert "金额" in refused(field(T.MONEY), "面议").zh
    refused(field(T.MONEY, maximum=100), "101")


@pytest.mark.parametrize(
    ("kind", "value", "zh", "en"),
    [
        (T.CHOICE, "red", "红色", "red one"),
        (T.CHOICES, ("red", "green"), "红色、绿色", "red one, green one"),
        (T.WORDS, ("a", "b"), "a、b", "a, b"),
        (T.BOOLEAN, False, "否", "no"),
        (T.INTEGER, 0, "0", "0"),
        (T.LINE, None, "", ""),
        (T.WORDS, (), "", ""),
        (T.CHOICE, "gone", "gone", "gone"),
    ],
)
def test_values_are_displayed_in_either_language(kind: FieldType, value: object, zh: str, en: str) -> None:
    spec = field(kind, choices=COLOURS if kind in (T.CHOICE, T.CHOICES) else {})
    assert (spec.display(value, "zh-hans"), spec.display(value, "en")) == (zh, en)


@pytest.mark.parametrize("column", ["字段", "FIELD", "x", "字段（元）*", "字段 (必填)", "别名", "字段[元]"])
def test_columns_that_name_a_field(column: str) -> None:
    spec = Field("x", LABEL, aliases=("别名",))
    assert spec.matches(column)
    assert not spec.matches(f"非{column}")


def test_a_copy_with_other_choices_knows_them() -> None:
    spec = dataclasses.replace(field(T.CHOICE, choices=COLOURS), choices={"new": Bilingual("新", "fresh")})
    assert spec.parse("新") == "new"
    refused(spec, "红色")


def test_a_record_gives_good_values_and_reasons_apart() -> None:
    fields = (Field("name", LABEL, required=True), Field("year", LABEL, T.INTEGER), Field("tags", LABEL, T.WORDS))
    values, reasons = parse_record(fields, {"year": "x", "tags": "a；b", "other": 1})
    assert values == {"tags": ("a", "b")}
    assert set(reasons) == {"name", "year"}
    assert parse_record(fields, {"name": "甲"}) == ({"name": "甲", "year": None, "tags": None}, {})
