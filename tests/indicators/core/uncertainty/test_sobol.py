"""Sobol indices: the analytic ones of the Ishigami function, and the same as SciPy's on the same points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from yunlang.indicators.core.uncertainty.sobol import design_of, sobol_indices

A, B = 7.0, 0.1


def ishigami(points: np.ndarray) -> np.ndarray:
    x = (2 * points - 1) * np.pi
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def analytic() -> tuple[np.ndarray, np.ndarray]:
    variance = A**2 / 8 + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 0.5
    one, two = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8
    together = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    return np.array([one, two, 0]) / variance, np.array([one + together, two, together]) / variance


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_indices_of_the_ishigami_function_lie_within_two_hundredths_of_the_analytic_ones(seed: int) -> None:
    generator = np.random.default_rng(seed)
    design = design_of(3, 8192, generator)
    found = sobol_indices(ishigami(design.points), design, generator=generator, resamples=100)
    first, total = analytic()
    assert np.abs(found.first_order - first).max() < 0.02
    assert np.abs(found.total_order - total).max() < 0.02
    assert (found.total_low <= found.total_order).all()
    assert (found.total_order <= found.total_high).all()
    assert ((found.total_low <= total + 0.02) & (found.total_high >= total - 0.02)).all()


def test_indices_agree_with_scipy_on_the_same_points() -> None:
    generator = np.random.default_rng(5)
    design = design_of(3, 256, generator)
    outcomes = ishigami(design.points)
    found = sobol_indices(outcomes, design, generator=generator, resamples=2)
    parts = outcomes.reshape(5, 1, 256)
    mean = outcomes[:512].mean()
    peer = stats.sobol_indices(
        func={"f_A": parts[0] - mean, "f_B": parts[1] - mean, "f_AB": parts[2:] - mean}, n=256
    )  # fmt: skip
    assert np.allclose(found.first_order, peer.first_order, atol=1e-10)
    assert np.allclose(found.total_order, peer.total_order, atol=1e-10)


def test_points_that_failed_are_left_out_with_their_counterparts() -> None:
    generator = np.random.default_rng(1)
    design = design_of(3, 4096, generator)
    outcomes = ishigami(design.points)
    outcomes[generator.random(len(outcomes)) < 0.02] = np.nan
    found = sobol_indices(outcomes, design, generator=generator, resamples=10)
    assert np.abs(found.total_order - analytic()[1]).max() < 0.06


def test_an_outcome_that_does_not_vary_has_no_indices() -> None:
    generator = np.random.default_rng(1)
    design = design_of(2, 8, generator)
    found = sobol_indices(np.ones(32), design, generator=generator, resamples=5)
    assert np.isnan(found.first_order).all()


def test_a_design_crosses_one_input_at_a_time() -> None:
    design = design_of(4, 10, np.random.default_rng(3))
    assert design.first.shape == (16, 4)
    for place in range(4):
        others = [other for other in range(4) if other != place]
        assert (design.crossed[place][:, others] == design.first[:, others]).all()
        assert (design.crossed[place][:, place] == design.second[:, place]).all()
