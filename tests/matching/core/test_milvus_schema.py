"""Documents as rows and filters as expressions; milvus-lite's own parser reads the expressions back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.core.support import documents
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import document_from_json, document_to_json
from yunlang.matching.core.encoder import quantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.milvus_schema import (
    LONGEST_FIELD,
    LONGEST_KEY,
    TermCounts,
    attributes_in,
    clean,
    counted_as,
    document_in,
    expression,
    one_of,
    row_of,
    vector_in,
)
from yunlang.matching.core.terms import document_terms

pytestmark = pytest.mark.xdist_group("milvus")
TEXTS = st.text() | st.text(alphabet="\\\"'\n\r\t] [),(orand=!")


def parsed(text: str) -> Any:
    from milvus_lite.search.filter import parse_expr

    return parse_expr(text)


@given(st.lists(TEXTS, min_size=1))
def test_every_value_is_read_back_as_it_is(values: list[str]) -> None:
    condition = parsed(one_of("kind", values))
    assert (condition.field.name, condition.negate) == ("kind", False)
    assert [element.value for element in condition.values.elements] == [clean(value) for value in values]


@given(
    st.builds(
        Filters,
        kinds=st.lists(TEXTS, max_size=2), cities=st.lists(TEXTS, max_size=2), industries=st.lists(TEXTS, max_size=2),
        labels=st.lists(TEXTS, max_size=2), trl_minimum=st.none() | st.integers(1, 9),
        price_maximum=st.none() | st.decimals(0, 10**30, places=2), exclude_ids=st.lists(TEXTS, max_size=2),
    )
)  # fmt: skip
def test_filters_become_as_many_conditions(filters: Filters) -> None:
    text = expression(filters, "has_vector == true")
    asked = sum(
        value is not None and value != ()
        for value in (
            filters.kinds, filters.cities, filters.industries, filters.labels, filters.trl_minimum,
            filters.price_maximum, filters.exclude_ids,
        )
    )  # fmt: skip
    operands = getattr(parsed(text), "operands", [None])
    assert len(operands) == asked + 1


def test_no_filters_are_no_expression() -> None:
    assert expression(Filters()) == ""


@given(documents, st.booleans())
def test_a_row_tells_the_document_again(document: Any, with_vector: bool) -> None:
    analyser = default_analyser()
    codes = quantise(np.arange(1, 9, dtype=np.float32)[np.newaxis])[0] if with_vector else None
    row = row_of(document, document_terms(analyser, document), "f" * 32, codes, 8)
    assert document_in(row) == document_from_json(document_to_json(document))
    told = attributes_in(row)
    for name in ("id", "kind", "city", "industry", "trl", "price", "labels"):
        assert getattr(told, name) == getattr(document, name)
    vector = vector_in(row)
    assert (vector is not None) == with_vector
    assert np.linalg.norm(row["vector"]) == pytest.approx(1)
    assert row["text"].split() == document_terms(analyser, document).words


@given(st.lists(st.text(alphabet="电池液ab1.-/+#", min_size=1), max_size=30))
def test_counts_are_read_back(words: list[str]) -> None:
    counts = TermCounts.of(words)
    assert TermCounts.read(counts.written()) == TermCounts(len(words), dict(counts.counts))


def test_counts_of_a_very_long_text_keep_its_length_and_first_words() -> None:
    words = [f"词{number}" for number in range(20_000)]
    text = TermCounts.of(words).written()
    assert LONGEST_FIELD - 40 < len(text.encode()) <= LONGEST_FIELD
    counts = TermCounts.read(text)
    assert counts.length == 20_000
    assert list(counts.counts) == words[: len(counts.counts)]


def test_keys_fit_a_field() -> None:
    assert len(counted_as("长" * 1000).encode()) <= LONGEST_KEY
    assert counted_as("电池") == "电池"


def test_price_beyond_all_bounds_is_still_a_number() -> None:
    assert parsed(expression(Filters(price_maximum=Decimal(10) ** 40))).right.value < 2**63
