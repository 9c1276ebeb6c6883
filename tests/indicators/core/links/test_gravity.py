"""Gravity models: laws found again, zeros, units, and what cannot be fitted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from yunlang.indicators.core.links.errors import GravityDataError, GravityNotFittedError
from yunlang.indicators.core.links.gravity import Method, gravity_fit, observed_over_expected
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix

CODES = tuple("abcdefghi")
RANDOM = np.random.default_rng(7)
MASSES = RANDOM.uniform(100, 20_000, 9)
PLACES = RANDOM.uniform(0, 400, (9, 2))
WAYS = np.linalg.norm(PLACES[:, None] - PLACES, axis=-1)
METHODS: list[Method] = ["ols", "ppml"]


def law(constant: float = -3, origin: float = 0.7, destination: float = 0.4, distance: float = -1.2) -> Floats:
    with np.errstate(divide="ignore"):
        links = np.exp(constant) * MASSES[:, None] ** origin * MASSES**destination * WAYS**distance
    np.fill_diagonal(links, 0)
    return links


@pytest.mark.parametrize("method", METHODS)
def test_links_that_follow_the_law_are_found_again(method: Method) -> None:
    fit = gravity_fit(LinkMatrix(CODES, law()), MASSES, WAYS, method=method)
    assert (fit.constant, fit.origin, fit.destination, fit.distance) == pytest.approx((-3, 0.7, 0.4, -1.2), abs=1e-8)
    assert fit.used == 72
    assert max(fit.standard_errors) < 1e-6
    ratio = observed_over_expected(LinkMatrix(CODES, law()), fit.expected)
    assert np.isnan(np.diagonal(ratio)).all()
    assert ratio[~np.eye(9, dtype=bool)] == pytest.approx(1)


@pytest.mark.parametrize("method", METHODS)
def test_links_without_direction_have_one_elasticity_to_mass(method: Method) -> None:
    values = law(origin=0.5, destination=0.5)
    links = LinkMatrix(CODES, (values + values.T) / 2, directed=False)
    fit = gravity_fit(links, MASSES, WAYS, method=method)
    assert fit.origin == fit.destination == pytest.approx(0.5, abs=1e-8)
    assert (fit.used, len(fit.standard_errors)) == (36, 3)


@given(st.integers(0, 10**6))
def test_poisson_expects_as_much_in_all_as_there_was(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(law() + 0.4).astype(float)
    links = LinkMatrix(CODES, counts)
    fit = gravity_fit(links, MASSES, WAYS)
    # Zeros beyond the diagonal are what this estimator is for.
    assume((counts == 0).sum() > len(CODES))
    assert np.nansum(fit.expected) == pytest.approx(links.pair_values().sum())


@pytest.mark.parametrize("method", METHODS)
@given(scale=st.sampled_from([1e-4, 3.0, 1e6]), seed=st.integers(0, 1_000))
def test_units_change_the_constant_alone(method: Method, scale: float, seed: int) -> None:
    values = law() * np.random.default_rng(seed).lognormal(size=(9, 9))
    fit = gravity_fit(LinkMatrix(CODES, values), MASSES, WAYS, method=method)
    for links, masses, ways, change in (
        (values * scale, MASSES, WAYS, scale),
        (values, MASSES * scale, WAYS, 1),
        (values, MASSES, WAYS * scale, 1),
    ):
        other = gravity_fit(LinkMatrix(CODES, links), masses, ways, method=method)
        slopes = (other.origin, other.destination, other.distance)
        assert slopes == pytest.approx((fit.origin, fit.destination, fit.distance), abs=1e-6)
        np.testing.assert_allclose(other.expected, fit.expected * change, rtol=1e-6)


def test_what_is_not_known_is_left_out_and_expected_nonetheless_where_masses_are() -> None:
    values, masses = law(), MASSES.copy()
    values[0, 1] = np.nan
    masses[8] = np.nan
    fit = gravity_fit(LinkMatrix(CODES, values), masses, WAYS)
    assert fit.used == 8 * 7 - 1
    assert fit.expected[0, 1] == pytest.approx(law()[0, 1])
    assert np.isnan(fit.expected[8]).all()
    assert np.isnan(fit.expected[:, 8]).all()


def test_the_logarithm_leaves_zeros_out_and_poisson_does_not() -> None:
    values = np.round(law())
    assert (values == 0).sum() > 9
    links = LinkMatrix(CODES, values)
    assert gravity_fit(links, MASSES, WAYS, method="ols").used == (values > 0).sum()
    assert gravity_fit(links, MASSES, WAYS, method="ppml").used == 72


@pytest.mark.parametrize(
    ("masses", "ways"),
    [
        (MASSES[:8], WAYS),
        (MASSES * 0, WAYS),
        (MASSES, WAYS[:8]),
        (MASSES, WAYS * 0),
        (MASSES, np.where(WAYS > 100, np.nan, WAYS)),
    ],
)
def test_masses_and_distances_are_positive_and_fit(masses: Floats, ways: Floats) -> None:
    with pytest.raises(GravityDataError):
        gravity_fit(LinkMatrix(CODES, law()), masses, ways)


@pytest.mark.parametrize(
    ("values", "masses", "reason"),
    [
        (np.zeros((9, 9)), MASSES, "all links are zero"),
        (np.full((9, 9), np.nan), MASSES, "0 links can be used, 5 are needed"),
        (law(), np.full(9, 3.0), "do not differ enough"),
        (np.where(MASSES[:, None] == MASSES.max(), 1.0, 0.0) * np.ones(9), MASSES, "no maximum"),
    ],
)
def test_what_cannot_be_fitted_says_why(values: Floats, masses: Floats, reason: str) -> None:
    with pytest.raises(GravityNotFittedError) as refused:
        gravity_fit(LinkMatrix(CODES, values), masses, WAYS)
    assert reason in refused.value.text.en
