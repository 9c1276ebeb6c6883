"""From three similarities to a grade: how likely a technology-transfer officer would call a pair unrelated … strong.

Words (BM25), single characters (BM25) and vectors (cosine) see different things; a proportional-odds model, fitted on
pairs that officers graded 1 unrelated, 2 weak, 3 fairly strong, 4 strong, weighs them. The score of a pair is its
expected grade on a scale from 0 (surely unrelated) to 1 (surely strong), so scores of different queries compare. It
ranks better than reciprocal ranks (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.encoder import Vectors

Array = npt.NDArray[np.float64]
GRADES = 4
DAMPING = 10.0  # inverse document frequency of one or two rare words


@dataclass(frozen=True, slots=True)
class Calibration:
    """A proportional-odds model: P(grade > j) = 1 / (1 + exp(thresholds[j] − slopes · features)).

    Attributes
    ----------
    slopes
        One a feature, not negative: a larger similarity never lowers a grade.
    thresholds
        Three, ascending.

    References
    ----------
    McCullagh, Regression models for ordinal data, J. R. Stat. Soc. B 42 (1980) 109–142.
    """

    slopes: tuple[float, ...]
    thresholds: tuple[float, float, float]

    def __post_init__(self) -> None:
        if any(slope < 0 for slope in self.slopes):
            raise ValueError(f"slopes are not negative, got {self.slopes}")
        if list(self.thresholds) != sorted(self.thresholds):
            raise ValueError(f"thresholds ascend, got {self.thresholds}")

    def probabilities(self, features: npt.NDArray[Any], shift: npt.ArrayLike = 0.0) -> Array:
        """Return the probability of each grade, shape (rows, 4), each row summing to 1.

        Parameters
        ----------
        features
            Shape (rows, number of slopes).
        shift
            Added to the log-odds of a better grade, one for all or one a row.
        """
        odds = features @ np.array(self.slopes) + np.asarray(shift, dtype=np.float64)
        above = 1 / (1 + np.exp(-np.clip(odds[:, np.newaxis] - np.array(self.thresholds), -500, 500)))
        steps = np.hstack([np.ones((len(odds), 1)), above, np.zeros((len(odds), 1))])
        probabilities: Array = steps[:, :-1] - steps[:, 1:]
        return probabilities


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """The models for documents with a vector and for those that have none yet.

    Attributes
    ----------
    hybrid
        Slopes for words, characters and cosine above the query's baseline.
    words_only
        Slopes for words and characters.
    background
        Mean document vector of the encoder, shape (dimension,), or None where cosines need no correction.
    usual
        Mean cosine of Chinese queries with `background`.
    """

    hybrid: Calibration
    words_only: Calibration
    background: Vectors | None = None
    usual: float = 0.0

    def baseline(self, query: Vectors, *, chinese: bool) -> float:
        """Return the cosine with a unit query vector that says nothing of a document.

        e5 puts a query of another language farther from all Chinese documents, the fitting one included, so the same
        cosine means more. A Chinese query's own distance is kept: that it is far from all is how one tells that
        nothing answers it.
        """
        if self.background is None or chinese:
            return self.usual
        return float(self.background @ query)

    def probabilities(self, features: npt.NDArray[Any], shift: npt.ArrayLike = 0.0) -> Array:
        """Return the probability of each grade, shape (rows, 4).

        Parameters
        ----------
        features
            Words and characters as `lexical_share` gives them, and the cosine above the baseline, NaN where there is
            no vector; shape (rows, 3).
        shift
            See `Calibration.probabilities`.
        """
        without = self.words_only.probabilities(features[:, :2], shift)
        with_vector = self.hybrid.probabilities(np.nan_to_num(features), shift)
        return np.where(np.isnan(features[:, 2:]), without, with_vector)


def expected_scores(probabilities: Array) -> Array:
    """Return the expected grade of each row of grade probabilities, rescaled from 1…4 to 0…1."""
    scores: Array = probabilities @ (np.arange(GRADES) / (GRADES - 1))
    return np.clip(scores, 0.0, 1.0)


def shifted(probabilities: Array, shift: npt.ArrayLike) -> Array:
    """Return the grades' probabilities with the log-odds of every better grade raised, shape as given.

    Parameters
    ----------
    probabilities
        Shape (rows, grades), rows sum to 1.
    shift
        Shape (rows,).
    """
    above = np.clip(np.cumsum(probabilities[:, ::-1], axis=1)[:, -2::-1], 1e-12, 1 - 1e-12)
    odds = np.log(above / (1 - above)) + np.asarray(shift, dtype=np.float64)[:, np.newaxis]
    steps = np.hstack([np.ones((len(odds), 1)), 1 / (1 + np.exp(-odds)), np.zeros((len(odds), 1))])
    raised: Array = steps[:, :-1] - steps[:, 1:]
    return raised


def lexical_share(scores: Array, weights: Mapping[str, float], frequencies: Mapping[str, float]) -> Array:
    """Return BM25 scores as shares of what a document with all the query's words would have, about 0 to 1.

    Words that no document has count in full, so a query that the collection cannot answer stays low. The shares of
    short queries are damped: two common characters found are no proof.

    Parameters
    ----------
    scores
        Shape (rows,).
    weights
        Of the query's words; those below 1 add to a score but are not missed.
    frequencies
        Inverse document frequency of each word.
    """
    whole = sum(frequencies[word] for word, weight in weights.items() if weight >= 1)
    return scores / (whole + DAMPING)


def fit_calibration(features: npt.NDArray[Any], grades: npt.NDArray[np.int_], steps: int = 50) -> Calibration:
    """Fit a proportional-odds model by maximising the summed likelihood of the three cumulative splits (Newton).

    A slope that would be negative is held at 0.

    Parameters
    ----------
    features
        Shape (pairs, features).
    grades
        1 to 4, shape (pairs,), each grade present.
    steps
        Newton steps at most.
    """
    used = np.ones(features.shape[1], dtype=bool)
    while True:
        slopes, thresholds = _newton(features[:, used], grades, steps)
        if (slopes >= 0).all():
            break
        used[np.flatnonzero(used)[slopes < 0]] = False
    everything = np.zeros(features.shape[1])
    everything[used] = slopes
    return Calibration(tuple(everything.tolist()), (float(thresholds[0]), float(thresholds[1]), float(thresholds[2])))


def _newton(features: npt.NDArray[Any], grades: npt.NDArray[np.int_], steps: int) -> tuple[Array, Array]:
    splits = GRADES - 1
    design = np.hstack([np.tile(features, (splits, 1)), -np.repeat(np.eye(splits), len(grades), axis=0)])
    above = np.concatenate([grades > split for split in range(1, GRADES)]).astype(np.float64)
    ridge = 1e-6 * np.eye(design.shape[1])
    solution = np.zeros(design.shape[1])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(design @ solution, -500, 500)))
        gradient = design.T @ (above - chance) - ridge @ solution
        step = np.linalg.solve((design * (chance * (1 - chance))[:, np.newaxis]).T @ design + ridge, gradient)
        solution += step
        if np.abs(step).max() < 1e-9:
            break
    return solution[: features.shape[1]], solution[features.shape[1] :]


# Fitted by `benchmarks/bench_matching.py --fit` on 5,961 pairs of 177 needs (CCF BDCI 2019, 359).
_WORDS_ONLY = Calibration((0.984, 8.033), (0.564, 3.087, 4.665))
_E5 = Calibration((0.834, 4.456, 31.96), (0.738, 3.368, 4.945))
_STATIC_ENCODER = "static-1-00d0420aa73c"
_STATIC = Calibration((0.209, 4.118, 3.867), (0.950, 3.595, 5.171))
# For an encoder that nobody fitted: unrelated texts around a cosine of 0, the same text at 1.
_UNKNOWN = Fusion(Calibration((0.834, 4.456, 5.0), (1.4, 4.0, 5.6)), _WORDS_ONLY)


@cache
def fusion_for(encoder: str) -> Fusion:
    """Return the models fitted for an encoder's cosines, or cautious ones for an unknown encoder."""
    if encoder == _STATIC_ENCODER:
        return Fusion(_STATIC, _WORDS_ONLY)
    if encoder != "e5-small-q4":
        return _UNKNOWN
    # Mean of 668 titles of patents and of national key R&D projects.
    with files(__package__).joinpath("e5_background.npy").open("rb") as file:
        return Fusion(_E5, _WORDS_ONLY, np.load(file, allow_pickle=False), usual=0.847)
