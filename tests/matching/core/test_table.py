"""Chunks of rows, their table, and the vectors in them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.core.support import DIMENSION, documents, lookup, sample_documents
from yunlang.matching.core import table as table_module
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.building import make_chunk
from yunlang.matching.core.chunks import Vocabulary, build_graph, merge_chunks, read_chunk, write_chunk
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import unit_rows
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.table import Table, empty_chunk
from yunlang.matching.core.terms import IndexedTerms, indexed_terms, searched_texts


def terms(items: list[Document]) -> IndexedTerms:
    return indexed_terms(default_analyser(), list(map(searched_texts, items)))


def as_table(items: list[Document], dead: list[int] | None = None) -> Table:
    vocabulary = Vocabulary()
    chunk = make_chunk(items, terms(items), 0, DIMENSION, vocabulary, dead or [], lookup(items))
    return Table([chunk], vocabulary)


def passes(document: Document, filters: Filters) -> bool:
    """Say the same as `Table.mask` in plain words."""
    return (
        (not filters.kinds or document.kind in filters.kinds)
        and (not filters.cities or document.city in filters.cities)
        and (not filters.industries or document.industry in filters.industries)
        and (not filters.labels or bool(set(filters.labels) & set(document.labels)))
        and (filters.trl_minimum is None or (document.trl is not None and document.trl >= filters.trl_minimum))
        and (filters.price_maximum is None or (document.price is not None and document.price <= filters.price_maximum))
        and document.id not in filters.exclude_ids
    )


filter_sets = st.builds(
    Filters,
    kinds=st.lists(st.sampled_from(["achievement", "loan", "never"]), max_size=2),
    cities=st.lists(st.sampled_from(["", "310117", "999999"]), max_size=2),
    labels=st.lists(st.sampled_from(["high_tech", "listed", "never"]), max_size=2),
    trl_minimum=st.none() | st.integers(1, 9),
    price_maximum=st.none() | st.decimals(0, 10**9, places=2),
    exclude_ids=st.lists(st.sampled_from(["d1", "d2", "nobody"]), max_size=2),
)


@given(st.lists(documents, max_size=12, unique_by=lambda item: item.id), filter_sets)
def test_mask_keeps_exactly_what_passes(items: list[Document], filters: Filters) -> None:
    assert as_table(items).mask(filters).tolist() == [passes(item, filters) for item in items]


def test_largest_price_bound_admits_no_unpriced_document() -> None:
    table = as_table([Document(id="a", kind="k", title="x")])
    assert not table.mask(Filters(price_maximum=Decimal("1e30"))).any()


def test_find_tells_ids_apart_and_forgets_the_dead() -> None:
    table = as_table(sample_documents(20), dead=[3])
    assert table.find("d3") is None
    assert table.find("nobody") is None
    assert table.find_all(["d4", "d3", "d19"]) == {"d4": 4, "d19": 19}
    assert table.document_id(19) == "d19"
    assert (table.size, table.count, table.vector_count) == (20, 19, 19)


def test_nearest_is_exact_within_the_mask() -> None:
    table = as_table(sample_documents(60), dead=[5])
    query = unit_rows(np.random.default_rng(0).standard_normal((1, DIMENSION)))[0]
    for filters in (Filters(), Filters(kinds=("loan",)), Filters(kinds=("never",))):
        mask = table.mask(filters)
        rows = [row for row in range(60) if mask[row]]
        cosines = table.similarities(query, rows)
        best = [rows[place] for place in np.argsort(-cosines)[:10]]
        found = table.nearest(query, 10, mask)
        assert set(found[:7]) <= set(best)
        assert len(found) == len(best)


def test_graph_finds_what_a_full_comparison_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    centres = random.standard_normal((40, DIMENSION))
    items = [Document(id=f"d{number}", kind="ab"[number % 2], title=f"题{number}") for number in range(4000)]
    vectors = unit_rows(centres[np.arange(4000) % 40] + 0.3 * random.standard_normal((4000, DIMENSION)))
    known = {content_hash(embedding_text(item)): vector for item, vector in zip(items, vectors, strict=True)}
    vocabulary = Vocabulary()
    plain = make_chunk(items, terms(items), 0, DIMENSION, vocabulary, [], lambda digests: known)
    with_graph = replace(plain, graph=build_graph(plain.vectors))
    monkeypatch.setattr(table_module, "MOST_EXACT", 100)
    exact, graph = Table([plain], vocabulary), Table([with_graph], vocabulary)
    for filters in (Filters(), Filters(kinds=("a",))):
        mask = exact.mask(filters)
        shared = [
            len(set(exact.nearest(vectors[row], 20, mask)) & set(graph.nearest(vectors[row], 20, mask)))
            for row in range(0, 4000, 200)
        ]
        assert np.mean(shared) >= 18
        assert all(mask[row] for row in graph.nearest(vectors[0], 20, mask))


def test_later_chunks_win() -> None:
    items = sample_documents(4)
    vocabulary = Vocabulary()
    first = make_chunk(items, terms(items), 0, DIMENSION, vocabulary, [], lookup(items))
    changed = Document(id="d1", kind="loan", title="全新的标题")
    second = make_chunk([changed], terms([changed]), 4, DIMENSION, vocabulary, [1], lookup([changed]))
    late = replace(empty_chunk(DIMENSION, 5), vector_rows=np.array([0], dtype=np.uint32), vectors=first.vectors[2:3])
    table = Table([first, second, late], vocabulary)
    assert table.find("d1") == 4
    np.testing.assert_array_equal(table.vector(0), first.vectors[2])
    one = Table([merge_chunks([first, second, late])], vocabulary)
    assert (one.size, one.count, one.vector_count, one.find("d1")) == (5, 4, 4, 4)
    np.testing.assert_array_equal(one.vector(0), first.vectors[2])


@pytest.mark.parametrize("mapped", [True, False])
def test_chunks_come_back_from_disk(tmp_path: Path, mapped: bool) -> None:
    items = sample_documents(10)
    chunk = make_chunk(items, terms(items), 7, DIMENSION, Vocabulary(), [3], lookup(items))
    (tmp_path / "c" / "half").mkdir(parents=True)
    write_chunk(tmp_path / "c", chunk)
    again = read_chunk(tmp_path / "c", 7, mapped=mapped)
    for name in ("rows", "ids", "dead", "vector_rows", "vectors"):
        np.testing.assert_array_equal(getattr(again, name), getattr(chunk, name))
    assert again.candidates("d2") == [9]
    empty = empty_chunk(DIMENSION)
    write_chunk(tmp_path / "e", empty)
    assert len(read_chunk(tmp_path / "e", 0, mapped=mapped).rows) == 0


def test_labels_are_bounded_and_vectors_checked() -> None:
    many = [Document(id=str(number), kind="k", title="x", labels=(f"label{number}",)) for number in range(65)]
    with pytest.raises(ValueError, match="64 different labels"):
        make_chunk(many, terms(many), 0, DIMENSION, Vocabulary(), [], None)
    with pytest.raises(ValueError, match="shape"):
        make_chunk(many[:1], terms(many[:1]), 0, DIMENSION, Vocabulary(), [], lambda digests: {digests[0]: np.ones(3)})


def test_vocabulary_keeps_its_numbers() -> None:
    vocabulary = Vocabulary({"kind": ["loan", "fund"]})
    assert vocabulary.learn("kind", "policy") == 2
    assert vocabulary.learn("kind", "loan") == 0
    assert vocabulary.codes("kind", ["fund", "never"]) == [1]
    assert Vocabulary(vocabulary.to_dict()).code("kind", "policy") == 2
