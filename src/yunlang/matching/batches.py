"""All pairs: every open need's best matches, ranked in partitions, stored need by need.

A need's ranking remembers the state of the index that it was made against. So a run that is killed leaves every need
with its old matches or its new ones, and the next run goes on with those that are behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from yunlang.accounts.notices import NewNotice, notices_write
from yunlang.kit.bulk import bulk_insert
from yunlang.kit.language import Bilingual
from yunlang.matching import engine
from yunlang.matching.core.batch import (
    OpenNeed,
    Position,
    RankedNeed,
    Standing,
    fingerprint,
    is_strong,
    way_of,
)
from yunlang.matching.core.batch_matcher import IndexSource, RankedDocument
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.documents import OFFERS
from yunlang.matching.models import MatchRun, NeedRanking, StoredMatch
from yunlang.matching.runners import Partition, Runner, here
from yunlang.matching.selectors import need_query
from yunlang.matching.vectors import QuerySide, vectors_make
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Resource
from yunlang.registry.selectors.organisations import active_members

log = structlog.get_logger("yunlang.matching")

# Needs ranked at once: a few seconds of work, so that progress shows and a stop is soon heard.
PARTITION = 50
STRONG_MATCH = "strong_match"
STRONG_MATCH_PHRASE = Bilingual(
    "新的强匹配：需求“{need}”与要素“{resource}”（{organisation}）",
    "A new strong match: the need “{need}” and “{resource}” ({organisation})",
)


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a run did.

    Attributes
    ----------
    run
        Its record, which counts needs by what became of their matches; those already up to date are the same.
    needs
        Open needs.
    closed
        Needs no longer open, whose matches were removed.
    finished
        False where the run was told to stop.
    """

    run: MatchRun
    needs: int
    closed: int
    finished: bool


def batch_run(
    *,
    full: bool = False,
    runner: Runner = here,
    clock: Callable[[], datetime] = timezone.now,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> BatchReport:
    """Bring every open need's stored matches up to date.

    Parameters
    ----------
    full
        Rank all needs anew, whatever is stored; one that was stopped goes on while the index is the same.
    runner
        What ranks: one of `yunlang.matching.runners`.
    progress
        Told how many needs are done, of how many.

    Raises
    ------
    SearchIndexError
        When there is no usable index, or the platform searches a server's.
    """
    index, source = engine.local_store().open(), index_source()
    closed = rankings_remove_closed()
    queries = _open_queries()
    run = run_begin(index=index, needs=len(queries), full=full, at=clock())
    behind = _behind(run, queries, way_of(source), Position.of(index))
    ways, is_stopped = Counter({"same": len(queries) - len(behind)}), False
    progress(ways.total(), len(queries))
    with closing(runner(source, _partitions([one for one, _ in behind]), OFFERS)) as partitions:
        prints = {one.id: print_ for one, print_ in behind}
        for partition in partitions:
            ways.update(matches_store(run=run, ranked=one, fingerprint=prints[one.id], at=clock()) for one in partition)
            progress(ways.total(), len(queries))
            is_stopped = ways.total() < len(queries) and not keep_going()
            if is_stopped:
                break
    run_finish(run=run, ways=ways, at=None if is_stopped else clock())
    return BatchReport(run=run, needs=len(queries), closed=closed, finished=not is_stopped)


def index_source() -> IndexSource:
    """Return this installation's index, as other processes open it."""
    encoder = engine.encoder()
    return IndexSource(str(settings.SEARCH_INDEX), engine.dictionary(), encoder.name, encoder.dimension)


def _open_queries() -> dict[UUID, Any]:
    rows = Need.objects.filter(status=Status.PUBLISHED).order_by("pk")
    return {need.pk: need_query(need) for need in rows.iterator(chunk_size=2_000)}


def _behind(run: MatchRun, queries: Mapping[UUID, Any], way: str, position: Position) -> list[tuple[OpenNeed, str]]:
    """Return the needs whose ranking is not of this state, with their fingerprints and vectors."""
    known = {row.pk: row for row in NeedRanking.objects.filter(pk__in=list(queries)).iterator(chunk_size=2_000)}
    found = []
    for need_id, query in queries.items():
        print_, row = fingerprint(query, way), known.get(need_id)
        usable = row is not None and row.fingerprint == print_ and (not run.full or row.run_id == run.pk)
        standing = _standing(row) if row is not None and usable else None
        if standing is None or standing.position != position:
            found.append((need_id, query, standing, print_))
    codes = _codes([query.encoded for _, query, _, _ in found])
    if settings.MATCHING_RANKER:
        from yunlang.matching.core.learning.reranker import query_texts  # loads what only rankers need

        # Not for this run: the match page of a need then has at hand what its re-ranking reads.
        _codes([text for _, query, _, _ in found for text in query_texts(query)])
    return [
        (OpenNeed(str(need_id), query, codes.get(query.encoded), standing), print_)
        for need_id, query, standing, print_ in found
    ]


def _codes(texts: Sequence[str]) -> dict[str, Any]:
    wanted = sorted({text for text in texts if text})
    made = vectors_make(QuerySide(engine.encoder()), wanted)
    return {text: made[content_hash(text)] for text in wanted}


def _standing(row: NeedRanking) -> Standing:
    position = Position(row.generation, row.sequence, row.rows, row.degraded)
    return Standing(position, tuple((name, score) for name, score in row.listed), row.cutoff, tuple(row.words))


def _partitions(needs: Sequence[OpenNeed]) -> list[Partition]:
    return [needs[start : start + PARTITION] for start in range(0, len(needs), PARTITION)]


@transaction.atomic
def run_begin(*, index: SearchIndex, needs: int, full: bool, at: datetime) -> MatchRun:
    """Return the record of a run: a new one, or of a full run that stopped half way while the index was the same."""
    position = Position.of(index)
    unfinished = MatchRun.objects.select_for_update().filter(
        full=True, finished_at=None, generation=position.generation, sequence=position.sequence
    )
    found = unfinished.order_by("-started_at").first() if full else None
    return found or MatchRun.objects.create(
        started_at=at, full=full, encoder=engine.encoder().name, generation=position.generation,
        sequence=position.sequence, watermark=index.watermark, documents=index.count, needs=needs,
    )  # fmt: skip


def run_finish(*, run: MatchRun, ways: Mapping[str, int], at: datetime | None) -> None:
    """Record what a run did, and when it ended unless it was stopped."""
    run.anew, run.merged, run.same = ways.get("anew", 0), ways.get("merged", 0), ways.get("same", 0)
    run.finished_at = at
    run.save(update_fields=["anew", "merged", "same", "finished_at"])


def rankings_remove_closed() -> int:
    """Remove the matches of needs that are no longer open; return how many needs those were."""
    closed = NeedRanking.objects.exclude(need__status=Status.PUBLISHED)
    with transaction.atomic():
        ids = list(closed.select_for_update(of=("self",)).values_list("pk", flat=True))
        StoredMatch.objects.filter(need__in=ids).delete()
        NeedRanking.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def matches_store(*, run: MatchRun, ranked: RankedNeed, fingerprint: str, at: datetime) -> str:
    """Replace a need's stored matches, and tell both sides of those that are new and strong; return what was done.

    Nothing is stored for a need that was closed meanwhile, nor over what another run ranked against a later state.
    """
    with connection.cursor() as cursor:
        # Derived data: a crash of the server may lose the last moments, but never half a need.
        cursor.execute("SET LOCAL synchronous_commit TO off")
    need = Need.objects.select_for_update(no_key=True).filter(pk=ranked.id, status=Status.PUBLISHED).first()
    if need is None:
        return "same"
    position = ranked.standing.position
    later = NeedRanking.objects.filter(pk=need.pk, generation=position.generation, sequence__gt=position.sequence)
    if later.exists():
        return "same"
    values = _ranking_values(ranked.standing) | {"run": run, "ranked_at": at, "fingerprint": fingerprint}
    NeedRanking.objects.update_or_create(need=need, defaults=values)
    if ranked.way != "same":
        before = StoredMatch.objects.filter(need=need)
        known = {row.document_id for row in before if is_strong(row.score)}
        before.delete()
        bulk_insert(StoredMatch, [_match_values(need, run, place, one) for place, one in enumerate(ranked.best, 1)])
        strong = [UUID(one.id) for one in ranked.best if is_strong(one.score)]
        _tell(need, [document_id for document_id in strong if document_id not in known])
    return ranked.way


def _ranking_values(standing: Standing) -> dict[str, Any]:
    return {
        **asdict(standing.position), "listed": standing.listed, "cutoff": standing.cutoff, "words": standing.words,
    }  # fmt: skip


def _match_values(need: Need, run: MatchRun, rank: int, one: RankedDocument) -> dict[str, Any]:
    return {
        "need_id": need.pk, "run_id": run.pk, "document_id": UUID(one.id), "kind": one.kind, "rank": rank,
        "score": one.score, "grades": list(one.grades), "reasons": one.reasons,
    }  # fmt: skip


def _tell(need: Need, document_ids: Sequence[UUID]) -> None:
    """Tell the members of the need's organisation and of the resources' about matches."""
    if not document_ids:
        return
    resources = list(Resource.objects.filter(pk__in=document_ids).select_related("organisation"))
    members = active_members({need.organisation_id, *(resource.organisation_id for resource in resources)})
    needing = members[need.organisation_id]
    matches, page = reverse("matching:need_match", args=[need.pk]), reverse("registry:need", args=[need.pk])
    notices_write(
        STRONG_MATCH,
        [
            NewNotice(
                recipient_id=user_id,
                key=f"{need.pk}:{resource.pk}",
                payload={"need": need.title, "resource": resource.title, "organisation": resource.organisation.name},
                address=matches if user_id in needing else page,
            )
            for resource in resources
            for user_id in needing | members[resource.organisation_id]
        ],
    )
