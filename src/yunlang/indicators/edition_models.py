"""Editions: what an index was computed from and what came of it, frozen once it is published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual
from yunlang.registry.models.base import choices, known

DRAFT, PUBLISHED = "draft", "published"
STATUSES: dict[str, Bilingual] = {DRAFT: Bilingual("草稿", "draft"), PUBLISHED: Bilingual("已发布", "published")}
# Addresses under /index/ that are pages of their own.
RESERVED = ("editions", "links", "figures", "now")
INDEX_PATTERN = "^[a-z0-9][a-z0-9-]*$"
LABEL_PATTERN = "^[0-9A-Za-z][0-9A-Za-z.-]*$"
_DIGEST_PATTERN = "^[0-9a-f]{64}$"


class Edition(models.Model):
    """One edition of an index.

    Framework, recipe, data and results are plain values that `edition_facts` writes and reads; numbers keep all their
    digits. A trigger refuses to change or remove the row of a published edition.

    `left_out` names what the framework asks for and the data do not have yet: name and reason, in both languages.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    index = models.CharField(max_length=40)
    label = models.CharField(max_length=40)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=choices(STATUSES), default=DRAFT)
    framework = models.JSONField()
    recipe = models.JSONField()
    data = models.JSONField()
    inputs = models.CharField(max_length=64)
    recipe_digest = models.CharField(max_length=64)
    results = models.JSONField()
    left_out = models.JSONField(default=list)
    engine = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["index", "-label"]
        constraints = [
            models.UniqueConstraint(fields=["index", "label"], name="edition_unique"),
            models.CheckConstraint(
                condition=models.Q(index__regex=INDEX_PATTERN) & ~models.Q(index__in=RESERVED),
                name="edition_index_shape",
            ),
            models.CheckConstraint(condition=models.Q(label__regex=LABEL_PATTERN), name="edition_label_shape"),
            models.CheckConstraint(condition=~models.Q(title_zh="") & ~models.Q(title_en=""), name="edition_titled"),
            models.CheckConstraint(
                condition=(~models.Q(status=DRAFT) | models.Q(published_at__isnull=True, published_by__isnull=True))
                & (~models.Q(status=PUBLISHED) | models.Q(published_at__isnull=False)),
                name="edition_published_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=PUBLISHED) | models.Q(results__has_keys=["scores", "ranks", "weights"]),
                name="edition_published_has_results",
            ),
            models.CheckConstraint(
                condition=models.Q(inputs__regex=_DIGEST_PATTERN, recipe_digest__regex=_DIGEST_PATTERN),
                name="edition_digests",
            ),
            known("status", STATUSES, name="edition_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.index}/{self.label}"

    @property
    def title(self) -> Bilingual:
        """What the edition is called, in both languages."""
        return Bilingual(self.title_zh, self.title_en)

    @property
    def is_published(self) -> bool:
        """Whether it is public and frozen."""
        return self.status == PUBLISHED
