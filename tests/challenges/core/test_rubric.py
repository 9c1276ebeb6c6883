"""Rubrics: exact weights, named in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.rubric import rubric_of, rubric_stored
from yunlang.kit.errors import InvalidError

USUAL = [
    {"code": "demand", "zh": "需求真实性", "en": "Real demand", "weight": "40.00"},
    {"code": "novelty", "zh": "技术难度", "en": "Technical difficulty", "weight": "35.5"},
    {"code": "benefit", "zh": "预期效益", "en": "Expected benefit", "weight": "24.50"},
]


def test_a_rubric_is_read_and_kept_without_loss() -> None:
    rubric = rubric_of(USUAL)
    assert [one.weight for one in rubric] == [Decimal("40.00"), Decimal("35.50"), Decimal("24.50")]
    assert rubric_of(rubric_stored(rubric)) == rubric


@given(st.lists(st.integers(1, 9_999), min_size=1, max_size=20))
def test_weights_make_a_rubric_exactly_when_they_add_up_to_one_hundred(cents: list[int]) -> None:
    rows = [{"code": f"c{n}", "zh": "甲", "en": "A", "weight": str(Decimal(one) / 100)} for n, one in enumerate(cents)]
    if sum(cents) == 10_000:
        assert sum(one.weight for one in rubric_of(rows)) == 100
    else:
        with pytest.raises(InvalidError):
            rubric_of(rows)


@given(st.lists(st.integers(1, 500), max_size=19, unique=True).filter(lambda cents: sum(cents) < 10_000))
def test_whatever_remains_of_one_hundred_completes_a_rubric(cents: list[int]) -> None:
    weights = [*cents, 10_000 - sum(cents)]
    rows = [
        {"code": f"c{n}", "zh": "甲", "en": "A", "weight": str(Decimal(one) / 100)} for n, one in enumerate(weights)
    ]
    assert rubric_stored(rubric_of(rows)) == [
        row | {"weight": str(Decimal(row["weight"]).quantize(Decimal("0.01")))} for row in rows
    ]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([], "1 to 20"),
        ([USUAL[0] | {"weight": "100", "code": "Demand"}], "small letters"),
        ([USUAL[0] | {"weight": "100", "en": " "}], "both languages"),
        ([USUAL[0] | {"weight": "100", "zh": "长" * 101}], "100 characters"),
        ([USUAL[0] | {"weight": "NaN"}], "positive"),
        ([USUAL[0] | {"weight": "Infinity"}], "positive"),
        ([USUAL[0] | {"weight": "1e30"}], "positive"),
        ([USUAL[0] | {"weight": "-1"}], "positive"),
        ([USUAL[0] | {"weight": "33.333"}], "two decimals"),
        ([USUAL[0] | {"weight": "50"}, USUAL[0] | {"weight": "50"}], "same code"),
        (USUAL[:2], "75.50"),
    ],
)
def test_what_is_no_rubric_is_refused_with_its_reason(rows: list[dict[str, Any]], word: str) -> None:
    with pytest.raises(InvalidError) as refused:
        rubric_of(rows)
    assert any(word in reason.en for reason in refused.value.fields["rubric"])
