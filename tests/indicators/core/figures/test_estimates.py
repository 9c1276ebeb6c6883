"""What a published number can mean, and arithmetic that carries it along."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.indicators.core.figures import Estimate, published_estimate
from yunlang.indicators.core.figures.estimates import ROUNDING_RULES, total
from yunlang.indicators.core.figures.showing import estimate_text, number_text

numbers = st.decimals(min_value="0.01", max_value="1e6", places=2)
qualifiers = st.sampled_from(sorted(ROUNDING_RULES))


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Estimate(low, value, high)


@st.composite
def with_a_member(draw: st.DrawFn) -> tuple[Estimate, Decimal]:
    estimate = draw(estimates())
    return estimate, draw(st.decimals(min_value=estimate.low, max_value=estimate.high, places=2))


def bounds(estimate: Estimate) -> tuple[Decimal, Decimal]:
    return estimate.low, estimate.high


@pytest.mark.parametrize(
    ("value", "options", "low", "high"),
    [
        ("12.9", {}, "12.85", "12.95"),
        ("109.68", {}, "109.675", "109.685"),
        ("54600", {}, "54550", "54650"),
        ("448", {}, "447.5", "448.5"),
        ("90000", {}, "85000", "95000"),
        ("40", {"step": Decimal(0)}, "40", "40"),
        ("2.4", {"step": Decimal("0.01")}, "2.395", "2.405"),
        ("0", {}, "-0.5", "0.5"),
        ("12.9", {"qualifier": "about"}, "12.255", "13.545"),
        ("90000", {"qualifier": "about"}, "85000", "95000"),
        ("180", {"qualifier": "near"}, "162", "180"),
        ("500", {"qualifier": "over"}, "500", "Infinity"),
        ("20", {"qualifier": "over", "written": "1/5"}, "20", "Infinity"),
    ],
)
def test_a_number_stands_for_all_that_its_wording_allows(value: str, options: dict, low: str, high: str) -> None:
    assert bounds(published_estimate(Decimal(value), **options)) == (Decimal(low), Decimal(high))


def test_a_fraction_stands_for_what_is_nearer_to_it_than_to_the_next() -> None:
    fifteenth = published_estimate(Decimal("6.67"), "about", written="1/15")
    sixteenth = published_estimate(Decimal("6.25"), "about", written="1/16")
    assert fifteenth.value == Decimal(100) / 15
    assert fifteenth.low == sixteenth.high == Decimal(100) / Decimal("15.5")
    nearly = published_estimate(Decimal("14.29"), "near", written="1/7")
    assert nearly.high == nearly.value == Decimal(100) / 7


def test_only_one_part_of_several_is_a_fraction() -> None:
    with pytest.raises(ValueError, match="numerator"):
        published_estimate(Decimal(1), written="2/15")


def test_an_unknown_qualifier_is_refused() -> None:
    with pytest.raises(KeyError):
        published_estimate(Decimal(1), "roughly")


@given(numbers, qualifiers)
def test_a_number_is_among_what_it_can_mean(value: Decimal, qualifier: str) -> None:
    estimate = published_estimate(value, qualifier)
    assert estimate.low <= value <= estimate.high


@given(numbers)
def test_about_allows_more_than_the_bare_number_does(value: Decimal) -> None:
    about, bare = published_estimate(value, "about"), published_estimate(value)
    assert about.low <= bare.low
    assert bare.high <= about.high


@given(with_a_member(), with_a_member())
def test_what_may_be_true_of_the_parts_may_be_true_of_the_result(
    one: tuple[Estimate, Decimal], other: tuple[Estimate, Decimal]
) -> None:
    (left, a), (right, b) = one, other
    for estimate, exact in ((left + right, a + b), (left - right, a - b), (left / right, a / b)):
        assert estimate.meets(Estimate.exact(exact))
    assert left.scaled(100).meets(Estimate.exact(a * 100))


@given(estimates(), st.integers(1, 30))
def test_a_root_undoes_a_power(estimate: Estimate, degree: int) -> None:
    root = estimate.root(degree)
    for bound, wanted in ((root.low, estimate.low), (root.value, estimate.value), (root.high, estimate.high)):
        assert bound**degree == pytest.approx(wanted, rel=Decimal("1e-12"))


@given(estimates(), estimates(), estimates())
def test_meeting_is_mutual_and_survives_widening(one: Estimate, other: Estimate, part: Estimate) -> None:
    assert one.meets(other) == other.meets(one)
    assert not one.meets(other) or one.opened().meets(other)
    assert total([one, other, part]) == one + other + part


def test_an_open_end_stays_open() -> None:
    part = Estimate.exact(3).opened()
    assert (part + Estimate.exact(1)).is_open
    assert (part / Estimate.exact(2)).low == Decimal("1.5")
    assert part.root(2).is_open
    assert total([]) == Estimate.exact(0)


def test_what_cannot_be_computed_is_refused() -> None:
    one = Estimate.exact(1)
    for broken in (
        lambda: one / Estimate(Decimal(-1), Decimal(1), Decimal(2)),
        lambda: one - one.opened(),
        lambda: one.scaled(0),
        lambda: Estimate.exact(-1).root(2),
        lambda: one.root(0),
        lambda: Estimate(Decimal(2), Decimal(1), Decimal(3)),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            broken()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("1258758.49", "1,258,758"),
        ("176.16", "176.16"),
        ("12.8471923", "12.8472"),
        ("-0.000123456", "-0.000123456"),
    ],
)
def test_numbers_show_six_digits_and_their_whole_part(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


def test_estimates_show_their_bounds() -> None:
    assert estimate_text(Estimate.exact(17)) == "17"
    assert estimate_text(Estimate.exact(17).opened()) == "≥ 17"
    assert estimate_text(Estimate(Decimal(0), Decimal(163), Decimal(163))) == "≤ 163"
    assert estimate_text(Estimate(Decimal(1), Decimal(2), Decimal(3))) == "2 [1, 3]"
