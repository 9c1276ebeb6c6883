"""Re-ranking: the best candidates looked at again.

Retrieval and fusion look at three similarities of each document. A re-ranker looks at more, which is too slow for a
million documents and quick enough for the best fifty; `learning.reranker` is the trained one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.query import Query

Array = npt.NDArray[np.float64]
RERANKED = 50


class Reranker(Protocol):
    """Says how likely each grade is for some candidates of one query."""

    def chances(self, query: Query, documents: Sequence[Document], vectors: Vectors) -> Array:
        """Return the grades' chances, shape (documents, 4), rows sum to 1.

        Parameters
        ----------
        query
            What is asked.
        documents
            The candidates, the best first.
        vectors
            Theirs as the index keeps them, of unit length, shape (documents, dimension).
        """
        ...
