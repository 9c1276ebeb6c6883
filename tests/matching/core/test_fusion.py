"""Grade models and the scores they give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yunlang.matching.core.encoder import E5Encoder
from yunlang.matching.core.fusion import (
    Calibration,
    Fusion,
    expected_scores,
    fit_calibration,
    fusion_for,
    lexical_share,
)

slopes = st.tuples(*[st.floats(0, 50) for _ in range(3)])
thresholds = st.lists(st.floats(-40, 40), min_size=3, max_size=3).map(lambda items: tuple(sorted(items)))
features = arrays(np.float64, st.tuples(st.integers(1, 8), st.just(3)), elements=st.floats(0, 3))


@given(slopes, thresholds, features)
def test_probabilities_are_probabilities(slope: tuple, threshold: tuple, values: np.ndarray) -> None:
    chances = Calibration(slope, threshold).probabilities(values)
    assert chances.shape == (len(values), 4)
    assert (chances >= 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    scores = expected_scores(chances)
    assert ((scores >= 0) & (scores <= 1)).all()


@given(slopes, thresholds, features, st.integers(0, 2), st.floats(0, 2))
def test_more_similarity_never_lowers_the_score(
    slope: tuple, threshold: tuple, values: np.ndarray, column: int, more: float
) -> None:
    model = Calibration(slope, threshold)
    raised = values.copy()
    raised[:, column] += more
    before, after = (expected_scores(model.probabilities(item)) for item in (values, raised))
    assert (after >= before - 1e-9).all()


@pytest.mark.parametrize("wrong", [((-1.0,), (0.0, 1.0, 2.0)), ((1.0,), (1.0, 0.0, 2.0))])
def test_calibration_checks_itself(wrong: tuple) -> None:
    with pytest.raises(ValueError, match=r"slopes|thresholds"):
        Calibration(*wrong)


def test_fit_finds_the_model_that_made_the_grades() -> None:
    random = np.random.default_rng(0)
    truth = Calibration((2.0, 0.5, 4.0), (1.0, 2.5, 4.0))
    values = random.random((20_000, 3))
    chances = truth.probabilities(values).cumsum(axis=1)
    grades = 1 + (random.random((len(values), 1)) > chances[:, :3]).sum(axis=1)
    found = fit_calibration(values, grades)
    np.testing.assert_allclose(found.slopes, truth.slopes, atol=0.2)
    np.testing.assert_allclose(found.thresholds, truth.thresholds, atol=0.2)


def test_fit_drops_what_would_count_against() -> None:
    random = np.random.default_rng(1)
    values = random.random((2_000, 2))
    grades = np.clip(np.rint(1 + 3 * values[:, 0] - 0.5 * values[:, 1]), 1, 4).astype(int)
    found = fit_calibration(values, grades)
    assert found.slopes[1] == 0.0
    assert found.slopes[0] > 1


def test_a_document_without_vector_is_judged_by_words() -> None:
    fusion = Fusion(Calibration((1.0, 1.0, 9.0), (5.0, 6.0, 7.0)), Calibration((1.0, 1.0), (1.0, 2.0, 3.0)))
    chances = fusion.probabilities(np.array([[1.0, 1.0, np.nan], [1.0, 1.0, 0.5]]))
    np.testing.assert_allclose(chances[:1], fusion.words_only.probabilities(np.array([[1.0, 1.0]])))
    np.testing.assert_allclose(chances[1:], fusion.hybrid.probabilities(np.array([[1.0, 1.0, 0.5]])))


def test_lexical_share_measures_by_the_words_that_count_in_full() -> None:
    scores = np.array([0.0, 15.0, 30.0])
    shares = lexical_share(scores, {"甲": 1.0, "乙": 0.3}, {"甲": 20.0, "乙": 99.0})
    np.testing.assert_allclose(shares, scores / 30)


def test_baseline_corrects_other_languages_alone() -> None:
    fusion = fusion_for(E5Encoder.name)
    assert fusion.background is not None
    assert fusion.background.shape == (E5Encoder.dimension,)
    query = np.zeros(E5Encoder.dimension, dtype=np.float32)
    assert fusion.baseline(query, chinese=True) == fusion.usual
    assert fusion.baseline(query, chinese=False) == 0.0
    assert fusion_for("other").baseline(query, chinese=False) == 0.0
