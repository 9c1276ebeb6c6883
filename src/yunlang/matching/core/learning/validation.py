"""Cross-validation: of pairs whose needs were graded before, and of needs never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.learning.evaluation import Predictions, figures
from yunlang.matching.core.learning.features import EncodedPairs, choose
from yunlang.matching.core.learning.kernel import twin_groups
from yunlang.matching.core.learning.pairs import GradedPairs
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.core.learning.terms import KERNEL_KIND, inverse_frequencies, weighed

Places = npt.NDArray[np.int64]


def cross_validated(
    pairs: GradedPairs,
    encoded: EncodedPairs,
    *,
    folds: int,
    seed: int,
    with_bodies: bool,
    step: Callable[[str], None] = lambda name: None,
) -> dict[str, dict[str, Any]]:
    """Return the figures of held-out pairs (``known_needs``) and of held-out needs (``new_needs``).

    Needs posted twice fall into one fold, so that a need never seen is one.

    Parameters
    ----------
    folds
        At least 2; needs fewer than that give no figures for new needs.
    """
    generator = np.random.default_rng(seed)
    groups = need_groups(pairs)[pairs.need_of]
    found = {}
    splits = {"known_needs": generator.permutation(len(pairs)) % folds}
    if len(np.unique(groups)) >= folds:
        splits["new_needs"] = (generator.permutation(groups.max() + 1) % folds)[groups]
    for name, fold_of in splits.items():
        chances, scores = np.zeros((len(pairs), 4)), np.zeros(len(pairs))
        for number, (rest, held) in enumerate(folds_of(fold_of, folds), start=1):
            step(f"{name} {number}/{folds}")
            ranker = train(*choose(pairs, encoded, rest), seed=seed, with_bodies=with_bodies)
            said = ranker.predict(*choose(pairs, encoded, held))
            chances[held], scores[held] = said.chances, said.scores
        found[name] = figures(pairs, Predictions(chances, scores))
    return found


def need_groups(pairs: GradedPairs) -> Places:
    """Return the number of each need's group, where needs posted twice share one, shape (needs,)."""
    worth = inverse_frequencies(KERNEL_KIND.counts([text.title for text in pairs.achievements + pairs.needs]))
    return twin_groups(weighed(KERNEL_KIND.counts([text.whole for text in pairs.needs]), worth))


def folds_of(fold_of: Places, folds: int) -> Iterator[tuple[Places, Places]]:
    """Yield the places outside and inside of each fold."""
    for fold in range(folds):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
