"""Normal forms of text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yunlang.kit.text import compare_form, line_form, name_key, store_form

anything = st.text(st.characters(), max_size=40)
chinese = st.text("甲乙丙云廊（）()ＡａA 　-·", max_size=20)


@given(anything)
@example("e\x00\u0301")
@example("\r\x00\n")
@example(" \ufeff a")
def test_the_store_form_is_stable_and_can_be_stored(value: str) -> None:
    stored = store_form(value)
    assert store_form(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert stored == stored.strip()
    assert "\r" not in stored
    assert "\0" not in stored
    stored.encode()


@given(anything)
def test_the_line_form_is_one_line_and_stable(value: str) -> None:
    line = line_form(value)
    assert line_form(line) == line
    assert not re.search(r"[\n\t]|\s\s", line)
    assert line_form(store_form(value)) == line


@given(anything)
def test_the_comparison_form_is_stable_and_has_only_letters_and_digits(value: str) -> None:
    key = compare_form(value)
    assert compare_form(key) == key
    assert not re.search(r"[\W_]", key)


@given(st.text("abcXYZ09", max_size=20))
def test_width_case_and_punctuation_do_not_matter_for_comparison(value: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in value)
    assert compare_form(wide) == compare_form(value.swapcase()) == compare_form(f" {'-'.join(value)}。")


@given(chinese)
def test_spaces_between_chinese_characters_are_dropped_and_others_kept(value: str) -> None:
    assert not re.search(r"[\u3400-\u9fff] +[\u3400-\u9fff]", line_form(value))


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  云廊\u200b科技\ufeff ", "云廊科技"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("a\x0bb\x85", "ab"),
        ("\u202e反\u202c", "反"),
        ("坏\ud800字", "坏字"),
        ("cafe\u0301", "café"),
    ],
)
def test_what_is_not_seen_is_not_stored(raw: str, stored: str) -> None:
    assert store_form(raw) == stored


def test_lines_are_joined_by_one_space_but_not_between_chinese() -> None:
    assert line_form("G60\n 科创\t走廊   office") == "G60 科创走廊 office"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("杭州（云廊）科技股份有限公司", "杭州(云廊)科技有限公司"),
        ("ＡＢＢ（中国）有限公司", "abb 中国 有限公司"),
        ("云廊公司", "云廊"),
    ],
)
def test_names_of_one_organisation_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text("甲乙丙丁云廊", min_size=1, max_size=8), st.text("甲乙丙丁云廊", min_size=1, max_size=8))
def test_names_that_differ_have_keys_that_differ(one: str, other: str) -> None:
    assert (name_key(f"{one}有限公司") == name_key(f"{other}股份有限公司")) == (one == other)


def test_a_group_is_another_organisation_than_the_company_of_its_name() -> None:
    assert name_key("云廊集团有限公司") != name_key("云廊有限公司")


def test_a_name_that_is_only_a_legal_form_keeps_it() -> None:
    assert name_key("有限公司") == "有限公司"
    assert name_key("公司") == "公司"
