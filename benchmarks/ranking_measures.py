"""How good a ranking is, and the plain baseline that rankings are measured against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np


def reciprocal_ranks(features: np.ndarray) -> np.ndarray:
    """Return the sum over the columns of 1 / (60 + rank)."""
    ranks = np.argsort(np.argsort(-features, axis=0, kind="stable"), axis=0, kind="stable")
    return (1 / (60 + ranks)).sum(axis=1)


def tf_idf(texts: Sequence[Sequence[str]], query: Sequence[str]) -> np.ndarray:
    """Return cosines of TF-IDF vectors, the plain baseline, with the idf of these texts."""
    frequency: dict[str, int] = defaultdict(int)
    for words in texts:
        for word in set(words):
            frequency[word] += 1
    worth = {word: np.log((1 + len(texts)) / (1 + count)) + 1 for word, count in frequency.items()}

    def weigh(words: Sequence[str]) -> dict[str, float]:
        raw = {word: words.count(word) * worth.get(word, 0.0) for word in set(words)}
        length = np.sqrt(sum(value**2 for value in raw.values())) or 1.0
        return {word: value / length for word, value in raw.items()}

    wanted = weigh(query)
    return np.array([sum(wanted.get(word, 0) * value for word, value in weigh(words).items()) for words in texts])


def mean_reciprocal_rank(scores: Sequence[np.ndarray]) -> float:
    """Return the mean of 1 / rank of the text with the query's own number; ties count against it."""
    return float(np.mean([1 / (values >= values[place]).sum() for place, values in enumerate(scores)]))
