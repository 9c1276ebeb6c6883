"""The terms of each row, so that a few hundred candidates are scored by BM25 without asking the word index again.

The word index goes from a word to its documents, which is what retrieval wants. Scoring goes the other way: candidates
are known, and their terms are few. Terms are kept as 32-bit hashes; of a query's 64 and a candidate's twenty, one in
some millions is taken for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.document import Document

TERM = np.dtype([("key", "<u4"), ("count", "u1")])
MOST_TERMS = np.iinfo(np.uint16).max
HIGHEST_COUNT = np.iinfo(np.uint8).max  # BM25 is flat long before
SATURATION = 1.2  # BM25's k1 and b, as in tantivy
LENGTH_SHARE = 0.75
KEYS_REMEMBERED = 200_000

Numbers = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Lengths = TypeVar("Lengths", float, npt.NDArray[np.float64])


class DocumentTerms(NamedTuple):
    """What is indexed of a document: words of title, tags, organisation and text; characters of title and tags."""

    words: list[str]
    characters: list[str]


def searched_texts(document: Document) -> tuple[str, str]:
    """Return what is searched of a document: title and tags, of which the characters count too, and the rest."""
    short = "\n".join((document.title, *document.tags)) if document.tags else document.title
    return short, "\n".join(filter(None, (document.organisation, document.text)))


def document_terms(analyser: Analyser, document: Document) -> DocumentTerms:
    """Return what is indexed of a document."""
    return DocumentTerms(*analyser.words_and_characters(*searched_texts(document)))


class _Keys(dict[str, int]):
    """Keys by term, made when first asked for; looked up a million times a second while an index is built."""

    def __missing__(self, term: str) -> int:
        if len(self) >= KEYS_REMEMBERED:
            self.clear()
        self[term] = key = crc32(term.encode("utf-8", "replace"))
        return key


_KEYS = _Keys()


def term_key(term: str) -> int:
    """Return the 32 bits (CRC-32) that a row keeps of a term."""
    return _KEYS[term]


@dataclass(frozen=True, slots=True, eq=False)
class TermLists:
    """The different terms of each row of a run of rows.

    Attributes
    ----------
    ends
        Where in `terms` each row's end; shape (rows,).
    terms
        Keys and counts, records of `TERM`.
    """

    ends: Numbers
    terms: npt.NDArray[np.void]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> TermLists:
        """Return the lists of texts cut into terms."""
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        keys = np.fromiter(map(_KEYS.__getitem__, chain.from_iterable(texts)), dtype=np.uint64, count=int(sizes.sum()))
        owned = np.repeat(np.arange(len(texts), dtype=np.uint64), sizes) << np.uint64(32) | keys
        distinct, counts = np.unique(owned, return_counts=True)
        terms = np.zeros(len(distinct), dtype=TERM)
        terms["key"] = distinct & np.uint64(0xFFFFFFFF)
        terms["count"] = np.minimum(counts, HIGHEST_COUNT)
        ends = np.searchsorted(distinct >> np.uint64(32), np.arange(len(texts), dtype=np.uint64), side="right")
        return cls(ends.astype(np.int64), terms)

    @classmethod
    def joined(cls, lists: Sequence[TermLists]) -> TermLists:
        """Return the lists of consecutive runs as one."""
        before = np.cumsum([0, *(len(one.terms) for one in lists[:-1])])
        ends = [one.ends + offset for one, offset in zip(lists, before, strict=True)]
        return cls(np.concatenate(ends), np.concatenate([one.terms for one in lists]))

    def of_places(self, places: Numbers) -> tuple[Numbers, Numbers]:
        """Return where in `terms` those of some places are, and for each which of the places it is of."""
        starts = np.where(places > 0, self.ends[places - 1], 0)
        sizes = self.ends[places] - starts
        owners = np.repeat(np.arange(len(places)), sizes)
        return np.arange(len(owners)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes), owners


@dataclass(frozen=True, slots=True, eq=False)
class IndexedTerms:
    """What is indexed of some documents.

    Attributes
    ----------
    words, characters
        Of each document in one string, separated by spaces, as the word index takes them.
    word_lists, character_lists
        The different ones of each.
    word_counts, character_counts
        How many each has, repetitions counted, up to `MOST_TERMS`; shape (documents,).
    """

    words: list[str]
    characters: list[str]
    word_lists: TermLists
    character_lists: TermLists
    word_counts: npt.NDArray[np.uint16]
    character_counts: npt.NDArray[np.uint16]


def indexed_terms(analyser: Analyser, texts: Sequence[tuple[str, str]]) -> IndexedTerms:
    """Return what is indexed of documents with these texts (`searched_texts`)."""
    found = [analyser.words_and_characters(short, rest) for short, rest in texts]
    words, characters = [words for words, _ in found], [characters for _, characters in found]
    return IndexedTerms(
        [" ".join(one) for one in words],
        [" ".join(one) for one in characters],
        TermLists.of(words),
        TermLists.of(characters),
        _counts(words),
        _counts(characters),
    )


def _counts(texts: Sequence[Sequence[str]]) -> npt.NDArray[np.uint16]:
    return np.array([min(len(one), MOST_TERMS) for one in texts], dtype=np.uint16)


def inverse_frequency(having: int, total: int) -> float:
    """Return BM25's inverse document frequency of a term that `having` of `total` documents have."""
    return log(1 + (total - having + 0.5) / (having + 0.5))


def length_penalty(lengths: Lengths, mean_length: float) -> Lengths:
    """Return what BM25 adds to a term's count in its divisor, for texts of some lengths."""
    return SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths / max(mean_length, 1e-9))


def term_scores(
    lists: TermLists, places: Numbers, lengths: npt.NDArray[np.int_], mean_length: float, worth: Mapping[str, float]
) -> Array:
    """Return the BM25 score of rows, 0 where no term matches.

    Parameters
    ----------
    lists, places
        Where the rows' terms are; places of shape (rows,).
    lengths
        Number of terms of each of these rows, repetitions counted.
    mean_length
        Of all rows.
    worth
        Of each of the query's terms: its weight times its inverse document frequency.

    References
    ----------
    Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, with Lucene's frequencies.
    """
    if not worth or not len(places):
        return np.zeros(len(places))
    values: dict[int, float] = {}
    for term, value in worth.items():
        values[term_key(term)] = values.get(term_key(term), 0.0) + value
    keys = np.array(sorted(values), dtype=np.uint32)
    at, owners = lists.of_places(places)
    asked = lists.terms["key"][at]
    found = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    hit = np.flatnonzero(keys[found] == asked)
    owners, found, counts = owners[hit], found[hit], lists.terms["count"][at[hit]].astype(np.float64)
    weights = np.array([values[key] for key in keys.tolist()]) * (1 + SATURATION)
    penalty = length_penalty(lengths.astype(np.float64), mean_length)
    scores = weights[found] * counts / (counts + penalty[owners])
    summed: Array = np.bincount(owners, weights=scores, minlength=len(places)).astype(np.float64, copy=False)
    return summed
