"""How alike two graded pairs are, and a Gaussian process that carries grades from pair to pair.

Two pairs tell something of each other when their features are alike, when both their needs and their achievements are,
or, of one need, when the achievements are. Sums and products of kernels are kernels.

References
----------
Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), sections 2.2, 4.2 and 5.4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg
from scipy.sparse.csgraph import connected_components

from yunlang.matching.core.learning.terms import Matrix

Array = npt.NDArray[np.float32]
UNKNOWN = -1
TWINS_FROM = 0.5  # cosine of the terms of two needs' whole texts from which they are one need, posted twice
_WIDTH = 1.5
_EXACT = 8  # a power that leaves only titles that are all but equal


@dataclass(frozen=True, slots=True)
class PairView:
    """What the kernel sees of some pairs.

    Attributes
    ----------
    features
        Standardised, shape (pairs, features).
    needs, achievements
        Centred unit vectors, shape (texts, dimension).
    need_terms, achievement_terms
        Weighed terms of the titles, rows of unit length.
    need_of, achievement_of
        Places in them, shape (pairs,).
    twins
        Number of the group of needs that each need belongs to, or UNKNOWN, shape (needs,).
    """

    features: Array
    needs: Array
    achievements: Array
    need_terms: Matrix
    achievement_terms: Matrix
    need_of: npt.NDArray[np.int64]
    achievement_of: npt.NDArray[np.int64]
    twins: npt.NDArray[np.int64]

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """Return the group of each pair's need, shape (pairs,)."""
        return self.twins[self.need_of]

    def chosen(self, rows: npt.NDArray[np.int64]) -> PairView:
        """Return some of the pairs, with all the texts."""
        return PairView(
            self.features[rows], self.needs, self.achievements, self.need_terms, self.achievement_terms,
            self.need_of[rows], self.achievement_of[rows], self.twins,
        )  # fmt: skip


def likeness(left: PairView, right: PairView, *, needs_known: bool) -> Array:
    """Return the kernel, shape (pairs of left, pairs of right).

    Parameters
    ----------
    needs_known
        Whether grades of the same need are to be had; if not, only what carries over to other needs counts.
    """
    features = _radial(left.features, right.features)
    achievements = _spread(_cosines(left.achievements, right.achievements), left.achievement_of, right.achievement_of)
    needs = _spread(_cosines(left.needs, right.needs), left.need_of, right.need_of)
    titles = _spread(_terms(left.achievement_terms, right.achievement_terms), left.achievement_of, right.achievement_of)
    asked = _spread(_terms(left.need_terms, right.need_terms), left.need_of, right.need_of)
    product = asked * titles + needs**2 * achievements**2
    achievements **= 2
    if not needs_known:
        return features * (1 + needs) + 0.6 * product + 0.4 * achievements
    same = (left.groups[:, np.newaxis] == right.groups[np.newaxis]) & (left.groups != UNKNOWN)[:, np.newaxis]
    of_one_need = 0.3 + 0.5 * achievements + 0.3 * titles + titles**_EXACT + features
    return np.asarray(features * (1 + needs) + 0.3 * product + 0.2 * achievements + same * of_one_need, np.float32)


def twin_groups(whole_terms: Matrix) -> npt.NDArray[np.int64]:
    """Return the number of each need's group, where needs posted twice are in one, shape (needs,)."""
    alike = (whole_terms @ whole_terms.T) > TWINS_FROM
    return np.asarray(connected_components(alike, directed=False)[1], dtype=np.int64)


def known_groups(whole_terms: Matrix, known_terms: Matrix, known: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the group among known needs that each need belongs to, or UNKNOWN, shape (needs,)."""
    cosines = (whole_terms @ known_terms.T).toarray()
    return np.where(cosines.max(axis=1) > TWINS_FROM, known[cosines.argmax(axis=1)], UNKNOWN)


@dataclass(frozen=True, slots=True)
class GaussianProcess:
    """Weights of the known pairs for each target, and the targets' means.

    Attributes
    ----------
    weights
        Shape (known pairs, targets).
    mean
        Shape (targets,).
    """

    weights: Array
    mean: Array

    @classmethod
    def fitted(
        cls, kernel: Array, targets: Array, *, noise: float, groups: npt.NDArray[np.int64] | None = None
    ) -> tuple[GaussianProcess, Array]:
        """Return the process, and what it says of each known pair when that pair, or its group, is left out.

        Parameters
        ----------
        kernel
            Among the known pairs, shape (pairs, pairs); overwritten.
        targets
            Shape (pairs, targets).
        noise
            Variance of a target, in the kernel's unit.
        groups
            Pairs of one number are left out together, shape (pairs,); None leaves out one at a time.
        """
        mean = targets.mean(axis=0)
        kernel[np.diag_indices(len(kernel))] += noise
        inverse = linalg.inv(kernel, overwrite_a=True, check_finite=False)
        weights = inverse @ (targets - mean)
        return cls(weights, mean), _left_out(inverse, weights, targets, groups)

    def predict(self, kernel: Array) -> Array:
        """Return the targets' expectations, shape (pairs, targets), from the kernel with the known pairs."""
        return np.asarray(self.mean + kernel @ self.weights, dtype=np.float32)


def _left_out(inverse: Array, weights: Array, targets: Array, groups: npt.NDArray[np.int64] | None) -> Array:
    if groups is None:
        return np.asarray(targets - weights / np.diag(inverse)[:, np.newaxis], dtype=np.float32)
    found = np.zeros_like(targets)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        found[rows] = targets[rows] - linalg.solve(inverse[np.ix_(rows, rows)], weights[rows], assume_a="pos")
    return found


def _cosines(left: Array, right: Array) -> Array:
    return np.asarray(np.clip(left @ right.T, 0, 1), dtype=np.float32)


def _terms(left: Matrix, right: Matrix) -> Array:
    return np.asarray((left @ right.T).toarray(), dtype=np.float32)


def _spread(values: Array, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Array:
    return values[np.ix_(rows, columns)]


def _radial(left: Array, right: Array) -> Array:
    squares: npt.NDArray[Any] = (left**2).sum(axis=1)[:, np.newaxis] + (right**2).sum(axis=1)[np.newaxis]
    distances = np.maximum(squares - 2 * left @ right.T, 0)
    return np.asarray(np.exp(-distances / (2 * _WIDTH**2 * left.shape[1])), dtype=np.float32)
