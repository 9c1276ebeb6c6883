"""Keeping the search index in step with the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import numpy.typing as npt
import structlog
from django.db import connection, transaction

from yunlang.kit.changes import changes_since, current_watermark, feed_reaches
from yunlang.kit.readiness import NotReadyError
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.errors import MovedIndexError, SearchIndexError
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.documents import documents_of, published_documents
from yunlang.matching.engine import encoder, store
from yunlang.matching.vectors import vectors_known, vectors_make

log = structlog.get_logger("yunlang.matching")

# So few new texts are encoded while the change is applied; more would keep a publication from being found in time.
ENCODED_AT_ONCE = 8
VECTOR_BATCH = 256
# A rebuild may finish between reading the changes and applying them; hardly twice.
REBUILDS_MET = 2
# A compaction merges the vectors that came after the build; it pays once there are many.
COMPACT_FROM = 2_000


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the lock under which changes are read from the database and applied.

    Without it a slow reader could apply an older state of a record over a newer one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matching.index'))")
        yield


def index_is_usable() -> bool:
    """Tell whether there is an index that this version reads and that the feed of changes still reaches."""
    try:
        index = store().open()
    except SearchIndexError as error:
        log.info("index_not_usable", reason=error.text.en)
        return False
    return feed_reaches(index.watermark)


def index_check() -> None:
    """Let the readiness check pass when the index can be read.

    Raises
    ------
    NotReadyError
        When it cannot.
    """
    try:
        store().open()
    except SearchIndexError as error:
        raise NotReadyError(error.code) from error


def index_update() -> int:
    """Bring the index up to the database's present state; return how many records had changed."""
    for _ in range(REBUILDS_MET):
        try:
            return _apply_changes()
        except MovedIndexError:
            log.info("index_rebuilt_meanwhile")
    return _apply_changes()


def _apply_changes() -> int:
    with _one_at_a_time():
        index = store().open()
        changed = changes_since(index.watermark)
        if not changed.objects:
            return 0
        documents, gone = documents_of(changed.objects)
        store().update(
            documents, gone, watermark=changed.watermark, vectors=_vectors_at_hand(documents), generation=index.generation
        )
    return len(changed.objects)


def _vectors_at_hand(documents: Sequence[Document]) -> Mapping[str, npt.ArrayLike]:
    texts = [embedding_text(document) for document in documents]
    known = vectors_known(encoder().name, [content_hash(text) for text in texts])
    missing = [text for text in texts if content_hash(text) not in known]
    return known | (vectors_make(encoder(), missing) if len(missing) <= ENCODED_AT_ONCE else {})


def index_rebuild(*, at: datetime, progress: Callable[[int], None] = lambda _: None) -> SearchIndex:
    """Build a new index from the database while the old one serves, switch to it, and catch up."""
    watermark = current_watermark()
    name = encoder().name
    index = store().build(
        _counted(published_documents(), progress),
        watermark=watermark,
        built_at=at,
        vectors=lambda digests: vectors_known(name, digests),
    )
    index_update()
    return index


def _counted(documents: Iterable[Document], progress: Callable[[int], None]) -> Iterator[Document]:
    for place, document in enumerate(documents, start=1):
        if place % 500 == 0:
            progress(500)
        yield document


def vectors_fill(*, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Encode what has no vector yet, the newest first, a batch at a time; return how many were made."""
    made = 0
    while keep_going():
        missing = store().open().missing_vectors(VECTOR_BATCH)
        if not missing:
            break
        vectors = vectors_make(encoder(), [embedding_text(document) for document in missing])
        store().update_vectors(vectors)
        made += len(missing)
    if made >= COMPACT_FROM:
        store().compact()
    return made
