"""Scoring candidates by the terms kept of each row."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.core.support import DIMENSION, sample_documents
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document
from yunlang.matching.core.lexical import SCHEMA, WORDS
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.core.terms import HIGHEST_COUNT, TermLists, document_terms, term_key, term_scores

WORDS_KNOWN = ["电解液", "添加剂", "卫星", "天线", "5g", "轴承"]
texts = st.lists(st.lists(st.sampled_from(WORDS_KNOWN), max_size=12), min_size=1, max_size=8)
worths = st.dictionaries(st.sampled_from([*WORDS_KNOWN, "无人有"]), st.floats(0.01, 10))


def plain_bm25(text: list[str], mean: float, worth: dict[str, float]) -> float:
    counts = Counter(text)
    penalty = 1.2 * (1 - 0.75 + 0.75 * len(text) / max(mean, 1e-9))
    return sum(value * 2.2 * counts[word] / (counts[word] + penalty) for word, value in worth.items() if counts[word])


@given(texts, worths, st.data())
def test_scores_are_those_of_bm25_written_out(
    found: list[list[str]], worth: dict[str, float], data: st.DataObject
) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, len(found) - 1), max_size=10)), dtype=np.int64)
    lengths = np.array([len(found[place]) for place in places], dtype=np.int64)
    mean = sum(map(len, found)) / len(found)
    scores = term_scores(TermLists.of(found), places, lengths, mean, worth)
    assert scores == pytest.approx([plain_bm25(found[place], mean, worth) for place in places])


@given(texts, texts)
def test_joined_lists_are_the_lists_of_all_texts(first: list[list[str]], second: list[list[str]]) -> None:
    joined, whole = TermLists.joined([TermLists.of(first), TermLists.of(second)]), TermLists.of(first + second)
    assert joined.ends.tolist() == whole.ends.tolist()
    assert joined.terms.tolist() == whole.terms.tolist()


def test_a_word_repeated_without_end_stays_countable() -> None:
    lists = TermLists.of([["轴承"] * 5000])
    assert lists.terms.tolist() == [(term_key("轴承"), HIGHEST_COUNT)]


def test_half_a_character_has_a_key() -> None:
    assert term_key("a\ud800") == term_key("a?")


def test_scores_are_those_of_the_word_index(tmp_path: Path) -> None:
    store = SearchIndexStore(tmp_path / "index", analyser=default_analyser(), encoder="none", dimension=DIMENSION)
    items = [*sample_documents(), Document(id="twice", kind="achievement", title="储能电池电解液、电池电解液添加剂")]
    index = store.build(items, watermark=1, built_at=datetime(2026, 11, 22, tzinfo=UTC))
    words = list(dict.fromkeys(word for item in items for word in document_terms(default_analyser(), item).words))
    worth = index.lexical.inverse_frequencies(WORDS, words)
    query = tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, tantivy.Query.term_query(SCHEMA, WORDS, word, "freq")) for word in words]
    )
    hits = index.lexical._searcher.search(query, len(items)).hits
    rows = index.lexical._rows(hits)
    assert len(rows) == len(items)
    # The word index rounds lengths above forty.
    assert index.word_scores(worth, rows) == pytest.approx([score for score, _ in hits], rel=0.03)
