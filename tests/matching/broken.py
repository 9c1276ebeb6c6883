"""Rows of feedback and stored matches, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.rows import need, user
from yunlang.kit.ids import new_id
from yunlang.matching.models import Feedback, MatchRun, NeedRanking, StoredMatch

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def feedback(**values: Any) -> Feedback:
    whose = {} if "actor" in values else {"actor": user()}
    usual = {"query": "电解液", "document_id": new_id(), "document_kind": "achievement", "verdict": "good", "at": NOW}
    return Feedback.objects.create(**(whose | usual | values))


def feedback_twice() -> None:
    first = feedback()
    feedback(actor=first.actor, document_id=first.document_id)


def run(**values: Any) -> MatchRun:
    usual = {
        "started_at": NOW,
        "encoder": "e5",
        "generation": "1",
        "sequence": 1,
        "watermark": 1,
        "documents": 1,
        "needs": 1,
    }
    return MatchRun.objects.create(**(usual | values))


def ranking(**values: Any) -> NeedRanking:
    usual = {"need": need(), "run": run(), "fingerprint": "1", "generation": "1", "sequence": 1,
             "rows": 1, "degraded": False, "listed": [], "words": {}}  # fmt: skip
    return NeedRanking.objects.create(**(usual | values))


def match(**values: Any) -> StoredMatch:
    whose = {} if "need" in values else {"need": need(), "run": run()}
    usual = {"document_id": new_id(), "kind": "achievement", "rank": 1, "score": 0.5, "grades": [0.1, 0.2, 0.3, 0.4],
             "reasons": {}}  # fmt: skip
    return StoredMatch.objects.create(**(whose | usual | values))


def matched_twice(**values: Any) -> None:
    first = match()
    match(need=first.need, run=first.run, **({"rank": 2, "document_id": first.document_id} | values))


BROKEN: dict[str, Callable[[], Any]] = {
    "feedback_once": feedback_twice,
    "feedback_on_need_or_query": partial(feedback, query=""),
    "feedback_verdict_known": partial(feedback, verdict="meh"),
    "match_run_ends_after_start": partial(run, finished_at=NOW - timedelta(days=1)),
    "need_ranking_rows_not_negative": partial(ranking, rows=-1),
    "stored_match_rank_unique": partial(matched_twice, rank=1, document_id=new_id()),
    "stored_match_document_unique": matched_twice,
    "stored_match_rank_range": partial(match, rank=51),
    "stored_match_score_range": partial(match, score=2),
    "stored_match_kind_known": partial(match, kind="cheese"),
    "stored_match_four_grades": partial(match, grades=[0.5, 0.5]),
}
