"""Vectors kept by what they were made of, so that no text is encoded twice."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


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
