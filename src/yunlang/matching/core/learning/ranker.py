"""The trained ranker: a Gaussian process over pairs and boosted trees above it.

There is one set for needs that were graded before and one for needs never seen. Trees learn from what the process says
of a pair that it was not shown: the pair alone is left out where other grades of the need are at hand, the whole need
where they are not. So each set is trained on just what it will meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from yunlang.matching.core.learning import neighbours
from yunlang.matching.core.learning.evaluation import GAINS, Predictions
from yunlang.matching.core.learning.features import EncodedPairs, FeatureMaker, GroupSpans, lengths, within_needs
from yunlang.matching.core.learning.kernel import (
    UNKNOWN,
    GaussianProcess,
    PairView,
    known_groups,
    likeness,
    twin_groups,
)
from yunlang.matching.core.learning.pairs import HIGHEST, GradedPairs
from yunlang.matching.core.learning.terms import KERNEL_KIND, Matrix, inverse_frequencies, weighed

Array = npt.NDArray[np.float32]
Step = Callable[[str], None]
MOST_KERNEL_PAIRS = 8_000  # of memory: a kernel among them takes 256 MB, its making four times that
_CHUNK = 1_000
_NOISE_KNOWN, _NOISE_NEW = 0.3, 0.5
_RANKERS = 3
_TREES: dict[str, Any] = {
    "learning_rate": 0.04, "num_leaves": 15, "min_data_in_leaf": 20, "feature_fraction": 0.3, "bagging_fraction": 0.7,
    "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1, "deterministic": True, "force_row_wise": True, "num_threads": 2,
}  # fmt: skip
_CLASSES = {"objective": "multiclass", "num_class": HIGHEST}
_RANKS = {"objective": "lambdarank", "label_gain": [0, 0, 1, 3, 7], "lambdarank_truncation_level": 15, "num_leaves": 8}
_CLASS_ROUNDS, _RANK_ROUNDS = 250, 200


@dataclass(frozen=True, slots=True)
class Ranker:
    """A trained ranker; `train` makes one.

    Attributes
    ----------
    maker
        Of the features.
    known
        The pairs that the processes carry grades from.
    known_grades
        Theirs, shape (known pairs,).
    spans
        Of the features of each group of known needs.
    known_whole_terms
        Terms of the known needs' whole texts, by which a need is recognised.
    kernel_worth
        Inverse frequencies of the kernel's terms.
    processes
        For known needs, and for new ones.
    classes
        Trees of the grades' chances, for known needs and for new ones.
    ranks
        Trees that order a new need's pairs.
    """

    maker: FeatureMaker
    known: PairView
    known_grades: npt.NDArray[np.int64]
    spans: GroupSpans
    known_whole_terms: Matrix
    kernel_worth: Array
    processes: tuple[GaussianProcess, GaussianProcess]
    classes: tuple[lightgbm.Booster, lightgbm.Booster]
    ranks: tuple[lightgbm.Booster, ...]

    def predict(self, pairs: GradedPairs, encoded: EncodedPairs) -> Predictions:
        """Return grades' chances and ranking scores; the pairs' own grades are not looked at."""
        said, view, plain = self._said(pairs, encoded)
        chances, scores = np.zeros((len(pairs), HIGHEST)), np.zeros(len(pairs))
        known, new = np.flatnonzero(view.groups != UNKNOWN), np.flatnonzero(view.groups == UNKNOWN)
        if len(known):
            chances[known] = self._known_chances(said[known], view.chosen(known), plain[known])
            scores[known] = chances[known] @ GAINS
        if len(new):
            chances[new], scores[new] = self._new(said[new], view.chosen(new), plain[new])
        return Predictions(chances, scores)

    def process_chances(self, pairs: GradedPairs, encoded: EncodedPairs) -> npt.NDArray[np.float64]:
        """Return grades' chances as the processes alone give them, shape (pairs, 4)."""
        return _chances(self._said(pairs, encoded)[0])

    def _said(self, pairs: GradedPairs, encoded: EncodedPairs) -> tuple[Array, PairView, Array]:
        """Return what the processes say of each pair, the kernel's view, and what the trees see first."""
        raw = self.maker.raw(pairs, encoded)
        terms = _whole_terms(pairs, self.kernel_worth)
        twins = known_groups(terms, self.known_whole_terms, self.known.twins)
        relative = within_needs(raw, pairs.need_of)
        known = np.flatnonzero(twins[pairs.need_of] != UNKNOWN)
        relative[known] = self.spans.relative(raw[known], twins[pairs.need_of[known]])
        view = _view(pairs, encoded, self.maker, raw, relative, self.kernel_worth, twins)
        said = np.zeros((len(pairs), HIGHEST - 1), dtype=np.float32)
        for needs_known, process in zip((True, False), self.processes, strict=True):
            asked = np.flatnonzero((view.groups != UNKNOWN) == needs_known)
            for start in range(0, len(asked), _CHUNK):
                rows = asked[start : start + _CHUNK]
                said[rows] = process.predict(likeness(view.chosen(rows), self.known, needs_known=needs_known))
        return said, view, np.hstack([raw, relative, lengths(pairs)])

    def _known_chances(self, said: Array, view: PairView, plain: Array) -> npt.NDArray[np.float64]:
        near = neighbours.neighbour_features(view, self.known, self.known_grades, leave_out_self=False)
        return _mixed(said, self.classes[0], np.hstack([plain, said, near]))

    def _new(
        self, said: Array, view: PairView, plain: Array
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        table = np.hstack([plain, said, within_needs(said, view.need_of)])
        chances = _mixed(said, self.classes[1], table)
        ranks = np.mean([booster.predict(table, num_threads=2) for booster in self.ranks], axis=0)
        votes = np.stack([ranks, chances @ GAINS], axis=1)
        return chances, within_needs(votes, view.need_of).sum(axis=1).astype(np.float64)


def train(
    pairs: GradedPairs, encoded: EncodedPairs, *, seed: int, with_bodies: bool, step: Step = lambda name: None
) -> Ranker:
    """Train on graded pairs.

    Parameters
    ----------
    pairs
        Every one with a grade, with no texts but theirs (see `features.choose`).
    encoded
        Their texts' vectors.
    seed
        Of the trees, and of the choice of pairs where there are more than the kernel holds.
    with_bodies
        Whether achievements' bodies are features.
    step
        Called with the name of each step before it begins.
    """
    step("features")
    maker = FeatureMaker.fitted(pairs, encoded, with_bodies=with_bodies)
    raw = maker.raw(pairs, encoded)
    worth = inverse_frequencies(KERNEL_KIND.counts([text.title for text in pairs.achievements + pairs.needs]))
    whole_terms = _whole_terms(pairs, worth)
    relative = within_needs(raw, pairs.need_of)
    view = _view(pairs, encoded, maker, raw, relative, worth, twin_groups(whole_terms))
    rows = _kernel_rows(len(pairs), seed)
    known, grades = view.chosen(rows), pairs.grades[rows]
    targets = np.stack([grades > grade for grade in range(1, HIGHEST)], axis=1).astype(np.float32)
    plain = np.hstack([raw, relative, lengths(pairs)])[rows]
    step("process for known needs")
    process_known, said = GaussianProcess.fitted(likeness(known, known, needs_known=True), targets, noise=_NOISE_KNOWN)
    near = neighbours.neighbour_features(known, known, grades, leave_out_self=True)
    step("trees for known needs")
    classes_known = _boosted(_CLASSES, np.hstack([plain, said, near]), grades - 1, _CLASS_ROUNDS, seed)
    step("process for new needs")
    process_new, said = GaussianProcess.fitted(
        likeness(known, known, needs_known=False), targets, noise=_NOISE_NEW, groups=known.groups
    )
    table = np.hstack([plain, said, within_needs(said, known.need_of)])
    step("trees for new needs")
    classes_new = _boosted(_CLASSES, table, grades - 1, _CLASS_ROUNDS, seed)
    ranks = tuple(_ranked(table, grades, known.need_of, seed + number) for number in range(_RANKERS))
    spans = GroupSpans.fitted(raw, view.groups)
    return Ranker(
        maker,
        known,
        grades,
        spans,
        whole_terms,
        worth,
        (process_known, process_new),
        (classes_known, classes_new),
        ranks,
    )


def _kernel_rows(count: int, seed: int) -> npt.NDArray[np.int64]:
    if count <= MOST_KERNEL_PAIRS:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:MOST_KERNEL_PAIRS])


def _whole_terms(pairs: GradedPairs, worth: Array) -> Matrix:
    return weighed(KERNEL_KIND.counts([text.whole for text in pairs.needs]), worth)


def _view(
    pairs: GradedPairs, encoded: EncodedPairs, maker: FeatureMaker, raw: Array, relative: Array, worth: Array,
    twins: npt.NDArray[np.int64],
) -> PairView:  # fmt: skip
    return PairView(
        np.hstack([maker.standardised(raw), relative]).astype(np.float32),
        maker.needs(encoded),
        maker.achievements(encoded),
        weighed(KERNEL_KIND.counts([text.title for text in pairs.needs]), worth),
        weighed(KERNEL_KIND.counts([text.title for text in pairs.achievements]), worth),
        pairs.need_of,
        pairs.achievement_of,
        twins,
    )


def _mixed(said: Array, booster: lightgbm.Booster, table: Array) -> npt.NDArray[np.float64]:
    """Return the mean of the process's chances and the trees'."""
    trees = np.asarray(booster.predict(table, num_threads=2)).reshape(len(table), HIGHEST)
    chances: npt.NDArray[np.float64] = (_chances(said) + trees) / 2
    return chances


def _chances(said: Array) -> npt.NDArray[np.float64]:
    """Return the grades' chances from those of a grade above 1, 2 and 3, put into order first."""
    above = np.minimum.accumulate(np.clip(said.astype(np.float64), 0, 1), axis=1)
    edges = np.hstack([np.ones((len(above), 1)), above, np.zeros((len(above), 1))])
    chances: npt.NDArray[np.float64] = edges[:, :-1] - edges[:, 1:]
    return chances


def _boosted(
    objective: dict[str, Any], table: Array, labels: npt.NDArray[np.int64], rounds: int, seed: int,
    sizes: npt.NDArray[np.int64] | None = None,
) -> lightgbm.Booster:  # fmt: skip
    names = [f"f{column}" for column in range(table.shape[1])]
    data = lightgbm.Dataset(table, label=labels, group=sizes, feature_name=names)
    return lightgbm.train({**_TREES, **objective, "seed": seed}, data, num_boost_round=rounds)


def _ranked(table: Array, grades: npt.NDArray[np.int64], need_of: npt.NDArray[np.int64], seed: int) -> lightgbm.Booster:
    order = np.argsort(need_of, kind="stable")
    sizes = np.unique(need_of[order], return_counts=True)[1]
    return _boosted(_RANKS, table[order], grades[order], _RANK_ROUNDS, seed, sizes)
