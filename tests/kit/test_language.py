"""Phrases in two languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.kit.language import Bilingual

plain = st.text(max_size=20)


@pytest.mark.parametrize(
    ("language", "chosen"),
    [
        ("en", "need"),
        ("EN-GB", "need"),
        ("en-us", "need"),
        ("zh-hans", "需求"),
        ("zh", "需求"),
        ("fr", "需求"),
        ("", "需求"),
    ],
)
def test_anything_but_english_reads_as_chinese(language: str, chosen: str) -> None:
    assert Bilingual("需求", "need").text(language) == chosen


@given(plain, plain, plain)
def test_values_fill_both_sides_each_in_its_own_tongue(value: str, zh: str, en: str) -> None:
    phrase = Bilingual("“{a}”与{b}", "“{a}” and {b}")
    assert phrase.format(a=value, b=Bilingual(zh, en)) == Bilingual(f"“{value}”与{zh}", f"“{value}” and {en}")


def test_braces_in_a_value_are_left_alone() -> None:
    assert Bilingual("{a}", "{a}").format(a="{b}") == Bilingual("{b}", "{b}")


def test_str_is_chinese_and_phrases_are_values() -> None:
    assert str(Bilingual("需求", "need")) == "需求"
    assert len({Bilingual("需求", "need"), Bilingual("需求", "need")}) == 1
