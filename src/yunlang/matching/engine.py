"""The matching engine of this installation: one analyser, one encoder, one index store, shared by every thread."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from django.conf import settings

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.encoder import E5Encoder, Encoder
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
def store() -> SearchIndexStore:
    """Return the index under YUNLANG_HOME."""
    return SearchIndexStore(
        settings.SEARCH_INDEX, analyser=analyser(), encoder=encoder().name, dimension=encoder().dimension
    )


@cache
def matcher() -> Matcher:
    """Return the matcher over that index."""
    return Matcher(store(), encoder(), clock=time.perf_counter)
