"""The Gaussian process's short cuts against the long way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.core.learning.graded import graded_pairs
from tests.matching.core.support import HashingEncoder
from yunlang.matching.core.learning.features import encode_pairs
from yunlang.matching.core.learning.kernel import UNKNOWN, GaussianProcess, known_groups, likeness, twin_groups
from yunlang.matching.core.learning.pairs import GradedPairs, Text
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.core.learning.terms import KERNEL_KIND, inverse_frequencies, weighed


def radial(points: np.ndarray) -> np.ndarray:
    return np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 12), st.booleans())
def test_leaving_out_in_closed_form_is_fitting_without(seed: int, count: int, by_group: bool) -> None:
    draw = np.random.default_rng(seed)
    kernel, targets = radial(draw.standard_normal((count, 2))), draw.integers(0, 2, (count, 3)).astype(float)
    groups = draw.integers(0, 3, count) if by_group else np.arange(count)
    mean = targets.mean(axis=0)
    _, said = GaussianProcess.fitted(kernel.copy(), targets, noise=0.3, groups=groups if by_group else None)
    for group in np.unique(groups):
        out, rest = np.flatnonzero(groups == group), np.flatnonzero(groups != group)
        weights = np.linalg.solve(kernel[np.ix_(rest, rest)] + 0.3 * np.eye(len(rest)), targets[rest] - mean)
        assert said[out] == pytest.approx(mean + kernel[np.ix_(out, rest)] @ weights, abs=1e-4)


def test_what_is_known_without_noise_is_said_again() -> None:
    draw = np.random.default_rng(1)
    kernel, targets = radial(draw.standard_normal((8, 2))), draw.integers(0, 2, (8, 3)).astype(float)
    process, _ = GaussianProcess.fitted(kernel.copy(), targets, noise=1e-6)
    assert process.predict(kernel) == pytest.approx(targets, abs=1e-2)


@pytest.mark.parametrize("needs_known", [True, False])
def test_the_likeness_of_pairs_is_a_kernel(needs_known: bool) -> None:
    pairs = graded_pairs()
    known = train(pairs, encode_pairs(pairs, HashingEncoder(), with_bodies=False), seed=0, with_bodies=False).known
    kernel = likeness(known, known, needs_known=needs_known)
    assert kernel == pytest.approx(kernel.T, abs=1e-5)
    assert np.linalg.eigvalsh(kernel.astype(float)).min() > -1e-3


def whole_terms(pairs: GradedPairs) -> object:
    worth = inverse_frequencies(KERNEL_KIND.counts([text.whole for text in pairs.needs]))
    return weighed(KERNEL_KIND.counts([text.whole for text in pairs.needs]), worth)


def test_a_need_posted_twice_is_one_and_a_strange_one_unknown() -> None:
    texts = ("高镍三元动力电池电解液的开发", "高镍三元动力电池电解液开发", "卫星互联网相控阵天线", "花卉种植")
    nothing = np.zeros(0, dtype=np.int64)
    terms = whole_terms(GradedPairs(tuple(map(Text, texts)), (), nothing, nothing, nothing))
    first, second, third, _ = groups = twin_groups(terms)
    assert first == second != third
    assert known_groups(terms, terms[:3], groups[:3]).tolist() == [first, first, third, UNKNOWN]
