"""What is known of a pair before anybody grades it: likenesses of vectors and of terms, alone and within the need.

The names of the features are in `names`; a model keeps them and is refused where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.encoder import Encoder, Vectors
from yunlang.matching.core.learning.pairs import GradedPairs, Text
from yunlang.matching.core.learning.terms import (
    KINDS,
    Matrix,
    TermKind,
    inverse_frequencies,
    present,
    row_products,
    weighed,
)
from yunlang.matching.core.sentences import split_sentences

Array = npt.NDArray[np.float32]
LONGEST_ENCODED = 400  # characters of a body
MOST_SENTENCES = 24
LONGEST_SENTENCE = 120
NEAREST_SENTENCES = 3
_TITLE_VECTORS = ("title vectors", "title and body vectors", "nearest sentence", "three nearest sentences")
_BODY_VECTORS = ("title and achievement's body vectors", "body vectors")
_TERMS = ("titles", "need and title", "share of the achievement found", "share of the need's title found")
_LENGTHS = ("achievement's title", "need's title", "need's body")
_BATCH = 64


@dataclass(frozen=True, slots=True)
class EncodedPairs:
    """Vectors of every text, unit length, as the encoder gives them.

    Attributes
    ----------
    achievements, achievement_bodies
        Of the titles, and of the bodies (the title's where there is none), shape (achievements, dimension).
    needs, need_bodies
        The same of the needs.
    sentences, sentence_of
        Of the needs' titles and sentences, and whose they are.
    """

    achievements: Vectors
    achievement_bodies: Vectors
    needs: Vectors
    need_bodies: Vectors
    sentences: Vectors
    sentence_of: npt.NDArray[np.int64]


def choose(pairs: GradedPairs, encoded: EncodedPairs, rows: npt.NDArray[np.int64]) -> tuple[GradedPairs, EncodedPairs]:
    """Return some of the pairs with their texts and vectors, and no others."""
    needs, need_of = np.unique(pairs.need_of[rows], return_inverse=True)
    achievements, achievement_of = np.unique(pairs.achievement_of[rows], return_inverse=True)
    said = np.isin(encoded.sentence_of, needs)
    chosen = GradedPairs(
        tuple(pairs.needs[place] for place in needs),
        tuple(pairs.achievements[place] for place in achievements),
        need_of,
        achievement_of,
        pairs.grades[rows],
    )
    return chosen, EncodedPairs(
        encoded.achievements[achievements],
        encoded.achievement_bodies[achievements],
        encoded.needs[needs],
        encoded.need_bodies[needs],
        encoded.sentences[said],
        np.searchsorted(needs, encoded.sentence_of[said]),
    )


def encode_pairs(
    pairs: GradedPairs, encoder: Encoder, *, with_bodies: bool, progress: Callable[[int, int], None] | None = None
) -> EncodedPairs:
    """Encode every text once.

    Parameters
    ----------
    with_bodies
        Whether the achievements' bodies are read.
    progress
        Called with the number of texts done and of all.
    """
    parts = [need_parts(need) for need in pairs.needs]
    bodies = [_body(text) if with_bodies else text.title for text in pairs.achievements]
    texts: dict[str, int] = {}
    wanted = (
        [text.title for text in pairs.achievements],
        bodies,
        [title for title, _, _ in parts],
        [body for _, body, _ in parts],
        [sentence for _, _, own in parts for sentence in own],
    )
    for group in wanted:
        for text in group:
            texts.setdefault(text, len(texts))
    # Texts of one kind are compared with each other: with one prefix for both, e5 tells more of them apart.
    vectors = encode_texts(list(texts), encoder.encode_queries, encoder.dimension, progress)
    achievements, achievement_bodies, needs, need_bodies, said = (
        vectors[[texts[text] for text in group]] for group in wanted
    )
    owners = np.repeat(np.arange(len(parts)), [len(own) for _, _, own in parts])
    return EncodedPairs(achievements, achievement_bodies, needs, need_bodies, said, owners)


def encode_texts(
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    dimension: int,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Encode texts batch by batch; return float32 of shape (len(texts), dimension), in the order given."""
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    # Texts of like length together waste no padding.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        vectors[places] = encode([texts[place] for place in places])
        if progress is not None:
            progress(min(start + _BATCH, len(order)), len(order))
    return vectors


def _body(text: Text) -> str:
    return (text.body or text.title)[:LONGEST_ENCODED]


def need_parts(need: Text) -> tuple[str, str, list[str]]:
    """Return what is encoded of a need: its title, the start of its body, its sentences with the title's."""
    said = split_sentences(need.whole, most=MOST_SENTENCES, longest=LONGEST_SENTENCE)
    return need.title, _body(need), said or [need.title]


@dataclass(frozen=True, slots=True)
class FeatureMaker:
    """Makes the features of pairs with the statistics of the texts that it was fitted on.

    Attributes
    ----------
    worths
        Inverse frequencies of the terms of each of `terms.KINDS`, shape (kinds, BUCKETS).
    mean_achievement, mean_sentence
        Taken off every vector: e5's vectors all lie in one narrow cone, and differences count.
    mean, spread
        Of the features, shape (features,), for `standardised`.
    with_bodies
        Whether achievements' bodies are read.
    """

    worths: Array
    mean_achievement: Array
    mean_sentence: Array
    mean: Array
    spread: Array
    with_bodies: bool

    @classmethod
    def fitted(cls, pairs: GradedPairs, encoded: EncodedPairs, *, with_bodies: bool) -> FeatureMaker:
        """Return a maker with the statistics of these pairs."""
        texts = [text.title for text in pairs.achievements] + [text.whole for text in pairs.needs]
        worths = np.stack([inverse_frequencies(kind.counts(texts)) for kind in KINDS])
        nothing = np.zeros(0, dtype=np.float32)
        draft = cls(
            worths, encoded.achievements.mean(axis=0), encoded.sentences.mean(axis=0), nothing, nothing, with_bodies
        )
        raw = draft.raw(pairs, encoded)
        return cls(
            worths, draft.mean_achievement, draft.mean_sentence, raw.mean(axis=0), raw.std(axis=0) + 1e-6, with_bodies
        )

    @property
    def names(self) -> list[str]:
        """Return what `raw` has in its columns."""
        terms = [f"{kind.name}: {how}" for kind in KINDS for how in _TERMS]
        bodies = [*_BODY_VECTORS, *(f"{kind.name}: both in full" for kind in KINDS)] if self.with_bodies else []
        return [*_TITLE_VECTORS, *terms, *bodies]

    def achievements(self, encoded: EncodedPairs) -> Array:
        """Return the centred vectors of the achievements' titles, unit length."""
        return _centred(encoded.achievements, self.mean_achievement)

    def needs(self, encoded: EncodedPairs) -> Array:
        """Return the centred vectors of the needs' titles, unit length."""
        return _centred(encoded.needs, self.mean_achievement)

    def raw(self, pairs: GradedPairs, encoded: EncodedPairs) -> Array:
        """Return the features that need no other pair, shape (pairs, len(names))."""
        columns = self._vector_features(pairs, encoded)
        for kind, worth in zip(KINDS, self.worths, strict=True):
            columns += _term_features(pairs, kind, worth)
        if self.with_bodies:
            columns += self._body_features(pairs, encoded)
        return np.stack(columns, axis=1).astype(np.float32)

    def standardised(self, raw: Array) -> Array:
        """Return features with mean 0 and spread 1 over the pairs that the maker was fitted on."""
        return (raw - self.mean) / self.spread

    def _vector_features(self, pairs: GradedPairs, encoded: EncodedPairs) -> list[npt.NDArray[Any]]:
        achievements = self.achievements(encoded)[pairs.achievement_of]
        needs = self.needs(encoded)[pairs.need_of]
        bodies = _centred(encoded.need_bodies, self.mean_achievement)[pairs.need_of]
        nearest = np.zeros((len(pairs), 2), dtype=np.float32)
        sentences = _centred(encoded.sentences, self.mean_sentence)
        for need in np.unique(pairs.need_of):
            rows = np.flatnonzero(pairs.need_of == need)
            cosines = np.sort(sentences[encoded.sentence_of == need] @ achievements[rows].T, axis=0)
            nearest[rows, 0] = cosines[-1]
            nearest[rows, 1] = cosines[-NEAREST_SENTENCES:].mean(axis=0)
        return [(needs * achievements).sum(axis=1), (bodies * achievements).sum(axis=1), *nearest.T]

    def _body_features(self, pairs: GradedPairs, encoded: EncodedPairs) -> list[npt.NDArray[Any]]:
        bodies = _centred(encoded.achievement_bodies, self.mean_achievement)[pairs.achievement_of]
        needs = self.needs(encoded)[pairs.need_of]
        need_bodies = _centred(encoded.need_bodies, self.mean_achievement)[pairs.need_of]
        columns = [(needs * bodies).sum(axis=1), (need_bodies * bodies).sum(axis=1)]
        for kind, worth in zip(KINDS, self.worths, strict=True):
            full = weighed(kind.counts([text.whole for text in pairs.achievements]), worth)
            whole = weighed(kind.counts([text.whole for text in pairs.needs]), worth)
            columns.append(row_products(whole[pairs.need_of], full[pairs.achievement_of]))
        return columns


def _term_features(pairs: GradedPairs, kind: TermKind, worth: Array) -> list[npt.NDArray[Any]]:
    achievement = kind.counts([text.title for text in pairs.achievements])
    need = kind.counts([text.title for text in pairs.needs])
    whole = kind.counts([text.whole for text in pairs.needs])
    weighed_achievement = weighed(achievement, worth)[pairs.achievement_of]
    titles = row_products(weighed(need, worth)[pairs.need_of], weighed_achievement)
    needs = row_products(weighed(whole, worth)[pairs.need_of], weighed_achievement)
    found = _share_found(present(achievement, worth)[pairs.achievement_of], present(whole)[pairs.need_of])
    wanted = _share_found(present(need, worth)[pairs.need_of], present(achievement)[pairs.achievement_of])
    return [titles, needs, found, wanted]


def _share_found(worth: Matrix, there: Matrix) -> npt.NDArray[np.float64]:
    """Return the share of each row's worth whose terms are there."""
    whole = np.asarray(worth.sum(axis=1), dtype=np.float64).ravel()
    return row_products(worth, there) / np.maximum(whole, 1e-9)


def _centred(vectors: Vectors, mean: Array) -> Array:
    away = vectors - mean
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def within_needs(values: npt.NDArray[Any], need_of: npt.NDArray[np.int64]) -> Array:
    """Return values as their distance from the mean of the same need's pairs in its spreads, shape as given."""
    relative = np.zeros_like(values, dtype=np.float32)
    for need in np.unique(need_of):
        rows = need_of == need
        own = values[rows]
        relative[rows] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-6)
    return relative


@dataclass(frozen=True, slots=True)
class GroupSpans:
    """Where the features of each known group of needs lie: a new pair is measured by them, not by its few companions.

    Attributes
    ----------
    mean, spread
        Shape (groups, features).
    """

    mean: Array
    spread: Array

    @classmethod
    def fitted(cls, values: Array, group_of: npt.NDArray[np.int64]) -> GroupSpans:
        """Return the spans of groups numbered from 0, each with a pair or more."""
        groups = [values[group_of == group] for group in range(int(group_of.max()) + 1)]
        mean = np.stack([group.mean(axis=0) for group in groups])
        return cls(mean.astype(np.float32), np.stack([group.std(axis=0) for group in groups]).astype(np.float32))

    def relative(self, values: Array, group_of: npt.NDArray[np.int64]) -> Array:
        """Return values as their distance from their group's mean in its spreads, shape as given."""
        return np.asarray((values - self.mean[group_of]) / (self.spread[group_of] + 1e-6), dtype=np.float32)


def lengths(pairs: GradedPairs) -> Array:
    """Return the characters of the titles and of the need's body, shape (pairs, 3)."""
    achievements = np.array([len(text.title) for text in pairs.achievements], dtype=np.float32)
    titles = np.array([len(text.title) for text in pairs.needs], dtype=np.float32)
    bodies = np.array([len(text.body) for text in pairs.needs], dtype=np.float32)
    return np.stack([achievements[pairs.achievement_of], titles[pairs.need_of], bodies[pairs.need_of]], axis=1).astype(
        np.float32
    )
