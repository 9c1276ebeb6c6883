"""Where records come from: sources, imports, and the original row of everything imported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual


class Source(models.Model):
    """A publication or file that facts were taken from, with its licence and date.

    `edition` names the edition of the demo corridor that last brought it; sources that people name have none.
    """

    code = models.CharField(primary_key=True, max_length=80)
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    publisher = models.CharField(max_length=200, blank=True, default="")
    publisher_en = models.CharField(max_length=200, blank=True, default="")
    url = models.URLField(max_length=500, blank=True, default="")
    licence = models.CharField(max_length=200, blank=True, default="")
    licence_en = models.CharField(max_length=200, blank=True, default="")
    dated = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    note_en = models.CharField(max_length=500, blank=True, default="")
    edition = models.CharField(max_length=40, blank=True, default="", editable=False)

    def __str__(self) -> str:
        return self.title_zh

    @property
    def label(self) -> Bilingual:
        """The source's title in both languages."""
        return Bilingual(self.title_zh, self.title_en)

    @property
    def publisher_label(self) -> Bilingual:
        """Who published it; a name with no English stays as it is."""
        return Bilingual(self.publisher, self.publisher_en or self.publisher)

    @property
    def licence_label(self) -> Bilingual:
        """What may be done with it."""
        return Bilingual(self.licence, self.licence_en or self.licence)

    @property
    def note_label(self) -> Bilingual:
        """What a reader of its facts should know."""
        return Bilingual(self.note, self.note_en or self.note)


class ImportBatch(models.Model):
    """One import: the file, who started it, how far it is, and its row-level report.

    While the file itself is being read, `rows_done` counts the rows read and `rows_total` is not known yet.
    """

    class State(models.TextChoices):
        """How far the import is."""

        QUEUED = "queued", "排队中"
        RUNNING = "running", "导入中"
        DONE = "done", "已完成"
        FAILED = "failed", "未导入"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    filename = models.CharField(max_length=255)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="batches")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    all_or_nothing = models.BooleanField(default=False)
    draft = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True)
    report = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.filename}"


class Provenance(models.Model):
    """The original row behind a record, from one source; a later import of the same source replaces it."""

    object_kind = models.CharField(max_length=20)
    object_id = models.UUIDField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="provenances")
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+")
    imported_at = models.DateTimeField(db_default=Now())
    original = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_kind", "object_id", "source"], name="provenance_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.object_kind} {self.object_id} ← {self.source_id}"
