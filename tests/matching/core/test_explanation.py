"""Reasons of a hit."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.document import Document
from yunlang.matching.core.explanation import (
    MOST_WORDS,
    Reasons,
    SentencePair,
    conditions,
    nearest_by_vectors,
    nearest_by_words,
    word_shares,
)
from yunlang.matching.core.query import Query

words = st.text(alphabet="电解液池锂", min_size=1, max_size=3)


@given(st.dictionaries(words, st.floats(0.01, 20)), st.dictionaries(words, st.integers(1, 9)))
def test_shares_sum_to_one(worth: dict[str, float], counts: dict[str, int]) -> None:
    shares = word_shares(worth, counts)
    assert len(shares) <= MOST_WORDS
    assert bool(shares) is bool(worth.keys() & counts.keys())
    assert sum(item.share for item in shares) == pytest.approx(1 if shares else 0)
    assert [item.share for item in shares] == sorted((item.share for item in shares), reverse=True)
    assert all(item.word in worth and item.word in counts for item in shares)


def test_inner_words_count_with_the_whole() -> None:
    shares = word_shares({"电解": 3.0, "电解液": 5.0, "隔膜": 2.0}, {"电解": 1, "电解液": 1, "隔膜": 1, "电池": 4})
    assert [(item.word, round(item.share, 2)) for item in shares] == [("电解液", 0.8), ("隔膜", 0.2)]


def test_nearest_by_words_takes_the_telling_ones() -> None:
    wanted = [("防爆电池", ["防爆", "电池"]), ("现有厂房", ["厂房"])]
    offered = [("电池包装", ["电池", "包装"]), ("防爆外壳", ["防爆", "外壳"])]
    pair = nearest_by_words(wanted, offered, {"防爆": 6.0, "电池": 2.0})
    assert pair == SentencePair("防爆电池", "防爆外壳", 0.75, "words")
    assert nearest_by_words(wanted, [("无关", ["无关"])], {"防爆": 6.0}) is None
    assert nearest_by_words([], offered, {"防爆": 6.0}) is None


def test_nearest_by_vectors_takes_the_largest_cosine() -> None:
    vectors = np.eye(3, dtype=np.float32)
    pair = nearest_by_vectors(["甲", "乙"], ["丙", "丁"], vectors[:2], vectors[1:])
    assert pair == SentencePair("乙", "丙", 1.0, "vectors")
    assert nearest_by_vectors([], ["丙"], vectors[:0], vectors[:1]) is None


OFFER = Document(
    id="a", kind="achievement", title="x", city="330500", trl=5, price=Decimal(3_000_000), labels=("high_tech",),
    valid_until=date(2026, 6, 30),
)  # fmt: skip
BARE = Document(id="b", kind="achievement", title="y")


@pytest.mark.parametrize(
    ("wanted", "document", "code", "met", "phrase"),
    [
        ({}, OFFER, "city", True, "走廊内：湖州"),
        ({"city": "330500"}, OFFER, "city", True, "同在湖州"),
        ({}, Document(id="c", kind="k", title="z", place="北京"), "city", False, "走廊外：北京"),
        ({}, BARE, "city", None, "所在地未核实"),
        ({"kinds": ("loan",)}, OFFER, "kind", False, "类别不同"),
        ({"kinds": ("achievement",)}, OFFER, "kind", True, "类别符合要求"),
        ({"trl": 6}, OFFER, "trl", False, "技术成熟度 5 级，要求不低于 6 级"),
        ({"trl": 5}, OFFER, "trl", True, "技术成熟度 5 级，要求不低于 5 级"),
        ({"trl": 5}, BARE, "trl", None, "未注明技术成熟度"),
        ({"budget": Decimal(3_000_000)}, OFFER, "price", True, "价格 300 万元，预算 300 万元"),
        ({"budget": Decimal(2_000_000)}, OFFER, "price", False, "价格 300 万元，预算 200 万元"),
        ({"budget": Decimal(1)}, BARE, "price", None, "未标价"),
        ({"labels": ("high_tech", "listed")}, OFFER, "label", True, "具备所需资质"),
        ({"labels": ("listed",)}, OFFER, "label", False, "无所需资质"),
        ({"deadline": date(2026, 6, 30)}, OFFER, "deadline", True, "有效期至 2026-06-30，需求截止 2026-06-30"),
        ({"deadline": date(2026, 7, 1)}, OFFER, "deadline", False, "有效期至 2026-06-30，需求截止 2026-07-01"),
        ({"deadline": date(2026, 7, 1)}, BARE, "deadline", None, "未注明有效期"),
    ],
)
def test_conditions(wanted: dict[str, object], document: Document, code: str, met: bool | None, phrase: str) -> None:
    found = {item.code: item for item in conditions(Query("x", **wanted), document, CORRIDOR_CITIES)}
    assert (found[code].met, found[code].phrase.zh) == (met, phrase)
    assert found[code].phrase.en
    assert len(found) == 1 + len(wanted.keys() - {"city"})


def test_reasons_become_json() -> None:
    reasons = Reasons(
        words=word_shares({"甲": 1.0}, {"甲": 1}), similarity=0.9, sentences=SentencePair("问", "答", 0.5, "words"),
        conditions=conditions(Query("x"), OFFER, CORRIDOR_CITIES), grades=(0.1, 0.2, 0.3, 0.4),
    )  # fmt: skip
    assert json.loads(json.dumps(reasons.to_dict())) == {
        "words": [{"word": "甲", "share": 1.0}],
        "similarity": 0.9,
        "sentences": {"query": "问", "document": "答", "similarity": 0.5, "by": "words"},
        "conditions": [{"code": "city", "met": True, "zh": "走廊内：湖州", "en": "in the corridor: Huzhou"}],
        "grades": [0.1, 0.2, 0.3, 0.4],
    }
