"""Vectors of texts, from the database where they are known, from the encoder where they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from yunlang.matching.core.document import content_hash
from yunlang.matching.core.encoder import Encoder, Quantised, Vectors, quantise
from yunlang.matching.models import Vector

# A stop is noticed between two of these; about a second of an encoder's work.
ENCODE_AT_ONCE = 64


class QuerySide:
    """An encoder as it encodes questions: needs' vectors are kept beside those of documents, under another name."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = f"{encoder.name}/query"
        self.dimension = encoder.dimension
        self._encoder = encoder

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions."""
        return self._encoder.encode_queries(texts)

    encode_documents = encode_queries


def vectors_known(encoder_name: str, hashes: Iterable[str]) -> dict[str, Quantised]:
    """Return the kept codes of these texts; one query for each ten thousand."""
    wanted = list(dict.fromkeys(hashes))
    known: dict[str, Quantised] = {}
    for start in range(0, len(wanted), 10_000):
        rows = Vector.objects.filter(encoder=encoder_name, content_hash__in=wanted[start : start + 10_000])
        for digest, codes in rows.values_list("content_hash", "codes"):
            known[digest] = np.frombuffer(bytes(codes), dtype=np.int8)
    return known


def vectors_keep(encoder_name: str, codes: Mapping[str, Quantised]) -> None:
    """Keep codes by content hash; known ones stay."""
    rows = [Vector(encoder=encoder_name, content_hash=digest, codes=one.tobytes()) for digest, one in codes.items()]
    Vector.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)


def vectors_make(
    encoder: Encoder,
    texts: Sequence[str],
    *,
    progress: Callable[[int], None] = lambda _: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> dict[str, Quantised]:
    """Return the codes of `texts` by content hash, encoding and keeping what is not known.

    Where `keep_going` says no, those not made by then are left out.
    """
    by_hash = {content_hash(text): text for text in texts}
    known = vectors_known(encoder.name, by_hash)
    missing = [digest for digest in by_hash if digest not in known]
    progress(len(known))
    for start in range(0, len(missing), ENCODE_AT_ONCE):
        if not keep_going():
            break
        part = missing[start : start + ENCODE_AT_ONCE]
        codes = quantise(encoder.encode_documents([by_hash[digest] for digest in part]))
        fresh = dict(zip(part, codes, strict=True))
        vectors_keep(encoder.name, fresh)
        known |= fresh
        progress(len(part))
    return known
