"""The trained ranker as the pipeline's re-ranking: officers' grades and the portal's feedback at work in a search.

Its features are documented in `features` and kept by name in a model's card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.learning.features import EncodedPairs, need_parts
from yunlang.matching.core.learning.pairs import NO_GRADE, GradedPairs, text_of
from yunlang.matching.core.learning.ranker import Ranker
from yunlang.matching.core.query import Query


def query_texts(query: Query) -> list[str]:
    """Return what re-ranking encodes of a query: title, start of the text, sentences."""
    title, body, sentences = need_parts(text_of(query.title, query.text))
    return [title, body, *sentences]


class TrainedReranker:
    """Re-ranks by a trained ranker.

    Parameters
    ----------
    ranker
        Trained without achievements' bodies, of which an index keeps no vectors.
    encode
        Returns the vectors of a need's title, body and sentences as of queries, shape (texts, dimension).
    background
        Mean vector of documents as the index keeps them, shape (dimension,), or None for an encoder that encodes
        documents and queries alike. The ranker was trained on titles encoded as queries; both lie around means of
        their own, and the difference of the means is taken off.

    Raises
    ------
    ValueError
        When the ranker reads bodies.
    """

    def __init__(
        self, ranker: Ranker, encode: Callable[[Sequence[str]], Vectors], *, background: Vectors | None = None
    ) -> None:
        if ranker.maker.with_bodies:
            raise ValueError("a ranker of achievements' bodies cannot re-rank: an index has no vectors of them")
        self._ranker = ranker
        self._encode = encode
        self._shift = np.float32(0) if background is None else ranker.maker.mean_achievement - background

    def chances(self, query: Query, documents: Sequence[Document], vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the grades' chances; see `Reranker`."""
        need = text_of(query.title, query.text)
        achievements = tuple(text_of(document.title or document.text, "") for document in documents)
        count = len(documents)
        nothing = np.zeros(count, dtype=np.int64)
        pairs = GradedPairs((need,), achievements, nothing, np.arange(count), nothing + NO_GRADE)
        encoded = self._encode(query_texts(query))
        shifted = vectors + self._shift
        return self._ranker.predict(
            pairs,
            EncodedPairs(
                shifted,
                shifted,
                encoded[:1],
                encoded[1:2],
                encoded[2:],
                np.zeros(len(encoded) - 2, dtype=np.int64),
            ),
        ).chances
