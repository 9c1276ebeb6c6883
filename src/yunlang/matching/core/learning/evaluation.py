"""Figures of merit of predicted grades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from yunlang.matching.core.learning.pairs import HIGHEST, GradedPairs

FEWEST_PAIRS = 5
GAINS = 2.0 ** np.arange(HIGHEST) - 1  # of the grades 1 to 4
Array = npt.NDArray[np.float64]


def ndcg(scores: Array, grades: npt.NDArray[np.int64], k: int = 10) -> float:
    """Return NDCG@k with gain 2^(grade − 1) − 1, ties in the order given.

    References
    ----------
    Järvelin & Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20 (2002) 422–446.
    """
    gains = 2.0 ** (grades - 1) - 1
    discounts = 1 / np.log2(np.arange(2, k + 2))
    order = np.argsort(-scores, kind="stable")[:k]
    best = np.sort(gains)[::-1][:k]
    return float((gains[order] * discounts[: len(order)]).sum() / (best * discounts[: len(best)]).sum())


def mean_ndcg(pairs: GradedPairs, scores: Array) -> float | None:
    """Return the mean NDCG@10 over needs with five pairs or more and a grade above 1; None where there is no such."""
    found = []
    for need in np.unique(pairs.need_of):
        rows = np.flatnonzero(pairs.need_of == need)
        if len(rows) >= FEWEST_PAIRS and pairs.grades[rows].max() > 1:
            found.append(ndcg(scores[rows], pairs.grades[rows]))
    return float(np.mean(found)) if found else None


@dataclass(frozen=True, slots=True)
class Predictions:
    """What is said of each pair.

    Attributes
    ----------
    chances
        Of the grades 1 to 4, shape (pairs, 4), rows sum to 1.
    scores
        By which the pairs of one need are ranked, shape (pairs,); those of different needs need not compare.
    """

    chances: Array
    scores: Array

    @property
    def grades(self) -> npt.NDArray[np.int64]:
        """Return the median grade of each pair: no other has a smaller expected error."""
        above = 1 - np.cumsum(self.chances, axis=1)[:, :-1]
        return np.asarray(1 + (above > 0.5).sum(axis=1), dtype=np.int64)

    @property
    def expected(self) -> Array:
        """Return the mean grade of each pair."""
        return np.asarray(self.chances @ np.arange(1, HIGHEST + 1), dtype=np.float64)


def figures(pairs: GradedPairs, said: Predictions) -> dict[str, Any]:
    """Return what `yunlang matching evaluate --json` prints of pairs with their true grades."""
    error = float(np.abs(said.grades - pairs.grades).mean())
    varied = np.ptp(said.expected) > 0 and np.ptp(pairs.grades) > 0
    return {
        "score": 1 / (1 + error),
        "ndcg@10": mean_ndcg(pairs, said.scores),
        "mae": error,
        "accuracy": float((said.grades == pairs.grades).mean()),
        "spearman": float(spearmanr(said.expected, pairs.grades).statistic) if varied else None,
        "needs": len(np.unique(pairs.need_of)),
        "pairs": len(pairs),
    }
