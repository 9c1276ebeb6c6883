"""Keeping the search index in step with the registry; and what people say of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy.typing as npt
import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.changes import change_record, changes_since, current_watermark, feed_reaches
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.models import Change
from yunlang.kit.readiness import NotReadyError
from yunlang.matching import engine
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.engines import EngineState
from yunlang.matching.core.errors import MovedIndexError, SearchIndexError
from yunlang.matching.core.judgement import VERDICTS
from yunlang.matching.documents import ORGANISATION, documents_of, published_documents, published_kind
from yunlang.matching.models import Feedback
from yunlang.matching.selectors import judged_words, need_visible
from yunlang.matching.vectors import vectors_known, vectors_make
from yunlang.registry.models import OrganisationLabel

log = structlog.get_logger("yunlang.matching")

# Changed records applied in one step; after each, others may take their turn.
APPLIED_AT_ONCE = 2_000
VECTOR_BATCH = 256
# A rebuild may finish between reading the changes and applying them; hardly twice.
REBUILDS_MET = 2
# A compaction merges the vectors that came after the build; it pays once there are many.
COMPACT_FROM = 2_000
# Less than the feed of changes is ever kept.
NEVER_PRUNED_WITHIN = timedelta(days=1)
# Within which the index notices a label that began or ended, though the platform was off for a while.
LABELS_LOOKED_BACK = timedelta(days=7)


class OutdatedIndexError(SearchIndexError):
    """The feed of changes no longer reaches back to the index's state, or is of another database."""

    code = "search_index_outdated"
    message = Bilingual(
        "检索索引与数据库已脱节，请运行 yunlang matching reindex 重建。",
        "The search index has lost touch with the database. Rebuild it with yunlang matching reindex.",
    )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the lock under which records are read from the database and applied.

    Without it a slow reader could apply an older state of a record over a newer one; and a search server takes changes
    from one writer at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matching.index'))")
        yield


def index_is_usable() -> bool:
    """Tell whether there is an index that this version reads and that the feed of changes still reaches."""
    try:
        _followed_index()
    except SearchIndexError as error:
        log.info("index_not_usable", reason=error.text.en)
        return False
    return True


def _followed_index() -> EngineState:
    index = engine.store().open()
    if not _feed_reaches(index.watermark):
        raise OutdatedIndexError
    return index


def _feed_reaches(watermark: int) -> bool:
    current = current_watermark()
    if watermark > current or feed_reaches(watermark):
        return watermark <= current
    # A feed that was pruned keeps an old row as its mark. Without one everything is there, however far the watermark
    # lies back; a row of a transaction yet to come was restored from another server and marks nothing.
    marks = Change.objects.filter(transaction_id__lte=current, at__lt=Now() - NEVER_PRUNED_WITHIN)
    return not marks.exists()


def index_check() -> None:
    """Let the readiness check pass when the index can be read.

    Raises
    ------
    NotReadyError
        When it cannot.
    """
    try:
        engine.store().open()
    except SearchIndexError as error:
        raise NotReadyError(error.code) from error


def index_update() -> int:
    """Bring the index up to the database's present state; return how many records had changed.

    Raises
    ------
    OutdatedIndexError
        When only a rebuild can do that.
    SearchIndexError
        When there is no usable index.
    """
    for _ in range(REBUILDS_MET):
        try:
            return _apply_changes()
        except MovedIndexError:
            log.info("index_rebuilt_meanwhile")
    return _apply_changes()


def _apply_changes() -> int:
    index = _followed_index()
    changed = changes_since(index.watermark)
    objects = sorted(changed.objects)
    last = len(objects) - APPLIED_AT_ONCE
    for start in range(0, len(objects), APPLIED_AT_ONCE):
        # Only the last step moves the watermark: until then everything would be read again.
        watermark = changed.watermark if start >= last else index.watermark
        _apply(objects[start : start + APPLIED_AT_ONCE], index.generation, watermark)
    return len(objects)


def _apply(objects: Iterable[tuple[str, UUID]], generation: str, watermark: int) -> None:
    with _one_at_a_time():
        documents, gone = documents_of(objects, indexed=engine.store().open().documents)
        engine.store().update(
            documents, gone, watermark=watermark, vectors=_known_vectors(documents), generation=generation
        )


def _known_vectors(documents: Sequence[Document]) -> Mapping[str, npt.ArrayLike]:
    # New texts wait for `vectors_fill`: words alone find a publication at once, and encoding must not hold the lock.
    texts = [embedding_text(document) for document in documents]
    return vectors_known(engine.encoder().name, [content_hash(text) for text in texts])


def index_rebuild(*, at: datetime, progress: Callable[[int], None] = lambda _: None) -> EngineState:
    """Build a new index from the database while the old one serves, switch to it, catch up, and return it.

    Raises
    ------
    BusyIndexError
        When another process builds.
    """
    watermark = current_watermark()
    name = engine.encoder().name
    engine.store().build(
        _counted(published_documents(), progress),
        watermark=watermark,
        built_at=at,
        vectors=lambda digests: vectors_known(name, digests),
    )
    index_update()
    return engine.store().open()


def _counted(documents: Iterable[Document], progress: Callable[[int], None]) -> Iterator[Document]:
    for place, document in enumerate(documents, start=1):
        if place % 500 == 0:
            progress(500)
        yield document


def vectors_missing() -> int:
    """Return how many documents of the index have no vector yet."""
    index = engine.store().open()
    return index.count - index.vector_count


def vectors_fill(
    *, keep_going: Callable[[], bool] = lambda: True, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Encode what has no vector yet, the newest first, a batch at a time; return how many were made.

    What was made when `keep_going` says no is kept.
    """
    made = 0
    while keep_going():
        missing = engine.store().open().missing_vectors(VECTOR_BATCH)
        if not missing:
            break
        texts = [embedding_text(document) for document in missing]
        vectors = vectors_make(engine.encoder(), texts, keep_going=keep_going)
        with _one_at_a_time():
            engine.store().update_vectors(vectors)
        made += len(vectors)
        progress(len(missing))
    if made >= COMPACT_FROM and keep_going():
        engine.store().compact()
    return made


@transaction.atomic
def labels_follow(*, today: date) -> int:
    """Record as changed the organisations of which a label began or ended lately; return how many.

    A label's days pass without anybody changing anything, and documents hold the labels of the day they were made.
    """
    since = today - LABELS_LOOKED_BACK
    turned = Q(valid_from__gt=since, valid_from__lte=today) | Q(valid_until__gte=since, valid_until__lt=today)
    found = list(OrganisationLabel.objects.filter(turned).values_list("organisation_id", flat=True).distinct())
    change_record(ORGANISATION, found)
    return len(found)


@transaction.atomic
def feedback_give(
    *, actor: Actor, document_id: UUID, verdict: str, at: datetime, need_id: UUID | None = None, query: str = ""
) -> Feedback:
    """Keep what somebody says of a document as an answer to a need, or to words typed; said again, it is changed.

    Raises
    ------
    InvalidError
        When the verdict is none, or neither a need nor words are named, or both.
    NotFoundError
        When the need or the document is not there for the actor.
    """
    require(actor, "matching.judge")
    words = judged_words(query)
    if verdict not in VERDICTS:
        raise InvalidError({"verdict": [Bilingual("请选择合适或不合适", "Say good or bad")]})
    if (need_id is None) is not bool(words):
        raise InvalidError({"need": [Bilingual("请给出一项需求，或所写的话", "Name a need, or the words typed")]})
    need = need_visible(actor, need_id) if need_id else None
    kind = published_kind(document_id)
    if kind is None:
        raise NotFoundError(what=Bilingual("该记录，可能已关闭", "this record; it may have been closed"))
    row, is_new = Feedback.objects.select_for_update(of=("self",)).get_or_create(
        actor_id=actor.actor_id, need=need, query=words, document_id=document_id,
        defaults={"document_kind": kind, "verdict": verdict, "at": at},
    )  # fmt: skip
    before = None if is_new else row.verdict
    if before == verdict:
        return row
    row.verdict, row.at = verdict, at
    row.save(update_fields=["verdict", "at"])
    audit_record(
        actor=actor, action="feedback_give", object_kind="feedback", object_id=row.pk,
        before={"verdict": before} if before else None,
        after={"verdict": verdict, "document": str(document_id), "need": str(need_id) if need_id else None},
    )  # fmt: skip
    return row
