"""Experts: people named in public records or by their organisation."""

from __future__ import annotations

from django.db import models

from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.core.lifecycle import STATUSES, Status
from yunlang.registry.models.base import Record, choices, known, words_field
from yunlang.registry.models.organisation import Organisation


class Expert(Record):
    """A person with competence; two of one name in one organisation are told apart by the office."""

    name = models.CharField(max_length=100)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="experts")
    title = models.CharField(max_length=100, blank=True, default="")
    fields = words_field()
    industry = models.CharField(max_length=40, choices=choices(INDUSTRIES), blank=True, default="")
    summary = models.TextField(max_length=5_000, blank=True, default="")
    status = models.CharField(max_length=10, choices=choices(STATUSES), default=Status.PUBLISHED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="expert_unique_in_organisation"),
            models.CheckConstraint(condition=~models.Q(name=""), name="expert_named"),
            known("industry", INDUSTRIES, name="expert_industry_known", blank=True),
            known("status", STATUSES, name="expert_status_known"),
        ]
        indexes = [models.Index(fields=["status", "-updated_at", "id"], name="expert_by_updated")]

    def __str__(self) -> str:
        return self.name
