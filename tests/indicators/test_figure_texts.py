"""Figures as each language writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from yunlang.indicators.core.figures import Estimate, Quantity, published_estimate
from yunlang.indicators.core.figures.showing import estimate_text
from yunlang.indicators.figure_texts import published_text, with_unit
from yunlang.kit.language import Bilingual

HUNDRED_MILLION = Bilingual("亿元", "CNY 100 million")


@pytest.mark.parametrize(
    ("value", "qualifier", "written", "unit", "zh", "en"),
    [
        ("180", "near", "", HUNDRED_MILLION, "近 180 亿元", "nearly CNY 18 billion"),
        ("90000", "about", "", HUNDRED_MILLION, "约 90,000 亿元", "about CNY 9,000 billion"),
        ("895", "", "", Bilingual("万元", "CNY 10,000"), "895 万元", "CNY 8.95 million"),
        ("12.9", "about", "", Bilingual("%", "%"), "约 12.9%", "about 12.9%"),
        ("6.67", "about", "1/15", Bilingual("%", "%"), "约 1/15", "about 1/15"),
        ("267.57", "", "", Bilingual("2011 年 = 100", "2011 = 100"), "267.57（2011 年 = 100）", "267.57 (2011 = 100)"),
        ("82", "", "", Bilingual("家", "companies"), "82 家", "82 companies"),
    ],
)
def test_a_figure_is_written_as_each_language_has_it(
    value: str, qualifier: str, written: str, unit: Bilingual, zh: str, en: str
) -> None:
    estimate = published_estimate(Decimal(value), qualifier, written=written)
    label = Bilingual("数", "number")
    one = Quantity("corridor", "x", "2024", estimate, label, unit, "s", label, qualifier=qualifier, written=written)
    assert published_text(one) == Bilingual(zh, en)


def test_bounds_are_in_the_same_unit_as_the_number() -> None:
    estimate = Estimate(Decimal(162), Decimal(176), Decimal(180))
    assert with_unit(estimate, HUNDRED_MILLION, estimate_text).en == "CNY 17.6 [16.2, 18] billion"
