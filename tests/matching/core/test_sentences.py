"""Sentence splitting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一句。第二句！第三句？", ["第一句。", "第二句！", "第三句？"]),
        ("需求：\\n    高韧性；\\n预期目标", ["需求：", "高韧性；", "预期目标"]),
        ("One sentence. Another 0.8 mm one; last", ["One sentence.", "Another 0.8 mm one;", "last"]),
        ("一\n\n二\r\n三", ["一", "二", "三"]),
        ("……！。", []),
        ("", []),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


@given(st.text(alphabet="甲乙a1。！.; \n\\", max_size=200), st.integers(1, 10), st.integers(1, 30))
def test_sentences_keep_bounds_and_order(text: str, most: int, longest: int) -> None:
    sentences = split_sentences(text, most=most, longest=longest)
    assert len(sentences) <= most
    assert all(0 < len(sentence) <= longest and sentence == sentence.strip() for sentence in sentences)
    assert split_sentences(text, most=most + 1, longest=longest)[: len(sentences)] == sentences


@given(st.text(alphabet="甲乙丙。！", max_size=100))
def test_nothing_with_letters_is_lost(text: str) -> None:
    kept = "".join(split_sentences(text, most=1000, longest=1000))
    assert [c for c in kept if c.isalpha()] == [c for c in text if c.isalpha()]


@pytest.mark.parametrize("bounds", [{"most": 0}, {"longest": 0}])
def test_bounds_are_checked(bounds: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_sentences("文", **bounds)
