"""Encoders and quantisation."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.matching.core.support import HashingEncoder
from yunlang.matching.core.encoder import E5Encoder, QueryVectors, Vectors, dequantise, quantise, unit_rows

finite = st.floats(-1e6, 1e6, width=32)
matrices = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(2, 40)), elements=finite)


@given(matrices)
def test_quantised_vectors_keep_their_direction(vectors: np.ndarray) -> None:
    codes = quantise(vectors)
    assert codes.dtype == np.int8
    assert codes.shape == vectors.shape
    # Half a step of 1/127 of the largest component, in each component.
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    assert (np.abs(codes / 127 * largest - vectors) <= largest * (0.5 / 127) * 1.001 + 1e-30).all()


@given(matrices)
def test_quantising_twice_changes_nothing(vectors: np.ndarray) -> None:
    codes = quantise(vectors)
    np.testing.assert_array_equal(quantise(codes), codes)


@given(matrices)
def test_restored_rows_are_units(vectors: np.ndarray) -> None:
    lengths = np.linalg.norm(dequantise(quantise(vectors)), axis=1)
    empty = (quantise(vectors) == 0).all(axis=1)
    np.testing.assert_allclose(lengths[~empty], 1, atol=1e-5)
    assert (lengths[empty] == 0).all()


def test_cosine_loss_of_unit_vectors_is_small() -> None:
    vectors = unit_rows(np.random.default_rng(0).standard_normal((200, 384)))
    assert (vectors * dequantise(quantise(vectors))).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize("wrong", [np.ones(3), np.array([[np.nan, 1.0]]), np.array([[np.inf, 1.0]])])
def test_quantise_refuses_what_it_cannot_keep(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"shape|finite"):
        quantise(wrong)


def test_query_vectors_are_remembered_and_forgotten() -> None:
    encoder = HashingEncoder()
    vectors = QueryVectors(encoder, capacity=2)
    first = vectors.get("甲")
    assert (vectors.get("甲") == first).all()
    assert encoder.calls == 1
    vectors.get("乙")
    vectors.get("甲")
    vectors.get("丙")
    vectors.get("甲")
    assert encoder.calls == 3
    vectors.get("乙")
    assert encoder.calls == 4


def test_vectors_kept_elsewhere_are_not_made_again() -> None:
    encoder, asked = HashingEncoder(), list[list[str]]()

    def kept(texts: Sequence[str]) -> dict[str, Vectors]:
        asked.append(list(texts))
        return {"乙": np.ones(encoder.dimension, dtype=np.float32)}

    vectors = QueryVectors(encoder, kept=kept)
    found = vectors.get_all(["甲", "乙", "甲"])
    assert (found[1] == 1).all()
    assert (found[0] == found[2]).all()
    assert (found[0] == HashingEncoder().encode_queries(["甲"])[0]).all()
    assert (encoder.calls, asked) == (1, [["甲", "乙"]])
    vectors.get_all(["乙", "甲"])
    assert (encoder.calls, len(asked)) == (1, 1)


def test_e5_knows_what_is_near_and_takes_anything() -> None:
    encoder = E5Encoder()
    query = encoder.encode_queries(["锂电池电解液"])[0]
    with ThreadPoolExecutor(2) as pool:
        near, far = pool.map(lambda text: encoder.encode_documents([text])[0], ["锂离子电池用电解质", "合同纠纷"])
    assert query @ near > query @ far
    odd = encoder.encode_documents(["", "a\x00b", "\ud800"])
    assert odd.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(odd, axis=1), 1, atol=1e-4)
    assert encoder.encode_queries([]).shape == (0, 384)
