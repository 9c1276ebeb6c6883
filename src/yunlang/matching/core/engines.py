"""What the platform asks of a search engine: the local one (`store`, `index`) and the cluster's (`milvus_*`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.building import VectorSource
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.errors import MovedIndexError
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.preferences import Attributes

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class EngineState(Attributes, Protocol):
    """One look at an engine's index. Its rows are numbers that mean something to this look alone."""

    @property
    def generation(self) -> str:
        """Name of what the last build made."""

    @property
    def watermark(self) -> int:
        """The caller's mark of the last change that is in; replay what came after it."""

    @property
    def count(self) -> int:
        """Number of documents."""

    @property
    def vector_count(self) -> int:
        """Number of documents that have a vector."""

    def find_all(self, document_ids: Iterable[str]) -> dict[str, int]:
        """Return the rows of those of the documents that are here."""

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are here, by id."""

    def documents_at(self, rows: Sequence[int]) -> dict[int, Document]:
        """Return the documents of these rows, without those removed meanwhile where the engine cannot keep them."""

    def missing_vectors(self, most: int = 256) -> list[Document]:
        """Return documents that have no vector yet, the newest first where the engine knows."""

    def search(self, words: Sequence[str], query: Vectors | None, count: int, filters: Filters) -> list[int]:
        """Return rows that pass the filters, each once: the best `count` by BM25, and the nearest to a unit vector."""

    def facets(self, words: Sequence[str], filters: Filters) -> dict[str, dict[str, int]]:
        """Return the number of documents by kind, city and industry that share words with the query."""

    def inverse_frequencies(self, name: str, words: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each word in a field, `lexical.WORDS` or `lexical.CHARACTERS`."""

    def word_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the BM25 score over words of each row, given each word's weight times its inverse frequency."""

    def character_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the same over single characters of title and tags."""

    def vectors(self, rows: Sequence[int]) -> dict[int, Vectors]:
        """Return the unit vectors of those of the rows that have one."""

    def similarities(self, query: Vectors, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the cosines between a unit query vector and the rows' vectors, NaN where a row has none."""


class Engine(Protocol):
    """Opens, changes and rebuilds an index; `SearchIndexStore` describes each method in full."""

    @property
    def analyser(self) -> Analyser:
        """Cuts documents and queries."""

    def open(self) -> EngineState:
        """Return a look at the latest state."""

    def build(
        self,
        documents: Iterable[Document],
        *,
        watermark: int,
        built_at: datetime,
        vectors: VectorSource | None = None,
    ) -> EngineState:
        """Build anew while the old serves, switch, remove the old, and return the state after it."""

    def update(
        self,
        upserts: Iterable[Document] = (),
        deletes: Iterable[str] = (),
        *,
        watermark: int,
        vectors: Mapping[str, npt.ArrayLike] | None = None,
        generation: str | None = None,
    ) -> EngineState:
        """Add, replace and remove documents, which may be done again, and return the state after it."""

    def update_vectors(self, vectors: Mapping[str, npt.ArrayLike]) -> EngineState:
        """Give vectors to all documents whose embedding text has these content hashes; return the state after it."""

    def compact(self) -> EngineState:
        """Tidy up after many changes; return the state after it."""


def again_when_moved(method: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Have a question asked once more when a rebuilt index took the place of the one it was asked of."""

    @wraps(method)
    def asked(*arguments: Asked.args, **options: Asked.kwargs) -> Answer:
        try:
            return method(*arguments, **options)
        except MovedIndexError:
            return method(*arguments, **options)

    return asked
