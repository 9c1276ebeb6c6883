"""Vectors kept by what they were made of, so that no text is encoded twice; and what people say of matches."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from yunlang.matching.core.judgement import VERDICTS
from yunlang.registry.models import Need
from yunlang.registry.models.base import choices, known

# Characters of typed words that a verdict is about; an index holds no longer ones.
LONGEST_QUERY = 500


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
