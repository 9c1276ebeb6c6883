"""A deterministic encoder, stores and documents for the engine's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import unit_rows
from yunlang.matching.core.store import SearchIndexStore

DIMENSION = 64
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
TITLES = (
    "卫星互联网相控阵天线", "高镍三元动力电池电解液", "碳化硅功率器件外延", "石墨烯导热膜制备",
    "肿瘤免疫治疗抗体药物", "工业机器人谐波减速器", "5G-V2X 车路协同系统", "LiNi0.8Co0.1Mn0.1O2 正极材料",
    "科技型企业信用贷款", "大型仪器共享质谱仪",
)  # fmt: skip


class HashingEncoder:
    """Adds up a fixed random direction for each pair of neighbouring characters: similar texts, similar vectors."""

    name = "hashing"
    dimension = DIMENSION

    def __init__(self) -> None:
        self.calls = 0

    def encode_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.calls += 1
        return self.encode_documents(texts)

    def encode_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for start in range(len(text)):
                digest = blake2b(text[start : start + 2].encode("utf-8", "replace"), digest_size=DIMENSION).digest()
                row += np.frombuffer(digest, dtype=np.int8)
        return unit_rows(rows)


def make_store(home: Path, **options: int) -> SearchIndexStore:
    return SearchIndexStore(
        home, analyser=default_analyser(), encoder=HashingEncoder.name, dimension=DIMENSION, **options
    )


def vectors_of(documents: Sequence[Document]) -> dict[str, npt.NDArray[np.float32]]:
    texts = [embedding_text(document) for document in documents]
    vectors = HashingEncoder().encode_documents(texts)
    return {content_hash(text): vector for text, vector in zip(texts, vectors, strict=True)}


def lookup(documents: Sequence[Document]):
    known = vectors_of(documents)
    return lambda digests: {digest: known[digest] for digest in digests if digest in known}


def sample_documents(count: int = 30) -> list[Document]:
    """Documents that differ in every column; `count` of them."""
    kinds = ("achievement", "expertise", "loan")
    cities = ("310117", "320500", "")
    return [
        Document(
            id=f"d{number}", kind=kinds[number % 3], title=f"{TITLES[number % len(TITLES)]} {number}",
            city=cities[number % len(cities)], organisation=f"机构{number}", trl=number % 9 + 1 if number % 4 else None,
            price=Decimal(number * 100) if number % 5 else None, labels=("high_tech",) if number % 2 else (),
            industry="new_materials" if number % 3 else "",
        )
        for number in range(count)
    ]  # fmt: skip


documents = st.builds(
    Document,
    id=st.sampled_from([f"d{number}" for number in range(12)]),
    kind=st.sampled_from(["achievement", "loan", "policy"]),
    title=st.sampled_from(TITLES) | st.text(max_size=20),
    text=st.text(max_size=40),
    city=st.sampled_from(["", "310117", "320500"]),
    trl=st.none() | st.integers(1, 9),
    price=st.none() | st.decimals(0, 10**9, places=2),
    labels=st.lists(st.sampled_from(["high_tech", "listed"]), max_size=2, unique=True).map(tuple),
)
