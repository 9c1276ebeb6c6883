"""Vectors kept by what they were made of, what people say of matches, and every open need's best matches."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from yunlang.kit.ids import new_id
from yunlang.matching.core.batch import KEPT
from yunlang.matching.core.judgement import VERDICTS
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.models import Need
from yunlang.registry.models.base import choices, known

# Characters of typed words that a verdict is about; an index holds no longer ones.
LONGEST_QUERY = 500
# As `documents.KINDS` without needs: what a match can offer.
KINDS = (*(str(kind) for kind in RESOURCE_KINDS), "expert", "organisation")


class Vector(models.Model):
    """One text's vector by one encoder: a signed byte a component (`core.encoder.quantise`)."""

    encoder = models.CharField(max_length=80)
    content_hash = models.CharField(max_length=32)
    codes = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encoder", "content_hash"], name="vector_unique")]

    def __str__(self) -> str:
        return f"{self.encoder} {self.content_hash}"


class Feedback(models.Model):
    """One person's verdict on a document as an answer to a need, or to words that were typed."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="match_feedback")
    need = models.ForeignKey(Need, null=True, on_delete=models.CASCADE, related_name="match_feedback")
    query = models.CharField(max_length=LONGEST_QUERY, blank=True, default="")
    document_id = models.UUIDField()
    document_kind = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=choices(VERDICTS))
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "need", "query", "document_id"], nulls_distinct=False, name="feedback_once"
            ),
            models.CheckConstraint(
                condition=models.Q(need__isnull=True) ^ models.Q(query=""), name="feedback_on_need_or_query"
            ),
            known("verdict", VERDICTS, name="feedback_verdict_known"),
        ]
        indexes = [models.Index(fields=["need", "document_id"], name="feedback_by_need")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.document_id}"


class MatchRun(models.Model):
    """One run over all open needs: what it ranked them against, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    full = models.BooleanField(default=False)
    encoder = models.CharField(max_length=80)
    generation = models.CharField(max_length=80)
    sequence = models.BigIntegerField()
    watermark = models.BigIntegerField()
    documents = models.PositiveIntegerField()
    needs = models.PositiveIntegerField()
    anew = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True) | models.Q(finished_at__gte=models.F("started_at")),
                name="match_run_ends_after_start",
            )
        ]
        indexes = [models.Index(fields=["-started_at"], name="match_run_by_start")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.generation} {self.sequence}"


class NeedRanking(models.Model):
    """What a need's stored matches were ranked against, and what the next run goes on from (`core.batch.Standing`)."""

    need = models.OneToOneField(Need, primary_key=True, on_delete=models.CASCADE, related_name="ranking")
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="rankings")
    ranked_at = models.DateTimeField(db_default=Now())
    fingerprint = models.CharField(max_length=32)
    generation = models.CharField(max_length=80)
    sequence = models.BigIntegerField()
    rows = models.BigIntegerField()
    degraded = models.BooleanField()
    listed = models.JSONField()
    cutoff = models.FloatField(null=True)
    words = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(rows__gte=0), name="need_ranking_rows_not_negative")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.generation} {self.sequence}"


class StoredMatch(models.Model):
    """One of a need's best documents, with the reasons of the run that ranked it."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="stored_matches")
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="matches")
    document_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    grades = ArrayField(models.FloatField(), size=4)
    reasons = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["need", "rank"], name="stored_match_rank_unique"),
            models.UniqueConstraint(fields=["need", "document_id"], name="stored_match_document_unique"),
            models.CheckConstraint(condition=models.Q(rank__range=(1, KEPT)), name="stored_match_rank_range"),
            models.CheckConstraint(condition=models.Q(score__range=(0, 1)), name="stored_match_score_range"),
            models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="stored_match_kind_known"),
            models.CheckConstraint(condition=models.Q(grades__len=4), name="stored_match_four_grades"),
        ]
        indexes = [models.Index(fields=["document_id"], name="stored_match_by_document")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.rank} {self.document_id}"
