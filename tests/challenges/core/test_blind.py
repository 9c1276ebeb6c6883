"""What reviewers are not told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.blind import MASK, masked


@pytest.mark.parametrize(
    "form", ["湖州云廊新材料有限公司", "湖州云廊新材料", "云廊新材料有限公司", "云廊新材料", "YUNLANG Materials"]
)
def test_every_form_of_a_name_goes(form: str) -> None:
    assert masked(f"{form}需要电解液", ["湖州云廊新材料有限公司", "Yunlang Materials"]) == f"{MASK}需要电解液"


def test_words_that_are_only_part_of_a_name_stay() -> None:
    assert masked("与大学合作，使用新材料", ["上海大学", "湖州新材料有限公司", "甲"]) == "与大学合作，使用新材料"
    assert masked("上海大学的大学生", ["上海大学"]) == f"{MASK}的大学生"


@given(st.text(max_size=60), st.lists(st.text(min_size=2, max_size=8).map(str.strip), max_size=3))
def test_no_name_is_left(text: str, names: list[str]) -> None:
    safe = [name for name in names if len(name) > 1 and name not in MASK and not set(name) & set(MASK)]
    hidden = masked("".join([text, *safe]), safe)
    assert not any(name in hidden for name in safe)
