"""Grades of the nearest achievements that were graded for the same need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.learning.kernel import UNKNOWN, PairView

Array = npt.NDArray[np.float32]
NAMES = ("nearest by vectors: grade", "their cosine", "the nearest one's grade", "nearest by terms: cosine",
         "its grade", "three nearest by terms: grade", "the need's mean grade", "grades of the need")  # fmt: skip
_BY_VECTORS, _BY_TERMS = 5, 3
_SHARPNESS = 8.0


def neighbour_features(
    view: PairView, known: PairView, grades: npt.NDArray[np.int64], *, leave_out_self: bool
) -> Array:
    """Return what the grades of the same need say of each pair, NaN where there are none, shape (pairs, 8).

    Parameters
    ----------
    view
        The pairs asked about.
    known
        The graded pairs.
    grades
        Of the known pairs.
    leave_out_self
        Whether `view` is `known`: a pair is then no neighbour of its own.
    """
    found = np.full((len(view.need_of), len(NAMES)), np.nan, dtype=np.float32)
    known_groups = known.groups
    # Once for all texts: a product of single rows spends its time on turning the known texts' matrix round.
    by_terms = (view.achievement_terms @ known.achievement_terms.T).toarray()
    by_vectors = view.achievements @ known.achievements.T
    for row, group in enumerate(view.groups):
        rows = np.flatnonzero(known_groups == group) if group != UNKNOWN else np.zeros(0, dtype=np.int64)
        if leave_out_self:
            rows = rows[rows != row]
        if len(rows):
            place, places = view.achievement_of[row], known.achievement_of[rows]
            found[row] = _of_one(by_vectors[place, places], by_terms[place, places], grades[rows])
    return found


def _of_one(cosines: Array, terms: Array, grades: npt.NDArray[np.int64]) -> list[float]:
    nearest, by_terms = np.argsort(-cosines, kind="stable")[:_BY_VECTORS], np.argsort(-terms, kind="stable")[:_BY_TERMS]
    trust, term_trust = np.exp(_SHARPNESS * (cosines[nearest] - 1)), np.maximum(terms[by_terms], 1e-3)
    return [
        float(trust @ grades[nearest] / trust.sum()), float(cosines[nearest[0]]), float(grades[nearest[0]]),
        float(terms[by_terms[0]]), float(grades[by_terms[0]]),
        float(term_trust @ grades[by_terms] / term_trust.sum()), float(grades.mean()), float(len(grades)),
    ]  # fmt: skip
