"""Correlations agree with SciPy's over the rows that both columns have; flags say what speaks against a framework."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from tests.indicators.core.strategies import tables
from tests.indicators.examples import named
from yunlang.indicators.core.audit.correlation import (
    CORRELATION_FLAGS,
    CorrelationFlag,
    CorrelationLimits,
    CorrelationMethod,
    correlate,
    correlation_flags,
)
from yunlang.indicators.core.audit.denominators import denominator_correlations
from yunlang.indicators.core.framework import Framework, Node

PEERS = {"pearson": stats.pearsonr, "spearman": stats.spearmanr}


@pytest.mark.parametrize("method", ["pearson", "spearman"])
@given(values=tables(units=(4, 12)))
def test_each_pair_is_as_scipy_has_it(method: CorrelationMethod, values: np.ndarray) -> None:
    codes = [str(place) for place in range(values.shape[1])]
    found = correlate(values, codes, method)
    for one in range(values.shape[1]):
        for other in range(values.shape[1]):
            both = ~np.isnan(values[:, [one, other]]).any(axis=1)
            left, right = values[both, one], values[both, other]
            assert found.numbers[one, other] == both.sum()
            if both.sum() < 3 or np.ptp(left) == 0 or np.ptp(right) == 0:
                continue
            peer = PEERS[method](left, right)
            assert found.coefficients[one, other] == pytest.approx(peer.statistic, abs=1e-9)
            # Near 1 the p-value is all rounding, SciPy's too.
            if abs(peer.statistic) < 0.999:
                assert found.p_values[one, other] == pytest.approx(peer.pvalue, rel=1e-6, abs=1e-9)


def test_too_few_rows_correlate_not_at_all() -> None:
    nothing = np.nan
    found = correlate(np.array([[1.0, nothing], [2.0, 1.0], [nothing, 2.0]]), ["a", "b"], "spearman")
    assert np.isnan(found.coefficients[0, 1])
    assert np.isnan(found.p_values[0, 1])


def test_size_is_told_where_it_matters_and_nowhere_else() -> None:
    size = np.arange(1.0, 11.0)
    values = np.column_stack([size * 3, -size + np.array([0.1, -0.1] * 5), np.array([1.0, -1.0] * 5)])
    found = denominator_correlations(values, ["with", "against", "apart"], {"population": size})
    assert [(one.code, one.denominator) for one in found] == [("with", "population"), ("against", "population")]
    assert found[1].coefficient < -0.99
    assert denominator_correlations(values, ["a", "b", "c"], {}) == ()


def two_pillars() -> Framework:
    nodes = [Node("index", named("x"), is_indicator=False)]
    nodes += [Node(code, named(code), parent="index", is_indicator=False) for code in ("a", "b")]
    nodes += [Node(f"{group}{number}", named("x"), parent=group) for group in "ab" for number in (1, 2)]
    return Framework("two", named("x"), tuple(nodes))


def flags(first: list[list[float]], limits: CorrelationLimits | None = None) -> list[tuple[str, str, str]]:
    """Score two pillars of two indicators by plain means, and return kinds, codes and others."""
    columns = np.array(first)
    groups = np.stack([columns[:2].mean(axis=0), columns[2:].mean(axis=0)])
    scores = np.concatenate([columns, groups, groups.mean(axis=0, keepdims=True)]).T
    return [(one.kind, one.code, one.other) for one in correlation_flags(two_pillars(), scores, limits)]


GENERATOR = np.random.default_rng(3)
NOISE = GENERATOR.normal(size=(4, 40)).tolist()


def test_siblings_that_oppose_each_other_are_named() -> None:
    opposed = [-value + 0.1 * noise for value, noise in zip(NOISE[0], NOISE[1], strict=True)]
    found = flags([NOISE[0], opposed, NOISE[2], NOISE[3]])
    assert ("negative", "a1", "a2") in found
    assert ("collinear", "a1", "a2") in found
    assert not [one for one in found if one[0] == "negative" and one[1].startswith("b")]


def test_an_indicator_that_belongs_elsewhere_is_named_with_where() -> None:
    misplaced = [3 * left + 3 * right for left, right in zip(NOISE[2], NOISE[3], strict=True)]
    huge = [100 * value for value in NOISE[0]]
    found = flags([huge, misplaced, NOISE[2], NOISE[3]])
    assert ("stronger_elsewhere", "a2", "b") in found
    assert [one for one in found if one[1:] == ("a2", "a") and one[0] in ("weak", "opposed")]
    assert {kind for kind, _, _ in found} <= set(CORRELATION_FLAGS)


def test_limits_decide_what_counts_as_the_same() -> None:
    close = [value + 0.5 * noise for value, noise in zip(NOISE[0], NOISE[1], strict=True)]
    columns = [NOISE[0], NOISE[2], close, NOISE[3]]
    assert ("collinear", "a1", "b1") not in flags(columns, CorrelationLimits(collinear=0.99))
    assert ("collinear", "a1", "b1") in flags(columns, CorrelationLimits(collinear=0.8))


def test_a_flag_names_its_group_and_how_sure_it_is() -> None:
    columns = np.array([NOISE[0], [-value for value in NOISE[0]], NOISE[2], NOISE[3]])
    scores = np.concatenate([columns, columns[:3]]).T
    found = correlation_flags(two_pillars(), scores)
    assert found[0] == CorrelationFlag("negative", "a1", "a2", "a", pytest.approx(-1.0), pytest.approx(0.0))
