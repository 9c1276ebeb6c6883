"""Tables of graded pairs, whatever their columns are called."""

from __future__ import annotations

import pytest

from yunlang.matching.core.learning.pairs import GradedPairsError, Text, pairs_from_rows

NEEDS = [
    {"need_id": "n1", "title": "电解液", "content": "要求：\\n耐高压"},
    {"need_id": "n2", "title": "天线", "content": ""},
]


def one(**columns: str) -> Text:
    pairs = pairs_from_rows(NEEDS, [{"need_id": "n1", "level": "2", **columns}])
    return pairs.achievements[0]


def test_a_title_cut_into_words_is_put_together_and_latin_words_stay_apart() -> None:
    assert one(achievement_tokens="锂离子 电池 NCM 811 材料") == Text("锂离子电池 NCM 811 材料")


@pytest.mark.parametrize("column", ["achievement_title", "title", "achievement_tokens"])
def test_a_title_alone_will_do(column: str) -> None:
    assert one(**{column: "高压电解液"}) == Text("高压电解液")


@pytest.mark.parametrize("column", ["achievement_content", "achievement_text", "content", "text"])
def test_a_full_text_comes_with_its_title(column: str) -> None:
    assert one(title="高压电解液", **{column: " 一种 \\n\\n溶剂"}) == Text("高压电解液", "一种\n溶剂")


def test_a_full_text_without_a_title_begins_with_itself() -> None:
    assert one(content="一种溶剂") == Text("一种溶剂", "一种溶剂")


def test_equal_texts_are_held_once_and_pairs_keep_their_order() -> None:
    rows = [{"need_id": need, "title": "高压电解液", "level": level} for need, level in (("n2", "1"), ("n1", "4"))]
    pairs = pairs_from_rows(NEEDS, rows)
    assert len(pairs.achievements) == 1
    assert [pairs.needs[place].title for place in pairs.need_of] == ["天线", "电解液"]
    assert pairs.grades.tolist() == [1, 4]


def test_a_pair_may_have_no_grade() -> None:
    assert pairs_from_rows(NEEDS, [{"need_id": "n1", "title": "a"}]).grades.tolist() == [0]


@pytest.mark.parametrize("level", ["0", "5", "2.5", "strong", "nan"])
def test_a_level_that_is_none_is_named_with_its_row(level: str) -> None:
    with pytest.raises(GradedPairsError, match=f"row 2: level '{level}'"):
        pairs_from_rows(NEEDS, [{"need_id": "n1", "title": "a", "level": level}])


def test_all_problems_are_named_at_once() -> None:
    rows = [
        {"need_id": "n9", "title": "a", "level": "1"},
        {"need_id": "n1", "level": "1"},
        {"need_id": "n1", "title": "b", "level": "x"},
    ]
    with pytest.raises(GradedPairsError) as refused:
        pairs_from_rows(NEEDS, rows)
    assert all(f"row {number}:" in str(refused.value) for number in (2, 3, 4))


def test_no_pairs_are_refused() -> None:
    with pytest.raises(GradedPairsError):
        pairs_from_rows(NEEDS, [])
