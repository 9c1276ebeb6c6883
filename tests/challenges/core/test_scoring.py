"""Scores: exact totals, robust outliers, ranks with ties, severity taken out."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.challenges.core.test_rubric import USUAL
from yunlang.challenges.core.rubric import rubric_of
from yunlang.challenges.core.scoring import normalised, ranked, rounded, summarised, weighted_total

RUBRIC = rubric_of(USUAL)
POINTS = st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100)
TOTALS = st.lists(POINTS, min_size=1, max_size=9).map(lambda values: dict(enumerate(values)))


@given(st.lists(POINTS, min_size=3, max_size=3))
def test_a_total_is_the_weighted_mean_to_the_last_digit(points: list[Decimal]) -> None:
    total = weighted_total(RUBRIC, dict(zip(["demand", "novelty", "benefit"], points, strict=True)))
    exact = sum(Fraction(one.weight) * Fraction(value) for one, value in zip(RUBRIC, points, strict=True)) / 100
    assert Fraction(total) == exact
    assert min(points) <= total <= max(points)


@pytest.mark.parametrize(
    "points",
    [{"demand": Decimal(1)}, {"demand": Decimal(1), "novelty": Decimal(1), "benefit": Decimal(1), "extra": Decimal(1)},
     {"demand": Decimal("100.01"), "novelty": Decimal(1), "benefit": Decimal(1)},
     {"demand": Decimal("-0.01"), "novelty": Decimal(1), "benefit": Decimal(1)}],
)  # fmt: skip
def test_points_that_do_not_fit_the_rubric_make_no_total(points: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="points"):
        weighted_total(RUBRIC, points)


@given(TOTALS)
def test_a_summary_agrees_with_the_library_of_statistics(totals: dict[int, Decimal]) -> None:
    summary, values = summarised(totals), [Fraction(one) for one in totals.values()]
    assert summary.exact_mean == statistics.mean(values)
    assert summary.median == rounded(statistics.median(values))
    assert summary.spread == rounded(max(values) - min(values))
    assert summary.count == len(totals)


@given(TOTALS)
def test_outliers_are_fewer_than_half_and_never_among_the_middle(totals: dict[int, Decimal]) -> None:
    summary = summarised(totals)
    assert len(summary.outliers) * 2 < max(len(totals), 1)
    assert all(abs(totals[key] - summary.median) > 7 for key in summary.outliers)


@pytest.mark.parametrize(
    ("totals", "outliers"),
    [
        (["80", "81", "40"], (2,)),
        (["80", "80", "20"], (2,)),
        (["80", "80", "81"], ()),
        (["80", "20"], ()),
        (["10", "50", "90"], ()),
        (["70", "72", "74", "76", "99"], (4,)),
    ],
)
def test_who_stands_apart_is_told(totals: list[str], outliers: tuple[int, ...]) -> None:
    assert summarised(dict(enumerate(map(Decimal, totals)))).outliers == outliers


def test_no_totals_have_no_summary() -> None:
    with pytest.raises(ValueError, match="no totals"):
        summarised({})


@given(st.dictionaries(st.integers(), st.fractions(0, 100), max_size=9))
def test_a_rank_is_one_more_than_how_many_are_better(means: dict[int, Fraction]) -> None:
    ranks = ranked(means)
    assert all(ranks[key] == 1 + sum(other > mean for other in means.values()) for key, mean in means.items())


def test_a_third_of_a_point_is_a_tie_only_with_itself() -> None:
    third = sum([Fraction(1), Fraction(1), Fraction(2)]) / 3
    assert ranked({"a": third, "b": Fraction(4, 3), "c": Fraction("1.3333")}) == {"a": 1, "b": 1, "c": 3}


@given(st.lists(POINTS, min_size=2, max_size=5, unique=True), st.integers(1, 30))
def test_a_reviewer_who_is_harder_by_a_constant_is_no_harder_once_normalised(fair: list[Decimal], by: int) -> None:
    totals = {n: {"fair": one, "hard": one - by} for n, one in enumerate(fair)}
    for given_totals in normalised(totals).values():
        assert abs(given_totals["fair"] - given_totals["hard"]) < Fraction(1, 10**12)


def test_normalising_undoes_severity_that_changes_the_order() -> None:
    totals = {"a": {"mild": Decimal(90), "third": Decimal(60)}, "b": {"mild": Decimal(95), "hard": Decimal(40)},
              "c": {"hard": Decimal(20), "third": Decimal(50)}}  # fmt: skip
    plain = ranked({item: summarised(given).exact_mean for item, given in totals.items()})
    even = ranked({item: summarised(given).exact_mean for item, given in normalised(totals).items()})
    assert plain == {"a": 1, "b": 2, "c": 3}
    assert even == {"b": 1, "a": 2, "c": 3}


def test_who_gives_all_the_same_or_one_alone_stands_at_the_common_mean() -> None:
    totals = {"a": {"flat": Decimal(70), "other": Decimal(10)}, "b": {"flat": Decimal(70), "once": Decimal(50)}}
    even = normalised(totals)
    assert {even["a"]["flat"], even["b"]["flat"], even["a"]["other"], even["b"]["once"]} == {Fraction(50)}
    assert normalised({"a": {}}) == {"a": {}}


def test_figures_are_rounded_once_and_half_to_even() -> None:
    assert [rounded(Fraction(n, 1000)) for n in (5, 15, 25)] == [Decimal("0.00"), Decimal("0.02"), Decimal("0.02")]
    assert rounded(Fraction(200, 3)) == Decimal("66.67")
