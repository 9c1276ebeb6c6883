"""Awards: never more winners, never less score, never more money than a challenge allows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.challenges.core.award import AwardRefusedError, Candidate, Terms, award_checked, eligible, passed_over

amounts = st.decimals("0.01", "5000000", places=2)
scores = st.none() | st.decimals("0", "100", places=2)
candidates = st.lists(st.tuples(scores, amounts), min_size=1, max_size=6).map(
    lambda rows: [Candidate(f"p{place}", score, asked) for place, (score, asked) in enumerate(rows)]
)
terms = st.builds(
    Terms,
    budget=st.decimals("1", "9000000", places=2),
    winners_at_most=st.integers(1, 4),
    threshold=st.decimals("0", "90", places=0),
)
TERMS = Terms(budget=Decimal("6000000"), winners_at_most=2, threshold=Decimal(60))
THREE = [
    Candidate("a", Decimal("88.50"), Decimal("3000000")),
    Candidate("b", Decimal("81"), Decimal("4000000")),
    Candidate("c", Decimal("59.99"), Decimal("1000000")),
    Candidate("d", None, Decimal("1000000")),
]


@given(candidates, terms, st.data())
def test_whatever_is_awarded_keeps_to_the_terms(
    all_of_them: list[Candidate], terms: Terms, data: st.DataObject
) -> None:
    names = st.sampled_from([one.proposal for one in all_of_them])
    wanted = data.draw(st.dictionaries(names, amounts, max_size=4))
    try:
        made = award_checked(all_of_them, wanted, terms)
    except AwardRefusedError:
        return
    assert 1 <= len(made) <= terms.winners_at_most
    assert sum(amount for _, amount in made) <= terms.budget
    assert all(one.score is not None and one.score >= terms.threshold for one, _ in made)
    assert all(0 < amount <= one.asked for one, amount in made)
    assert {one.proposal: amount for one, amount in made} == wanted


def test_two_in_parallel_share_the_budget_and_the_better_comes_first() -> None:
    made = award_checked(THREE, {"b": Decimal("2500000"), "a": Decimal("3000000")}, TERMS)
    assert [(one.proposal, amount) for one, amount in made] == [("a", Decimal("3000000")), ("b", Decimal("2500000"))]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({}, "no proposal"),
        ({"a": "1", "b": "1", "c": "1"}, "at most 2"),
        ({"c": "1000000"}, "below 60"),
        ({"d": "1000000"}, "not judged"),
        ({"e": "1000000"}, "not judged"),
        ({"a": "3000000", "b": "3000000.01"}, "exceed the budget"),
        ({"a": "3000000.01"}, "asks for"),
        ({"a": "0"}, "positive"),
        ({"a": "1.001"}, "to the cent"),
        ({"a": "NaN"}, "positive"),
    ],
)
def test_what_the_terms_forbid_is_refused_with_the_reason(wanted: dict[str, str], why: str) -> None:
    with pytest.raises(AwardRefusedError) as refused:
        award_checked(THREE, {name: Decimal(amount) for name, amount in wanted.items()}, TERMS)
    assert why in refused.value.text.en


def test_whoever_scored_more_than_a_winner_and_won_nothing_is_named() -> None:
    assert [one.proposal for one in passed_over(THREE, {"b": Decimal(1)}, TERMS)] == ["a"]
    assert passed_over(THREE, {"a": Decimal(1)}, TERMS) == []


def test_of_equal_scores_who_asks_for_less_comes_first() -> None:
    equal = [Candidate("x", Decimal(80), Decimal(200)), Candidate("y", Decimal(80), Decimal(100))]
    assert [one.proposal for one in eligible(equal, TERMS)] == ["y", "x"]
