"""The matching engine of this installation: one analyser, one encoder, one index store, shared by every thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.encoder import Encoder, QueryVectors, Vectors, dequantise
from yunlang.matching.core.encoders import encoder_chosen
from yunlang.matching.core.engines import Engine
from yunlang.matching.core.errors import LocalIndexError
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.milvus_store import MilvusStore
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.reranking import Reranker
from yunlang.matching.core.static_encoder import StaticEncoder
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.vectors import QuerySide, vectors_known


@cache
def encoder() -> Encoder:
    """Return the encoder whose vectors the index keeps: the one that YUNLANG_ENCODER names, e5 unless told.

    Raises
    ------
    ModelFileError
        When the static encoder's file does not fit the code.
    """
    return encoder_chosen(settings.MATCHING_ENCODER)


@cache
def dictionary() -> tuple[str, ...]:
    """Return the words of YUNLANG_DICTIONARY (one a line) where that is set."""
    path = settings.MATCHING_DICTIONARY
    return tuple(Path(path).read_text(encoding="utf-8").splitlines()) if path else ()


@cache
def analyser() -> Analyser:
    """Return the analyser, with the installation's own words."""
    return Analyser(dictionary())


@cache
def store() -> Engine:
    """Return the index on the server that YUNLANG_SEARCH_URL names, else the one under YUNLANG_HOME."""
    if settings.SEARCH_URL:
        return MilvusStore(
            settings.SEARCH_URL, settings.SEARCH_TOKEN,
            analyser=analyser(), encoder=encoder().name, dimension=encoder().dimension,
        )  # fmt: skip
    return SearchIndexStore(
        settings.SEARCH_INDEX, analyser=analyser(), encoder=encoder().name, dimension=encoder().dimension
    )


def local_store() -> SearchIndexStore:
    """Return the index under YUNLANG_HOME.

    Raises
    ------
    LocalIndexError
        When the platform searches a server's: nobody keeps this one in step.
    """
    found = store()
    if not isinstance(found, SearchIndexStore):
        raise LocalIndexError
    return found


@cache
def query_vectors() -> QueryVectors:
    """Return the vectors of queries: the latest from memory; for re-ranking, those of open needs from the database."""
    if not settings.MATCHING_RANKER or isinstance(encoder(), StaticEncoder):
        # A title alone, or a quick encoder: made in less time than the database would take for many.
        return QueryVectors(encoder())
    kept_as = QuerySide(encoder()).name

    def kept(texts: Sequence[str]) -> dict[str, Vectors]:
        by_hash = {content_hash(text): text for text in texts}
        return {by_hash[digest]: dequantise(codes) for digest, codes in vectors_known(kept_as, by_hash).items()}

    return QueryVectors(encoder(), kept=kept)


@cache
def reranker() -> Reranker | None:
    """Return the ranker that YUNLANG_RANKER names, trained with `yunlang matching train`; None where it names none.

    Raises
    ------
    RankerFileError
        Saying why it cannot be used.
    """
    folder = settings.MATCHING_RANKER
    if not folder:
        return None
    # Trees and sparse matrices take half a second to load.
    from yunlang.matching.core.learning.reranker import TrainedReranker
    from yunlang.matching.ranker_files import ranker_load

    ranker, _ = ranker_load(Path(folder), encoder=encoder().name, with_bodies=False)
    return TrainedReranker(ranker, query_vectors().get_all, background=fusion_for(encoder().name).background)


@cache
def matcher() -> Matcher:
    """Return the matcher over that index.

    Raises
    ------
    RankerFileError
        When the ranker named cannot be used.
    """
    return Matcher(store(), encoder(), vectors=query_vectors(), reranker=reranker(), clock=time.perf_counter)
