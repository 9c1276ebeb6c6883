"""Documents, filters and queries as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.core.support import documents
from yunlang.matching.core.document import (
    LONGEST_EMBEDDED,
    LONGEST_TEXT,
    Document,
    content_hash,
    document_from_json,
    document_to_json,
    embedding_text,
)
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.query import LONGEST_ENCODED, LONGEST_QUERY, Query

PLAIN = Document(id="a", kind="loan", title="科创贷")


@given(documents)
def test_json_gives_the_document_back(document: Document) -> None:
    full = replace(document, tags=("电池",), place="北京", valid_until=date(2026, 12, 31), extra={"number": [1, None]})
    for item in (document, full):
        assert document_from_json(document_to_json(item)) == item


def test_json_cuts_long_text_and_survives_surrogates() -> None:
    stored = document_from_json(document_to_json(replace(PLAIN, title="a\ud800b", text="文" * (LONGEST_TEXT + 5))))
    assert stored.title == "a?b"
    assert len(stored.text) == LONGEST_TEXT


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""}, {"id": "x" * 201}, {"id": "a\x00"}, {"trl": 0}, {"trl": 10}, {"price": Decimal(-1)},
        {"price": Decimal("NaN")}, {"price": Decimal("1e17")},
    ],
)  # fmt: skip
def test_document_checks_its_values(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"id|level|price"):
        replace(PLAIN, **change)


@given(documents)
def test_embedding_text_is_one_short_line(document: Document) -> None:
    text = embedding_text(document)
    assert len(text) <= LONGEST_EMBEDDED
    assert "\n" not in text


def test_embedding_text_is_the_gist_else_the_title_else_the_text() -> None:
    document = replace(PLAIN, gist="信用 贷款", text="无抵押。\\n随借随还")
    assert embedding_text(document) == "信用贷款"
    assert embedding_text(replace(document, gist=" ")) == "科创贷"
    assert embedding_text(replace(document, gist="", title="")) == "无抵押。 随借随还"


def test_content_hash_tells_texts_apart() -> None:
    assert content_hash("甲") == content_hash("甲") != content_hash("乙")
    assert len(content_hash("\ud800")) == 32


@pytest.mark.parametrize(
    "values",
    [
        {"kinds": "loan"}, {"kinds": (1,)}, {"trl_minimum": 0}, {"trl_minimum": 10}, {"price_maximum": Decimal(-1)},
        {"price_maximum": Decimal("NaN")}, {"exclude_ids": tuple(map(str, range(10_001)))},
        {"cities": tuple(map(str, range(1001)))},
    ],
)  # fmt: skip
def test_filters_check_their_values(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"kinds|cities|exclude_ids|trl_minimum|price_maximum"):
        Filters(**values)


@given(st.lists(st.sampled_from(["loan", "policy", "fund"])))
def test_filters_of_the_same_values_are_equal(kinds: list[str]) -> None:
    assert Filters(kinds=tuple(kinds)) == Filters(kinds=tuple(reversed(kinds)))
    assert hash(Filters(kinds=tuple(kinds))) == hash(Filters(kinds=tuple(reversed(kinds))))
    assert Filters(kinds=tuple(kinds)).empty is (not kinds)
    assert Filters(kinds=tuple(kinds), cities=("x",)).without("kinds") == Filters(cities=("x",))


def test_query_is_cut_and_checked() -> None:
    query = Query("题" * 10_000, "文" * 10_000)
    assert (len(query.title), len(query.text), len(query.encoded)) == (LONGEST_QUERY, LONGEST_QUERY, LONGEST_ENCODED)
    assert Query("", "只有正文").encoded == "只有正文"
    for wrong in ({"trl": 0}, {"budget": Decimal(-1)}, {"budget": Decimal("Infinity")}):
        with pytest.raises(ValueError, match=r"level|budget"):
            Query("x", **wrong)
