"""How a document lies in Milvus: the fields of both collections, a document's row, and filters as expressions.

A generation has two collections. One holds the documents: what is searched (``text``, our analyser's words, which
Milvus's jieba leaves whole but for one in 250, and ``vector``), what is filtered by, and what scores a candidate
(``words``, ``characters``: our words counted).
The other holds the number of documents that have each of our words, which Milvus does not tell, and the state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.chunks import MOST_LABELS, UNPRICED, UNSTATED_LEVEL
from yunlang.matching.core.document import LONGEST_ID, LONGEST_TEXT, Document, document_from_json, document_to_json
from yunlang.matching.core.encoder import Quantised, Vectors, dequantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.lexical import CHARACTERS, WORDS
from yunlang.matching.core.table import cents
from yunlang.matching.core.terms import LENGTH_SHARE, SATURATION, DocumentTerms

LONGEST_FIELD = 65_535  # bytes; Milvus's own bound for a VARCHAR
LONGEST_KEY = 512  # bytes of a kind, a city, an industry, a label, or a word
FIELDS = (WORDS, CHARACTERS)
ATTRIBUTES = ("kind", "city", "industry", "labels", "trl", "price")
SCORED = ["id", *ATTRIBUTES, *FIELDS, "has_vector", "vector"]  # what a candidate is scored from
WHOLE = ["id", *ATTRIBUTES, *FIELDS, "has_vector", "vector", "text", "text_hash", "payload"]


@dataclass(frozen=True, slots=True)
class TermCounts:
    """How often each word stands in one field of one document.

    Attributes
    ----------
    length
        Number of words, repetitions included.
    counts
        Of each word; of an extremely long text the first ones.
    """

    length: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, words: Sequence[str]) -> TermCounts:
        """Count words."""
        return cls(len(words), Counter(words))

    @classmethod
    def read(cls, text: str) -> TermCounts:
        """Return what `written` wrote."""
        length, *rest = text.split(" ")
        return cls(int(length), dict(zip(rest[::2], map(int, rest[1::2]), strict=True)))

    def written(self) -> str:
        """Return the counts as one line, cut where a field of Milvus ends."""
        parts, size = [str(self.length)], 20
        for word, count in self.counts.items():
            size += len(word.encode("utf-8", "replace")) + len(str(count)) + 2
            if size > LONGEST_FIELD:
                break
            parts += [word, str(count)]
        return " ".join(parts)


def row_of(
    document: Document, terms: DocumentTerms, digest: str, codes: Quantised | None, dimension: int
) -> dict[str, Any]:
    """Return a document as a row for Milvus; text beyond what a field holds is cut.

    Raises
    ------
    ValueError
        When a document is too large for a field even without its text, or has too many labels.
    """
    if len(document.labels) > MOST_LABELS:
        raise ValueError(f"an index knows at most {MOST_LABELS} different labels")
    return {
        "id": clean(document.id),
        "text": _cut(" ".join(terms.words)),
        "payload": _payload(document),
        "text_hash": digest,
        **{name: TermCounts.of(getattr(terms, name)).written() for name in FIELDS},
        **vector_fields(codes, dimension),
        "kind": clean(document.kind),
        "city": clean(document.city),
        "industry": clean(document.industry),
        "labels": [clean(label) for label in document.labels],
        "trl": document.trl or UNSTATED_LEVEL,
        "price": UNPRICED if document.price is None else cents(document.price),
    }


def vector_fields(codes: Quantised | None, dimension: int) -> dict[str, Any]:
    """Return the fields of a row's vector, a placeholder where there is none: Milvus wants one in every row."""
    vector = np.zeros(dimension, dtype=np.float32) if codes is None else dequantise(codes)
    if not vector.any():
        vector[0] = 1.0
    return {"has_vector": codes is not None, "vector": vector.tolist()}


def vector_in(row: Mapping[str, Any]) -> Vectors | None:
    """Return a row's unit vector, or None where it has none yet."""
    return np.asarray(row["vector"], dtype=np.float32) if row["has_vector"] else None


def document_in(row: Mapping[str, Any]) -> Document:
    """Return the document that `row_of` was given."""
    return document_from_json(row["payload"].encode())


def attributes_in(row: Mapping[str, Any]) -> Document:
    """Return a document with a row's filterable attributes alone."""
    price = None if row["price"] == UNPRICED else Decimal(row["price"]) / 100
    return Document(
        id=row["id"], kind=row["kind"], title="", city=row["city"], industry=row["industry"],
        trl=row["trl"] or None, price=price, labels=tuple(row["labels"]),
    )  # fmt: skip


def expression(filters: Filters, *more: str) -> str:
    """Return the filters, and more conditions, as one of Milvus's expressions; empty where nothing is asked."""
    conditions = [*more]
    for name, values in (("kind", filters.kinds), ("city", filters.cities), ("industry", filters.industries)):
        if values:
            conditions.append(one_of(name, values))
    if filters.labels:
        conditions.append(f"array_contains_any(labels, {_list(filters.labels)})")
    if filters.trl_minimum is not None:
        conditions.append(f"trl >= {filters.trl_minimum:d}")
    if filters.price_maximum is not None:
        conditions.append(f"price <= {cents(filters.price_maximum):d}")
    if filters.exclude_ids:
        conditions.append(f"id not in {_list(filters.exclude_ids)}")
    return " and ".join(conditions)


def one_of(name: str, values: Iterable[str]) -> str:
    """Return the condition that a field has one of the values."""
    return f"{name} in {_list(values)}"


_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _list(values: Iterable[str]) -> str:
    return "[{}]".format(", ".join(f'"{clean(value).translate(_ESCAPED)}"' for value in values))


def clean(value: str) -> str:
    """Return text that can be sent: lone surrogates, which UTF-8 does not have, become question marks."""
    return value.encode("utf-8", "replace").decode("utf-8")


def analyser_parameters(analyser: Analyser) -> dict[str, Any]:
    """Return Milvus's jieba with our dictionary, in exact mode.

    Ours has cut already. Search mode would cut the words of a question again: of 动力系统 it makes 系统, which any
    document has and ours leaves out.
    """
    return {
        "tokenizer": {"type": "jieba", "dict": ["_default_", *analyser.dictionary], "mode": "exact"},
        "filter": ["lowercase", {"type": "stop", "stop_words": [" "]}],
    }


def documents_schema(analyser: Analyser, dimension: int) -> tuple[Any, Any]:
    """Return schema and indexes of the collection of documents."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=LONGEST_ID)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=LONGEST_FIELD, enable_analyzer=True,
        analyzer_params=analyser_parameters(analyser),
    )  # fmt: skip
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25", function_type=FunctionType.BM25, input_field_names=["text"], output_field_names=["sparse"]
        )
    )
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("has_vector", DataType.BOOL)
    for name in (*FIELDS, "payload"):
        schema.add_field(name, DataType.VARCHAR, max_length=LONGEST_FIELD)
    for name in ("text_hash", "kind", "city", "industry"):
        schema.add_field(name, DataType.VARCHAR, max_length=LONGEST_KEY)
    schema.add_field(
        "labels", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=MOST_LABELS, max_length=LONGEST_KEY
    )
    schema.add_field("trl", DataType.INT8)
    schema.add_field("price", DataType.INT64)

    indexes = MilvusClient.prepare_index_params()
    indexes.add_index(
        "sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25",
        params={"bm25_k1": SATURATION, "bm25_b": LENGTH_SHARE},
    )  # fmt: skip
    indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 16, "efConstruction": 128})
    for name in ("text_hash", "kind", "city", "industry", "has_vector"):
        indexes.add_index(name, index_type="INVERTED")
    return schema, indexes


def terms_schema() -> tuple[Any, Any]:
    """Return schema and indexes of the collection of words and the state."""
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("term", DataType.VARCHAR, is_primary=True, max_length=LONGEST_KEY)
    for name in FIELDS:
        schema.add_field(name, DataType.INT64)
    schema.add_field("state", DataType.VARCHAR, max_length=LONGEST_FIELD)
    schema.add_field("unused", DataType.FLOAT_VECTOR, dim=2)  # Milvus takes no collection without a vector
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("unused", index_type="FLAT", metric_type="L2")
    return schema, indexes


def term_row(term: str, counts: Mapping[str, int], state: str = "") -> dict[str, Any]:
    """Return a row of the collection of words."""
    return {"term": term, **{name: counts.get(name, 0) for name in FIELDS}, "state": state, "unused": [0.0, 0.0]}


def counted_as(word: str) -> str:
    """Return what a word goes by in the collection of words."""
    return _cut(clean(word), LONGEST_KEY)


def _payload(document: Document) -> str:
    line = document_to_json(document)
    while (excess := len(line) - LONGEST_FIELD) > 0:
        if not document.text:
            raise ValueError(f"document {document.id} is {excess} bytes too large for the search server")
        document = replace(document, text=document.text[:LONGEST_TEXT][:-excess])
        line = document_to_json(document)
    return line.decode()


def _cut(text: str, most: int = LONGEST_FIELD) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
