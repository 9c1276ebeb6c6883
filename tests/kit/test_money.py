"""Money as people write it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.kit.money import LARGEST, MoneyError, money_capitals, money_label, parse_money

amounts = st.decimals(min_value=0, max_value=LARGEST, places=2)


@given(amounts)
def test_every_amount_is_read_from_its_own_text(amount: Decimal) -> None:
    for raw in (
        amount,
        str(amount),
        f"{amount:,}",
        f"¥{amount} 元",
        f"CNY {amount:,}",
        f"{amount:,}".replace(",", "，"),
    ):
        assert parse_money(raw) == amount
    assert parse_money(amount).as_tuple().exponent == -2


@given(
    st.integers(0, 10**7),
    st.sampled_from([("万", 4), ("百万", 6), ("千万", 7), ("亿", 8), ("千", 3), ("百", 2), ("", 0)]),
)
def test_scales(number: int, scale: tuple[str, int]) -> None:
    name, zeros = scale
    assert parse_money(f"{number}{name}元") == parse_money(f"{number:,} {name} 元") == number * 10**zeros


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("1,200 万元", "12000000.00"),
        ("3.5亿", "350000000.00"),
        ("人民币120万元整", "1200000.00"),
        (1200000, "1200000.00"),
        (0.1, "0.10"),
        ("1e6", "1000000.00"),
        ("0.005", "0.00"),
        ("0.015", "0.02"),
        ("-0.001", "0.00"),
        ("１２万", "120000.00"),
    ],
)
def test_what_people_write(raw: object, amount: str) -> None:
    assert str(parse_money(raw)) == amount


NO_AMOUNTS = ["", "面议", "-5", "1,20", "1,2345", "12,34万", "5 万美元", "$5", "1e99", "9" * 70, True, None, "NaN"]
NO_AMOUNTS += ["Infinity", "1.2.3", "10000000000000000", float("nan"), "万元", "五万"]


@pytest.mark.parametrize("raw", NO_AMOUNTS)
def test_what_is_no_amount_is_refused_in_both_languages(raw: object) -> None:
    with pytest.raises(MoneyError) as refusal:
        parse_money(raw)
    assert refusal.value.reason.zh != refusal.value.reason.en


@given(st.text(max_size=30))
def test_any_text_is_an_amount_in_range_or_refused(raw: str) -> None:
    try:
        amount = parse_money(raw)
    except MoneyError:
        return
    assert 0 <= amount <= LARGEST
    assert not amount.is_signed()


@given(amounts)
def test_the_label_says_the_amount_to_two_places_of_its_unit(amount: Decimal) -> None:
    # The largest amount of all rounds up to 10^16, which is out of range.
    amount = min(amount, LARGEST - 10**6)
    label = money_label(amount, "zh-hans")
    scale = Decimal(10**8) if "亿" in label else Decimal(10**4) if "万" in label else Decimal(1)
    assert abs(parse_money(label) - amount) <= scale * Decimal("0.005")
    assert money_label(amount, "en").startswith("CNY ")


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("12800000", "1,280 万元", "CNY 12.8 million"),
        ("350000000", "3.5 亿元", "CNY 350 million"),
        ("9999.9", "9,999.9 元", "CNY 9,999.9"),
        ("99999999", "1 亿元", "CNY 100 million"),
        ("999999999", "10 亿元", "CNY 1 billion"),
        ("0", "0 元", "CNY 0"),
        ("100", "100 元", "CNY 100"),
    ],
)
def test_labels(amount: str, zh: str, en: str) -> None:
    assert money_label(Decimal(amount), "zh-hans") == zh
    assert money_label(Decimal(amount), "en") == en


def test_no_amount_has_no_label() -> None:
    assert money_label(None, "en") == ""


# The examples of the People's Bank of China, 支付结算办法 (1997), annex 1, and what they leave open.
CAPITALS = [
    ("1409.50", "壹仟肆佰零玖元伍角"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
    ("107000.53", "壹拾万柒仟元零伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
    ("12300000.00", "壹仟贰佰叁拾万元整"),
    ("100000000.00", "壹亿元整"),
    ("100010001.00", "壹亿零壹万零壹元整"),
    ("1000000000000.01", "壹万亿元零壹分"),
    ("10.05", "壹拾元零伍分"),
    ("0.30", "叁角"),
    ("0.07", "柒分"),
    ("0.00", "零元整"),
]


@pytest.mark.parametrize(("amount", "capitals"), CAPITALS)
def test_capital_figures(amount: str, capitals: str) -> None:
    assert money_capitals(Decimal(amount)) == f"人民币{capitals}"


def _read_whole(text: str) -> int:
    for name, unit in (("亿", 10**8), ("万", 10**4)):
        if name in text:
            high, _, low = text.rpartition(name) if name == "亿" else text.partition(name)
            return _read_whole(high) * unit + _read_whole(low)
    total, digit = 0, 0
    for sign in text:
        if sign in "拾佰仟":
            total, digit = total + digit * 10 ** (1 + "拾佰仟".index(sign)), 0
        else:
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
    return total + digit


def _read_capitals(text: str) -> Decimal:
    found = re.fullmatch(r"人民币(?:([^元角分]+)元)?零?(?:(.)角)?(?:(.)分)?整?", text)
    assert found, text
    yuan, tenths, hundredths = (_read_whole(part or "") for part in found.groups())
    return (Decimal(yuan * 100 + tenths * 10 + hundredths)).scaleb(-2)


@given(amounts)
def test_capital_figures_say_the_amount_and_have_no_needless_zero(amount: Decimal) -> None:
    capitals = money_capitals(amount)
    assert _read_capitals(capitals) == amount
    assert "零零" not in capitals
    assert not re.search("零[万亿]", capitals)
    assert amount < 1 or "零元" not in capitals


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "10000000000000000.00", "NaN", "Infinity"])
def test_what_is_no_amount_has_no_capital_figures(amount: str) -> None:
    with pytest.raises(MoneyError):
        money_capitals(Decimal(amount))
