"""The matching engine of this installation: one analyser, one encoder, one index store, shared by every thread."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from django.conf import settings

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.encoder import E5Encoder, Encoder
from yunlang.matching.core.engines import Engine
from yunlang.matching.core.errors import LocalIndexError
from yunlang.matching.core.milvus_store import MilvusStore
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table
from yunlang.matching.core.store import SearchIndexStore


@cache
def encoder() -> Encoder:
    """Return the encoder whose vectors the index keeps: the one that YUNLANG_ENCODER names, e5 unless told.

    Raises
    ------
    ModelFileError
        When the static encoder's file does not fit the code.
    """
    if settings.MATCHING_ENCODER == "static":
        return StaticEncoder(shipped_table())
    return E5Encoder()


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
def matcher() -> Matcher:
    """Return the matcher over that index."""
    return Matcher(store(), encoder(), clock=time.perf_counter)
